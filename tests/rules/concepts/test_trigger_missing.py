from dataclasses import replace

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.trigger_missing import rule


def hats(*captions, trigger="sks", **parts):
    return dataset(concept("hat", captions=list(captions), trigger=trigger), **parts)


def inferred(data):
    infos = tuple(replace(info, trigger_origin="inferred") for info in data.concept_infos)
    return replace(data, concept_infos=infos)


def test_captions_without_the_trigger_are_named():
    found = findings(rule, hats("sks, hat", "hat", "sks hat", "hat, asks"))
    assert subjects(found) == ["hat"]
    assert found[0].subject.kind == "concept"
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ['2 of the 4 captions of "hat" lack the trigger "sks": hat/001.png, hat/003.png']
    assert figures(found) == [("trigger_frequency", 0.5, 1.0, None, "share")]
    assert remedies(rule, found[0]) == ['write "sks" into these captions, where the others have it']


def test_one_caption_is_said_to_be_one():
    found = findings(rule, hats("sks, hat", "hat", "sks"))
    assert texts(rule, found) == ['one of the 3 captions of "hat" lacks the trigger "sks": hat/001.png']


def test_a_trigger_that_was_inferred_may_be_the_wrong_word():
    found = findings(rule, inferred(hats(*["sks, hat"] * 9, "hat")))
    assert texts(rule, found) == [
        'one of the 10 captions of "hat" lacks "sks", which was taken for the trigger: hat/009.png'
    ]
    assert remedies(rule, found[0])[1] == (
        "if it is not the trigger, declare the right one: profile.concepts.NAME.trigger"
    )
    found = findings(rule, inferred(hats(*["sks, hat"] * 18, "hat", "hat")))
    assert texts(rule, found) == [
        '2 of the 20 captions of "hat" lack "sks", which was taken for the trigger: hat/018.png, hat/019.png'
    ]


def test_a_trigger_in_no_caption_at_all():
    found = findings(rule, hats("hat", "cap"))
    assert texts(rule, found) == ['none of the 2 captions of "hat" holds the trigger "sks"']
    assert figures(found) == [("trigger_frequency", 0.0, 1.0, None, "share")]
    assert remedies(rule, found[0]) == [
        'write "sks" into the captions, or declare the word that they do have: profile.concepts.NAME.trigger'
    ]
    assert texts(rule, findings(rule, hats("hat"))) == ['the only caption of "hat" lacks the trigger "sks"']


@pytest.mark.parametrize(
    ("trigger", "caption"),
    [
        ("sks", "SKS, hat"),
        ("sks", "ｓｋｓ，帽子"),
        ("sks", "a photo of sks hat"),
        ("sks", "(sks:1.2), hat"),
        ("sks", "sks帽子"),
        ("sks_hat", "a photo, sks hat"),
        ("sks, hat", "sks, hat, red"),
        ("ウィキペたん", "ウィキペたん、青い髪"),
    ],
)
def test_the_trigger_is_found_however_it_is_written(trigger, caption):
    assert findings(rule, hats(caption, trigger=trigger)) == []


def test_sentences_hold_triggers_too():
    data = hats("A photo of sks hat on a table.", "A hat on a table.", caption_style="sentences")
    assert [finding.values["paths"] for finding in findings(rule, data)] == [("hat/001.png",)]


def test_images_without_a_caption_are_not_counted():
    assert findings(rule, hats("sks, hat", None, "")) == []
    found = findings(rule, hats("sks, hat", None, "", "hat"))
    assert texts(rule, found) == ['one of the 2 captions of "hat" lacks the trigger "sks": hat/003.png']


def test_each_concept_has_its_own_trigger():
    data = dataset(
        concept("cap", captions=["capx", "hatx"], trigger="capx"),
        concept("hat", captions=["hatx"] * 2, trigger="hatx"),
        concept("person", captions=["person"], trigger="sks", role="regularization"),
    )
    assert subjects(findings(rule, data)) == ["cap"]


def test_without_a_trigger_or_captions_it_is_skipped():
    assert skips(rule, hats("hat", trigger=None)) == ["no trigger word is known: set profile.concepts.NAME.trigger"]
    assert skips(rule, hats(None, "")) == ["there are no captions"]
