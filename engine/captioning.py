"""From a reading to caption columns: files read and decoded, texts and tags interned, tokens counted."""

import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

import numpy as np

from tagmetry.columns import Ragged, Rows, ragged_of
from tagmetry.dataset import CaptionProblem, Captions, FileProblem, OrphanCaption
from tagmetry.extraction.records import FileStamp
from tagmetry.inference import role_of
from tagmetry.layout import Reading
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Value
from tagmetry.text import (
    T5Counter,
    TokenCounter,
    decode_caption,
    lines,
    normal_form,
    separator_count,
    split_tags,
    style_columns,
)

LARGEST_CAPTION_BYTES: Final = 1 << 20
CLIP_WINDOW_TOKENS: Final = 75
T5_TOKENS: Final = 512
"""What sd-scripts reads of a caption for FLUX.1 dev; 256 for schnell."""
LARGEST_KEPT_BYTES: Final = 1 << 16
KEPT_TOGETHER: Final = 20_000
MOST_STYLE_CAPTIONS: Final = 10_000
"""Captions whose style is measured at most."""


_SECOND_CAPTIONS: Final = ("second-caption", "not-the-manifest")
"""Reasons for which layouts leave a caption file out although its image is there."""


@dataclass(frozen=True, slots=True)
class _Caption:
    """What a caption file, or a manifest's line, gives an image; `text` None where there is nothing to read."""

    text: str | None
    n_lines: int = 0
    unread: str = ""
    zero_bytes: bool = False


_NO_CAPTION: Final = _Caption(None)


class TextStore(Protocol):
    """Where the bytes of small texts are kept between runs; see `tagmetry.cache`, which fulfils it."""

    def texts(self, root: Path, stamps: Sequence[FileStamp]) -> dict[str, bytes]: ...

    def keep_texts(
        self, root: Path, stamps: Sequence[FileStamp], texts: Mapping[str, bytes], *, listed_ns: int
    ) -> None: ...


