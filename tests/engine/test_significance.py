"""Against scipy's own tests, which take one table at a time, and against the formulas as they are written."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, fisher_exact, hypergeom

from tagmetry.significance import benjamini_hochberg, fisher_apart, fisher_together, shrunk_npmi, wilson_interval


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (7, 8), (13, 13), (95, 100), (0, 40)])
def test_the_interval_is_wilsons(hits, n):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson_interval(hits, n) == pytest.approx((expected.low, expected.high))


TABLES = st.tuples(*[st.integers(0, 12)] * 4).filter(lambda table: sum(table) > 0)


@settings(max_examples=200)
@given(TABLES)
def test_marks_that_meet_are_tested_as_fisher_did(table):
    both, one, other, neither = table
    expected = fisher_exact([[both, one], [other, neither]], alternative="greater").pvalue
    assert fisher_together([both], [both + one], [both + other], sum(table)) == pytest.approx([expected])


@pytest.mark.parametrize(("n", "near"), [(300, 1e-11), (20_000, 1e-9), (1_000_000, 1e-6)])
def test_many_cases_are_tested_as_by_the_hypergeometric_distribution(n, near):
    rng = np.random.default_rng(n)
    one, other = rng.integers(1, n, (2, 300)) // rng.integers(1, n // 20, (2, 300))
    chance = one * other / n
    both = np.clip(np.rint(chance + 3 * rng.normal(size=300) * np.sqrt(chance)), 0, np.minimum(one, other))
    both = both.astype(np.int64)
    assert fisher_together(both, one, other, n) == pytest.approx(hypergeom.sf(both - 1, n, one, other), rel=near)


def test_tables_of_any_shape_and_none_at_all_are_tested():
    assert fisher_together([[5], [0]], [5, 6], 7, 10).shape == (2, 2)
    assert fisher_together([], [], [], 10).shape == (0,)
    assert fisher_apart(3, 5, 1, 5).shape == ()
    assert fisher_together([4, -1, 0], [3, 3, 0], [3, 3, 0], 10).tolist() == [0, 1, 1]


@settings(max_examples=200)
@given(TABLES)
def test_two_shares_are_tested_by_twice_the_smaller_tail(table):
    hits, misses, other_hits, other_misses = table
    tails = [
        fisher_exact([[hits, misses], [other_hits, other_misses]], alternative=side).pvalue
        for side in ("less", "greater")
    ]
    found = fisher_apart([hits], hits + misses, [other_hits], other_hits + other_misses)
    assert found == pytest.approx([min(1, 2 * min(tails))])


@settings(max_examples=200)
@given(st.lists(st.floats(0, 1), max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_many_tests_stand_as_benjamini_and_hochberg_say(p_values, rate):
    found = benjamini_hochberg(np.array(p_values, dtype=float), rate)
    adjusted = false_discovery_control(p_values, method="bh") if p_values else np.zeros(0)
    clear = np.abs(adjusted - rate) > 1e-12
    assert (found == (adjusted <= rate))[clear].all()


def test_information_is_shrunk_by_what_speaks_for_it():
    def one(both, a, b, n):
        return float(shrunk_npmi(np.array([both]), np.array([a]), np.array([b]), n)[0])

    assert one(8, 8, 8, 40) == pytest.approx(8 / 9 * 8 / 9)
    assert one(4, 8, 20, 40) == pytest.approx(0)
    assert one(3, 4, 5, 40) == pytest.approx(math.log(3 * 40 / 20) / -math.log(3 / 40) * 3 / 4 * 4 / 5)
    assert one(1, 20, 20, 40) < 0
    assert one(40, 40, 40, 40) == 0


def test_tests_that_were_left_out_count_as_failed():
    p_values = np.array([0.001, 0.02, 0.9])
    assert benjamini_hochberg(p_values, 0.05).tolist() == [True, True, False]
    assert benjamini_hochberg(p_values, 0.05, n_tests=10).tolist() == [True, False, False]
    assert benjamini_hochberg(p_values[:2], 0.05, n_tests=3).tolist() == [True, True]
