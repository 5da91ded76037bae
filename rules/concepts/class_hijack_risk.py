"""A class word that never stands without the trigger.

What it finds
    Concepts whose class word is in at least `limit` of the captions that hold the trigger, while no image of the set
    shows the class without a trigger: no regularization or preservation picture, no other training picture. Worse where
    a word of the surroundings is always there as well, which the finding then names.

Why it matters
    Trigger and class word are learned as one: "woman" alone then gives this woman, and other women can no longer be
    drawn. The paper behind this way of training calls it language drift, and holds against it with pictures of the
    class.

What to do
    Add regularization pictures of the class with captions that name the class word, the background and attributes,
    but never the trigger. Vary what the captions of the concept say besides.

Known limits
    Only words are read, not what is seen. A class word is known from the profile or the last word of a kohya folder
    name. How many class pictures are enough is not judged here. The shape of the word must be the same: "dogs" is not
    "dog"; `1girl` counts as "girl". Where the class word may come to mean the concept, `expected_fusion` says so in the
    profile, and nothing is judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import (
    Concept,
    Finding,
    Measurement,
    Remedies,
    Rule,
    Severity,
    Skip,
    class_only,
    option,
    with_class_word,
    with_word,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.95,
        "Share of the captions with the trigger that hold the class word from which on the two are one.",
        unit="share",
        low=0,
        high=1,
    )
    background_limit: float = option(
        0.95,
        "Share of the captions with the trigger from which on a word of the surroundings is always there.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )


_REMEDIES: Final = Remedies(
    data=(
        (
            'add regularization images of other examples of "{class_word}", with captions that name background and '
            'attributes and not "{trigger}"'
        ),
        "vary what the captions say beside trigger and class word",
    ),
    training=("train the text encoder weaker, or not at all, and stop early",),
)

rule = Rule(
    id="class-hijack-risk",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed",),
    messages={
        "found": (
            '"{class_word}" is in {share:percent} of the captions with the trigger "{trigger}", '
            "and no image shows the class without a trigger"
        ),
        "with-background": (
            '"{class_word}" is in {share:percent} of the captions with the trigger "{trigger}", '
            "and no image shows the class without a trigger; always there as well: {backgrounds}"
        ),
        "no-class-word": "no class word is known: set profile.concepts.NAME.class_word",
        "style": "the purpose is a style, which has no class that could be lost",
        "fused": "the profile expects the class word to stand for the concept: expected_fusion",
        "trigger-absent": "no caption holds the trigger",
    },
    remedies={"found": _REMEDIES, "with-background": _REMEDIES},
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    trigger, class_word = concept.trigger, concept.class_word
    if concept.dataset.profile.purpose == "style":
        raise Skip("style")
    if not concept.captioned.any():
        raise Skip("no-captions")
    if trigger is None:
        raise Skip("no-trigger")
    if class_word is None:
        raise Skip("no-class-word")
    if concept.is_class_fused:
        raise Skip("fused")
    called = concept.where(with_word(concept, trigger))
    if not called.n:
        raise Skip("trigger-absent")
    share = float(np.count_nonzero(with_class_word(concept, class_word)[np.isin(concept.rows, called.rows)])) / called.n
    if share < options.limit or class_only(concept.dataset, class_word).any():
        return
    vocabulary = concept.dataset.vocabulary
    backgrounds = tuple(
        tag.name
        for tag in called.tag_frequencies()
        if tag.share >= options.background_limit
        and "surroundings" in vocabulary.kinds_of(tag.form)
        and not concept.is_own_word(tag.form)
    )
    yield rule.finding(
        concept.subject(called.rows.tolist()),
        "with-background" if backgrounds and concept.dataset.profile.caption_style != "sentences" else "found",
        values={
            "concept": concept.name,
            "trigger": trigger,
            "class_word": class_word,
            "share": share,
            "backgrounds": backgrounds,
        },
        measured=Measurement("class_only_images", 0, 1, unit="images"),
    )
