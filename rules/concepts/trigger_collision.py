"""A trigger that already means something to the model.

What it finds
    Triggers that are a common word or made of common words (`dragon`, `blue cat`), that are known to have another
    meaning (`sks`, the name of a rifle), that hold the class word (`mydog` for a dog), or that your own list of tags
    has (`--tag-list`); the name of a character or a work is then a note, since it may be the one that is meant.

Why it matters
    The model has a picture of the word before training begins. What it brings along mixes with the concept, the more
    so the better the word is known, and the word can afterwards no longer be used for what it meant.

What to do
    Choose a rare token that means nothing: three to six letters that are no word, no name and no abbreviation. Change
    it in the captions and folder names, and declare it in the profile.

Known limits
    What is common is told by the words of the vocabulary; names of people, brands and characters are known from your
    own list only, and what a model makes of a syllable from nothing. A style is often called by plain words on purpose;
    then suppress the finding with that reason. Where the trigger was only inferred the finding says so, and may be
    about a word that is none; a class word that stands beside the trigger in one tag is not taken for a part of it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from tagmetry.api import Concept, Finding, Measurement, NoOptions, Remedies, Rule, Severity, Skip
from tagmetry.text import contains_word, normal_form

KNOWN_MEANINGS: Final = frozenset({"sks"})
"""Rare tokens that tutorials spread and that mean something after all: the SKS is a rifle."""

_SHORTEST_PART: Final = 3
"""Letters of a class word from which on it is looked for inside a trigger: `cat` in `mycat`, not `ox` in `ohwox`."""

_CHOOSE: Final = (
    "choose a rare token of three to six letters that is no word and no name, and write it into the captions"
)
_INFERRED: Final = 'if "{trigger}" is not the trigger, declare the right one: profile.concepts.NAME.trigger'

rule = Rule(
    id="trigger-collision",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity", "concept-bleed"),
    messages={
        "known-meaning": 'the trigger "{trigger}" of "{concept}" has another meaning: it is the name of a weapon',
        "common": 'the trigger "{trigger}" of "{concept}" is a common word, of which the model has its own picture',
        "common-words": 'the trigger "{trigger}" of "{concept}" is made of common words',
        "class-word": 'the trigger "{trigger}" of "{concept}" holds the class word "{class_word}"',
        "listed": (
            'the trigger "{trigger}" of "{concept}" is a tag of your list (used {count:count} times), which the model '
            "may know"
        ),
        "listed-name": (
            'the trigger "{trigger}" of "{concept}" is a name of your list (used {count:count} times), which the model '
            "may know"
        ),
        "common-inferred": 'what was taken for the trigger of "{concept}", "{trigger}", is a common word',
        "common-words-inferred": 'what was taken for the trigger of "{concept}", "{trigger}", is made of common words',
    },
    remedies={
        "known-meaning": Remedies(data=(_CHOOSE,)),
        "common": Remedies(data=(_CHOOSE,)),
        "common-words": Remedies(data=(_CHOOSE,)),
        "listed": Remedies(data=(_CHOOSE,)),
        "listed-name": Remedies(
            data=("if it is the one that is meant, leave it as it is; else choose a rare token that is no name",)
        ),
        "class-word": Remedies(
            data=('choose a trigger without "{class_word}" in it, and write both into the captions beside each other',)
        ),
        "common-inferred": Remedies(data=(_INFERRED, _CHOOSE)),
        "common-words-inferred": Remedies(data=(_INFERRED, _CHOOSE)),
    },
)


@rule.each_concept
def check(concept: Concept, options: NoOptions) -> Iterator[Finding]:
    trigger = concept.trigger
    if trigger is None:
        raise Skip("no-trigger")
    is_inferred = concept.info.trigger_origin == "inferred"
    form = normal_form(trigger)
    form = _without_class_word(concept, form) if is_inferred else form
    message = _collision(concept, form)
    if message is None:
        return
    if message.startswith("common") and is_inferred:
        message += "-inferred"
    yield rule.finding(
        concept.subject(),
        message,
        values={
            "concept": concept.name,
            "trigger": trigger,
            "class_word": concept.class_word or "",
            "count": concept.dataset.vocabulary.listed_count(form),
        },
        severity=Severity.INFO if message == "listed-name" else None,
        measured=Measurement("collisions", 1, 0),
    )


def _without_class_word(concept: Concept, trigger: str) -> str:
    """What is the trigger in a tag that was taken for it whole: of `ohwx dog` it is `ohwx`."""
    class_words = set(normal_form(concept.class_word or "").split())
    return " ".join(word for word in trigger.split() if word not in class_words) or trigger


def _collision(concept: Concept, trigger: str) -> str | None:
    words = [word for word in re.split(r"[\s,_-]+", trigger) if word]
    if KNOWN_MEANINGS.intersection(words):
        return "known-meaning"
    class_word = normal_form(concept.class_word or "")
    if class_word and trigger != class_word and _holds(trigger, class_word):
        return "class-word"
    common = _common_words(frozenset(concept.dataset.vocabulary.known_tags))
    if words and all(word in common for word in words):
        return "common" if len(words) == 1 else "common-words"
    if concept.dataset.vocabulary.is_listed(trigger):
        named = concept.dataset.vocabulary.listed_type(trigger)
        return "listed-name" if named in ("character", "copyright") else "listed"
    return None


def _holds(trigger: str, class_word: str) -> bool:
    if contains_word(trigger, class_word):
        return True
    return len(class_word) >= _SHORTEST_PART and (trigger.startswith(class_word) or trigger.endswith(class_word))


@lru_cache(maxsize=4)
def _common_words(tags: frozenset[str]) -> frozenset[str]:
    """The words of the vocabulary's tags, two letters and more, and the tags themselves."""
    words = {word for tag in tags for word in re.split(r"[\s_():/.,!'-]+", tag) if len(word) > 1}
    return frozenset(words | tags)
