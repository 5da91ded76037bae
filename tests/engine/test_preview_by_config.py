"""The preview with a trainer's config: its buckets, batches, repeats and captions."""

import json

import numpy as np
import pytest

from rule_testing import concept, dataset, training_config
from tagmetry.preview import FATES, preview_of
from tagmetry.trainers import kohya


def seen(text, *concepts, options="", **profile):
    config = training_config(text, *([options] if options else []))
    return preview_of(dataset(*concepts, config=config, **profile))


def config(*subsets, upper="resolution = 512\nenable_bucket = true\nbatch_size = 4", general=""):
    tables = "".join(f"[[datasets.subsets]]\n{subset}\n" for subset in subsets)
    return f"[general]\n{general}\n[[datasets]]\n{upper}\n{tables}"


def fates(preview):
    return [FATES[fate] for fate in preview.fate]


def test_buckets_are_those_of_the_config_and_not_the_usual_ones():
    image = concept("hat", n=1, sizes=(1600, 900))
    upper = "resolution = 1024\nenable_bucket = true"
    tight = seen(config('image_dir = "hat"', upper=upper), image)
    roomy = seen(config('image_dir = "hat"', upper=upper + "\nmax_bucket_reso = 2048"), image)
    assert (tight.table.width.tolist(), tight.table.height.tolist()) == ([1024], [576])
    assert (roomy.table.width.tolist(), roomy.table.height.tolist()) == ([1344], [768])
    off = seen(config('image_dir = "hat"', upper="resolution = [768, 512]"), image)
    assert (off.table.width.tolist(), off.table.height.tolist()) == ([768], [512])


def test_repeats_and_batches_are_those_of_the_config():
    preview = seen(
        config('image_dir = "a"\nnum_repeats = 3', 'image_dir = "b"'),
        concept("a", n=2, sizes=(512, 512)),
        concept("b", n=3, sizes=(512, 512)),
    )
    assert preview.exposures.tolist() == [3, 3, 1, 1, 1]
    assert (preview.table.batches.tolist(), preview.table.remainder.tolist(), preview.steps_per_epoch) == (
        [3],
        [1.0],
        3,
    )


def test_steps_are_divided_by_the_accumulated_batches():
    preview = seen(
        config('image_dir = "a"\nnum_repeats = 3'),
        concept("a", n=3, sizes=(512, 512)),
        options="gradient_accumulation_steps = 2\nseed = 1",
    )
    assert (preview.table.batches.tolist(), preview.steps_per_epoch) == ([3], 2)


def test_regularization_is_evened_out_in_each_dataset_by_itself():
    text = config('image_dir = "a"\nnum_repeats = 2', 'image_dir = "reg"\nis_reg = true')
    text += '[[datasets]]\nresolution = 768\n[[datasets.subsets]]\nimage_dir = "b"\n'
    preview = seen(
        text,
        concept("a", n=2, sizes=(512, 512)),
        concept("b", n=9, sizes=(768, 768)),
        concept("reg", n=6, role="regularization", sizes=(512, 512)),
    )
    assert preview.exposures.tolist() == [2, 2, *[1] * 9, 1, 1, 1, 1, 0, 0]
    assert fates(preview)[-2:] == ["surplus", "surplus"]


def test_two_resolutions_of_one_folder_are_batched_apart():
    text = config('image_dir = "a"\nnum_repeats = 2')
    text += '[[datasets]]\nresolution = 1024\nbatch_size = 8\n[[datasets.subsets]]\nimage_dir = "a"\nnum_repeats = 3\n'
    preview = seen(text, concept("a", n=4, sizes=(512, 512)))
    table = preview.table
    assert (table.width.tolist(), table.dataset.tolist(), table.batch_size.tolist()) == ([512, 1024], [0, 1], [4, 8])
    assert (table.batches.tolist(), table.upscaled.tolist()) == ([2, 2], [0, 4])
    assert preview.exposures.tolist() == [5.0] * 4
    assert (preview.steps_per_epoch, preview.bucket_of.tolist()) == (4, [0] * 4)


def test_a_subset_that_is_ignored_is_not_trained():
    preview = seen(
        config('image_dir = "a"\nnum_repeats = 0', 'image_dir = "b"', 'image_dir = "b"\nnum_repeats = 7'),
        concept("a", n=1),
        concept("b", n=1),
    )
    assert fates(preview) == ["repeats", "trained"]
    assert preview.exposures.tolist() == [0.0, 1.0]


