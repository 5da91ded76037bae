"""Sharpness: how strongly neighbouring pixels differ.

The variance of the Laplacian of luminance (the focus measure LAPV in Pertuz, Puig and Garcia, "Analysis of focus
measure operators for shape-from-focus", 2013, after Pech-Pacheco and others, 2000), with the kernel of four
neighbours, on the inner pixels.

It depends on the scale, so pictures larger than the working size compare with each other; smaller ones are not
enlarged and score higher for the same detail. Noise and grain count as sharpness, and a picture that is blurred on
purpose behind its subject scores low. Rounding to whole grey levels alone gives a figure of about 1. Missing for
pictures less than 3 pixels high or wide.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

sharpness = Feature("sharpness", version=1, unit="variance of the Laplacian", doc="Strength of fine detail.")


@sharpness.measure
def measure(picture: Picture) -> float:
    grey = picture.luminance
    if min(grey.shape) < 3:
        return float("nan")
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return float(np.var(laplacian, dtype=np.float64))
