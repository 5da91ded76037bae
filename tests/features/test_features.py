"""Features by what must hold for them on drawn pictures, and against independent computations."""

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tagmetry import features
from tagmetry.api import Feature
from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.feature import Header, Picture
from tagmetry.features import (
    FEATURES,
    bits_per_pixel,
    brightness,
    colourfulness,
    contrast,
    crispness,
    crispness_evenness,
    detail_share,
    dhash,
    entropy,
    phash,
    rendering,
    sharpness,
    structure,
    tile_sharpness,
)
from tagmetry.features import noise as noise_feature


def picture_of(image, size_bytes=1000):
    header = Header("PNG", "RGB", image.width, image.height, 1, False, 1, size_bytes)
    return Picture(header, image.convert("RGB"))


def value(feature, image, **facts):
    return feature.function(picture_of(image, **facts))


def scene(seed, size=(480, 360)):
    """A drawn picture with large and small shapes in many colours."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, tuple(int(v) for v in rng.integers(0, 256, 3)))
    pen = ImageDraw.Draw(image)
    for radius in (160, 90, 60, 40, 25, 15, 9, 5, 3):
        for _ in range(5):
            x, y = (int(v) for v in rng.integers(0, size))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tuple(map(int, rng.integers(0, 256, 3))))
    return image


def flat(colour, size=(64, 48)):
    return Image.new("RGB", size, colour)


def noise(seed=3, size=(128, 96), spread=40):
    rng = np.random.default_rng(seed)
    levels = np.clip(rng.normal(128, spread, (size[1], size[0], 1)), 0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(levels, 3, axis=2))


MISSING_OF_SMALL = (crispness, crispness_evenness, detail_share, noise_feature, rendering, sharpness, tile_sharpness)
ODD_SIZES = [(1, 1), (1, 512), (512, 1), (2, 2), (3, 3), (5, 2)]


def test_every_feature_is_registered_and_found_by_name():
    assert [feature.name for feature in FEATURES] == sorted(features.__all__)
    assert tuple(features.tagmetry_features()) == FEATURES
    for feature in FEATURES:
        assert isinstance(feature, Feature)
        assert getattr(features, feature.name) is feature
        assert feature.key == f"tagmetry.features.measure_{feature.name}:{feature.name}:1"
        assert feature.unit
        assert feature.doc


@pytest.mark.parametrize("size", ODD_SIZES)
@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_no_size_is_too_odd(feature, size):
    for image in (flat((200, 10, 30), size), noise(size=size)):
        found = value(feature, image)
        assert np.size(found) == feature.width
        assert np.isfinite(found).all() or (feature in MISSING_OF_SMALL and np.isnan(found))


@pytest.mark.parametrize("seed", range(8))
def test_hashes_equal_imagehash_on_the_working_picture(seed):
    for image in (scene(seed), noise(seed), scene(seed).resize((90, 512))):
        assert f"{value(phash, image):016x}" == str(imagehash.phash(image))
        assert f"{value(dhash, image):016x}" == str(imagehash.dhash(image))


@pytest.mark.parametrize("seed", range(8))
def test_hashes_after_shrinking_on_load_stay_near_those_of_the_full_picture(tmp_path, seed):
    large = scene(seed, (2400, 1800))
    large.save(tmp_path / "a.jpg", quality=92)
    shown = decoded((tmp_path / "a.jpg").read_bytes(), limits=Limits(), side_px=512)
    found = phash.function(Picture(shown.header, shown.picture, shown.last))
    assert int(found ^ int(str(imagehash.phash(large)), 16)).bit_count() <= 4


def test_copies_are_near_and_other_pictures_far_in_phash():
    originals = [value(phash, scene(seed)) for seed in range(6)]
    for seed, original in enumerate(originals):
        copy = scene(seed).resize((300, 225)).point(lambda level: min(255, int(level * 1.1)))
        assert (original ^ value(phash, copy)).bit_count() <= 6
        assert min((original ^ other).bit_count() for at, other in enumerate(originals) if at != seed) > 10


def test_brightness_runs_from_black_to_white():
    assert value(brightness, flat((0, 0, 0))) == 0
    assert value(brightness, flat((100, 100, 100))) == 100
    assert value(brightness, flat((255, 255, 255))) == 255


def test_green_looks_brighter_than_blue():
    assert value(brightness, flat((0, 200, 0))) > 3 * value(brightness, flat((0, 0, 200)))


def test_contrast_of_flat_and_split_pictures_is_known():
    assert value(contrast, flat((90, 90, 90))) == 0
    half = flat((0, 0, 0))
    half.paste((255, 255, 255), (0, 0, 32, 48))
    assert value(contrast, half) == pytest.approx(127.5)


def test_contrast_equals_the_standard_deviation():
    image = scene(4)
    assert value(contrast, image) == pytest.approx(np.asarray(image.convert("L"), dtype=float).std())


def test_entropy_counts_grey_levels():
    assert value(entropy, flat((90, 90, 90))) == 0
    half = flat((0, 0, 0))
    half.paste((255, 255, 255), (0, 0, 32, 48))
    assert value(entropy, half) == pytest.approx(1)
    all_levels = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2))
    assert value(entropy, all_levels) == pytest.approx(8)


def test_entropy_does_not_care_where_the_levels_lie():
    image = scene(2)
    levels = np.asarray(image).reshape(-1, 3).copy()
    np.random.default_rng(0).shuffle(levels)
    shuffled = Image.fromarray(levels.reshape(image.height, image.width, 3))
    assert value(entropy, shuffled) == pytest.approx(value(entropy, image))


def test_grey_pictures_have_no_colourfulness():
    assert value(colourfulness, scene(1).convert("L")) == 0


def test_less_saturation_is_less_colourful():
    image = scene(1)
    grey = image.convert("L").convert("RGB")
    figures = [value(colourfulness, Image.blend(grey, image, share)) for share in (0, 0.25, 0.5, 1)]
    assert figures == sorted(figures)
    assert figures[-1] > 45


def test_colourfulness_equals_the_published_formula():
    image = scene(5, (256, 256))
    pixels = np.asarray(image.reduce(4), dtype=float)
    rg = pixels[..., 0] - pixels[..., 1]
    yb = 0.5 * (pixels[..., 0] + pixels[..., 1]) - pixels[..., 2]
    expected = np.sqrt(rg.std() ** 2 + yb.std() ** 2) + 0.3 * np.sqrt(rg.mean() ** 2 + yb.mean() ** 2)
    assert value(colourfulness, image) == pytest.approx(expected)


def test_colourfulness_of_the_shrunk_picture_is_nearly_that_of_the_whole():
    image = scene(5)
    pixels = np.asarray(image, dtype=float)
    rg = pixels[..., 0] - pixels[..., 1]
    yb = 0.5 * (pixels[..., 0] + pixels[..., 1]) - pixels[..., 2]
    whole = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert value(colourfulness, image) == pytest.approx(whole, rel=0.05)


def test_a_flat_picture_has_no_sharpness():
    assert value(sharpness, flat((90, 90, 90))) == 0


def test_a_gradient_has_no_sharpness():
    ramp = np.repeat(np.arange(0, 200, 2, dtype=np.uint8)[None, :, None], 50, axis=0).repeat(3, axis=2)
    assert value(sharpness, Image.fromarray(ramp)) == 0


def test_the_more_blur_the_less_sharpness():
    image = scene(6)
    # Beyond a radius of 3, what rounding to whole grey levels leaves is all there is.
    blurred = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 0.7, 1.5, 3)]
    figures = [value(sharpness, copy) for copy in blurred]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 10 * figures[2]


def test_sharpness_equals_a_convolution_with_the_laplacian():
    from scipy.signal import convolve2d

    image = scene(7)
    kernel = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    expected = convolve2d(np.asarray(image.convert("L"), dtype=float), kernel, mode="valid").var()
    assert value(sharpness, image) == pytest.approx(expected)


def test_bits_per_pixel_is_file_size_over_stored_pixels():
    assert value(bits_per_pixel, flat((0, 0, 0), (100, 50)), size_bytes=5000) == 8.0


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (13, 200, 77)])
def test_a_flat_picture_has_no_structure(colour):
    assert value(structure, flat(colour)) == 0


def test_structure_is_the_low_frequency_part_of_the_contrast():
    from scipy.fft import dctn, idctn

    image = scene(3)
    grey = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    coefficients = dctn(grey, norm="ortho")
    coefficients[8:, :] = 0
    coefficients[:, 8:] = 0
    assert value(structure, image) == pytest.approx(idctn(coefficients, norm="ortho").std(), abs=1e-5)


def test_noise_has_far_less_structure_than_contrast():
    fine = noise(size=(512, 512))
    assert value(contrast, fine) > 35
    assert value(structure, fine) < 2


def test_drawn_scenes_have_structure():
    assert min(value(structure, scene(seed)) for seed in range(6)) > 8


def test_figures_do_not_depend_on_the_order_of_features():
    image = scene(9)
    forward, backward = picture_of(image), picture_of(image)
    one = {feature.name: feature.function(forward) for feature in FEATURES}
    other = {feature.name: feature.function(backward) for feature in reversed(FEATURES)}
    np.testing.assert_equal(one, other)
