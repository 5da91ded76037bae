"""Captions as running text: whether they read as sentences, and which words they hold, in any script."""

import re
import statistics
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.text.scripts import (
    HAN,
    HANGUL,
    HIRAGANA,
    KATAKANA,
    SOUTHEAST_ASIAN,
    count_words,
    has_unspaced_letters,
)
from tagmetry.text.unicode_forms import normalized

# --- does it read as sentences -----------------------------------------------------------------------

MAX_LISTED_LETTERS: Final = 8
"""East Asian characters: a list whose middle part is longer is no list of tags. Tags run to 3 to 7 (Danbooru's
names as translated by taggers), clauses to 8 to 15."""

MAX_LISTED_LETTERS_BEFORE_STOP: Final = 5
"""The same where the text ends like a sentence."""

MAX_STOPPED_PARTS: Final = 3
"""So few parts with a full stop are a short sentence (彼女は、笑っている。), if one of them has that length."""

MIN_SENTENCE_WORDS: Final = 4
"""Words that a text with a full stop needs to count as a sentence: "smile." is a tag with a dot."""

MIN_WORDS_PER_STOPPED_PART: Final = 2.0
"""More words than this per part, on the average, tell a sentence with commas from a list with a dot at its end."""

MIN_CLAUSE_WORDS: Final = 6
"""A part with as many words is a clause. The longest of Danbooru's 2,000 most used tags have five, save for
titles of series."""

MIN_WIDE_CLAUSE_WORDS: Final = 5
"""The same where East Asian characters are counted as words: seven Han characters."""

_PARTS: Final = re.compile("[,，、;；\r\n]")
_TRIMMED: Final = " \t\u3000。！？｡"
_WIDE_STOP: Final = re.compile("[。！？｡]")
_STOP_AT_END: Final = re.compile(r"[.!?。！？｡][\"'”’」』)）\s]*\Z")
_STOP_WITHIN: Final = re.compile(r"[a-z]{2}[.!?]\s+[A-Z]")
# How a Japanese main clause ends: polite and plain forms of being, doing, staying.
_PREDICATE_AT_END: Final = re.compile(
    r"(?:です|ます|ました|でした|ません|である|だった|ている|でいる|ていた|でいた|てある|される|された|する|した)"
    r"[」』\s]*\Z"
)
# Everything a look at the end of a text needs; keeps `\Z` patterns from scanning a megabyte.
_TAIL: Final = 64


def reads_as_wide_sentences(text: str) -> bool:
    """Whether `、`, `，` and `；` in this text join clauses of sentences instead of separating tags.

    Yes if the middle one of the parts between separators is long for its script (over 8 characters), or over 5
    where the text ends like a sentence or holds a full stop, or if there is a full stop and at most three parts,
    one of them with 5 characters. Texts without Han characters, kana or the like are judged by their separators
    alone: no.
    """
    if not has_unspaced_letters(text):
        return False
    parts = [part.strip(_TRIMMED) for part in _PARTS.split(text)]
    lengths = [len(part) for part in parts if part]
    if not lengths:
        return False
    middle = statistics.median(lengths)
    if middle > MAX_LISTED_LETTERS:
        return True
    stopped = _WIDE_STOP.search(text) is not None
    if stopped and len(lengths) <= MAX_STOPPED_PARTS and max(lengths) >= MAX_LISTED_LETTERS_BEFORE_STOP:
        return True
    if middle <= MAX_LISTED_LETTERS_BEFORE_STOP:
        return False
    return stopped or _PREDICATE_AT_END.search(text[-_TAIL:]) is not None


def is_sentence_like(text: str) -> bool:
    """Whether a caption reads as prose.

    Most of its words stand in clauses of six words or more (five in scripts without spaces); or it has a full
    stop, four words or more, and more than two of them per part; or it `reads_as_wide_sentences`.
    """
    words = [count_words(part) for part in _PARTS.split(text) if part.strip()]
    total = sum(words)
    wide = has_unspaced_letters(text)
    least = MIN_WIDE_CLAUSE_WORDS if wide else MIN_CLAUSE_WORDS
    if total and 2 * sum(n for n in words if n >= least) > total:
        return True
    if wide:
        return reads_as_wide_sentences(text)
    if total < MIN_SENTENCE_WORDS or total <= MIN_WORDS_PER_STOPPED_PART * len(words):
        return False
    return _STOP_AT_END.search(text[-_TAIL:]) is not None or _STOP_WITHIN.search(text) is not None


