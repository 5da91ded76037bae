"""An image file that cannot be read.

What it finds
    Files with an image's ending that are empty, cut off, damaged or no image at all, as many failed
    downloads are. The decoder's reason is given.

Why it matters
    Some trainers stop at such a file, in the middle of a run or at its start. Others skip it, and its
    caption and repeats are not trained as planned. A half-decoded picture teaches grey areas.

What to do
    Fetch or export the file again, or remove it together with its caption. A file that holds a web
    page was an error message instead of a picture; one that begins like Git LFS is fetched with
    `git lfs pull`.

Known limits
    Nothing is taken from a picture that is only partly there, even where a viewer shows it. Damage
    that leaves the format intact, such as a wrong picture, is not seen.
"""

import re
from collections.abc import Iterator
from typing import Final

from tagmetry.api import Dataset, FileProblem, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

_REPLACE: Final = Remedies(data=("replace the file, or remove it together with its caption",))

rule = Rule(
    id="unreadable-image",
    severity=Severity.ERROR,
    evidence="documented",
    points_to=("instability",),
    messages={
        "empty": "{path} is empty",
        "not-an-image": "{path} is not an image; its content looks like {looks_like}",
        "unknown-content": "{path} is not an image; it begins with the bytes {looks_like}",
        "truncated": "{path} is cut off: its {size:bytes} hold only a part of the picture",
        "corrupt": "{path} cannot be decoded: {reason}",
        "invalid-size": "{path} claims an impossible size of {width:number} × {height:number} px",
        "non-finite": "{path} holds pixels that are not finite numbers",
        OTHER: "{path} cannot be read as an image ({code})",
    },
    remedies=_REPLACE,
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "unreadable", message_of=_message)


# What is recognized as nothing is shown by its first bytes, in place of a name.
_BYTES: Final = re.compile(r"[0-9a-f]{2}(?: [0-9a-f]{2})*")


def _message(problem: FileProblem) -> str:
    if problem.code == "not-an-image" and _BYTES.fullmatch(str(problem.values.get("looks_like"))):
        return "unknown-content"
    return problem.code
