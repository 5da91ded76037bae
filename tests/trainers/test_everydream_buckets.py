"""EveryDream2's tables against what its own code did, and the choice against a slow second implementation."""

import random

import numpy as np
import pytest

from tagmetry.trainers import everydream


def one(width, height, resolution=512):
    found = everydream.image_buckets(np.array([width]), np.array([height]), resolution)
    return None if found.stops[0] else (int(found.width[0]), int(found.height[0]))


def slow(width, height, resolution):
    """Bucket and kept size, image by image, as the facts tell them; None where nothing would be left."""
    ratio = width / height
    table = [tuple(size) for size in everydream.bucket_table(resolution).tolist()]
    bucket = min(table, key=lambda size: abs(size[0] / size[1] - ratio))
    target = bucket[0] / bucket[1]
    kept = (width, height)
    if ratio > target:
        kept = (int(height * target), height)
    elif ratio < target:
        kept = (width, int(width / target))
    return None if 0 in kept else (bucket, kept)


def test_thousands_of_random_images_fall_where_the_slow_implementation_puts_them():
    generator = random.Random(0)
    for resolution in (*everydream.RESOLUTIONS, 500, 1000, 1599):
        sizes = [(generator.randint(1, 5000), generator.randint(1, 5000)) for _ in range(100)]
        sizes += [(generator.randint(1, 40), generator.randint(1, 40)) for _ in range(30)]
        widths, heights = (np.array(side) for side in zip(*sizes, strict=True))
        found = everydream.image_buckets(widths, heights, resolution)
        for row, (width, height) in enumerate(sizes):
            expected = slow(width, height, resolution)
            assert found.stops[row] == (expected is None), (width, height, resolution)
            if expected is None:
                continue
            bucket, kept = expected
            assert (found.width[row], found.height[row]) == bucket, (width, height, resolution)
            assert found.crop_loss[row] == pytest.approx(1 - kept[0] * kept[1] / (width * height))
            assert found.upscaled[row] == (found.scale[row] > 1)
            whole = (found.resized_width[row], found.resized_height[row])
            assert whole[0] >= bucket[0]
            assert whole[1] >= bucket[1]
            assert whole[0] == bucket[0] or whole[1] == bucket[1]


@pytest.mark.parametrize("resolution", everydream.RESOLUTIONS)
def test_no_two_buckets_of_a_table_share_a_shape(resolution):
    table = everydream.bucket_table(resolution)
    assert table[0].tolist() == [resolution, resolution]
    assert len(set((table[:, 0] / table[:, 1]).tolist())) == len(table)


def test_the_table_of_512():
    assert everydream.bucket_table(512).tolist() == [
        [512, 512], [576, 448], [448, 576], [640, 384], [384, 640], [768, 320], [320, 768], [896, 256], [256, 896],
        [1024, 256], [256, 1024],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("resolution", "n"),
    [(256, 5), (448, 7), (640, 15), (768, 17), (896, 13), (960, 15), (1024, 15), (1152, 17), (1280, 15), (1536, 17)],
)
def test_tables_have_as_many_buckets_as_the_trainers(resolution, n):
    assert len(everydream.bucket_table(resolution)) == n


def test_two_portrait_shapes_are_miswritten_and_used_as_they_stand():
    assert [576, 640] in everydream.bucket_table(320).tolist()
    assert [128, 576] not in everydream.bucket_table(320).tolist()
    assert one(1000, 1120, 320) == (576, 640)
    assert [1408, 1344] in everydream.bucket_table(1280).tolist()
    assert [1152, 1408] not in everydream.bucket_table(1280).tolist()
    assert one(1152, 1408, 1280) == (1024, 1600)


def test_one_shape_of_960_is_no_multiple_of_64():
    assert [1680, 576] in everydream.bucket_table(960).tolist()


def test_every_shape_of_a_table_takes_an_image_of_its_size_as_it_is():
    for resolution in everydream.RESOLUTIONS:
        table = everydream.bucket_table(resolution)
        found = everydream.image_buckets(table[:, 0], table[:, 1], resolution)
        assert np.stack([found.width, found.height], axis=1).tolist() == table.tolist()
        assert (found.scale == 1).all()
        assert (found.crop_loss == 0).all()


def test_a_resolution_without_a_table_is_not_taken():
    for resolution in (64, 255, 1216, 1344, 1408, 1472, 1600, 2048):
        assert everydream.image_buckets(np.array([800]), np.array([800]), resolution) is None
        with pytest.raises(ValueError, match=str(resolution)):
            everydream.bucket_table(resolution)


def test_500_uses_the_table_of_448():
    assert one(800, 800, 500) == (448, 448)


def test_a_panorama_is_cut_to_four_to_one():
    found = everydream.image_buckets(np.array([8000]), np.array([1000]), 512)
    assert (found.width[0], found.height[0], found.crop_loss[0]) == (1024, 256, 0.5)


def test_small_images_are_scaled_up():
    found = everydream.image_buckets(np.array([256]), np.array([256]), 512)
    assert (found.scale[0], found.upscaled[0]) == (2.0, True)


def test_a_sliver_that_is_cut_to_nothing_stops_the_trainer():
    assert one(1, 3) is None
    assert one(10, 30) == (256, 896)
    assert one(0, 0) is None


def test_undersized_is_below_the_area_with_four_percent_and_no_side_as_the_bucket():
    widths, heights = np.array([520, 523, 512, 511]), np.array([520, 523, 300, 511])
    found = everydream.image_buckets(widths, heights, 512)
    assert everydream.undersized(widths, heights, found).tolist() == [True, False, True, True]
    same_side = everydream.image_buckets(np.array([512]), np.array([500]), 512)
    assert everydream.undersized(np.array([512]), np.array([500]), same_side).tolist() == [False]


@pytest.mark.parametrize(("images", "batches"), [(0, 0), (3, 1), (4, 1), (5, 2)])
def test_a_short_batch_is_filled(images, batches):
    bucket = np.zeros(images, dtype=np.int64)
    assert int(everydream.batches_per_bucket(bucket, np.ones(images), 4).sum()) == batches


def test_steps_add_up_the_buckets():
    bucket, exposures = np.array([0, 0, 1, 1, 1]), np.array([2.0, 3.0, 1.0, 1.0, 2.0])
    assert everydream.batches_per_bucket(bucket, exposures, 4).tolist() == [2, 1]
    assert everydream.steps_per_epoch(bucket, exposures, batch_size=4) == 3
    assert everydream.steps_per_epoch(bucket, exposures, batch_size=4, gradient_accumulation=2) == 2


def test_fractions_that_add_up_to_a_batch_make_no_second_one():
    assert everydream.batches_per_bucket(np.zeros(10, dtype=np.int64), np.full(10, 0.1), 1).tolist() == [1]


def test_the_loss_of_a_filled_batch_is_scaled_down():
    assert everydream.last_batch_loss_scale(0, 4) == 1
    assert everydream.last_batch_loss_scale(1, 4) == 0.125
    assert everydream.last_batch_loss_scale(3, 4) == pytest.approx(0.6495, abs=1e-4)


@pytest.mark.parametrize(
    ("images", "batch_size", "warns"),
    [(0, 4, False), (1, 4, True), (2, 4, True), (3, 4, False), (4, 4, True), (7, 4, False), (8, 4, False), (5, 4, True),
     (6, 4, False), (1, 1, True), (2, 1, False)],
)  # fmt: skip
def test_the_trainer_warns_of_copies_and_takes_a_full_bucket_for_one_that_lacks_a_batch(images, batch_size, warns):
    assert everydream.warns_of_copies(images, batch_size) == warns
