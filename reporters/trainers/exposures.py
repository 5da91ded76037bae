"""The folders of a report as an export names them: repeats as planned or as found, and what they do to the exposure.

Trainers set repeats per folder, so a folder is the smallest thing that an export can speak of.
"""

import ntpath
import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tagmetry.api import (
    CannotExport,
    ConceptSummary,
    FolderPlan,
    FolderSummary,
    Message,
    Plural,
    Report,
    TechniqueId,
    message,
)
from tagmetry.trainers import kohya

TRAINED_ROLES: Final = ("train", "regularization")

MANIFEST_SUFFIXES: Final = (".jsonl", ".json", ".csv", ".parquet")
"""Files that hold the captions of many images; trainers that look beside each image do not find these."""

SHOWN_CONCEPTS: Final = 40
"""Concepts told one by one in an export's explanation."""

SMALLEST_RESIDUAL: Final = 0.005
"""Rounding below half a percent is not worth a line."""


@dataclass(frozen=True, slots=True)
class TrainedFolder:
    """A folder of training or regularization images.

    `n` images of it are read by the trainer, `unread` are the others. `repeats` is what gets written.
    `concepts` has more than one name where a policy gives the folder's images to several. `class_tokens` is a
    caption for images without one, empty where none is known.
    """

    path: str
    concept: str
    concepts: tuple[str, ...]
    role: str
    n: int
    unread: tuple[str, ...]
    n_without_caption: int
    caption_suffixes: tuple[str, ...]
    class_tokens: str
    repeats_found: float
    repeats: float

    @property
    def shown(self) -> str:
        """The folder as messages name it: the root of the dataset has no path to be named by."""
        return self.concept if self.path == "." else self.path

    @property
    def is_regularization(self) -> bool:
        return self.role == "regularization"

    @property
    def is_train(self) -> bool:
        return self.role == "train"


@dataclass(slots=True)
class _Contents:
    """What lies in one folder, image by image."""

    roles: Counter[str] = field(default_factory=Counter)
    concepts: set[str] = field(default_factory=set)
    n: int = 0
    unread: list[str] = field(default_factory=list)
    n_without_caption: int = 0


def trained_folders(
    report: Report, *, reads_image: Callable[[str], bool], repeats: Mapping[str, float]
) -> tuple[TrainedFolder, ...]:
    """The folders with training images, then those with regularization images, each in the order of the plan.

    `repeats` by path of folder; folders that it does not name are left out. Raises CannotExport for a folder whose
    images have several roles.
    """
    contents = _contents(report, reads_image)
    summaries = {folder.path: folder for folder in report.dataset.folders}
    concepts = {(concept.name, concept.role): concept for concept in report.dataset.concepts}
    found = []
    for folder in report.plan.folders:
        if folder.path not in repeats:
            continue
        inside = contents[folder.path]
        if len(inside.roles) > 1:
            raise CannotExport(_mixed_roles(folder.path, inside))
        found.append(
            TrainedFolder(
                path=folder.path,
                concept=folder.concept,
                concepts=tuple(sorted(inside.concepts)),
                role=folder.role,
                n=inside.n,
                unread=tuple(inside.unread),
                n_without_caption=inside.n_without_caption,
                caption_suffixes=summaries[folder.path].caption_suffixes,
                class_tokens=_class_tokens(report, folder, concepts[folder.concept, folder.role]),
                repeats_found=folder.repeats_before,
                repeats=repeats[folder.path],
            )
        )
    return tuple(found)


def _contents(report: Report, reads_image: Callable[[str], bool]) -> Mapping[str, _Contents]:
    found: dict[str, _Contents] = defaultdict(_Contents)
    images = report.images
    for row, (path, caption) in enumerate(zip(images.paths, images.captions, strict=True)):
        folder, _, name = path.rpartition("/")
        inside = found[folder or "."]
        inside.roles[images.role.label(row)] += 1
        inside.concepts.add(images.concept.label(row))
        if not reads_image(name):
            inside.unread.append(path)
            continue
        inside.n += 1
        inside.n_without_caption += not caption
    return found


