"""Whole passes and the random rest of an epoch."""

import pytest

from tagmetry.plan.drawing import Draws, draws


@pytest.mark.parametrize(
    ("n", "wanted", "floor", "expected"),
    [
        (10, 1.0, 0.3, Draws(1, 0)),
        (10, 2.0, 0.3, Draws(2, 0)),
        (10, 0.5, 0.3, Draws(0, 5)),
        (7, 0.5, 0.3, Draws(0, 3)),
        (10, 0.1, 0.3, Draws(0, 3)),
        (10, 0.1, 0.0, Draws(0, 1)),
        (1, 0.3, 0.3, Draws(0, 1)),
        (10, 1.25, 0.3, Draws(1, 2)),
        (9, 1 / 3, 0.0, Draws(0, 3)),
        (10, 0.7, 0.0, Draws(0, 7)),
        (0, 0.5, 0.3, Draws(0, 0)),
    ],
)
def test_an_epoch_shows_whole_passes_and_a_part(n, wanted, floor, expected):
    assert draws(n, wanted, floor=floor) == expected


def test_the_exposure_is_what_both_make():
    assert Draws(1, 2).exposure(10) == 12
