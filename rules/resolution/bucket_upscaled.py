"""Pictures that the trainer enlarges to fill their bucket.

What it finds
    Training images that are scaled up to the training resolution: those of at least `limit` times are
    noted, those of at least `warning_limit` times are a warning. Each finding lists its images, the worst first.
    Nothing is noted where `few-full-size-images` or `resolution-below-base-model` names all of them.

Why it matters
    An enlarged picture has no more detail than before, and the model learns its softness, its jagged edges and the
    traces of its compression, as if they belonged to the subject.

What to do
    Get the larger originals, or train at a lower resolution. With kohya `bucket_no_upscale` leaves small pictures at
    their own size, in buckets of their own.

Known limits
    Buckets are those of the trainer's usual settings for the profile's resolution. A small factor does little harm: the
    limits are Tagmetry's own choice. A picture that was enlarged before is not noticed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Mask, Measurement, Plural, Remedies, Rule, Severity, option
from tagmetry.rules.resolution.previewed import bucketed
from tagmetry.trainers import Buckets


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(1.1, "Factor on the sides from which on an enlarged picture is noted.", low=1)
    warning_limit: float = option(2.0, "Factor from which on it is a warning.", low=1)


_LARGER = "get larger originals, or leave out the worst"
_LOWER = "without larger images, train at a lower resolution"
_NO_UPSCALE = "or leave small pictures at their own size: bucket_no_upscale"

rule = Rule(
    id="bucket-upscaled",
    options=Options,
    severity=Severity.INFO,
    evidence="documented",
    points_to=("style-drift",),
    told_by=("few-full-size-images", "resolution-below-base-model"),
    messages={
        "noted": Plural(
            "{n:count} of {total:count} training images will be enlarged, {scale:number} times: {path}",
            "{n:count} of {total:count} training images will be enlarged, up to {scale:number} times: {path}",
        ),
        "much": Plural(
            "{n:count} of {total:count} training images will be enlarged {limit:number} times or more, "
            "{scale:number} times: {path}",
            "{n:count} of {total:count} training images will be enlarged {limit:number} times or more, up to "
            "{scale:number} times: {path}",
        ),
    },
    remedies={
        "noted": Remedies(data=(_LARGER,), training=(_LOWER,)),
        "much": Remedies(data=(_LARGER,), training=(_LOWER, _NO_UPSCALE)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    _, buckets, judged = bucketed(dataset)
    much = judged & (buckets.scale >= options.warning_limit)
    noted = judged & (buckets.scale >= options.limit) & (buckets.scale > 1) & ~much
    yield from _enlarged(dataset, buckets, much, judged, "much", "warning_limit", options.warning_limit)
    yield from _enlarged(dataset, buckets, noted, judged, "noted", "limit", options.limit)


def _enlarged(
    dataset: Dataset, buckets: Buckets, mask: Mask, judged: Mask, key: str, option_name: str, limit: float
) -> Iterator[Finding]:
    rows = np.flatnonzero(mask)
    if not len(rows):
        return
    rows = rows[np.argsort(-buckets.scale[rows], kind="stable")]
    worst = float(buckets.scale[rows[0]])
    yield rule.finding(
        dataset.subject(rows.tolist()),
        key,
        values={
            "n": len(rows),
            "total": int(judged.sum()),
            "limit": limit,
            "scale": round(worst, 2),
            "path": dataset.paths[rows[0]],
        },
        measured=Measurement("upscale", worst, limit, option=option_name),
        severity=Severity.WARNING if key == "much" else None,
        key=key,
    )
