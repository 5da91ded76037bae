"""Cells of a grey picture are Pillow's own, whatever its size."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tagmetry import cells
from tagmetry.cells import cells_of

SIDES = st.integers(1, 512)


def drawn(width, height, seed, kind):
    random = np.random.default_rng(seed)
    if kind == "black and white":
        grey = random.integers(0, 2, (height, width)) * 255
    elif kind == "smooth":
        grey = np.clip(128 + random.normal(0, 2, (height, width)).cumsum(axis=0).cumsum(axis=1), 0, 255)
    else:
        grey = random.integers(0, 256, (height, width))
    return Image.fromarray(grey.astype(np.uint8))


@settings(max_examples=60)
@given(SIDES, SIDES, st.integers(0, 99), st.sampled_from(["black and white", "smooth", "noise"]))
@example(512, 398, 0, "noise")
@example(288, 512, 0, "noise")
@example(287, 512, 0, "noise")
@example(64, 64, 0, "black and white")
@example(63, 512, 0, "noise")
@example(1, 1, 0, "noise")
def test_cells_are_those_of_pillow(width, height, seed, kind):
    picture = drawn(width, height, seed, kind)
    for across, down in ((32, 32), (9, 8)):
        expected = np.asarray(picture.resize((across, down), Image.Resampling.LANCZOS))
        assert np.array_equal(cells_of(picture, across=across, down=down), expected)


def test_products_of_matrices_stand_in_for_the_pillow_that_is_installed():
    # Without this the cells would still be right, and slow.
    assert cells._as_pillow()


@pytest.mark.parametrize("level", [0, 1, 127, 255])
def test_a_flat_picture_stays_what_it_is(level):
    found = cells_of(Image.new("L", (512, 300), level), across=32, down=32)
    assert (found == level).all()
