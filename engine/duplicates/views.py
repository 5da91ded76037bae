"""What near-duplicates are recognized by: small grey views of a picture, packed into a row of bytes.

The *whole* view is the picture squeezed to a square. Where its edges are uniform (a border, letterbox bars, the white
around a drawing) a *trimmed* view shows what is inside, so that a bordered copy meets its original.

A packed row holds, little-endian: width and height of the picture that was measured, the content box in its pixels
(left, top, right, bottom), each as 16 bits; the whole view; the trimmed view, coarser, all zero where nothing was
trimmed.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

WHOLE_SIDE: Final = 64
TRIMMED_SIDE: Final = 48
"""Of smaller trimmed views hardly a copy is lost, and a row stays below seven kilobytes."""

_HEAD: Final = 6
_WHOLE: Final = slice(2 * _HEAD, 2 * _HEAD + WHOLE_SIDE**2)
_TRIMMED: Final = slice(_WHOLE.stop, _WHOLE.stop + TRIMMED_SIDE**2)
PACKED_BYTES: Final = _TRIMMED.stop

_OFF_LEVELS: Final = 10
_OFF_SHARE: Final = 0.02
_DEEPEST_TRIM: Final = 0.45
_LEAST_TRIM: Final = 0.01
_BORDERS: Final = 3
_LEAST_SIDE: Final = 0.05
_OTHER_LEVEL: Final = 40
_NO_LEVEL: Final = -1000

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Places = npt.NDArray[np.intp]
Box = tuple[int, int, int, int]


def content_box(grey: Grey) -> Box:
    """The part inside uniform edges: left, top, right, bottom in pixels of `grey`, shape (height, width).

    A line is uniform if less than 2 % of its pixels are more than 10 grey levels off the median of the outermost line
    of its side; at most 45 % go from a side. Then the same once or twice more, for a border inside a border, such as
    the white around a letterboxed drawing; its level must be quite another, or an even backdrop that gets slowly
    lighter would go bit by bit. The whole picture if no more than 1 % of it would go.
    """
    height, width = grey.shape
    left, top, right, bottom = 0, 0, width, height
    levels = [_NO_LEVEL] * 4
    for _ in range(_BORDERS):
        inside = grey[top:bottom, left:right].astype(np.int16)
        sides = (inside.T, inside, inside.T[::-1], inside[::-1])
        found = [_uniform_lines(lines, unlike=level) for lines, level in zip(sides, levels, strict=True)]
        gone = [n for n, _ in found]
        if max(gone[0] + gone[2] - _LEAST_TRIM * width, gone[1] + gone[3] - _LEAST_TRIM * height) <= 0:
            break
        # One pixel further in: compression smears the edge of a border.
        gone = [side + 1 if side else 0 for side in gone]
        inner = left + gone[0], top + gone[1], right - gone[2], bottom - gone[3]
        if min(inner[2] - inner[0], inner[3] - inner[1]) < _LEAST_SIDE * max(width, height):
            break
        left, top, right, bottom = inner
        levels = [level if n else before for (n, level), before in zip(found, levels, strict=True)]
    return left, top, right, bottom


def _uniform_lines(lines: npt.NDArray[np.int16], *, unlike: int) -> tuple[int, int]:
    """How many of these lines, from the first on, are uniform, and their level; none if it is near `unlike`."""
    most = int(_DEEPEST_TRIM * len(lines))
    level = int(np.median(lines[0]))
    if abs(level - unlike) < _OTHER_LEVEL:
        return 0, level
    # Most pictures have no border, and the first line shows it.
    for low, high in ((0, min(1, most)), (min(1, most), most)):
        busy = (np.abs(lines[low:high] - np.int16(level)) > _OFF_LEVELS).mean(axis=1) >= _OFF_SHARE
        if busy.any():
            return low + int(busy.argmax()), level
    return most, level


def packed(size: tuple[int, int], box: Box, whole: Grey, trimmed: Grey | None) -> Grey:
    """One row of `PACKED_BYTES`; `size` is (width, height), and `box` lies in it.

    `whole` has shape (64, 64); `trimmed` has (48, 48), or is None where the box is everything.
    """
    row = np.zeros(PACKED_BYTES, dtype=np.uint8)
    row[: 2 * _HEAD] = np.array([*size, *box], dtype="<u2").view(np.uint8)
    row[_WHOLE] = whole.ravel()
    if trimmed is not None:
        row[_TRIMMED] = trimmed.ravel()
    return row


@dataclass(frozen=True, slots=True)
class Views:
    """The views of n packed pictures: first the n whole ones, then the trimmed ones there are, v in all.

    `packed` has shape (n, `PACKED_BYTES`). `picture`, shape (v,), says whose view it is; `trimmed`, shape (n,), which
    one is the trimmed view of a picture, or -1. `size`, shape (v, 2), is width and height of what a view shows in
    pixels; `box`, shape (v, 4), its content box, in coordinates that run from -1 to 1 across the view.
    """

    packed: Grey
    picture: Places
    trimmed: Places
    size: Floats
    box: Floats

    @classmethod
    def of(cls, packed: Grey) -> Self:
        """ValueError for rows of another length than `PACKED_BYTES`."""
        if packed.ndim != 2 or packed.shape[1] != PACKED_BYTES:
            raise ValueError(f"packed views have the shape (n, {PACKED_BYTES}), not {packed.shape}")
        head = np.ascontiguousarray(packed[:, : 2 * _HEAD]).view("<u2").astype(np.float32)
        size = np.maximum(head[:, :2], 1)
        low, high = head[:, 2:4], head[:, 4:6]
        inner = np.flatnonzero(((low > 0) | (high < size)).any(axis=1))
        box = np.concatenate([2 * low / size - 1, 2 * high / size - 1], axis=1)
        everything = np.tile(np.array([-1, -1, 1, 1], dtype=np.float32), (len(inner), 1))
        trimmed = np.full(len(packed), -1, dtype=np.intp)
        trimmed[inner] = len(packed) + np.arange(len(inner))
        return cls(
            packed,
            np.concatenate([np.arange(len(packed)), inner]),
            trimmed,
            np.concatenate([size, (high - low)[inner]]),
            np.concatenate([box, everything]).astype(np.float32),
        )

    @property
    def n(self) -> int:
        """How many pictures there are."""
        return len(self.packed)

    def of_pictures(self, pictures: Places) -> Places:
        """The views of these pictures, ascending."""
        chosen = np.zeros(self.n, dtype=np.bool_)
        chosen[pictures] = True
        return np.flatnonzero(chosen[self.picture])

    def frame(self, views: Places) -> Floats:
        """The affine maps, shape (k, 2, 3), from these views to the whole view of their pictures."""
        box = self.box[self.picture[views]]
        box = np.where((views < self.n)[:, None], np.array([-1, -1, 1, 1], dtype=np.float32), box)
        maps = np.zeros((len(views), 2, 3), dtype=np.float32)
        maps[:, 0, 0], maps[:, 1, 1] = (box[:, 2] - box[:, 0]) / 2, (box[:, 3] - box[:, 1]) / 2
        maps[:, :, 2] = (box[:, :2] + box[:, 2:]) / 2
        return maps

    def grey(self, views: Places) -> Floats:
        """These views at 64x64, grey levels, shape (k, 64, 64)."""
        found = np.empty((len(views), WHOLE_SIDE, WHOLE_SIDE), dtype=np.float32)
        whole = views < self.n
        found[whole] = self.packed[views[whole], _WHOLE].reshape(-1, WHOLE_SIDE, WHOLE_SIDE)
        if not whole.all():
            small = self.packed[self.picture[views[~whole]], _TRIMMED].reshape(-1, TRIMMED_SIDE, TRIMMED_SIDE)
            found[~whole] = _ENLARGE @ small.astype(np.float32) @ _ENLARGE.T
        return found


def _interpolation(fine: int, coarse: int) -> Floats:
    """The matrix (fine, coarse) that draws straight lines between samples; both cover the same length."""
    at = (np.arange(fine) + 0.5) * coarse / fine - 0.5
    near = np.clip(at, 0, coarse - 1)[:, None]
    return np.asarray(np.clip(1 - np.abs(near - np.arange(coarse)[None, :]), 0, None).astype(np.float32))


_ENLARGE: Final = _interpolation(WHOLE_SIDE, TRIMMED_SIDE)
