"""dHash: where the picture gets brighter from left to right, in 64 bits.

The difference hash of the imagehash package (hash size 8), bit for bit on the same picture: grey, 9 by 8 by LANCZOS,
each cell against its left neighbour. Cheaper than a pHash and less discerning.
"""

import numpy as np

from tagmetry.cells import cells_of
from tagmetry.duplicates.hashes import dhash_bits
from tagmetry.feature import Feature, Picture

dhash = Feature("dhash", version=1, unit="64 bits", doc="Hash of horizontal differences.", dtype=np.uint64)


@dhash.measure
def measure(picture: Picture) -> int:
    return int(dhash_bits(cells_of(picture.grey, across=9, down=8)))
