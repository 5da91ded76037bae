"""An image in a format that is not read.

What it finds
    Files with an image's ending or content in another format than JPEG, PNG, WebP, AVIF, GIF, BMP and
    TIFF, or in one of these without a decoder on this computer. The content decides, not the name.

Why it matters
    Trainers leave such files out, mostly without a word, or stop at them. The set that is trained is
    then smaller than the folder.

What to do
    Convert the file to PNG, or to JPEG of high quality, and remove the original from the dataset.

Known limits
    The list is kept short for safety: decoders of rare formats are where crafted files do harm. A
    program that reads more formats than these may train on the file all the same.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

rule = Rule(
    id="unsupported-format",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability",),
    messages={
        "not-allowed": "{path} is {content}, a format that is not read",
        "no-decoder": "{path} is {content}, for which this installation of Pillow has no decoder",
        OTHER: "{path} is in a format that is not read ({code})",
    },
    remedies={
        "not-allowed": Remedies(data=("convert it to PNG, or to JPEG of high quality",)),
        "no-decoder": Remedies(data=("convert it to PNG, or install Pillow with a decoder for {content}",)),
        OTHER: Remedies(data=("convert it to PNG, or to JPEG of high quality",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "format")
