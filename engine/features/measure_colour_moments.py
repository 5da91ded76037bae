"""Colour moments: what colours the picture has, in nine figures.

Mean, standard deviation and skewness (the signed cube root of the third moment, as in Stricker and Orengo, "Similarity
of color images", 1995, so that all have the unit of the channel) of lightness, green to red, and blue to yellow in
Oklab, where equal distances look about equally large (Ottosson, 2020). Lightness runs from 0 to 1, the others within
about 0.4. In this order: the three means, the three deviations, the three skewnesses. Taken on the picture shrunk by 8:
fine texture does not count.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture

colour_moments = Feature(
    "colour_moments",
    version=1,
    unit="Oklab",
    doc="Mean, deviation and skewness of lightness, green-red and blue-yellow.",
    dtype=np.float32,
    width=9,
)


@colour_moments.measure
def measure(picture: Picture) -> NDArray[np.float64]:
    colours = picture.oklab.reshape(-1, 3).astype(np.float64)
    means = colours.mean(axis=0)
    apart = colours - means
    square = apart * apart
    return np.concatenate([means, np.sqrt(square.mean(axis=0)), np.cbrt((square * apart).mean(axis=0))])
