"""Path patterns of policies: `*`, `?`, `[a-z]`, `[!a-z]` within one part, `**` as a whole part across parts.

Patterns are relative to the dataset's root, with forward slashes (a backslash counts as one), and distinguish case.
Pattern and path are compared in Unicode's composed form (NFC), since some systems hand out names decomposed. Matching
takes time linear in the path: every pattern becomes a google-re2 expression.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import re2

from tagmetry.messages import Message, message

LONGEST_PATTERN: Final = 1000


class GlobError(ValueError):
    """A pattern that cannot be read."""

    def __init__(self, text: Message) -> None:
        super().__init__(text.english())
        self.text = text


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern as a google-re2 expression over `comparable` paths. Raises GlobError."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise GlobError(message("a pattern has 1 to {most:count} characters", most=LONGEST_PATTERN))
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_as_regex(comparable(pattern.replace("\\", "/"))), options)
    except re2.error as error:
        raise GlobError(message("it is too large")) from error


def matches(pattern: str, path: str) -> bool:
    return compiled(pattern).fullmatch(comparable(path)) is not None


def matches_any(patterns: Iterable[str], path: str) -> bool:
    path = comparable(path)
    return any(compiled(pattern).fullmatch(path) is not None for pattern in patterns)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PRIVATE_PLANE: Final = 0x10F000


def comparable(text: str) -> str:
    """The text as patterns see it: composed, and with bytes that are no UTF-8 (lone surrogates) as characters.

    google-re2 works on UTF-8, which has no surrogates; they are moved to the end of the last private plane.
    """
    if text.isascii():
        return text
    text = _SURROGATE.sub(lambda match: chr(_PRIVATE_PLANE + ord(match.group()) - 0xD800), text)
    return unicodedata.normalize("NFC", text)


def _as_regex(pattern: str) -> str:
    pattern = pattern.removeprefix("./")
    pieces: list[str] = []
    place = 0
    while place < len(pattern):
        starts_a_part = place == 0 or pattern[place - 1] == "/"
        if starts_a_part and pattern.startswith("**/", place):
            pieces.append("(?:.*/)?")
            place += 3
        elif starts_a_part and pattern[place:] == "**":
            pieces.append(".*")
            place += 2
        elif pattern[place] == "*":
            pieces.append("[^/]*")
            place += 1
        elif pattern[place] == "?":
            pieces.append("[^/]")
            place += 1
        elif pattern[place] == "[" and (end := _end_of_class(pattern, place)) > 0:
            pieces.append(_class(pattern[place + 1 : end]))
            place = end + 1
        else:
            pieces.append(re2.escape(pattern[place]))
            place += 1
    return "(?s:" + "".join(pieces) + ")"


def _end_of_class(pattern: str, place: int) -> int:
    """Where the bracket at a place is closed, -1 if it stands for itself. A bracket that comes first is a member."""
    first = place + 1
    if pattern[first : first + 1] in ("!", "^"):
        first += 1
    return pattern.find("]", first + 1)


def _class(inside: str) -> str:
    """`[a-z_]` without its brackets as a class of google-re2. The slash parts names, so it is in no class."""
    negated = inside[0] in "!^"
    members = inside[1:] if negated else inside
    ranges: list[tuple[int, int]] = []
    place = 0
    while place < len(members):
        low = high = ord(members[place])
        if members[place + 1 : place + 2] == "-" and place + 2 < len(members):
            high = ord(members[place + 2])
            place += 2
        place += 1
        if high < low:
            raise GlobError(message("[{low}-{high}] runs backwards", low=chr(low), high=chr(high)))
        ranges.append((low, high))
    if negated:
        return "[^/" + "".join(map(_range, ranges)) + "]"
    slash = ord("/")
    parts = [
        part
        for low, high in ranges
        for part in (
            ((low, min(high, slash - 1)), (max(low, slash + 1), high)) if low <= slash <= high else ((low, high),)
        )
        if part[0] <= part[1]
    ]
    # A class of nothing but a slash matches nothing.
    return "[" + "".join(map(_range, parts)) + "]" if parts else r"[^\x{0}-\x{10FFFF}]"


def _range(ends: tuple[int, int]) -> str:
    return rf"\x{{{ends[0]:x}}}-\x{{{ends[1]:x}}}"
