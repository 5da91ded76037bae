"""From a reading to caption columns: files read and decoded, texts and tags interned, tokens counted."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from tagmetry.columns import Rows, ragged_of
from tagmetry.dataset import CaptionProblem, Captions, FileProblem, OrphanCaption
from tagmetry.layout import Reading
from tagmetry.layouts.tree import Tree
from tagmetry.messages import Value
from tagmetry.text import TokenCounter, caption_style, decode_caption, lines, normal_form, separator_count, split_tags
from tagmetry.text.style import median_part_words

LARGEST_CAPTION_BYTES: Final = 1 << 20
CLIP_WINDOW_TOKENS: Final = 75


class CaptionReader:
    """Reads the captions of a reading once; the columns are made later, for the images that could be read."""

    def __init__(self, tree: Tree, reading: Reading, trainer: str | None) -> None:
        self._tree = tree
        self._reading = reading
        # sd-scripts reads the first line alone; the others do not stop at a line's end.
        self._first_line_only = trainer == "kohya"
        self.texts: list[str | None] = []
        self.n_lines: list[int] = []
        self.problems: list[tuple[str, int, str, dict[str, Value]]] = []
        """(path, number of the image in the reading, code, values)."""
        self.file_problems: list[FileProblem] = []
        self.unread: dict[int, str] = {}
        self.zero_bytes: set[int] = set()
        """Both by the number of the image in the reading."""

    def read(self) -> None:
        for image, (file, text) in enumerate(
            zip(self._reading.caption_files, self._reading.caption_texts, strict=True)
        ):
            if file is None:
                self._take(None, 0)
            elif text is not None:
                self._take_text(text)
            else:
                self._read_file(file, image)

    def style(self) -> str | None:
        """`tags` or `sentences`, measured over all captions; None without any."""
        texts = [text for text in self.texts if text and text.strip()]
        if not texts:
            return None
        return caption_style([separator_count(text) for text in texts], [median_part_words(text) for text in texts])

    def _read_file(self, file: str, image: int) -> None:
        try:
            data = self._tree.read_bytes(file, LARGEST_CAPTION_BYTES)
        except OSError as error:
            code = {FileNotFoundError: "vanished", PermissionError: "no-permission"}.get(type(error), "io-error")
            reason = error.strerror or type(error).__name__
            self.file_problems.append(FileProblem(file, "unreachable", code, {"reason": reason}))
            self._take(None, 0)
            return
        if not data:
            self.zero_bytes.add(image)
        decoded = decode_caption(data, limit_bytes=LARGEST_CAPTION_BYTES)
        for problem in decoded.problems:
            self.problems.append((file, image, problem.code, dict(problem.values)))
        self._take_text(decoded.text)

    def _take_text(self, text: str) -> None:
        parts = lines(text)
        filled = sum(1 for part in parts if part.strip())
        if self._first_line_only:
            text = parts[0] if parts else ""
            unread = " ".join(part.strip() for part in parts[1:] if part.strip())
            if unread:
                self.unread[len(self.texts)] = unread
        self._take(text.strip(), filled)

    def _take(self, text: str | None, n_lines: int) -> None:
        self.texts.append(text)
        self.n_lines.append(n_lines)


def caption_columns(
    reader: CaptionReader,
    reading: Reading,
    rows: Rows,
    *,
    counter: TokenCounter,
    token_limit: int,
) -> Captions:
    """Columns for the images at `rows` of the reading, in that order."""
    number: dict[str, int] = {}
    text_of = np.full(len(rows), -1, dtype=np.int32)
    for place, row in enumerate(rows):
        text = reader.texts[row]
        if text is not None:
            text_of[place] = number.setdefault(text, len(number))
    texts = tuple(number)
    forms, names, tag_ids = _interned_tags(texts)
    tokens = counter.lower_bounds(texts).astype(np.int32) if texts else np.zeros(0, dtype=np.int32)
    row_of = {int(row): place for place, row in enumerate(rows)}
    problems = tuple(
        CaptionProblem(file, row_of.get(image, -1), code, values) for file, image, code, values in reader.problems
    )
    return Captions(
        text_of=text_of,
        path_of=tuple(reading.caption_files[row] for row in rows),
        n_lines=np.array([reader.n_lines[row] for row in rows], dtype=np.int32),
        texts=texts,
        tags=ragged_of(tag_ids),
        forms=forms,
        names=names,
        tokens=tokens,
        tokens_exact=counter.exact,
        token_counter=counter.name,
        problems=problems,
        orphans=_orphans(reading),
        words_lost={
            int(text): words_beyond(texts[text], counter, token_limit) for text in np.flatnonzero(tokens > token_limit)
        },
        unread={row_of[image]: text for image, text in reader.unread.items() if image in row_of},
        zero_bytes=frozenset(row_of[image] for image in reader.zero_bytes if image in row_of),
    )


def words_beyond(text: str, counter: TokenCounter, limit: int) -> str:
    """What the trainer does not read of a caption, from the first tag (or word of a sentence) that is cut into."""
    kept, lost = counter.cut(text, limit)
    if not lost or not kept or kept[-1].isspace() or lost[0].isspace() or lost[0] == ",":
        return lost
    before = max(kept.rfind(mark) for mark in (",", "\n", "，", "、")) if separator_count(text) else -1
    if before < 0:
        before = kept.rfind(" ")
    return kept[before + 1 :] + lost if before >= 0 else lost


def _interned_tags(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], list[list[int]]]:
    """Forms in alphabetical order, the most common spelling of each, and tag ids per text as written."""
    form_of: dict[str, str] = {}
    spellings: dict[str, Counter[str]] = {}
    written: list[list[str]] = []
    for text in texts:
        forms: list[str] = []
        for tag in split_tags(text):
            form = form_of.get(tag)
            if form is None:
                form = form_of[tag] = normal_form(tag)
            if form:
                spellings.setdefault(form, Counter())[tag] += 1
                forms.append(form)
        written.append(forms)
    ordered = tuple(sorted(spellings))
    index = {form: tag for tag, form in enumerate(ordered)}
    names = tuple(min(spellings[form].items(), key=lambda item: (-item[1], item[0]))[0] for form in ordered)
    return ordered, names, [[index[form] for form in forms] for forms in written]


def _orphans(reading: Reading) -> tuple[OrphanCaption, ...]:
    """Captions without an image, each with the image that its name nearly fits."""
    twins: dict[str, str] = {}
    for image, caption in zip(reading.images, reading.caption_files, strict=True):
        if caption is None:
            twins.setdefault(_twin_key(image), image)
    return tuple(OrphanCaption(path, twins.get(_twin_key(path), "")) for path in reading.orphan_captions)


def _twin_key(path: str) -> str:
    """What the paths of an image and a caption share that differ only in case or Unicode form."""
    stem = path[: -len(PurePosixPath(path).suffix)] if PurePosixPath(path).suffix else path
    return unicodedata.normalize("NFC", stem).casefold()
