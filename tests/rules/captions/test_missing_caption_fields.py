import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.captions.missing_caption_fields import rule

FULL = "sks woman, red hair, white dress, smile, close-up, kitchen"


def hats(captions, *, trigger="sks", class_word="woman", core_tags=(), **profile):
    one = concept("hat", captions=captions, trigger=trigger, class_word=class_word, core_tags=core_tags)
    return dataset(one, **profile)


def named(captions, **parts):
    return [finding.message for finding in findings(rule, hats(captions, **parts))]


def test_captions_that_name_everything_are_fine():
    assert findings(rule, hats([FULL] * 5)) == []


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (", kitchen", "background"),
        ("red hair, ", "hair"),
        ("white dress, ", "clothes"),
        ("smile, ", "expression"),
        (", close-up", "view"),
    ],
)
def test_what_no_caption_names_is_found(part, name):
    found = findings(rule, hats([FULL.replace(part, "")] * 5))
    assert [finding.message for finding in found] == [name]
    assert severities(rule, found) == ["warning" if name == "background" else "info"]
    assert figures(found) == [("field_share", 0.0, 0.05, "limit", "share")]


def test_the_class_word_that_stands_nowhere():
    found = findings(rule, hats(["sks, fur, red, close-up, kitchen"] * 5, class_word="ferret"))
    assert texts(rule, found) == [
        (
            'the 5 captions of "hat" do not say what it is: "ferret" or another word for the subject is in 0 % of them '
            "(limit 5 %)"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert remedies(rule, found[0]) == ['write "ferret" behind the trigger']


def test_without_a_class_word_nobody_can_say_what_the_subject_is():
    assert named(["sks, red, close-up, kitchen"] * 5, class_word=None) == []


@pytest.mark.parametrize(("total", "is_found"), [(20, True), (19, False)])
def test_one_caption_of_twenty_is_as_good_as_none(total, is_found):
    captions = [FULL] + [FULL.replace(", kitchen", "")] * (total - 1)
    assert bool(findings(rule, hats(captions))) is is_found


def test_any_place_in_a_sentence_counts():
    captions = ["A close-up of a sks woman with red hair who smiles, in a white dress, leaning against a car."] * 5
    assert findings(rule, hats(captions, caption_style="sentences")) == []


def test_japanese_and_chinese_words_count():
    captions = ["sks、少女、赤い髪、白いドレス、笑顔、上半身、教室"] * 5
    assert findings(rule, hats(captions)) == []
    assert named(["sks，女孩，红发，连衣裙，微笑，特写"] * 5) == ["background"]


def test_a_class_word_of_another_language_is_not_looked_for():
    captions = ["sks、カズー、赤い、上半身、教室"] * 5
    assert named(captions, class_word="kazoo") == []
    assert named(captions, class_word="笛") == ["subject"]


def test_core_tags_may_stay_unnamed():
    assert named([FULL.replace("red hair, ", "")] * 5, core_tags=["red hair"]) == []


def test_things_have_colours_and_views_but_no_hair():
    assert named(["sks mug, on a table"] * 5, class_word="mug") == ["colour", "view"]


def test_a_style_needs_places_and_subjects_only():
    assert named(["sks woman"] * 5, purpose="style") == ["background"]
    assert named(["sks woman, kitchen, red hair, smile, close-up"] * 5, purpose="fashion") == []


def test_languages_that_the_vocabulary_does_not_know_are_not_judged():
    assert skips(rule, hats(["щенок на траве"] * 5)) == [
        (
            'the captions of "hat" hold no word that the vocabulary knows; add words of your language under '
            "vocabulary.words"
        )
    ]


def test_too_few_captions_are_not_judged():
    assert skips(rule, hats(["sks"] * 4)) == [
        '4 captions of "hat" are fewer than the 5 needed to judge what is never named'
    ]
    assert skips(rule, hats([None])) == ["there are no captions"]
