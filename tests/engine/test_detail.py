"""Which of two copies has more detail: the figure that chooses the image to keep."""

import numpy as np

from tagmetry.assembly import detail
from tagmetry.columns import Column


def detail_of(*pairs):
    """Steps of detail for (sharpness, contrast) pairs."""
    sharpness, contrast = np.array(pairs, dtype=np.float64).T
    present = np.ones(len(pairs), dtype=bool)
    found = detail(Column(sharpness, present), Column(contrast, present))
    return [float(value) if valid else None for value, valid in zip(found.values, found.valid, strict=True)]


def test_a_copy_with_more_contrast_is_no_sharper():
    original, brightened = detail_of((400.0, 50.0), (400.0 * 1.3**2, 50.0 * 1.3))
    assert original == brightened


def test_a_blurred_copy_is_less_sharp():
    original, blurred = detail_of((400.0, 50.0), (100.0, 50.0))
    assert blurred < original


def test_what_re_encoding_changes_is_no_difference():
    original, encoded = detail_of((400.0, 50.0), (420.0, 50.1))
    assert original == encoded


def test_a_flat_picture_has_no_detail():
    assert detail_of((0.0, 0.0), (0.0, 10.0)) == [None, None]
