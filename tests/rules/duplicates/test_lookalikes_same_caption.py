import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.duplicates.lookalikes_same_caption import rule

FOUR = [f"hat/{number:03d}.png" for number in range(4)]


def hats(captions, near=(FOUR,), **parts):
    return dataset(concept("hat", captions=captions), near=near, **parts)


def test_three_lookalikes_of_one_caption():
    found = findings(rule, hats(["sks, red"] * 3 + ["sks, blue"]))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        '3 look-alike images share the caption "sks, red": hat/000.png, hat/001.png, hat/002.png'
    ]
    assert figures(found) == [("images_per_caption", 3, 3, "min_images", "images")]
    assert remedies(rule, found[0]) == [
        "thin them, hat/000.png first to be kept; say in the captions of the others what differs"
    ]


@pytest.mark.parametrize(("same", "is_found"), [(2, False), (3, True)])
def test_a_pair_is_not_dense(same, is_found):
    captions = ["sks"] * same + [f"sks, w{number}" for number in range(4 - same)]
    assert bool(findings(rule, hats(captions))) is is_found


def test_exact_copies_are_one_picture():
    assert findings(rule, hats(["sks"] * 3 + ["red"], exact=[FOUR[:2]])) == []


def test_images_that_are_not_alike_may_share_a_caption():
    assert findings(rule, hats(["sks"] * 4, near=())) == []


def test_empty_and_missing_captions_are_no_caption():
    assert findings(rule, hats(["", "", "", "sks"])) == []
    assert skips(rule, hats([None] * 4)) == ["there are no captions"]
