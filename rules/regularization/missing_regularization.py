"""Signs that a class is being taken over, and no picture that would hold it.

What it finds
    Training concepts of which at least `limit` of the images teach the class word together with the subject, in a set
    without a picture that shows the class alone. Images count whose captions hold trigger and class word, and with
    sd-scripts also images without a caption, which are trained on the name of their folder (`10_sks dog`).

Why it matters
    Whatever the class word says is then said of the one subject alone. The class word by itself begins to give the
    subject, and others of the class can no longer be drawn. Class pictures hold its old meaning in place.

What to do
    Add regularization images of the class, best real ones that are as varied as the class is, with captions that name
    background and attributes. Without them train shorter and the text encoder weaker, and try the class
    word alone at every checkpoint.

Known limits
    Where the class word is in nearly every caption with the trigger, from `told_from` on, it is the fixed pair that
    `class-hijack-risk` tells, whose remedy is the same; this rule is silent there, so that one cause is one finding.
    Judges words, not pictures, and needs a class word, declared or from the folder's name. A style has no class that
    could be lost, and where the profile names the class word as `expected_fusion` none shall be kept. Both limits are
    Tagmetry's own choice.
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
from tagmetry.text import normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of a concept's images that teach class word and subject as one, from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )
    told_from: float = option(
        0.95,
        "Share of the captions with the trigger that hold the class word, from which on it is left to "
        "class-hijack-risk.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(3, "Concepts of fewer images are not judged.", unit="images", low=1)


_READS_FOLDER_NAMES: Final = "kohya"
_REMEDIES: Final = Remedies(
    data=('add regularization images of "{class_word}", with captions that name background and attributes',),
    training=("until then train shorter and the text encoder weaker, and try the class word alone",),
)

rule = Rule(
    id="missing-regularization",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed",),
    messages={
        "captions": (
            'no picture shows "{class_word}" alone, and {share:percent} of the images of "{concept}" teach it together '
            "with the trigger ({n:count} of {total:count})"
        ),
        "folder-name": (
            'no picture shows "{class_word}" alone, and {share:percent} of the images of "{concept}" have no caption, '
            "so that they are trained on the name of their folder, class word included ({n:count} of {total:count})"
        ),
        "style": "the purpose is a style, which has no class that could be lost",
        "fused": "the profile expects the class word to stand for the concept: expected_fusion",
        "no-class-word": "no class word is known: set profile.concepts.NAME.class_word",
        "too-few": "the concept has too few images to judge",
    },
    remedies=_REMEDIES,
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    dataset, class_word = concept.dataset, concept.class_word
    if dataset.profile.purpose == "style":
        raise Skip("style")
    if class_word is None:
        raise Skip("no-class-word")
    if concept.is_class_fused:
        raise Skip("fused")
    if concept.n < options.min_images:
        raise Skip("too-few")
    class_word_there = with_class_word(concept, class_word)
    called = np.zeros(concept.n, dtype=bool) if concept.trigger is None else with_word(concept, concept.trigger)
    if called.any() and float(class_word_there[called].mean()) >= options.told_from:
        return
    by_folder = ~concept.captioned & _is_trained_on_its_name(concept, class_word)
    taught = (class_word_there & called) | by_folder
    share = float(taught.mean())
    if share < options.limit or class_only(dataset, class_word).any():
        return
    yield rule.finding(
        concept.subject(concept.rows[taught].tolist()),
        "folder-name" if by_folder.sum() * 2 > taught.sum() else "captions",
        values={
            "concept": concept.name,
            "class_word": class_word,
            "share": share,
            "n": int(taught.sum()),
            "total": concept.n,
        },
        measured=Measurement("class_with_subject_share", share, options.limit, option="limit", unit="share"),
    )


def _is_trained_on_its_name(concept: Concept, class_word: str) -> bool:
    """Whether the trainer reads the folder's name where there is no caption, and that says more than the class."""
    is_more = normal_form(concept.name) != normal_form(class_word)
    return concept.dataset.profile.trainer == _READS_FOLDER_NAMES and is_more