def test_images_that_no_bucket_takes_stop_the_trainer():
    upper = "resolution = 512\nenable_bucket = true\nbucket_no_upscale = true"
    preview = seen(config('image_dir = "a"', upper=upper), concept("a", n=2, sizes=[(400, 50), (400, 300)]))
    assert fates(preview) == ["no-bucket", "trained"]
    assert (preview.buckets.width.tolist(), preview.buckets.scale.tolist()) == ([0, 384], [0.0, 1.0])


def test_settings_at_which_the_trainer_does_not_start_give_no_buckets():
    upper = "resolution = 512\nenable_bucket = true\nmin_bucket_reso = 32"
    preview = seen(config('image_dir = "a"', upper=upper), concept("a", n=1))
    assert (preview.buckets, preview.table, preview.steps_per_epoch) == (None, None, None)


def test_captions_are_told_as_the_subset_makes_them():
    general = 'caption_extension = ".txt"\ncaption_prefix = "art,"\nenable_wildcard = true'
    preview = seen(
        config('image_dir = "a"', 'image_dir = "b"\nclass_tokens = "zq hat"', general=general),
        concept("a", captions=["sks, {red|blue} hat", None]),
        concept("b", captions=[None]),
    )
    assert preview.captions == (
        ("art, sks, red hat", "file"),
        ("art, ", "none"),
        ("art, zq hat", "class-tokens"),
    )


def test_captions_of_an_ending_that_is_not_read_are_not_trained():
    from tagmetry.trainers import Place, PlacedProblem

    text = config('image_dir = "a"\nclass_tokens = "zq hat"')
    unseen = PlacedProblem("captions-elsewhere", Place("config.toml"), paths=("a/000.png",),
                           values={"n": 1, "total": 1, "extension": ".caption", "found": ".txt"})  # fmt: skip
    data = dataset(concept("a", captions=["sks, hat"]), config=training_config(text, problems=[unseen]))
    assert preview_of(data).captions == (("zq hat", "class-tokens"),)


def test_a_resolution_that_is_asked_for_shows_the_usual_buckets():
    text = config('image_dir = "hat"\nnum_repeats = 3', upper="resolution = 512\nenable_bucket = false\nbatch_size = 4")
    preview = seen(text, concept("hat", n=1, sizes=(1600, 900), repeats=3), resolution=1024)
    assert preview.config is None
    assert (preview.table.width.tolist(), preview.table.height.tolist()) == ([1344], [768])
    assert seen(text, concept("hat", n=1), batch_size=2).table.batch_size.tolist() == [2]


def test_a_train_json_gives_resolution_batch_size_and_validation():
    text = json.dumps(
        {"data_root": "a", "resolution": 768, "batch_size": 3, "validation_config": "validation_default.json"}
    )
    preview = seen(text, concept("a", n=20, sizes=(768, 768)))
    assert (preview.table.width.tolist(), preview.table.batch_size.tolist(), preview.held_out) == ([768], [3], 3)
    without = seen(json.dumps({"data_root": "a", "resolution": 768}), concept("a", n=20))
    assert without.held_out == 0


@pytest.mark.parametrize("seed", range(4))
def test_by_config_and_by_hand_come_to_the_same(seed):
    generator = np.random.default_rng(seed)
    sizes = [tuple(int(side) for side in pair) for pair in generator.integers(64, 3000, (300, 2))]
    upper = (
        "resolution = [832, 640]\nenable_bucket = true\nmin_bucket_reso = 320\nmax_bucket_reso = 1536\nbatch_size = 3"
    )
    preview = seen(config('image_dir = "a"\nnum_repeats = 2', upper=upper), concept("a", n=300, sizes=sizes))
    chosen = kohya.BucketSettings((832, 640), enable_bucket=True, min_bucket_reso=320, max_bucket_reso=1536)
    by_hand = kohya.buckets(*np.array(sizes).T, chosen)
    assert (preview.buckets.width == by_hand.width).all()
    assert (preview.buckets.crop_loss == by_hand.crop_loss).all()
    batches = 0
    for size in set(zip(by_hand.width.tolist(), by_hand.height.tolist(), strict=True)):
        n = 2 * int(((by_hand.width == size[0]) & (by_hand.height == size[1])).sum())
        batches += -(-n // 3)
    assert preview.steps_per_epoch == batches
