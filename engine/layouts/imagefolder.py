"""Imagefolder: captions in `metadata.jsonl` or `metadata.csv` beside the images, as the datasets library reads them.

Each line names a file, relative to the manifest, and its text. A broken line costs that line alone.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from tagmetry.dataset import Excluded, FileProblem
from tagmetry.layout import FolderReading, Layout, Reading
from tagmetry.layouts.pairing import folder_of, folder_titles, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Value, message
from tagmetry.profile import Profile

MANIFESTS: Final = ("metadata.jsonl", "metadata.csv")
FILE_KEYS: Final = ("file_name", "image", "image_path", "file")
TEXT_KEYS: Final = ("text", "caption", "prompt", "captions", "tags")
LIMIT_BYTES: Final = 1 << 30
_LONGEST_LINE: Final = 1 << 20


def recognizes(tree: Tree, profile: Profile) -> int:
    return 40 if any(name in MANIFESTS for names in tree.files_in.values() for name in names) else 0


@dataclass(slots=True)
class _Manifests:
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Image -> (manifest, caption)."""
    problems: list[FileProblem] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


def read(tree: Tree, profile: Profile) -> Reading:
    found = _Manifests()
    present = frozenset(tree.paths)
    for folder, names in tree.files_in.items():
        for name in MANIFESTS:
            if name in names:
                path = name if folder == "." else f"{folder}/{name}"
                found.read.append(path)
                _read_manifest(tree, path, present, found)
    sorting = sorted_files(tree, claimed=found.read)
    images = tuple(sorted(sorting.images))
    with_images = sorted({folder_of(image) for image in images})
    order = {folder: number for number, folder in enumerate(with_images)}
    titles = folder_titles(tree, with_images)
    read_text = message("manifest, read for its captions")
    manifests = [Excluded(path, "manifest", read_text) for path in found.read]
    sidecars = [
        Excluded(path, "not-the-manifest", message("captions are read from the manifest here"))
        for of_stem in sorting.captions.values()
        for path in of_stem.values()
    ]
    return Reading(
        layout="imagefolder",
        images=images,
        folder_of=tuple(order[folder_of(image)] for image in images),
        folders=tuple(FolderReading(path=folder, concept=titles[folder]) for folder in with_images),
        caption_files=tuple(found.texts[image][0] if image in found.texts else None for image in images),
        caption_texts=tuple(found.texts[image][1] if image in found.texts else None for image in images),
        excluded=tuple(
            sorted((*tree.excluded, *sorting.excluded, *manifests, *sidecars), key=lambda entry: entry.path)
        ),
        problems=(*tree.problems, *found.problems),
    )


def _read_manifest(tree: Tree, path: str, present: frozenset[str], found: _Manifests) -> None:
    def broken(code: str, line: int = 0, **values: Value) -> None:
        found.problems.append(FileProblem(path, "manifest", code, values, line))

    try:
        data = tree.read_bytes(path, LIMIT_BYTES)
    except OSError as error:
        broken("unreadable", reason=error.strerror or type(error).__name__)
        return
    if len(data) > LIMIT_BYTES:
        broken("too-large", limit=LIMIT_BYTES)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken("not-utf8", data[: error.start].count(b"\n") + 1, byte=error.start)
        return
    rows = _json_rows(text, broken) if path.endswith(".jsonl") else _csv_rows(text, broken)
    for line, row in rows:
        name, caption = _first_text(row, FILE_KEYS), _first_text(row, TEXT_KEYS)
        if name is None:
            broken("no-file-name", line, keys=FILE_KEYS)
            continue
        image = _image_path(folder_of(path), name)
        if image is None:
            broken("bad-path", line, name=name[:200])
        elif image not in present:
            broken("missing-file", line, name=name[:200])
        elif image in found.texts:
            broken("duplicate", line, name=name[:200])
        elif caption is None:
            broken("no-caption", line, name=name[:200], keys=TEXT_KEYS)
        else:
            found.texts[image] = (path, caption)


def _json_rows(text: str, broken: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            broken("long-line", number, limit=_LONGEST_LINE)
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            broken("invalid-json", number, column=error.colno)
            continue
        except RecursionError:
            broken("too-deep", number)
            continue
        except ValueError:
            # Python turns no number of more than some thousand digits into an integer.
            broken("long-number", number)
            continue
        if not isinstance(row, dict):
            broken("no-object", number)
            continue
        yield number, row


def _csv_rows(text: str, broken: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    while True:
        line = reader.line_num + 1
        try:
            columns = reader.fieldnames or ()
            if columns and not any(column in FILE_KEYS for column in columns):
                # Once for the table, not once for each of its lines.
                broken("no-file-column", 1, columns=tuple(column[:100] for column in columns[:10]), keys=FILE_KEYS)
                return
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # The module's only complaint here: a quotation mark that is never closed makes one field of the rest.
            broken("long-field", line, limit=csv.field_size_limit())
            return
        if any("\0" in value for value in row.values() if isinstance(value, str)):
            broken("nul", reader.line_num)
            continue
        yield reader.line_num, {key: value for key, value in row.items() if isinstance(key, str)}


def _first_text(row: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = row.get(key)
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            value = value[0] if key == "captions" else ", ".join(value)
        if isinstance(value, str):
            return value
    return None


def _image_path(folder: str, name: str) -> str | None:
    """The image's path in the tree, or None for a name that leads elsewhere."""
    name = name.replace("\\", "/")
    if "\0" in name or "://" in name or name.startswith("/") or name[1:2] == ":" or len(name) > 4096:
        return None
    parts: list[str] = [] if folder == "." else folder.split("/")
    for part in PurePosixPath(name).parts:
        if part == "..":
            return None
        parts.append(part)
    return "/".join(parts)


def rewritten(data: bytes, manifest: str, changes: Mapping[str, tuple[str | None, str | None]]) -> bytes:
    """A manifest for a part of its images: image -> (its new path, None to leave its line out; its new text or None).

    Lines of images that are not named, and lines that cannot be read, are left out. Raises ValueError for a manifest
    that is no UTF-8.
    """
    text = data.decode("utf-8-sig")
    rows = _json_rows(text, _ignored) if manifest.endswith(".jsonl") else _csv_rows(text, _ignored)
    kept = [changed for _, row in rows if (changed := _changed(row, folder_of(manifest), changes)) is not None]
    if manifest.endswith(".jsonl"):
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode("utf-8", "backslashreplace")
    out = io.StringIO(newline="")
    columns = csv.DictReader(io.StringIO(text, newline="")).fieldnames or ()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return out.getvalue().encode("utf-8", "backslashreplace")


def _changed(
    row: Mapping[str, Any], folder: str, changes: Mapping[str, tuple[str | None, str | None]]
) -> Mapping[str, Any] | None:
    name = _first_text(row, FILE_KEYS)
    image = _image_path(folder, name) if name is not None else None
    path, caption = changes.get(image or "", (None, None))
    if path is None:
        return None
    below = path if folder == "." else path.removeprefix(f"{folder}/")
    file_key = next(key for key in FILE_KEYS if isinstance(row.get(key), str))
    changed = dict(row) | ({file_key: below} if path != image else {})
    if caption is None:
        return changed
    text_key = next((key for key in TEXT_KEYS if row.get(key) is not None), TEXT_KEYS[0])
    return changed | {text_key: caption}


def _ignored(*_: object, **__: object) -> None:
    """Broken lines were reported when the dataset was checked."""


layout = Layout("imagefolder", "Captions in metadata.jsonl or metadata.csv.", recognizes, read)
