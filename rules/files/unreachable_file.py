"""A file or folder of the dataset that could not be reached.

What it finds
    Files and folders without permission to read, links that lead nowhere, in a circle or out of the dataset's
    folder, things that are no files (pipes, sockets, devices), and files that vanished, changed or failed
    while they were read.

Why it matters
    What Tagmetry cannot read was not checked, and a trainer may fail on it as well: it stops, or leaves
    the image out without a word. Links out of the folder are never followed, since a dataset from
    somebody else must not be able to pull in files of yours.

What to do
    Give the permission, mend or remove the link, or copy the file into the dataset. After a file
    changed during the check, check again once nothing writes there any more.

Known limits
    Shows the state during this check. A folder that cannot be listed stands for all that it holds.
"""

from collections.abc import Iterator

from tagmetry.api import Dataset, Finding, NoOptions, Remedies, Rule, Severity
from tagmetry.rules.files.file_problems import OTHER, findings_for

rule = Rule(
    id="unreachable-file",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "no-permission": "{path} cannot be read: {reason}",
        "folder-unreadable": "the folder {path} cannot be listed, so nothing in it was checked: {reason}",
        "vanished": "{path} disappeared before it could be read",
        "changed": "{path} changed while it was read",
        "io-error": "{path} could not be read to its end: {reason}",
        "not-regular": "{path} is not a file but a pipe, socket or device",
        "broken-link": "{path} is a link to something that does not exist",
        "symlink-loop": "{path} is a link that leads back to itself",
        "too-long": "{path} has a name longer than this system can open",
        "outside-root": "{path} is a link out of the dataset and was not followed",
        OTHER: "{path} could not be reached ({code})",
    },
    remedies={
        "no-permission": Remedies(data=("give yourself permission to read it, or remove it",)),
        "folder-unreadable": Remedies(data=("give yourself permission to read it, or move it out of the dataset",)),
        "vanished": Remedies(data=("check again when no other program writes to the dataset",)),
        "changed": Remedies(data=("check again when no other program writes to the dataset",)),
        "io-error": Remedies(data=("check the drive or share, or replace the file",)),
        "not-regular": Remedies(data=("remove it from the dataset",)),
        "broken-link": Remedies(data=("restore the link's target, or remove the link",)),
        "symlink-loop": Remedies(data=("remove the link",)),
        "too-long": Remedies(data=("shorten the names of the file or of the folders above it",)),
        "outside-root": Remedies(data=("copy the file into the dataset in place of the link",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    yield from findings_for(rule, dataset, "unreachable")
