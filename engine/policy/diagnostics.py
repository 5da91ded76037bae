"""What is wrong with a policy: a code, a text, a place, and how all of it is shown."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tagmetry.errors import UsageError
from tagmetry.messages import Message, Plural, Translator, english, message, visible

LINE_COLUMNS: Final = 160
"""Terminal columns of a source line that are shown; a longer line is cut around the place."""

PROBLEMS_SHOWN: Final = 50
"""Problems that the text form shows; the data form has all of them."""

_CUT = "..."
_TAIL_COLUMNS = 110


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1, columns in characters; the end is exclusive.

    `source_line` is the text of line `line`, None if there is none to show.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    source_line: str | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> str:
        """`file:line`, as origins and cross-references name it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `code` is stable across versions and languages and stands for the text in machine output."""

    code: str
    message: Message
    span: Span | None = None
    help: Message | None = None

    @property
    def source_line(self) -> str | None:
        return None if self.span is None else self.span.source_line

    def as_data(self) -> dict[str, Any]:
        """The problem for JSON, in English; `source_line` is what the text form shows of it."""
        span = self.span
        shown = None if span is None else _excerpt(span)
        return {
            "code": self.code,
            "message": self.message.english(),
            "values": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in sorted(self.message.values.items())
            },
            "file": None if span is None else span.file,
            "line": None if span is None else span.line,
            "column": None if span is None else span.column,
            "end_line": None if span is None else span.end_line,
            "end_column": None if span is None else span.end_column,
            "source_line": None if shown is None else shown[0],
            "help": None if self.help is None else self.help.english(),
        }


class PolicyError(UsageError):
    """A policy that cannot be used, with everything that is wrong with it in the order of its files."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_file_order(diagnostics)
        super().__init__(
            message(
                Plural("the policy has {n:count} problem", "the policy has {n:count} problems"),
                n=len(self.diagnostics),
            )
        )

    def __str__(self) -> str:
        return render(self.diagnostics)


class Problems:
    """Collects what is wrong, so that one run names all of it."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def __len__(self) -> int:
        return len(self._found)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was added so far, in file order."""
        return in_file_order(self._found)

    def add(self, code: str, text: Message, span: Span | None = None, help: Message | None = None) -> None:
        self._found.append(Diagnostic(code, text, span, help))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        self._found.extend(diagnostics)

    def raise_if_any(self) -> None:
        """Raises PolicyError with all problems, if there are any."""
        if self._found:
            raise PolicyError(self._found)


def in_file_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place; files (and what has no place) stay in the order in which they were first named."""
    listed = list(diagnostics)
    rank: dict[str | None, int] = {}
    for diagnostic in listed:
        rank.setdefault(_file(diagnostic), len(rank))

    def place(diagnostic: Diagnostic) -> tuple[int, int, int]:
        span = diagnostic.span
        return (rank[_file(diagnostic)], *((0, 0) if span is None else (span.line, span.column)))

    return tuple(sorted(listed, key=place))


def render(diagnostics: Sequence[Diagnostic], translator: Translator | None = None) -> str:
    """The problems as text for a terminal, one block each, without a final line break."""
    speaking = translator or english()
    blocks = [_block(diagnostic, speaking) for diagnostic in diagnostics[:PROBLEMS_SHOWN]]
    hidden = len(diagnostics) - PROBLEMS_SHOWN
    if hidden > 0:
        more = message(Plural("and {n:count} more problem", "and {n:count} more problems"), n=hidden)
        blocks.append(speaking.render(more))
    return "\n\n".join(blocks)


def _block(diagnostic: Diagnostic, speaking: Translator) -> str:
    lines = [f"{speaking.text('error')}[{diagnostic.code}]: {speaking.render(diagnostic.message)}"]
    gutter = " "
    if (span := diagnostic.span) is not None:
        gutter = " " * len(str(span.line))
        lines.append(f"{gutter}--> {visible(span.file)}:{span.line}:{span.column}")
        if (shown := _excerpt(span)) is not None:
            source, carets = shown
            lines += [f"{gutter} |", f"{span.line} | {source}".rstrip(), f"{gutter} | {carets}"]
    if diagnostic.help is not None:
        lines.append(f"{gutter} = {speaking.text('help')}: {speaking.render(diagnostic.help)}")
    return "\n".join(lines)


def _file(diagnostic: Diagnostic) -> str | None:
    return None if diagnostic.span is None else diagnostic.span.file


def _excerpt(span: Span) -> tuple[str, str] | None:
    """The source line as it is shown, and the carets below it; None without a source line."""
    line = span.source_line
    if line is None:
        return None
    start = min(span.column - 1, len(line))
    end = len(line.rstrip()) if span.end_line > span.line else min(span.end_column - 1, len(line))
    end = max(start, end)
    # A character may be shown in no column at all, so the number of characters is bounded as well.
    low, high = max(0, start - LINE_COLUMNS), min(len(line), start + LINE_COLUMNS)
    cells = _cells(line[low:high])
    middle = start - low
    if low == 0 and high == len(line) and sum(map(_width, cells)) <= LINE_COLUMNS:
        first, last = 0, len(cells)
    else:
        first, last = _window(cells, middle)
    prefix = _CUT if low + first > 0 else ""
    suffix = _CUT if low + last < len(line) else ""
    indent = len(prefix) + sum(map(_width, cells[first:middle]))
    marked = sum(map(_width, cells[middle : min(end - low, last)]))
    return prefix + "".join(cells[first:last]) + suffix, " " * indent + "^" * max(1, marked)


def _window(cells: list[str], middle: int) -> tuple[int, int]:
    """Which cells to show of a line that is too long, so that cell `middle` is among them."""
    room = LINE_COLUMNS - 2 * len(_CUT)
    last, used = _extend(cells, middle, limit=_TAIL_COLUMNS)
    first = middle
    while first > 0 and used + _width(cells[first - 1]) <= room:
        first -= 1
        used += _width(cells[first])
    last, _ = _extend(cells, last, limit=room - used)
    return first, last


def _extend(cells: list[str], start: int, *, limit: int) -> tuple[int, int]:
    used = 0
    while start < len(cells) and used + _width(cells[start]) <= limit:
        used += _width(cells[start])
        start += 1
    return start, used


_JOINED = re.compile("[\u200d\ufe0f]")


def _cells(text: str) -> list[str]:
    """The characters of a line as they are shown: what would be invisible or steer a terminal as escapes."""
    shown = []
    for i, character in enumerate(text):
        if character == "\t":
            shown.append("\\t")
        elif i and _JOINED.match(character):
            # Whether these are part of an emoji shows only together with the character before.
            shown.append(visible(text[i - 1 : i + 1])[len(visible(text[i - 1])) :])
        else:
            shown.append(visible(character))
    return shown


def _width(shown: str) -> int:
    """Terminal columns of what one character is shown as."""
    if len(shown) != 1:
        return len(shown)
    if unicodedata.category(shown) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(shown) in "WF" else 1
