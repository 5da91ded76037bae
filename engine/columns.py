"""Columns: one figure of every sample as a numpy array with validity."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """`values` has one row per sample, shape (n,) or (n, width); `valid` is shape (n,).

    Where `valid` is false the figure is missing and the value means nothing.
    """

    values: NDArray[Any]
    valid: Mask

    def __post_init__(self) -> None:
        if self.values.shape[:1] != self.valid.shape:
            raise ValueError(f"{self.values.shape[0]} values with {self.valid.shape[0]} validity marks")

    def __len__(self) -> int:
        return len(self.valid)

    def take(self, rows: Rows) -> "Column":
        return Column(self.values[rows], self.valid[rows])

    def present(self) -> NDArray[Any]:
        """The values that are there, in row order."""
        return self.values[self.valid]


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of few distinct texts: int32 codes of shape (n,) into `labels`; -1 is missing."""

    codes: NDArray[np.int32]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Rows) -> "Codes":
        return Codes(self.codes[rows], self.labels)

    def equals(self, label: str) -> Mask:
        """Shape (n,): which rows carry the label."""
        if label not in self.labels:
            return np.zeros(len(self.codes), dtype=bool)
        return np.asarray(self.codes == self.labels.index(label))

    def label(self, row: int) -> str:
        code = int(self.codes[row])
        return self.labels[code] if code >= 0 else ""


def codes_of(texts: Sequence[str | None]) -> Codes:
    """Interned texts with labels in alphabetical order, so that codes do not depend on the order of rows."""
    labels = tuple(sorted({text for text in texts if text is not None}))
    index = {label: code for code, label in enumerate(labels)}
    codes = np.fromiter((-1 if text is None else index[text] for text in texts), dtype=np.int32, count=len(texts))
    return Codes(codes, labels)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of ids of unlike length as CSR: row i holds `ids[starts[i]:starts[i + 1]]`, in the order written.

    `starts` is int64 of shape (n + 1,), `ids` int32.
    """

    starts: NDArray[np.int64]
    ids: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, row: int) -> NDArray[np.int32]:
        return self.ids[self.starts[row] : self.starts[row + 1]]

    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def take(self, rows: Rows) -> "Ragged":
        lengths = self.lengths()[rows]
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        offsets = np.repeat(self.starts[:-1][rows] - starts[:-1], lengths)
        return Ragged(starts, self.ids[np.arange(int(starts[-1])) + offsets])

    def turned(self, n_ids: int) -> "Ragged":
        """For each of `n_ids` ids the rows that hold it, ascending."""
        # (id, row) as one number. Sorting numbers takes a tenth of sorting their places.
        n_rows = max(1, len(self))
        pairs = np.sort(self.ids * np.int64(n_rows) + self.owners())
        starts = np.zeros(n_ids + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.ids, minlength=n_ids), out=starts[1:])
        return Ragged(starts, (pairs % n_rows).astype(np.int32))

    def owners(self) -> Rows:
        """Shape (len(ids),): the row that each id belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths())


def ragged_of(lists: Sequence[Sequence[int]]) -> Ragged:
    lengths = np.fromiter((len(members) for members in lists), dtype=np.int64, count=len(lists))
    starts = np.zeros(len(lists) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    ids = np.fromiter((member for members in lists for member in members), dtype=np.int32, count=int(starts[-1]))
    return Ragged(starts, ids)


def rows_by_group(group_of: NDArray[np.integer[Any]], n_groups: int) -> tuple[Rows, ...]:
    """The rows of each group, ascending; `group_of` has shape (n,), and a negative one belongs to none."""
    order = np.argsort(group_of, kind="stable").astype(np.int64)
    ends = np.searchsorted(group_of[order], np.arange(n_groups + 1))
    return tuple(order[start:end] for start, end in pairwise(ends))


NO_ROWS: Final[Rows] = np.zeros(0, dtype=np.int64)
