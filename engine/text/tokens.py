"""CLIP token counts of captions, without the start and end marker: what stands behind "75 tokens".

Three ways, all over the same cleaning and pieces (`clip_pieces`): the library instant-clip-tokenizer, merges read
from a vocabulary file (`bpe`), or an estimate with sure bounds. The first two agree on every piece.

How far "exact" goes. The reference is CLIP's own tokenizer with ftfy 6.1.1, which sd-scripts and EveryDream pin
and transformers' CLIPTokenizer then uses. Library and vocabulary agreed with each other on 150,000 texts, and with
the reference on 100,000 tag names and aliases of Danbooru; of 50,000 texts thrown together from many scripts,
emoji, entities, markers and control characters 73 counted otherwise, all of the first kind here:

- Text that was decoded wrongly and saved again ("itâ€™s") is mended by ftfy and not here: some tokens more here.
- HTML entities are resolved always, as in CLIP's code; ftfy leaves a line with a `<` in it alone. Without their
  semicolon they stay as they are, as in ftfy.
- Trainers without ftfy, or with transformers 5, keep entities, curly quotes and full-width letters: more tokens
  there.
- Letters newer than this Python's Unicode tables count as symbols, and so does U+0345.
- The library alone takes `<|endoftext|>` for six tokens, `<start_of_text>` for one and control characters for
  symbols. Since it is given single pieces, that does not show.
"""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tagmetry.text.bpe import BpeVocabulary, VocabularyError
from tagmetry.text.clip_pieces import MARKERS, clean, piece_spans, pieces, word_spans
from tagmetry.text.clip_vocabulary import SETTING, read_vocabulary, vocabulary_candidates
from tagmetry.text.scripts import has_unspaced_letters

CHUNK: Final = 75
"""Tokens of a caption that CLIP takes at once: 77 positions less start and end."""

Counts = NDArray[np.int64]


class TokenCounter(Protocol):
    """Counts tokens. Where `exact` is false, counts are estimates and only the bounds are sure."""

    @property
    def name(self) -> str:
        """What counts, for the report."""
        ...

    @property
    def exact(self) -> bool: ...

    def count(self, text: str) -> int: ...

    def counts(self, texts: Sequence[str]) -> Counts:
        """One count per text."""
        ...

    def bounds(self, text: str) -> tuple[int, int]:
        """The least and the most tokens the text can have; equal where the counter is exact."""
        ...

    def lower_bounds(self, texts: Sequence[str]) -> Counts:
        """The least tokens of each text: a limit below it is exceeded beyond doubt."""
        ...

    def cut(self, text: str, limit: int) -> tuple[str, str]:
        """The text up to the word that no longer fits into `limit` tokens, and the rest; together the whole.

        A word that fits in part is in the rest. Inside scripts without spaces the cut is made between
        characters. An estimate puts into the rest only what is beyond the limit for sure.
        """
        ...


