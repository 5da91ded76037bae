"""Perceptual hashes of 64 bits, from grey arrays that are already shrunk.

Both hashes are those of the imagehash package, bit for bit, so that figures compare with other tools. A hash is
one unsigned integer: row by row, the first cell in the highest bit, which is the order of imagehash's hex string.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

GREY_SIDE = 32
"""Side of the grey picture that `phash_bits` expects: 8 cells, four times oversampled."""


_SURE: Final = 1e-6
"""Coefficients are up to a million, and the two ways differ by rounding in the ninth place behind the point."""


def _low_cosines() -> npt.NDArray[np.float64]:
    """The rows (8, 32) of scipy's cosine transform (type II, not normalized) that give the lowest coefficients."""
    rows, places = np.arange(8)[:, None], np.arange(GREY_SIDE)[None, :]
    return np.asarray(2 * np.cos(np.pi * rows * (2 * places + 1) / (2 * GREY_SIDE)))


_LOW_COSINES: Final = _low_cosines()


def phash_bits(grey32: npt.NDArray[np.uint8]) -> np.uint64:
    """Which of the 64 lowest cosine coefficients exceed their median (imagehash.phash, hash_size 8).

    `grey32` is the picture in mode L, resized to 32x32 by LANCZOS, shape (32, 32); ValueError for another.
    """
    if grey32.shape != (GREY_SIDE, GREY_SIDE):
        raise ValueError(f"expected a grey picture of shape (32, 32), got {grey32.shape}")
    coefficients = _LOW_COSINES @ grey32.astype(np.float64) @ _LOW_COSINES.T
    middle = np.median(coefficients)
    if np.abs(coefficients - middle).min() < _SURE:
        coefficients = _by_scipy(grey32)
        middle = np.median(coefficients)
    return _packed(coefficients > middle)


def _by_scipy(grey32: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """The same by the transform that imagehash uses, over the same axes in the same order.

    On pictures that are flat, mirror-symmetric or vary along one axis, half the coefficients are zero but for the
    rounding, and so is their median: there only the same rounding gives imagehash's bits.
    """
    # Starting scipy takes longer than hashing a thousand pictures, and few pictures are like that.
    from scipy.fftpack import dct

    return np.asarray(dct(dct(grey32, axis=0), axis=1)[:8, :8])


def dhash_bits(grey9x8: npt.NDArray[np.uint8]) -> np.uint64:
    """Where the picture gets brighter to the right (imagehash.dhash, hash_size 8).

    `grey9x8` is the picture in mode L, resized by LANCZOS to a width of 9 and a height of 8, so an array of shape
    (8, 9); ValueError for another.
    """
    if grey9x8.shape != (8, 9):
        raise ValueError(f"expected a grey picture of shape (8, 9), got {grey9x8.shape}")
    return _packed(grey9x8[:, 1:] > grey9x8[:, :-1])


def to_hex(bits: np.uint64 | int) -> str:
    """The 16 hex digits that `str()` of an imagehash.ImageHash shows."""
    return f"{int(bits):016x}"


def from_hex(text: str) -> np.uint64:
    """The hash whose 16 hex digits these are; ValueError for other text."""
    if len(text) != 16 or not set(text) <= set("0123456789abcdefABCDEF"):
        raise ValueError(f"expected 16 hex digits, got {text!r}")
    return np.uint64(int(text, 16))


def _packed(cells: npt.NDArray[np.bool_]) -> np.uint64:
    return np.uint64(int.from_bytes(np.packbits(cells).tobytes(), "big"))
