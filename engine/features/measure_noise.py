"""Noise: how strong the grain is where the picture is calm.

The standard deviation of white noise, in grey levels, that would make the Laplacian of the calmest parts as strong as
it is: the kernel of four neighbours makes of white noise one with twenty times the variance, and nothing of even
gradients (the idea of Immerkaer, "Fast noise variance estimation", 1996, taken tile by tile). The picture is cut into
tiles of 16 pixels; what is all black or all white, where noise is cut off, is left out; the lowest tenth of the rest
counts.

At working size the grain of a large picture is averaged away, as it is in training. A picture that is full of texture
has no calm part and scores up to 8 without any noise; rounding and compression leave 0.2 to 0.5. Missing for pictures
that are all black and white, or less than 3 pixels high or wide.
"""

import numpy as np

from tagmetry.feature import TILE_SIDE_PX, Feature, Picture

GAIN = 20.0
"""The sum of the squares of the Laplacian's kernel."""
CALMEST = 0.1
DARKEST, LIGHTEST = 2, 253

noise = Feature("noise", version=1, unit="grey levels", doc="Strength of grain in the calmest parts.")


@noise.measure
def measure(picture: Picture) -> float:
    if not picture.laplacian.size:
        return float("nan")
    energy = picture.laplacian_energy
    levels = np.asarray(picture.grey.reduce(TILE_SIDE_PX))[: energy.shape[0], : energy.shape[1]]
    judged = np.sort(energy[(levels > DARKEST) & (levels < LIGHTEST)])
    # A rank is found in a fifth of the time of a quantile.
    return float(np.sqrt(judged[int(CALMEST * (len(judged) - 1))] / GAIN)) if judged.size else float("nan")
