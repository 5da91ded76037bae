import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.tag_frequency import rule

VOCABULARY = {
    "groups": {
        "hair": ["blue hair"],
        "subject": ["1girl", "solo"],
        "style": ["watercolor"],
        "clothing": ["red hat"],
        "background": ["white background"],
    },
    "roles": {"traits": ["hair", "subject"], "look": ["style", "clothing"], "surroundings": ["background"]},
    "protected": ["watermark", "signature *"],
}


def hats(*captions, trigger=None, class_word=None, core_tags=(), **parts):
    return dataset(
        concept("hat", captions=list(captions), trigger=trigger, class_word=class_word, core_tags=core_tags),
        vocabulary=VOCABULARY,
        **parts,
    )


def found_in(*captions, trigger=None, class_word=None, core_tags=(), purpose=None, **options):
    data = hats(*captions, trigger=trigger, class_word=class_word, core_tags=core_tags, purpose=purpose)
    found = findings(rule, data, **options)
    return list(zip(subjects(found), severities(rule, found), strict=True))


def test_a_tag_at_the_limit_is_found():
    found = findings(rule, hats(*["Red_Hat"] * 9, "cap"))
    assert subjects(found) == ["hat: Red_Hat"]
    assert found[0].subject.kind == "tag"
    assert len(found[0].subject.paths) == 9
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ['"Red_Hat" is on 90 % of the images of "hat" (9 of 10)']
    assert figures(found) == [("frequency", 0.9, 0.9, "limit", "share")]
    assert remedies(rule, found[0]) == [
        (
            'if the tags are reliable, take "Red_Hat" out of one caption, so that at most 80 % keep it, '
            "such as that of hat/000.png"
        ),
        "turn on tag dropout (about 0.1) with the trigger kept in front",
    ]


def test_a_tag_just_under_the_limit_is_not_found():
    assert found_in(*["red hat"] * 89, *["cap"] * 11) == []
    assert found_in(*["red hat"] * 90, *["cap"] * 10) == [("hat: red hat", "warning")]


def test_a_tag_counts_once_per_image_and_images_without_a_caption_count():
    assert found_in(*["red hat, red hat"] * 8, "red_hat, red hat", None, "cap") == []


def test_the_remedy_says_how_many_captions_to_change():
    (found,) = findings(rule, hats(*["red hat"] * 20))
    assert remedies(rule, found)[0] == (
        'if the tags are reliable, take "red hat" out of 4 captions, so that at most 80 % keep it, '
        "such as those of hat/000.png, hat/005.png, hat/010.png, hat/015.png"
    )
    (found,) = findings(rule, hats(*["red hat"] * 20), cap_ratio=0.5)
    assert found.values["drop"] == 10


def test_small_concepts_are_not_judged():
    assert skips(rule, hats(*["red hat"] * 9)) == [
        "no concept has the 10 images needed to judge how frequent tags are; the largest has 9"
    ]
    assert found_in(*["red hat"] * 9, min_images=9) == [("hat: red hat", "warning")]
    assert skips(rule, hats("red hat")) == [
        "one training image is fewer than the 10 needed to judge how frequent tags are"
    ]


def test_trigger_class_word_and_core_tags_may_be_everywhere():
    captions = ["sks, woman, green eyes, smile"] * 5 + ["sks, woman, green eyes, frown"] * 5
    assert found_in(*captions, trigger="SKS", class_word="Woman", core_tags=["green_eyes"]) == []
    assert found_in(*captions) == [
        ("hat: green eyes", "warning"),
        ("hat: sks", "warning"),
        ("hat: woman", "warning"),
    ]


def test_what_holds_the_trigger_or_counts_the_class_word_belongs_to_them():
    captions = ["sks girl, 1girl, smile"] * 5 + ["sks girl, 1girl, frown"] * 5
    assert found_in(*captions, trigger="sks", class_word="girl") == []
    assert found_in(*captions, trigger="sks", class_word="boy") == [("hat: 1girl", "info")]


def test_the_words_of_a_trigger_of_two_words_belong_to_it():
    assert found_in(*["sks, witch"] * 10, trigger="sks witch") == []


