"""Structure: how much there is for a pHash to compare.

The root mean square, in grey levels, of what the 63 lowest frequencies contribute to the grey picture at 32 by 32
(an orthonormal cosine transform, by Parseval's theorem). Those are the coefficients whose signs a pHash keeps: where
they are a grey level or two, as in a blank page or a clear sky, rounding and compression decide the bits and equal
hashes mean nothing. Zero for one flat colour; photographs have some 15 to 90.
"""

import numpy as np

from tagmetry.duplicates.hashes import GREY_SIDE
from tagmetry.feature import Feature, Picture

LOW_FREQUENCIES = 8

structure = Feature("structure", version=1, unit="grey levels", doc="Strength of what a pHash compares.")


def _cosines() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The first rows of the orthonormal cosine transform (type II) of `GREY_SIDE` samples."""
    rows = np.arange(LOW_FREQUENCIES)[:, None]
    places = np.arange(GREY_SIDE)[None, :]
    cosines: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.cos(
        np.pi * rows * (2 * places + 1) / (2 * GREY_SIDE)
    )
    cosines *= np.sqrt(2 / GREY_SIDE)
    cosines[0] /= np.sqrt(2)
    return cosines


_COSINES = _cosines()


@structure.measure
def measure(picture: Picture) -> float:
    coefficients = _COSINES @ picture.grey32.astype(np.float64) @ _COSINES.T
    coefficients[0, 0] = 0.0
    # What rounding leaves of a flat picture is no structure.
    return round(float(np.sqrt((coefficients**2).sum()) / GREY_SIDE), 6)
