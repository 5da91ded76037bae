"""Regularization images shown far more or far less often than the training images.

What it finds
    The exposures of the regularization images (images times repeats) against those of the training images: more than
    `most` for each one, or less than `least`. sd-scripts evens the two out by itself, whatever the repeats say; there
    it is told which of the regularization images are never used because enough others come before them.

Why it matters
    Both are learned from in every epoch. Too few class pictures do not hold the drift of the class word; too many
    weaken the concept, which then needs more steps. Near one to one is what the scripts and guides use.

What to do
    Set the repeats of the regularization images so that images times repeats come near those of the training
    images, never above. With sd-scripts repeats of 1 use the most different pictures; images that are never used can
    be left out, or used by more repeats of the training images.

Known limits
    Counts what the folders say; repeats in a trainer's config count only when that was given. sd-scripts evens out in
    each dataset of a config by itself, here all is taken for one. That regularization images should not be shown
    more often than training images is the source's; how few are too few is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.trainers import TRAINERS


@dataclass(frozen=True, slots=True)
class Options:
    most: float = option(
        1.0,
        "Exposures of regularization images for each exposure of training images above which they are too many.",
        unit="ratio",
        low=0,
        source="S0",
    )
    least: float = option(0.5, "The same, below which they are too few to hold the class.", unit="ratio", low=0)


EVENS_OUT: Final = "kohya"
_LISTED: Final = 20

rule = Rule(
    id="regularization-ratio",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed", "identity-collapse"),
    messages={
        "too-many": (
            "regularization images are shown {ratio:number} times for each training image ({reg:number} against "
            "{train:number} per epoch), more than {limit:number}: the concept is weakened"
        ),
        "too-few": (
            "regularization images are shown {ratio:number} times for each training image ({reg:number} against "
            "{train:number} per epoch), less than {limit:number}: too few to hold the class"
        ),
        "unused": Plural(
            "{n:count} of {total:count} regularization images is never used: sd-scripts takes them in order until "
            "they equal the {train:count} exposures of the training images",
            "{n:count} of {total:count} regularization images are never used: sd-scripts takes them in order until "
            "they equal the {train:count} exposures of the training images",
        ),
    },
    remedies={
        "too-many": Remedies(
            data=("leave out regularization images until at most {wanted:count} exposures are left",),
            training=("or lower their repeats, or raise those of the training images",),
        ),
        "too-few": Remedies(
            data=("add regularization images",),
            training=("or raise their repeats until images times repeats come near {train:number}",),
        ),
        "unused": Remedies(
            data=("leave them out, or choose yourself which ones are used: {unused} come last",),
            training=("or set the repeats of the regularization folders to 1, so that more different ones are used",),
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    train, reg = dataset.train, dataset.role("regularization")
    if not train.n:
        raise Skip("no-training-images")
    if not reg.n:
        raise Skip("no-images-of", roles=("regularization",))
    if dataset.profile.trainer == EVENS_OUT:
        yield from _unused(dataset)
        return
    shown_train, shown_reg = (float(dataset.repeats[samples.rows].sum()) for samples in (train, reg))
    if not shown_train:
        return
    ratio = shown_reg / shown_train
    # Repeats are whole numbers or short decimals; their sum must not tip over by its last bit.
    key = "too-many" if ratio > options.most + 1e-9 else "too-few" if ratio < options.least else None
    if key is None:
        return
    option_name = "most" if key == "too-many" else "least"
    limit = options.most if key == "too-many" else options.least
    yield rule.finding(
        dataset.subject(),
        key,
        values={
            "ratio": ratio,
            "reg": shown_reg,
            "train": shown_train,
            "limit": limit,
            "wanted": int(options.most * shown_train),
        },
        measured=Measurement("regularization_ratio", ratio, limit, option=option_name, unit="ratio"),
    )


def _unused(dataset: Dataset) -> Iterator[Finding]:
    """Where the trainer evens out: regularization images that it never comes to."""
    trained = dataset.roles.equals("train") | dataset.roles.equals("regularization")
    rows = np.flatnonzero(trained)
    is_reg = dataset.roles.equals("regularization")[rows]
    exposures = TRAINERS[EVENS_OUT].exposures(dataset.repeats[rows], is_reg)
    unused = rows[is_reg & (exposures == 0) & (dataset.repeats[rows] >= 1)]
    if not len(unused):
        return
    total = int(is_reg.sum())
    yield rule.finding(
        dataset.subject(unused.tolist()),
        "unused",
        values={
            "n": len(unused),
            "total": total,
            "train": int(exposures[~is_reg].sum()),
            "unused": tuple(dataset.paths[row] for row in unused[:_LISTED]),
        },
        measured=Measurement("unused_regularization_share", len(unused) / total, 0.0, unit="share"),
        severity=Severity.INFO,
    )
