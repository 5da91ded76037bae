"""The contract of a feature: one figure measured on a decoded image."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WORKING_SIDE_PX: Final = 512
"""Longest side of the working image. Sharpness and hashes depend on it, so there is one size and one resampler."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of an image file before and beside its pixels. Sizes are in pixels as stored, not as displayed."""

    format: str
    mode: str
    width: int
    height: int
    frames: int
    has_alpha: bool
    exif_orientation: int
    size_bytes: int


@dataclass(slots=True)
class Picture:
    """A decoded image as features see it; each view is made once, when the first feature asks for it.

    `upright` is RGB at working size (longest side at most `WORKING_SIDE_PX`), upright by EXIF, alpha laid on white.
    """

    header: Header
    upright: Image.Image
    _grey: Image.Image | None = field(default=None, init=False, repr=False)
    _luminance: NDArray[np.float32] | None = field(default=None, init=False, repr=False)
    _grey32: NDArray[np.uint8] | None = field(default=None, init=False, repr=False)

    @property
    def grey(self) -> Image.Image:
        """Mode L, the size of `upright` (ITU-R 601-2 luma, Pillow's convert)."""
        if self._grey is None:
            self._grey = self.upright.convert("L")
        return self._grey

    @property
    def luminance(self) -> NDArray[np.float32]:
        """Shape (height, width), grey levels 0 to 255."""
        if self._luminance is None:
            self._luminance = np.asarray(self.grey, dtype=np.float32)
        return self._luminance

    @property
    def grey32(self) -> NDArray[np.uint8]:
        """Shape (32, 32), `grey` squeezed by LANCZOS: what a pHash is made of."""
        if self._grey32 is None:
            self._grey32 = np.asarray(self.grey.resize((32, 32), Image.Resampling.LANCZOS))
        return self._grey32


Measure = Callable[[Picture], Any]


@dataclass(slots=True, eq=False)
class Feature:
    """One figure of each image: name, version, unit, and the function that measures it.

    Declared at the top level of a module, so that worker processes find it by `module` and `name`. Raise
    `version` when the arithmetic changes. `dtype` and `width` give the column's type; width 1 is shape (n,).
    """

    name: str
    version: int
    unit: str
    doc: str = ""
    dtype: Any = np.float64
    width: int = 1
    module: str = ""
    function: Measure | None = None

    def measure(self, function: Measure) -> Measure:
        """Decorator: the pure function from a picture to the figure. NaN means missing."""
        self.function = function
        self.module = function.__module__
        return function

    @property
    def key(self) -> str:
        """What a stored figure is filed under."""
        return f"{self.module}:{self.name}:{self.version}"
