"""Many of the training images are near-duplicates.

What it finds
    The share of the training images that lie in groups of at least `min_cluster_size`
    look-alikes, exact copies included. Above `limit` it is a warning, from `error_limit` on an error.

Why it matters
    How soon a model learns its pictures by heart depends on the number of different pictures,
    not of files. Thinning look-alikes is the cheapest cure for compositions and backgrounds
    that come back in every picture, and the first to try.

What to do
    Thin the groups that `near-duplicate-cluster` lists, before any other change: repeats, rank and
    steps chosen for the inflated set will not suit the real one.

Known limits
    The limits are rules of thumb; the range in use is 10 % to 20 %. Pairs do not count, unless
    `min_cluster_size` is 2. Mirrored and turned copies do not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option, spread_out


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.15,
        "Share of the training images in groups of look-alikes above which it is reported.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )
    error_limit: float = option(
        0.20,
        "Share of the training images from which on it is an error.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )
    min_cluster_size: int = option(
        3,
        "Smaller groups do not count.",
        unit="images",
        low=2,
        high=1000,
        source="S1",
    )


rule = Rule(
    id="near-duplicate-ratio",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("memorization",),
    messages={
        "found": (
            "{share:percent} of the training images ({n:count} of {total:count}) lie in groups of "
            "{size:count} or more near-duplicates"
        ),
    },
    remedies=Remedies(
        data=(
            Plural(
                "thin the groups of near-duplicates before anything else: one image can go, {examples}",
                "thin the groups of near-duplicates before anything else: {copies:count} images can go, such as "
                "{examples}",
                by="copies",
            ),
        )
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    total = dataset.train.n
    if not total:
        raise Skip("no-training-images")
    n = sum(len(rows) for rows in dataset.duplicates.near if len(rows) >= options.min_cluster_size)
    share = n / total
    if share <= options.limit:
        return
    is_error = share >= options.error_limit
    option = "error_limit" if is_error else "limit"
    groups = [rows for rows in dataset.duplicates.near if len(rows) >= options.min_cluster_size]
    copies = sorted(row for rows in groups for row in rows if row != dataset.duplicates.keepers[rows])
    examples = spread_out([dataset.paths[row] for row in copies], len(copies))
    yield rule.finding(
        dataset.subject(copies),
        "found",
        values={
            "share": share,
            "n": n,
            "total": total,
            "size": options.min_cluster_size,
            "copies": len(copies),
            "examples": examples,
        },
        measured=Measurement("near_duplicate_ratio", share, getattr(options, option), option=option, unit="share"),
        severity=Severity.ERROR if is_error else None,
    )
