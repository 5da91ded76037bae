"""Level range: between which levels nearly all of the picture lies.

The largest distance, over red, green and blue, between the levels below and above which half a percent of the pixels
lie, of the picture shrunk by 4. Zero for one flat colour, a few levels for one with noise; a sheet with a small mark in
a corner is as flat. Pictures of something have more than 60.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

OUTSIDE = 0.005
LEVELS = 256

level_range = Feature("level_range", version=1, unit="levels", doc="Levels between which 99 % of the picture lie.")


@level_range.measure
def measure(picture: Picture) -> float:
    shares = np.array(picture.small.histogram(), dtype=np.float64).reshape(3, LEVELS).cumsum(axis=1)
    shares /= shares[:, -1:]
    lowest = (shares <= OUTSIDE).sum(axis=1)
    highest = (shares < 1 - OUTSIDE).sum(axis=1)
    return float((highest - lowest).max())
