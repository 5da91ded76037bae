"""Brightness: the mean luminance of the picture.

Grey levels from 0, black, to 255, white, after ITU-R 601-2 luma of gamma-encoded pixels: how bright it looks, not how
much light there was.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

brightness = Feature("brightness", version=1, unit="grey levels", doc="Mean luminance, 0 to 255.")


@brightness.measure
def measure(picture: Picture) -> float:
    levels = picture.levels
    return float(levels @ np.arange(len(levels)) / levels.sum())
