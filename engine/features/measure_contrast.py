"""Contrast: how far the pixels' luminance strays from its mean.

The standard deviation of luminance in grey levels, known as RMS contrast (Peli, "Contrast in complex images", 1990).
From 0 for a flat picture to 127.5 for one that is half black, half white. It does not say at what scale the picture
varies: fine grain and one large edge can score alike.
"""

import math

import numpy as np

from tagmetry.feature import Feature, Picture

LEVELS = 256

contrast = Feature("contrast", version=1, unit="grey levels", doc="Standard deviation of luminance.")


@contrast.measure
def measure(picture: Picture) -> float:
    levels, grey = picture.levels, np.arange(LEVELS)
    n, total, squares = int(levels.sum()), int(levels @ grey), int(levels @ (grey * grey))
    # Whole numbers up to the last step, so that a flat picture has none.
    return math.sqrt(n * squares - total * total) / n
