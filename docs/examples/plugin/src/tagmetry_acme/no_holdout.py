"""No images are kept out of the training to judge it by.

What it finds
    A training set of at least `min_images` images without any image of the role `holdout`.

Why it matters
    Whether a LoRA learned the concept or its images by heart shows on pictures that it has not seen.

What to do
    Move a few images into a folder named `holdout`, where trainers do not look, or name them under
    `profile.roles.holdout` of the policy.

Known limits
    Does not look at what the held-out images show.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    min_images: int = option(40, "Smaller training sets need every image and are not judged.", unit="images", low=1)


rule = Rule(
    id="acme/no-holdout",
    options=Options,
    severity=Severity.INFO,
    evidence="heuristic",
    points_to=("memorization",),
    messages={
        "found": "none of the images is held out, and {n:count} are trained on",
        "too-few": "{n:count} training images are too few to hold some out",
    },
    remedies=Remedies(data=("move a few images of each concept into a folder named holdout",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    n = dataset.train.n
    if n < options.min_images:
        raise Skip("too-few", n=n)
    if dataset.role("holdout").n == 0:
        yield rule.finding(
            dataset.subject(),
            "found",
            values={"n": n},
            measured=Measurement("n_train", n, options.min_images, option="min_images", unit="images"),
        )
