"""Byte-pair encoding as CLIP does it: merges over the bytes of a piece, its last byte marked as the end of a word."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Final

CLIP_MERGES: Final = 48_894
"""Merges of the published vocabulary: 49,408 tokens less 512 for bytes and two markers."""

CLIP_SHA256: Final = "f61f2adf497e6f5357c347aeb4646fabe82f341e946de5bdec5d2858e41bef4a"
"""Of the published merges, one `first second` per line, UTF-8, lines joined by LF."""

END: Final = "</w>"
_BYTES: Final = 256
_SYMBOL_BITS: Final = 17


class VocabularyError(Exception):
    """A file that is no usable CLIP vocabulary. `code` says why, `values` holds the figures for a message."""

    def __init__(self, code: str, **values: str | int) -> None:
        self.code = code
        self.values = values
        details = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(f"{code} ({details})" if details else code)


@dataclass(frozen=True, slots=True)
class BpeVocabulary:
    """Merge ranks by pair of symbols.

    Symbols 0..255 are bytes, 256..511 bytes that end a word (both in the published order of characters), 512 + r
    is what merge r makes. A pair is `first << 17 | second`. `is_clip`: these are the published merges.
    """

    ranks: Mapping[int, int]
    is_clip: bool

    def count(self, piece: str) -> int:
        """Tokens of one piece; 0 for an empty one."""
        return len(merge(self.ranks, symbols_of(piece)))


def published_alphabet() -> tuple[str, ...]:
    """The 256 characters that stand for bytes in vocabulary files, in symbol order."""
    return tuple(_CHARACTER_OF_BYTE[byte] for byte in _BYTE_ORDER)


# Printable bytes stand for themselves and come first; the others take characters from U+0100 on.
_PRINTABLE: Final = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_BYTE_ORDER: Final = _PRINTABLE + [byte for byte in range(_BYTES) if byte not in _PRINTABLE]
_CHARACTER_OF_BYTE: Final = {
    byte: chr(byte) if symbol < len(_PRINTABLE) else chr(_BYTES + symbol - len(_PRINTABLE))
    for symbol, byte in enumerate(_BYTE_ORDER)
}
_SYMBOL_OF_BYTE: Final = bytes(_BYTE_ORDER.index(byte) for byte in range(_BYTES))


def symbols_of(piece: str) -> list[int]:
    """The symbols of a piece before any merge. A lone surrogate, which UTF-8 cannot hold, counts as `?`."""
    symbols = list(piece.encode("utf-8", "replace").translate(_SYMBOL_OF_BYTE))
    if symbols:
        symbols[-1] += _BYTES
    return symbols


def merge(ranks: Mapping[int, int], symbols: list[int]) -> list[int]:
    """The symbols after all merges: always the best ranked pair first, of equal ones the leftmost.

    A heap over a linked list instead of repeated passes: n log n for a piece of n bytes. That equals the
    published passes because a merge can only make pairs of higher rank, which `vocabulary_of` makes sure of.
    """
    n = len(symbols)
    if n < 2:
        return symbols
    current = list(symbols)
    after = list(range(1, n + 1))
    before = list(range(-1, n - 1))
    heap = []
    for left in range(n - 1):
        rank = ranks.get(current[left] << _SYMBOL_BITS | current[left + 1])
        if rank is not None:
            heap.append((rank, left))
    heapify(heap)
    while heap:
        rank, left = heappop(heap)
        right = after[left]
        # The entry is stale if one of its two symbols has been merged away or changed since.
        if current[left] < 0 or right >= n:
            continue
        if ranks.get(current[left] << _SYMBOL_BITS | current[right]) != rank:
            continue
        current[left] = 2 * _BYTES + rank
        current[right] = -1
        after[left] = after[right]
        if after[left] < n:
            before[after[left]] = left
            _offer(heap, ranks, current, (left, after[left]))
        if before[left] >= 0:
            _offer(heap, ranks, current, (before[left], left))
    return [symbol for symbol in current if symbol >= 0]


def _offer(heap: list[tuple[int, int]], ranks: Mapping[int, int], current: list[int], pair: tuple[int, int]) -> None:
    left, right = pair
    rank = ranks.get(current[left] << _SYMBOL_BITS | current[right])
    if rank is not None:
        heappush(heap, (rank, left))


def vocabulary_of(merges: Iterable[tuple[str, str]]) -> BpeVocabulary:
    """A vocabulary from its merges in order of rank.

    Raises VocabularyError if a merge uses a symbol that no earlier one makes or makes one that exists: then
    the file is cut, mixed up, or of another kind (GPT's merges know no end of word).
    """
    alphabet = published_alphabet()
    symbols = {character: symbol for symbol, character in enumerate(alphabet)}
    symbols.update({character + END: symbol + _BYTES for symbol, character in enumerate(alphabet)})
    ranks: dict[int, int] = {}
    digest = hashlib.sha256()
    for rank, (first, second) in enumerate(merges):
        made = first + second
        if first not in symbols or second not in symbols or made in symbols or rank >= CLIP_MERGES:
            raise VocabularyError("invalid-merge", rank=rank)
        ranks[symbols[first] << _SYMBOL_BITS | symbols[second]] = rank
        symbols[made] = 2 * _BYTES + rank
        digest.update(f"{first} {second}".encode() if rank == 0 else f"\n{first} {second}".encode())
    return BpeVocabulary(ranks, is_clip=digest.hexdigest() == CLIP_SHA256)


def vocabulary_of_tokens(tokens: Iterable[str]) -> BpeVocabulary:
    """A vocabulary from its merged tokens alone, in order of rank (a `vocab.json` without its merges).

    The two parts of a token are what its characters become under all earlier merges.
    """
    alphabet = {character: symbol for symbol, character in enumerate(published_alphabet())}
    names = [*alphabet, *(character + END for character in alphabet)]
    ranks: dict[int, int] = {}
    merges = []
    for rank, token in enumerate(tokens):
        ends = token.endswith(END) and len(token) > len(END)
        try:
            symbols = [alphabet[character] for character in (token[: -len(END)] if ends else token)]
        except KeyError:
            raise VocabularyError("invalid-token", rank=rank) from None
        if ends:
            symbols[-1] += _BYTES
        parts = merge(ranks, symbols)
        if len(parts) != 2:
            raise VocabularyError("invalid-token", rank=rank)
        ranks[parts[0] << _SYMBOL_BITS | parts[1]] = rank
        merges.append((names[parts[0]], names[parts[1]]))
        names.append(token)
    return vocabulary_of(merges)
