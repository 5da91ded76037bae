"""Contrast: how far the pixels' luminance strays from its mean.

The standard deviation of luminance in grey levels, known as RMS contrast (Peli, "Contrast in complex images", 1990).
From 0 for a flat picture to 127.5 for one that is half black, half white. It does not say at what scale the picture
varies: fine grain and one large edge can score alike.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

contrast = Feature("contrast", version=1, unit="grey levels", doc="Standard deviation of luminance.")


@contrast.measure
def measure(picture: Picture) -> float:
    return float(np.std(picture.luminance, dtype=np.float64))
