"""An image on which the decoder crashed, hung or ran out of memory.

What it finds
    Files on which the image decoder crashed, did not finish in time, or took more memory than
    it was given. Only the work on this one file is lost; all others are checked.

Why it matters
    In a trainer the same file can bring down the whole run, since it decodes in its own process.
    Such files are rarely damaged by chance.

What to do
    Remove the file. If it is wanted, open it in an image editor and save it anew; do so only if you
    trust where it comes from.

Known limits
    On a very slow or busy computer a healthy picture can take too long; check it again by itself.
    The limit on memory works on Linux only.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

rule = Rule(
    id="decoder-failure",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability",),
    messages={
        "timeout": "{path} was not decoded within {seconds:number} seconds",
        "crash": "the decoder crashed on {path} ({signal})",
        "memory": "{path} needs more than {limit:bytes} of memory to be decoded",
        OTHER: "the decoder failed on {path} ({code})",
    },
    remedies=Remedies(data=("remove it, or open it in an image editor and save it again",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "decoder")
