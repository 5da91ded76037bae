"""A user's own list of tags, as taggers and completion tools keep it: `name,type,count,aliases`, one tag per line.

Only the name is needed, so a plain list of tags is read as well, and a table with a header that names its columns
(`tag_id,name,category,count`). Such lists are long and made by strangers: a bad line costs that line alone.
"""

import codecs
import csv
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from tagmetry.errors import UsageError
from tagmetry.messages import Message, Plural, message
from tagmetry.text.normal_form import normal_form

LARGEST_BYTES: Final = 67_108_864
LONGEST_LINE: Final = 65_536
"""Characters; the aliases of one tag in the lists in use stay below two thousand."""
LONGEST_TAG: Final = 200

_NAME_COLUMNS: Final = ("name", "tag")
_COUNT_COLUMNS: Final = ("count", "post_count")
_ALIAS_COLUMNS: Final = ("aliases", "alias")
_TYPE_COLUMNS: Final = ("type", "category")
_OTHER_COLUMNS: Final = ("id", "tag_id", "translation")

TagType = Literal["artist", "copyright", "character", "meta"]
"""What a tag names where it names no thing that is seen: its other types are all `general` here."""

_TYPES: Final[Mapping[str, TagType]] = {
    # The numbers of Danbooru, which the completion lists of other boorus keep for these four.
    "1": "artist",
    "3": "copyright",
    "4": "character",
    "5": "meta",
    "9": "meta",
    "artist": "artist",
    "copyright": "copyright",
    "series": "copyright",
    "character": "character",
    "meta": "meta",
    "rating": "meta",
}


