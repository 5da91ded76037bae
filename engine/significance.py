"""What can be said from few cases: intervals of shares, exact tests of two tags or two groups, many tests at once."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# 97.5 % of the normal distribution lie below it.
_Z: Final = 1.959963984540054


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
    # Its import takes a third of a second, and many runs ask for no test.
    from scipy.stats import hypergeom

    marks = np.asarray(both, dtype=np.int64) - 1
    return np.asarray(hypergeom.sf(marks, n, np.asarray(one), np.asarray(other)), dtype=np.float64).clip(0, 1)


def fisher_apart(hits: ArrayLike, n: int, other_hits: ArrayLike, other_n: int) -> Floats:
    """Fisher's exact test, two-sided: how likely two shares are as unlike as found where there is no difference.

    `hits` of `n` cases against `other_hits` of `other_n`. Two-sided as twice the smaller tail, at most 1.
    """
    from scipy.stats import hypergeom

    few, many = np.broadcast_arrays(np.asarray(hits, dtype=np.int64), np.asarray(other_hits, dtype=np.int64))
    # Of thousands of tags most have the same few counts.
    pairs, place = np.unique(few.ravel() * (other_n + 1) + many.ravel(), return_inverse=True)
    one, other = np.divmod(pairs, other_n + 1)
    below = hypergeom.cdf(one, n + other_n, one + other, n)
    above = hypergeom.sf(one - 1, n + other_n, one + other, n)
    likely = np.asarray(2 * np.minimum(below, above), dtype=np.float64).clip(0, 1)
    return np.asarray(likely[place.ravel()].reshape(few.shape))


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
