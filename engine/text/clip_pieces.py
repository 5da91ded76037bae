"""How CLIP's tokenizer cleans a caption and cuts it into pieces, before any vocabulary is asked.

The published tokenizer (and the one of the transformers library, with which sd-scripts and EveryDream train)
repairs the text with ftfy, resolves HTML entities, folds white space, lowers the letters, and then takes runs of
letters, single digits, runs of other characters, and English contractions as pieces. Byte-pair merges never
cross a piece, so a count of tokens is a sum over pieces.
"""

import html
import re
import unicodedata
from functools import lru_cache
from html.entities import html5
from typing import Final

from tagmetry.text.unicode_forms import normalized

LONGEST_PIECE: Final = 4096
"""Characters. A longer run, which no caption has, is counted in parts: merging is not linear in every library."""

MARKERS: Final = frozenset({"<|startoftext|>", "<|endoftext|>"})
"""Pieces that are one token each, also where they stand in the caption's own text."""

# What ftfy repairs character by character. Half-width and full-width forms, and the Latin ligatures:
_LIGATURES: Final = "ĲĳŉǄǅǆǇǈǉǊǋǌǱǲǳﬀﬁﬂﬃﬄﬆ"
_REMOVED: Final = (
    *range(0x09),
    0x0B,
    *range(0x0E, 0x20),
    0x7F,
    *range(0x206A, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFD),
)
_REMOVED_ASCII: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TERMINAL_ESCAPE: Final = re.compile("\x1b\\[[\\d;]*[a-zA-Z]")
_NESTED_AMPERSAND: Final = re.compile("&(?:amp;)+")
# 24 characters hold every named reference; without the bound digits could go on for a megabyte.
_ENTITY: Final = re.compile("&(?:#[0-9]{1,24}|#[xX][0-9a-fA-F]{1,24}|[0-9A-Za-z]{1,24});")
# A reference may resolve to a part of another one; real text nests once.
_ENTITY_ROUNDS: Final = 4
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text as it reaches the splitting into pieces, in lower case; white space stays as it is.

    Not done: ftfy's repair of whole texts that were decoded wrongly ("itâ€™s"), which needs its model of likely
    characters. Such captions count some tokens more here, as they do in a trainer without ftfy.
    """
    if "&" in text:
        text = _without_entities(text)
    if "\x1b" in text:
        text = _TERMINAL_ESCAPE.sub("", text)
    if text.isascii():
        return _REMOVED_ASCII.sub("", text).lower()
    if _SURROGATE.search(text):
        # Pairs become the character they stand for, single ones U+FFFD.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return normalized("NFC", text.translate(_repairs())).lower()


def _without_entities(text: str) -> str:
    text = _NESTED_AMPERSAND.sub("&", text)
    for _ in range(_ENTITY_ROUNDS):
        resolved = _ENTITY.sub(_resolved, text)
        if resolved == text:
            break
        text = resolved
    return text


def _resolved(match: re.Match[str]) -> str:
    entity = match.group()
    # html.unescape alone would make "¬hing;" of "&nothing;".
    return html.unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity


@lru_cache(maxsize=1)
def _repairs() -> dict[int, str | None]:
    """The one-character repairs as one table, in ftfy's order: C1, ligatures, width, quotes, line ends, controls."""
    table: dict[int, str | None] = {}
    for code in [*range(0x80, 0xA0), *map(ord, _LIGATURES), 0x02BC, *range(0x2018, 0x2020), 0x2028, 0x2029]:
        table[code] = _repaired(chr(code))
    for code in range(0xFF01, 0xFFF0):
        table[code] = unicodedata.normalize("NFKC", chr(code))
    # NFKC would go on to a plain "st".
    table[ord("ﬅ")] = "ſt"
    table.update(dict.fromkeys(_REMOVED))
    return table


def _repaired(character: str) -> str:
    if character <= "\x9f":
        # Bytes of Windows-1252 that were read as Latin-1; five of them are no character there either.
        character = character.encode("latin-1").decode("cp1252", "ignore") or character
    if character in _LIGATURES:
        character = unicodedata.normalize("NFKC", character)
    return character.translate(_STRAIGHT)


_STRAIGHT: Final = str.maketrans("\u02bc‘’‚‛“”„‟\u2028\u2029", "'''''\"\"\"\"\n\n")

_ASCII_PIECE: Final = re.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d"
    rf"|[a-z]{{1,{LONGEST_PIECE}}}|[0-9]|[^\sa-z0-9]{{1,{LONGEST_PIECE}}}"
)


@lru_cache(maxsize=1)
def _piece() -> re.Pattern[str]:
    r"""The published pattern without the package `regex`: `\p{L}` and `\p{N}` spelled out.

    To `re` a word character is a letter, a number or `_`; so letters are what is left without the numbers.
    `(?i:)` because the published pattern ignores case: the long s makes a contraction too.
    """
    numbers = _numbers()
    letter = rf"[^\W_{numbers}]{{1,{LONGEST_PIECE}}}"
    other = rf"(?:[^\w\s]|_){{1,{LONGEST_PIECE}}}"
    return re.compile(rf"<\|startoftext\|>|<\|endoftext\|>|(?i:'s|'t|'re|'ve|'m|'ll|'d)|{letter}|[{numbers}]|{other}")


def _numbers() -> str:
    """All characters of category N, as ranges for a character class."""
    ranges: list[list[int]] = []
    for code in range(0x20000):
        # No number lies beyond the second plane; ideographs that mean numbers are letters.
        if unicodedata.category(chr(code))[0] != "N":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in ranges)


def pieces(cleaned: str) -> list[str]:
    """The pieces of a cleaned text in order; white space separates and is in none."""
    return (_ASCII_PIECE if cleaned.isascii() else _piece()).findall(cleaned)


def piece_spans(cleaned: str) -> list[tuple[int, int]]:
    """Where the pieces of a cleaned text begin and end."""
    pattern = _ASCII_PIECE if cleaned.isascii() else _piece()
    return [match.span() for match in pattern.finditer(cleaned)]


_WORD: Final = re.compile("[^\t\n\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Begin and end of the runs without white space in a text that is not cleaned.

    No cleaning reaches across them, so that pieces of a text are the pieces of its words. Vertical tabs and
    information separators are no white space here: cleaning removes them and joins what stands around.
    """
    return [match.span() for match in _WORD.finditer(text)]
