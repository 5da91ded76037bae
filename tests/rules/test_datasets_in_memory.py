"""The datasets that the tests of rules are made of look like those that the engine makes."""

import numpy as np
import pytest

from rule_testing import concept, dataset, orphan, problem
from tagmetry.feature import Feature


def test_rows_are_in_path_order_whatever_the_order_of_concepts():
    data = dataset(concept("hat", n=2), concept("cap", n=1, sizes=[(640, 480)]))
    assert data.paths == ("cap/000.png", "hat/000.png", "hat/001.png")
    assert data.samples.short_side_px.tolist() == [480, 1024, 1024]
    assert [(part.name, part.n) for part in data.training_concepts] == [("cap", 1), ("hat", 2)]


def test_tags_are_counted_once_per_image_by_their_form():
    (hat,) = dataset(concept("hat", captions=["Red_Hat, red hat, cap", "red hat", None])).concepts
    assert [(tag.name, tag.n) for tag in hat.tag_frequencies()] == [("red hat", 2), ("cap", 1)]
    assert hat.captioned.tolist() == [True, True, False]


def test_exposure_is_images_times_repeats():
    (hat,) = dataset(concept("hat", n=3, repeats=10)).concepts
    assert (hat.exposure, hat.repeats) == (30.0, 10.0)


def test_what_is_equal_also_counts_as_near():
    data = dataset(
        concept("hat", n=6),
        exact=[("hat/001.png", "hat/000.png")],
        same_pixels=[("hat/004.png", "hat/005.png")],
        near=[("hat/002.png", "hat/000.png", "hat/003.png")],
    )
    alike = data.duplicates
    assert alike.exact == ((0, 1), (4, 5))
    assert alike.exact_kinds == ("bytes", "pixels")
    assert alike.near == ((0, 1, 2, 3), (4, 5))
    assert dict(alike.keepers) == {(0, 1): 1, (4, 5): 4, (0, 1, 2, 3): 2}
    assert data.digest(0) == data.digest(1)
    assert data.digest(4) != data.digest(5)
    assert alike.distances((0, 1, 2, 3)) == ((0, 0, 2, 3), (0, 0, 2, 3), (2, 2, 0, 1), (3, 3, 1, 0))


def test_features_may_be_missing():
    sharpness = Feature("sharpness", version=1, unit="variance", module="tests")
    data = dataset(concept("cap", n=1), concept("hat", features={sharpness: [3.5, np.nan]}))
    column = data.values(sharpness)
    assert column.valid.tolist() == [False, True, False]
    assert column.present().tolist() == [3.5]


def test_the_profile_holds_what_was_given():
    data = dataset(concept("hat"), base_model="flux", trainer="kohya")
    assert (data.profile.base_model, data.profile.trainer, data.profile.caption_style) == ("flux", "kohya", "tags")
    with pytest.raises(AssertionError, match="base_modle"):
        dataset(concept("hat"), base_modle="flux")


def test_files_that_are_no_samples_are_kept_apart():
    data = dataset(concept("hat"), problems=[problem("x.png", "unreadable", "empty")], orphans=[orphan("y.txt")])
    assert [found.path for found in data.problems("unreadable")] == ["x.png"]
    assert [found.path for found in data.captions.orphans] == ["y.txt"]


def test_an_empty_dataset_can_be_made():
    assert dataset().n == 0
    assert dataset(concept("hat", n=0)).training_concepts[0].n == 0


def test_the_vocabulary_is_the_built_in_one_unless_given():
    assert dataset(concept("hat")).vocabulary.in_group("white background", "background")
    given = dataset(concept("hat"), vocabulary={"groups": {"hats": ["red hat"]}}).vocabulary
    assert given.groups_of("red hat") == ("hats",)
    assert not given.is_known("white background")
