"""Crispness: how steep the picture's strongest edges are for their height.

In the tenth of the tiles of 16 pixels that have the strongest Laplacian: the root of the Laplacian's energy over that
of the gradient (central differences). Edges that are twice as high score alike, edges that are twice as wide score
half: for an edge blurred by a Gaussian of s pixels it is near 1 / s. So low contrast is no blur, nor is a blurred
background behind a sharp subject. (Ratios of the energy of two derivatives are an old focus measure; see Pertuz, Puig
and Garcia, "Analysis of focus measure operators for shape-from-focus", 2013.)

Photographs and drawings in focus have 1.3 to 3.1 at working size; a Gaussian blur of 1 pixel there leaves about 0.9,
one of 2 pixels 0.45. Grain looks crisp: what `noise` finds is taken off first, which leaves part of it. Missing where
no tile has an edge, and for pictures less than 3 pixels high or wide.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import TILE_SIDE_PX, Feature, Picture
from tagmetry.features.measure_noise import GAIN
from tagmetry.features.measure_noise import measure as measure_noise

SHARPEST = 0.1
LEAST_SLOPE = 1.0
"""Mean square of the gradient, in grey levels, below which tiles have no edge; rounding alone makes a tenth of it."""
GRADIENT_GAIN = 1.0
"""What white noise of unit variance adds to the mean square of the gradient: half from each direction."""

crispness = Feature(
    "crispness", version=1, unit="ratio", doc="Steepness of the strongest edges, whatever the contrast."
)


@crispness.measure
def measure(picture: Picture) -> float:
    if not picture.laplacian.size:
        return float("nan")
    rows, columns = _sharpest(picture)
    windows = sharpest_windows(picture)
    across = windows[:, 1:-1, 2:] - windows[:, 1:-1, :-2]
    down = windows[:, 2:, 1:-1] - windows[:, :-2, 1:-1]
    slope = float((np.mean(across * across, dtype=np.float64) + np.mean(down * down, dtype=np.float64)) / 4)
    if slope < LEAST_SLOPE:
        return float("nan")
    bend = float(picture.laplacian_energy[rows, columns].mean(dtype=np.float64))
    grain = measure_noise(picture)
    variance = 0.0 if np.isnan(grain) else grain * grain
    return float(np.sqrt(max(0.0, bend - GAIN * variance) / max(LEAST_SLOPE, slope - GRADIENT_GAIN * variance)))


def sharpest_windows(picture: Picture) -> NDArray[np.float32]:
    """Shape (tiles, height, width): the grey levels of the sharpest tenth of the tiles.

    One pixel more on each side than the Laplacian has there: what its kernel has looked at. Not for pictures less than
    3 pixels high or wide.
    """
    rows, columns = _sharpest(picture)
    high, wide = (min(TILE_SIDE_PX, side) + 2 for side in picture.laplacian.shape)
    view = np.lib.stride_tricks.sliding_window_view(picture.luminance, (high, wide))
    return np.asarray(view[rows * (high - 2), columns * (wide - 2)])


def _sharpest(picture: Picture) -> tuple[NDArray[np.intp], ...]:
    """Rows and columns of the tiles with the strongest Laplacian, the strongest last."""
    energy = picture.laplacian_energy
    sharpest = np.argsort(energy, axis=None, kind="stable")[-max(1, round(SHARPEST * energy.size)) :]
    return np.unravel_index(sharpest, energy.shape)