# --- words -------------------------------------------------------------------------------------------

_ESCAPED_PARENTHESIS: Final = re.compile(r"\\+([()])")
_WORD_BREAK: Final = re.compile(r"[\s,，、;；]+")


def folded(text: str) -> str:
    r"""The form in which words are searched: NFKC, case-folded, `_` and white space as one space, `\(` as `(`."""
    if text.isascii():
        text = text.lower()
    else:
        text = normalized("NFKC", normalized("NFKC", text).casefold())
    if "\\" in text:
        text = _ESCAPED_PARENTHESIS.sub(r"\1", text)
    return " ".join(text.replace("_", " ").split())


_SCRIPT_OF_LETTER: Final = (
    ("katakana", re.compile(f"[{KATAKANA}]")),
    ("hiragana", re.compile(f"[{HIRAGANA}]")),
    ("han", re.compile(f"[{HAN}]")),
    ("hangul", re.compile(f"[{HANGUL}]")),
    ("southeast-asian", re.compile(f"[{SOUTHEAST_ASIAN}]")),
)


def _letter_kind(character: str) -> str:
    """The script of a letter as far as word boundaries go: "" for none, "spaced" for all with spaces."""
    if not character:
        return ""
    if character.isascii():
        return "spaced" if character.isalnum() else ""
    for kind, letter in _SCRIPT_OF_LETTER:
        if letter.match(character):
            return kind
    # A mark continues the word before it, and an identifier.
    return "spaced" if character.isalnum() or ("a" + character).isidentifier() else ""


def contains_word(text: str, word: str) -> bool:
    """Whether a word, or several as a phrase, stands in a text: `sks` in "a photo of sks dog", not in "asks".

    Case, width, underscores and white space do not count. In scripts with spaces the word must be whole; digits
    belong to words ("girl" is not in "1girl"). Between scripts there is always a boundary ("sks犬" holds both).
    Within one script without spaces: katakana words must be whole (リボン is not in ヘアリボン); Han and kana words
    of two or more characters are found anywhere, single ones only at a change of script (犬 in "犬が", not in
    "愛犬家"); Hangul words of two or more syllables may be followed by a particle.
    """
    return _holds(folded(text), folded(word))


def text_before(text: str, word: str) -> str | None:
    """What stands before the first place of a word, in the form in which words are searched; None where it is not."""
    searched = folded(text)
    place = _place(searched, folded(word))
    return None if place < 0 else searched[:place]


def _holds(text: str, word: str) -> bool:
    return _place(text, word) >= 0


def _place(text: str, word: str) -> int:
    """Where a word begins in a text, -1 for nowhere."""
    if not word:
        return -1
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if _is_free(word[0], text[start - 1 : start], word, leading=True) and _is_free(
            word[-1], text[end : end + 1], word, leading=False
        ):
            return start
        start = text.find(word, start + 1)
    return -1


def _is_free(edge: str, neighbour: str, word: str, *, leading: bool) -> bool:
    """Whether a word may end here: its first or last character beside what stands next to it."""
    kind = _letter_kind(edge)
    if not kind or kind != _letter_kind(neighbour):
        return True
    if kind in ("han", "hiragana", "southeast-asian"):
        return len(word) > 1
    return kind == "hangul" and not leading and len(word) > 1


class WordSearch:
    """Many words in the same texts, each text folded once. Give distinct texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts: Final = tuple(map(folded, texts))

    def holding(self, word: str) -> NDArray[np.bool_]:
        """Shape (n,): which texts contain the word, as `contains_word` says."""
        sought = folded(word)
        return np.fromiter((_holds(text, sought) for text in self._texts), dtype=bool, count=len(self._texts))


def words_of_name(name: str) -> tuple[str, ...]:
    """The words of a concept's or folder's name as written: "Wikipe-tan, girl" has two.

    White space and commas separate words; underscores only in a name without white space, where nothing else does.
    """
    found = [word for word in _WORD_BREAK.split(name) if word]
    if len(found) == 1 and "_" in found[0].strip("_"):
        found = [word for word in found[0].split("_") if word]
    return tuple(found)


def first_word(name: str) -> str | None:
    """The first word of a name, a trigger by kohya's custom `N_trigger class`; None if there is none."""
    found = words_of_name(name)
    return found[0] if found else None


def last_word(name: str) -> str | None:
    """The last word of a name, the class word by the same custom (in a name of one word that same word)."""
    found = words_of_name(name)
    return found[-1] if found else None
