"""What is told of blur, grain, colour, bars and rendering: graded degradations must grade the figures."""

import itertools
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tagmetry.features import (
    bars,
    clipping,
    colour_moments,
    crispness,
    crispness_evenness,
    detail_share,
    hues,
    level_range,
    noise,
    peak_chroma,
    rendering,
    sharpness,
    tile_sharpness,
)
from tagmetry.testing import measured


def photograph(seed=0, size=(512, 384)):
    """Clouds of every scale, which have a spectrum like photographs, with edges in them."""
    rng = np.random.default_rng(seed)
    height, width = size[1], size[0]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1
    channels = []
    for _ in range(3):
        spectrum = np.exp(2j * np.pi * rng.random(frequency.shape)) / frequency**1.1
        levels = np.fft.irfft2(spectrum, s=(height, width))
        channels.append(128 + 45 * levels / levels.std())
    image = Image.fromarray(np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, r = int(rng.integers(0, width)), int(rng.integers(0, height)), int(rng.integers(8, 60))
        pen.rectangle((x, y, x + r, y + r // 2), fill=tuple(map(int, rng.integers(0, 256, 3))))
    return image


def drawing(seed=0, size=(512, 384)):
    """Flat colours with black outlines."""
    rng = np.random.default_rng(seed)
    large = Image.new("RGB", (size[0] * 3, size[1] * 3), (250, 245, 235))
    pen = ImageDraw.Draw(large)
    for _ in range(14):
        x, y = int(rng.integers(0, large.width)), int(rng.integers(0, large.height))
        r = int(rng.integers(60, 400))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(map(int, rng.integers(60, 256, 3))), outline=0, width=8)
    return large.resize(size, Image.Resampling.LANCZOS)


def blurred(image, sigma):
    return image.filter(ImageFilter.GaussianBlur(sigma))


def grainy(image, sigma, seed=1):
    levels = np.asarray(image, dtype=np.float64)
    grain = np.random.default_rng(seed).normal(0, sigma, levels.shape[:2])[..., None]
    return Image.fromarray(np.clip(levels + grain, 0, 255).astype(np.uint8))


def compressed(image, quality):
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    with Image.open(file) as opened:
        return opened.convert("RGB")


def with_contrast(image, share):
    return image.point(lambda level: round(128 + (level - 128) * share))


def flat(colour, size=(256, 192)):
    return Image.new("RGB", size, colour)


def falls(figures):
    return all(one > other for one, other in itertools.pairwise(figures))


@pytest.mark.parametrize("make", [photograph, drawing])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("feature", [sharpness, tile_sharpness, crispness], ids=lambda feature: feature.name)
def test_the_more_blur_the_less_sharp(feature, seed, make):
    assert falls([measured(feature, blurred(make(seed), sigma)) for sigma in (0, 0.7, 1.2, 2, 3)])


@pytest.mark.parametrize("seed", range(4))
def test_the_more_grain_the_more_noise(seed):
    assert falls([measured(noise, grainy(drawing(seed), sigma)) for sigma in (24, 16, 8, 4, 2, 0)])


@pytest.mark.parametrize("sigma", [2, 4, 8, 16])
def test_noise_is_told_in_grey_levels(sigma):
    found = measured(noise, grainy(flat((120, 130, 110)), sigma))
    assert 0.8 * sigma < found < 1.05 * sigma


def test_even_gradients_and_white_paper_have_no_noise():
    ramp = Image.fromarray(np.repeat(np.arange(0, 256, dtype=np.uint8)[None, :, None], 100, axis=0).repeat(3, axis=2))
    assert measured(noise, ramp) < 0.3
    assert np.isnan(measured(noise, flat((255, 255, 255))))
    paper = flat((255, 255, 255))
    paper.paste(grainy(flat((120, 120, 120), (256, 96)), 8), (0, 96))
    assert measured(noise, paper) > 6


def test_a_blurred_background_is_no_blurred_picture():
    behind = blurred(photograph(3), 4)
    alone = measured(crispness, behind)
    behind.paste(photograph(3).crop((180, 120, 340, 280)), (180, 120))
    assert measured(crispness, behind) > 3 * alone
    assert measured(tile_sharpness, behind) > 5 * measured(sharpness, blurred(photograph(3), 4))


@pytest.mark.parametrize("make", [photograph, drawing])
def test_crispness_does_not_depend_on_contrast(make):
    whole = measured(crispness, make(5))
    assert measured(crispness, with_contrast(make(5), 0.4)) == pytest.approx(whole, rel=0.15)
    assert measured(tile_sharpness, with_contrast(make(5), 0.4)) < 0.3 * measured(tile_sharpness, make(5))


def test_crispness_of_a_gaussian_edge_is_the_inverse_of_its_width():
    step = flat((60, 60, 60), (512, 512))
    step.paste((190, 190, 190), (256, 0, 512, 512))
    wide = [measured(crispness, blurred(step, sigma)) for sigma in (2, 4)]
    assert wide[0] == pytest.approx(2 * wide[1], rel=0.25)
    assert 0.3 < wide[0] < 0.7


def test_a_flat_picture_has_no_crispness():
    assert np.isnan(measured(crispness, flat((10, 200, 30))))
    assert np.isnan(measured(crispness_evenness, flat((10, 200, 30))))


def shaken(image, across, down, steps):
    levels = np.asarray(image, dtype=np.float64)
    path = [np.roll(levels, (down * step, across * step), axis=(0, 1)) for step in range(steps)]
    return Image.fromarray(np.mean(path, axis=0).astype(np.uint8))


@pytest.mark.parametrize("direction", [(1, 0), (0, 1), (1, 1), (1, -1)])
@pytest.mark.parametrize("seed", range(3))
def test_the_longer_the_path_of_the_camera_the_less_even_the_edges(seed, direction):
    image = photograph(seed)
    figures = [measured(crispness_evenness, shaken(image, *direction, steps)) for steps in (1, 3, 6)]
    assert falls(figures)
    assert figures[0] > 0.7
    assert figures[2] < 0.6


@pytest.mark.parametrize("make", [photograph, drawing])
def test_a_blur_in_all_directions_is_even(make):
    assert measured(crispness_evenness, blurred(make(4), 2)) > 0.7


def test_lines_that_all_run_one_way_are_not_smeared():
    stripes = Image.fromarray(np.tile(np.repeat([60, 190], 5).astype(np.uint8)[None, :, None], (200, 40, 3)))
    assert np.isnan(measured(crispness_evenness, stripes)) or measured(crispness_evenness, stripes) > 0.9


@pytest.mark.parametrize("seed", range(6))
def test_drawings_and_photographs_are_told_apart(seed):
    assert measured(rendering, drawing(seed)) > 0.25
    assert measured(rendering, photograph(seed)) < 0.1
    assert measured(rendering, flat((0, 0, 0))) == 0


@pytest.mark.parametrize("seed", range(3))
def test_compression_brings_a_drawing_nearer_to_a_photograph(seed):
    whole = measured(rendering, drawing(seed))
    assert whole > measured(rendering, compressed(drawing(seed), 80)) > measured(rendering, photograph(seed))


def test_level_range_is_zero_for_flat_small_for_noise_and_blind_to_a_mark():
    assert measured(level_range, flat((10, 200, 30))) == 0
    assert measured(level_range, grainy(flat((120, 120, 120)), 6)) < 12
    marked = flat((240, 240, 240))
    marked.paste((0, 0, 0), (240, 180, 250, 186))
    assert measured(level_range, marked) == 0
    assert measured(level_range, photograph()) > 120
    half = flat((0, 0, 0))
    half.paste((0, 0, 200), (0, 0, 128, 192))
    assert measured(level_range, half) == 200


def test_clipping_is_the_share_of_black_and_of_white():
    image = flat((0, 0, 0), (100, 100))
    image.paste((255, 255, 255), (0, 0, 100, 25))
    image.paste((128, 128, 128), (0, 25, 100, 50))
    assert measured(clipping, image) == pytest.approx((0.5, 0.25))


def test_moments_of_a_half_black_half_white_picture_are_known():
    image = flat((0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 128, 192))
    means, deviations, skewnesses = np.array(measured(colour_moments, image)).reshape(3, 3)
    assert means == pytest.approx((0.5, 0, 0), abs=1e-3)
    assert deviations == pytest.approx((0.5, 0, 0), abs=1e-3)
    assert skewnesses == pytest.approx((0, 0, 0), abs=2e-2)


def test_colours_in_oklab_are_those_of_its_author():
    # Red, green and blue of sRGB by the published matrices.
    for colour, expected in (
        ((255, 0, 0), (0.6280, 0.2249, 0.1258)),
        ((0, 255, 0), (0.8664, -0.2339, 0.1795)),
        ((0, 0, 255), (0.4520, -0.0325, -0.3115)),
    ):
        assert measured(colour_moments, flat(colour))[:3] == pytest.approx(expected, abs=5e-4)


def test_dark_pictures_with_a_light_spot_are_skewed_to_the_light():
    image = flat((20, 20, 20))
    image.paste((250, 250, 250), (0, 0, 40, 40))
    assert measured(colour_moments, image)[6] > 0.1
    assert measured(colour_moments, Image.eval(image, lambda level: 255 - level))[6] < -0.1


def test_hues_tell_sector_and_strength():
    for colour, sector in (((255, 0, 0), 0), ((255, 255, 0), 3), ((0, 255, 0), 4), ((0, 0, 255), 8)):
        found = np.array(measured(hues, flat(colour)))
        assert found.argmax() == sector
        assert found.sum() == pytest.approx(found.max())
    assert np.array(measured(hues, flat((255, 0, 0)))).sum() == pytest.approx(0.2577, abs=1e-3)
    assert sum(measured(hues, flat((128, 128, 128)))) < 1e-3


def test_saturation_grades_hues_and_peak_chroma():
    steps = [Image.blend(photograph(2), photograph(2).convert("L").convert("RGB"), share) for share in (0, 0.3, 0.6, 1)]
    assert falls([sum(measured(hues, step)) for step in steps])
    assert falls([measured(peak_chroma, step) for step in steps])


def test_grey_stored_as_rgb_has_no_chroma_even_after_compression():
    grey = photograph(4).convert("L").convert("RGB")
    assert measured(peak_chroma, grey) < 0.002
    assert measured(peak_chroma, compressed(grey, 40)) < 0.01
    assert measured(peak_chroma, photograph(4)) > 0.05
    sepia = Image.merge("RGB", [grey.getchannel(0).point(lambda v, k=k: round(v * k)) for k in (1, 0.85, 0.65)])
    assert measured(peak_chroma, sepia) > 0.04


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (30, 30, 30)])
@pytest.mark.parametrize("share", [0.05, 0.12, 0.2])
def test_letterbox_bars_are_measured_on_each_side(colour, share):
    image = photograph(6, (400, 400))
    lines = round(400 * share)
    image.paste(colour, (0, 0, 400, lines))
    image.paste(colour, (0, 400 - lines, 400, 400))
    assert measured(bars, image) == pytest.approx((0, share, 0, share), abs=0.006)
    assert measured(bars, image.transpose(Image.Transpose.ROTATE_90)) == pytest.approx((share, 0, share, 0), abs=0.006)
    assert measured(bars, compressed(image, 60)) == pytest.approx((0, share, 0, share), abs=0.012)


