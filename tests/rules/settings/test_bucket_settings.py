"""Buckets as a config sets them, and what they do to the images."""

import pytest

from rule_testing import concept, dataset, figures, findings, severities, skips, texts, training_config
from tagmetry.rules.resolution import orientation_ignored, too_thin_for_bucket
from tagmetry.rules.settings import bucket_limit_tight, bucketing_off, resolution_off_step


def configured(keys, sizes, **images):
    text = f'[[datasets]]\n{keys}\n[[datasets.subsets]]\nimage_dir = "hat"\n'
    return dataset(concept("hat", n=len(sizes), sizes=sizes, **images), config=training_config(text))


def test_wide_pictures_without_room_for_their_long_side_are_found():
    rule = bucket_limit_tight.rule
    sizes = [(1024, 1024), (1600, 900), (1300, 1000)]
    found = findings(rule, configured("resolution = 1024\nenable_bucket = true\nmax_bucket_reso = 1024", sizes))
    assert texts(rule, found) == [
        (
            "max_bucket_reso 1024 leaves no room beside 1024 × 1024: 2 of 3 images are trained at as little as 57 % of "
            "the area that they would have"
        )
    ]
    assert (found[0].location.line, found[0].subject.paths[1:]) == (4, ("hat/001.png", "hat/002.png"))
    assert found[0].values["wanted"] == "2048"


def test_the_trainers_own_limit_of_1024_counts_where_nothing_is_set():
    sizes = [(1600, 900)]
    (found,) = findings(bucket_limit_tight.rule, configured("resolution = 1024\nenable_bucket = true", sizes))
    assert found.location.line == 1


@pytest.mark.parametrize(
    "keys",
    [
        "resolution = 1024\nenable_bucket = true\nmax_bucket_reso = 2048",
        "resolution = 512\nenable_bucket = true",
        "resolution = 1024\nenable_bucket = false",
        "resolution = 1024\nenable_bucket = true\nbucket_no_upscale = true",
    ],
)
def test_room_enough_is_fine(keys):
    assert findings(bucket_limit_tight.rule, configured(keys, [(1600, 900)])) == []


def test_square_pictures_need_no_room():
    data = configured("resolution = 1024\nenable_bucket = true\nmax_bucket_reso = 1024", [(1024, 1024)])
    assert findings(bucket_limit_tight.rule, data) == []


@pytest.mark.parametrize(("side", "expected"), [(512, 0), (500, 1), (768, 0)])
def test_a_resolution_beside_the_step_is_found(side, expected):
    found = findings(resolution_off_step.rule, configured(f"resolution = {side}\nenable_bucket = true", [(500, 500)]))
    assert len(found) == expected


def test_what_a_resolution_beside_the_step_costs_is_told():
    rule = resolution_off_step.rule
    found = findings(rule, configured("resolution = 500\nenable_bucket = true", [(500, 500)]))
    assert texts(rule, found) == [
        "the resolution 500 × 500 is no multiple of 64: 1 images are trained at 20 % less than its area"
    ]
    assert findings(rule, configured("resolution = 500", [(500, 500)])) == []


def test_shapes_without_buckets_are_found():
    rule = bucketing_off.rule
    found = findings(rule, configured("resolution = 512\nenable_bucket = false", [(512, 512), (1024, 768)]))
    assert texts(rule, found) == [
        (
            "enable_bucket is off, and 1 of 2 images have another shape than 512 × 512: they are cut to it where "
            "latents are cached, and stop the trainer where they are not"
        )
    ]
    assert figures(found) == [("crop_loss", 0.25, 0.02, "tolerance", "share")]
    assert found[0].location.line == 3
    assert findings(rule, configured("resolution = 512", [(512, 512), (900, 900)])) == []
    assert findings(rule, configured("resolution = 512\nenable_bucket = true", [(1024, 768)])) == []


@pytest.mark.parametrize(("width", "expected"), [(1044, 0), (1046, 1)])
def test_a_small_difference_of_shape_is_let_pass(width, expected):
    assert len(findings(bucketing_off.rule, configured("resolution = 512", [(width, 1024)]))) == expected


def test_cached_latents_are_cut_to_size():
    text = '[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "hat"\n'
    config = training_config(text, "cache_latents = true\nseed = 1")
    rule = bucketing_off.rule
    found = findings(rule, dataset(concept("hat", n=1, sizes=(1024, 512)), config=config))
    assert texts(rule, found) == [
        "enable_bucket is off, so 1 of 1 images are cut to 512 × 512, at most 50 % of the picture"
    ]


def test_pictures_thinner_than_the_step_stop_the_trainer():
    rule = too_thin_for_bucket.rule
    keys = "resolution = 512\nenable_bucket = true\nbucket_no_upscale = true"
    found = findings(rule, configured(keys, [(512, 512), (300, 50), (300, 64)]))
    assert texts(rule, found) == ["the trainer stops at 1 image that fits in no bucket: hat/001.png, 300 × 50"]
    assert severities(rule, found) == ["error"]
    assert findings(rule, configured("resolution = 512\nenable_bucket = true", [(300, 50)])) == []


def test_without_a_resolution_buckets_are_not_judged():
    assert skips(too_thin_for_bucket.rule, dataset(concept("hat", n=1), trainer="kohya")) == [
        "no training resolution is known: use --base-model or --set profile.resolution=1024"
    ]


def test_photographs_that_stay_on_their_side_are_found():
    rule = orientation_ignored.rule
    images = concept("1_hat", n=3, exif_orientation=[1, 6, 1])
    found = findings(rule, dataset(images, trainer="kohya"))
    assert texts(rule, found) == [
        (
            "1 of 3 images is trained lying on its side or mirrored: sd-scripts 0.10.1 (48d368fa) ignores the EXIF "
            "orientation"
        )
    ]
    assert found[0].subject.paths == ("1_hat/001.png",)
    assert findings(rule, dataset(images, trainer="everydream")) == []
    assert findings(rule, dataset(concept("1_hat", n=3), trainer="kohya")) == []
