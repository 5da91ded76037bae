"""A YAML file as text with places: read from disk, limited, decoded."""

import codecs
import errno
import os
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Literal, NoReturn

from tagmetry.messages import Message, message
from tagmetry.policy.diagnostics import PolicyError, Problems, Span


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Each figure is the largest that is still accepted.

    All are Tagmetry's own choice, far above any policy that a person would write: PyYAML needs minutes for
    a hundred thousand open brackets, and Python refuses numbers of more than 4,300 digits.
    """

    size_bytes: int = 1_048_576
    depth: int = 50
    """Lists and mappings within each other; the outermost mapping counts as one."""
    nodes: int = 100_000
    """Keys and values, lists and mappings among them."""
    text_characters: int = 65_536
    """Length of one scalar as it is written, with quotes and line breaks."""
    digits: int = 400
    """Length of one number as it is written."""
    problems: int = 20
    glanced_at: int = 16_384
    """Characters from which on the nodes are counted roughly before anything is read."""
    """Mistakes after which the rest of the file is not read."""


class Unreadable(Exception):
    """Reading ends here; the reason is among the problems."""


class Mistakes:
    """Where the parts of the reader say what they refuse."""

    def __init__(self, problems: Problems, *, most: int) -> None:
        self._problems = problems
        self._left = most

    def add(self, code: str, text: Message, span: Span, help: Message | None = None) -> None:
        """A mistake after which reading goes on, unless there were too many."""
        self._problems.add(code, text, span, help)
        self._left -= 1
        if self._left <= 0:
            text = message("too many problems: the file is not read beyond this one")
            self.fail("policy-too-many-problems", text, span)

    def fail(self, code: str, text: Message, span: Span | None, help: Message | None = None) -> NoReturn:
        """A mistake that ends the reading. Raises Unreadable."""
        self._problems.add(code, text, span, help)
        raise Unreadable


class Source:
    """The text of a file, and spans in it by offset."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        # Not str.splitlines, which breaks lines at characters that no editor counts.
        if "\r" in text:
            self._starts = [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]
        else:
            # A file may be nothing but line breaks.
            lengths = map(len, text.split("\n"))
            self._starts = list(accumulate(lengths, lambda start, length: start + length + 1, initial=0))
            del self._starts[-1]
        # One string per line, however many spans are in it.
        self._lines: dict[int, str] = {}

    def span(self, start: int, end: int) -> Span:
        """The characters from `start` up to `end`."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return Span(
            file=self.file,
            line=line + 1,
            column=column + 1,
            end_line=end_line + 1,
            end_column=end_column + 1,
            source_line=self._line(line),
        )

    def rest_of_line(self, start: int) -> Span:
        line, column = self._place(start)
        return self.span(start, start + max(1, len(self._line(line).rstrip()) - column))

    def line_number(self, offset: int) -> str:
        """The line as a text: a figure would get thousands separators."""
        return str(self._place(offset)[0] + 1)

    def before(self, offset: int) -> str:
        """What stands before it in its line."""
        line, column = self._place(offset)
        return self._line(line)[:column]

    def line_start(self, offset: int) -> int:
        """Where the first character of its line stands that is no white space."""
        line, _ = self._place(offset)
        text = self._line(line)
        return self._starts[line] + len(text) - len(text.lstrip())

    def _line(self, line: int) -> str:
        if line not in self._lines:
            following = self._starts[line + 1 : line + 2]
            end = following[0] if following else len(self.text)
            self._lines[line] = self.text[self._starts[line] : end].rstrip("\r\n")
        return self._lines[line]

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


_BLANK_LINES = re.compile(r"(?:[ ]*+(?:#[^\n]*+)?\n)*+")
_LINE = re.compile(r"[ ]*+(?:(?P<entries>(?:[-?][ ]++)+|-$)|)(?P<rest>[^\n]*)", re.MULTILINE)
_KEY = re.compile(r"""(?:"(?:[^"\\\n]|\\.)*+"|'(?:[^'\n]|'')*+'|[^\s"'#\[\]{},][^\n#]*?)[ ]*:(?:[ ]+|$)""")
_TEXT_BLOCK = re.compile(r"[|>][-+0-9]*[ ]*(?:#.*)?$")
_QUOTED = re.compile(r"""\s*(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')""")
_IN_BRACKETS = re.compile(
    r"""(?:[\s]+|"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+'|\#[^\n]*+|[^\s\[\]{},"'\#][^\[\]{},\n]*+)++|([\[\]{},])"""
)


