from dataclasses import replace

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.trigger_collision import rule
from tagmetry.tag_list import TagList

LISTED = TagList({"zorbo": 40, "saber": 900}, {"artoria": "saber"}, types={"saber": "character"})


def of(trigger, class_word=None, *, origin="policy", **parts):
    made = concept("hat", captions=["x"], trigger=trigger, class_word=class_word)
    return dataset(replace(made, info=replace(made.info, trigger_origin=origin)), **parts)


@pytest.mark.parametrize(
    ("trigger", "class_word", "text"),
    [
        ("sks", "woman", 'the trigger "sks" of "hat" has another meaning: it is the name of a weapon'),
        ("SKS", None, 'the trigger "SKS" of "hat" has another meaning: it is the name of a weapon'),
        ("dragon", None, 'the trigger "dragon" of "hat" is a common word, of which the model has its own picture'),
        ("Blue_Cat", None, 'the trigger "Blue_Cat" of "hat" is made of common words'),
        ("ohwx dog", "dog", 'the trigger "ohwx dog" of "hat" holds the class word "dog"'),
        ("mydog", "dog", 'the trigger "mydog" of "hat" holds the class word "dog"'),
        ("dogzilla", "dog", 'the trigger "dogzilla" of "hat" holds the class word "dog"'),
    ],
)
def test_a_trigger_that_means_something_is_found(trigger, class_word, text):
    found = findings(rule, of(trigger, class_word))
    assert texts(rule, found) == [text]
    assert subjects(found) == ["hat"]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("collisions", 1, 0, None, None)]


@pytest.mark.parametrize(
    ("trigger", "class_word"),
    [("ohwx", "dog"), ("tk", "girl"), ("zwxcat", "dog"), ("wikipe-tan", "girl"), ("whlcn", "can"), ("ohwox", "ox")],
)
def test_a_rare_token_is_fine(trigger, class_word):
    assert findings(rule, of(trigger, class_word)) == []


def test_one_rare_word_is_enough():
    assert findings(rule, of("ohwx dress")) == []


def test_what_was_only_inferred_is_said_to_be():
    found = findings(rule, of("dragon", origin="inferred"))
    assert texts(rule, found) == ['what was taken for the trigger of "hat", "dragon", is a common word']
    assert remedies(rule, found[0])[0] == (
        'if "dragon" is not the trigger, declare the right one: profile.concepts.NAME.trigger'
    )


def test_sentences_are_judged_as_well():
    assert findings(rule, of("sks", caption_style="sentences"))


def test_without_a_trigger_nothing_is_judged():
    assert skips(rule, of(None)) == ["no trigger word is known: set profile.concepts.NAME.trigger"]


def test_a_tag_of_the_users_list_is_no_rare_word():
    listed = of("zorbo").vocabulary.with_tag_list(LISTED)
    found = findings(rule, of("Zorbo", vocabulary=listed))
    assert texts(rule, found) == [
        'the trigger "Zorbo" of "hat" is a tag of your list (used 40 times), which the model may know'
    ]
    assert severities(rule, found) == ["warning"]
    assert findings(rule, of("zorbo")) == []


def test_a_name_of_the_users_list_may_be_the_one_that_is_meant():
    listed = of("zorbo").vocabulary.with_tag_list(LISTED)
    found = findings(rule, of("artoria", vocabulary=listed))
    assert texts(rule, found) == [
        'the trigger "artoria" of "hat" is a name of your list (used 900 times), which the model may know'
    ]
    assert severities(rule, found) == ["info"]


def test_a_class_word_beside_an_inferred_trigger_is_no_part_of_it():
    assert findings(rule, of("ohwx dog", "dog", origin="inferred")) == []
    assert len(findings(rule, of("mydog", "dog", origin="inferred"))) == 1
    assert texts(rule, findings(rule, of("dragon dog", "dog", origin="inferred"))) == [
        'what was taken for the trigger of "hat", "dragon dog", is a common word'
    ]
    assert len(findings(rule, of("sks dog", "dog", origin="inferred"))) == 1