class CaptionReader:
    """Reads the captions of a reading once; the columns are made later, for the images that could be read."""

    def __init__(
        self,
        tree: Tree,
        reading: Reading,
        trainer: str | None,
        *,
        line_by_line: frozenset[str] = frozenset(),
        store: TextStore | None = None,
    ) -> None:
        """`line_by_line` are the folders in which every line of a caption file is a caption of its own.

        Files that the store knows and that did not change are not opened.
        """
        self._tree = tree
        self._store = store
        self._known: Mapping[str, bytes] = {}
        self._fresh: dict[str, bytes] = {}
        # The tree was listed before this, and nothing has been read yet.
        self._listed_ns = time.time_ns()
        self._reading = reading
        self._line_by_line = line_by_line
        # sd-scripts reads the first line alone; the others do not stop at a line's end.
        self._first_line_only = trainer == "kohya"
        self.captions: list[_Caption] = []
        """One per image of the reading."""
        self.problems: list[tuple[str, str, dict[str, Value]]] = []
        """(path of the file, code, values)."""
        self.file_problems: list[FileProblem] = []
        self.second: dict[str, list[tuple[str, str]]] = {}
        """Path of an image without its ending -> (path, text) of the caption files that are there and not read."""

    def read(self) -> None:
        if self._store is not None:
            self._known = self._store.texts(self._tree.root, self._tree.stamps)
        # Several images may share a caption file, as a.jpg and a.png do: it is read, and wrong, once.
        of_file: dict[str, _Caption] = {}
        for file, text in zip(self._reading.caption_files, self._reading.caption_texts, strict=True):
            if text is not None:
                self.captions.append(self._caption(text))
            elif file is None:
                self.captions.append(_NO_CAPTION)
            else:
                if file not in of_file:
                    of_file[file] = self._read_file(file)
                self.captions.append(of_file[file])
        for entry in self._reading.excluded:
            if entry.id in _SECOND_CAPTIONS:
                self._read_second(entry.path)
        self._keep()
        self._known = {}

    def _bytes(self, file: str) -> bytes:
        """At most one byte more of a caption file than is read. Raises OSError."""
        known = self._known.get(file)
        if known is not None:
            return known
        data = self._tree.read_bytes(file, LARGEST_CAPTION_BYTES)
        if self._store is not None and len(data) <= LARGEST_KEPT_BYTES:
            self._fresh[file] = data
            if len(self._fresh) >= KEPT_TOGETHER:
                self._keep()
        return data

    def _keep(self) -> None:
        if self._store is not None:
            self._store.keep_texts(self._tree.root, self._tree.stamps, self._fresh, listed_ns=self._listed_ns)
        self._fresh.clear()

    def _read_second(self, file: str) -> None:
        """A caption that is not read: what it says is compared, and nothing else about it matters."""
        try:
            data = self._bytes(file)
        except OSError:
            return
        text = self._caption(decode_caption(data, limit_bytes=LARGEST_CAPTION_BYTES).text).text
        self.second.setdefault(_without_ending(file), []).append((file, text or ""))

    def style(self, roles: Mapping[str, tuple[str, ...]] | None = None) -> str | None:
        """`tags` or `sentences`, measured over the captions of training images; None without any caption.

        `roles` are the profile's patterns. Where no training image has a caption, the others are measured. Of very
        many captions an even sample is measured, which moves no median.
        """
        reading = self._reading
        filled = [image for image, caption in enumerate(self.captions) if caption.text]
        trained = [
            image
            for image in filled
            if role_of(reading.images[image], reading.folders[reading.folder_of[image]], roles or {}) == "train"
        ]
        wanted = trained or filled
        if not wanted:
            return None
        step = -(-len(wanted) // MOST_STYLE_CAPTIONS)
        return style_columns([self.captions[image].text or "" for image in wanted[::step]]).style()

    def _read_file(self, file: str) -> _Caption:
        try:
            data = self._bytes(file)
        except OSError as error:
            code = {FileNotFoundError: "vanished", PermissionError: "no-permission"}.get(type(error), "io-error")
            reason = error.strerror or type(error).__name__
            self.file_problems.append(FileProblem(file, "unreachable", code, {"reason": reason}))
            return _NO_CAPTION
        decoded = decode_caption(data, limit_bytes=LARGEST_CAPTION_BYTES)
        self.problems.extend((file, problem.code, dict(problem.values)) for problem in decoded.problems)
        return self._caption(decoded.text, file.rpartition("/")[0] or ".", zero_bytes=not data)

    def _caption(self, text: str, folder: str = "", *, zero_bytes: bool = False) -> _Caption:
        parts = lines(text)
        filled = [part.strip() for part in parts if part.strip()]
        if folder in self._line_by_line:
            return _Caption("\n".join(filled), len(filled), zero_bytes=zero_bytes)
        if not self._first_line_only:
            return _Caption(text.strip(), len(filled), zero_bytes=zero_bytes)
        first = parts[0].strip() if parts else ""
        unread = " ".join(filled[1:] if first else filled)
        return _Caption(first, len(filled), unread=unread, zero_bytes=zero_bytes)


def caption_columns(
    reader: CaptionReader,
    reading: Reading,
    rows: Rows,
    *,
    counter: TokenCounter,
    token_limit: int,
    t5: T5Counter | None = None,
    t5_limit: int = T5_TOKENS,
) -> Captions:
    """Columns for the images at `rows` of the reading, in that order. `t5` only where the base model has a T5."""
    captions = [reader.captions[row] for row in rows]
    number = _Numbers()
    text_of = np.array([-1 if caption.text is None else number[caption.text] for caption in captions], dtype=np.int32)
    texts = tuple(number)
    forms, spellings, tags = _interned_tags(texts)
    tokens = counter.lower_bounds(texts).astype(np.int32) if texts else np.zeros(0, dtype=np.int32)
    t5_tokens = None if t5 is None else np.array([t5.count(text) for text in texts], dtype=np.int32)
    path_of = tuple(reading.caption_files[row] for row in rows)
    first_row: dict[str | None, int] = {}
    for place, path in enumerate(path_of):
        first_row.setdefault(path, place)
    return Captions(
        text_of=text_of,
        path_of=path_of,
        n_lines=np.array([caption.n_lines for caption in captions], dtype=np.int32),
        texts=texts,
        tags=tags,
        forms=forms,
        names=tuple(written[0] for written in spellings),
        spellings={tag: written for tag, written in enumerate(spellings) if len(written) > 1},
        tokens=tokens,
        tokens_exact=counter.exact,
        token_counter=counter.name,
        t5_tokens=t5_tokens,
        t5_exact=t5 is not None and t5.exact,
        t5_lost={}
        if t5 is None or t5_tokens is None
        else {int(text): t5.lost(texts[text], t5_limit) for text in np.flatnonzero(t5_tokens > t5_limit)},
        problems=tuple(
            CaptionProblem(file, first_row.get(file, -1), code, values) for file, code, values in reader.problems
        ),
        orphans=_orphans(reading),
        words_lost={
            int(text): words_beyond(texts[text], counter, token_limit) for text in np.flatnonzero(tokens > token_limit)
        },
        unread={place: caption.unread for place, caption in enumerate(captions) if caption.unread},
        zero_bytes=frozenset(place for place, caption in enumerate(captions) if caption.zero_bytes),
        second=_second_of_rows(reader, reading, rows),
    )


def _second_of_rows(reader: CaptionReader, reading: Reading, rows: Rows) -> dict[int, tuple[tuple[str, str], ...]]:
    if not reader.second:
        return {}
    found = {
        place: tuple(reader.second.get(_without_ending(reading.images[row]), ())) for place, row in enumerate(rows)
    }
    return {place: others for place, others in found.items() if others}


def words_beyond(text: str, counter: TokenCounter, limit: int) -> str:
    """What the trainer does not read of a caption, from the first tag (or word of a sentence) that is cut into."""
    kept, lost = counter.cut(text, limit)
    if not lost or not kept or kept[-1].isspace() or lost[0].isspace() or lost[0] == ",":
        return lost
    before = max(kept.rfind(mark) for mark in (",", "\n", "，", "、")) if separator_count(text) else -1
    if before < 0:
        before = kept.rfind(" ")
    return kept[before + 1 :] + lost if before >= 0 else lost


class _Numbers(dict[str, int]):
    """Numbers texts in the order in which they are first asked for."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def _interned_tags(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], Ragged]:
    """Forms in alphabetical order, the spellings of each by falling use, and tag ids per text as written."""
    number = _Numbers()
    written = [[number[tag] for tag in split_tags(text)] for text in texts]
    as_written = ragged_of(written)
    spellings = tuple(number)
    form_of = [normal_form(spelling) for spelling in spellings]
    forms = tuple(sorted({form for form in form_of if form}))
    index = {form: tag for tag, form in enumerate(forms)}
    uses = np.bincount(as_written.ids, minlength=len(spellings)).tolist()
    spelled: dict[str, list[str]] = {}
    for place in sorted(range(len(spellings)), key=lambda place: (-uses[place], spellings[place])):
        spelled.setdefault(form_of[place], []).append(spellings[place])
    # What has no form, such as a lone underscore, is no tag.
    tag_of = np.array([index.get(form, -1) for form in form_of], dtype=np.int32)
    ids = tag_of[as_written.ids]
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.bincount(as_written.owners()[ids >= 0], minlength=len(texts)), out=starts[1:])
    return forms, tuple(tuple(spelled[form]) for form in forms), Ragged(starts, ids[ids >= 0])


def _orphans(reading: Reading) -> tuple[OrphanCaption, ...]:
    """Captions without an image, each with the image that its name nearly fits."""
    twins: dict[str, str] = {}
    for image, caption in zip(reading.images, reading.caption_files, strict=True):
        if caption is None:
            twins.setdefault(_twin_key(image), image)
    return tuple(OrphanCaption(path, twins.get(_twin_key(path), "")) for path in reading.orphan_captions)


def _twin_key(path: str) -> str:
    """What the paths of an image and a caption share that differ only in case or Unicode form."""
    return unicodedata.normalize("NFC", _without_ending(path)).casefold()


def _without_ending(path: str) -> str:
    suffix = PurePosixPath(path).suffix
    return path[: -len(suffix)] if suffix else path
