import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.captions.template_captions import rule

PLACES = ["beach", "kitchen", "forest", "street", "market", "garden", "station", "library", "museum", "harbour"]
VARIED = [
    "sks dog sleeps on a grey sofa beside the window",
    "On the beach, sks dog runs after a red ball",
    "Close-up of sks dog with wet fur and open mouth",
    "Two children feed sks dog in a sunny garden",
    "Snow lies on the nose of sks dog",
    "sks dog, seen from behind, waits at a bus stop",
    "A bowl of water stands before sks dog in the kitchen",
    "From above: sks dog lying in tall grass",
]


def hats(captions, **parts):
    profile = {"caption_style": parts.pop("style", "sentences")}
    return dataset(concept("hat", captions=captions, trigger="sks", class_word="dog", **parts), **profile)


@pytest.mark.parametrize(("same", "is_found"), [(4, False), (5, True)])
def test_one_caption_on_half_of_the_images(same, is_found):
    captions = ["a photo of sks dog"] * same + VARIED[: 10 - same - 1] + ["sks dog jumps"]
    assert bool(findings(rule, hats(captions))) is is_found


def test_it_names_the_caption_and_the_images():
    found = findings(rule, hats(["a photo of sks dog"] * 3 + ["A photo of sks_dog", "sks dog sleeps"]))
    assert subjects(found) == ["hat"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ['4 of the 5 captions of "hat" (80 %) are the same: "a photo of sks dog"']
    assert figures(found) == [("template_share", 0.8, 0.5, "limit", "share")]
    assert remedies(rule, found[0])[0] == (
        "describe what differs between hat/000.png, hat/001.png, hat/002.png, hat/003.png: place, light, clothes, "
        "pose, view, in changing words"
    )


def test_the_same_tags_in_any_order():
    captions = [
        "sks, dog, grass, sitting",
        "sks, sitting, grass, dog",
        "dog, sks, grass, sitting",
        "sks, dog",
        "sks, cat",
    ]
    found = findings(rule, hats(captions, style="tags"))
    assert texts(rule, found) == [
        '3 of the 5 captions of "hat" (60 %) hold the same tags: sks, dog, grass, sitting',
    ]


def test_a_sentence_with_a_changing_word_is_a_template():
    captions = [f"A portrait photo of sks dog sitting happily in the old {place}" for place in PLACES]
    found = findings(rule, hats(captions))
    assert texts(rule, found) == [
        (
            '10 of the 10 captions of "hat" (100 %) follow one template: '
            '"a portrait photo of sks dog sitting happily in the old …"'
        )
    ]


def test_a_japanese_template_is_found_by_its_characters():
    captions = [f"これは{place}の前に座っているかわいい犬の写真です。" for place in "家木川山海空車橋店門"]
    assert [finding.message for finding in findings(rule, hats(captions))] == ["template"]


@pytest.mark.parametrize(("fixed", "is_found"), [("a big photo of", False), ("a very big photo of", True)])
def test_half_of_the_words_must_be_fixed(fixed, is_found):
    # Trigger and class word are not counted; five words change.
    captions = [f"{fixed} sks dog {place}1 {place}2 {place}3 {place}4 {place}5" for place in PLACES]
    assert bool(findings(rule, hats(captions))) is is_found


def test_three_fixed_words_are_no_template():
    assert findings(rule, hats([f"a photo of sks dog, {place}" for place in PLACES])) == []


def test_half_of_the_captions_must_follow():
    templated = [f"A portrait photo of sks dog sitting happily in the old {place}" for place in PLACES]
    assert findings(rule, hats(templated[:7] + VARIED)) == []
    assert len(findings(rule, hats(templated[:8] + VARIED))) == 1


def test_plain_varied_captions_are_no_template():
    assert findings(rule, hats(VARIED)) == []


def test_too_few_captions_are_not_judged():
    assert skips(rule, hats(["sks dog"] * 4)) == [
        '4 captions of "hat" are fewer than the 5 needed to tell a template',
    ]
    captions = [f"A portrait photo of sks dog sitting happily in the old {place}" for place in PLACES]
    assert findings(rule, hats(captions[:7])) == []
    assert len(findings(rule, hats(captions[:8]))) == 1


def test_images_without_a_caption_do_not_count():
    assert skips(rule, hats([None, ""])) == ["there are no captions"]
    assert len(findings(rule, hats(["sks dog"] * 5 + [None] * 20))) == 1


def test_a_clause_within_a_list_may_be_a_template():
    captions = [f"a portrait photo of sks dog in the old {place}, {place}, sharp, day" for place in PLACES]
    assert [finding.message for finding in findings(rule, hats(captions, style="tags"))] == ["template"]


def test_tags_that_are_always_there_are_left_to_another_rule():
    captions = [f"sks, dog, white background, simple background, standing, full body, {place}" for place in PLACES]
    assert findings(rule, hats(captions, style="tags")) == []