def _class_tokens(report: Report, folder: FolderPlan, concept: ConceptSummary) -> str:
    """Trigger and class word, else what kohya takes from the folder's name."""
    words = [word for word in (concept.trigger, concept.class_word) if word]
    if len(words) == 2 and words[0].split()[-1:] == [words[1]]:
        del words[1]
    if words:
        return " ".join(words)
    name = report.dataset.root if folder.path == "." else posixpath.basename(folder.path)
    parsed = kohya.parse_folder_name(name) if report.dataset.layout == "kohya-folders" else None
    return parsed.class_tokens if parsed is not None else ""


def _mixed_roles(path: str, inside: _Contents) -> Message:
    return message(
        "the images of {folder} have several roles ({roles}), and the trainer takes a folder as a whole; "
        "move the images of each role to a folder of their own",
        folder=path,
        roles=tuple(sorted(inside.roles)),
    )


def left_out(report: Report, folders: Sequence[TrainedFolder]) -> tuple[FolderSummary, ...]:
    """Folders with images whose role is not trained: held out, of an earlier stage, and kept for preservation where
    these folders have none of them."""
    exported = {folder.path for folder in folders}
    return tuple(
        folder
        for folder in report.dataset.folders
        if folder.n and folder.role not in TRAINED_ROLES and folder.path not in exported
    )


def not_exported(report: Report, folders: Sequence[TrainedFolder]) -> tuple[str, ...]:
    """Folders of training or regularization images that their own repeats leave out, such as a multiplier below 0."""
    exported = {folder.path for folder in folders}
    return tuple(
        folder.path
        for folder in report.dataset.folders
        if folder.n and folder.role in TRAINED_ROLES and folder.path not in exported
    )


def refuse_manifests(folders: Sequence[TrainedFolder], trainer: str) -> None:
    """Raise CannotExport where captions stand in a manifest, which the trainer would pass over."""
    for folder in folders:
        if any(suffix.casefold() in MANIFEST_SUFFIXES for suffix in folder.caption_suffixes):
            raise CannotExport(
                message(
                    "the captions of {folder} stand in a manifest, and {trainer} reads a text file beside each image; "
                    "write each caption to a .txt file of its image's name and check again",
                    folder=folder.shown,
                    trainer=trainer,
                )
            )


def dataset_place(report: Report, root: str | None, option: str) -> str:
    """Where the dataset lies for the trainer, with forward slashes and none at the end.

    `root` is what the user set by `option`. Raises CannotExport for a home folder, which trainers do not look up.
    """
    if not root:
        return report.dataset.path.as_posix()
    if root.startswith("~"):
        raise CannotExport(
            message("{option} is {root}, and trainers do not look up ~; give the whole path", option=option, root=root)
        )
    place = root.replace("\\", "/") if ntpath.splitdrive(root)[0] else root
    bare = place.rstrip("/")
    # The slash is part of a root folder's name.
    return bare + "/" if not bare or bare.endswith(":") else bare


def placed(place: str, folder: str) -> str:
    """A folder of the dataset as a path of the trainer's machine."""
    return place if folder == "." else posixpath.join(place, folder)


def exposure_members(
    folders: Sequence[TrainedFolder], exposures: Mapping[str, float], *, scale: int
) -> Iterator[Message]:
    """Per training concept what it gets against equal exposure, then the whole epoch.

    `exposures` is per image and epoch, by path of folder; an epoch is `scale` times as long as before.
    """
    train = [folder for folder in folders if folder.is_train]
    n = sum(folder.n for folder in train)
    total = sum(folder.n * exposures[folder.path] for folder in train)
    if not n or not total:
        return
    if is_equal(folders, exposures):
        yield message("nothing: every training image is shown equally often")
    else:
        yield from _of_concepts(train, exposures)
    found = sum(folder.n * folder.repeats_found for folder in train)
    yield message(
        "all training images: {after:number} exposures per epoch (as found {before:number})",
        after=round(total, 2),
        before=round(found, 2),
    )
    if scale > 1:
        yield message(
            "with the number of epochs divided by {k:count} that is {shown:number} for each epoch of before",
            k=scale,
            shown=round(total / scale, 2),
        )


