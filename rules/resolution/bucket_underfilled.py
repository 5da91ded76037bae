"""Shapes with too few pictures to fill one batch.

What it finds
    Buckets of the trainer that get less than one batch per epoch, with the images in them. It is a note; where
    more than `warning_share` of the training images are in such buckets, a warning.

Why it matters
    A batch holds images of one bucket only. kohya trains a short batch as it is: its images pull at the model as
    strongly as a whole batch of others, and a batch size of 4 becomes 1 unnoticed. EveryDream2 fills it up with copies
    of the same images and scales the loss down.

What to do
    Crop these images to the shape that most others have, or add images of their shape. A smaller batch size or more
    repeats helps as well.

Known limits
    Needs a trainer, a resolution and a batch size. kohya counts repeats, which fill a batch with the same image
    several times. Buckets are those of the trainer's usual settings for the profile's resolution; regularization
    images count, as they share the batches. The limit is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.resolution.previewed import bucketed


@dataclass(frozen=True, slots=True)
class Options:
    warning_share: float = option(
        0.25,
        "Share of the training images in such buckets above which it is a warning.",
        unit="share",
        low=0,
        high=1,
    )


_CROP = "crop them to the shape that most others have"

rule = Rule(
    id="bucket-underfilled",
    options=Options,
    severity=Severity.INFO,
    evidence="documented",
    points_to=("instability",),
    messages={
        "smaller": Plural(
            "{n:count} of {total:count} training images has a shape of which there are too few for a batch of "
            "{batch_size:count}: it is trained in a smaller one, as {shapes}",
            "{n:count} of {total:count} training images have shapes of which there are too few for a batch of "
            "{batch_size:count}: they are trained in smaller ones, as {shapes}",
        ),
        "filled": Plural(
            "{n:count} of {total:count} training images has a shape of which there are too few for a batch of "
            "{batch_size:count}, which is filled up with copies of it: {shapes}",
            "{n:count} of {total:count} training images have shapes of which there are too few for a batch of "
            "{batch_size:count}, which is filled up with copies of them: {shapes}",
        ),
    },
    remedies=Remedies(data=(_CROP, "or add images of their shapes"), training=("lower the batch size",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    preview, _, judged = bucketed(dataset)
    if not preview.is_batch_size_given:
        raise Skip("no-batch-size")
    table = preview.table
    assert table is not None
    # Fractions that add up to a batch may fall a little short of it.
    short = np.round(table.exposures, 6) < preview.batch_size
    concerned = judged.copy()
    concerned[judged] = short[preview.bucket_of[judged]]
    rows = np.flatnonzero(concerned)
    if not len(rows):
        return
    share = len(rows) / int(judged.sum())
    held = np.unique(preview.bucket_of[rows])
    yield rule.finding(
        dataset.subject(rows.tolist()),
        preview.last_batch,
        values={
            "n": len(rows),
            "total": int(judged.sum()),
            "batch_size": preview.batch_size,
            "shapes": tuple(f"{table.width[number]} × {table.height[number]}" for number in held),
        },
        measured=Measurement("underfilled_share", share, options.warning_share, option="warning_share", unit="share"),
        severity=Severity.WARNING if share > options.warning_share else None,
    )
