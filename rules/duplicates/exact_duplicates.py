"""The same training image more than once.

What it finds
    Training images whose files are equal byte for byte, or that hold the same pixels once
    decoded (saved again without loss, or with other metadata). Names and captions do not matter.

Why it matters
    Each further copy is one more repeat of a single picture that nobody decided on. The set is
    smaller than it looks, and what is shown most often is what the model learns by heart first.

What to do
    Keep one of them and remove the others together with their captions. If a picture is meant to
    weigh more, set repeats, where it can be seen and taken back.

Known limits
    One changed pixel makes an image a near-duplicate, which `near-duplicate-cluster` lists.
    Copies of which each is in another concept, or in a regularization or hold-out set, are left to
    `duplicate-across-sets`.
"""

from collections.abc import Iterator
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity
from tagmetry.rules.duplicates.spread import is_across_concepts_only

_REMEDIES: Final = Remedies(data=("keep {keeper} and its caption; remove the copies and their captions",))

rule = Rule(
    id="exact-duplicates",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("memorization",),
    messages={
        "bytes": Plural(
            "{keeper} has one copy that is equal byte for byte: {copies}",
            "{keeper} has {n:count} copies that are equal byte for byte: {copies}",
        ),
        "pixels": Plural(
            "{keeper} has one copy with the same pixels: {copies}",
            "{keeper} has {n:count} copies with the same pixels: {copies}",
        ),
    },
    remedies=_REMEDIES,
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    alike = dataset.duplicates
    for rows, kind in zip(alike.exact, alike.exact_kinds, strict=True):
        if is_across_concepts_only(dataset, rows):
            continue
        keeper = alike.keepers[rows]
        copies = tuple(dataset.paths[row] for row in rows if row != keeper)
        yield rule.finding(
            dataset.cluster("exact", rows),
            kind,
            values={"keeper": dataset.paths[keeper], "copies": copies, "n": len(copies)},
            measured=Measurement("cluster_size", len(rows), unit="images"),
        )
