"""How often images are drawn where a trainer can show parts of a folder: whole passes and a random rest per epoch."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draws:
    """An epoch shows each of the n images `whole` times and `drawn` of them once more, chosen anew each epoch."""

    whole: int
    drawn: int

    def exposure(self, n: int) -> int:
        return n * self.whole + self.drawn


def draws(n: int, wanted: float, *, floor: float = 0.0) -> Draws:
    """Whole passes and the random rest for `wanted` exposures per image (positive).

    Below one pass k = max(1, floor(wanted x n)) of the images are drawn, `wanted` not below `floor`.
    """
    if wanted < 1:
        return Draws(0, max(1, _floor(max(wanted, floor) * n)) if n else 0)
    whole = math.floor(wanted)
    return Draws(whole, _floor((wanted - whole) * n))


def _floor(value: float) -> int:
    # A third of nine is three, whatever the last bit of the product says.
    return math.floor(value + 1e-9)
