"""A copy of a dataset as a review decided it: files are copied, never linked, and the dataset itself stays as it is.

Left out are the images to be dropped with their captions, images that are no longer those that were decided on, and
everything that is neither an image nor a caption nor a trainer's own control file.
"""

import contextlib
import hashlib
import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from tagmetry.decisions import Decision, Decisions
from tagmetry.errors import OutputError, UsageError
from tagmetry.layout import Reading
from tagmetry.layouts import imagefolder
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Message, message
from tagmetry.outputs import opened_up

Action = Literal["copied", "renamed", "caption", "manifest", "dropped", "changed", "missing", "left-out"]

_CHUNK: Final = 1 << 20
_UNPORTABLE = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789")}
)
_LONGEST_NAME: Final = 200
_COPIED_REASONS: Final = frozenset({"trainer-control-file", "second-caption"})


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one file: its path in the dataset, its path in the copy or "", and why.

    `text` is what is written in place of the file's own content, None where it is copied.
    """

    source: str
    target: str
    action: Action
    reason: Message
    text: bytes | None = None


def copy_steps(decisions: Decisions, tree: Tree, reading: Reading) -> tuple[Step, ...]:
    """What a copy would do, file by file in path order; the decided images are read to see that they are the same."""
    names = _Names()
    found: dict[str, Step] = {}
    decided = decisions.images
    present = set(tree.paths)
    images = set(reading.images)
    for path, decision in decided.items():
        if path not in present:
            found[path] = Step(path, "", "missing", message("decided on, but no longer there"))
        elif path not in images:
            found[path] = Step(path, "", "left-out", message("decided on, but no image of this dataset"))
        elif not _is_same(tree.root / path, decision.sha256):
            found[path] = Step(path, "", "changed", message("not the file that was decided on: review it anew"))
        elif decision.choice == "drop":
            found[path] = Step(path, "", "dropped", message("decided to be dropped"))
    kept: dict[str, str] = {}
    for path in reading.images:
        if path not in found:
            kept[path] = names.portable(path)
            found[path] = _copied(path, kept[path])
    captions = dict(zip(reading.images, reading.caption_files, strict=True))
    manifests = {
        caption
        for image, caption in captions.items()
        if caption and PurePosixPath(caption).name in imagefolder.MANIFESTS
    }
    users = Counter(caption for image, caption in captions.items() if caption and image in kept)
    for image, caption in captions.items():
        text = decided[image].caption if image in decided and image in kept else None
        if caption in manifests:
            continue
        if caption is None:
            if text is not None:
                beside = _with_suffix(kept[image], ".txt")
                found[f"{image} (caption)"] = Step(image, beside, "caption", message("captions joined"), _line(text))
        elif image not in kept:
            if not users[caption]:
                found.setdefault(
                    caption, Step(caption, "", "left-out", message("caption of an image that is left out"))
                )
        elif text is not None:
            target = _with_suffix(kept[image], PurePosixPath(caption).suffix)
            found[caption] = Step(caption, target, "caption", message("captions joined"), _line(text))
        elif caption not in found:
            found[caption] = _copied(caption, _beside(caption, image, kept[image]))
    changes = {
        image: (kept.get(image), decided[image].caption if image in decided else None) for image in reading.images
    }
    for manifest in sorted(manifests):
        data = imagefolder.rewritten(tree.read_bytes(manifest, imagefolder.LIMIT_BYTES), manifest, changes)
        found[manifest] = Step(
            manifest, names.portable(manifest), "manifest", message("lines of the images that are kept"), data
        )
    for entry in reading.excluded:
        if entry.path not in present or entry.path in found:
            continue
        if entry.id in _COPIED_REASONS and not entry.path.endswith((".npz", ".npy")):
            found[entry.path] = _copied(entry.path, names.portable(entry.path))
        else:
            found[entry.path] = Step(entry.path, "", "left-out", entry.text)
    for path in sorted(present - found.keys()):
        found[path] = Step(path, "", "left-out", message("neither an image nor the caption of one"))
    return tuple(found[path] for path in sorted(found))


def make_copy(steps: tuple[Step, ...], tree: Tree, decisions: Decisions, target: Path) -> None:
    """Write the copy beside its place and rename it. Raises OutputError; then nothing is left behind."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".tagmetry-", dir=target.parent))
    try:
        for step in steps:
            if step.target:
                _write(step, tree, decisions.images.get(step.source), temporary / step.target)
        opened_up(temporary, 0o777)
        if target.is_dir():
            target.rmdir()
        temporary.replace(target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise OutputError(message("could not write {path}: {reason}", path=str(target), reason=reason)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_place(target: Path, dataset: Path) -> None:
    """Refuse a place that would hurt something. Raises UsageError."""
    place, root = target.resolve(), dataset.resolve()
    if place == root or root in place.parents or place in root.parents:
        raise UsageError(
            message("the copy {path} and the dataset lie within each other", path=str(target)),
            message("name a new folder outside the dataset"),
        )
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(message("{path} is a file or a link, not a folder", path=str(target)))
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(
            message("the folder {path} is not empty", path=str(target)),
            message("name a new folder; nothing is replaced"),
        )


def _write(step: Step, tree: Tree, decision: Decision | None, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if step.text is not None:
        place.write_bytes(step.text)
        return
    digest = hashlib.sha256()
    with (tree.root / step.source).open("rb") as source, place.open("xb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    if decision is not None and not digest.hexdigest().startswith(decision.sha256):
        raise OutputError(message("{path} changed while it was copied", path=step.source))
    with contextlib.suppress(OSError):
        shutil.copystat(tree.root / step.source, place)


def _is_same(path: Path, digits: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().startswith(digits)
    except OSError:
        return False


def _copied(source: str, target: str) -> Step:
    if source == target:
        return Step(source, target, "copied", message("kept"))
    return Step(source, target, "renamed", message("kept under a name that every system can hold"))


def _line(text: str) -> bytes:
    return (" ".join(text.split()) + "\n").encode("utf-8")


def _with_suffix(path: str, suffix: str) -> str:
    return f"{path[: len(path) - len(PurePosixPath(path).suffix)]}{suffix}"


def _beside(caption: str, image: str, target: str) -> str:
    """The caption's place: as its image was renamed, where it bears the image's name, else under its own."""
    if _with_suffix(caption, "") == _with_suffix(image, ""):
        return _with_suffix(target, PurePosixPath(caption).suffix)
    folder = target.rpartition("/")[0]
    name = caption.rpartition("/")[2]
    return f"{folder}/{name}" if folder else name


class _Names:
    """Names that every system can hold, none given twice where case or Unicode form do not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._folders: dict[str, str] = {}

    def portable(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        place = self._folder(folder)
        stem, suffix = _with_suffix(name, ""), PurePosixPath(name).suffix
        return self._free(place, _held(stem), suffix)

    def _folder(self, path: str) -> str:
        if not path:
            return ""
        if path not in self._folders:
            above, _, name = path.rpartition("/")
            self._folders[path] = self._free(self._folder(above), _held(name), "")
        return self._folders[path]

    def _free(self, folder: str, stem: str, suffix: str) -> str:
        for candidate in _numbered(stem):
            path = f"{folder}/{candidate}{suffix}" if folder else f"{candidate}{suffix}"
            key = unicodedata.normalize("NFC", path).casefold()
            if key not in self._taken:
                self._taken.add(key)
                return path
        raise AssertionError("numbers do not end")


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _held(name: str) -> str:
    """A name without what Windows refuses: its signs, devices, dots and spaces at the end, what is too long."""
    held = _UNPORTABLE.sub("_", name.encode("utf-8", "replace").decode("utf-8")).rstrip(". ")[:_LONGEST_NAME]
    return f"_{held}" if not held or held.split(".")[0].casefold() in _RESERVED else held
