"""The choice of buckets against a slow second implementation, image by image, and cases from the trainer itself."""

import math
import random

import numpy as np
import pytest

from tagmetry.trainers.kohya import BucketSettings, adjusted_limits, bucket_list, buckets


def sizes(settings):
    return [tuple(size) for size in bucket_list(settings).tolist()]


def one(width, height, settings):
    result = buckets(np.array([width]), np.array([height]), settings)
    if result.stops[0]:
        return None
    return (
        (int(result.width[0]), int(result.height[0])),
        (int(result.resized_width[0]), int(result.resized_height[0])),
    )


def slow_list(width, height, *, step, least, most):
    area = width * height
    square = math.floor(math.sqrt(area) / step) * step
    found = [(square, square)]
    side = least
    while side <= most:
        other = min(most, math.floor(math.floor(area / side) / step) * step)
        if other >= least:
            found += [(side, other), (other, side)]
        side += step
    return sorted(set(found))


def slow(width, height, settings):
    """Bucket and resized size as the facts tell them, without numpy; None where the trainer fails."""
    step = settings.bucket_reso_steps
    area = settings.resolution[0] * settings.resolution[1]
    ratio = width / height
    if settings.enable_bucket and settings.bucket_no_upscale:
        try:
            resized = slow_shrunk(width, height, area, step) if width * height > area else (width, height)
        except ZeroDivisionError:
            return None
        bucket = (resized[0] // step * step, resized[1] // step * step)
        return (bucket, resized) if 0 not in bucket else None
    listed = [settings.resolution]
    if settings.enable_bucket:
        least, most = adjusted_limits(settings.min_bucket_reso, settings.max_bucket_reso, step)
        listed = slow_list(*settings.resolution, step=step, least=least, most=most)
    if (width, height) in listed:
        bucket = (width, height)
    else:
        bucket = min(listed, key=lambda size: abs(size[0] / size[1] - ratio))
    scale = bucket[1] / height if ratio > bucket[0] / bucket[1] else bucket[0] / width
    return bucket, (int(width * scale + 0.5), int(height * scale + 0.5))


def slow_shrunk(width, height, area, step):
    ratio = width / height

    def down(side):
        return int(side + 0.5) // step * step

    ideal = math.sqrt(area * ratio)
    w1 = down(ideal)
    h1 = down(w1 / ratio)
    h2 = down(area / ideal)
    w2 = down(h2 * ratio)
    if abs(w1 / h1 - ratio) < abs(w2 / h2 - ratio):
        return w1, int(w1 / ratio + 0.5)
    return int(h2 * ratio + 0.5), h2


def random_settings(generator):
    side = generator.choice([512, 500, 640, 768, 832, 1024])
    while True:
        settings = BucketSettings(
            (side, generator.choice([side, side, 512, 768, 1024])),
            enable_bucket=generator.random() < 0.9,
            min_bucket_reso=generator.choice([64, 128, 256, 300]),
            max_bucket_reso=generator.choice([1000, 1024, 1536, 2048]),
            bucket_reso_steps=generator.choice([8, 16, 32, 64, 64, 128]),
            bucket_no_upscale=generator.random() < 0.4,
        )
        if settings.fault() is None:
            return settings


def test_thousands_of_random_images_fall_where_the_slow_implementation_puts_them():
    generator = random.Random(0)
    for _ in range(100):
        settings = random_settings(generator)
        widths = [generator.choice([generator.randint(1, 6000), 64 * generator.randint(1, 32)]) for _ in range(40)]
        heights = [generator.choice([generator.randint(1, 6000), 64 * generator.randint(1, 32)]) for _ in range(40)]
        result = buckets(np.array(widths), np.array(heights), settings)
        for row, (width, height) in enumerate(zip(widths, heights, strict=True)):
            expected = slow(width, height, settings)
            got = (
                (int(result.width[row]), int(result.height[row])),
                (int(result.resized_width[row]), int(result.resized_height[row])),
            )
            if expected is None:
                assert result.stops[row], (width, height, settings)
                continue
            (bucket, resized), loss = expected, float(result.crop_loss[row])
            assert not result.stops[row]
            assert got == expected, (width, height, settings)
            assert loss == pytest.approx(1 - bucket[0] * bucket[1] / (resized[0] * resized[1]))
            assert result.upscaled[row] == (resized[0] * resized[1] > width * height or result.scale[row] > 1)


def test_default_upper_limit_keeps_sides_at_1024_for_resolution_1024():
    settings = BucketSettings((1024, 1024), enable_bucket=True)
    assert max(max(size) for size in sizes(settings)) == 1024
    assert one(1600, 900, settings) == ((1024, 576), (1024, 576))


def test_a_higher_upper_limit_uses_the_whole_area():
    settings = BucketSettings((1024, 1024), enable_bucket=True, max_bucket_reso=2048)
    assert one(1600, 900, settings) == ((1344, 768), (1365, 768))


def test_buckets_of_512():
    assert sizes(BucketSettings((512, 512), enable_bucket=True)) == [
        (256, 832), (256, 896), (256, 960), (256, 1024), (320, 704), (320, 768), (384, 640), (448, 576),
        (512, 512), (576, 448), (640, 384), (704, 320), (768, 320), (832, 256), (896, 256), (960, 256),
        (1024, 256),
    ]  # fmt: skip


def test_a_resolution_off_the_step_loses_area():
    settings = BucketSettings((500, 500), enable_bucket=True)
    assert one(800, 800, settings) == ((448, 448), (448, 448))


def test_small_images_are_scaled_up():
    result = buckets(np.array([256]), np.array([256]), BucketSettings((512, 512), enable_bucket=True))
    assert result.scale.tolist() == [2.0]
    assert result.upscaled.tolist() == [True]


def test_an_image_of_its_buckets_size_is_neither_scaled_nor_cropped():
    result = buckets(np.array([512]), np.array([512]), BucketSettings((512, 512), enable_bucket=True))
    assert (result.scale.tolist(), result.crop_loss.tolist()) == ([1.0], [0.0])
    assert result.upscaled.tolist() == [False]


def test_every_bucket_takes_images_of_its_own_size_as_they_are():
    settings = BucketSettings((1024, 1024), enable_bucket=True, max_bucket_reso=2048)
    listed = bucket_list(settings)
    result = buckets(listed[:, 0], listed[:, 1], settings)
    assert np.stack([result.width, result.height], axis=1).tolist() == listed.tolist()
    assert (result.scale == 1).all()
    assert (result.crop_loss == 0).all()


def test_without_buckets_there_is_one_size():
    settings = BucketSettings((512, 768))
    assert one(1000, 1000, settings) == ((512, 768), (768, 768))
    assert one(100, 1000, settings) == ((512, 768), (512, 5120))


def test_no_upscale_leaves_small_images_and_cuts_them_to_the_step():
    settings = BucketSettings((512, 512), enable_bucket=True, bucket_no_upscale=True)
    assert one(300, 200, settings) == ((256, 192), (300, 200))
    assert one(1024, 1024, settings) == ((512, 512), (512, 512))


def test_no_upscale_stops_on_a_side_below_the_step():
    settings = BucketSettings((512, 512), enable_bucket=True, bucket_no_upscale=True)
    assert one(200, 50, settings) is None
    assert one(50, 200, settings) is None
    assert one(64, 64, settings) == ((64, 64), (64, 64))
    assert one(63, 64, settings) is None
    assert one(20000, 30, settings) is None


def test_an_image_without_a_size_stops_the_trainer():
    for no_upscale in (False, True):
        settings = BucketSettings((512, 512), enable_bucket=True, bucket_no_upscale=no_upscale)
        assert one(0, 0, settings) is None


def test_no_images_give_empty_columns():
    empty = np.zeros(0, dtype=np.int64)
    for no_upscale in (False, True):
        result = buckets(empty, empty, BucketSettings((512, 512), True, bucket_no_upscale=no_upscale))
        assert len(result.width) == len(result.stops) == 0


@pytest.mark.parametrize(
    ("least", "most", "steps", "adjusted"),
    [(256, 1024, 64, (256, 1024)), (300, 1000, 64, (256, 1024)), (63, 65, 64, (0, 128))],
)
def test_limits_are_moved_outward_to_multiples_of_the_step(least, most, steps, adjusted):
    assert adjusted_limits(least, most, steps) == adjusted


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"min_bucket_reso": 512}, None),
        ({"min_bucket_reso": 575}, None),
        ({"min_bucket_reso": 576}, "min-above-resolution"),
        ({"max_bucket_reso": 449}, None),
        ({"max_bucket_reso": 448}, "max-below-resolution"),
        ({"min_bucket_reso": 64}, None),
        ({"min_bucket_reso": 63}, "min-below-steps"),
        ({"min_bucket_reso": 63, "bucket_no_upscale": True}, None),
        ({"bucket_reso_steps": 0}, "steps-not-positive"),
        ({"bucket_reso_steps": 0, "enable_bucket": False}, None),
        ({"min_bucket_reso": 900, "enable_bucket": False}, None),
    ],
)
def test_settings_that_the_trainer_refuses(changes, fault):
    settings = BucketSettings(**({"resolution": (512, 512), "enable_bucket": True} | changes))
    assert settings.fault() == fault
    if fault is not None:
        with pytest.raises(ValueError, match=fault):
            bucket_list(settings)
