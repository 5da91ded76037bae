"""With several concepts, half of the training images or more have no caption.

What it finds
    Datasets of two or more training concepts in which the share of images without a caption, or with an empty
    one, is at least `limit`. The concepts are named with their shares.

Why it matters
    Without words nothing tells the concepts apart, and they are learned into each other. One captionless image
    for each captioned one is reported to be too much; caption dropout in the trainer comes on top of it.

What to do
    Write captions, first for the concept that lacks most.

Known limits
    Each image without a caption is also named by `missing-caption`. Caption dropout that a trainer's config asks for is
    added, but is not told here where every image has a caption: that is `caption-dropout-high`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, caption_dropout, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of the training images without a caption from which on it is reported.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )


rule = Rule(
    id="captionless-share",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("concept-bleed", "prompt-sensitivity"),
    messages={
        "found": (
            "{share:percent} of the training images have no caption ({n:count} of {total:count}), in a set of "
            "{concepts:count} concepts: {shares}"
        ),
        "with-dropout": (
            "{share:percent} of the training is done without a caption: {n:count} of {total:count} training images "
            "have none, and caption dropout leaves out others, in a set of {concepts:count} concepts: {shares}"
        ),
        "one-concept": "there is only one training concept, which cannot blur with another",
    },
    remedies=Remedies(
        data=('write captions, first for "{worst}"',),
        training=("turn caption dropout off until they are there",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    concepts, train = dataset.training_concepts, dataset.train
    if not train.n:
        raise Skip("no-training-images")
    if len(concepts) < 2:
        raise Skip("one-concept")
    n = int(np.count_nonzero(~train.captioned))
    dropout = caption_dropout(dataset)[train.rows][train.captioned]
    share = (n + float(dropout.sum())) / train.n
    if not n or share < options.limit:
        return
    lacking = {concept.name: int(np.count_nonzero(~concept.captioned)) for concept in concepts}
    sizes = {concept.name: concept.n for concept in concepts}
    ordered = sorted(lacking, key=lambda name: (-lacking[name], name))
    yield rule.finding(
        dataset.subject(train.rows[~train.captioned].tolist()),
        "with-dropout" if dropout.any() else "found",
        values={
            "n": n,
            "total": train.n,
            "share": share,
            "concepts": len(concepts),
            "shares": tuple(f'"{name}" {lacking[name]}/{sizes[name]}' for name in ordered),
            "worst": ordered[0],
        },
        measured=Measurement("captionless_share", share, options.limit, option="limit", unit="share"),
    )
