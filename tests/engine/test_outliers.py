import numpy as np
import pytest

from tagmetry.api import robust_spread, two_groups


def test_the_spread_of_a_normal_distribution_is_its_deviation():
    values = np.random.default_rng(1).normal(50, 8, 20_000)
    spread = robust_spread(values)
    assert (spread.n, spread.median) == (20_000, pytest.approx(50, abs=0.3))
    assert spread.deviation == pytest.approx(8, rel=0.03)


@pytest.mark.parametrize("n", [5, 6, 7, 8, 9, 10, 15])
def test_small_sets_seem_no_narrower_than_they_are(n):
    sets = np.random.default_rng(2).normal(0, 1, (4000, n))
    assert np.mean([robust_spread(values).deviation for values in sets]) == pytest.approx(1, abs=0.06)


def test_one_far_figure_does_not_widen_the_spread():
    spread = robust_spread(np.array([10.0, 11, 12, 13, 14, 15, 16, 1000]))
    assert spread.distance(np.array([1000.0]))[0] > 100
    assert abs(spread.distance(np.array([16.0]))[0]) < 2


def test_missing_figures_do_not_count():
    assert robust_spread(np.array([np.nan, 1.0, 2.0, 3.0])) == robust_spread(np.array([1.0, 2.0, 3.0]))
    assert robust_spread(np.array([np.nan])).n == 0


def test_what_lies_closer_than_the_least_is_near():
    spread = robust_spread(np.array([5.0] * 9))
    assert spread.distance(np.array([5.0, 5.1])).tolist() == [0, np.inf]
    assert spread.distance(np.array([5.0, 5.1, 4.0]), least=1).tolist() == pytest.approx([0, 0.1, -1])


def test_two_groups_are_split_between_them():
    split = two_groups(np.array([10.0, 200, 12, 205, 11, 9, 198]))
    assert split.upper.tolist() == [False, True, False, True, False, False, True]
    assert split.explained > 0.99
    assert split.gap == pytest.approx(189.5)


def test_figures_without_groups_explain_less():
    rng = np.random.default_rng(3)
    assert two_groups(rng.normal(0, 1, 5000)).explained == pytest.approx(2 / np.pi, abs=0.02)
    assert two_groups(np.arange(1000.0)).explained == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 3.0, 3.0]])
def test_equal_figures_are_no_groups(values):
    split = two_groups(np.array(values))
    assert (split.upper.any(), split.explained, split.gap) == (False, 0, 0)


def test_equal_figures_whose_variance_is_not_quite_zero_are_one_group():
    figures = np.full(3, 0.1)
    assert figures.var() > 0
    split = two_groups(figures)
    assert (split.upper.any(), split.explained, split.gap) == (False, 0.0, 0.0)
