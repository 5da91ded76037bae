"""Descriptions of windows of a view: 63 numbers whose dot product is the likeness of two windows.

The 8x8 lowest cosine coefficients of the window without the constant one, each multiplied by its radius to the power
of 0.75, scaled to length one. So brightness, contrast and mild gamma drop out. Window and transform are one matrix per
axis. Of a mirrored or turned picture the coefficients are the same but for signs and the swap of both axes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.views import WHOLE_SIDE, Floats

FREQUENCIES: Final = 8
_SAMPLES: Final = 32
_EMPHASIS: Final = 0.75


_PARTS: Final = (
    *((0.95, low) for low in (0.0, 1.0)),
    *((0.9, low) for low in (0.0, 0.5, 1.0)),
    *((0.85, low) for low in (0.0, 0.5, 1.0)),
    *((0.72, low) for low in (0.0, 1.0)),
)
_SPANS: Final = ((0.0, 1.0), *((low * (1 - size), low * (1 - size) + size) for size, low in _PARTS))
"""The different (low, high) of windows along one axis, from 0 to 1."""


def _windows() -> tuple[tuple[int, int], ...]:
    """Windows as (span across, span down): the whole; corners of 95 %; grids of 3x3 of 90 % and of 85 %."""
    corners = [(x, y) for y in (1, 2) for x in (1, 2)]
    grids = [(x, y) for first in (3, 6) for y in range(first, first + 3) for x in range(first, first + 3)]
    return ((0, 0), *corners, *grids)


WINDOWS: Final = _windows()
"""A whole picture is compared with each of these of another."""


def _shifts() -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """Windows of two pictures that are cut out of a third, side by side or corner to corner: 15 or 28 % apart."""
    return tuple(
        ((x[0], y[0]), (x[1], y[1]))
        for low, high in ((6, 8), (9, 10))
        for x in ((0, 0), (low, high), (high, low))
        for y in ((0, 0), (low, high), (high, low))
        if (x, y) != ((0, 0), (0, 0))
    )


SHIFTS: Final = _shifts()
"""Pairs of windows, one of each picture, that show the same if both are parts of one larger picture."""

_EXTRA: Final = tuple(sorted({window for pair in SHIFTS for window in pair} - set(WINDOWS)))
ALL_WINDOWS: Final = WINDOWS + _EXTRA
FIRST_OF_SHIFT: Final = np.array([ALL_WINDOWS.index(first) for first, _ in SHIFTS])
SECOND_OF_SHIFT: Final = np.array([ALL_WINDOWS.index(second) for _, second in SHIFTS])


def window_frames() -> Floats:
    """Centre (x, y) and half size (x, y) of each of `ALL_WINDOWS` in coordinates from -1 to 1, shape (w, 4)."""
    spans = np.array(_SPANS) * 2 - 1
    low = np.array([[spans[x, 0], spans[y, 0]] for x, y in ALL_WINDOWS])
    high = np.array([[spans[x, 1], spans[y, 1]] for x, y in ALL_WINDOWS])
    return np.concatenate([(low + high) / 2, (high - low) / 2], axis=1).astype(np.float32)


def _transform(low: float, high: float) -> npt.NDArray[np.float64]:
    """The matrix (8, 64) that takes the lowest cosine coefficients of a span of 64 samples."""
    at = (low + (high - low) * (np.arange(_SAMPLES) + 0.5) / _SAMPLES) * WHOLE_SIDE - 0.5
    # Each of the 32 samples averages the views' own samples around it: a triangle as wide as two of its steps.
    reach = max(1.0, (high - low) * WHOLE_SIDE / _SAMPLES)
    weights = np.clip(1 - np.abs(at[:, None] - np.arange(WHOLE_SIDE)[None, :]) / reach, 0, None)
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.arange(FREQUENCIES)[:, None]
    cosines = np.cos(np.pi * rows * (2 * np.arange(_SAMPLES)[None, :] + 1) / (2 * _SAMPLES))
    cosines[0] /= np.sqrt(2)
    return np.asarray(cosines @ weights)


_TRANSFORMS: Final = np.concatenate([_transform(low, high) for low, high in _SPANS]).astype(np.float32)
_DOWN: Final = np.array([y for _, y in ALL_WINDOWS])
_ACROSS: Final = np.array([x for x, _ in ALL_WINDOWS])


def _weights() -> Floats:
    i, j = np.indices((FREQUENCIES, FREQUENCIES))
    radii = np.sqrt(i**2 + j**2) ** _EMPHASIS
    return np.asarray(radii.astype(np.float32))


_WEIGHTS: Final = _weights()


def _order() -> tuple[npt.NDArray[np.intp], tuple[slice, slice, slice, slice]]:
    """The 63 coefficients by parity (down and across): even even, odd odd, even odd, odd even."""
    i, j = (index.ravel() for index in np.indices((FREQUENCIES, FREQUENCIES)))
    kind = np.select([(i % 2 == 0) & (j % 2 == 0), (i % 2 == 1) & (j % 2 == 1), i % 2 == 0], [0, 1, 2], 3)
    places = np.flatnonzero(i + j > 0)
    places = places[np.argsort(kind[places], kind="stable")]
    edges = np.searchsorted(kind[places], np.arange(5))
    first, second, third, fourth = (slice(int(edges[k]), int(edges[k + 1])) for k in range(4))
    return places, (first, second, third, fourth)


_PLACES, PARITIES = _order()
NUMBERS: Final = len(_PLACES)

# Where the coefficient stands that the transposed picture has in each place.
_TRANSPOSED: Final = np.argsort(_PLACES)[
    np.searchsorted(np.sort(_PLACES), (_PLACES % FREQUENCIES) * FREQUENCIES + _PLACES // FREQUENCIES)
]


def _signs() -> Floats:
    """How the coefficients change sign if the picture is mirrored left to right, top to bottom, both."""
    i, j = np.divmod(_PLACES, FREQUENCIES)
    return np.stack([(-1.0) ** (across * j + down * i) for down in (0, 1) for across in (0, 1)]).astype(np.float32)


_SIGNS: Final = _signs()

TURNS: Final = np.array(
    [
        [[-1.0 if across else 1.0, 0.0], [0.0, -1.0 if down else 1.0]]
        if not swapped
        else [[0.0, -1.0 if down else 1.0], [-1.0 if across else 1.0, 0.0]]
        for swapped in (False, True)
        for down in (False, True)
        for across in (False, True)
    ],
    dtype=np.float32,
)
"""The eight orientations as matrices (8, 2, 2): they take a point of the turned picture to one of the picture itself.

