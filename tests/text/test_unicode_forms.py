import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text.unicode_forms import LONGEST_RUN, normalized


@given(st.text(max_size=200), st.sampled_from(["NFC", "NFKC"]))
def test_short_text_has_unicodes_own_form(text, form):
    assert normalized(form, text) == unicodedata.normalize(form, text)


@settings(max_examples=20)
@given(
    st.lists(
        st.sampled_from(["か\u3099", "ﾊﾞ", "e\u0301", "각", "\u1100\u1161\u11a8", "長い髪", "가\u11a8", "a, "]),
        min_size=200,
        max_size=400,
    ),
    st.sampled_from(["NFC", "NFKC"]),
)
def test_long_text_with_honest_marks_has_unicodes_own_form(parts, form):
    text = "".join(parts).replace(", ", "") * 5
    assert len(text) > LONGEST_RUN
    assert normalized(form, text) == unicodedata.normalize(form, text)


def test_a_megabyte_of_marks_takes_no_minutes():
    assert answers_within(5, lambda: normalized("NFC", "a" + "\u0315\u0300" * 260_000))
