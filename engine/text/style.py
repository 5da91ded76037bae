"""How captions are written: as lists of tags or as sentences."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tagmetry.text.scripts import Language, Script, count_words, language_of, scripts_in
from tagmetry.text.sentences import is_sentence_like
from tagmetry.text.tags import list_separators, separators_in, split_tags

CaptionStyle = Literal["tags", "sentences"]

MIN_SEPARATORS: Final = 3
"""A caption with fewer is too short a list to shuffle. Tagmetry's own choice, as is the next."""

MAX_WORDS_PER_PART: Final = 4
"""Tags of booru vocabularies have one to four words, clauses of sentences more."""


@dataclass(frozen=True, slots=True)
class CaptionFacts:
    """Figures of one caption. `part_words` is the median over its parts, 0 without parts."""

    separators: int
    parts: int
    part_words: float
    words: int
    sentence_like: bool
    scripts: tuple[Script, ...]
    language: Language


def caption_facts(text: str) -> CaptionFacts:
    """All figures of one caption. `scripts` are those in use, the most frequent first."""
    words = words_per_part(text)
    counts = scripts_in(text)
    return CaptionFacts(
        separators=separator_count(text),
        parts=len(words),
        part_words=median_part_words(text),
        words=sum(words),
        sentence_like=is_sentence_like(text),
        scripts=tuple(sorted(counts, key=lambda script: (-counts[script], script))),
        language=language_of(text),
    )


def separator_count(text: str) -> int:
    """Separators that split this caption; those of Chinese and Japanese sentences do not count."""
    counts = separators_in(text)
    return sum(counts.get(mark, 0) for mark in list_separators(text))


def words_per_part(text: str) -> tuple[int, ...]:
    """Words of each part of a caption, in order."""
    return tuple(map(count_words, split_tags(text)))


def median_part_words(text: str) -> float:
    """The median words of a caption's parts, 0 without parts."""
    words = words_per_part(text)
    return float(statistics.median(words)) if words else 0.0


@dataclass(frozen=True, slots=True)
class StyleColumns:
    """Per text: separators int64 (n,) and the median words of its parts float64 (n,), 0 without parts."""

    separators: NDArray[np.int64]
    part_words: NDArray[np.float64]

    def style(
        self, *, min_separators: float = MIN_SEPARATORS, max_words_per_part: float = MAX_WORDS_PER_PART
    ) -> CaptionStyle:
        return caption_style(
            self.separators,
            self.part_words[self.part_words > 0],
            min_separators=min_separators,
            max_words_per_part=max_words_per_part,
        )


def style_columns(texts: Sequence[str]) -> StyleColumns:
    """Measures many captions; give each distinct text once and repeat rows by index."""
    separators = np.fromiter(map(separator_count, texts), dtype=np.int64, count=len(texts))
    words = np.fromiter(map(median_part_words, texts), dtype=np.float64, count=len(texts))
    return StyleColumns(separators, words)


def caption_style(
    separator_counts: ArrayLike,
    part_words: ArrayLike,
    *,
    min_separators: float = MIN_SEPARATORS,
    max_words_per_part: float = MAX_WORDS_PER_PART,
) -> CaptionStyle:
    """The style of a set: "tags" if the median caption has at least `min_separators` separators and the median
    part at most `max_words_per_part` words.

    `separator_counts` has one figure per caption, `part_words` one per part (or per caption its median). A set
    without captions is "sentences": that style never has anything shuffled or dropped.
    """
    counts = np.asarray(separator_counts, dtype=np.float64)
    words = np.asarray(part_words, dtype=np.float64)
    if counts.size == 0 or words.size == 0:
        return "sentences"
    is_list = float(np.median(counts)) >= min_separators and float(np.median(words)) <= max_words_per_part
    return "tags" if is_list else "sentences"
