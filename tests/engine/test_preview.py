"""A dataset with the trainer's eye, whole columns at a time."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rule_testing import concept, dataset
from tagmetry.preview import FATES, preview_of
from tagmetry.preview_data import preview_as_data


def seen(*concepts, trainer="kohya", **profile):
    return preview_of(dataset(*concepts, trainer=trainer, **profile))


def fates(found):
    return {path: FATES[fate] for path, fate in zip(found.dataset.paths, found.fate.tolist(), strict=True)}


def table(found):
    columns = found.table
    return list(
        zip(
            columns.width.tolist(), columns.height.tolist(), columns.images.tolist(), columns.exposures.tolist(),
            columns.batches.tolist(), columns.remainder.tolist(), strict=True,
        )
    )  # fmt: skip


def test_kohya_counts_images_exposures_batches_and_what_is_left():
    found = seen(
        concept("3_hat", sizes=[(1024, 1024)] * 3 + [(832, 1216)], repeats=3),
        resolution=1024,
        batch_size=4,
    )
    assert table(found) == [(1024, 1024, 3, 9.0, 3, 1.0), (832, 1216, 1, 3.0, 1, 3.0)]
    assert found.steps_per_epoch == 4
    assert found.exposures.tolist() == [3, 3, 3, 3]
    assert found.bucket_of.tolist() == [0, 0, 0, 1]


def test_everydream_counts_fractions():
    found = seen(concept("hat", n=10, repeats=0.25, sizes=(512, 512)), trainer="everydream", resolution=512)
    assert found.exposures == pytest.approx([0.2] * 10)
    assert table(found) == [(512, 512, 10, pytest.approx(2.0), 1, 0.0)]
    assert found.steps_per_epoch == 1


def test_regularization_is_brought_to_the_number_of_training_exposures():
    found = seen(
        concept("2_hat", n=3, repeats=2),
        concept("z_reg", n=4, role="regularization"),
        resolution=1024,
    )
    assert found.exposures.tolist() == [2, 2, 2, 2, 2, 1, 1]


def test_surplus_regularization_images_are_never_drawn():
    found = seen(concept("1_hat", n=2), concept("z_reg", n=4, role="regularization"), resolution=1024)
    assert list(fates(found).values()) == ["trained"] * 4 + ["surplus"] * 2
    assert found.trained.tolist() == [True] * 4 + [False] * 2
    assert found.bucket_of.tolist() == [0] * 4 + [-1] * 2


def test_held_out_images_are_not_trained():
    found = seen(concept("1_hat", n=1), concept("val", n=1, role="holdout"), resolution=1024)
    assert fates(found) == {"1_hat/000.png": "trained", "val/000.png": "role"}


def test_each_trainer_opens_its_own_suffixes():
    mixed = concept("1_hat", names=["a.Jpg", "b.jfif", "c.jpg"])
    assert fates(seen(mixed)) == {"1_hat/a.Jpg": "suffix", "1_hat/b.jfif": "suffix", "1_hat/c.jpg": "trained"}
    assert set(fates(seen(mixed, trainer="everydream")).values()) == {"trained"}


def test_kohya_takes_no_fractions():
    assert fates(seen(concept("hat", n=1, repeats=1.5))) == {"hat/000.png": "repeats"}
    assert fates(seen(concept("hat", n=1, repeats=1.5), trainer="everydream")) == {"hat/000.png": "trained"}


def test_kohya_stops_at_a_caption_file_without_a_byte():
    data = dataset(concept("1_hat", captions=["", "a"]), trainer="kohya")
    data = replace(data, captions=replace(data.captions, zero_bytes=frozenset({0})))
    assert fates(preview_of(data)) == {"1_hat/000.png": "empty-caption-file", "1_hat/001.png": "trained"}
    everydream = dataset(concept("1_hat", captions=["", "a"]), trainer="everydream")
    everydream = replace(everydream, captions=replace(everydream.captions, zero_bytes=frozenset({0})))
    assert set(fates(preview_of(everydream)).values()) == {"trained"}


def test_an_image_that_no_bucket_takes_stops_the_trainer_and_is_in_no_bucket():
    found = seen(concept("hat", sizes=[(1, 3), (512, 512)]), trainer="everydream", resolution=512)
    assert fates(found) == {"hat/000.png": "no-bucket", "hat/001.png": "trained"}
    assert found.buckets.stops.tolist() == [True, False]
    assert table(found) == [(512, 512, 1, 1.0, 1, 1.0)]


def test_kohya_sees_stored_pixels_and_leaves_pictures_lying():
    turned = concept("1_hat", sizes=[(832, 1216)] * 4, exif_orientation=[1, 2, 6, 8])
    found = seen(turned, resolution=1024)
    assert found.width.tolist() == [832, 832, 1216, 1216]
    assert found.buckets.width.tolist() == [832, 832, 1216, 1216]
    assert found.orientation_ignored.tolist() == [False, True, True, True]


def test_everydream_sees_pictures_as_they_are_displayed():
    found = seen(concept("hat", sizes=(832, 1216), exif_orientation=6), trainer="everydream", resolution=1024)
    assert (found.width.tolist(), found.height.tolist()) == ([832], [1216])
    assert found.orientation_ignored.tolist() == [False]


def test_tokens_are_kept_and_cut_at_the_limit():
    data = dataset(
        concept("1_hat", captions=["a", "b", "c", None]), tokens={"a": 74, "b": 75, "c": 76}, trainer="kohya"
    )
    found = preview_of(data)
    assert found.tokens_kept.tolist() == [74, 75, 75, 0]
    assert found.tokens_cut.tolist() == [0, 0, 1, 0]
    assert found.tokens.valid.tolist() == [True, True, True, False]


def test_a_larger_limit_cuts_later():
    data = dataset(concept("1_hat", captions=["a"]), tokens={"a": 151}, trainer="kohya", max_token_length=150)
    assert (preview_of(data).tokens_kept.tolist(), preview_of(data).tokens_cut.tolist()) == ([150], [1])


def test_without_a_resolution_there_are_no_buckets():
    found = seen(concept("1_hat", n=2))
    assert (found.buckets, found.table, found.steps_per_epoch, found.resolution_refused) == (None, None, None, False)
    assert found.bucket_of.tolist() == [-1, -1]


def test_a_resolution_that_the_trainer_refuses_is_said():
    found = seen(concept("hat", n=2), trainer="everydream", resolution=1344)
    assert (found.buckets, found.resolution_refused) == (None, True)


def test_the_batch_size_is_the_trainers_own_where_none_is_given():
    assert (seen(concept("hat")).batch_size, seen(concept("hat")).is_batch_size_given) == (1, False)
    assert seen(concept("hat"), trainer="everydream").batch_size == 2
    assert (seen(concept("hat"), batch_size=3).batch_size, seen(concept("hat"), batch_size=3).is_batch_size_given) == (
        3,
        True,
    )


def test_without_images_everything_is_empty():
    found = seen(resolution=1024)
    assert (found.n, len(found.table), found.steps_per_epoch) == (0, 0, 0)


@pytest.mark.parametrize("trainer", [None, "onetrainer"])
def test_a_trainer_without_a_model_is_a_key_error(trainer):
    with pytest.raises(KeyError):
        seen(concept("hat"), trainer=trainer)


def test_captions_come_from_files_folder_names_or_file_names():
    images = concept("5_sks dog", captions=["a, b", None], names=["x.png", "sks dog, sun_2.png"])
    assert seen(images).captions == (("sks dog", "class-tokens"), ("a, b", "file"))
    assert seen(images, trainer="everydream").captions == (("sks dog, sun", "file-name"), ("a, b", "file"))
    assert seen(concept("dogs", captions=[None])).captions == (("", "none"),)


def test_a_folder_name_of_the_root_counts_too():
    data = dataset(concept("dogs", captions=[None], folder="."), trainer="kohya", root="5_sks dog")
    assert preview_of(data).captions == (("sks dog", "class-tokens"),)


def test_everydream_drops_repeated_tags_and_takes_the_file_name_where_there_is_no_prompt():
    images = concept("hat", captions=["a, b, b", ", c"], names=["x.png", "y_1.png"])
    assert seen(images, trainer="everydream").captions == (("a, b", "file"), ("y, c", "file-name"))


def test_the_columns_are_those_of_single_images():
    """Against each image by itself: nothing in a column depends on its neighbours but the batches."""
    generator = np.random.default_rng(1)
    sizes = [tuple(size) for size in generator.integers(40, 3000, (60, 2)).tolist()]
    for trainer in ("kohya", "everydream"):
        together = seen(concept("hat", sizes=sizes), trainer=trainer, resolution=768)
        for row, size in enumerate(sizes):
            alone = seen(concept("hat", sizes=[size]), trainer=trainer, resolution=768)
            assert alone.buckets.width[0] == together.buckets.width[row]
            assert alone.buckets.height[0] == together.buckets.height[row]
            assert alone.buckets.scale[0] == together.buckets.scale[row]
            assert alone.buckets.crop_loss[0] == together.buckets.crop_loss[row]
        assert int(together.table.images.sum()) == 60
        assert float(together.table.exposures.sum()) == 60.0


def test_the_data_tells_every_image():
    data = preview_as_data(
        seen(
            concept("2_hat", captions=["a, b", None], sizes=[(512, 512), (1500, 1000)], repeats=2),
            concept("val", n=1, role="holdout"),
            resolution=1024,
            batch_size=4,
        )
    )
    assert json.loads(json.dumps(data)) == data
    assert data["totals"] == {
        "images": 3,
        "trained": 2,
        "stops": 0,
        "exposures": 4.0,
        "steps_per_epoch": 2,
        "validation_by_default": 0,
    }
    once = {"images": 1, "exposures": 2.0, "batches": 1, "remainder": 2.0, "dataset": 0, "batch_size": 4}
    square, wide = {"upscaled": 1, "most_cut": 0.0}, {"upscaled": 0, "most_cut": 0.025641}
    assert data["buckets"] == [
        {"width": 1024, "height": 1024, **once, **square},
        {"width": 1216, "height": 832, **once, **wide},
    ]
    assert data["images"][0] == {
        "path": "2_hat/000.png",
        "fate": "trained",
        "exposures": 2.0,
        "width": 512,
        "height": 512,
        "orientation_ignored": False,
        "bucket": {"width": 1024, "height": 1024, "scale": 2.0, "crop_loss": 0.0, "upscaled": True},
        "caption": {"text": "a, b", "source": "file", "tokens": 3, "tokens_kept": 3, "tokens_cut": 0},
    }
    assert data["images"][1]["bucket"]["crop_loss"] == pytest.approx(0.026, abs=1e-3)
    assert data["images"][1]["caption"] == {
        "text": "hat",
        "source": "class-tokens",
        "tokens": None,
        "tokens_kept": None,
        "tokens_cut": None,
    }
    assert (data["images"][2]["fate"], data["images"][2]["bucket"]) == ("role", None)
