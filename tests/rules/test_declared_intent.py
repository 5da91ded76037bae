"""What the profile declares is taken at its word: a rule that would call it a fault is silent, and only then."""

import pytest

from rule_testing import concept, dataset, findings, skips, texts
from tagmetry.rules.captions import (
    always_on_quality_tags,
    excessive_modifiers,
    low_word_diversity,
    missing_caption_fields,
    mood_words_to_review,
)
from tagmetry.rules.concepts import class_hijack_risk, concept_overlap, tag_coupling, trigger_coupling
from tagmetry.rules.regularization import missing_regularization
from tagmetry.rules.tags import low_tag_entropy, tag_frequency, unknown_tags

STAGE = ["ohwx, stage, smile, red dress"] * 10 + ["ohwx, stage, frown, blue shirt"] * 10
FULL = "ohwx, woman, park, red hair, blue dress, from side, smile"


def dancers(captions, **declared):
    return dataset(concept("dancer", captions=captions, trigger="ohwx", **declared))


def pair_of(**declared):
    captions = ["sunset, guitar, stage, spotlight, red dress"] * 12
    return dataset(
        concept("one", captions=captions, trigger="ohwx", **declared),
        concept("two", captions=captions, trigger="zqk", **declared),
    )


@pytest.mark.parametrize("key", ["core_tags", "expected_fusion"])
@pytest.mark.parametrize(
    ("rule", "captions", "words"),
    [
        (trigger_coupling.rule, STAGE, ["stage"]),
        (tag_frequency.rule, STAGE, ["stage"]),
        (low_tag_entropy.rule, ["ohwx, white background"] * 20, ["white background"]),
        (tag_coupling.rule, [*["ohwx, red dress, beach"] * 12, *["ohwx"] * 16], ["red dress"]),
        (always_on_quality_tags.rule, ["ohwx, masterpiece"] * 6, ["masterpiece"]),
        (excessive_modifiers.rule, ["cute, gorgeous, lovely doll"], ["cute"]),
        (mood_words_to_review.rule, ["gloomy, hat"], ["gloomy"]),
        (unknown_tags.rule, [*["smile"] * 6, "smlie"], ["smlie"]),
        (missing_caption_fields.rule, [FULL.replace("red hair, ", "")] * 5, ["red hair"]),
    ],
)
def test_what_shall_come_with_the_trigger_is_no_fault(rule, captions, words, key):
    assert findings(rule, dancers(captions)) != []
    data = dancers(captions, **{key: words})
    assert skips(rule, data) or findings(rule, data) == []


def test_words_that_shall_come_with_the_trigger_tell_nothing_of_a_picture():
    captions = [f"ohwx, {word}" for word in ("stage", "lamp", "crowd") * 5]
    (before,) = findings(low_word_diversity.rule, dancers(captions))
    (after,) = findings(low_word_diversity.rule, dancers(captions, expected_fusion=["stage", "lamp", "crowd"]))
    assert before.message != after.message
    assert after.message == "none"


def test_two_concepts_may_share_what_they_shall_both_bring_along():
    shared = ["sunset", "guitar", "stage", "spotlight", "red dress"]
    assert findings(concept_overlap.rule, pair_of()) != []
    assert findings(concept_overlap.rule, pair_of(expected_fusion=shared)) == []


@pytest.mark.parametrize("rule", [class_hijack_risk.rule, missing_regularization.rule])
def test_a_class_word_may_come_to_stand_for_the_concept(rule):
    captions = ["ohwx, woman, smile"] * 12 + ["ohwx, frown"] * (0 if rule is class_hijack_risk.rule else 4)
    assert findings(rule, dancers(captions, class_word="woman")) != []
    data = dancers(captions, class_word="woman", expected_fusion=["Woman"])
    assert skips(rule, data) == ["the profile expects the class word to stand for the concept: expected_fusion"]


def test_a_trait_that_is_only_inferred_is_said_to_be_inferred():
    captions = ["ohwx, green eyes, smile"] * 10 + ["ohwx, green eyes, frown"] * 10
    (found,) = findings(tag_frequency.rule, dancers(captions))
    assert texts(tag_frequency.rule, [found])[0].endswith("which may be a trait of it")
    assert findings(tag_frequency.rule, dancers(captions, core_tags=["green eyes"])) == []
