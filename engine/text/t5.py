"""T5 token counts of captions, with the end marker: what stands behind "512 tokens" of Flux.

Exact with a SentencePiece model that the user names and the library `sentencepiece`; else an estimate. T5's
vocabulary is Latin, with some Cyrillic: of a run of other letters it makes one unknown token, so that what they
say is lost.
"""

import re
from pathlib import Path
from typing import Any, Final, Protocol

from tagmetry.text.bpe import VocabularyError
from tagmetry.text.scripts import HANGUL, LATIN, UNSPACED

LARGEST_MODEL_BYTES: Final = 16 << 20
"""T5's own has 0.8 MB, mT5's 4.3 MB."""


class T5Counter(Protocol):
    """Counts T5 tokens, the end marker among them. Where `exact` is false it is an estimate."""

    @property
    def name(self) -> str: ...

    @property
    def exact(self) -> bool: ...

    def count(self, text: str) -> int: ...

    def lost(self, text: str, limit: int) -> str:
        """What does not fit into `limit` tokens, from the first word that no longer does; "" if all fits."""
        ...


def make_t5_counter(model: Path | None = None) -> T5Counter:
    """A counter by the SentencePiece model, or the estimate without one.

    Raises VocabularyError where the library is not installed, or the file is no such model.
    """
    return T5Estimate() if model is None else SentencePieceCounter(model)


class SentencePieceCounter:
    """Counts with a SentencePiece model."""

    exact: Final = True

    def __init__(self, model: Path) -> None:
        try:
            from sentencepiece import SentencePieceProcessor
        except ImportError:
            raise VocabularyError("no-sentencepiece") from None
        try:
            size = model.stat().st_size
            if size > LARGEST_MODEL_BYTES:
                raise VocabularyError("too-large", path=str(model), size=size, limit=LARGEST_MODEL_BYTES)
            data = model.read_bytes()
        except OSError as error:
            raise VocabularyError("unreadable", path=str(model), reason=error.strerror or "") from None
        try:
            processor: Any = SentencePieceProcessor(model_proto=data)
        except (RuntimeError, ValueError, TypeError):
            raise VocabularyError("not-sentencepiece", path=str(model)) from None
        if not data or not processor.get_piece_size():
            raise VocabularyError("not-sentencepiece", path=str(model))
        self.name: Final = f"SentencePiece, {model.name}"
        self._processor = processor

    def count(self, text: str) -> int:
        # Surrogates are no text; the library takes UTF-8.
        return len(self._processor.encode(text.encode("utf-8", "replace").decode("utf-8"))) + 1

    def lost(self, text: str, limit: int) -> str:
        return _lost(self, text, limit)


_PIECE: Final = re.compile(
    rf"(?P<latin>[{LATIN}]+)|(?P<unknown>[{UNSPACED}{HANGUL}]+)|(?P<other>[^\W\d_]+)|\d+|[^\w\s]|_+"
)
# Fitted to booru tags and English sentences with T5's own model: off by 3 % over a set, by a third on single captions.
_WHOLE_WORD_LETTERS: Final = 3
_TOKENS_PER_FURTHER_LETTER: Final = 0.3
_TOKENS_PER_OTHER_LETTER: Final = 0.6
# A lone letter, and a run of letters that T5 does not know, are told apart from the space before them.
_TOKENS_WITH_SPACE: Final = 2


class T5Estimate:
    """Counts without a model: by letters for Latin words, two for each run of letters that T5 does not know."""

    name: Final = "estimate"
    exact: Final = False

    def count(self, text: str) -> int:
        total = 1.0
        for match in _PIECE.finditer(text):
            letters = match.end() - match.start()
            if match.lastgroup == "latin":
                further = _TOKENS_PER_FURTHER_LETTER * max(0, letters - _WHOLE_WORD_LETTERS)
                total += _TOKENS_WITH_SPACE if letters == 1 else 1 + further
            elif match.lastgroup == "unknown":
                total += _TOKENS_WITH_SPACE
            elif match.lastgroup == "other":
                total += max(1.0, _TOKENS_PER_OTHER_LETTER * letters)
            else:
                total += 1
        return int(total + 0.5)

    def lost(self, text: str, limit: int) -> str:
        return _lost(self, text, limit)


_WORD_END: Final = re.compile(r"(?<=\S)(?=\s)|\Z")


def _lost(counter: T5Counter, text: str, limit: int) -> str:
    if counter.count(text) <= limit:
        return ""
    ends = [match.start() for match in _WORD_END.finditer(text)]
    # Counts grow with the text, so the last word that fits is found by halving.
    fits, too_many = -1, len(ends) - 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if counter.count(text[: ends[middle]]) <= limit:
            fits = middle
        else:
            too_many = middle
    return text[ends[fits] if fits >= 0 else 0 :].strip()
