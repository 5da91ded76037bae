"""Few training images have the size that SDXL is made for.

What it finds
    For SDXL, a training set of which less than `min_share` has as many pixels as SDXL's own
    pictures, about 1024 × 1024. It lists the smaller ones.

Why it matters
    Some smaller images do no harm. When they are the majority, enlarged pictures are what the
    LoRA learns, and its results come out soft or weak.

What to do
    Replace images by their larger originals until most of the set has the full size, beginning with
    the smallest; or train at the resolution that the set really has.

Known limits
    Only SDXL is known to need one size in this way, so the rule does not judge other base models.
    Where fewer images are smaller, `resolution-below-base-model` notes each of them, and it always
    tells those with a short side below 512 px. How many are few is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    min_share: float = option(
        0.5,
        "Share of the training images that should have the full size.",
        unit="share",
        low=0,
        high=1,
    )
    full_px: int = option(
        960,
        "Side of the square that has the pixels of a full-size image; near the 1024 that SDXL is made for.",
        unit="px",
        low=1,
        high=65_536,
    )


rule = Rule(
    id="few-full-size-images",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("style-drift",),
    messages={
        "found": (
            "only {share:percent} of the training images ({n:count} of {total:count}) have the size that SDXL is "
            "made for, about 1024 × 1024 px"
        ),
        "none": "no training image has the size that SDXL is made for, about 1024 × 1024 px",
        "other-base-model": "only SDXL is known to need a certain size of most images",
    },
    remedies=Remedies(
        data=("replace images by larger originals until most have the full size",),
        training=("without larger images, train at a lower resolution",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    train, base_model = dataset.train, dataset.profile.base_model
    if not train.n:
        raise Skip("no-training-images")
    if base_model is None:
        raise Skip("no-base-model")
    if base_model != "sdxl":
        raise Skip("other-base-model")
    width, height = (train.column(name).values.astype(np.int64) for name in ("width", "height"))
    full = width * height >= options.full_px**2
    n = int(np.count_nonzero(full))
    share = n / train.n
    if share >= options.min_share:
        return
    yield rule.finding(
        dataset.subject(train.rows[~full].tolist()),
        "found" if n else "none",
        values={"share": share, "n": n, "total": train.n},
        measured=Measurement("full_size_share", share, options.min_share, option="min_share", unit="share"),
    )
