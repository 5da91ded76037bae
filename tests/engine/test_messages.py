"""The one door for texts: templates, values of every kind, strangers' characters, catalogues."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagmetry.messages import (
    KINDS,
    LIST_SHOWN,
    MEMBER_SHOWN,
    TEXT_SHOWN,
    Message,
    Plural,
    Translator,
    cut,
    languages,
    message,
    read_catalogue,
    template_fields,
    translator,
    visible,
)

ENGLISH = Translator("en")


def shown(value, kind):
    return ENGLISH.value(value, kind)


# --- templates ----------------------------------------------------------------------------------------------------


def test_a_template_without_values_is_its_text():
    assert message("no captions").english() == "no captions"


def test_values_are_shown_by_their_kinds():
    text = message(
        '"{tag}" is on {share:percent} of {n:count} images, {size:bytes}', tag="hat", share=0.9, n=1200, size=1500
    )
    assert text.english() == '"hat" is on 90 % of 1,200 images, 1.5 kB'


def test_doubled_braces_stand_for_braces():
    assert message("{{name}} is {name}", name="x").english() == "{name} is x"


def test_a_value_is_never_read_as_a_template():
    assert message("found {tag}", tag="{tag} {0} {{ }} %s").english() == "found {tag} {0} {{ }} %s"


def test_a_value_may_be_named_like_the_first_parameter():
    assert message("{template} of {self}", template="a", self="b").english() == "a of b"


def test_a_missing_value_is_an_error_at_the_latest_when_it_is_shown():
    with pytest.raises(KeyError, match="tag"):
        message("found {tag}").english()


def test_fields_are_the_placeholders_with_their_kinds():
    assert template_fields("{a} {b:percent} {{c}} {d:text}") == {"a": "text", "b": "percent", "d": "text"}


def test_fields_of_a_plural_are_those_of_both_forms_and_what_counts():
    assert template_fields(Plural("one of {path}", "{k:count} of {path}", by="k")) == {"k": "count", "path": "text"}
    assert template_fields(Plural("a file", "some files")) == {"n": "count"}


@pytest.mark.parametrize("text", ["{", "}", "a { b", "{a-b}", "{a:percent", "{}", "{a!r}", "{a:.2f}", "{{a}"])
def test_a_stray_brace_is_refused(text):
    with pytest.raises(ValueError, match="stray brace"):
        template_fields(text)


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown kind 'percnt'.*percent"):
        template_fields("{a:percnt}")


def test_the_form_follows_the_count():
    plural = Plural("{n:count} image", "{n:count} images")
    assert [message(plural, n=n).english() for n in (0, 1, 2, 1000)] == [
        "0 images",
        "1 image",
        "2 images",
        "1,000 images",
    ]
    assert message(plural, n=1.0).english() == "1 image"
    assert message(plural, n=1.5).english() == "1.5 images"


# --- kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1e-12, "0.1 %"),
        (0.0004, "0.1 %"),
        (0.004, "0.4 %"),
        (0.05, "5 %"),
        (0.07, "7 %"),
        (0.096, "9.6 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.1, "10 %"),
        (0.146, "15 %"),
        (0.29, "29 %"),
        (0.57, "57 %"),
        (0.99, "99 %"),
        (0.994, "99 %"),
        (0.996, "99.6 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
        (1, "100 %"),
        (2.5, "250 %"),
    ],
)
def test_shares_are_percentages_that_never_read_as_all_or_nothing_by_rounding(share, text):
    assert shown(share, "percent") == text


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_only_none_reads_as_0_percent_and_only_all_as_100(part, whole):
    share = min(part, whole) / whole
    text = shown(share, "percent")
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)
    assert abs(float(text.removesuffix(" %")) - share * 100) <= 0.51


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1500, "1.5 kB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_999, "1.0 MB"),
        (1 << 20, "1.0 MB"),
        (50_000_000, "50.0 MB"),
        (8 << 30, "8.6 GB"),
        (5 * 10**12, "5.0 TB"),
        (12_345 * 10**12, "12,345 TB"),
    ],
)
def test_bytes_have_the_unit_in_which_they_are_read_easily(size, text):
    assert shown(size, "bytes") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1234567, "1,234,567"),
        (-1234, "-1,234"),
        (3.0, "3"),
        (0.5, "0.5"),
        (1.999, "2"),
        (2.345, "2.35"),
        (0.0149, "0.0149"),
        (0.00012345, "0.000123"),
        (True, "yes"),
        (False, "no"),
        (1e300, "1e+300"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "1e+15"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
    ],
)
def test_numbers_have_thousands_separators_and_few_places(value, text):
    assert shown(value, "number") == text
    assert shown(value, "count") == text


def test_a_number_of_thousands_of_digits_is_told_by_its_power_of_ten():
    assert [shown(value, "number") for value in (10**5000, -(10**5000))] == ["1e+5000", "-1e+5000"]


def test_pixels_and_bits_carry_their_unit():
    assert shown(1024, "px") == "1,024 px"
    assert shown(8, "bits") == "8 bits"


def test_tokens_are_counted_in_words():
    assert [shown(n, "tokens") for n in (0, 1, 75)] == ["0 tokens", "1 token", "75 tokens"]


@given(
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(), st.lists(st.text()).map(tuple)),
    st.sampled_from(KINDS),
)
@example(float("nan"), "percent")
@example(float("inf"), "bytes")
@example(float("-inf"), "percent")
@example(10**400, "px")
def test_every_value_can_be_shown_as_every_kind_in_a_bounded_text(value, kind):
    if kind in ("percent", "bytes") and isinstance(value, int) and abs(value) > 10**300:
        return  # no float holds it, and no share or size is that large
    assert len(shown(value, kind)) <= 10 * TEXT_SHOWN


# --- texts of strangers -------------------------------------------------------------------------------------------


def test_ordinary_texts_stay_as_they_are():
    for text in ("red hat", "赤い帽子", "häftling", "モデル　名", "саша", "한국어", "a\\b", "\U0001f600", ""):
        assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("line\nbreak\r\ttab\0", "line\\x0abreak\\x0d\\x09tab\\x00"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("gnp.\u202etxt", "gnp.\\u202etxt"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("join\u200der", "join\\u200der"),
        ("soft\u00adhyphen", "soft\\xadhyphen"),
        ("\ufeffbom", "\\ufeffbom"),
        ("par\u2029ent\u2028", "par\\u2029ent\\u2028"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("\udc80bytes\udcff", "\\udc80bytes\\udcff"),
        ("a\u034fb", "a\\u034fb"),
        ("hidden\u3164", "hidden\\u3164"),
        ("\U0001d173x", "\\U0001d173x"),
        ("letter\ufe0f", "letter\\ufe0f"),
        ("1\ufe0f", "1\\ufe0f"),
        ("e\u0301\u200db", "e\u0301\\u200db"),
        ("\u202e\u200d\u202e", "\\u202e\\u200d\\u202e"),
        ("\ufe0f\u20e3", "\\ufe0f\u20e3"),
        ("\u200d\U0001f600", "\\u200d\U0001f600"),
        ("\U0001f600\u200d", "\U0001f600\\u200d"),
    ],
)
def test_what_steers_or_hides_is_written_out(text, escaped):
    assert visible(text) == escaped


@pytest.mark.parametrize(
    "emoji",
    [
        "\u2764\ufe0f",  # red heart
        "1\ufe0f\u20e3",  # keycap
        "\u2194\ufe0f",  # arrow
        "\u00a9\ufe0f",  # copyright
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # family
        "\U0001f9d1\U0001f3fd\u200d\U0001f91d\u200d\U0001f9d1\U0001f3fb",  # people of two skin tones
        "\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f",  # eye in speech bubble
        "\U0001f937\u200d\u2640\ufe0f",  # woman shrugging
    ],
)
def test_emoji_stay_whole(emoji):
    assert visible(emoji) == emoji
    assert visible(f"x{emoji}y") == f"x{emoji}y"


def test_no_control_format_separator_or_surrogate_character_is_shown_raw():
    # Arabic, Syriac and Kaithi number signs and the joiners of hieroglyphs are format characters with a shape.
    shaped = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    shaped |= set(range(0x13430, 0x13440))
    raw = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") and visible(chr(code)) == chr(code)
    ]
    assert set(raw) <= shaped


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_holds_no_escape_sequences_and_can_be_encoded(text):
    told = visible(text)
    assert "\x1b" not in told and "\x9b" not in told and "\n" not in told
    told.encode("utf-8")


def test_long_texts_are_cut_with_an_ellipsis():
    assert cut("a" * TEXT_SHOWN) == "a" * TEXT_SHOWN
    assert cut("a" * (TEXT_SHOWN + 1)) == "a" * (TEXT_SHOWN - 1) + "…"
    assert shown("\x1b" * 1000, "text") == ("\\x1b" * TEXT_SHOWN)[: TEXT_SHOWN - 1] + "…"


@given(st.text(st.characters(codec=None), min_size=TEXT_SHOWN, max_size=TEXT_SHOWN + 5))
def test_cutting_early_changes_nothing(text):
    assert shown(text, "text") == cut(visible(text))


def test_lists_are_cut_after_some_members():
    names = tuple(f"{number}.png" for number in range(LIST_SHOWN + 2))
    assert shown(names[:2], "text") == "0.png, 1.png"
    assert shown(names[:LIST_SHOWN], "text") == "0.png, 1.png, 2.png, 3.png, 4.png"
    assert shown(names, "text") == "0.png, 1.png, 2.png, 3.png, 4.png and 2 more"
    assert shown((), "text") == ""


def test_members_of_lists_are_made_visible_and_cut():
    assert shown(("a\nb", "c" * 100), "text") == "a\\x0ab, " + "c" * (MEMBER_SHOWN - 1) + "…"


# --- catalogues ---------------------------------------------------------------------------------------------------

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
JAPANESE = (
    HEADER
    + '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    + 'msgid "yes"\nmsgstr "はい"\n\n'
    + 'msgid "{n:count} image"\nmsgid_plural "{n:count} images"\nmsgstr[0] "画像{n:count}枚"\n\n'
    + '#, fuzzy\nmsgid "no"\nmsgstr "いいえ?"\n\n'
    + 'msgid "captions"\nmsgstr ""\n'
).encode()
POLISH = (
    HEADER
    + '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
    + 'msgid "{n:count} file"\nmsgid_plural "{n:count} files"\n'
    + 'msgstr[0] "{n:count} plik"\nmsgstr[1] "{n:count} pliki"\nmsgstr[2] "{n:count} plików"\n'
).encode()


def test_a_translation_takes_the_place_of_its_msgid():
    japanese = Translator("ja", [read_catalogue(JAPANESE)])
    assert japanese.text("yes") == "はい"
    assert japanese.value(True, "text") == "はい"
    assert japanese.render(Message(Plural("{n:count} image", "{n:count} images"), {"n": 3})) == "画像3枚"


def test_what_is_not_translated_or_fuzzy_stays_english():
    japanese = Translator("ja", [read_catalogue(JAPANESE)])
    assert [japanese.text(text) for text in ("no", "captions", "unknown")] == ["no", "captions", "unknown"]


def test_a_language_with_three_plural_forms_uses_all_of_them():
    polish = Translator("pl", [read_catalogue(POLISH)])
    files = Plural("{n:count} file", "{n:count} files")
    assert [polish.format(files, {"n": n}) for n in (1, 2, 5, 22, 25)] == [
        "1 plik",
        "2 pliki",
        "5 plików",
        "22 pliki",
        "25 plików",
    ]


def test_a_plural_with_a_form_missing_stays_english():
    catalogue = POLISH.replace("plików".encode(), b"").replace(b'msgstr[2] "{n:count} "', b'msgstr[2] ""')
    polish = Translator("pl", [read_catalogue(catalogue)])
    assert polish.format(Plural("{n:count} file", "{n:count} files"), {"n": 5}) == "5 files"


def test_a_plural_rule_that_cannot_be_read_counts_as_in_english():
    catalogue = POLISH.replace(b"plural=(n==1", b"plural=(import os")
    polish = Translator("pl", [read_catalogue(catalogue)])
    files = Plural("{n:count} file", "{n:count} files")
    assert [polish.format(files, {"n": n}) for n in (1, 2)] == ["1 plik", "2 pliki"]


def test_later_catalogues_win():
    first, second = {"yes": "a", "no": "b"}, {"yes": "c"}
    both = Translator("xx", [first, second])
    assert (both.text("yes"), both.text("no")) == ("c", "b")


def test_a_broken_catalogue_neither_prints_nor_goes_unnoticed(capsys):
    assert read_catalogue(b'msgid "a"\nnonsense\nmsgstr "b"\n') == {"a": "b"}
    with pytest.raises(ValueError):
        read_catalogue(b'msgid "a"\nmsgstr "\xff\xfe"\n')
    assert capsys.readouterr().out == ""


def test_english_is_spoken_without_a_catalogue():
    assert languages()[0] == "en"
    assert translator("en").text("captions") == "captions"


def test_catalogues_of_plugins_are_read_for_their_language():
    assert translator("ja", [JAPANESE]).text("yes") == "はい"