def chunks(count: int, size: int = CHUNK) -> int:
    """How many chunks of `size` tokens a caption of `count` tokens takes; an empty one takes one as well."""
    return max(1, -(-count // size))


def make_counter(
    vocabulary: Path | None = None,
    *,
    env: Mapping[str, str] | None = None,
    search_roots: Sequence[Path] | None = None,
    library: bool = True,
) -> TokenCounter:
    """The best counter there is: an explicit vocabulary, the library (unless `library` is false), one found, or
    the estimate. Without `env` the process's own environment is looked at.

    Raises VocabularyError if the explicit file (argument or `TAGMETRY_CLIP_VOCABULARY`) is missing, broken, or
    not the published vocabulary. Files found elsewhere that are of no use are passed over.
    """
    env = os.environ if env is None else env
    if vocabulary is not None or env.get(SETTING):
        path = next(vocabulary_candidates(vocabulary, env))
        read = read_vocabulary(path)
        if not read.is_clip:
            raise VocabularyError("not-clip", path=str(path))
        return counter_of(read)
    counter = library_counter() if library else None
    if counter is not None:
        return counter
    for path in vocabulary_candidates(None, env, search_roots):
        try:
            read = read_vocabulary(path)
        except VocabularyError:
            continue
        if read.is_clip:
            return counter_of(read)
    return TokenEstimate()


@lru_cache(maxsize=1)
def library_counter() -> "PieceCounter | None":
    """The counter of instant-clip-tokenizer, None where it is not installed (it has wheels to Python 3.12).

    It is made once: its tables take as long to build as a small dataset to read.
    """
    try:
        from instant_clip_tokenizer import Tokenizer
    except ImportError:
        return None
    encode = Tokenizer().encode
    return PieceCounter("instant-clip-tokenizer", exact=True, tokens_of=lambda piece: len(encode(piece)))


def counter_of(vocabulary: BpeVocabulary) -> "PieceCounter":
    """A counter over a vocabulary that was read; exact if that is the published one."""
    name = "CLIP vocabulary" if vocabulary.is_clip else "other vocabulary"
    return PieceCounter(name, exact=vocabulary.is_clip, tokens_of=vocabulary.count)


class PieceCounter:
    """Sums the tokens of pieces, and remembers those of short ones: words repeat, captions hardly."""

    def __init__(self, name: str, *, exact: bool, tokens_of: Callable[[str], int]) -> None:
        self.name: Final = name
        self.exact: Final = exact
        self._remembered = _Remembered(tokens_of)

    def count(self, text: str) -> int:
        return sum(map(self._remembered.__getitem__, pieces(clean(text))))

    def counts(self, texts: Sequence[str]) -> Counts:
        return np.fromiter(map(self.count, texts), dtype=np.int64, count=len(texts))

    def bounds(self, text: str) -> tuple[int, int]:
        count = self.count(text)
        return count, count

    def lower_bounds(self, texts: Sequence[str]) -> Counts:
        return self.counts(texts)

    def cut(self, text: str, limit: int) -> tuple[str, str]:
        return _cut(text, limit, self._remembered.__getitem__)


# As many words as a very large dataset uses; 64 characters hold every word.
_REMEMBERED_PIECES: Final = 1 << 18
_REMEMBERED_LENGTH: Final = 64


class _Remembered(dict[str, int]):
    """Tokens by piece, bounded."""

    def __init__(self, tokens_of: Callable[[str], int]) -> None:
        super().__init__()
        self._tokens_of = tokens_of

    def __missing__(self, piece: str) -> int:
        n = 1 if piece in MARKERS else self._tokens_of(piece)
        if len(piece) <= _REMEMBERED_LENGTH:
            if len(self) >= _REMEMBERED_PIECES:
                self.clear()
            self[piece] = n
        return n


# Figures of the published vocabulary: its longest tokens are 24 ASCII letters and 32 bytes of emoji.
_LONGEST_WORD_TOKEN: Final = 24
_LONGEST_TOKEN_BYTES: Final = 32
# Fitted to the tag names of Danbooru by use (up to 5 letters 1.0 tokens, 8 letters 1.5, 12 letters 2.8) and to
# captions in nine languages (0.4 to 0.9 tokens per byte).
_WHOLE_WORD_LETTERS: Final = 5
_TOKENS_PER_FURTHER_LETTER: Final = 0.25
_TOKENS_PER_BYTE: Final = 0.65


class TokenEstimate:
    """Counts without a vocabulary. Off by some 10 % on tags and English, by up to a third in other scripts.

    The bounds hold: no piece has less than one token, or less than its bytes over the longest token; none has
    more tokens than UTF-8 bytes.
    """

    name: Final = "estimate"
    exact: Final = False

    def count(self, text: str) -> int:
        return math.floor(sum(map(_estimate, pieces(clean(text)))) + 0.5)

    def counts(self, texts: Sequence[str]) -> Counts:
        return np.fromiter(map(self.count, texts), dtype=np.int64, count=len(texts))

    def bounds(self, text: str) -> tuple[int, int]:
        found = pieces(clean(text))
        return sum(map(_fewest, found)), sum(map(_most, found))

    def lower_bounds(self, texts: Sequence[str]) -> Counts:
        sums = (sum(map(_fewest, pieces(clean(text)))) for text in texts)
        return np.fromiter(sums, dtype=np.int64, count=len(texts))

    def cut(self, text: str, limit: int) -> tuple[str, str]:
        return _cut(text, limit, _fewest)


def _fewest(piece: str) -> int:
    if piece in MARKERS:
        return 1
    if piece.isascii() and piece.isalpha():
        return -(-len(piece) // _LONGEST_WORD_TOKEN)
    return -(-_bytes(piece) // _LONGEST_TOKEN_BYTES)


def _most(piece: str) -> int:
    return 1 if piece in MARKERS else _bytes(piece)


def _bytes(piece: str) -> int:
    return len(piece) if piece.isascii() else len(piece.encode("utf-8", "replace"))


def _estimate(piece: str) -> float:
    if piece.isascii():
        further = len(piece) - _WHOLE_WORD_LETTERS if piece.isalpha() else 0
        return 1 + _TOKENS_PER_FURTHER_LETTER * max(0, further)
    # A lone symbol or emoji is one token mostly, whatever its bytes.
    return max(1.0, _TOKENS_PER_BYTE * _bytes(piece)) if piece.isalpha() else 1.0


def _cut(text: str, limit: int, tokens_of: Callable[[str], int]) -> tuple[str, str]:
    room = limit
    for start, end in word_spans(text):
        word = text[start:end]
        needed = sum(map(tokens_of, pieces(clean(word))))
        if needed > room:
            position = start + _fitting(word, room, tokens_of)
            return text[:position], text[position:]
        room -= needed
    return text, ""


def _fitting(word: str, room: int, tokens_of: Callable[[str], int]) -> int:
    """How many characters of a word without white space fit into `room` tokens, by whole pieces."""
    cleaned = clean(word)
    if len(cleaned) != len(word):
        # Cleaning has moved the positions (an entity, a ligature): the word goes as a whole.
        return 0
    for start, end in piece_spans(cleaned):
        needed = tokens_of(cleaned[start:end])
        if needed <= room:
            room -= needed
            continue
        if not has_unspaced_letters(cleaned[start:end]):
            return start
        return start + _fitting_characters(cleaned[start:end], room, tokens_of)
    return len(word)


def _fitting_characters(piece: str, room: int, tokens_of: Callable[[str], int]) -> int:
    """The most characters of a piece whose own count fits, by halving: counts grow with the text, or nearly."""
    fits, too_many = 0, len(piece)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if tokens_of(piece[:middle]) <= room:
            fits = middle
        else:
            too_many = middle
    return fits