@dataclass(frozen=True, slots=True)
class TagList:
    """Tags in normal form. `counts` gives how often each is used, 0 where the list does not say.

    `types` says of those that name no thing that is seen what they name. `aliases` leads from other spellings to the
    tag they stand for; a spelling that is a tag itself is none.
    `n_bad` lines held no tag, the first of them is line `first_bad` of `bad_file`.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    n_bad: int = 0
    bad_file: str = ""
    first_bad: int = 0
    types: Mapping[str, TagType] = field(default_factory=dict)

    def type_of(self, tag: str) -> TagType | None:
        """What a tag or alias names; None for a general one, and for one that is not listed."""
        return self.types.get(self.aliases.get(tag, tag))

    def __contains__(self, tag: str) -> bool:
        return tag in self.counts or tag in self.aliases

    def __len__(self) -> int:
        return len(self.counts)

    def notices(self) -> tuple[Message, ...]:
        """What a user should know of lines that could not be read."""
        if not self.n_bad:
            return ()
        text = message(
            Plural(
                "{n:count} line of the tag list holds no tag and was left out: line {line} of {file}",
                "{n:count} lines of the tag list hold no tag and were left out, the first is line {line} of {file}",
            ),
            n=self.n_bad,
            line=str(self.first_bad),
            file=self.bad_file,
        )
        return (text,)


def read_tag_lists(paths: Iterable[Path]) -> TagList | None:
    """All lists as one, None without any; of counts of one tag the first is taken. Raises UsageError."""
    lists = [read_tag_list(path) for path in paths]
    if not lists:
        return None
    counts: dict[str, int] = {}
    aliases: dict[str, str] = {}
    types: dict[str, TagType] = {}
    for one in reversed(lists):
        counts.update(one.counts)
        # A list that knows a tag without a type takes back what a later one says.
        types = {tag: kind for tag, kind in types.items() if tag not in one.counts} | dict(one.types)
        aliases.update(one.aliases)
    bad = next((one for one in lists if one.n_bad), TagList())
    return TagList(
        MappingProxyType(counts),
        MappingProxyType({alias: tag for alias, tag in aliases.items() if alias not in counts}),
        sum(one.n_bad for one in lists),
        bad.bad_file,
        bad.first_bad,
        MappingProxyType(types),
    )


def read_tag_list(path: Path) -> TagList:
    """One list from a file in UTF-8. Raises UsageError for a file that cannot be read or holds no tag at all."""
    text = _text(path)
    rows = _Columns()
    counts: dict[str, int] = {}
    aliases: dict[str, str] = {}
    types: dict[str, TagType] = {}
    n_bad = first_bad = 0
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        cells = _cells(line)
        if number == 1 and cells is not None and (header := _Columns.named(cells)) is not None:
            rows = header
            continue
        tag = rows.tag(cells) if cells is not None else ""
        if not tag or cells is None:
            n_bad += 1
            first_bad = first_bad or number
            continue
        if tag not in counts:
            counts[tag] = rows.count(cells)
            if (kind := rows.type(cells)) is not None:
                types[tag] = kind
        for alias in rows.aliases(cells):
            aliases.setdefault(alias, tag)
    if not counts:
        raise UsageError(
            message("the tag list {file} holds no tags", file=str(path)),
            message("it has one tag per line, alone or as name,type,count,aliases"),
        )
    own = {alias: tag for alias, tag in aliases.items() if alias not in counts}
    bad_file = path.name if n_bad else ""
    return TagList(MappingProxyType(counts), MappingProxyType(own), n_bad, bad_file, first_bad, MappingProxyType(types))


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a line stands what. Without a header aliases may stand in quotes, or go on to the end of the line."""

    name_at: int = 0
    count_at: int | None = 2
    aliases_at: tuple[int, int | None] = (3, None)
    type_at: int | None = 1

    @classmethod
    def named(cls, cells: list[str]) -> "_Columns | None":
        """The columns of a header; None for a first line that is a tag already."""
        names = [cell.strip().lower() for cell in cells]
        known = {*_NAME_COLUMNS, *_COUNT_COLUMNS, *_ALIAS_COLUMNS, *_TYPE_COLUMNS, *_OTHER_COLUMNS}
        if len(names) < 2 or not known.issuperset(names) or not set(_NAME_COLUMNS) & set(names):
            return None

        def place(wanted: tuple[str, ...]) -> int | None:
            return next((names.index(name) for name in wanted if name in names), None)

        aliases = place(_ALIAS_COLUMNS)
        of_aliases = (0, 0) if aliases is None else (aliases, aliases + 1)
        return cls(place(_NAME_COLUMNS) or 0, place(_COUNT_COLUMNS), of_aliases, place(_TYPE_COLUMNS))

    def tag(self, cells: list[str]) -> str:
        return _tag(cells[self.name_at]) if self.name_at < len(cells) else ""

    def type(self, cells: list[str]) -> TagType | None:
        """What the tag names; None for a general one, and for a type that is not known."""
        there = self.type_at is not None and self.type_at < len(cells)
        return _TYPES.get(cells[self.type_at].strip().lower()) if there and self.type_at is not None else None

    def count(self, cells: list[str]) -> int:
        """Some lists hold a remark where others hold a figure."""
        text = cells[self.count_at].strip() if self.count_at is not None and self.count_at < len(cells) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    def aliases(self, cells: list[str]) -> list[str]:
        return [tag for cell in cells[slice(*self.aliases_at)] for part in cell.split(",") if (tag := _tag(part))]


def _tag(text: str) -> str:
    """The tag in normal form; empty for what is none."""
    if len(text) > LONGEST_TAG or not text.replace(" ", "").isprintable() or "\ufffd" in text:
        return ""
    return normal_form(text)


def _cells(line: str) -> list[str] | None:
    """The cells of one line; None for one that is too long or whose quotes do not close.

    Line by line, since an open quote would otherwise swallow all that follows.
    """
    if len(line) > LONGEST_LINE:
        return None
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True), None)
    except csv.Error:
        return None


def _text(path: Path) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - beside its mode, in the order of the checks
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(message("the tag list {file} is no file", file=str(path)))
        if status.st_size > LARGEST_BYTES:
            raise UsageError(
                message("the tag list {file} is larger than {limit:bytes}", file=str(path), limit=LARGEST_BYTES)
            )
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            message("the tag list {file} cannot be read: {reason}", file=str(path), reason=reason)
        ) from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4096]:
        raise UsageError(
            message("the tag list {file} is no text in UTF-8", file=str(path)), message("save the file as UTF-8")
        )
    # What is not UTF-8 becomes U+FFFD, which no tag holds, so that it costs its lines alone.
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
