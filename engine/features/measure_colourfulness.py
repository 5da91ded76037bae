"""Colourfulness: how strong and varied the colours look.

The M3 measure of Hasler and Süsstrunk ("Measuring colourfulness in natural images", 2003): spread and mean of the
opponent channels red against green and yellow against blue. In their experiment 0 is not colourful, 15 slightly, 33
moderately, 45 averagely, 59 quite, 82 highly and 109 extremely so. Taken on the picture at a quarter of working size,
where it costs a tenth and differs by noise only.
"""

import numpy as np

from tagmetry.feature import Feature, Picture

colourfulness = Feature("colourfulness", version=1, unit="Hasler-Süsstrunk M3", doc="Strength and variety of colours.")


@colourfulness.measure
def measure(picture: Picture) -> float:
    pixels = np.asarray(picture.small).reshape(-1, 3).T.astype(np.float64)
    red, green, blue = pixels
    red_green = red - green
    yellow_blue = (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * mean)
