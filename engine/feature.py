"""The contract of a feature: one figure measured on a decoded image."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tagmetry.cells import cells_of

WORKING_SIDE_PX: Final = 512
"""Longest side of the working image. Sharpness and hashes depend on it, so there is one size and one resampler."""

GENERATORS: Final = (
    "none",
    "stable-diffusion-webui",
    "comfyui",
    "invokeai",
    "fooocus",
    "novelai",
    "midjourney",
    "dall-e",
    "firefly",
    "content-credentials",
)
"""What the metadata of a picture can tell to have made it; the last is a signed statement that a model did."""

TILE_SIDE_PX: Final = 16
"""What is measured tile by tile, such as noise and sharpness, is measured on squares of this side."""

SMALL_BY: Final = 4
"""How many times smaller than the working image colours are looked at."""

# Levels to linear light (IEC 61966-2-1), linear light to cones and cones to opponents (Ottosson), transposed.
_LEVELS: Final = np.arange(256) / 255
_LINEAR: Final = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_CONES: Final = np.array(
    [
        [0.4122214708, 0.2119034982, 0.0883024619],
        [0.5363325363, 0.6806995451, 0.2817188376],
        [0.0514459929, 0.1073969566, 0.6299787005],
    ],
    dtype=np.float32,
)
_OPPONENTS: Final = np.array(
    [
        [0.2104542553, 1.9779984951, 0.0259040371],
        [0.7936177850, -2.4285922050, 0.7827717662],
        [-0.0040720468, 0.4505937099, -0.8086757660],
    ],
    dtype=np.float32,
)


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
    bit_depth: int = 8
    """Bits of a channel."""
    jpeg_quality: int = 0
    """What the quantization tables of a JPEG are like, 1 to 100; 0 for other formats."""
    colour_profile: str = "none"
    """The embedded one: `none`, `srgb`, `grey` or `other`."""
    generator: str = "none"
    """Of pictures, as its metadata give it away: one of `GENERATORS`. Never what they say."""


@dataclass(frozen=True, slots=True)
class LastStep:
    """What still brings a decoded picture to working size: `box` of it is resized to `size`, then turned upright.

    Sizes and box are in pixels as stored; `turn` is None for what is upright.
    """

    size: tuple[int, int]
    box: tuple[float, float, float, float]
    turn: Image.Transpose | None = None

    def taken(self, image: Image.Image) -> Image.Image:
        """The picture, in any mode whose pixels can be averaged, at working size and upright."""
        if image.size != self.size or self.box != (0, 0, *image.size):
            image = image.resize(self.size, Image.Resampling.BICUBIC, box=self.box)
        return image if self.turn is None else image.transpose(self.turn)

    def reduced(self, image: Image.Image, factor: int) -> Image.Image:
        """The same at a size that is smaller by a whole factor, each pixel an average."""
        small = image.reduce(factor)
        if image.size != self.size or self.box != (0, 0, *image.size):
            left, top, right, bottom = self.box
            size = (-(-self.size[0] // factor), -(-self.size[1] // factor))
            box = (left / factor, top / factor, right / factor, bottom / factor)
            small = small.resize(size, Image.Resampling.BICUBIC, box=box)
        return small if self.turn is None else small.transpose(self.turn)


@dataclass(slots=True)
class Picture:
    """A decoded image as features see it; each view is made once, when the first feature asks for it.

    `decoded` is RGB, alpha laid on white, from working size to twice as large; `last` brings it to working size
    (longest side at most `WORKING_SIDE_PX`) and turns it upright by EXIF, and is None where nothing is left to do.
    `lines` are some lines of the picture before it was shrunk at all, in mode L, and `lines_of_px` is its longest side
    then; None and 0 where there is no such thing.
    """

    header: Header
    decoded: Image.Image
    last: LastStep | None = None
    lines: Image.Image | None = None
    lines_of_px: int = 0
    _upright: Image.Image | None = field(default=None, init=False, repr=False)
    _grey: Image.Image | None = field(default=None, init=False, repr=False)
    _levels: NDArray[np.int64] | None = field(default=None, init=False, repr=False)
    _luminance: NDArray[np.float32] | None = field(default=None, init=False, repr=False)
    _laplacian: NDArray[np.float32] | None = field(default=None, init=False, repr=False)
    _grey32: NDArray[np.uint8] | None = field(default=None, init=False, repr=False)
    _small: Image.Image | None = field(default=None, init=False, repr=False)
    _laplacian_energy: NDArray[np.float32] | None = field(default=None, init=False, repr=False)
    _oklab: NDArray[np.float32] | None = field(default=None, init=False, repr=False)

    @property
    def upright(self) -> Image.Image:
        """Mode RGB at working size. What `grey` or `small` can tell costs a third of it."""
        if self._upright is None:
            self._upright = self.decoded if self.last is None else self.last.taken(self.decoded)
        return self._upright

    @property
    def grey(self) -> Image.Image:
        """Mode L at working size (ITU-R 601-2 luma, Pillow's convert)."""
        if self._grey is None:
            # Converted before it is resized: one channel to resize and not three.
            grey = self.decoded.convert("L")
            self._grey = grey if self.last is None else self.last.taken(grey)
        return self._grey

    @property
    def levels(self) -> NDArray[np.int64]:
        """Shape (256,): how many pixels of `grey` have each level."""
        if self._levels is None:
            self._levels = np.array(self.grey.histogram(), dtype=np.int64)
        return self._levels

    @property
    def luminance(self) -> NDArray[np.float32]:
        """Shape (height, width), grey levels 0 to 255."""
        if self._luminance is None:
            self._luminance = np.asarray(self.grey, dtype=np.float32)
        return self._luminance

    @property
    def laplacian(self) -> NDArray[np.float32]:
        """Shape (height - 2, width - 2): `grey` under the kernel of four neighbours, whole numbers to +-1020.

        Empty for pictures less than 3 pixels high or wide.
        """
        if self._laplacian is None:
            grey = np.asarray(self.grey).astype(np.int16)
            found = grey[:-2, 1:-1] + grey[2:, 1:-1]
            found += grey[1:-1, :-2]
            found += grey[1:-1, 2:]
            found -= 4 * grey[1:-1, 1:-1]
            self._laplacian = found.astype(np.float32)
        return self._laplacian

    @property
    def grey32(self) -> NDArray[np.uint8]:
        """Shape (32, 32), `grey` squeezed by LANCZOS: what a pHash is made of."""
        if self._grey32 is None:
            self._grey32 = cells_of(self.grey, across=32, down=32)
        return self._grey32

    @property
    def small(self) -> Image.Image:
        """Mode RGB, at a quarter of working size: enough for colours, at a tenth of the cost."""
        if self._small is None:
            last = self.last
            self._small = self.decoded.reduce(SMALL_BY) if last is None else last.reduced(self.decoded, SMALL_BY)
        return self._small

    @property
    def laplacian_energy(self) -> NDArray[np.float32]:
        """Shape (rows, columns) of whole tiles of `TILE_SIDE_PX` from the upper left: the mean square of `laplacian`.

        A picture that is narrower than a tile has tiles of its own width. For pictures of at least 3 pixels a side.
        """
        if self._laplacian_energy is None:
            laplacian = self.laplacian
            high, wide = (min(TILE_SIDE_PX, side) for side in laplacian.shape)
            rows, columns = laplacian.shape[0] // high, laplacian.shape[1] // wide
            lines = laplacian[: rows * high].reshape(rows, high, -1)
            bands = np.einsum("ijk,ijk->ik", lines, lines)[:, : columns * wide]
            self._laplacian_energy = bands.reshape(rows, columns, wide).sum(axis=2) / (high * wide)
        return self._laplacian_energy

    @property
    def oklab(self) -> NDArray[np.float32]:
        """Shape (height, width, 3) of `small` averaged once more by two: the colours in Oklab.

        Lightness from 0 to 1, then green to red and blue to yellow, each within about 0.4 (Ottosson, "A perceptual
        color space for image processing", 2020).
        """
        if self._oklab is None:
            tiny = np.asarray(self.small.reduce(2))
            self._oklab = np.cbrt(_LINEAR[tiny] @ _CONES) @ _OPPONENTS
        return self._oklab


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
