"""The contract of a feature: what a picture offers, and how a feature is declared and filed."""

import numpy as np
import pytest
from PIL import Image

from tagmetry.feature import WORKING_SIDE_PX, Feature, Header, LastStep, Picture
from tagmetry.features import FEATURES

HEADER = Header("PNG", "RGB", 40, 20, frames=1, has_alpha=False, exif_orientation=1, size_bytes=100)


def drawn(size=(40, 20)):
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Picture(HEADER, Image.fromarray(pixels))


def test_a_picture_has_grey_views_of_one_size():
    picture = drawn()
    assert (picture.grey.mode, picture.grey.size) == ("L", (40, 20))
    assert (picture.luminance.shape, picture.luminance.dtype) == ((20, 40), np.float32)
    assert (picture.luminance == np.asarray(picture.upright.convert("L"))).all()
    assert (picture.grey32.shape, picture.grey32.dtype) == ((32, 32), np.uint8)


def test_views_are_made_once():
    picture = drawn()
    assert picture.grey is picture.grey
    assert picture.luminance is picture.luminance
    assert picture.grey32 is picture.grey32


def test_a_picture_above_working_size_is_seen_at_working_size():
    pixels = np.random.default_rng(2).integers(64, 192, (60, 90, 3), dtype=np.uint8)
    decoded = Image.fromarray(pixels)
    picture = Picture(HEADER, decoded, LastStep((64, 43), (0.0, 0.0, 90.0, 59.5), Image.Transpose.ROTATE_90))
    expected = decoded.resize((64, 43), Image.Resampling.BICUBIC, box=(0, 0, 90, 59.5)).transpose(
        Image.Transpose.ROTATE_90
    )
    assert np.array_equal(np.asarray(picture.upright), np.asarray(expected))
    # Luma before or after the resize differ by rounding, once for each of three channels and twice for grey.
    apart = np.asarray(picture.grey, dtype=int) - np.asarray(expected.convert("L"))
    assert (picture.grey.size, picture.luminance.shape) == ((43, 64), (64, 43))
    assert np.abs(apart).max() <= 2
    assert (picture.small.mode, picture.small.size) == ("RGB", (11, 16))
    assert np.abs(np.asarray(picture.small).mean() - np.asarray(expected).mean()) < 1


def test_levels_count_the_pixels_of_each_grey_level():
    picture = drawn()
    expected = np.bincount(np.asarray(picture.grey).ravel(), minlength=256)
    assert np.array_equal(picture.levels, expected)


def test_the_laplacian_of_a_single_point_is_its_kernel():
    levels = np.zeros((5, 5, 3), dtype=np.uint8)
    levels[2, 2] = 255
    picture = Picture(HEADER, Image.fromarray(levels))
    assert picture.laplacian.tolist() == [[0, 255, 0], [255, -1020, 255], [0, 255, 0]]


def test_pictures_without_inner_pixels_have_no_laplacian():
    assert drawn((2, 9)).laplacian.size == 0
    assert drawn((1, 1)).laplacian.size == 0


def test_a_feature_is_filed_under_its_module_name_and_version():
    feature = Feature("redness", version=2, unit="share")

    @feature.measure
    def measure(picture):
        return 0.5

    assert feature.key == f"{__name__}:redness:2"
    assert feature.function is measure
    assert measure(drawn()) == 0.5


def test_a_raised_version_lets_stored_figures_lapse():
    assert Feature("a", version=1, unit="x").key != Feature("a", version=2, unit="x").key


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
@pytest.mark.parametrize("size", [(1, 1), (1, WORKING_SIDE_PX), (WORKING_SIDE_PX, 1), (40, 20)])
def test_every_feature_measures_pictures_of_any_shape_twice_alike(feature, size):
    first, second = (feature.function(drawn(size)) for _ in range(2))
    values = np.atleast_1d(np.asarray(first))
    assert values.shape == (feature.width,)
    assert np.array_equal(values, np.atleast_1d(np.asarray(second)), equal_nan=values.dtype.kind == "f")
    values.astype(feature.dtype)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_says_what_it_is(feature):
    assert feature.unit
    assert feature.module.startswith("tagmetry.features.")
    assert feature.key.count(":") == 2
