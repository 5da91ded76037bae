"""Words of captions in any script, and the terms of word lists that stand among them.

Two units. *Letters and words* (`units`) are what terms are looked up by: words of scripts with spaces, runs of
katakana, and every single character of Han, hiragana and the scripts of South-East Asia. *Words* (`WordSplitter`) are
what is counted: there such characters are joined to phrases by BudouX where it is installed, else to pairs.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.text.scripts import HAN, HANGUL, HIRAGANA, KATAKANA, SOUTHEAST_ASIAN, UNSPACED
from tagmetry.text.sentences import folded

BREAK: Final = ""
"""The unit that stands for punctuation: no term reaches across it."""

_SINGLE: Final = f"{HAN}{HIRAGANA}{SOUTHEAST_ASIAN}"
_SPACED: Final = rf"[^\W_{UNSPACED}]+(?:['’\-][^\W_{UNSPACED}]+)*"
# Signs that join words (`/`, `&`, brackets, quotation marks) break nothing.
_UNIT: Final = re.compile(rf"{_SPACED}|[{KATAKANA}]+|[{_SINGLE}]|[,，、.。;；:：!！?？|\n\r]+")
_BREAKING: Final = frozenset(",，、.。;；:：!！?？|\n\r")
_RUN: Final = re.compile(rf"(?P<spaced>{_SPACED})|(?P<katakana>[{KATAKANA}]+(?![{_SINGLE}]))|(?P<run>[{UNSPACED}]+)")
_KATAKANA_RUN: Final = re.compile(f"[{KATAKANA}]+|[^{KATAKANA}]+")
_HANGUL_WORD: Final = re.compile(f"[{HANGUL}]{{2,}}")
_ONE_LETTER: Final = re.compile(f"[{_SINGLE}]")


def units(text: str) -> tuple[str, ...]:
    """The folded text as words, katakana runs and single letters of other unspaced scripts; `BREAK` ends a part."""
    return tuple(BREAK if found[0] in _BREAKING else found for found in _UNIT.findall(folded(text)))


# --- what is counted -----------------------------------------------------------------------------------

# English words that every sentence has and that say nothing of the picture.
FUNCTION_WORDS: Final = frozenset({
    "a", "an", "the", "of", "in", "on", "at", "to", "from", "by", "with", "without", "and", "or", "but", "as", "for",
    "into", "onto", "over", "under", "out", "up", "down", "off", "near", "behind", "beside", "between", "before",
    "after", "above", "below", "through", "is", "are", "was", "were", "be", "been", "being", "has", "have", "had",
    "its", "it", "his", "her", "their", "he", "she", "they", "this", "that", "these", "those", "which", "who",
    "while", "there", "some", "one", "two", "another", "other", "very",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordSplitter:
    """Splits captions into words. `unit` says what stands for a word in scripts without spaces."""

    name: str
    unit: str
    split_run: Callable[[str], Sequence[str]]

    def words(self, text: str) -> tuple[str, ...]:
        """The words of a caption in order, folded, with repetitions; digits alone and punctuation are none."""
        found: list[str] = []
        for match in _RUN.finditer(folded(text)):
            word = match.group()
            if match.lastgroup != "run":
                if not word.isdigit():
                    found.append(word)
            else:
                found.extend(self.split_run(word))
        return tuple(found)


def letter_pairs(run: str) -> tuple[str, ...]:
    """Overlapping pairs of characters of a run without spaces; katakana inside it is a word by itself."""
    found: list[str] = []
    for part in _KATAKANA_RUN.findall(run):
        if len(part) < 2 or re.match(f"[{KATAKANA}]", part):
            found.append(part)
        else:
            found.extend(part[place : place + 2] for place in range(len(part) - 1))
    return tuple(found)


WHOLE_RUN: Final = 3
"""Letters up to which a run by itself, such as a tag between two marks, is one word: BudouX would cut 长发 in two."""

PAIRS: Final = WordSplitter("pairs of characters", "pairs of characters", letter_pairs)


def word_splitter() -> WordSplitter:
    """BudouX's phrases where it is installed (the extra `words`), else pairs of characters."""
    try:
        import budoux
    except ImportError:
        return PAIRS
    parsers: dict[str, Callable[[str], Sequence[str]]] = {}

    def phrases(run: str) -> Sequence[str]:
        language = _model_of(run)
        if not language:
            return letter_pairs(run)
        if len(run) <= WHOLE_RUN:
            return (run,)
        if language not in parsers:
            parsers[language] = getattr(budoux, f"load_default_{language}_parser")().parse
        return parsers[language](run)

    return WordSplitter("BudouX", "phrases", phrases)