def test_what_ends_slowly_or_covers_all_is_no_bar():
    on_white = flat((255, 255, 255), (400, 400))
    ImageDraw.Draw(on_white).ellipse((100, 80, 300, 320), fill=(200, 30, 30))
    assert measured(bars, on_white) == (0, 0, 0, 0)
    assert measured(bars, flat((0, 0, 0))) == (0, 0, 0, 0)
    assert measured(bars, photograph(7)) == (0, 0, 0, 0)
    faded = Image.fromarray(np.repeat(np.linspace(0, 255, 400).astype(np.uint8)[:, None, None], 300, 1).repeat(3, 2))
    assert measured(bars, faded) == (0, 0, 0, 0)


def enlarged(image, factor, resampling=Image.Resampling.LANCZOS):
    small = image.resize((round(image.width / factor), round(image.height / factor)), Image.Resampling.LANCZOS)
    return small.resize(image.size, resampling)


@pytest.mark.parametrize("seed", range(4))
def test_an_enlarged_picture_has_less_detail_than_pixels(seed):
    whole = photograph(seed, (1024, 768))
    assert measured(detail_share, whole) == 1
    shares = [measured(detail_share, enlarged(whole, factor)) for factor in (1, 2, 3, 4)]
    assert falls(shares)
    assert shares[2] < 0.6
    assert measured(detail_share, compressed(enlarged(whole, 3), 90)) < 0.6


def test_grain_hides_an_enlargement_and_small_pictures_have_no_figure():
    assert measured(detail_share, grainy(enlarged(photograph(1, (1024, 768)), 3), 6)) == 1
    assert np.isnan(measured(detail_share, photograph(1, (60, 80))))


def test_detail_is_looked_for_before_a_picture_is_shrunk():
    # At working size the enlargement by 2 of a picture of 1024 pixels cannot be seen.
    twice = enlarged(photograph(2, (1024, 768)), 2)
    small = twice.resize((512, 384), Image.Resampling.LANCZOS)
    assert measured(detail_share, twice) < 0.9
    assert measured(detail_share, small) == 1
