"""Rows that belong together: how they are joined, and the groups that come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]

NO_CLUSTER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Groups of at least two rows out of n; a row is in one group or in none.

    `labels`, shape (n,): the cluster of each row, `NO_CLUSTER` for none. Clusters are numbered by their first rows.
    `members`: the rows of cluster c, ascending, are `members[starts[c]:starts[c + 1]]`; `starts` has one entry more
    than there are clusters.
    """

    labels: Labels
    members: Rows
    starts: npt.NDArray[np.int64]

    @classmethod
    def from_labels(cls, labels: npt.NDArray[np.integer]) -> Self:
        """Rows with equal labels, shape (n,), belong together; a label that is negative or that one row has is none."""
        rows = np.flatnonzero(labels >= 0)
        _, first, group, sizes = np.unique(labels[rows], return_index=True, return_inverse=True, return_counts=True)
        shared = sizes > 1
        number = np.full(len(sizes), NO_CLUSTER, dtype=np.int32)
        number[np.flatnonzero(shared)[np.argsort(first[shared])]] = np.arange(np.count_nonzero(shared))
        numbered = np.full(len(labels), NO_CLUSTER, dtype=np.int32)
        numbered[rows] = number[group]
        members = np.argsort(numbered, kind="stable")[np.count_nonzero(numbered < 0) :]
        n_members = np.bincount(numbered[members], minlength=np.count_nonzero(shared))
        return cls(numbered, members.astype(np.int64), np.concatenate([[0], np.cumsum(n_members)]))

    @property
    def n(self) -> int:
        """How many clusters there are."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """How many rows each cluster has."""
        return np.diff(self.starts)

    def rows(self, cluster: int) -> Rows:
        """The rows of one cluster, ascending."""
        return self.members[self.starts[cluster] : self.starts[cluster + 1]]

    def __iter__(self) -> Iterator[Rows]:
        return (self.rows(k) for k in range(self.n))

    def among(self, chosen: npt.NDArray[np.bool_]) -> "Clusters":
        """The same clusters with only the chosen rows in them, chosen by a mask of shape (n,)."""
        return Clusters.from_labels(np.where(chosen, self.labels, NO_CLUSTER))

    def inside(self, others: "Clusters") -> npt.NDArray[np.bool_]:
        """For each cluster, whether all of it lies in a single one of the others."""
        if self.n == 0:
            return np.zeros(0, dtype=np.bool_)
        theirs = others.labels[self.members]
        lowest = np.minimum.reduceat(theirs, self.starts[:-1])
        highest = np.maximum.reduceat(theirs, self.starts[:-1])
        return np.asarray((lowest == highest) & (lowest != NO_CLUSTER))


class Components:
    """Rows that are joined step by step, without keeping what joined them.

    `parents`, shape (n,), points from each row towards the lowest row of its component. Equal parents always mean one
    component. The reverse holds for the rows of the last `join`, and for all rows in `roots()`: so `parents` is good
    for sparing work while the joining goes on.
    """

    def __init__(self, n: int) -> None:
        self.parents: Labels = np.arange(n, dtype=np.int32)
        self._touched = 0

    def join(self, rows_a: npt.NDArray[np.integer], rows_b: npt.NDArray[np.integer]) -> None:
        """Makes one component of the two rows of each pair and all that is joined to them."""
        named = np.concatenate([rows_a, rows_b])
        while len(rows_a):
            self._shorten(np.concatenate([rows_a, rows_b]))
            a, b = self.parents[rows_a], self.parents[rows_b]
            apart = a != b
            rows_a, rows_b = a[apart], b[apart]
            # Roots are hung below lower roots, so nothing can point in a circle. A root that stands in several pairs
            # goes to the lowest; the other pairs come round again.
            np.minimum.at(self.parents, np.maximum(rows_a, rows_b), np.minimum(rows_a, rows_b))
        self._shorten(named)
        self._touched += len(named)
        if self._touched > len(self.parents):
            # Rows that no pair names any more would else come to lie ever deeper.
            self.roots()

    def roots(self) -> Labels:
        """The lowest row of each row's component, shape (n,)."""
        while True:
            further = self.parents[self.parents]
            if np.array_equal(further, self.parents):
                self._touched = 0
                return further
            self.parents[:] = further

    def _shorten(self, rows: npt.NDArray[np.integer]) -> None:
        """Lets these rows point at their roots."""
        while True:
            up = self.parents[rows]
            further = self.parents[up]
            if np.array_equal(further, up):
                return
            self.parents[rows] = further