_KANA: Final = re.compile(f"[{HIRAGANA}{KATAKANA}]")
_THAI: Final = re.compile("[\u0e01-\u0e4e]")
_OTHER_SOUTHEAST: Final = re.compile("[\u0e81-\u0edf\u1000-\u109f\u1780-\u17dd]")
# Frequent characters that only traditional Chinese writes so.
_TRADITIONAL: Final = re.compile("[個們這來國說時會對發後裡頭髮長紅藍綠黃銀褲裝鏡畫質單獨麗邊車門開關風鳥馬魚點]")


def _model_of(run: str) -> str:
    """Which of BudouX's models reads a run; "" where it has none."""
    if _KANA.search(run):
        return "japanese"
    if _OTHER_SOUTHEAST.search(run):
        return ""
    if _THAI.search(run):
        return "thai"
    return "traditional_chinese" if _TRADITIONAL.search(run) else "simplified_chinese"


# --- terms of word lists -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term in a caption: its text, the lists it stands in, and the units it covers."""

    term: str
    lists: tuple[str, ...]
    start: int
    end: int


class TermSearch:
    """Looks up all terms of some word lists in captions: one pass over the units, the longest term first.

    In scripts with spaces a term is found as whole words. In those without, terms of two and more characters are
    found anywhere, single characters only where no other such character stands beside them. Korean words may be
    followed by a particle. Terms do not overlap, and none reaches across punctuation.
    """

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        names: dict[tuple[str, ...], list[str]] = {}
        texts: dict[tuple[str, ...], str] = {}
        for name, terms in sorted(lists.items()):
            for term in sorted(terms):
                key = units(term)
                if not key or BREAK in key:
                    # Emoticons and the like are no words.
                    continue
                texts.setdefault(key, term)
                if name not in (known := names.setdefault(key, [])):
                    known.append(name)
        self._lists: Final = {key: tuple(found) for key, found in names.items()}
        self._texts: Final = texts
        lengths: dict[str, set[int]] = {}
        for key in names:
            lengths.setdefault(key[0], set()).add(len(key))
        self._lengths: Final = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def find(self, text_units: Sequence[str]) -> tuple[FoundTerm, ...]:
        """All terms among the units of a caption, in order."""
        found: list[FoundTerm] = []
        beginnings = self._lengths
        place, end = 0, len(text_units)
        while place < end:
            unit = text_units[place]
            # Most units begin no term, and this is asked of every unit of every caption.
            if unit in beginnings or not unit.isascii():
                key = self._longest_at(text_units, place)
                if key is not None:
                    found.append(FoundTerm(self._texts[key], self._lists[key], place, place + len(key)))
                    place += len(key)
                    continue
            place += 1
        return tuple(found)

    def _longest_at(self, text_units: Sequence[str], place: int) -> tuple[str, ...] | None:
        first = text_units[place]
        for length in self._lengths.get(first, ()):
            key = tuple(text_units[place : place + length])
            if key in self._lists and (length > 1 or _stands_alone(text_units, place)):
                return key
        if len(first) > 2 and _HANGUL_WORD.match(first):
            # 배경에 is 배경 with a particle.
            for end in range(len(first) - 1, 1, -1):
                if (first[:end],) in self._lists:
                    return (first[:end],)
        return None


def _stands_alone(text_units: Sequence[str], place: int) -> bool:
    """Whether a single unit may be a word: a lone character of an unspaced script has no such neighbour."""
    if not _ONE_LETTER.fullmatch(text_units[place]):
        return True
    beside = (*text_units[max(0, place - 1) : place], *text_units[place + 1 : place + 2])
    return not any(_ONE_LETTER.fullmatch(unit) for unit in beside)
