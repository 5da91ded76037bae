"""A training set too small to be balanced.

What it finds
    Fewer than `min_images` training images. It also says when there are enough images, but not
    once each group of near-duplicates counts as one.

Why it matters
    With so few images, repeats and weights would not correct a distribution but invent one: each
    image is then drawn so often that the model learns it by heart. So the balance plan proposes
    no repeats and no weights here.

What to do
    Nothing has to be done. Weak randomization is safe at any size: for tag captions shuffling
    with the first tag kept and a tag dropout of about 0.1.

Known limits
    The number is a proposal, not a measured border. Only images of role train count, those of
    regularization and hold-out sets do not. Look-alikes are mentioned, but the plan goes by the number
    of images.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    min_images: int = option(
        30,
        "Training images from which on balancing makes sense.",
        unit="images",
        low=1,
        high=100_000,
        source="S0",
    )


rule = Rule(
    id="too-small-to-balance",
    options=Options,
    severity=Severity.INFO,
    evidence="heuristic",
    messages={
        "found": Plural(
            "one training image is too few to balance; below {limit:count} the plan changes no repeats",
            "{n:count} training images are too few to balance; below {limit:count} the plan changes no repeats",
        ),
        "effective": (
            "{n:count} training images hold only {effective_n:count} different pictures, "
            "fewer than the {limit:count} that balancing needs"
        ),
    },
    remedies={
        "found": Remedies(
            training=("leave the repeats as they are; shuffling tags and a weak tag dropout are safe at any size",)
        ),
        "effective": Remedies(
            data=("thin the groups of near-duplicates and decide on balancing afterwards",),
            training=("until then leave the repeats as they are",),
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    n, effective_n = dataset.train.n, dataset.effective_n
    if not n:
        raise Skip("no-training-images")
    if n < options.min_images:
        yield rule.finding(
            dataset.subject(),
            "found",
            values={"n": n, "limit": options.min_images},
            measured=Measurement("n_train", n, options.min_images, option="min_images", unit="images"),
        )
    elif effective_n < options.min_images:
        yield rule.finding(
            dataset.subject(),
            "effective",
            values={"n": n, "effective_n": effective_n, "limit": options.min_images},
            measured=Measurement("effective_n", effective_n, options.min_images, option="min_images", unit="images"),
        )
