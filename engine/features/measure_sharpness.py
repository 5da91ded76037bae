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
    laplacian = picture.laplacian.astype(np.float64).ravel()
    if not laplacian.size:
        return float("nan")
    # Sums of whole numbers, which are exact in whatever order they are added.
    mean = laplacian.sum() / laplacian.size
    return float(laplacian @ laplacian / laplacian.size - mean * mean)
