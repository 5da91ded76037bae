"""The arithmetic of plans against its definition, and on the figures that users meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.plan.arithmetic import imbalance, multipliers, whole_repeats


def repeats_of(wanted, largest_scale=10, error=0.05):
    found = whole_repeats(wanted, largest_scale=largest_scale, error=error)
    return found.scale, found.repeats


def test_imbalance_is_the_largest_exposure_over_the_smallest():
    assert imbalance([120.0, 40.0, 60.0]) == 3.0


def test_one_concept_and_empty_concepts_have_no_imbalance():
    assert imbalance([40.0]) == 1.0
    assert imbalance([40.0, 0.0]) == 1.0
    assert imbalance([]) == 1.0


def test_multipliers_lead_to_the_median_within_their_clip():
    assert multipliers([100.0, 50.0, 25.0], low=0.5, high=3.0) == [0.5, 1.0, 2.0]
    assert multipliers([1000.0, 50.0, 5.0], low=0.5, high=3.0) == [0.5, 1.0, 3.0]
    assert multipliers([1000.0, 50.0, 5.0], low=0.5, high=2.0) == [0.5, 1.0, 2.0]


def test_whole_repeats_stay_as_they_are():
    assert repeats_of([10.0, 4.0]) == (1, (10, 4))


def test_halves_double_the_epoch():
    assert repeats_of([0.5, 1.0]) == (2, (1, 2))


def test_the_smallest_scale_within_five_percent_is_taken():
    # 3.1 rounds to 3 with an error of 3.2 %, so nothing has to grow.
    assert repeats_of([3.1, 1.0]) == (1, (3, 1))
    # 1.1 rounds to 1 with 9.1 %; at five times it is 5.5, at nine 9.9 -> 10 with 1 %.
    scale, repeats = repeats_of([1.1, 1.0])
    assert (scale, repeats) == (7, (8, 7))


def test_an_error_of_exactly_the_limit_is_good_enough():
    assert repeats_of([20 / 21, 1.0])[0] == 1


def test_where_no_scale_is_good_enough_the_least_error_wins():
    scale, repeats = repeats_of([0.5, 0.123], largest_scale=3)
    assert (scale, repeats) == (3, (2, 1))


def test_a_repeat_is_never_zero():
    assert repeats_of([0.01, 1.0])[1][0] == 1


def test_residuals_are_relative_to_what_was_wanted():
    found = whole_repeats([3.1, 1.0], largest_scale=1, error=0.05)
    assert found.residuals == (pytest.approx(3 / 3.1 - 1), 0.0)


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=6))
def test_the_scale_is_the_first_that_a_slow_search_finds(wanted):
    found = whole_repeats(wanted, largest_scale=10, error=0.05)

    def worst(scale):
        return max(abs(max(1, int(scale * value + 0.5)) / (scale * value) - 1) for value in wanted)

    good = [scale for scale in range(1, 11) if worst(scale) <= 0.05]
    if good:
        assert found.scale == good[0]
    else:
        assert worst(found.scale) == pytest.approx(min(worst(scale) for scale in range(1, 11)))
