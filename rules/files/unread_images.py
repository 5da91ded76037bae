"""Images that lie where the trainer does not look.

What it finds
    Images that were left out because the trainer reads other folders only: with kohya, what does not lie
    directly in a folder named `N_name`; with EveryDream2, folders whose `multiply.txt` is negative.

Why it matters
    The trainer says little or nothing about it and trains on the rest. Folder names without a number, or
    one level too many, are among the most frequent reasons for "no data found" and for a LoRA that
    knows only a part of its set.

What to do
    Give the folders names with a number (`10_name`: ten repeats) and move images up from folders inside
    them. If the images are meant to stay out, move them out of the dataset.

Known limits
    Judges by the layout that was recognized. Where folders are named in a trainer's own
    configuration, the names mean nothing to kohya.
"""

from collections.abc import Iterator
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Remedies, Rule, Severity

NOT_IN_A_KOHYA_FOLDER: Final = "not-in-a-kohya-folder"
MULTIPLIED_AWAY: Final = "multiplied-away"

rule = Rule(
    id="unread-images",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "kohya": (
            "{n:count} of {total:count} images will never be trained: kohya reads only what lies directly in "
            "folders named N_name, not {folders}"
        ),
        "everydream": (
            "{n:count} of {total:count} images will never be trained: a negative multiply.txt leaves out {folders}"
        ),
    },
    remedies={
        "kohya": Remedies(
            data=("name the folders with their repeats, such as 10_name, and keep images out of folders inside them",)
        ),
        "everydream": Remedies(data=("move the folder out of the dataset if it is meant to stay out",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    for key, reason in (("kohya", NOT_IN_A_KOHYA_FOLDER), ("everydream", MULTIPLIED_AWAY)):
        paths = [entry.path for entry in dataset.excluded if entry.id == reason and entry.is_image]
        if not paths:
            continue
        folders = sorted({path.rpartition("/")[0] or "." for path in paths})
        total = dataset.n + len(paths)
        declared = dataset.profile.settings["trainer"].origin in ("flag", "environment", "policy", "trainer config")
        yield rule.finding(
            dataset.subject(),
            key,
            values={"n": len(paths), "total": total, "folders": tuple(folders)},
            measured=Measurement("unread_share", len(paths) / total, unit="share"),
            # Whoever names the trainer means its rules; a folder alone may be a set that is still being sorted.
            severity=Severity.ERROR if declared and key == "kohya" else None,
            key=key,
        )
