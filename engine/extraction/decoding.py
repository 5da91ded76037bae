"""From bytes to an upright RGB picture, with limits decided from the header.

The one conversion that all features see, in this order:

1. JPEGs are decoded at the smallest of full, half, quarter and eighth size that is not below the wanted one.
2. 16-bit grey is divided by 257; 32-bit and floating-point grey is stretched from its least to its largest value.
   Palettes become RGB, or RGBA if the palette has transparency.
3. The picture is shrunk by whole factors with a box, never below the wanted size. One with transparency goes all the
   way at once, weighted by it.
4. Other colour spaces become RGB, without looking at embedded profiles (as trainers do); transparency is laid on white.
5. What is left to the wanted size is done with a bicubic filter, and the picture is turned upright by its EXIF
   orientation. This step is left to whoever needs it, for one channel or for three.

Of several frames or pages the first is used.
"""

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from tagmetry.extraction.containers import Structure, structure_of
from tagmetry.extraction.header_facts import bit_depth, generator_of, jpeg_quality, kind_of_profile
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.records import Refused, refused
from tagmetry.extraction.sniffing import ALLOWED, describe
from tagmetry.feature import Header, LastStep
from tagmetry.messages import cut, visible

# Imported for their registration: for a format that is not registered Pillow would load every decoder it has.
DECODERS: Final = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

Claim = Callable[[int], None]
"""Called with the number of pixels before they are decoded; returns when there is room for them."""

REASON_SHOWN: Final = 160
"""Characters of a decoder's own words that are kept."""

