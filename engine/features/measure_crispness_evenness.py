"""Crispness evenness: whether edges are as steep one way as the other, or smeared in one direction.

In the sharpest tenth of the tiles, as for `crispness`: the root of the energy of the second derivative over that of the
first, across and down, and along both diagonals; the least of the four over that of its perpendicular. A camera that
moved smears what lies across its path and leaves the rest steep. 1 is even. Pictures in focus have 0.7 to 1, blurred
ones too; a path of 5 pixels at working size leaves about 0.5. Lines that all run one way can look smeared: directions
without edges of their own are left out. Missing where no tile has an edge, and for pictures less than 3 pixels high or
wide.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture
from tagmetry.features.measure_crispness import LEAST_SLOPE, sharpest_windows

LEAST_SHARE = 0.04
"""Of the slopes of two perpendicular directions, the share that each must have to be compared."""

crispness_evenness = Feature(
    "crispness_evenness",
    version=1,
    unit="ratio",
    doc="Steepness of edges in the softest direction over its perpendicular.",
)

_INSIDE = slice(1, -1)
_BEFORE, _BEHIND = slice(None, -2), slice(2, None)
_DIRECTIONS = (
    ((_INSIDE, _BEFORE), (_INSIDE, _BEHIND)),
    ((_BEFORE, _INSIDE), (_BEHIND, _INSIDE)),
    ((_BEFORE, _BEFORE), (_BEHIND, _BEHIND)),
    ((_BEFORE, _BEHIND), (_BEHIND, _BEFORE)),
)
"""The two neighbours of each pixel across, down, and along the diagonals."""


@crispness_evenness.measure
def measure(picture: Picture) -> float:
    if not picture.laplacian.size:
        return float("nan")
    # Every other of them tells as much at half the cost.
    windows = sharpest_windows(picture)[::-2]
    found = [_direction(windows, one, other) for one, other in _DIRECTIONS]
    ratios = [ratio for pair in (found[:2], found[2:]) if (ratio := _evenness(pair)) is not None]
    return min(ratios) if ratios else float("nan")


def _evenness(pair: list[tuple[float, float]]) -> float | None:
    """The softer direction's crispness over the other's; None where there is nothing to compare."""
    (bend, slope), (other_bend, other_slope) = pair
    if min(slope, other_slope) < max(LEAST_SLOPE, LEAST_SHARE * (slope + other_slope)) or not (bend and other_bend):
        return None
    ratio = float(np.sqrt((bend / slope) / (other_bend / other_slope)))
    return min(ratio, 1 / ratio)


def _direction(
    windows: NDArray[np.float32], one: tuple[slice, slice], other: tuple[slice, slice]
) -> tuple[float, float]:
    """The mean squares of the second and of the first derivative along one direction."""
    before, behind = windows[:, *one], windows[:, *other]
    bend = before + behind - 2 * windows[:, _INSIDE, _INSIDE]
    slope = behind - before
    return float(np.mean(bend * bend, dtype=np.float64)), float(np.mean(slope * slope, dtype=np.float64)) / 4
