"""An image too large to be opened safely.

What it finds
    Files beyond a limit for bytes, pixels, frames or metadata. This is decided before anything is
    decoded, so a small file that grows to gigabytes when it is opened does no harm here.

Why it matters
    A trainer that opens such a file runs out of memory or stands still. Even where it copes, it
    shrinks the picture to about a megapixel, so nothing is won by the size.

What to do
    Save a smaller copy: a long side of 2048 to 4096 px is plenty for today's base models. Remove what
    you do not know: a tiny file that claims billions of pixels is an attack.

Known limits
    The limits are Tagmetry's own, far above what training needs. The figures are those that the
    file claims.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

rule = Rule(
    id="oversized-file",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability",),
    messages={
        "too-large": "{path} has {size:bytes}; only files up to {limit:bytes} are opened",
        "too-many-pixels": (
            "{path} has {width:number} × {height:number} px, {pixels:number} in all; the limit is {limit:number}"
        ),
        "too-many-frames": "{path} claims more than {limit:number} frames",
        "metadata-bomb": "{path} holds more than {limit:bytes} of metadata",
        OTHER: "{path} is beyond a limit ({code})",
    },
    remedies={
        "too-large": Remedies(data=("save a smaller copy, or remove it",)),
        "too-many-pixels": Remedies(data=("save a smaller copy, or remove it",)),
        "too-many-frames": Remedies(data=("save the wanted frame as an image of its own, or remove it",)),
        "metadata-bomb": Remedies(data=("save it without metadata, or remove it",)),
        OTHER: Remedies(data=("save a smaller copy, or remove it",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "oversized")
