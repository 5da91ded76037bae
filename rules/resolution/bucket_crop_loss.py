"""Pictures of which the trainer cuts off much.

What it finds
    Training images of which more than `limit` is cut away to fit the trainer's nearest bucket. The finding
    lists them, the worst first.

Why it matters
    The trainer cuts without looking: a head or the feet can be gone, while the caption still names them. What is
    cut off is not learned, and cut compositions are.

What to do
    Crop these images yourself, to a shape that the trainer has (`tagmetry preview` lists its buckets), around
    what matters.

Known limits
    Buckets are those of the trainer's usual settings for the profile's resolution; a config can set others. kohya
    cuts the middle out, EveryDream2 at random along the long side, which is why it may look well in one epoch and not
    in another. The limit is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, option
from tagmetry.rules.resolution.previewed import bucketed


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(0.15, "Share of a picture that may be cut away.", unit="share", low=0, high=1)


rule = Rule(
    id="bucket-crop-loss",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("style-drift",),
    messages={
        "found": Plural(
            "{n:count} of {total:count} training images will lose more than {limit:percent}, {loss:percent} of {path}",
            "{n:count} of {total:count} training images will lose more than {limit:percent}, at most {loss:percent} "
            "of {path}",
        ),
    },
    remedies=Remedies(
        data=("crop them yourself to a shape that the trainer has: tagmetry preview lists its buckets",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    _, buckets, judged = bucketed(dataset)
    lost = judged & (buckets.crop_loss > options.limit)
    rows = np.flatnonzero(lost)
    if not len(rows):
        return
    rows = rows[np.argsort(-buckets.crop_loss[rows], kind="stable")]
    worst = float(buckets.crop_loss[rows[0]])
    yield rule.finding(
        dataset.subject(rows.tolist()),
        "found",
        values={
            "n": len(rows),
            "total": int(judged.sum()),
            "limit": options.limit,
            "loss": worst,
            "path": dataset.paths[rows[0]],
        },
        measured=Measurement("crop_loss", worst, options.limit, option="limit", unit="share"),
    )
