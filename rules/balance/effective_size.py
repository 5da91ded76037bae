"""Far fewer different pictures than training images.

What it finds
    The training images that remain when each group of near-duplicates counts as one, as a
    share of all training images. Below `limit` it is reported.

Why it matters
    Steps, repeats and rank are chosen by the number of images. Where many of them are one picture
    in several copies, the same settings train much longer on each real picture than was meant.

What to do
    Thin the groups of near-duplicates; or choose repeats and epochs by the number of different
    pictures.

Known limits
    Counts what `near-duplicate-cluster` lists; mirrored and turned copies count as pictures of their own. The
    limit is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option, spread_out


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.8,
        "Different pictures as a share of the training images below which it is reported.",
        unit="share",
        low=0,
        high=1,
    )


rule = Rule(
    id="effective-size",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("memorization",),
    messages={
        "found": Plural(
            "{n:count} training images hold only one different picture, {share:percent} of their number",
            "{n:count} training images hold only {effective_n:count} different pictures, "
            "{share:percent} of their number",
            by="effective_n",
        ),
    },
    remedies=Remedies(
        data=(
            Plural(
                "thin the groups of near-duplicates: one image is a copy of another, {examples}",
                "thin the groups of near-duplicates: {copies:count} images are copies of others, such as {examples}",
                by="copies",
            ),
        ),
        training=("choose repeats and epochs by the number of different pictures, {effective_n:count}",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    n, effective_n = dataset.train.n, dataset.effective_n
    if not n:
        raise Skip("no-training-images")
    share = effective_n / n
    if share >= options.limit:
        return
    copies = dataset.duplicates.copies
    examples = spread_out([dataset.paths[row] for row in copies], len(copies))
    yield rule.finding(
        dataset.subject(copies),
        "found",
        values={"n": n, "effective_n": effective_n, "share": share, "copies": len(copies), "examples": examples},
        measured=Measurement("effective_share", share, options.limit, option="limit", unit="share"),
    )
