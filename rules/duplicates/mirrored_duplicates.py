"""The same training image a second time, mirrored.

What it finds
    Training images that are another one flipped left to right or upside down, also where they are
    turned, cropped or saved anew besides, with the likeness of each to the image that is best
    kept.

Why it matters
    A flipped copy is no new picture: pose, light and composition are the same. A trainer
    that flips images at random (`flip_aug`) makes the same pictures itself, so that both are seen
    twice as often as the rest. And what is not symmetrical, such as a parting, a scar, a logo or
    writing, is taught in both ways, which a model can only blur.

What to do
    Keep one of the two. If flipped pictures are wanted, let the trainer flip, which treats all
    pictures alike; if the subject is not symmetrical, do not flip at all.

Known limits
    Flipped copies do not count in `near-duplicate-ratio` and the effective size. A picture that
    is its own mirror image is a near-duplicate, not a flipped copy. Limits of crops and texture
    are those of `near-duplicate-cluster`.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity

rule = Rule(
    id="mirrored-duplicates",
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization",),
    messages={
        "found": Plural(
            "{keeper} is there once more, mirrored (likeness {likeness:percent}): {others}",
            "{keeper} is there {n:count} times more, mirrored (likeness {likeness:percent} or more): {others}",
        ),
    },
    remedies=Remedies(
        data=("keep {keeper} and remove its mirrored copies with their captions",),
        training=("leave flip_aug off while mirrored copies are in the set",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    alike = dataset.duplicates
    for rows in alike.mirrored:
        keeper = alike.keepers[rows]
        others = tuple(dataset.paths[row] for row in rows if row != keeper)
        yield rule.finding(
            dataset.cluster("mirrored", rows),
            "found",
            values={
                "keeper": dataset.paths[keeper],
                "others": others,
                "n": len(others),
                "likeness": min(one.likeness for one in alike.alike[rows]),
            },
            measured=Measurement("cluster_size", len(rows), unit="images"),
        )