def test_traits_are_a_note():
    found = findings(rule, hats(*["blue hair, white background"] * 10))
    assert severities(rule, found) == ["info", "warning"]
    assert texts(rule, found)[0] == (
        '"blue hair" is on 100 % of the images of "hat" (10 of 10), which may be a trait of it'
    )
    assert remedies(rule, found[0]) == [
        'if it belongs to "hat", declare it as a core tag: profile.concepts.NAME.core_tags'
    ]


@pytest.mark.parametrize(
    ("purpose", "notes"),
    [
        (None, ["blue hair"]),
        ("character", ["blue hair"]),
        ("style", ["watercolor"]),
        ("fashion", ["red hat"]),
    ],
)
def test_the_purpose_says_what_may_be_a_trait(purpose, notes):
    said = found_in(*["blue hair, watercolor, red hat"] * 10, purpose=purpose)
    assert [name for name, severity in said if severity == "info"] == [f"hat: {name}" for name in notes]
    assert len(said) == 3


def test_marks_that_nobody_should_drop_are_left_out():
    assert found_in(*["watermark, signature of anna, hat"] * 10) == [("hat: hat", "warning")]


def test_each_concept_is_one_subject_and_the_whole_set_one_more():
    data = dataset(
        concept("cap", captions=["big wall, cap"] * 10),
        concept("hat", captions=["big wall, hat"] * 10),
        vocabulary=VOCABULARY,
    )
    found = findings(rule, data)
    assert subjects(found) == ["cap: big wall", "cap: cap", "hat: big wall", "hat: hat", "hats"]
    assert found[-1].subject.kind == "dataset"
    assert found[-1].key == "big wall"
    assert texts(rule, found)[-1] == '"big wall" is on 100 % of all training images (20 of 20), in 2 concepts'
    assert remedies(rule, found[-1])[0] == (
        'if the tags are reliable, take "big wall" out of 4 captions, so that at most 80 % keep it, '
        "such as those of cap/000.png, cap/005.png, hat/000.png, hat/005.png"
    )


def test_many_small_concepts_are_judged_together():
    small = [concept(f"hat{number}", captions=["sepia, brim"] * 3 + ["sepia"] * 2) for number in range(4)]
    found = findings(rule, dataset(*small))
    assert texts(rule, found) == ['"sepia" is on 100 % of all training images (20 of 20), in 4 concepts']
    assert figures(found) == [("frequency", 1.0, 0.9, "limit", "share")]


def test_in_the_whole_set_the_words_of_each_concept_are_left_out():
    data = dataset(
        concept("cap", captions=["sks, cap"], trigger="sks"),
        concept("hat", captions=["sks, cap"] * 19),
        vocabulary=VOCABULARY,
    )
    assert [finding.key for finding in findings(rule, data) if finding.subject.kind == "dataset"] == ["cap"]


def test_traits_of_the_whole_set_are_a_note_as_well():
    data = dataset(
        concept("cap", captions=["blue hair"] * 5), concept("hat", captions=["blue hair"] * 5), vocabulary=VOCABULARY
    )
    assert severities(rule, findings(rule, data)) == ["info"]


def test_one_concept_has_no_whole_set_beside_it():
    data = dataset(
        concept("hat", captions=["red hat"] * 10),
        concept("person", captions=["red hat"] * 10, role="regularization"),
    )
    assert subjects(findings(rule, data)) == ["hat: red hat"]


def test_japanese_tags_are_counted_like_others():
    found = findings(rule, hats(*["少女, 青い髪"] * 9, "少女"))
    assert texts(rule, found) == [
        '"少女" is on 100 % of the images of "hat" (10 of 10)',
        '"青い髪" is on 90 % of the images of "hat" (9 of 10)',
    ]


def test_sentences_have_no_tags():
    assert skips(rule, hats(*["A red hat on a table."] * 10, caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]


def test_without_captions_or_images_it_is_skipped():
    assert skips(rule, hats(*[None] * 10)) == ["there are no captions"]
    assert skips(rule, dataset(concept("person", n=10, role="regularization"))) == ["there are no training images"]


def test_words_of_quality_are_left_to_another_rule():
    assert findings(rule, dataset(concept("hat", captions=["hat, masterpiece"] * 10, class_word="hat"))) == []
