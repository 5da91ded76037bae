"""One picture in two sets that should have nothing in common.

What it finds
    Three kinds of pictures that lie in two places: in two training concepts, among the training and the
    regularization images, and among the training and the hold-out images. Copies count as
    `near-duplicate-cluster` counts them: saved again, resized, in other tones, cropped or with a border; between
    roles also mirrored and turned ones.

Why it matters
    A picture in two concepts teaches two triggers the same thing, and they run into each other. A training
    picture among the regularization images says that the class looks like the one subject, which is what
    these images are there to prevent. A hold-out image that was trained on proves nothing: a model that has
    learned it by heart passes the test best, so this is an error.

What to do
    Leave the picture in the set it belongs to and remove it from the other. A picture that shows two concepts
    together belongs to a concept of its own, or to the one whose trigger its caption names first.

Known limits
    Another photograph of the same scene is no copy, however alike, and may still give a hold-out set away.
    Preservation sets and images of an earlier training are not compared. Copies within one concept are left to
    `exact-duplicates` and `near-duplicate-cluster`, which in turn say nothing of groups that this rule
    reports in full.
"""

from collections.abc import Iterator
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity, Skip

_ROLES: Final = ("regularization", "holdout")

rule = Rule(
    id="duplicate-across-sets",
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("concept-bleed", "memorization"),
    messages={
        "concepts": Plural(
            "one picture is in the concepts {concepts}: {keeper}, and once more as {others}",
            "one picture is in the concepts {concepts}: {keeper}, and {n:count} times more as {others}",
        ),
        "regularization": Plural(
            "{keeper} is a training image and also among the regularization images, as {others}",
            "{keeper} is a training image and also {n:count} times among the regularization images, as {others}",
        ),
        "holdout": Plural(
            "{keeper} is a training image and also in the hold-out set, as {others}",
            "{keeper} is a training image and also {n:count} times in the hold-out set, as {others}",
        ),
        "one-set": "there is one concept and no regularization or hold-out image to compare it with",
    },
    remedies={
        "concepts": Remedies(data=("keep it in the concept it shows and remove it from the other",)),
        "regularization": Remedies(data=("remove {others} from the regularization images",)),
        "holdout": Remedies(data=("remove {others} from the hold-out set, or {keeper} from the training images",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    if not dataset.train.n:
        raise Skip("no-training-images")
    if len(dataset.training_concepts) < 2 and not any(dataset.role(role).n for role in _ROLES):
        raise Skip("one-set")
    yield from _across_concepts(dataset)
    yield from _across_roles(dataset)


def _across_concepts(dataset: Dataset) -> Iterator[Finding]:
    alike = dataset.duplicates
    for rows in alike.near:
        concepts = sorted({dataset.concept_infos[dataset.concept_of[row]].name for row in rows})
        if len(concepts) < 2:
            continue
        keeper = alike.keepers[rows]
        others = tuple(dataset.paths[row] for row in rows if row != keeper)
        yield rule.finding(
            dataset.cluster("near", rows),
            "concepts",
            values={
                "concepts": tuple(concepts),
                "keeper": dataset.paths[keeper],
                "others": others,
                "n": len(others),
            },
            measured=Measurement("cluster_size", len(rows), unit="images"),
        )


def _across_roles(dataset: Dataset) -> Iterator[Finding]:
    alike = dataset.duplicates
    for rows in alike.across:
        keeper = alike.keepers[rows]
        for role in _ROLES:
            others = tuple(dataset.paths[row] for row in rows if dataset.roles.label(row) == role)
            if not others:
                continue
            yield rule.finding(
                dataset.cluster("near", rows),
                role,
                values={"keeper": dataset.paths[keeper], "others": others, "n": len(others)},
                measured=Measurement("cluster_size", len(others) + 1, unit="images"),
                severity=Severity.ERROR if role == "holdout" else None,
                key=role,
            )
