"""What can be said from few cases: intervals of shares, exact tests of two tags or two groups, many tests at once."""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# 97.5 % of the normal distribution lie below it.
_Z: Final = 1.959963984540054

_NEGLIGIBLE: Final = 1e-17
"""What a term of a sum may be of the sum for the rest to change nothing: they fall faster and faster from there."""


def wilson_interval(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), which holds for few cases and for shares near 0 and 1."""
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    # Without rounding both ends are reached exactly.
    return (middle - half if hits else 0.0), (middle + half if hits < n else 1.0)


def fisher_together(both: ArrayLike, one: ArrayLike, other: ArrayLike, n: int) -> Floats:
    """Fisher's exact test, one-sided: how likely two marks meet at least `both` times by chance.

    `one` and `other` are how many of the `n` cases carry each mark. All of one shape, which is that of the result.
    """
    meet, some, more = (
        part.ravel() for part in np.broadcast_arrays(*(np.asarray(part, dtype=np.int64) for part in (both, one, other)))
    )
    shape = np.broadcast_shapes(np.shape(both), np.shape(one), np.shape(other))
    # Which mark is which makes no difference, and of many pairs most have the same few counts.
    rarer, commoner = np.minimum(some, more), np.maximum(some, more)
    tables, place = np.unique(np.stack((meet, rarer, commoner)), axis=1, return_inverse=True)
    return _at_least(tables[0], tables[1], tables[2], n)[place.ravel()].reshape(shape)


def fisher_apart(hits: ArrayLike, n: int, other_hits: ArrayLike, other_n: int) -> Floats:
    """Fisher's exact test, two-sided: how likely two shares are as unlike as found where there is no difference.

    `hits` of `n` cases against `other_hits` of `other_n`. Two-sided as twice the smaller tail, at most 1.
    """
    few, many = np.broadcast_arrays(np.asarray(hits, dtype=np.int64), np.asarray(other_hits, dtype=np.int64))
    pairs, place = np.unique(few.ravel() * (other_n + 1) + many.ravel(), return_inverse=True)
    one, other = np.divmod(pairs, other_n + 1)
    cases, of_one = n + other_n, np.full(len(pairs), n, dtype=np.int64)
    above = _at_least(one, one + other, of_one, cases)
    # At most so many in the one are at least so many in the other.
    below = _at_least(other, one + other, cases - of_one, cases)
    likely = (2 * np.minimum(below, above)).clip(0, 1)
    return np.asarray(likely[place.ravel()].reshape(few.shape))


def _at_least(both: Integers, one: Integers, other: Integers, n: int) -> Floats:
    """How likely `one` drawn out of `n`, of which `other` are marked, hold at least `both` marked ones, shape (k,).

    The upper tail of the hypergeometric distribution, summed from its greatest term on; below the middle it is what
    the lower tail leaves. scipy.stats has the same, but its import takes longer than the audit of a small dataset.
    """
    lowest, highest = np.maximum(0, one + other - n), np.minimum(one, other)
    upper = both * n > one * other
    start = np.where(upper, both, both - 1)
    there = (start >= lowest) & (start <= highest)
    tail = np.zeros(len(both))
    logs = _log_factorials(n)
    at = np.flatnonzero(there)
    k, a, b = start[at], one[at], other[at]
    chosen = logs[a] - logs[k] - logs[a - k] + logs[n - a] - logs[b - k] - logs[n - a - b + k]
    term = np.exp(chosen - (logs[n] - logs[b] - logs[n - b]))
    step = np.where(upper[at], 1, -1)
    while len(at):
        tail[at] += term
        up, down = (a - k) * (b - k), k * (n - a - b + k)
        # Exact until a product passes 2**53, and then still right to 16 digits.
        term = term * np.where(
            step > 0, up / ((k + 1.0) * (n - a - b + k + 1.0)), down / ((a - k + 1.0) * (b - k + 1.0))
        )
        k = k + step
        goes_on = term > tail[at] * _NEGLIGIBLE
        at, k, a, b, term, step = (part[goes_on] for part in (at, k, a, b, term, step))
    return np.where(upper, tail, 1 - tail).clip(0, 1)


@lru_cache(maxsize=4)
def _log_factorials(n: int) -> Floats:
    """ln 0! to ln n!, shape (n + 1,)."""
    logs = np.zeros(n + 1)
    np.cumsum(np.log(np.arange(1, n + 1)), out=logs[1:])
    logs.setflags(write=False)
    return logs


def benjamini_hochberg(p_values: Floats, rate: float, *, n_tests: int | None = None) -> NDArray[np.bool_]:
    """Which of many tests stand when at most `rate` of those that stand may be false (Benjamini, Hochberg 1995).

    `n_tests` says how many there are in all where only some are given, those that matter; the others then count as
    failed, which lets fewer stand and none too many.
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    within = p_values[order] <= rate * np.arange(1, n + 1) / max(n, n_tests or 0, 1)
    stands: NDArray[np.bool_] = np.zeros(n, dtype=bool)
    if within.any():
        stands[order[: int(np.flatnonzero(within)[-1]) + 1]] = True
    return stands


def shrunk_npmi(both: NDArray[Any], one: NDArray[Any], other: NDArray[Any], n: int) -> Floats:
    """Normalized pointwise mutual information of two marks, drawn towards 0 where few cases speak for it.

    NPMI (Bouma 2009) is `ln(p_ab / (p_a p_b)) / -ln p_ab`: -1 never together, 0 as chance has it, 1 never apart. The
    factor is that of Pantel and Lin (2002), `ab / (ab + 1) * m / (m + 1)` with `m` the rarer mark. `both` at least 1.
    """
    p_both = both / n
    information = np.log(p_both * n * n / (one * other))
    everywhere = p_both >= 1
    npmi = np.where(everywhere, 0.0, information / -np.log(np.where(everywhere, 0.5, p_both)))
    rarer = np.minimum(one, other)
    return np.asarray(npmi * (both / (both + 1)) * (rarer / (rarer + 1)), dtype=np.float64)
