import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.mixed_identities import rule
from tagmetry.tag_list import TagList


def girls(*captions, purpose="character", **parts):
    return dataset(concept("girl", captions=list(captions), trigger="tk"), purpose=purpose, **parts)


def test_two_hair_colours_in_one_identity_are_found_with_the_pictures():
    found = findings(rule, girls(*["tk, blonde hair"] * 12, *["tk, black hair"] * 3))
    assert subjects(found) == ["girl"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        (
            'the captions of "girl" tell of more than one identity: blonde hair (12), black hair (3); '
            "the exceptions are girl/012.png, girl/013.png, girl/014.png"
        )
    ]
    assert figures(found) == [("second_identity", 0.2, 0.15, "limit", "share")]
    assert remedies(rule, found[0])[0] == (
        "look at these pictures: if they show someone else, make them a concept of their own or drop them"
    )


@pytest.mark.parametrize(("n", "is_found"), [(2, False), (3, True)])
def test_a_slip_or_two_are_no_other_identity(n, is_found):
    assert bool(findings(rule, girls(*["tk, blonde hair"] * 8, *["tk, black hair"] * n))) is is_found


@pytest.mark.parametrize(("n", "is_found"), [(16, False), (18, True)])
def test_of_many_pictures_a_share_must_tell_otherwise(n, is_found):
    assert bool(findings(rule, girls(*["tk, 1girl"] * 100, *["tk, 1boy"] * n))) is is_found


def test_shades_are_the_colour_that_they_imply():
    assert findings(rule, girls(*["tk, blonde hair"] * 9, *["tk, platinum blonde hair"] * 9)) == []
    assert findings(rule, girls(*["tk, light brown hair"] * 9, *["tk, jet black hair"] * 9))


@pytest.mark.parametrize(
    "caption",
    [
        "tk, 2girls, black hair",
        "tk, two-tone hair, black hair",
        "tk, blonde hair, black hair",
        "tk, multiple views, black hair",
    ],
)
def test_captions_of_several_figures_or_colours_do_not_count(caption):
    assert findings(rule, girls(*["tk, blonde hair"] * 9, *[caption] * 9)) == []


def test_each_attribute_is_a_finding_of_its_own():
    captions = ["tk, blonde hair, blue eyes"] * 9 + ["tk, black hair, brown eyes"] * 9
    assert [finding.key for finding in findings(rule, girls(*captions))] == ["hair_colour", "eye_colour"]


def test_names_of_two_characters_that_are_never_together_are_found():
    captions = ["tk, saber (fate)"] * 9 + ["tk, tohsaka rin (fate)"] * 4
    found = findings(rule, girls(*captions))
    assert texts(rule, found)[0].startswith(
        'the captions of "girl" name more than one character: saber (fate) (9), tohsaka rin (fate) (4); '
    )
    assert findings(rule, girls(*["tk, saber (fate), tohsaka rin (fate)"] * 9)) == []
    assert findings(rule, girls(*["tk, star (symbol)"] * 9, *["tk, bow (weapon)"] * 9)) == []


def test_the_users_list_says_what_is_a_name():
    types = {"artoria": "character", "rin": "character"}
    listed = TagList({"artoria": 9, "rin": 5, "lance (fate)": 3, "shield (fate)": 3}, types=types)
    vocabulary = girls("x").vocabulary.with_tag_list(listed)
    two = ["tk, artoria"] * 9 + ["tk, rin"] * 4
    assert findings(rule, girls(*two)) == []
    found = findings(rule, girls(*two, vocabulary=vocabulary))
    assert texts(rule, found)[0].startswith('the captions of "girl" name more than one character: artoria (9), rin (4)')
    things = ["tk, lance (fate)"] * 9 + ["tk, shield (fate)"] * 4
    assert findings(rule, girls(*things)) != []
    assert findings(rule, girls(*things, vocabulary=vocabulary)) == []


def test_without_a_purpose_it_is_a_note():
    captions = ["tk, blonde hair"] * 9 + ["tk, black hair"] * 9
    assert severities(rule, findings(rule, girls(*captions, purpose=None))) == ["info"]


def test_what_is_not_judged():
    assert skips(rule, girls("tk", purpose="style")) == ["the purpose is not one identity"]
    assert skips(rule, girls("A girl.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, girls(None)) == ["there are no captions"]


def test_scripts_are_read():
    found = findings(rule, girls(*["tk、金髪"] * 9, *["tk、黒髪"] * 3))
    assert found[0].values["tellings"] == ("blonde hair (9)", "black hair (3)")
