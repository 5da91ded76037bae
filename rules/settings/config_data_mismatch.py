"""A config that does not fit the data on disk.

What it finds
    Folders and metadata files that the config names and that are not there or hold no image; Windows paths on another
    system; captions that have another ending than the config says; folders with images that it does not
    name; images that a metadata file lists and that are gone, and images that it does not list; options
    beside a dataset config that are ignored; folders named for regularization and not marked so.

Why it matters
    The trainer passes over most of this with a line in its log. The training then runs on a part of the
    set, or without a single caption, and nobody notices before the LoRA is there.

What to do
    Correct the config at the line named, or give it the folders as they are.

Known limits
    Relative paths are looked for from the current folder and from the config's own; the trainer knows the
    folder where it is started alone. Folders that the config leaves out are looked for beside those that it names.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import (
    Finding,
    Measurement,
    NoOptions,
    Place,
    PlacedProblem,
    Plural,
    Remedies,
    Rule,
    Severity,
    TrainerConfig,
)

_ENDING = Remedies(training=('set caption_extension = "{found}"',), data=("or rename the caption files",))
_FOLDER = Remedies(training=("correct the path; relative ones count from the folder where the trainer is started",))

rule = Rule(
    id="config-data-mismatch",
    severity=Severity.ERROR,
    evidence="documented",
    messages={
        "folder-missing": "the folder {path} is not there: none of its images will be trained",
        "folder-on-windows": "{path} is a path of Windows, and no such folder was found here: it is not audited",
        "folder-empty": "the folder {path} holds no image that the trainer finds",
        "no-numbered-folders": (
            "{path} holds no folder named N_name, such as 10_cat: the trainer finds no data and stops"
        ),
        "config-missing": "{key} names {path}, which is not there: the trainer stops",
        "metadata-missing": "the metadata file {path} is not there: the trainer stops",
        "metadata-without-image": Plural(
            "{path} lists {n:count} image that is not there, at which the trainer stops: {names}",
            "{path} lists {n:count} images that are not there, at which the trainer stops: {names}",
        ),
        "images-unlisted": "{n:count} of {total:count} images will never be trained: {path} does not list them",
        "captions-elsewhere": (
            "{n:count} of {total:count} images have a caption in {found}, and the config reads {extension}: none of "
            "them is read"
        ),
        "folders-unnamed": Plural(
            "{n:count} image beside the folders of the config will never be trained: it does not name {folders}",
            "{n:count} images beside the folders of the config will never be trained: it does not name {folders}",
        ),
        "unread": (
            "{n:count} of {total:count} images will never be trained: the config names no folder in which they lie "
            "directly ({folders})"
        ),
        "list-unread": "{path} is a list of images in JSON, which is not read here: its images are not audited",
        "folder-ignored": "{key} is ignored: the dataset config takes its place",
        "not-marked": (
            "{n:count} images in {path} are trained like all others: the folder is named for regularization, and "
            "is_reg is not set"
        ),
    },
    remedies={
        "folder-missing": _FOLDER,
        "folder-on-windows": Remedies(
            training=("give the folder that holds the images here as a further PATH, to have them audited",)
        ),
        "folder-empty": Remedies(
            training=("name the folder in which the images lie directly; folders inside it are not entered",)
        ),
        "no-numbered-folders": Remedies(
            data=("name the folders of images with their repeats, such as 10_cat",),
            training=("or name their parent folder; the images must not lie in it directly",),
        ),
        "config-missing": _FOLDER,
        "metadata-missing": _FOLDER,
        "metadata-without-image": Remedies(data=("make the metadata file anew",)),
        "images-unlisted": Remedies(data=("make the metadata file anew",)),
        "captions-elsewhere": _ENDING,
        "folders-unnamed": Remedies(training=("name them in the config, or move them elsewhere",)),
        "unread": Remedies(training=("name the folders in the config, or move them elsewhere",)),
        "list-unread": Remedies(training=("give the folder of its images as a further PATH, to have them audited",)),
        "folder-ignored": Remedies(training=("leave it out, so that nobody is misled",)),
        "not-marked": Remedies(training=("set is_reg = true for this subset",)),
    },
)

_WARNINGS = frozenset({"folders-unnamed", "images-unlisted", "unread", "folder-ignored", "not-marked", "list-unread"})
_REGULARIZATION_NAMES = ("reg", "img_reg", "regularization", "regularisation", "class_images")


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    for problem in config.problems:
        if problem.code in rule.messages:
            yield _told(config, problem)
    yield from _unread(config)
    yield from _not_marked(config)


def _told(config: TrainerConfig, problem: PlacedProblem) -> Finding:
    n, total = problem.values.get("n"), problem.values.get("total")
    share = n / total if isinstance(n, int) and isinstance(total, int) and total else None
    return config.finding(
        rule,
        problem.code,
        problem.place,
        values=problem.values,
        paths=problem.paths,
        measured=None if share is None else Measurement("unread_share", share, unit="share"),
        severity=Severity.WARNING if problem.code in _WARNINGS else None,
        key=str(problem.values.get("path", problem.code)),
    )


def _unread(config: TrainerConfig) -> Iterator[Finding]:
    """Images of the folders given that no subset names, as they lie one level too deep or beside."""
    dataset = config.dataset
    paths = [entry.path for entry in dataset.excluded if entry.id == "not-in-the-config" and entry.is_image]
    if not paths:
        return
    folders = sorted({path.rpartition("/")[0] or "." for path in paths})
    total = dataset.n + len(paths)
    yield config.finding(
        rule,
        "unread",
        config.told.datasets[0].place if config.told.datasets else Place(config.files[0]),
        values={"n": len(paths), "total": total, "folders": tuple(folders)},
        paths=tuple(paths),
        measured=Measurement("unread_share", len(paths) / total, unit="share"),
        severity=Severity.WARNING,
        key="unread",
    )


def _not_marked(config: TrainerConfig) -> Iterator[Finding]:
    parts = config.parts
    if config.trainer != "kohya" or any(part.is_regularization for part in parts) or len(parts) < 2:
        return
    for part in parts:
        names = part.title.replace("\\", "/").rstrip("/").lower().split("/")
        if any(name in _REGULARIZATION_NAMES or name.startswith("reg_") for name in names[-2:]):
            yield config.finding(
                rule,
                "not-marked",
                part.place,
                values={"n": len(part.rows), "path": part.title},
                rows=np.asarray(part.rows).tolist(),
                severity=Severity.WARNING,
                key=part.title,
            )
