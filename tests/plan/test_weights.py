"""Weights of single images: copies and noisy captions count for less, nothing counts for more."""

import pytest

from rule_testing import concept, dataset
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.weights import image_weights

PATHS = ("hat/000.png", "hat/001.png", "hat/002.png", "hat/003.png")


def weights(*, captions=None, near=(), **options):
    data = dataset(concept("hat", captions=captions, n=None if captions else 5), near=near)
    return image_weights(data, BalanceOptions(**options)).round(6).tolist()


def test_copies_share_the_place_of_one_picture_smoothed():
    assert weights(near=[PATHS]) == [0.5, 0.5, 0.5, 0.5, 1.0]
    assert weights(near=[PATHS[:2]]) == [*[pytest.approx(2**-0.5, abs=1e-6)] * 2, 1, 1, 1]


def test_a_temperature_of_one_takes_them_as_they_are():
    assert weights(near=[PATHS[:2]], weight_temperature=1.0) == [0.5, 0.5, 1, 1, 1]


def test_weights_are_clipped_from_below():
    assert weights(near=[PATHS], weight_temperature=1.0) == [0.5, 0.5, 0.5, 0.5, 1]
    assert weights(near=[PATHS], weight_temperature=1.0, lowest_weight=0.2) == [0.25, 0.25, 0.25, 0.25, 1]


def test_a_caption_that_contradicts_itself_counts_for_less():
    captions = ["day, night", "day, park", "night, park", "park"]
    assert weights(captions=captions, weight_temperature=1.0) == [0.5, 1, 1, 1]