_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE: Final = (5, 6, 7, 8)
_WEIGHTED: Final[Mapping[str, str]] = {"LA": "La", "RGBA": "RGBa"}
_STRIP_ROWS: Final = 256
_LINES: Final = 32


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture in RGB, decoded and shrunk by whole factors, and what brings it upright to the wanted size.

    `lines` and `lines_of_px` are those of `Picture`.
    """

    header: Header
    picture: Image.Image
    last: LastStep
    lines: Image.Image | None = None
    lines_of_px: int = 0

    @property
    def upright(self) -> Image.Image:
        """RGB, upright by EXIF, at most as large as asked for."""
        return self.last.taken(self.picture)


@dataclass(frozen=True, slots=True)
class _Wish:
    limits: Limits
    side_px: int | None
    to_srgb: bool
    claim: Claim


def no_claim(pixels: int) -> None:
    """For a single reader, who has all the room."""


def decoded(
    data: bytes,
    *,
    limits: Limits,
    side_px: int | None,
    suffix: str = "",
    to_srgb: bool = False,
    claim: Claim = no_claim,
) -> Decoded:
    """Decode a file's bytes so that the longest side is at most `side_px`, or at full size for None.

    `to_srgb` applies an embedded colour profile where that works. Raises Refused for everything that is no readable
    picture within the limits, and MemoryError.
    """
    content = describe(data, suffix)
    if content.verdict == "no-image":
        raise refused("unreadable", "not-an-image", looks_like=content.name)
    if content.verdict == "not-allowed":
        raise refused("format", "not-allowed", content=content.name, allowed=ALLOWED)
    if not _has_decoder(content.name):
        raise refused("format", "no-decoder", lasting=False, content=content.name)
    structure = structure_of(
        data, content.name, most_frames=limits.max_claimed_frames, most_metadata=limits.max_metadata_bytes
    )
    _check_structure(structure, limits)
    with _decoder_settings():
        try:
            return _decoded(data, content.name, structure, _Wish(limits, side_px, to_srgb, claim))
        except (Refused, MemoryError):
            raise
        except Exception as error:
            # Decoders raise whatever a damaged file makes them stumble over.
            raise _unreadable(error, structure, data) from error


def _has_decoder(name: str) -> bool:
    return name not in ("WEBP", "AVIF") or bool(features.check(name.lower()))


def _check_structure(structure: Structure, limits: Limits) -> None:
    if structure.size is not None:
        check_size(structure.size, limits)
    if structure.metadata_bytes > limits.max_metadata_bytes:
        raise refused("oversized", "metadata-bomb", lasting=False, limit=limits.max_metadata_bytes)
    if structure.frames > limits.max_claimed_frames:
        raise refused("oversized", "too-many-frames", lasting=False, limit=limits.max_claimed_frames)


def check_size(size: tuple[int, int], limits: Limits) -> None:
    """Raises Refused for a picture without area or with more pixels than the limit."""
    width, height = size
    if width < 1 or height < 1:
        raise refused("unreadable", "invalid-size", width=width, height=height)
    if width * height > limits.max_pixels:
        raise refused(
            "oversized",
            "too-many-pixels",
            lasting=False,
            width=width,
            height=height,
            pixels=width * height,
            limit=limits.max_pixels,
        )


@contextmanager
def _decoder_settings() -> Iterator[None]:
    """Pillow's switches as measuring needs them; they are put back, since the process may be somebody else's."""
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _opened(data: bytes, limits: Limits) -> ImageFile.ImageFile:
    # Opening reads the header only. Pillow's own check would refuse without telling the size that a finding names.
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(BytesIO(data), formats=ALLOWED)
    check_size(image.size, limits)
    # What decoders check on their own during the decode is held to the same limit.
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    return image


def _decoded(data: bytes, content: str, structure: Structure, wish: "_Wish") -> Decoded:
    limits = wish.limits
    with _opened(data, limits) as image:
        mode, has_alpha, full = image.mode, image.has_transparency_data, image.size
        tiff_turn = _tiff_orientation(image)
        frames = max(structure.frames, int(getattr(image, "n_frames", 1)) if content == "AVIF" else 1)
        wanted = full if wish.side_px is None else _fitting(full, wish.side_px)
        if wanted != full:
            image.draft(None, wanted)
        # Progressive JPEGs keep the coefficients of the whole picture whatever size comes out.
        wish.claim(full[0] * full[1] if image.info.get("progressive") else image.width * image.height)
        image.load()
        turn = _exif_orientation(image)
        # Pillow turns TIFFs when it loads them, and tells the size of the turned picture before.
        stored = full[::-1] if tiff_turn in _ON_ITS_SIDE else full
        header = Header(
            format=content,
            mode=mode,
            width=stored[0],
            height=stored[1],
            frames=min(frames, limits.max_frames),
            has_alpha=has_alpha,
            exif_orientation=tiff_turn or turn,
            size_bytes=len(data),
            bit_depth=bit_depth(data, content, mode),
            jpeg_quality=jpeg_quality(getattr(image, "quantization", None)),
            colour_profile=kind_of_profile(image.info.get("icc_profile")),
            generator=generator_of(image, data),
        )
        profile = image.info.get("icc_profile") if wish.to_srgb else None
        source = _averageable(image)
        lines = _lines(source) if wish.side_px is not None else None
        picture, last = _shrunk(source, wanted, turn)
        picture = _rgb(picture, profile if isinstance(profile, bytes) else b"")
    return Decoded(header, picture, last, lines, 0 if lines is None else max(source.size))


def _lines(image: Image.Image) -> Image.Image | None:
    """Lines from all over the picture, grey; None for the modes whose levels depend on the whole picture."""
    if image.mode in ("I", "F"):
        return None
    return _rgb(image.resize((image.width, min(_LINES, image.height)), Image.Resampling.NEAREST), b"").convert("L")


def _tiff_orientation(image: Image.Image) -> int:
    """The orientation that a TIFF has before it is loaded, 0 for other formats."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0
    return _valid_orientation(image.tag_v2.get(ExifTags.Base.Orientation))


