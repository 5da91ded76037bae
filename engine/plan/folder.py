"""What `tagmetry plan --to DIR` writes: the plan, the prompts, the hold-out, and copies where training needs others.

    DIR/plan.json             the plan as data
    DIR/prompts.txt, .json    the fixed prompts
    DIR/holdout.json          which images are held out, and which leave with them
    DIR/train/...             copies of what is trained, with edited captions
    DIR/holdout/...           copies of the images that are held out

Copies are made only for a hold-out or for edited captions: both change what a trainer finds in a folder. Nothing is
ever linked.
"""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tagmetry.dataset import Dataset
from tagmetry.errors import OutputError
from tagmetry.messages import message
from tagmetry.plan.as_data import plan_as_data
from tagmetry.plan.holdout import HoldOut
from tagmetry.plan.model import Plan
from tagmetry.plan.prompts import Prompt, as_json, as_sample_prompts
from tagmetry.reporter import File
from tagmetry.trainers import everydream

TRAIN: Final = "train"
HOLD_OUT: Final = "holdout"
MANIFEST_SUFFIXES: Final = (".jsonl", ".json", ".csv", ".parquet")
"""Files that hold the captions of many images; a copy gets a text file beside each."""

CAPTION_SUFFIX: Final = ".txt"
_COPIED_ROLES: Final = ("train", "regularization", "preservation")


@dataclass(frozen=True, slots=True)
class Parts:
    """What goes into the folder. `whole` is the dataset as it was found; the plan is for it without the hold-out."""

    whole: Dataset
    plan: Plan
    prompts: tuple[Prompt, ...]
    held_out: HoldOut | None

    @property
    def has_copies(self) -> bool:
        return bool(self.plan.edited) or bool(self.held_out and self.held_out.rows)


def files(parts: Parts) -> Iterator[File]:
    """The files of the folder, images one at a time. Raises OutputError for an image that can no longer be read."""
    side = parts.whole.profile.resolution
    yield File("plan.json", _json(plan_as_data(parts.plan)))
    if parts.prompts:
        yield File("prompts.txt", as_sample_prompts(parts.prompts, side=side))
        yield File("prompts.json", as_json(parts.prompts, side=side))
    if parts.held_out is not None:
        yield File("holdout.json", _json(_hold_out_data(parts.whole, parts.held_out)))
    if parts.has_copies:
        yield from _copies(parts)


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _hold_out_data(dataset: Dataset, held: HoldOut) -> dict[str, Any]:
    paths, names = dataset.paths, dataset.concept_infos
    return {
        "format": "tagmetry-holdout/1",
        "seed": held.seed,
        "images": [
            {
                "path": paths[row],
                "concept": names[dataset.concept_of[row]].name,
                "leaves_with_it": [paths[twin] for twin in held.twins.get(row, ())],
            }
            for row in held.rows
        ],
    }


def _copies(parts: Parts) -> Iterator[File]:
    dataset = parts.whole
    held = set(parts.held_out.rows) if parts.held_out is not None else set()
    removed = set(parts.held_out.removed) if parts.held_out is not None else set()
    # Images of one name share a caption file, which is written once.
    written: set[str] = set()
    for row, path in enumerate(dataset.paths):
        if row in held:
            top = HOLD_OUT
        elif row in removed or dataset.roles.label(row) not in _COPIED_ROLES:
            continue
        else:
            top = TRAIN
        yield File(f"{top}/{path}", _bytes_of(dataset, path))
        for file in _caption(parts, row, path, top):
            if file.path not in written:
                written.add(file.path)
                yield file
    yield from _settings_of_folders(dataset)


def _caption(parts: Parts, row: int, path: str, top: str) -> Iterator[File]:
    """The caption file beside its image: the same bytes, or the text that the plan or a manifest has for it."""
    captions = parts.whole.captions
    file, text = captions.path_of[row], int(captions.text_of[row])
    if file is None or text < 0:
        return
    stem, suffix = posixpath.splitext(path)[0], posixpath.splitext(file)[1]
    is_manifest = suffix.casefold() in MANIFEST_SUFFIXES
    place = f"{top}/{stem}{CAPTION_SUFFIX if is_manifest else suffix}"
    edited = parts.plan.edited.get(path) if top == TRAIN else None
    if edited is not None:
        yield File(place, edited.text + "\n")
    elif is_manifest:
        yield File(place, captions.texts[text] + "\n")
    else:
        yield File(place, _bytes_of(parts.whole, file))


def _settings_of_folders(dataset: Dataset) -> Iterator[File]:
    """What EveryDream2 reads beside the images. Caches of trainers stay behind: they speak of the old files."""
    names = {*everydream.LOCAL_FILES, *everydream.GLOBAL_FILES}
    for entry in dataset.excluded:
        if posixpath.basename(entry.path) in names:
            yield File(f"{TRAIN}/{entry.path}", _bytes_of(dataset, entry.path))


def _bytes_of(dataset: Dataset, path: str) -> bytes:
    try:
        return (dataset.root / path).read_bytes()
    except OSError as error:
        raise OutputError(
            message("{path} could not be copied: {reason}", path=path, reason=error.strerror or type(error).__name__)
        ) from error
