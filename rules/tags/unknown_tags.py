"""A tag that is probably a slip of the pen.

What it finds
    Tags on at most `max_images` training images with one word that nobody knows and that is nearly one that is known:
    `lnog hair`, `serafukku`. What was meant is a tag that is in use in three times as many captions of the set, or
    one of the vocabulary. Each finding says how often either stands. With a list of your own (`--tag-list`) also tags
    that it does not have: those near one of the list one by one, the others together in a note.

Why it matters
    The model reads a misspelled word as other words, mostly as a few letters that mean nothing. The picture then
    teaches that noise, and is missing where the right word is learned.

What to do
    Correct the spelling in the captions named. A word that is meant so is declared as a trigger or a core tag, or
    added to a group of the policy's vocabulary.

Known limits
    What is known are the words of the vocabulary that comes with Tagmetry or that the policy names, and those in
    common use in the set. Without a list of your own a tag is not reported for being in none, since plain
    descriptions never are. A slip that makes another known word (`read dress`) is not seen, nor one in the first
    letter of a word, nor one that is repeated in many captions. Only words in Latin letters are compared: in Japanese
    or Chinese one sign more is another word. Where only the vocabulary speaks for the other spelling, it is a note.
    Sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    Slip,
    Subject,
    TagCount,
    Unlisted,
    option,
    own_forms,
    training_slips,
    unlisted,
)


@dataclass(frozen=True, slots=True)
class Options:
    max_images: int = option(
        2,
        "A tag on more images than this is taken for a word that is meant so.",
        unit="images",
        low=1,
        high=1000,
    )


_LISTED: Final = 200

_CORRECT: Final = Plural(
    'write "{meant}" instead of "{tag}" in this caption: {paths}',
    'write "{meant}" instead of "{tag}" in these captions: {paths}',
)

rule = Rule(
    id="unknown-tags",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            '"{tag}" is on one image; "{meant}", which was probably meant, is on {n_meant:count}',
            '"{tag}" is on {n:count} images; "{meant}", which was probably meant, is on {n_meant:count}',
        ),
        "vocabulary": Plural(
            '"{tag}" is on one image and is no known word; "{meant}" may have been meant',
            '"{tag}" is on {n:count} images and is no known word; "{meant}" may have been meant',
        ),
        "unlisted": Plural(
            '"{tag}" is on one image and not in the tag list; the nearest there is "{meant}"',
            '"{tag}" is on {n:count} images and not in the tag list; the nearest there is "{meant}"',
        ),
        "others-unlisted": Plural(
            "one of the {total:count} tags in use is not in the tag list: {tags}",
            "{n:count} of the {total:count} tags in use are not in the tag list: {tags}",
        ),
    },
    remedies={
        "found": Remedies(data=(_CORRECT,)),
        "vocabulary": Remedies(data=(_CORRECT,)),
        "unlisted": Remedies(data=(_CORRECT,)),
        "others-unlisted": Remedies(
            data=("write what the list has for them, or add them to it or to a group of the policy's vocabulary",)
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    train = dataset.train
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not train.n:
        raise Skip("no-training-images")
    if not train.captioned.any():
        raise Skip("no-captions")
    found = training_slips(dataset, most=options.max_images)
    for slip in found:
        for concept in dataset.training_concepts:
            if concept.tag_images[slip.tag]:
                yield _found(concept, slip, options)
    yield from _unlisted(dataset, {slip.tag for slip in found})


def _unlisted(dataset: Dataset, told: set[int]) -> Iterator[Finding]:
    """What the user's own list does not have, apart from slips that were told."""
    captions, counts = dataset.captions, dataset.train.tag_images
    others = []
    for one in unlisted(captions.forms, counts, dataset.vocabulary, own_words=own_forms(dataset)):
        if one.tag in told:
            continue
        if not one.nearest:
            others.append(one.tag)
            continue
        for concept in dataset.training_concepts:
            if concept.tag_images[one.tag]:
                yield _near(concept, one)
    if others:
        others.sort(key=lambda tag: (-int(counts[tag]), captions.forms[tag]))
        yield rule.finding(
            dataset.subject(),
            "others-unlisted",
            values={
                "n": len(others),
                "total": int((counts > 0).sum()),
                "tags": tuple(f"{captions.names[tag]} ({counts[tag]})" for tag in others[:_LISTED]),
            },
            measured=Measurement("unlisted_tags", len(others), 0),
            severity=Severity.INFO,
            key="others",
        )


def _near(concept: Concept, one: Unlisted) -> Finding:
    tag = _tag(concept, one.tag)
    return rule.finding(
        tag,
        "unlisted",
        values={
            "tag": tag.name,
            "meant": one.nearest,
            "n": len(tag.paths),
            "uses": one.uses,
            "paths": tag.paths,
        },
        measured=Measurement("unlisted_tags", 1, 0),
        key="unlisted",
    )


def _tag(concept: Concept, tag: int) -> Subject:
    captions, n = concept.dataset.captions, int(concept.tag_images[tag])
    return concept.tag(TagCount(captions.forms[tag], captions.names[tag], n, n / concept.n))


def _found(concept: Concept, slip: Slip, options: Options) -> Finding:
    captions = concept.dataset.captions
    n = int(concept.tag_images[slip.tag])
    tag = _tag(concept, slip.tag)
    return rule.finding(
        tag,
        "found" if slip.n_meant else "vocabulary",
        values={
            "tag": captions.names[slip.tag],
            "meant": slip.meant,
            "n": n,
            "n_meant": slip.n_meant,
            "paths": tag.paths,
        },
        measured=Measurement("images", n, options.max_images, option="max_images", unit="images"),
        severity=None if slip.n_meant else Severity.INFO,
    )