@dataclass(frozen=True, slots=True)
class Excess:
    """What is too much in a file, and where: `nodes`, or a `text`."""

    kind: Literal["nodes", "text"]
    offset: int


def excess(text: str, limits: Limits) -> Excess | None:
    """What is surely too much in a text; None where only reading it would tell.

    PyYAML needs a hundred microseconds for each key and value. This looks at beginnings of lines, at quotes there and
    at commas in brackets alone, and takes what may be a text for one, so that it never counts more than there are.
    """
    n = 0
    place = 0
    deeper_is_text: int | None = None
    while place < len(text):
        blank = _BLANK_LINES.match(text, place)
        assert blank is not None  # it may match nothing, and always does
        place = blank.end()
        line = _LINE.match(text, place)
        assert line is not None  # as above
        following = line.end() + 1
        entries = line["entries"] or ""
        indent = line.start("rest") - place - len(entries)
        if deeper_is_text is not None and indent > deeper_is_text:
            place = following
            continue
        deeper_is_text = None
        n += entries.count("-") + entries.count("?")
        at = line.start("rest")
        key = _KEY.match(text, at, line.end())
        if key is not None:
            n += 1
            at = key.end()
        value = text[at : at + 1]
        if value in ("[", "{"):
            found, following = _in_brackets(text, at, limits.nodes - n)
            n += found
        elif value in ('"', "'"):
            quoted = _QUOTED.match(text, at)
            end = quoted.end() if quoted is not None else len(text)
            if end - at > limits.text_characters:
                return Excess("text", at)
            following = text.find("\n", end) + 1 or len(text)
        elif value in ("|", ">") and _TEXT_BLOCK.match(text, at, line.end()) is not None:
            deeper_is_text = indent
        if n > limits.nodes:
            return Excess("nodes", place)
        place = following
    return None


def _in_brackets(text: str, start: int, most: int) -> tuple[int, int]:
    """How many commas stand in the brackets that open at `start`, at least, and where the line after them begins."""
    n = depth = 0
    place = start
    while place < len(text) and n <= most:
        token = _IN_BRACKETS.match(text, place)
        if token is None:
            break
        place = token.end()
        if token[1] in ("[", "{"):
            depth += 1
        elif token[1] == ",":
            n += 1
        elif token[1] is not None:
            depth -= 1
            if depth == 0:
                break
    return n, text.find("\n", place) + 1 or len(text)


_SAVE_AS_UTF8 = message("save the file as UTF-8")

