"""A few of many images that a finding or a remedy names, so that nobody has to choose where any will do."""

from collections.abc import Sequence
from typing import Final

import numpy as np

MOST_NAMED: Final = 5
"""So many images a sentence names."""


def spread_out(paths: Sequence[str], n: int) -> tuple[str, ...]:
    """`n` of the paths, at most `MOST_NAMED`, evenly from the first on: neighbours are often alike."""
    wanted = min(n, len(paths), MOST_NAMED)
    if wanted <= 0:
        return ()
    places = np.floor(np.arange(wanted) * (len(paths) / wanted)).astype(int)
    return tuple(paths[place] for place in places.tolist())
