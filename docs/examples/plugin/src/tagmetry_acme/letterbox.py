"""Letterbox: how much of a picture is black bars at opposite edges, as frames of a film have them.

The share of the area that lies in rows at both top and bottom, or columns at both left and right, which are black
from end to end. Bars are as wide as the narrower one of a pair, so that a dark floor alone is no bar. Missing for a
picture that is black all over.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Feature, Picture

BLACK_GREY_LEVELS = 24.0
"""Brightest pixel of a bar. Video black is 16 of 255 (ITU-R BT.601), and compression adds noise to it."""

letterbox = Feature("letterbox", version=1, unit="share", doc="Share of the picture that is black bars.")


@letterbox.measure
def measure(picture: Picture) -> float:
    grey = picture.luminance
    if grey.max() <= BLACK_GREY_LEVELS:
        return float("nan")
    inside = _lines_inside(grey.max(axis=1)) * _lines_inside(grey.max(axis=0))
    return (grey.size - inside) / grey.size


def _lines_inside(brightest: NDArray[np.float32]) -> int:
    """Lines between the two bars; `brightest` is the brightest pixel of each line, shape (n,)."""
    bright = np.flatnonzero(brightest > BLACK_GREY_LEVELS)
    bar = min(int(bright[0]), len(brightest) - 1 - int(bright[-1]))
    return len(brightest) - 2 * bar
