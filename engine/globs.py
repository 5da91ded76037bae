"""Path patterns of policies: `*`, `?`, `[abc]` within one part, `**` across parts. Matched in linear time.

Patterns are relative to the dataset's root, with forward slashes.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import re2

LONGEST_PATTERN: Final = 1000


class GlobError(ValueError):
    """A pattern that cannot be read."""


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern as a google-re2 expression. Raises GlobError."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        raise GlobError(f"a pattern has 1 to {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(_as_regex(pattern.replace("\\", "/")), options)
    except re2.error as error:
        raise GlobError(str(error)) from error


def matches(pattern: str, path: str) -> bool:
    return compiled(pattern).fullmatch(path) is not None


def matches_any(patterns: Iterable[str], path: str) -> bool:
    return any(matches(pattern, path) for pattern in patterns)


def _as_regex(pattern: str) -> str:
    pattern = pattern.removeprefix("./")
    pieces: list[str] = []
    place = 0
    while place < len(pattern):
        rest = pattern[place:]
        if rest.startswith("**/"):
            pieces.append("(?:.*/)?")
            place += 3
        elif rest == "**":
            pieces.append(".*")
            place += 2
        elif rest[0] == "*":
            pieces.append("[^/]*")
            place += 1
        elif rest[0] == "?":
            pieces.append("[^/]")
            place += 1
        elif rest[0] == "[" and "]" in rest[2:]:
            end = rest.index("]", 2)
            inside = rest[1:end]
            negated = inside[0] in "!^"
            members = re2.escape(inside[1:] if negated else inside).replace(r"\-", "-")
            pieces.append(f"[{'^' if negated else ''}{members}]")
            place += end + 1
        else:
            pieces.append(re2.escape(rest[0]))
            place += 1
    return "(?s:" + "".join(pieces) + ")"