First the four mirrorings of the picture, then those of the transposed picture; 0 is the picture as it is.
"""


def descriptions(grey: Floats) -> Floats:
    """Of each view, shape (k, 64, 64), each of `ALL_WINDOWS`: shape (k, w, 63), of length one, or zero if flat."""
    # In two parts, so that OpenBLAS does not split such small products among threads.
    half = [part @ grey for part in np.split(_TRANSFORMS, 2)]
    full = np.concatenate([rows @ _TRANSFORMS.T for rows in half], axis=1)
    blocks = full.reshape(len(grey), len(_SPANS), FREQUENCIES, len(_SPANS), FREQUENCIES)
    chosen = blocks[:, _DOWN, :, _ACROSS, :].transpose(1, 0, 2, 3) * _WEIGHTS
    numbers = chosen.reshape(len(grey), len(ALL_WINDOWS), FREQUENCIES**2)[:, :, _PLACES]
    lengths = np.sqrt((numbers * numbers).sum(axis=2, keepdims=True))
    # What rounding leaves of a flat window has no direction.
    return np.asarray(np.where(lengths > 1.0, numbers / np.maximum(lengths, 1e-6), 0), dtype=np.float32)


def transposed(numbers: Floats) -> Floats:
    """The descriptions, shape (..., 63), that the transposed pictures have."""
    return numbers[..., _TRANSPOSED]


def turned(numbers: Floats) -> Floats:
    """The descriptions, shape (k, 63), of the picture in all `TURNS`: shape (k, 8, 63)."""
    both = np.stack([numbers, transposed(numbers)], axis=1)
    return (both[:, :, None, :] * _SIGNS[None, None]).reshape(len(numbers), 8, NUMBERS)
