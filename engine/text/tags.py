r"""Captions as lists of tags: separators, parts, weights, brackets.

Nothing here changes a tag beyond trimming it: `saber \(fate\)`, `:d` and `(smile:1.2)` come out as written.
All functions are linear and none recurses, so 60,000 brackets are only a long caption.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from tagmetry.text.decoding import lines
from tagmetry.text.sentences import reads_as_wide_sentences

SEPARATORS: Final = (",", "，", "、", ";", "；", "\n", "|||")
"""What may stand between tags: commas, semicolons, line ends, and sd-scripts' usual keep_tokens_separator."""

_WIDE: Final = ("，", "、", "；")

# `;` winks, weeps and names series (`;d`, `d;`, `;_;`, `steins;gate`). It separates where white space or the end
# follows and no such face ends there; in a text without commas, wherever it stands between two characters.
_SEMICOLON: Final = re.compile(
    r"(?<![,，\n] [a-z0-9])(?<=[^\s,，;_]);(?<![,，\n][a-z0-9];)(?<!\A[a-z0-9];)(?=\s|\Z)", re.IGNORECASE
)
_BARE_SEMICOLON: Final = re.compile(r"(?<=[^\s;_]);(?=[^\s;)(<>|/_]|\s|\Z)")
_BREAK: Final = "\r\n|\n|\r"


def separators_in(text: str) -> dict[str, int]:
    """How often each separator stands in a text, those that do not occur left out; line ends count inside only.

    Bare counts: a `、` counts whether it separates tags or clauses. `list_separators` says which of them split.
    """
    counts = {mark: text.count(mark) for mark in SEPARATORS if mark not in (";", "\n")}
    counts[";"] = len(_semicolon(text).findall(text)) if ";" in text else 0
    counts["\n"] = max(0, sum(1 for line in lines(text) if line.strip()) - 1)
    return {mark: counts[mark] for mark in SEPARATORS if counts[mark]}


def list_separators(text: str) -> tuple[str, ...]:
    """The separators that split this text where nobody says which ones do.

    All of them, but `，`, `、` and `；` not in Chinese or Japanese sentences (see `reads_as_wide_sentences`).
    """
    if not any(mark in text for mark in _WIDE) or not reads_as_wide_sentences(text):
        return SEPARATORS
    return tuple(mark for mark in SEPARATORS if mark not in _WIDE)


def _semicolon(text: str) -> re.Pattern[str]:
    if any(mark in text for mark in (",", "，", "、")) or text.count(";") < 2:
        return _SEMICOLON
    return _BARE_SEMICOLON


@lru_cache(maxsize=64)
def _splitter(marks: tuple[str, ...], semicolon: re.Pattern[str]) -> re.Pattern[str]:
    known = {"\n": _BREAK, ";": f"(?:{semicolon.pattern})"}
    return re.compile("|".join(known.get(mark, re.escape(mark)) for mark in marks), semicolon.flags)


def _parts(text: str, separator: str | None) -> list[str]:
    """All parts, trimmed, empty ones included."""
    if separator is None:
        found = _splitter(list_separators(text), _semicolon(text)).split(text)
    elif separator == "\n":
        found = list(lines(text))
    else:
        found = text.split(separator)
    return [part.strip() for part in found]


def split_tags(text: str, separator: str | None = None) -> tuple[str, ...]:
    """The tags of a caption in the order written, trimmed, empty ones dropped, repetitions kept.

    With a `separator` (a trainer's `caption_separator`) only that one splits; without, `list_separators` do.
    ValueError for an empty separator.
    """
    return tuple(part for part in _parts(text, separator) if part)


def empty_parts(text: str, separator: str | None = None) -> int:
    """Empty tags: `a,,b` has one, `a, b,` has one, an empty text none. Trainers keep some of them.

    A line end beside another separator makes no empty tag, nor do blank lines.
    """
    if separator is not None:
        return _parts(text, separator).count("") if text.strip() else 0
    written = [line.strip() for line in lines(text) if line.strip()]
    marks = tuple(mark for mark in list_separators(text) if mark != "\n")
    split = _splitter(marks, _semicolon(text)).split
    count = 0
    for number, line in enumerate(written, 1):
        parts = [part.strip() for part in split(line)]
        count += parts.count("")
        # A comma at the end of a line that others follow is how lists are written down.
        if number < len(written) and len(parts) > 1 and not parts[-1]:
            count -= 1
    return count


# --- weights and brackets ----------------------------------------------------------------------------

STEP: Final = 1.1
"""What one pair of round brackets multiplies a tag's weight by in the web UI's syntax; square ones divide."""

MAX_WEIGHT: Final = 100.0
"""No prompt syntax gives meaning to weights beyond this; a larger figure is a slip, not an emphasis."""

