"""pHash: which low frequencies of the picture are stronger than their median, in 64 bits.

The perceptual hash of the imagehash package (hash size 8), bit for bit on the same picture: grey, 32 by 32 by
LANCZOS, discrete cosine transform, the 64 lowest coefficients against their median. The number of differing bits of
two hashes says how unlike two pictures are. It survives re-encoding, resizing and changes of tone, not cropping or
turning, and says nothing of pictures without structure, whose bits are chance (see `structure`).
"""

import numpy as np

from tagmetry.duplicates.hashes import phash_bits
from tagmetry.feature import Feature, Picture

phash = Feature("phash", version=1, unit="64 bits", doc="Perceptual hash of low frequencies.", dtype=np.uint64)


@phash.measure
def measure(picture: Picture) -> int:
    return int(phash_bits(picture.grey32))
