"""The bucket whose aspect ratio is nearest, as trainers look for it: by the plain difference of width / height."""

import numpy as np

from tagmetry.trainers.contract import Floats, Ints


def nearest_aspect(aspect: Floats, sizes: Ints) -> Ints:
    """For each aspect ratio, shape (n,), the number of the nearest of `sizes` (width, height), shape (k, 2).

    Of two that are equally near the first counts.
    """
    ratios, first = np.unique(sizes[:, 0] / sizes[:, 1], return_index=True)
    above = np.searchsorted(ratios, aspect)
    below = np.maximum(above - 1, 0)
    above = np.minimum(above, len(ratios) - 1)
    to_below, to_above = np.abs(ratios[below] - aspect), np.abs(ratios[above] - aspect)
    is_below = (to_below < to_above) | ((to_below == to_above) & (first[below] < first[above]))
    return np.asarray(np.where(is_below, first[below], first[above]))
