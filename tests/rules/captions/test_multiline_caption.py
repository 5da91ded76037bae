from dataclasses import replace

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.captions.multiline_caption import rule

CAPTIONS = ["a hat", "a hat\nred, with a brim\n\non a table", "a hat\n\n  \n"]


def hats(trainer=None, unread=None):
    data = dataset(concept("hat", captions=list(CAPTIONS)), trainer=trainer)
    return replace(data, captions=replace(data.captions, unread=unread or {}))


def test_kohya_loses_what_stands_behind_the_first_line():
    found = findings(rule, hats("kohya", {1: "red, with a brim on a table"}))
    assert subjects(found) == ["hat/001.txt"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "the caption of hat/001.png has 3 lines, and kohya reads only the first; lost: red, with a brim on a table"
    ]
    assert figures(found) == [("caption_lines", 3, 1, None, None)]
    assert remedies(rule, found[0]) == [
        "join the lines into one, with commas between tags",
        "if the lines are alternatives, turn on enable_wildcard",
    ]


@pytest.mark.parametrize(("trainer", "name"), [("onetrainer", "OneTrainer"), ("simpletuner", "SimpleTuner")])
def test_where_each_line_is_a_caption_it_is_a_note(trainer, name):
    found = findings(rule, hats(trainer))
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        f"the caption of hat/001.png has 3 lines, and {name} takes each as a caption of its own"
    ]
    assert remedies(rule, found[0]) == ["if they are not meant as alternatives, join the lines into one"]


@pytest.mark.parametrize("trainer", ["everydream", "ai-toolkit", "musubi", "diffusion-pipe", "diffusers"])
def test_trainers_that_read_everything_are_left_alone(trainer):
    assert findings(rule, hats(trainer)) == []


def test_without_a_trainer_it_says_how_many_captions_it_is_about():
    assert skips(rule, hats()) == [
        "one caption has several lines, which some trainers do not read: set profile.trainer or use --trainer"
    ]
    twice = dataset(concept("hat", captions=["a\nb", "c\nd"]))
    assert skips(rule, twice) == [
        "2 captions have several lines, which some trainers do not read: set profile.trainer or use --trainer"
    ]


def test_captions_of_one_line_are_clean_whoever_trains():
    single = [caption for caption in CAPTIONS if caption != CAPTIONS[1]]
    for trainer in (None, "kohya", "onetrainer"):
        assert findings(rule, dataset(concept("hat", captions=single), trainer=trainer)) == []


def test_a_blank_first_line_is_left_to_another_rule():
    data = dataset(concept("hat", captions=[""]), trainer="kohya")
    captions = replace(data.captions, unread={0: "a hat on a table"}, n_lines=data.captions.n_lines + 2)
    assert findings(rule, replace(data, captions=captions)) == []


def test_only_training_captions_are_looked_at():
    data = dataset(
        concept("hat", captions=["a"]), concept("person", captions=["a\nb"], role="regularization"), trainer="kohya"
    )
    assert findings(rule, data) == []
