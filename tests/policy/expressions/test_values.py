"""What expressions give: arithmetic, texts, tags, lists."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from expression_testing import compiled, facts, numbers, values, with_columns
from rule_testing import concept, dataset
from tagmetry.features import sharpness


def pictures(*figures):
    """Images whose sharpness is each of the figures, None for missing."""
    given = [math.nan if each is None else each for each in figures]
    return dataset(concept("hat", n=len(given), features={sharpness: given}))


def with_name(text):
    return re.sub(r"\bx\b", "sharpness", text)


def computed(text, *figures):
    return numbers(with_name(text), pictures(*figures))


@pytest.mark.parametrize(
    ("text", "figures", "expected"),
    [
        ("x + 1", (1, -1, 0.5), [2, 0, 1.5]),
        ("1 - x - 1", (1, -1), [-1, 1]),
        ("2 * x / 4", (1, 3), [0.5, 1.5]),
        ("x - 1 * 2", (5,), [3]),
        ("(x - 1) * 2", (5,), [8]),
        ("-x + +x * -2", (3,), [-9]),
        ("--x", (3,), [3]),
        ("8 / x / 2", (2, 0), [2, None]),
        ("abs(x)", (-2.5, 2.5, 0), [2.5, 2.5, 0]),
        ("min(x, 3)", (1, 5), [1, 3]),
        ("max(x, 3)", (1, 5), [3, 5]),
        ("min(x, 3, x - 4, 0)", (1, 5), [-3, 0]),
        ("max(1, x, 4)", (2, 9), [4, 9]),
        ("clip(x, 0, 2)", (-1, 0, 1, 2, 3), [0, 0, 1, 2, 2]),
        ("clip(1, x, 2)", (0, 1.5, 3), [1, 1.5, 2]),
        ("round(x)", (0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6), [0, 2, 2, 0, -2, 2, 3]),
        ("round(x, 2)", (1.234, 1.236, -1.236), [1.23, 1.24, -1.24]),
        ("round(x, 9)", (1e300, 2.0**53, -1e308), [1e300, 2.0**53, -1e308]),
        ("floor(x)", (1.9, -1.1, 2), [1, -2, 2]),
        ("ceil(x)", (1.1, -1.9, 2), [2, -1, 2]),
        ("sqrt(x)", (9, 0, 2.25, -1), [3, 0, 1.5, None]),
        ("log2(x)", (8, 1, 0.25, 0, -1), [3, 0, -2, None, None]),
        ("1 / x", (4, 0, -0.0), [0.25, None, None]),
        ("0 / x", (4, 0), [0, None]),
        ("x * 1e308", (1, 10, -10, 0), [1e308, None, None, 0]),
        ("x + x", (1e308, 8e307), [None, 1.6e308]),
        ("x - -x", (1e308, 8e307), [None, 1.6e308]),
        ("1e308 / x", (0.5, 1e-10), [None, None]),
        ("1_000.5e-1 + .5 + 5.", (0,), [105.55]),
    ],
)
def test_arithmetic(text, figures, expected):
    assert computed(text, *figures) == expected


@pytest.mark.parametrize(
    ("text", "figures", "expected"),
    [
        ("x < 2", (1, 2, 3), [True, False, False]),
        ("x <= 2", (1, 2, 3), [True, True, False]),
        ("x > 2", (1, 2, 3), [False, False, True]),
        ("x >= 2", (1, 2, 3), [False, True, True]),
        ("x == 2", (1, 2, 3), [False, True, False]),
        ("x != 2", (1, 2, 3), [True, False, True]),
        ("1 < x < 3", (1, 2, 3), [False, True, False]),
        ("3 > x >= 1 != x", (1, 2, 3), [False, True, False]),
        ("x in [1, 3.0]", (1, 2, 3), [True, False, True]),
        ("x not in (1, -3)", (1, 2, -3), [False, True, False]),
        ("1 < x in [2, 4]", (1, 2, 3, 4), [False, True, False, True]),
        ("2 in [1, 2]", (0,), [True]),
        ("not x > 2 or x == 3", (1, 3, 4), [True, True, False]),
        ("x == 1 or x == 2 and x == 3", (1, 2, 3), [True, False, False]),
        ("(x == 1 or x == 2) and x == 2", (1, 2, 3), [False, True, False]),
        ("not (x == 1) == false", (1, 2), [True, False]),
        ("(x > 1) == (x > 2)", (1, 2, 3), [True, False, True]),
        ("(x > 1) != (x > 2)", (1, 2, 3), [False, True, False]),
        ("(x > 1) in [false]", (1, 2), [True, False]),
        ("true", (1, 2), [True, True]),
        ("1 == 1.0", (1, 2), [True, True]),
        ("-0.0 == x", (0,), [True]),
    ],
)
def test_conditions(text, figures, expected):
    assert values(with_name(text), pictures(*figures)) == expected


TEXTS = dataset(
    concept("a_hat", captions=["Red hat", "red hat, smile", "", None, "red hat, smile"], trigger="red"),
    concept("b_cap", captions=["ÄÖ 猫", "cap.", "b_cap"], trigger="b_cap", folder="deep/b_cap"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("caption == 'red hat, smile'", [False, True, False, None, True, False, False, False]),
        ("caption != ''", [True, True, False, None, True, True, True, True]),
        ("caption in ['', 'cap.']", [False, False, True, None, False, False, True, False]),
        ("lower(caption) == 'red hat'", [True, False, False, None, False, False, False, False]),
        ("contains(caption, 'red')", [False, True, False, None, True, False, False, False]),
        ("contains(lower(caption), 'red')", [True, True, False, None, True, False, False, False]),
        ("contains(lower(caption), 'ä')", [False, False, False, None, False, True, False, False]),
        ("contains(caption, '猫')", [False, False, False, None, False, True, False, False]),
        ("starts_with(caption, 'Red')", [True, False, False, None, False, False, False, False]),
        ("ends_with(path, '/000.png')", [True, False, False, False, False, True, False, False]),
        ("contains(caption, '')", [True, True, True, None, True, True, True, True]),
        ("contains('a red one', concept.trigger)", [True] * 5 + [False] * 3),
        ("contains(caption, concept.trigger)", [False, True, False, None, True, False, False, True]),
        ("caption == concept", [False, False, False, None, False, False, False, True]),
        ("concept == 'b_cap' and starts_with(folder, 'deep/')", [False] * 5 + [True] * 3),
        ("'a' == 'a'", [True] * 8),
        ("matches(caption, '^red')", [False, True, False, None, True, False, False, False]),
        ("matches(caption, '(?i)^red')", [True, True, False, None, True, False, False, False]),
        ("matches(caption, r'\\.$')", [False, False, False, None, False, False, True, False]),
        ("matches(caption, r'\\p{Han}')", [False, False, False, None, False, True, False, False]),
        ("matches('abc', 'b')", [True] * 8),
    ],
)
def test_texts(text, expected):
    assert values(text, TEXTS) == expected


def test_the_length_of_a_text_is_counted_in_characters():
    assert numbers("len(caption)", TEXTS) == [7, 14, 0, None, 14, 4, 4, 5]
    assert numbers("len('猫\N{CAT FACE}')", TEXTS)[0] == 2


def test_a_backslash_before_a_quote_or_itself_is_an_escape():
    data = dataset(concept("hat", captions=["it's", '"a"', "a\\b"]))
    assert values(r"caption in ['it\'s', 'a\\b']", data) == [True, False, True]
    assert values(r'''caption == "\"a\""''', data) == [False, True, False]
    assert values(r"caption == r'a\b'", data) == [False, False, True]


def test_paths_that_are_no_utf8_are_only_odd_texts():
    data = replace(dataset(concept("hat", n=2)), paths=("hat/a\udcff.png", "hat/b.png"))
    assert values("matches(path, r'\\.png$')", data) == [True, True]
    assert values("contains(path, '/a')", data) == [True, False]
    assert numbers("len(path)", data) == [10, 9]


def test_a_dataset_without_captions_has_every_question_about_them_open():
    data = dataset(concept("hat", captions=[None, None]))
    for text in ("caption == 'a'", "has_tag('a')", "has_any(['a', 'b*'])", "matches(caption, 'a')", "has_tag(concept)"):
        assert values(text, data) == [None, None], text
    for text in ("tokens", "tag_count", "tag_count()", "tag_count(['a'])", "len(caption)", "len(lower(caption))"):
        assert numbers(text, data) == [None, None], text
    assert values("has_caption", data) == [False, False]


TAGGED = dataset(
    concept(
        "hat",
        captions=[
            "sks, Red_Hat, close-up, *_*",
            "sks, red hat, red  hat, long hair, score_9",
            "",
            None,
            "blonde hair, score 8, saber \\(fate\\)",
            "long dress, ドレス, sundress",
        ],
        trigger="SKS",
    ),
    concept("reg", captions=["sks, hair"], role="regularization"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("has_tag('red hat')", [True, True, False, None, False, False, False]),
        ("has_tag('RED_HAT ')", [True, True, False, None, False, False, False]),
        ("has_tag('red')", [False, False, False, None, False, False, False]),
        ("has_tag('saber (fate)')", [False, False, False, None, True, False, False]),
        (r"has_tag(r'saber \(fate\)')", [False, False, False, None, True, False, False]),
        ("has_tag('ドレス')", [False, False, False, None, False, True, False]),
        ("has_tag('ﾄﾞﾚｽ')", [False, False, False, None, False, True, False]),
        ("has_tag('no such tag')", [False, False, False, None, False, False, False]),
        ("has_tag('score_*')", [False, True, False, None, True, False, False]),
        ("has_tag('*_hair')", [False, True, False, None, True, False, False]),
        ("has_tag('*hair')", [False, True, False, None, True, False, True]),
        ("has_tag('* dress')", [False, False, False, None, False, True, False]),
        ("has_tag('*ON*')", [False, True, False, None, True, True, False]),
        ("has_tag('ド*')", [False, False, False, None, False, True, False]),
        ("has_tag('*_*')", [True, False, False, None, False, False, False]),
        ("has_tag(concept.trigger)", [True, True, False, None, False, False, None]),
        ("has_tag(concept)", [False, False, False, None, False, False, False]),
        ("has_any(['close-up', 'sundress'])", [True, False, False, None, False, True, False]),
        ("has_any(['nothing'])", [False, False, False, None, False, False, False]),
        ("has_all(['sks', 'red hat'])", [True, True, False, None, False, False, False]),
        ("has_all(['sks', '*hair'])", [False, True, False, None, False, False, True]),
        ("has_all(('sks', 'nothing'))", [False, False, False, None, False, False, False]),
        ("not has_tag('sks')", [False, False, True, None, True, True, False]),
    ],
)
def test_tags(text, expected):
    assert values(text, TAGGED) == expected


def test_tags_are_counted_as_written_or_those_of_a_list_once_each():
    assert numbers("tag_count", TAGGED) == [4, 5, 0, None, 3, 3, 2]
    assert numbers("tag_count()", TAGGED) == [4, 5, 0, None, 3, 3, 2]
    assert numbers("len(tags)", TAGGED) == [4, 5, 0, None, 3, 3, 2]
    assert numbers("tag_count(['red hat', '*hair', 'score*'])", TAGGED) == [1, 3, 0, None, 2, 0, 1]
    assert numbers("tag_count(['red hat', 'Red_Hat', 'red*'])", TAGGED) == [1, 1, 0, None, 0, 0, 0]
    assert numbers("tag_count(['nothing'])", TAGGED) == [0, 0, 0, None, 0, 0, 0]


def test_rows_are_picked_in_their_order():
    assert values("has_tag('red hat')", TAGGED, rows=[1, 3, 4]) == [True, None, False]
    assert values("contains(path, '001')", TAGGED, rows=[5, 1]) == [False, True]
    assert values("caption == ''", TAGGED, rows=[2, 3]) == [True, None]
    assert values("concept == 'reg' and role == 'regularization'", TAGGED, rows=[6]) == [True]
    assert values("has_tag(concept.trigger)", TAGGED, rows=[6, 0]) == [None, True]
    assert numbers("concept.n + dataset.n_images + tag_count + len(caption)", TAGGED, rows=[6]) == [1 + 7 + 2 + 9]
    assert values("true", TAGGED, rows=[]) == []
    assert numbers("width", TAGGED, rows=[]) == []


def test_truths_that_are_missing_are_false_and_numbers_zero():
    data = with_columns(TAGGED, width=[None] * 7, has_alpha=[None] * 7)
    for text in ("width > 1", "not (width > 1)", "not has_alpha"):
        column = compiled(text).evaluate(facts(data))
        assert column.values.dtype == np.bool_
        assert not column.values.any()
        assert not column.valid.any()
    column = compiled("1 - width", want="number").evaluate(facts(data))
    assert column.values.dtype == np.float64
    assert column.values.tolist() == [0.0] * 7


def test_what_comes_out_may_be_written_to():
    column = compiled("has_alpha").evaluate(facts(TAGGED))
    column.values[0] = True
    column.valid[0] = False
    assert values("has_alpha", TAGGED) == [False] * 7


def test_an_expression_gives_the_same_again():
    expression, hats = compiled("width > 1 and has_tag('sks')"), facts(TAGGED)
    first = expression.evaluate(hats)
    again = expression.evaluate(hats)
    assert first.values.tolist() == again.values.tolist()
    assert first.valid.tolist() == again.valid.tolist()