def _exif_orientation(image: Image.Image) -> int:
    """Asked for after the decode: in a PNG the EXIF may follow the pixels, and asking decodes it."""
    try:
        return _valid_orientation(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # noqa: BLE001 - damaged metadata; the pixels are there
        return 1


def _valid_orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _fitting(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    """The size with the longest side at most `side_px`, in proportion."""
    width, height = size
    longest = max(size)
    if longest <= side_px:
        return size
    return max(1, round(width * side_px / longest)), max(1, round(height * side_px / longest))


def _averageable(image: Image.Image) -> Image.Image:
    """The picture in a mode whose neighbouring pixels can be averaged."""
    mode = image.mode
    if mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    if mode == "F" and not np.isfinite(np.asarray(image)).all():
        raise refused("unreadable", "non-finite")
    if mode in ("1", "L"):
        return image.convert("LA" if image.has_transparency_data else "L")
    if mode in ("P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if mode == "RGB" and image.has_transparency_data:
        return image.convert("RGBA")
    return image


def _shrunk(image: Image.Image, size: tuple[int, int], turn: int) -> tuple[Image.Image, LastStep]:
    """The picture averaged over whole factors, and the step that is left to the size.

    A box over whole factors first: three times as fast as the filter alone on a photograph of 4 Mpx.
    """
    factors = (max(1, image.width // size[0]), max(1, image.height // size[1]))
    box = (0.0, 0.0, image.width / factors[0], image.height / factors[1])
    last = LastStep(size, box, _UPRIGHT.get(turn))
    weighted = _WEIGHTED.get(image.mode)
    if weighted is not None and image.size != size:
        # Colours under full transparency must not bleed into what is seen, so these go all the way here.
        source = image.convert(weighted)
        source = source.reduce(factors) if factors != (1, 1) else source
        small = source.resize(size, Image.Resampling.BICUBIC, box=box).convert(image.mode)
        return small, LastStep(size, (0.0, 0.0, float(size[0]), float(size[1])), last.turn)
    return image.reduce(factors) if factors != (1, 1) else image, last


def _rgb(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode in ("I", "F"):
        image = _stretched(image)
    if image.mode in ("LA", "RGBA", "La", "RGBa"):
        straight = image.convert("RGBA")
        coloured = _in_srgb(straight.convert("RGB"), profile)
        white = Image.new("RGB", image.size, (255, 255, 255))
        white.paste(coloured, mask=straight.getchannel("A"))
        return white
    return _in_srgb(image, profile).convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Mode L from numbers of unknown range: the least becomes black, the largest white; a flat picture is black."""
    values = np.asarray(image)
    low, high = float(values.min()), float(values.max())
    if low == high:
        return Image.new("L", image.size, 0)
    levels = np.empty(values.shape, dtype=np.uint8)
    # In double precision, for which a large picture at once takes too much memory.
    for top in range(0, len(values), _STRIP_ROWS):
        strip = values[top : top + _STRIP_ROWS].astype(np.float64)
        levels[top : top + _STRIP_ROWS] = np.rint((strip - low) * (255 / (high - low)))
    return Image.fromarray(levels)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB if its profile can be applied, else as it is."""
    if not profile or image.mode not in ("L", "RGB", "CMYK"):
        return image
    # Loaded only for thumbnails: it starts another library.
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        turned = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return turned if turned is not None else image


_OBJECT = re.compile(r" ?<_io\.BytesIO object at 0x[0-9A-Fa-f]+>")


def _unreadable(error: Exception, structure: Structure, data: bytes) -> Refused:
    words = str(error).strip().split("\n")[0] or type(error).__name__
    if "out of memory" in words.lower():
        # What Pillow makes of its decoders' own failure to get memory.
        raise MemoryError from error
    # The object's address differs from run to run.
    reason = cut(visible(_OBJECT.sub("", words)), REASON_SHOWN)
    if isinstance(error, ValueError) and "MAX_TEXT" in words:
        in_all = "MAX_TEXT_MEMORY" in words
        limit = PngImagePlugin.MAX_TEXT_MEMORY if in_all else PngImagePlugin.MAX_TEXT_CHUNK
        return refused("oversized", "metadata-bomb", lasting=False, limit=limit)
    if structure.ends_early or isinstance(error, EOFError) or "truncated" in words.lower():
        return refused("unreadable", "truncated", size=len(data))
    return refused("unreadable", "corrupt", reason=reason)
