"""Entropy: how evenly the grey levels are used.

Shannon's entropy of the histogram of 256 grey levels, in bits: 0 for one flat grey, 8 if all levels are equally
common. It knows nothing of where the levels lie in the picture.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

entropy = Feature("entropy", version=1, unit="bits", doc="Entropy of the grey histogram, 0 to 8.")


@entropy.measure
def measure(picture: Picture) -> float:
    counts = picture.levels
    shares = counts[counts > 0] / counts.sum()
    # Adding zero turns the minus zero of a flat picture into zero.
    return float(-(shares * np.log2(shares)).sum()) + 0.0
