"""What a part of an expression gives for many images at once: numbers, truths or texts, each with what is missing.

Arrays have shape (n,), or (1,) where one value stands for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Mask


@dataclass(frozen=True, slots=True)
class Numbers:
    """float64; finite wherever `valid` holds. `valid` None means that none is missing."""

    values: NDArray[np.float64]
    valid: Mask | None = None

    def column(self, n: int) -> Column:
        """Missing figures are zero."""
        valid = np.ones(1, dtype=bool) if self.valid is None else self.valid
        values = self.values if self.valid is None else np.where(valid, self.values, 0.0)
        return Column(_wide(values, n), _wide(valid, n))


@dataclass(frozen=True, slots=True)
class Truths:
    """Three values as two masks that never both hold: `yes`, `no`, and missing where neither does."""

    yes: Mask
    no: Mask

    @property
    def valid(self) -> Mask:
        return np.asarray(self.yes | self.no)

    def column(self, n: int) -> Column:
        """Missing truths are false."""
        return Column(_wide(self.yes, n), _wide(self.valid, n))

    def negated(self) -> "Truths":
        return Truths(self.no, self.yes)


@dataclass(frozen=True, slots=True)
class Texts:
    """Codes into labels, -1 for missing. The same text may have several codes."""

    codes: NDArray[np.int32]
    labels: Sequence[str]

    def per_label(self, test: Callable[[str], Any], dtype: Any) -> NDArray[Any]:
        """Something of each label, not of each row."""
        return np.fromiter(map(test, self.labels), dtype=dtype, count=len(self.labels))

    def numbers(self, measure: Callable[[str], float]) -> Numbers:
        valid = self.codes >= 0
        return Numbers(_taken(self.per_label(measure, np.float64), self.codes), valid)

    def truths(self, test: Callable[[str], bool]) -> Truths:
        return self.truths_of(self.per_label(test, np.bool_))

    def truths_of(self, of_label: Mask) -> Truths:
        """From one truth per label."""
        valid = self.codes >= 0
        yes = _taken(of_label, self.codes) & valid
        return Truths(yes, valid & ~yes)

    def changed(self, change: Callable[[str], str]) -> "Texts":
        return Texts(self.codes, tuple(map(change, self.labels)))


Operand = Numbers | Truths | Texts


def operand_of(column: Column | Codes) -> Operand:
    if isinstance(column, Codes):
        return Texts(column.codes, column.labels)
    if column.values.dtype == np.bool_:
        return Truths(column.values & column.valid, ~column.values & column.valid)
    return Numbers(column.values, None if column.valid.all() else column.valid)


def both(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return one if other is None else other
    return np.asarray(one & other)


def finite(values: NDArray[np.float64], valid: Mask | None) -> Numbers:
    """What is not finite is missing."""
    whole = np.isfinite(values)
    return Numbers(values, valid if whole.all() else both(valid, whole))


def compared(test: Callable[[Any, Any], Any], one: Numbers, other: Numbers) -> Truths:
    yes = test(one.values, other.values)
    valid = both(one.valid, other.valid)
    return Truths(yes, ~yes) if valid is None else Truths(yes & valid, ~yes & valid)


def judged_in_pairs(test: Callable[[str, str], bool], one: Texts, other: Texts) -> Truths:
    """A test of two texts, once per distinct pair."""
    if len(other.labels) == 1:
        right = other.labels[0]
        found = one.truths(lambda left: test(left, right))
        missing = other.codes < 0
        return Truths(found.yes & ~missing, found.no & ~missing)
    if len(one.labels) == 1:
        return judged_in_pairs(lambda right, left: test(left, right), other, one)
    left_codes, right_codes = np.broadcast_arrays(one.codes, other.codes)
    valid = (left_codes >= 0) & (right_codes >= 0)
    pairs, pair_of = np.unique(
        left_codes[valid].astype(np.int64) * max(1, len(other.labels)) + right_codes[valid], return_inverse=True
    )
    of_pair = np.fromiter(
        (
            test(one.labels[pair // len(other.labels)], other.labels[pair % len(other.labels)])
            for pair in pairs.tolist()
        ),
        dtype=bool,
        count=len(pairs),
    )
    yes = np.zeros(len(valid), dtype=bool)
    yes[valid] = of_pair[pair_of]
    return Truths(yes, valid & ~yes)


def _taken(of_label: NDArray[Any], codes: NDArray[np.int32]) -> NDArray[Any]:
    """The value of each code; that of a missing one means nothing."""
    return of_label[codes] if len(of_label) else np.zeros(len(codes), dtype=of_label.dtype)


def _wide(values: NDArray[Any], n: int) -> NDArray[Any]:
    """With n rows. A copy where the array could be a column that others read."""
    return np.array(np.broadcast_to(values, (n,)))
