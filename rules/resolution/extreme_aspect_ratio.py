"""Pictures much longer than wide, or wider than high.

What it finds
    Training images whose long side is more than `limit` times the short one, where there are at least
    `min_images` of them and they are more than `max_share` of all.

Why it matters
    Few other images share such a shape, so it is trained in small batches, which makes the training
    restless. Trainers know no shape beyond about 4 to 1: what sticks out is cut off, and it may be the subject.

What to do
    Crop the pictures to what matters, or split a panorama into several. Otherwise train with buckets.

Known limits
    The limits are experience and Tagmetry's own choice. Sheets of several views are meant to be wide; they teach
    such sheets.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(2.0, "Long side by short side above which a shape is extreme.", low=1)
    max_share: float = option(0.05, "Share of the training images that may be so.", unit="share", low=0, high=1)
    min_images: int = option(2, "So many extreme images at least.", low=1)


rule = Rule(
    id="extreme-aspect-ratio",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("instability",),
    messages={
        "found": (
            "{n:count} of {total:count} training images are longer than {limit:number} to 1, at most "
            "{ratio:number} to 1: {path}"
        ),
    },
    remedies=Remedies(data=("crop them to what matters",), training=("train with buckets",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    train = dataset.train
    if not train.n:
        raise Skip("no-training-images")
    width, height = (train.column(name).values.astype(np.float64) for name in ("width", "height"))
    ratio = np.maximum(width, height) / np.minimum(width, height)
    # From the most extreme on, images of equal shape in path order.
    order = np.argsort(-ratio, kind="stable")
    n = int(np.count_nonzero(ratio > options.limit))
    share = n / train.n
    if share <= options.max_share or n < options.min_images:
        return
    rows = train.rows[order[:n]]
    yield rule.finding(
        dataset.subject(rows.tolist()),
        "found",
        values={
            "n": n,
            "total": train.n,
            "limit": options.limit,
            "ratio": round(float(ratio[order[0]]), 2),
            "path": dataset.paths[rows[0]],
        },
        measured=Measurement("extreme_share", share, options.max_share, option="max_share", unit="share"),
    )
