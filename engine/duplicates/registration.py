"""Registration: how exactly one view lies in another, from a rough start.

Inverse compositional Lucas-Kanade (Baker and Matthews, "Lucas-Kanade 20 Years On", 2004) with six parameters and
weights 1 / (1 + e^2) for the residual e, on views that are band-passed and locally normalised, so that neither tone nor
an overlaid text pulls at it. First at half resolution. Everything runs on batches.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.views import WHOLE_SIDE, Floats

_FINE: Final = 0.7
_COARSE: Final = 4.0
_LEVELS: Final = 6.0
"""Deviations of fewer grey levels than this are noise and not raised to full contrast."""

PASSES: Final = ((2, 10), (1, 5))
"""Reduction of the views and steps at that size, one after the other."""

_HOPELESS: Final = 0.25
"""Views that correlate less than this at half resolution are not looked at further."""


def blur_matrix(side: int, sigma: float) -> Floats:
    """The matrix (side, side) of a Gaussian along one axis; each row adds up to one, at the edges too."""
    places = np.arange(side)
    weights = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * sigma**2))
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))


def grid(side: int) -> Floats:
    """The x of each column, or the y of each row, of a view: pixel centres, the edges being -1 and 1."""
    return ((2 * np.arange(side, dtype=np.float32) + 1) / side - 1).astype(np.float32)


def sampled(images: Floats, x: Floats, y: Floats) -> Floats:
    """Each image, shape (k, side, side), at its points of shape (k, points), by straight interpolation.

    Beyond the edge the outermost pixels go on.
    """
    n, side, _ = images.shape
    across = np.clip((x + 1) * np.float32(side / 2) - np.float32(0.5), 0, side - 1)
    down = np.clip((y + 1) * np.float32(side / 2) - np.float32(0.5), 0, side - 1)
    column = np.minimum(across.astype(np.int32), side - 2)
    row = np.minimum(down.astype(np.int32), side - 2)
    across -= column
    down -= row
    at = row * side + column + (np.arange(n, dtype=np.int32) * side * side)[:, None]
    flat = images.ravel()
    upper = flat.take(at)
    upper += across * (flat.take(at + 1) - upper)
    at += side
    lower: Floats = flat.take(at)
    lower += across * (flat.take(at + 1) - lower)
    lower -= upper
    lower *= down
    lower += upper
    return lower


def evened(grey: Floats) -> Floats:
    """Views, shape (k, side, side), band-passed and divided by their local deviation."""
    side = grey.shape[1]
    fine, coarse = _FILTERS[side]
    passed = fine @ grey @ fine.T - coarse @ grey @ coarse.T
    deviation = np.sqrt(np.maximum(coarse @ (passed * passed) @ coarse.T, 0))
    return np.asarray(passed / (deviation + np.float32(_LEVELS)))


_FILTERS: Final = {
    WHOLE_SIDE // reduction: (
        blur_matrix(WHOLE_SIDE // reduction, _FINE),
        blur_matrix(WHOLE_SIDE // reduction, _COARSE),
    )
    for reduction, _ in PASSES
}


def registered(
    first: Floats, second: Floats, start: Floats, *, passes: Sequence[tuple[int, int]] = PASSES
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The affine maps, shape (k, 2, 3), that take points of `first` to points of `second`, and which of them count.

    Views have shape (k, 64, 64) in grey levels; `start` is a rough map. What stays hopelessly unlike is not worked out.
    """
    maps = start.astype(np.float64)
    promising = np.arange(len(first))
    for reduction, steps in passes:
        template = evened(_reduced(first[promising], reduction))
        image = evened(_reduced(second[promising], reduction))
        found, correlation = _aligned(template, image, maps[promising], steps)
        maps[promising] = found
        promising = promising[correlation >= _HOPELESS]
    hopeful = np.zeros(len(first), dtype=np.bool_)
    hopeful[promising] = True
    return maps.astype(np.float32), hopeful & np.isfinite(maps).all(axis=(1, 2))


def _reduced(grey: Floats, reduction: int) -> Floats:
    side = WHOLE_SIDE // reduction
    if reduction == 1:
        return grey
    return np.asarray(grey.reshape(len(grey), side, reduction, side, reduction).mean(axis=(2, 4)))


def _aligned(template: Floats, image: Floats, maps: Floats, steps: int) -> tuple[Floats, Floats]:
    n, side, _ = template.shape
    line = grid(side)
    x, y = np.tile(line, side), np.repeat(line, side)
    slope_y, slope_x = np.gradient(template, 2 / side, axis=(1, 2))
    slope_x, slope_y = slope_x.reshape(n, side * side), slope_y.reshape(n, side * side)
    descent = np.stack([slope_x * x, slope_x * y, slope_x, slope_y * x, slope_y * y, slope_y], axis=1)
    target = template.reshape(n, side * side)
    for _ in range(steps):
        shown, inside = _shown(image, maps, x, y)
        residual = shown - target
        weights = inside / (1 + residual * residual)
        weighted = descent * weights[:, None]
        square = (weighted @ descent.transpose(0, 2, 1)).astype(np.float64)
        right = (weighted @ residual[:, :, None]).astype(np.float64)
        # A little more on the diagonal keeps a view with edges in one direction only from running away.
        square += np.eye(6) * (1e-3 * np.trace(square, axis1=1, axis2=2)[:, None, None] / 6 + 1e-6)
        change = np.clip(np.linalg.solve(square, right)[:, :, 0], -0.25, 0.25).reshape(n, 2, 3)
        change[:, :, :2] += np.eye(2)
        maps = compose(maps, inverse(change))
    shown, inside = _shown(image, maps, x, y)
    return maps, _correlation(target, shown, inside)


def _shown(image: Floats, maps: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The image where the map says the template's points lie, and 1 for those inside its frame, else 0."""
    m = maps.astype(np.float32)
    at_x = m[:, 0, 0, None] * x + m[:, 0, 1, None] * y + m[:, 0, 2, None]
    at_y = m[:, 1, 0, None] * x + m[:, 1, 1, None] * y + m[:, 1, 2, None]
    inside = (np.abs(at_x) <= 1) & (np.abs(at_y) <= 1)
    return sampled(image, at_x, at_y), inside.astype(np.float32)


def compose(outer: Floats, inner: Floats) -> Floats:
    """The maps, shape (k, 2, 3), that first do `inner`, then `outer`."""
    linear = outer[:, :, :2] @ inner[:, :, :2]
    return np.concatenate([linear, outer[:, :, :2] @ inner[:, :, 2:] + outer[:, :, 2:]], axis=2)


def inverse(maps: Floats) -> Floats:
    a, b, c, d = maps[:, 0, 0], maps[:, 0, 1], maps[:, 1, 0], maps[:, 1, 1]
    linear = np.stack([d, -b, -c, a], axis=1).reshape(-1, 2, 2) / (a * d - b * c)[:, None, None]
    return np.concatenate([linear, -linear @ maps[:, :, 2:]], axis=2)


def _correlation(first: Floats, second: Floats, weights: Floats) -> Floats:
    products = (weights * first * second).sum(axis=1)
    squares = (weights * first * first).sum(axis=1) * (weights * second * second).sum(axis=1)
    return np.asarray(products / np.sqrt(np.maximum(squares, 1e-12)))
