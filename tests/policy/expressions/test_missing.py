"""What is missing stays missing: three-valued logic, comparison, arithmetic and functions."""

import math
from itertools import product

import pytest

from expression_testing import numbers, values, with_columns
from rule_testing import concept, dataset
from tagmetry.features import sharpness

THREE = (True, False, None)
PAIRS = list(product(THREE, THREE))


def three_valued(truths):
    """Images whose `has_alpha` is each of the truths."""
    return with_columns(dataset(concept("hat", n=len(truths))), has_alpha=list(truths))


def pairs(pairs):
    """Images whose `has_alpha` is the first and whose `frames == 2` is the second of each pair."""
    frames = [None if other is None else 2 if other else 1 for _, other in pairs]
    return with_columns(dataset(concept("hat", n=len(pairs))), has_alpha=[one for one, _ in pairs], frames=frames)


def both(one, other):
    if False in (one, other):
        return False
    return None if None in (one, other) else True


def either(one, other):
    if True in (one, other):
        return True
    return None if None in (one, other) else False


def negated(one):
    return None if one is None else not one


def test_not():
    assert values("not has_alpha", three_valued(THREE)) == [False, True, None]
    assert values("not not has_alpha", three_valued(THREE)) == [True, False, None]


def test_and():
    assert values("has_alpha and frames == 2", pairs(PAIRS)) == [both(*pair) for pair in PAIRS]


def test_or():
    assert values("has_alpha or frames == 2", pairs(PAIRS)) == [either(*pair) for pair in PAIRS]


def test_and_and_or_of_many_parts():
    expected_and, expected_or = [], []
    for one, other in PAIRS:
        expected_and.append(both(both(one, other), negated(one)))
        expected_or.append(either(either(one, other), negated(other)))
    assert values("has_alpha and frames == 2 and not has_alpha", pairs(PAIRS)) == expected_and
    assert values("has_alpha or frames == 2 or frames != 2", pairs(PAIRS)) == expected_or


def test_equality_of_truths_is_missing_where_one_side_is():
    expected = [None if None in pair else pair[0] == pair[1] for pair in PAIRS]
    assert values("has_alpha == (frames == 2)", pairs(PAIRS)) == expected
    assert values("has_alpha != (frames == 2)", pairs(PAIRS)) == [negated(each) for each in expected]


def test_a_missing_truth_is_settled_by_a_written_one():
    assert values("has_alpha and false", three_valued(THREE)) == [False] * 3
    assert values("has_alpha or true", three_valued(THREE)) == [True] * 3
    assert values("has_alpha and true", three_valued(THREE)) == [True, False, None]


ONE_MISSING = dataset(
    concept("hat", captions=["a", None], trigger=None, features={sharpness: [2.0, math.nan]}), purpose=None
)


@pytest.mark.parametrize("text", ["sharpness > 1", "sharpness == 2", "1 < sharpness < 3", "sharpness in [2]"])
def test_a_comparison_with_what_is_missing_is_missing(text):
    assert values(text, ONE_MISSING) == [True, None]


def test_being_different_from_what_is_missing_is_missing_too():
    assert values("sharpness != 2", ONE_MISSING) == [False, None]
    assert values("caption != 'b'", ONE_MISSING) == [True, None]
    assert values("caption not in ['b']", ONE_MISSING) == [True, None]
    assert values("concept.trigger != 'sks'", ONE_MISSING) == [None, None]
    assert values("profile.purpose != 'style'", ONE_MISSING) == [None, None]
    assert values("caption == concept.trigger", ONE_MISSING) == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "sharpness + 1",
        "1 - sharpness",
        "sharpness * 0",
        "0 / sharpness",
        "-sharpness",
        "abs(sharpness)",
        "min(sharpness, 1)",
        "max(9, 8, sharpness)",
        "clip(sharpness, 0, 1)",
        "clip(1, sharpness, 3)",
        "clip(1, 0, sharpness)",
        "round(sharpness)",
        "floor(sharpness)",
        "ceil(sharpness)",
        "sqrt(sharpness)",
        "log2(sharpness)",
        "len(caption)",
        "len(lower(caption))",
        "tag_count(['a'])",
    ],
)
def test_a_figure_made_from_what_is_missing_is_missing(text):
    first, second = numbers(text, ONE_MISSING)
    assert first is not None
    assert second is None


def test_a_chain_is_false_where_one_of_its_links_is():
    data = dataset(concept("hat", n=3, sizes=[(1, 1), (5, 5), (9, 9)], features={sharpness: [math.nan] * 3}))
    assert values("width < 3 < sharpness", data) == [None, False, False]


def test_division_by_zero_is_missing_and_so_is_what_uses_it():
    data = dataset(concept("hat", n=2, features={sharpness: [0.0, 4.0]}))
    assert numbers("1 / sharpness", data) == [None, 0.25]
    assert values("1 / sharpness > 0.1 or sharpness == 0", data) == [True, True]
    assert values("1 / sharpness > 0.1", data) == [None, True]
    assert numbers("8 / (sharpness - 4) + 1", data) == [-1, None]


def test_a_single_value_that_is_missing_is_missing_for_all():
    assert values("profile.resolution > width", ONE_MISSING) == [None, None]
    assert numbers("profile.batch_size * width", ONE_MISSING) == [None, None]
    assert values("profile.purpose == 'style' and width < 0", ONE_MISSING) == [False, False]
