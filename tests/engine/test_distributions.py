"""Against naive counts and scipy's distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from tagmetry.distributions import evenness, gini, jaccard, likeness, top_share

COUNTS = st.lists(st.integers(0, 50), max_size=12)


@given(COUNTS)
def test_gini_is_the_mean_difference_of_pairs_over_twice_the_mean(counts):
    total = sum(counts)
    expected = sum(abs(a - b) for a in counts for b in counts) / (2 * len(counts) * total) if total else 0.0
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_gini_of_equal_and_of_single_counts():
    assert gini(np.array([4, 4, 4])) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 12])) == pytest.approx(0.75)
    assert gini(np.array([])) == 0


def test_the_share_of_the_largest():
    assert top_share(np.array([1, 5, 2, 2]), 2) == pytest.approx(0.7)
    assert top_share(np.array([1, 5]), 10) == 1
    assert top_share(np.array([]), 10) == 0


def test_evenness_is_one_for_equal_counts_and_zero_for_one_value():
    assert evenness(np.array([3, 3, 3, 3])) == pytest.approx(1)
    assert evenness(np.array([9, 0, 0])) == 0
    assert evenness(np.array([])) == 0
    assert evenness(np.array([9, 1])) == pytest.approx(0.469, abs=0.001)


@given(COUNTS)
def test_evenness_lies_between_zero_and_one(counts):
    assert 0 <= evenness(np.array(counts)) <= 1 + 1e-12


def test_jaccard():
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5
    assert jaccard(frozenset(), frozenset()) == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=10))
def test_likeness_comes_near_one_minus_the_divergence_where_there_are_many_cases(pairs):
    one, other = np.array(pairs).T * 1000
    if not one.any() or not other.any():
        assert likeness(one, other) == 0
        return
    assert likeness(one, other) == pytest.approx(1 - jensenshannon(one, other, base=2) ** 2, abs=0.01)


def test_few_cases_look_more_alike_than_many():
    few, many = likeness(np.array([2, 0]), np.array([0, 2])), likeness(np.array([200, 0]), np.array([0, 200]))
    assert many < few < 1
    assert likeness(np.array([3, 1]), np.array([3, 1])) == pytest.approx(1)
