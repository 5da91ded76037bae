import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, texts
from tagmetry.rules.captions.captionless_share import rule


@pytest.mark.parametrize(("bare", "is_found"), [(4, False), (5, True)])
def test_one_captionless_image_for_each_captioned_one(bare, is_found):
    cats = concept("cat", captions=["cat"] * 3)
    hats = concept("hat", captions=["hat"] * (7 - bare) + [None] * (bare - 1) + [""])
    assert bool(findings(rule, dataset(cats, hats))) is is_found


def test_it_names_the_shares_of_the_concepts():
    found = findings(rule, dataset(concept("cat", captions=["cat", None]), concept("hat", captions=[None] * 2)))
    assert texts(rule, found) == [
        '75 % of the training images have no caption (3 of 4), in a set of 2 concepts: "hat" 2/2, "cat" 1/2'
    ]
    assert figures(found) == [("captionless_share", 0.75, 0.5, "limit", "share")]
    assert remedies(rule, found[0])[0] == 'write captions, first for "hat"'


def test_one_concept_cannot_blur():
    assert skips(rule, dataset(concept("hat", captions=[None] * 4))) == [
        "there is only one training concept, which cannot blur with another"
    ]


def test_regularization_is_no_training_concept():
    data = dataset(concept("hat", captions=[None] * 4), concept("reg", captions=[None], role="regularization"))
    assert len(skips(rule, data)) == 1
    assert skips(rule, dataset(concept("reg", role="regularization"))) == ["there are no training images"]


def test_captioned_sets_are_fine():
    assert findings(rule, dataset(concept("cat", captions=["cat"]), concept("hat", captions=["hat"])), limit=0) == []
