"""Text in lines of so many terminal columns. Unlike `textwrap` it counts what a terminal shows: a Chinese or
Japanese character takes two columns, and a line of such text may break between any two of them."""

import unicodedata
from typing import Final

# Closing marks that no line begins with (JIS X 4051 forbids more; these are the ones that are noticed).
_NEVER_FIRST: Final = frozenset("、。，．！？：；）」』】〉》ー")
_UNITS: Final = ("%", "px")
"""A number stays on the line of these."""


def columns(text: str) -> int:
    """How many columns a terminal takes for a text without control characters."""
    return len(text) if text.isascii() else sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int, *, indent: str, first: str | None = None) -> list[str]:
    """The text in lines of at most `width` columns; `first` begins the first line, `indent` the others.

    A word that is wider than a line, such as a long path, is left whole and sticks out, unless it has characters
    of two columns to break at.
    """
    lines = [indent if first is None else first]
    is_begun = False
    for word in _words(text):
        used = columns(lines[-1])
        if is_begun and used + 1 + columns(word) <= width:
            lines[-1] += " " + word
            continue
        fits_a_line = columns(indent) + columns(word) <= width
        if is_begun and (fits_a_line or not _is_breakable(word)):
            lines.append(indent + word)
            continue
        space = " " if is_begun else ""
        is_begun = True
        pieces = [word] if used + columns(space + word) <= width or not _is_breakable(word) else _pieces(word)
        for piece in pieces:
            if columns(lines[-1] + space + piece) > width and lines[-1].strip():
                lines.append(indent + piece)
            else:
                lines[-1] += space + piece
            space = ""
    return lines


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split():
        if words and word.startswith(_UNITS) and words[-1][-1].isdigit():
            words[-1] += " " + word
        else:
            words.append(word)
    return words


def _is_breakable(word: str) -> bool:
    return not word.isascii() and any(_columns_of(character) == 2 for character in word)


def _pieces(word: str) -> list[str]:
    """The parts of a word that stay together: a wide character with the closing marks behind it, a narrow run."""
    pieces: list[str] = []
    for character in word:
        is_wide = _columns_of(character) == 2
        joins = pieces and (
            character in _NEVER_FIRST
            or _columns_of(character) == 0
            or (not is_wide and _columns_of(pieces[-1][-1]) != 2)
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
