"""Peak chroma: how coloured the most coloured parts are.

The distance from grey in Oklab (Ottosson, 2020) that one pixel in a hundred surpasses, of the picture shrunk by 8. A
picture without colour has 0, whether it was stored as grey or as RGB; compression and a scanner's cast bring it to
0.01; a pale photograph has 0.05, pure red 0.26.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

PEAK = 0.99

peak_chroma = Feature("peak_chroma", version=1, unit="Oklab chroma", doc="Chroma of the most coloured parts.")


@peak_chroma.measure
def measure(picture: Picture) -> float:
    chroma = np.hypot(picture.oklab[..., 1], picture.oklab[..., 2])
    # Grey levels are not exactly grey in single precision.
    return round(float(np.sort(chroma, axis=None)[int(PEAK * (chroma.size - 1))]), 4)
