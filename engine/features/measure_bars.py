"""Bars: how much of each side is a letterbox bar or a plain frame.

Lines from a side on that are even (98 of 100 pixels within 10 grey levels of the outermost line's median), up to a
line where at least 70 of 100 pixels leave that level at once: a bar ends abruptly along its whole length, while
what is left of a plain background ends where the subject sticks out. The shares of width or height that go from left,
top, right and bottom; at most 0.45 each.

A picture that is black itself along its edge has no bar to be seen there. Bars with writing or a logo in them are not
even.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.feature import Feature, Picture

OFF_LEVELS = 10
EVEN_SHARE = 0.98
ABRUPT_SHARE = 0.7
SMEARED_LINES = 3
"""Shrinking and compression smear the edge of a bar over so many lines."""
DRIFT_LEVELS = 3
"""A sky that grows lighter has drifted by more than this halfway to where it no longer passes as even."""
DEEPEST = 0.45
LEAST_LINES = 2

bars = Feature(
    "bars", version=1, unit="shares", doc="Letterbox bars: left, top, right, bottom.", dtype=np.float32, width=4
)


@bars.measure
def measure(picture: Picture) -> NDArray[np.float64]:
    grey = np.asarray(picture.grey)
    height, width = grey.shape
    found = [
        _bar(grey.T) / width,
        _bar(grey) / height,
        _bar(grey.T[::-1]) / width,
        _bar(grey[::-1]) / height,
    ]
    return np.array(found)


def _bar(lines: NDArray[np.uint8]) -> int:
    """How many lines, from the first on, are a bar."""
    most = int(DEEPEST * len(lines))
    level = int(np.median(lines[0]))
    # Most pictures have no bar, and the first lines show it.
    if most < LEAST_LINES or not _even(lines[:LEAST_LINES], level).all():
        return 0
    uneven = ~_even(lines[: most + 1], level)
    n = int(uneven.argmax())
    if not uneven[n] or abs(int(np.median(lines[n // 2])) - level) > DRIFT_LEVELS:
        return 0
    behind = np.abs(lines[n : n + SMEARED_LINES].astype(np.int16) - level) > OFF_LEVELS
    return n if behind.mean(axis=1).max() >= ABRUPT_SHARE else 0


def _even(lines: NDArray[np.uint8], level: int) -> NDArray[np.bool_]:
    near = np.abs(lines.astype(np.int16) - level) <= OFF_LEVELS
    return np.asarray(near.mean(axis=1) >= EVEN_SHARE)
