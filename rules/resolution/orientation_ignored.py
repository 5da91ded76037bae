"""Photographs that the trainer leaves lying on their side.

What it finds
    Images with an EXIF orientation, where the trainer does not apply it: sd-scripts reads the pixels as they
    are stored.

Why it matters
    Every program on the desktop shows them upright, so nobody sees it: the LoRA learns people lying on their
    side, and their buckets are those of the other format.

What to do
    Turn the pixels themselves and clear the mark: save the pictures anew with "apply orientation", or by
    `exiftran -ai`, `jpegtran` or the like.

Known limits
    Needs a trainer. EveryDream2 applies the orientation.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity
from tagmetry.rules.resolution.previewed import previewed

rule = Rule(
    id="orientation-ignored",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("style-drift",),
    messages={
        "found": Plural(
            "{n:count} of {total:count} images is trained lying on its side or mirrored: {version} ignores the EXIF "
            "orientation",
            "{n:count} of {total:count} images are trained lying on their side or mirrored: {version} ignores the EXIF "
            "orientation",
        ),
    },
    remedies=Remedies(data=("turn the pixels themselves and save the pictures anew",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    preview = previewed(dataset)
    rows = np.flatnonzero(preview.orientation_ignored)
    total = int(preview.trained.sum())
    if len(rows):
        yield rule.finding(
            dataset.subject(rows.tolist()),
            "found",
            values={"n": len(rows), "total": total, "version": preview.trainer.VERSION},
            measured=Measurement("turned_share", len(rows) / total, unit="share"),
        )
