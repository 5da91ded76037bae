import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.tag_coupling import rule


def girls(*captions, core_tags=(), **parts):
    return dataset(concept("girl", captions=list(captions), trigger="tk", core_tags=core_tags), **parts)


COUPLED = ["tk, red dress, beach"] * 12 + ["tk, blue jeans, kitchen", "tk, jacket, forest"] * 8
"""Twelve with both, sixteen with neither."""


def test_a_dress_that_is_only_worn_at_the_beach_is_found():
    found = findings(rule, girls(*COUPLED))
    assert "girl: beach + red dress" in subjects(found)
    first = found[subjects(found).index("girl: beach + red dress")]
    assert len(first.subject.paths) == 12
    assert severities(rule, [first]) == ["warning"]
    assert texts(rule, [first]) == [
        '"beach" and "red dress" always come together in "girl": 12 of 28 images have both, none has only one of them'
    ]
    assert figures([first]) == [("npmi", pytest.approx(12 / 13 * 12 / 13), 0.75, "limit", None)]
    assert remedies(rule, first) == [
        'add two or three pictures of "beach" without "red dress", and of "red dress" without "beach"',
        'or take "red dress" out of some captions',
        "if they belong together, declare them as core tags: profile.concepts.NAME.core_tags",
        "where both looks are wanted as they are, train separate LoRAs",
    ]


def test_the_pictures_that_already_separate_the_pair_are_named():
    captions = ["tk, red dress, beach"] * 19 + ["tk, red dress, kitchen"] + ["tk, jacket"] * 20
    found = findings(rule, girls(*captions))
    assert texts(rule, found) == [
        '"red dress" and "beach" nearly always come together in "girl": 19 images have both, one has only one of them'
    ]
    assert found[0].values["apart"] == ("girl/019.png",)
    assert remedies(rule, found[0])[0] == (
        "more pictures like these, which show one without the other, would separate them: girl/019.png"
    )


def test_tags_that_all_hang_together_are_one_finding():
    captions = ["tk, red dress, beach, sunglasses, sunset"] * 15 + ["tk, jacket"] * 15
    found = findings(rule, girls(*captions))
    assert len(found) == 1
    assert texts(rule, found)[0].endswith("; with them come sunglasses, sunset")


def test_a_few_pictures_apart_lift_the_coupling():
    together, apart = ["tk, red dress, beach"], ["tk, red dress, kitchen", "tk, jacket, beach"]
    assert findings(rule, girls(*together * 18, *apart * 1, *["tk, coat"] * 20))
    assert findings(rule, girls(*together * 14, *apart * 3, *["tk, coat"] * 20)) == []


@pytest.mark.parametrize(("n", "is_found"), [(5, False), (6, False), (7, True), (8, True)])
def test_few_pictures_are_not_certain(n, is_found):
    captions = ["tk, red dress, beach"] * n + ["tk, coat"] * 30
    assert bool(findings(rule, girls(*captions))) is is_found


def test_support_is_an_option():
    captions = ["tk, red dress, beach"] * 9 + ["tk, coat"] * 30
    assert findings(rule, girls(*captions), min_support=9)
    assert findings(rule, girls(*captions), min_support=10) == []


@pytest.mark.parametrize(
    "pair",
    [
        "school uniform, pleated skirt",
        "outdoors, sky",
        "rain, umbrella",
        "hand in pocket, jeans",
        "red dress, zorvax",
        "masterpiece, beach",
    ],
)
def test_what_explains_each_other_or_is_unknown_is_no_coupling(pair):
    assert findings(rule, girls(*[f"tk, {pair}"] * 12, *["tk"] * 16)) == []


def test_what_is_on_nearly_all_images_is_left_to_another_rule():
    assert findings(rule, girls(*["tk, red dress, beach"] * 27, *["tk"] * 3)) == []
    assert findings(rule, girls(*["tk, red dress, beach"] * 26, *["tk"] * 4))


def test_core_tags_are_meant_to_stay():
    assert findings(rule, girls(*["tk, red dress, beach"] * 12, *["tk"] * 16, core_tags=["red dress"])) == []


def test_chance_is_no_coupling():
    # Each place with each garment, as often as any other.
    places, garments = ["beach", "kitchen", "forest", "street"], ["red dress", "jacket", "coat", "sweater"]
    captions = [f"tk, {garment}, {place}" for garment in garments for place in places] * 6
    assert findings(rule, girls(*captions)) == []


def test_it_takes_some_captions():
    assert skips(rule, girls(*["tk, red dress, beach"] * 14)) == [
        "a concept has 14 captioned pictures, fewer than the 15 needed to judge pairs of tags"
    ]
    assert skips(rule, girls(*["tk"] * 15)) == []
    assert skips(rule, girls("A dress.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, girls(None)) == ["there are no captions"]


def test_copies_of_one_picture_are_one_case():
    copies = [[f"girl/{number:03d}.png" for number in range(12)]]
    captions = ["tk, red dress, beach"] * 12 + ["tk"] * 16
    assert findings(rule, girls(*captions)) != []
    assert findings(rule, girls(*captions, near=copies)) == []
