"""Captions of one concept that tell of two people.

What it finds
    Concepts in which what does not change in a person changes between captions: hair colour, eye colour, sex, age,
    skin. The less frequent value must be on at least `limit` of the captions that tell it, and on `min_images`. Also
    two names of characters that are never in one caption: what your own list of tags (`--tag-list`) has as names, of
    others those that are written `name (series)`. Captions of several people do not count.

Why it matters
    The trigger is to mean one person. If half of its pictures show another, the model learns something between the
    two, and the face comes out as somebody else, or differently each time.

What to do
    Look at the pictures named. Do they show someone else, make them a concept of its own with its own trigger, or
    drop them. Is it a wig, a filter or a wrong tag, correct the caption or say so in it.

Known limits
    A hair colour that changes on purpose is no other person. Without a purpose it is not known that the concept is
    one identity at all, and the finding is a note; styles and fashion are not judged. Faces are not compared. A wrong
    tag here and there stays below the limits. Sentences are not judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Mask,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    excused_images,
    option,
)
from tagmetry.text import split_tags


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.15,
        "Share of the captions that tell it from which on the less frequent value is no slip.",
        unit="share",
        low=0,
        high=0.5,
    )
    min_images: int = option(
        3,
        "Images that must tell the less frequent value.",
        unit="images",
        low=1,
        high=1000,
    )


IDENTITY_SETS: Final = (
    "hair_colour",
    "eye_colour",
    "sex",
    "sex_child",
    "sex_counted",
    "age",
    "age_woman",
    "age_man",
    "skin",
)
"""The vocabulary's exclusive sets that tell what does not change in a person."""

_SETS: Final = frozenset(IDENTITY_SETS)
_IDENTITIES: Final = ("character", "person", "object")
_LISTED: Final = 50

# Boorus write "saber (fate)" for a character and "star (symbol)" for one of several meanings of a word.
_NAME: Final = re.compile(r"\A[^\W\d].* \((?P<series>[^()]+)\)\Z")
_NO_SERIES: Final = frozenset(
    split_tags(
        "accessory, animal, architecture, bird, body, building, cat, character, clothes, clothing, color, colour, "
        "company, computing, creature, dog, drink, fish, flower, food, fruit, furniture, game, gem, gesture, hair, "
        "hairstyle, idol, instrument, insect, jewelry, machine, material, medium, meme, military, mineral, object, "
        "organ, ornament, pattern, person, place, planet, plant, pokemon, pose, position, season, shape, song, sport, "
        "stone, style, symbol, texture, tool, toy, tree, vegetable, vehicle, weapon, weather"
    )
)

rule = Rule(
    id="mixed-identities",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("identity-collapse",),
    messages={
        "attributes": Plural(
            'the captions of "{concept}" tell of more than one identity: {tellings}; the exception is {paths}',
            'the captions of "{concept}" tell of more than one identity: {tellings}; the exceptions are {paths}',
        ),
        "names": Plural(
            'the captions of "{concept}" name more than one character: {tellings}; the exception is {paths}',
            'the captions of "{concept}" name more than one character: {tellings}; the exceptions are {paths}',
        ),
        "no-identity": "the purpose is not one identity",
    },
    remedies=Remedies(
        data=(
            "look at these pictures: if they show someone else, make them a concept of their own or drop them",
            "if it is a wrong tag, a wig or a filter, correct the caption or say so in it",
        )
    ),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    profile = concept.dataset.profile
    if profile.purpose is not None and profile.purpose not in _IDENTITIES:
        raise Skip("no-identity")
    if profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    told = _told(concept)
    for name in IDENTITY_SETS:
        yield from _judged(concept, name, told.get(name, []), options)
    yield from _judged(concept, "names", _names(concept), options)


def _told(concept: Concept) -> dict[str, list[tuple[str, Mask]]]:
    """By exclusive set its values with the images of one figure that tell them and nothing else of the set."""
    dataset = concept.dataset
    vocabulary, forms = dataset.vocabulary, dataset.captions.forms
    rows: dict[str, dict[str, Mask]] = {}
    for tag in np.flatnonzero(concept.tag_images).tolist():
        for true in (forms[tag], *vocabulary.implied_by(forms[tag])):
            for name in _SETS.intersection(vocabulary.exclusive_sets_of(true)):
                of_set = rows.setdefault(name, {})
                member, mask = vocabulary.preferred(true), concept.with_tag(forms[tag])
                of_set[member] = of_set[member] | mask if member in of_set else mask
    found = {}
    for name, of_set in rows.items():
        if len(of_set) > 1:
            clear = (np.sum(list(of_set.values()), axis=0) == 1) & ~excused_images(concept, name)
            found[name] = [(member, mask & clear) for member, mask in sorted(of_set.items())]
    return found


def _names(concept: Concept) -> list[tuple[str, Mask]]:
    """Names of characters with the images that hold one and no other."""
    dataset = concept.dataset
    found = [
        tag for tag in concept.tag_frequencies() if _is_name(dataset, tag.form) and not concept.is_own_word(tag.form)
    ]
    masks = [concept.with_tag(tag.form) for tag in found]
    if len(masks) < 2:
        return []
    alone = np.sum(masks, axis=0) == 1
    return [(tag.name, mask & alone) for tag, mask in zip(found, masks, strict=True)]


def _is_name(dataset: Dataset, form: str) -> bool:
    """Whether a tag names a character: as the user's list has it, else by the way in which boorus write names."""
    vocabulary = dataset.vocabulary
    if vocabulary.is_listed(form):
        return vocabulary.listed_type(form) == "character"
    match = _NAME.match(form)
    return match is not None and match["series"] not in _NO_SERIES and not vocabulary.is_known(form)


def _judged(concept: Concept, name: str, told: list[tuple[str, Mask]], options: Options) -> Iterator[Finding]:
    """A finding if a second value is told too often to be a slip."""
    ordered = sorted(
        ((int(np.count_nonzero(mask)), value, mask) for value, mask in told), key=lambda one: (-one[0], one[1])
    )
    if len(ordered) < 2:
        return
    total = sum(n for n, _, _ in ordered)
    second = ordered[1][0]
    if second < options.min_images or second < options.limit * total:
        return
    others = np.any([mask for _, _, mask in ordered[1:]], axis=0)
    yield rule.finding(
        concept.subject(concept.rows[others]),
        "names" if name == "names" else "attributes",
        values={
            "concept": concept.name,
            "tellings": tuple(f"{value} ({n})" for n, value, _ in ordered if n),
            "n": int(np.count_nonzero(others)),
            "paths": tuple(concept.where(others).paths[:_LISTED]),
        },
        measured=Measurement("second_identity", second / total, options.limit, option="limit", unit="share"),
        severity=None if concept.dataset.profile.purpose in _IDENTITIES else Severity.INFO,
        key=name,
    )