_FIGURE: Final = re.compile(
    r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:e[+-]?\d{1,9})?|[+-]?(?:nan|inf|infinity)", re.IGNORECASE
)
_BRACKET: Final = re.compile(r"\\.|[()\[\]{}]", re.DOTALL)
_PARTNER: Final = {")": "(", "]": "[", "}": "{"}
_OPENING: Final = frozenset(_PARTNER.values())


@dataclass(frozen=True, slots=True)
class WeightedTag:
    """A tag without its weight syntax. `problem` "bad-weight": the figure makes no sense and counts as 1."""

    tag: str
    weight: float = 1.0
    problem: Literal["", "bad-weight"] = ""


def weighted_tag(tag: str) -> WeightedTag:
    r"""Takes `(tag:1.2)`, `((tag))` and `[tag]` apart; anything else is the tag itself with weight 1.

    Brackets count as syntax only if one pair encloses the whole tag and letters stand in it; escaped ones (`\(`)
    never do, nor those of a face (`(^o^)`). Trainers do not read this syntax unless told to (sd-scripts'
    weighted_captions).
    """
    tag = tag.strip()
    if not tag or tag[0] not in "([":
        return WeightedTag(tag)
    partner = _partners(tag)[0]
    first, last = 0, len(tag) - 1
    power = 0
    while first < last and tag[first] in "([" and partner.get(first) == last:
        power += 1 if tag[first] == "(" else -1
        first += 1
        last -= 1
    if first == 0:
        return WeightedTag(tag)
    name, figure = tag[first : last + 1].strip(), ""
    if tag[first - 1] == "(":
        before, _, behind = name.rpartition(":")
        if before.strip() and _FIGURE.fullmatch(behind.strip()):
            name, figure = before.strip(), behind.strip()
    if not any(map(str.isalpha, name)) or (not figure and is_emoticon(tag)):
        return WeightedTag(tag)
    # The round pair around a figure only holds it.
    weight = float(figure) * _power(power - 1) if figure else _power(power)
    if not math.isfinite(weight) or abs(weight) > MAX_WEIGHT:
        return WeightedTag(name, 1.0, "bad-weight")
    return WeightedTag(name, weight)


def _power(exponent: int) -> float:
    # The logarithm of the largest weight is 48 steps; beyond that nothing needs to be exact.
    return math.inf if exponent > 1000 else STEP ** max(exponent, -1000)


def unbalanced_brackets(text: str) -> tuple[int, ...]:
    r"""Positions of brackets without a partner, in order; escaped brackets and those of emoticons (`:(`) not."""
    if not any(bracket in text for bracket in "()[]{}"):
        return ()
    return _partners(_without_emoticons(text))[1]


def _partners(text: str) -> tuple[dict[int, int], tuple[int, ...]]:
    """Position of the closing bracket by that of the opening one, and the positions without a partner."""
    partner: dict[int, int] = {}
    open_positions: list[int] = []
    lonely: list[int] = []
    for match in _BRACKET.finditer(text):
        bracket, position = match.group(), match.start()
        if bracket in _OPENING:
            open_positions.append(position)
        elif bracket in _PARTNER:
            if open_positions and text[open_positions[-1]] == _PARTNER[bracket]:
                partner[open_positions.pop()] = position
            else:
                lonely.append(position)
    return partner, tuple(sorted(lonely + open_positions))


_LISTED: Final = re.compile(r"[^,，、\r\n]+")


def _without_emoticons(text: str) -> str:
    """The text with tags that are emoticons blanked out, positions kept."""

    def blank(match: re.Match[str]) -> str:
        part = match.group()
        return " " * len(part) if is_emoticon(part.strip()) else part

    return _LISTED.sub(blank, text)


# `<|>_<|>` has seven characters.
_LONGEST_EMOTICON: Final = 8
_LETTERS_IN_A_ROW: Final = re.compile(r"[^\W_]{2}")
# Brackets alone make no face: `(a` is a slip, `(9)` a number.
_FACE_MARK: Final = re.compile(r"[:;=^<>@+|\\/_.\-~*'\"!?$%&#`]")


def is_emoticon(tag: str) -> bool:
    """Whether a tag is built like a face (`:d`, `>_<`, `\\m/`, `;)`).

    Up to eight characters without space, with a mark among them and no two letters or digits in a row. That
    takes in initials (`c.c.`) as well, which matters to nobody who asks about brackets.
    """
    return (
        1 < len(tag) <= _LONGEST_EMOTICON
        and len(tag.split()) == 1
        and _FACE_MARK.search(tag) is not None
        and _LETTERS_IN_A_ROW.search(tag) is None
    )
