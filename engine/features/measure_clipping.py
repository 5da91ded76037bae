"""Clipping: how much of the picture is plain black and plain white.

The shares of pixels with a grey level of at most 4, and of at least 251: what is under-exposed or burnt out has lost
its detail there. The white around a drawing counts as well, and so does a black frame.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture

BLACK, WHITE = 4, 251

clipping = Feature(
    "clipping", version=1, unit="shares", doc="Shares of black and of white pixels.", dtype=np.float32, width=2
)


@clipping.measure
def measure(picture: Picture) -> NDArray[np.float64]:
    counts = picture.levels
    clipped = np.array([counts[: BLACK + 1].sum(), counts[WHITE:].sum()], dtype=np.float64)
    return clipped / float(counts.sum())
