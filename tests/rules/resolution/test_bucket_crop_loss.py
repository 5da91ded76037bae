import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.resolution.bucket_crop_loss import rule


def hats(*sizes, trainer="kohya", resolution=512, **profile):
    return dataset(concept("1_hat", sizes=list(sizes)), trainer=trainer, resolution=resolution, **profile)


def test_a_panorama_is_cut_to_the_widest_bucket():
    found = findings(rule, hats((512, 512), (4000, 500), (512, 512)))
    assert subjects(found) == ["hats"]
    assert found[0].subject.paths == ("1_hat/001.png",)
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["1 of 3 training images will lose more than 15 %, 50 % of 1_hat/001.png"]
    assert figures(found) == [("crop_loss", 0.5, 0.15, "limit", "share")]
    assert remedies(rule, found[0]) == [
        "crop them yourself to a shape that the trainer has: tagmetry preview lists its buckets"
    ]


def test_the_worst_stands_first():
    found = findings(rule, hats((3000, 500), (4000, 500)))
    assert found[0].subject.paths == ("1_hat/001.png", "1_hat/000.png")
    assert texts(rule, found) == ["2 of 2 training images will lose more than 15 %, at most 50 % of 1_hat/001.png"]


def test_both_sides_of_the_limit():
    # 1280 x 256 is cut to 1024 x 256: a fifth.
    assert findings(rule, hats((1280, 256)), limit=0.2) == []
    assert figures(findings(rule, hats((1280, 256)), limit=0.199))[0][1] == pytest.approx(0.2)


def test_the_trainers_have_buckets_of_their_own():
    # 2:1 is between 640 x 384 and 768 x 320 of EveryDream2; kohya has 704 x 320.
    assert findings(rule, hats((1000, 500))) == []
    assert len(findings(rule, hats((1000, 500), trainer="everydream"))) == 1


def test_kohya_sees_the_stored_pixels():
    lying = concept("1_hat", sizes=[(500, 4000)], exif_orientation=6)
    (found,) = findings(rule, dataset(lying, trainer="kohya", resolution=512))
    assert found.subject.paths == ("1_hat/000.png",)


def test_images_that_are_not_trained_are_left_alone():
    wide = concept("1_hat", names=["a.png", "b.Jpg"], sizes=[(512, 512), (4000, 500)])
    reg = concept("reg", sizes=[(4000, 500)], role="regularization")
    assert findings(rule, dataset(wide, reg, trainer="kohya", resolution=512)) == []


def test_without_trainer_or_resolution_it_is_skipped():
    assert skips(rule, hats((9, 9), trainer=None)) == ["no trainer is named: set profile.trainer or use --trainer"]
    assert skips(rule, hats((9, 9), trainer="musubi")) == ["what this trainer does with images is not modelled yet"]
    assert skips(rule, hats((9, 9), resolution=None)) == [
        "no training resolution is known: use --base-model or --set profile.resolution=1024"
    ]
    assert skips(rule, hats((9, 9), trainer="everydream", resolution=1344)) == ["the trainer takes no such resolution"]
    assert skips(rule, dataset(trainer="kohya", resolution=512)) == ["there are no training images"]
