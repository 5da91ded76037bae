"""The arithmetic of a balance plan: multipliers, and whole repeats that keep their proportions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def imbalance(exposures: Sequence[float]) -> float:
    """Largest exposure over the smallest; 1 for fewer than two concepts."""
    positive = [exposure for exposure in exposures if exposure > 0]
    return max(positive) / min(positive) if len(positive) > 1 else 1.0


def multipliers(exposures: Sequence[float], *, low: float, high: float) -> list[float]:
    """clip(median / exposure, low, high) for each concept."""
    middle = median(exposures)
    return [min(max(middle / exposure, low), high) if exposure > 0 else 1.0 for exposure in exposures]


@dataclass(frozen=True, slots=True)
class WholeRepeats:
    """`repeats[i]` is about `scale` times the wanted value; `residuals[i]` is the relative error left."""

    scale: int
    repeats: tuple[int, ...]
    residuals: tuple[float, ...]


def whole_repeats(wanted: Sequence[float], *, largest_scale: int, error: float) -> WholeRepeats:
    """Whole numbers in the proportions of `wanted` (all positive).

    Takes the smallest scale from 1 to `largest_scale` whose worst relative error is at most `error`, else the
    scale with the least worst error, the smaller scale on ties. A repeat is never below 1.
    """
    candidates = [_at_scale(wanted, scale) for scale in range(1, largest_scale + 1)]
    for candidate in candidates:
        if _worst(candidate) <= error:
            return candidate
    return min(candidates, key=lambda candidate: (round(_worst(candidate), 12), candidate.scale))


def _at_scale(wanted: Sequence[float], scale: int) -> WholeRepeats:
    # Halves go up, so that the same repeats come out on every platform.
    repeats = tuple(max(1, math.floor(scale * value + 0.5)) for value in wanted)
    residuals = tuple(number / (scale * value) - 1 for number, value in zip(repeats, wanted, strict=True))
    return WholeRepeats(scale, repeats, residuals)


def _worst(candidate: WholeRepeats) -> float:
    return max((abs(residual) for residual in candidate.residuals), default=0.0)
