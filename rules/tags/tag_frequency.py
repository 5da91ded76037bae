"""A tag that nearly every image of a concept carries.

What it finds
    Tags on at least `limit` of a training concept's images; with several concepts also tags on as many
    of all training images. The trigger, the class word (also as `1girl`) and declared core tags are
    meant to be everywhere and are left out, as are marks such as `watermark`, and words of quality, which
    `always-on-quality-tags` reports. Hair, eyes, body and subject may be traits of the concept, and are
    therefore a note.

Why it matters
    A tag that never varies cannot be told apart from the concept: its look is learned as part of it.
    Pictures then show it unasked, and prompts can hardly remove it.

What to do
    Turn on tag dropout with the trigger kept in front, which is safe. If the tags can be trusted, take
    this one out of some captions until at most `cap_ratio` carry it. What belongs to the concept is
    declared as a core tag.

Known limits
    Counts presence, not importance. Sets smaller than `min_images` are not judged: on a handful of
    images every tag is frequent. What a tag that is always there does to the trigger is reported by
    `trigger-coupling`; here it is about how often it is used. Sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Samples,
    Severity,
    Skip,
    TagCount,
    Value,
    option,
    spread_out,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.9,
        "Share of the images from which on a tag is reported.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )
    min_images: int = option(
        10,
        "Concepts of fewer images are not judged.",
        unit="images",
        low=1,
        high=100_000,
    )
    cap_ratio: float = option(
        0.8,
        "Share of the images that the remedy proposes to leave the tag on.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )


_DROPOUT: Final = "turn on tag dropout (about 0.1) with the trigger kept in front"
_CAP: Final = Plural(
    'if the tags are reliable, take "{tag}" out of one caption, so that at most {cap:percent} keep it, such as that of '
    "{examples}",
    'if the tags are reliable, take "{tag}" out of {drop:count} captions, so that at most {cap:percent} keep it, such '
    "as those of {examples}",
    by="drop",
)

rule = Rule(
    id="tag-frequency",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "prompt-sensitivity"),
    messages={
        "found": '"{tag}" is on {share:percent} of the images of "{concept}" ({n:count} of {total:count})',
        "trait": (
            '"{tag}" is on {share:percent} of the images of "{concept}" ({n:count} of {total:count}), '
            "which may be a trait of it"
        ),
        "whole-set": (
            '"{tag}" is on {share:percent} of all training images ({n:count} of {total:count}), '
            "in {concepts:count} concepts"
        ),
        "too-few": Plural(
            "one training image is fewer than the {limit:count} needed to judge how frequent tags are",
            "no concept has the {limit:count} images needed to judge how frequent tags are; the largest has {n:count}",
        ),
    },
    remedies={
        "found": Remedies(data=(_CAP,), training=(_DROPOUT,)),
        "trait": Remedies(
            data=('if it belongs to "{concept}", declare it as a core tag: profile.concepts.NAME.core_tags',)
        ),
        "whole-set": Remedies(data=(_CAP,), training=(_DROPOUT,)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    train, concepts = dataset.train, dataset.training_concepts
    if not train.n:
        raise Skip("no-training-images")
    if not train.captioned.any():
        raise Skip("no-captions")
    if train.n < options.min_images:
        raise Skip("too-few", n=max(concept.n for concept in concepts), limit=options.min_images)
    for concept in concepts:
        if concept.n >= options.min_images:
            yield from _of_concept(concept, options)
    if len(concepts) > 1:
        yield from _of_whole_set(dataset, options)


def _of_concept(concept: Concept, options: Options) -> Iterator[Finding]:
    for tag in concept.tag_frequencies():
        if tag.share < options.limit:
            return
        if concept.is_own_word(tag.form) or _is_left_out(concept.dataset, tag.form):
            continue
        is_trait = concept.is_trait(tag.form)
        yield rule.finding(
            concept.tag(tag),
            "trait" if is_trait else "found",
            values={**_values(tag, concept, options), "concept": concept.name},
            measured=_measured(tag, options),
            severity=Severity.INFO if is_trait else None,
        )


def _of_whole_set(dataset: Dataset, options: Options) -> Iterator[Finding]:
    """All training images as one subject: what they share across concepts."""
    train, concepts = dataset.train, dataset.training_concepts
    for tag in train.tag_frequencies():
        if tag.share < options.limit:
            return
        if _is_left_out(dataset, tag.form) or any(concept.is_own_word(tag.form) for concept in concepts):
            continue
        in_concepts = np.unique(dataset.concept_of[train.rows[train.with_tag(tag.form)]])
        yield rule.finding(
            dataset.subject(train.rows[train.with_tag(tag.form)].tolist()),
            "whole-set",
            values={**_values(tag, train, options), "concepts": len(in_concepts)},
            measured=_measured(tag, options),
            severity=Severity.INFO if all(concept.is_trait(tag.form) for concept in concepts) else None,
            key=tag.form,
        )


def _is_left_out(dataset: Dataset, form: str) -> bool:
    """Marks that stay, and praise, of which always-on-quality-tags speaks."""
    vocabulary = dataset.vocabulary
    return vocabulary.is_protected(form) or vocabulary.is_quality_word(form)


def _values(tag: TagCount, samples: Samples, options: Options) -> dict[str, Value]:
    total = samples.n
    drop = max(1, tag.n - int(options.cap_ratio * total))
    return {
        "examples": spread_out(samples.where(samples.with_tag(tag.form)).paths, drop),
        "tag": tag.name,
        "share": tag.share,
        "n": tag.n,
        "total": total,
        "cap": options.cap_ratio,
        "drop": drop,
    }


def _measured(tag: TagCount, options: Options) -> Measurement:
    return Measurement("frequency", tag.share, options.limit, option="limit", unit="share")
