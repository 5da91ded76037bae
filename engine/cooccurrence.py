"""Which tags stand together in captions: counts of pairs by sparse products, in blocks that fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Ragged

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DENSE_CELLS: Final = 4_000_000
"""Rows times tags up to which they are multiplied as they are: the import of scipy takes longer than the product."""

BLOCK_ENTRIES: Final = 12_000_000
"""Pairs that one block counts at most, kept or not, at some 8 bytes each; the pairs of one tag always go together."""


@dataclass(frozen=True, slots=True)
class TagPairs:
    """Some pairs of tags: ids `first` and `second`, int32 (k,), and in how many images both are: `n`, int64 (k,).

    `first` is the more frequent tag of the two, of equally frequent ones the one with the lower id.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    n: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.n)


def tag_pairs(presence: Ragged, counts: NDArray[np.int64], *, min_support: int) -> Iterator[TagPairs]:
    """Each pair of tags that at least `min_support` rows hold both of, once, in blocks by falling count of `first`.

    `presence` holds the distinct tag ids of each row, `counts`, shape (t,), in how many rows each tag is. Raises
    ValueError for a support below 1: pairs that never meet are not listed.
    """
    if min_support < 1:
        raise ValueError(f"min_support must be at least 1, got {min_support}")
    # A pair is no more frequent than the rarer of its tags. Ids break ties, so that the order is the same in every run.
    frequent_first = np.argsort(-counts, kind="stable")
    ranked = frequent_first[: int(np.count_nonzero(counts >= min_support))].astype(np.int32)
    if len(ranked) < 2:
        return
    if len(presence) * len(ranked) <= DENSE_CELLS and len(ranked) ** 2 <= BLOCK_ENTRIES:
        yield from _dense(presence, ranked, len(counts), min_support=min_support)
        return
    held, holders = _matrices(presence, ranked, len(counts))
    for start, end in _blocks(held, counts[ranked]):
        # The rest starts at the block's own first tag: all pairs with more frequent tags came with earlier blocks.
        together = (holders[start:end] @ held[:, start:]).tocoo()
        kept = (together.data >= min_support) & (together.col > together.row)
        row, column, n = together.row[kept], together.col[kept], together.data[kept]
        order = np.lexsort((column, row))
        if len(order):
            yield TagPairs(ranked[start + row[order]], ranked[start + column[order]], n[order].astype(np.int64))


def _dense(presence: Ragged, ranked: NDArray[np.int32], n_tags: int, *, min_support: int) -> Iterator[TagPairs]:
    """All pairs as one block."""
    ids, ends = _ranks(presence, ranked, n_tags)
    held = np.zeros((len(presence), len(ranked)), dtype=np.float32)
    held[np.repeat(np.arange(len(presence)), np.diff(ends)), ids] = 1
    # Counts of so few rows are whole numbers in 32 bits, too.
    together = held.T @ held
    row, column = np.nonzero(np.triu(together >= min_support, k=1))
    if len(row):
        yield TagPairs(ranked[row], ranked[column], together[row, column].astype(np.int64))


def _ranks(presence: Ragged, ranked: NDArray[np.int32], n_tags: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The ranks of the tags of each row, those without a rank left out, and where each row begins and ends."""
    rank_of = np.full(n_tags, -1, dtype=np.int32)
    rank_of[ranked] = np.arange(len(ranked), dtype=np.int32)
    ranks = rank_of[presence.ids]
    there = ranks >= 0
    ends = np.zeros(len(presence.ids) + 1, dtype=np.int64)
    np.cumsum(there, out=ends[1:])
    return ranks[there], ends[presence.starts]


def _matrices(presence: Ragged, ranked: NDArray[np.int32], n_tags: int) -> tuple["csr_matrix", "csr_matrix"]:
    """Rows by rank of tag, and the same turned round."""
    # Imported here: it takes a fifth of a second, and most runs do without.
    from scipy.sparse import csr_matrix

    ids, ends = _ranks(presence, ranked, n_tags)
    held = csr_matrix((np.ones(len(ids), dtype=np.int32), ids, ends), (len(presence), len(ranked)))
    return held, held.T.tocsr()


def _blocks(held: "csr_matrix", counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of ranks whose pairs are together at most `BLOCK_ENTRIES`, by what is the most there can be."""
    # Of one tag no more than the tags of its rows, nor than the tags that are left.
    lengths = np.diff(held.indptr)
    beside: NDArray[Any] = held.T @ lengths
    n = len(counts)
    most = np.minimum(beside, n - np.arange(n))
    ends = np.cumsum(most)
    start = 0
    while start < n:
        before = ends[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + BLOCK_ENTRIES, side="right")))
        yield start, end
        start = end