def _of_concepts(train: Sequence[TrainedFolder], exposures: Mapping[str, float]) -> Iterator[Message]:
    n = sum(folder.n for folder in train)
    total = sum(folder.n * exposures[folder.path] for folder in train)
    concepts: dict[str, list[TrainedFolder]] = defaultdict(list)
    for folder in train:
        concepts[folder.concept].append(folder)
    for number, name in enumerate(sorted(concepts)):
        if number == SHOWN_CONCEPTS:
            yield message("… and {n:count} more concepts", n=len(concepts) - number)
            break
        images = sum(folder.n for folder in concepts[name])
        after = sum(folder.n * exposures[folder.path] for folder in concepts[name])
        before = sum(folder.n * folder.repeats_found for folder in concepts[name])
        yield message(
            Plural(
                '"{concept}": {n:count} image, {after:number} exposures per epoch (as found {before:number}), '
                "{factor:number} times equal exposure",
                '"{concept}": {n:count} images, {after:number} exposures per epoch (as found {before:number}), '
                "{factor:number} times equal exposure",
            ),
            concept=name,
            n=images,
            after=round(after, 2),
            before=round(before, 2),
            factor=round(after / total * n / images, 2) if images else 0,
        )


def is_equal(folders: Sequence[TrainedFolder], exposures: Mapping[str, float]) -> bool:
    """Whether every training image is shown equally often."""
    return len({exposures[folder.path] for folder in folders if folder.is_train}) <= 1


def residuals(report: Report) -> Iterator[Message]:
    """How far whole repeats stay from what the plan wants."""
    for number, concept in enumerate(one for one in report.plan.concepts if abs(one.residual) >= SMALLEST_RESIDUAL):
        if number == SHOWN_CONCEPTS:
            return
        if concept.residual > 0:
            yield message(
                'rounding: "{concept}" gets {residual:percent} more than the plan wants',
                concept=concept.name,
                residual=round(concept.residual, 4),
            )
        else:
            yield message(
                'rounding: "{concept}" gets {residual:percent} less than the plan wants',
                concept=concept.name,
                residual=round(-concept.residual, 4),
            )


def preservation_members(
    report: Report, folders: Sequence[TrainedFolder], exposures: Mapping[str, float]
) -> Iterator[Message]:
    """What the preservation images get, against the training images."""
    kept = [folder for folder in folders if folder.role == "preservation"]
    train = sum(folder.n * exposures[folder.path] for folder in folders if folder.is_train)
    if not kept or not train:
        return
    shown = sum(folder.n * exposures[folder.path] for folder in kept)
    yield message(
        Plural(
            "{n:count} preservation image is mixed in: {shown:number} exposures per epoch, {share:percent} of the "
            "training images'",
            "{n:count} preservation images are mixed in: {shown:number} exposures per epoch, {share:percent} of the "
            "training images'",
        ),
        n=sum(folder.n for folder in kept),
        shown=round(shown, 1),
        share=shown / train,
    )


def inexpressible_techniques(report: Report, nearest: Mapping[TechniqueId, Message]) -> Iterator[Message]:
    """What the plan offers and the trainer cannot do, with what comes nearest to it there."""
    for technique in report.plan.techniques:
        if technique.state == "offered" and technique.id in nearest:
            yield nearest[technique.id]


def edits(report: Report) -> Iterator[Message]:
    """That the captions are edited copies, where they are."""
    if report.plan.edited:
        yield message(
            Plural(
                "{n:count} caption is an edited copy that leaves out a frequent tag; the dataset's own is as it was",
                "{n:count} captions are edited copies that leave out frequent tags; the dataset's own are as they were",
            ),
            n=len(report.plan.edited),
        )


def why_unbalanced(report: Report) -> Iterator[Message]:
    """The branch of the plan's flow that left the repeats alone."""
    repeats = report.plan.technique_plan("repeats")
    sizes = [step for step in report.plan.trace if step.node in ("size", "imbalance") and step.asked]
    if sizes:
        yield sizes[-1].value
    if repeats is not None and repeats.state != "taken":
        yield repeats.why


def verdict(report: Report) -> Iterator[Message]:
    """That the audit has something to say first, where it has."""
    if report.summary.error:
        yield message(
            Plural(
                "The audit found {n:count} error in this dataset: solve it before training (tagmetry check).",
                "The audit found {n:count} errors in this dataset: solve them before training (tagmetry check).",
            ),
            n=report.summary.error,
        )
