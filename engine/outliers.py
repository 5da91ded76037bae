"""Figures of a few images against each other: robust spread, distance from the rest, and a split into two groups."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_TO_DEVIATIONS: Final = 1.4826
"""The standard deviation of a normal distribution over its median absolute deviation."""
_SMALL_SETS: Final = {
    2: 1.196,
    3: 1.495,
    4: 1.363,
    5: 1.206,
    6: 1.200,
    7: 1.140,
    8: 1.129,
    9: 1.107,
}


@dataclass(frozen=True, slots=True)
class RobustSpread:
    """The middle of n figures, and their standard deviation as the middle half of them tells it."""

    n: int
    median: float
    deviation: float

    def distance(self, values: NDArray[Any], *, least: float = 0.0) -> NDArray[np.float64]:
        """How many deviations each value lies above (below: less than 0) the median.

        A deviation counts as at least `least`, in the unit of the figures: what lies closer together looks the same.
        """
        scale = max(self.deviation, least)
        apart = np.asarray(values, dtype=np.float64) - self.median
        return apart / scale if scale > 0 else np.where(apart == 0, 0.0, np.copysign(np.inf, apart))


def robust_spread(values: NDArray[Any]) -> RobustSpread:
    """The median and the scaled median absolute deviation of the finite values; both 0 of none.

    Iglewicz and Hoaglin ("How to detect and handle outliers", 1993) judge by this distance from 3.5 on. The deviation
    is corrected for few values with the factors of Croux and Rousseeuw ("Time-efficient algorithms for two highly
    robust estimators of scale", 1992), without which small sets would seem narrower than they are.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    n = len(known)
    if not n:
        return RobustSpread(0, 0.0, 0.0)
    median = float(np.median(known))
    factor = _SMALL_SETS.get(n, n / (n - 0.8))
    return RobustSpread(n, median, factor * _TO_DEVIATIONS * float(np.median(np.abs(known - median))))


@dataclass(frozen=True, slots=True)
class TwoGroups:
    """A split of figures into a lower and an upper group.

    `upper` has shape (n,). `explained` is the share of the variance that lies between the groups: two thirds for
    figures of a normal distribution, three quarters for evenly spread ones, 1 for two points. `gap` is the distance
    between the medians of the two.
    """

    upper: NDArray[np.bool_]
    explained: float
    gap: float


def two_groups(values: NDArray[Any]) -> TwoGroups:
    """The split that explains most of the variance (Otsu, "A threshold selection method", 1979), of finite figures."""
    known = np.asarray(values, dtype=np.float64)
    n = len(known)
    order = np.sort(known)
    # Equal figures may have a variance, by rounding alone.
    total = float(known.var()) if n and order[0] < order[-1] else 0.0
    if total == 0:
        return TwoGroups(np.zeros(n, dtype=bool), 0.0, 0.0)
    counts = np.arange(1, n)
    sums = np.cumsum(order)[:-1]
    below, above = sums / counts, (order.sum() - sums) / (n - counts)
    between = counts * (n - counts) / n**2 * (above - below) ** 2
    # A split between equal figures is none.
    between[order[1:] == order[:-1]] = 0.0
    cut = int(between.argmax())
    upper = known > order[cut]
    gap = float(np.median(known[upper]) - np.median(known[~upper]))
    return TwoGroups(upper, float(between[cut]) / total, gap)