# What no line of a policy holds: control characters, line breaks that YAML and editors count differently
# (U+0085, U+2028, U+2029), a byte order mark inside the text, halves of surrogate pairs, non-characters.
_REFUSED_CHARACTER = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def decoded(content: str | bytes, *, file: str, limits: Limits, mistakes: Mistakes) -> str:
    """The text of a file without its byte order mark; only characters that a policy may hold."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    if len(data) > limits.size_bytes:
        mistakes.fail("policy-too-large", _too_large(file, limits.size_bytes), None)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        text = message("the file is UTF-16 or UTF-32, not UTF-8")
        mistakes.fail("policy-encoding", text, Span(file, 1, 1, 1, 1), _SAVE_AS_UTF8)
    characters = content if isinstance(content, str) else _utf8(content, file=file, mistakes=mistakes)
    characters = characters.removeprefix("\ufeff")
    refused = _REFUSED_CHARACTER.search(characters)
    if refused is None:
        return characters
    span = Source(characters, file).span(refused.start(), refused.end())
    if refused.group() == "\0":
        text = message("the file holds NUL characters, so it is no text in UTF-8")
        mistakes.fail("policy-encoding", text, span, _SAVE_AS_UTF8)
    mistakes.fail(
        "policy-character",
        message("the character {character} is not allowed", character=code_point(refused.group())),
        span,
        message("remove it, or write it as an escape in double quotes"),
    )


def _utf8(data: bytes, *, file: str, mistakes: Mistakes) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8"))
        # Each byte that is not UTF-8 becomes the four characters of its escape.
        shown = Source(data.decode("utf-8", "backslashreplace"), file)
        text = message("the byte 0x{byte} is not UTF-8", byte=f"{data[error.start]:02x}")
        mistakes.fail("policy-encoding", text, shown.span(start, start + 4), _SAVE_AS_UTF8)


def read_policy_file(
    path: Path, *, shown: str | None = None, named_at: Span | None = None, limits: Limits | None = None
) -> bytes:
    """The bytes of a regular file. Links are followed; folders, pipes and devices are refused without waiting.

    `shown` is the name in messages (default: the path), `named_at` the place that asks for the file.
    Raises PolicyError.
    """
    file = str(path) if shown is None else shown
    largest = (limits or Limits()).size_bytes
    # Without O_NONBLOCK a pipe that nobody writes to would block in open already.
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            _expect_regular(status.st_mode)
            # The size is asked before reading and not believed after: some file systems say 0.
            data = b"" if status.st_size > largest else _read(descriptor, largest + 1)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _cannot_read(error, path=path, file=file, named_at=named_at) from None
    if max(status.st_size, len(data)) > largest:
        raise _policy_error("policy-too-large", _too_large(file, largest), named_at)
    return data


def _expect_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "")
    if not stat.S_ISREG(mode):
        raise OSError(errno.ENXIO, "")


def _read(descriptor: int, most: int) -> bytes:
    parts: list[bytes] = []
    while most > 0 and (part := os.read(descriptor, most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _too_large(file: str, largest: int) -> Message:
    return message("{file} is larger than {limit:bytes}", file=file, limit=largest)


def _cannot_read(error: OSError | ValueError, *, path: Path, file: str, named_at: Span | None) -> PolicyError:
    # Windows says "permission denied" for a folder. Path.is_dir would raise where the folder above may not be searched.
    is_folder = isinstance(error, PermissionError) and os.path.isdir(path)  # noqa: PTH112
    if is_folder or isinstance(error, IsADirectoryError):
        example = f"{file.rstrip('/')}/tagmetry.yaml"
        return _policy_error(
            "policy-is-folder",
            message("{file} is a folder, not a policy file", file=file),
            named_at,
            message("name the file in it, for example {example}", example=example),
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _policy_error("policy-not-found", message("there is no file {file}", file=file), named_at)
    if isinstance(error, PermissionError):
        return _policy_error("policy-no-permission", message("this user may not read {file}", file=file), named_at)
    if isinstance(error, ValueError):
        text = message("{file} cannot be the name of a file", file=file)
        return _policy_error("policy-not-found", text, named_at)
    if error.errno == errno.ENXIO:
        text = message("{file} is not a regular file (but a pipe, a socket or a device)", file=file)
        return _policy_error("policy-not-a-file", text, named_at)
    reason = error.strerror or type(error).__name__
    text = message("{file} cannot be read: {reason}", file=file, reason=reason)
    return _policy_error("policy-unreadable", text, named_at)


def _policy_error(code: str, text: Message, span: Span | None, help: Message | None = None) -> PolicyError:
    found = Problems()
    found.add(code, text, span, help)
    return PolicyError(found.diagnostics)


_DECLARATION = re.compile(rb"""^(?:\xef\xbb\xbf)?[{ \t]*["']?tagmetry["']?[ \t]*:""", re.MULTILINE)


def declares_policy(data: bytes) -> bool:
    """Whether a file says that it is a policy: a line begins with the key `tagmetry`.

    To be asked before a file is read that only another policy names. Errors quote the lines that they are about,
    and a stranger's policy could name a private file to have it quoted.
    """
    return _DECLARATION.search(data) is not None
