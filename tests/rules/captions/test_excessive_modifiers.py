import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, subjects, texts
from tagmetry.rules.captions.excessive_modifiers import rule

PILE = "beautiful gorgeous extremely lovely asian woman with super long silky hair"


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), **parts))


def test_a_pile_of_praise_is_found():
    found = findings(rule, hats(PILE, "a woman with long hair"))
    assert subjects(found) == ["hat/000.txt"]
    assert texts(rule, found) == [
        (
            "the caption of hat/000.png stacks 5 words of praise and emphasis (45 %): "
            '"beautiful", "gorgeous", "extremely", "lovely", "super"'
        )
    ]
    assert figures(found) == [("modifiers", 5, 3, "limit", "words")]
    assert remedies(rule, found[0]) == [
        'take out "beautiful", "gorgeous", "extremely", "lovely", "super", and say what is seen instead'
    ]


@pytest.mark.parametrize(
    ("caption", "is_found"),
    [
        ("a very beautiful woman", False),
        ("a very very beautiful woman", True),
        ("とても美しい、完璧な女性", True),
        ("非常漂亮的女孩，完美的脸", True),
        ("beautiful gorgeous lovely " + "plain " * 17, True),
        ("beautiful gorgeous lovely " + "plain " * 18, False),
        ("masterpiece, best quality, highly detailed, woman", False),
    ],
)
def test_three_that_make_up_a_share_of_the_words(caption, is_found):
    assert bool(findings(rule, hats(caption))) is is_found


def test_declared_core_tags_are_left_out():
    assert findings(rule, hats("cute, gorgeous, lovely doll", core_tags=["cute"])) == []


def test_every_image_with_the_caption_is_found():
    assert subjects(findings(rule, hats(PILE, PILE))) == ["hat/000.txt", "hat/001.txt"]


def test_without_captions_it_is_skipped():
    assert skips(rule, hats(None)) == ["there are no captions"]
