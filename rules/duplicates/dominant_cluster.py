"""One group of look-alikes holds a large part of the training set.

What it finds
    A group of near-duplicates, exact copies included, that holds at least `limit` of the training
    images and has at least `min_images` members. With `error_limit` and `error_min_images` reached
    as well it is an error.

Why it matters
    A picture that is shown that often fixes the composition: its pose, framing and background
    turn up whatever the prompt says.

What to do
    Keep one image of the group, or a few that really differ, and remove the others.

Known limits
    The shares come from a rule of thumb of 2 % to 5 %. In a set of thirty every pair reaches
    them, hence the least number of images, which is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.02,
        "Share of the training images from which on a group is reported.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )
    min_images: int = option(
        4,
        "Smaller groups are not reported.",
        unit="images",
        low=2,
        high=100_000,
    )
    error_limit: float = option(
        0.05,
        "Share of the training images from which on a group is an error.",
        unit="share",
        low=0,
        high=1,
        source="S1",
    )
    error_min_images: int = option(
        8,
        "Smaller groups are no error.",
        unit="images",
        low=2,
        high=100_000,
    )


rule = Rule(
    id="dominant-cluster",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization",),
    messages={
        "found": (
            "{keeper} and its near-duplicates are {share:percent} of the training images ({n:count} of {total:count})"
        ),
    },
    remedies=Remedies(data=("thin the group: keep {keeper}, and others only where they really differ from it",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    total = dataset.train.n
    if not total:
        raise Skip("no-training-images")
    for rows in dataset.duplicates.near:
        n = len(rows)
        share = n / total
        if share < options.limit or n < options.min_images:
            continue
        is_error = share >= options.error_limit and n >= options.error_min_images
        option = "error_limit" if is_error else "limit"
        yield rule.finding(
            dataset.cluster("near", rows),
            "found",
            values={
                "keeper": dataset.paths[dataset.duplicates.keepers[rows]],
                "share": share,
                "n": n,
                "total": total,
            },
            measured=Measurement("cluster_share", share, getattr(options, option), option=option, unit="share"),
            severity=Severity.ERROR if is_error else None,
        )
