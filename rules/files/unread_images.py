"""Images that the trainer will not read.

What it finds
    Images in places where the trainer does not look: with kohya, what does not lie directly in a folder
    named `N_name`; with EveryDream2, folders whose `multiply.txt` is negative. And training images whose
    names end in something that the trainer does not look for: GIF and TIFF with both, AVIF with kohya
    unless a plugin for it is installed, and with kohya on Linux also `.Jpg` or `.Png` in mixed case.

Why it matters
    The trainer says little or nothing about it and trains on the rest. Folder names without a number, or
    one level too many, are among the most frequent reasons for "no data found" and for a LoRA that
    knows only a part of its set.

What to do
    Give the folders names with a number (`10_name`: ten repeats) and move images up from folders inside
    them. Convert formats that are not read, and write endings in lower case. If the images are meant to
    stay out, move them out of the dataset.

Known limits
    Judges by the layout that was recognized. Where folders are named in a trainer's own
    configuration, the names mean nothing to kohya.
"""

from collections.abc import Iterator
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Remedies, Rule, Severity
from tagmetry.trainers import TRAINERS

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
        "suffix": (
            "{n:count} of {total:count} training images will never be trained: {trainer} does not read files "
            "that end in {suffixes}"
        ),
        "case": (
            "{n:count} of {total:count} training images will never be trained on Linux: there {trainer} reads "
            "endings in all lower or all upper case only, not {suffixes}"
        ),
    },
    remedies={
        "kohya": Remedies(
            data=("name the folders with their repeats, such as 10_name, and keep images out of folders inside them",)
        ),
        "everydream": Remedies(data=("move the folder out of the dataset if it is meant to stay out",)),
        "suffix": Remedies(data=("convert them to PNG, or to JPEG of high quality",)),
        "case": Remedies(data=("rename them so that they end in lower case",)),
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
        yield rule.finding(
            dataset.subject(),
            key,
            values={"n": len(paths), "total": total, "folders": tuple(folders)},
            measured=Measurement("unread_share", len(paths) / total, unit="share"),
            # Whoever names the trainer means its rules; a folder alone may be a set that is still being sorted.
            severity=Severity.ERROR if key == "kohya" and _is_declared(dataset) else None,
            key=key,
        )
    yield from _by_ending(dataset)


def _is_declared(dataset: Dataset) -> bool:
    """Whether somebody named the trainer, rather than the folders giving it away."""
    return dataset.profile.settings["trainer"].origin in ("flag", "environment", "policy", "trainer config")


def _by_ending(dataset: Dataset) -> Iterator[Finding]:
    """Training images whose names the trainer passes over: everywhere, or on systems where case counts."""
    trainer = dataset.profile.trainer
    if trainer is None or trainer not in TRAINERS:
        return
    model = TRAINERS[trainer]
    train = dataset.train
    unread = [int(row) for row in train.rows if not model.reads_image(dataset.paths[row].rpartition("/")[2])]
    in_lower_case = [row for row in unread if model.reads_image(dataset.paths[row].rpartition("/")[2].lower())]
    everywhere = sorted(set(unread) - set(in_lower_case))
    for key, rows in (("suffix", everywhere), ("case", in_lower_case)):
        if rows:
            endings = sorted({"." + dataset.paths[row].rpartition(".")[2] for row in rows})
            yield rule.finding(
                dataset.subject(rows),
                key,
                values={"n": len(rows), "total": train.n, "trainer": trainer, "suffixes": tuple(endings)},
                measured=Measurement("unread_share", len(rows) / train.n, unit="share"),
                severity=Severity.ERROR if key == "suffix" and _is_declared(dataset) else None,
                key=key,
            )
