"""Images at which the trainer stops, for no bucket takes them.

What it finds
    Images with a side below the bucket step where pictures are not scaled up, and others whose bucket comes out with
    a side of 0.

Why it matters
    sd-scripts divides by that side: the run ends with a ZeroDivisionError that names no file.

What to do
    Remove the images, or crop them to a common shape; or let the trainer scale pictures up.

Known limits
    Needs a trainer and a resolution. Without a config the usual settings are taken, which scale up and take every
    shape.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity, Skip
from tagmetry.rules.resolution.previewed import previewed

rule = Rule(
    id="too-thin-for-bucket",
    severity=Severity.ERROR,
    evidence="documented",
    points_to=("instability",),
    messages={
        "found": Plural(
            "the trainer stops at {n:count} image that fits in no bucket: {path}, {width} × {height}",
            "the trainer stops at {n:count} images that fit in no bucket, such as {path}, {width} × {height}",
        ),
    },
    remedies=Remedies(
        data=("remove them, or crop them to a common shape",), training=("or set bucket_no_upscale = false",)
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    preview = previewed(dataset)
    if preview.buckets is None:
        raise Skip("no-resolution" if preview.resolution is None else "resolution-refused")
    rows = np.flatnonzero(preview.having("no-bucket"))
    if len(rows):
        first = int(rows[0])
        yield rule.finding(
            dataset.subject(rows.tolist()),
            "found",
            values={
                "n": len(rows),
                "path": dataset.paths[first],
                "width": str(int(preview.width[first])),
                "height": str(int(preview.height[first])),
            },
            measured=Measurement("stopping_share", len(rows) / dataset.n, unit="share"),
        )
