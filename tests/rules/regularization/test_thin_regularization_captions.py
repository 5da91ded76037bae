import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.regularization.thin_regularization_captions import rule

TRAIN = concept(
    "sks dog", captions=["sks, dog, red collar, grass", "sks, dog, sofa, indoors"], trigger="sks", class_word="dog"
)


def reg(*captions, class_word="dog"):
    return concept("dog", captions=list(captions), role="regularization", class_word=class_word)


@pytest.mark.parametrize(
    "caption",
    [
        "dog",
        "a dog",
        "a photo of a dog",
        "A picture of the dog.",
        "dogs"[:3],
        "1dog, solo",
        "best quality, dog",
        "dog,",
    ],
)
def test_captions_that_say_only_the_class_are_thin(caption):
    assert len(findings(rule, dataset(TRAIN, reg(caption)))) == 1


@pytest.mark.parametrize(
    "caption",
    [
        "dog, brown fur",
        "a dog running through snow",
        "dog, park, bench",
        "茶色の犬が公園で走っている",
        "1dog, blue eyes",
    ],
)
def test_captions_that_say_more_are_not(caption):
    assert findings(rule, dataset(TRAIN, reg(caption))) == []


def test_one_word_more_is_too_little_and_two_are_enough():
    assert len(findings(rule, dataset(TRAIN, reg("dog, grass")))) == 1
    assert findings(rule, dataset(TRAIN, reg("dog, grass, sunny"))) == []


def test_more_than_half_of_the_captions_must_be_thin():
    full = "dog, brown fur, grass"
    assert findings(rule, dataset(TRAIN, reg("a dog", full))) == []
    found = findings(rule, dataset(TRAIN, reg("a dog", "dog", full)))
    assert texts(rule, found) == [
        '2 of the 3 regularization captions of "dog" say little more than the class, among them a dog, dog'
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("thin_caption_share", 2 / 3, 0.5, "limit", "share")]
    assert remedies(rule, found[0]) == [
        "caption them in the form of the training captions, without the trigger: class, background, attributes"
    ]


def test_images_without_captions_say_what_their_folder_says():
    found = findings(rule, dataset(TRAIN, reg(None, None)))
    assert texts(rule, found) == [
        (
            '2 of the 2 regularization images of "dog" have no caption, so that the name of their folder is all that '
            "is said of them"
        )
    ]


def test_where_training_captions_say_no_more_both_fit_together():
    plain = concept("sks dog", captions=["sks dog"] * 4, trigger="sks", class_word="dog")
    assert skips(rule, dataset(plain, reg("a dog"))) == ["the training captions say no more, so that both fit together"]


def test_without_training_captions_nothing_is_judged():
    bare = concept("sks dog", captions=[None, None], trigger="sks", class_word="dog")
    assert skips(rule, dataset(bare, reg("a dog"))) == ["there are no captions"]


def test_without_regularization_images_nothing_is_judged():
    assert skips(rule, dataset(TRAIN)) == ["there are no images of the role regularization"]
