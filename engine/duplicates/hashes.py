"""Perceptual hashes of 64 bits, from grey arrays that are already shrunk.

Both hashes are those of the imagehash package, bit for bit, so that figures compare with other tools. A hash is
one unsigned integer: row by row, the first cell in the highest bit, which is the order of imagehash's hex string.
"""

import numpy as np
import numpy.typing as npt

GREY_SIDE = 32
"""Side of the grey picture that `phash_bits` expects: 8 cells, four times oversampled."""


def phash_bits(grey32: npt.NDArray[np.uint8]) -> np.uint64:
    """Which of the 64 lowest cosine coefficients exceed their median (imagehash.phash, hash_size 8).

    `grey32` is the picture in mode L, resized to 32x32 by LANCZOS, shape (32, 32); ValueError for another.
    """
    if grey32.shape != (GREY_SIDE, GREY_SIDE):
        raise ValueError(f"expected a grey picture of shape (32, 32), got {grey32.shape}")
    # Starting scipy takes longer than hashing a thousand pictures, and most callers of this package never hash.
    from scipy.fftpack import dct

    # A matrix product would give the same figures but for the rounding. On pictures that are flat, mirror-symmetric or
    # vary along one axis, half the coefficients are zero but for the rounding, and so is their median: there only the
    # same transform, over the same axes in the same order, gives imagehash's bits.
    coefficients = dct(dct(grey32, axis=0), axis=1)[:8, :8]
    return _packed(coefficients > np.median(coefficients))


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
