import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.text.normal_form import normal_form


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("long_hair", "long hair"),
        ("Long Hair", "long hair"),
        ("  long \t  hair\n", "long hair"),
        ("long__hair_", "long hair"),
        ("ｌｏｎｇ　ｈａｉｒ", "long hair"),
        ("long＿hair", "long hair"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﾂｲﾝﾃｰﾙ", "ツインテール"),
        ("Cafe\u0301", "café"),
        ("saber_(fate)", "saber (fate)"),
        (r"saber_\(fate\)", "saber (fate)"),
        (r"saber \\(fate\\)", "saber (fate)"),
        (r"back\slash", r"back\slash"),
        ("score_9_up", "score 9 up"),
        ("rating:safe", "rating:safe"),
        ("2girls", "2girls"),
        ("6+girls", "6+girls"),
        ("t-shirt", "t-shirt"),
        ("", ""),
        (" _ ", ""),
        ("___", ""),
    ],
)
def test_spellings_of_one_tag_have_one_form(written, form):
    assert normal_form(written) == form


@pytest.mark.parametrize(
    "face",
    [
        "^_^", ">_<", "o_o", "0_0", "=_=", "+_+", "+_-", "@_@", "|_|", "||_||", "t_t", "u_u", "x_x", "3_3", "6_9",
        "0_o", ">_o", "._.", ";_;", "-_-", "$_$", "^__^", "(o)_(o)", "(^_^)", "<o>_<o>", "<|>_<|>", "ಠ_ಠ", "・_・",
        ":d", ";d", ":3", ";)", ":)", ":(", ":|", ":<", ">:)", "xd", "d:", ":>=", "!?", "...", "^^^",
    ],
)  # fmt: skip
def test_emoticons_stay_as_they_are(face):
    assert normal_form(face) == face


@pytest.mark.parametrize(
    ("written", "form"),
    [(":D", ":d"), ("D:", "d:"), ("XD", "xd"), ("O_O", "o_o"), (" ^_^ ", "^_^"), ("＾＿＾", "^_^"), (r";\)", ";)")],
)
def test_emoticons_are_folded_like_other_tags(written, form):
    assert normal_form(written) == form


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("a_b", "a b"),
        ("t_k", "t k"),
        ("no_s", "no s"),
        ("n_54", "n 54"),
        ("夏_空", "夏 空"),
        ("hk_(nt)", "hk (nt)"),
        ("?_block", "? block"),
        ("^_ ^", "^ ^"),
        ("_^", "^"),
        ("o_o_o", "o o o"),
        ("*_hair", "* hair"),
    ],
)
def test_short_tags_that_are_no_face_lose_their_underscore(written, form):
    assert normal_form(written) == form


def test_invisible_differences_of_composition_vanish():
    assert normal_form(unicodedata.normalize("NFD", "ガール")) == "ガール"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("_ \\()^o><;:　"))))
def test_a_normal_form_is_its_own_normal_form(text):
    form = normal_form(text)
    assert normal_form(form) == form


def test_every_single_character_has_a_stable_form():
    # Of what no standard has assigned, or has left to private use, all are treated alike: every 16th will do.
    codes = [
        code
        for code in range(sys.maxunicode + 1)
        if code % 16 == 0 or unicodedata.category(chr(code)) not in ("Cn", "Co")
    ]
    unstable = [hex(code) for code in codes if normal_form(form := normal_form(chr(code))) != form]
    assert unstable == []
