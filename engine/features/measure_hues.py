"""Hues: which colours the picture leans to, and how strongly.

The chroma of each pixel (its distance from grey in Oklab) is counted for its hue, in twelve sectors of 30 degrees from
magenta-red over yellow, green and blue; the twelve sums over the number of pixels. Added up they are the mean chroma:
about 0.02 for a pale picture, 0.05 for a common photograph, 0.15 for a poster. No pixel has to be called coloured or
grey. Taken on the picture shrunk by 8.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture

SECTORS = 12

hues = Feature("hues", version=1, unit="Oklab chroma", doc="Mean chroma by hue.", dtype=np.float32, width=SECTORS)


@hues.measure
def measure(picture: Picture) -> NDArray[np.float64]:
    red_green, yellow_blue = picture.oklab[..., 1].ravel(), picture.oklab[..., 2].ravel()
    turn = np.arctan2(yellow_blue, red_green) / np.float32(2 * np.pi) % 1
    sector = np.minimum((turn * SECTORS).astype(np.int64), SECTORS - 1)
    return np.bincount(sector, weights=np.hypot(red_green, yellow_blue), minlength=SECTORS) / len(sector)
