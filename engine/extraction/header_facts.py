"""What a picture's headers tell beside its size: depth, compression, colour profile, and whether a generator made it.

Of metadata only the kind is told, never a text, a name or a place in it.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, TiffImagePlugin

_PNG_DEPTH_AT: Final = 24
_DEEP_MODES: Final = {"1": 1, "I": 32, "F": 32}


def bit_depth(data: bytes, content: str, mode: str) -> int:
    """Bits of a channel, as stored; for palettes those of the palette's colours.

    `mode` is Pillow's, which tells nothing of depth where the decoder reduces it to eight bits.
    """
    if mode.startswith("I;16"):
        return 16
    if content == "PNG":
        # Fewer than eight bits belong to palettes and greys, and say nothing but how they were packed.
        return 1 if mode == "1" else max(8, data[_PNG_DEPTH_AT])
    if content == "AVIF":
        at = data.find(b"av1C", 0, 4096)
        flags = data[at + 6] if 0 <= at < len(data) - 6 else 0
        return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    return _DEEP_MODES.get(mode, 8)


# ITU-T T.81, table K.1: the luminance table that the Independent JPEG Group's library scales by quality.
_K1: Final = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
).ravel()


def _scaled_tables() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Shape (100, 64): the tables of qualities 1 to 100."""
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    tables: np.ndarray[tuple[int, int], np.dtype[np.float64]] = np.clip(
        (_K1[None, :] * scale[:, None] + 50) // 100, 1, 255
    ).astype(np.float64)
    return tables


_LOG_TABLES: Final = np.log(_scaled_tables())


def jpeg_quality(tables: Mapping[int, Sequence[int]] | None) -> int:
    """The quality of the Independent JPEG Group's library whose table is nearest to the first of `tables`.

    Exact for pictures that this library wrote; for the tables of cameras and other programs the nearest in ratio. The
    last compression counts: a picture saved at 30 and again at 95 has 95. 0 without tables.
    """
    first = (tables or {}).get(0)
    if first is None or len(first) != _K1.size:
        return 0
    steps = np.log(np.maximum(1, np.array(first, dtype=np.float64)))
    return int(np.abs(_LOG_TABLES - steps).sum(axis=1).argmin()) + 1


_SRGB_PRIMARIES: Final = np.array([[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]])
"""Of red, green and blue of IEC 61966-2-1, adapted to D50 as profiles hold them."""
_SAME_PRIMARY: Final = 0.01
_SRGB_NAME: Final = re.compile(rb"sRGB|s\x00R\x00G\x00B", re.IGNORECASE)
_MOST_TAGS: Final = 100


def kind_of_profile(profile: object) -> str:
    """`srgb` for a colour profile with the primaries or the name of sRGB, `grey`, `other`, or `none`."""
    if not isinstance(profile, bytes) or len(profile) < 132:
        return "none"
    if profile[16:20] == b"GRAY":
        return "grey"
    if profile[16:20] != b"RGB ":
        return "other"
    found = [_xyz(profile, tag) for tag in (b"rXYZ", b"gXYZ", b"bXYZ")]
    if all(found):
        return "srgb" if np.abs(np.array(found) - _SRGB_PRIMARIES).max() < _SAME_PRIMARY else _by_name(profile)
    return _by_name(profile)


def _by_name(profile: bytes) -> str:
    return "srgb" if _SRGB_NAME.search(profile, 128, 4096) else "other"


def _xyz(profile: bytes, tag: bytes) -> tuple[float, ...]:
    """The three numbers of a tag, none where it is missing or damaged."""
    (n,) = struct.unpack_from(">I", profile, 128)
    for at in range(132, 132 + 12 * min(n, _MOST_TAGS), 12):
        if profile[at : at + 4] == tag and at + 12 <= len(profile):
            start = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
            if start + 12 <= len(profile):
                return tuple(number / 65536 for number in struct.unpack_from(">3i", profile, start))
    return ()


_BY_KEY: Final = (
    ("invokeai_metadata", "invokeai"),
    ("invokeai_graph", "invokeai"),
    ("sd-metadata", "invokeai"),
    ("Dream", "invokeai"),
    ("fooocus_scheme", "fooocus"),
    ("parameters", "stable-diffusion-webui"),
    ("workflow", "comfyui"),
)
"""Names of PNG texts that only generators write."""

_BY_WORD: Final = (
    (re.compile(rb"comfyui|comfy ui"), "comfyui"),
    (re.compile(rb"novelai"), "novelai"),
    (re.compile(rb"invokeai"), "invokeai"),
    (re.compile(rb"fooocus"), "fooocus"),
    (re.compile(rb"midjourney"), "midjourney"),
    (re.compile(rb"dall[-\xb7 ]?e\b|dall\xc2\xb7e"), "dall-e"),
    (re.compile(rb"adobe firefly"), "firefly"),
    (re.compile(rb"steps: \d+, ?(?:sampler|cfg scale|size|seed)|negative prompt: "), "stable-diffusion-webui"),
    (re.compile(rb"stable[ -]?diffusion|automatic1111"), "stable-diffusion-webui"),
    (re.compile(rb'"class_type" ?: ?"|"ksampler'), "comfyui"),
)
"""What generators write into EXIF, comments and texts of any name, in small letters."""

_GENERATED: Final = re.compile(rb"digitalsourcetype/trainedalgorithmicmedia")
"""IPTC's word for a picture made by a model, in XMP and in C2PA manifests. Cameras sign with C2PA too, without it."""

_READ_BYTES: Final = 1 << 16
_SPOKEN_KEYS: Final = ("Software", "Description", "Comment", "Title", "Source", "comment")


def generator_of(image: Image.Image, data: bytes) -> str:
    """The generator that a loaded picture's metadata tell of, or `none`. Reads PNG texts, EXIF, XMP and C2PA."""
    info = image.info
    if image.format == "PNG":
        for key, kind in _BY_KEY:
            if isinstance(info.get(key), str) and info[key]:
                return kind
        if "prompt" in info and '"class_type"' in str(info["prompt"])[:_READ_BYTES]:
            return "comfyui"
    for text in _texts(image, info):
        for pattern, kind in _BY_WORD:
            if pattern.search(text):
                return kind
    return (
        "content-credentials" if any(_GENERATED.search(block) for block in _credentials(image, info, data)) else "none"
    )


def _texts(image: Image.Image, info: Mapping[Any, Any]) -> Iterator[bytes]:
    """Texts in small letters; of two bytes a letter the one that is not zero."""
    exif = info.get("exif")
    if isinstance(exif, bytes):
        yield exif[:_READ_BYTES].replace(b"\x00", b"").lower()
    for key in _SPOKEN_KEYS:
        said = info.get(key)
        if isinstance(said, str | bytes):
            yield (said.encode("utf-8", "replace") if isinstance(said, str) else said)[:_READ_BYTES].lower()
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        yield str(image.tag_v2.get(305, ""))[:_READ_BYTES].encode("utf-8", "replace").lower()


def _credentials(image: Image.Image, info: Mapping[Any, Any], data: bytes) -> Iterator[bytes]:
    for key in ("xmp", "XML:com.adobe.xmp"):
        said = info.get(key)
        if isinstance(said, str | bytes):
            yield (said.encode("utf-8", "replace") if isinstance(said, str) else said).lower()
    for name, block in getattr(image, "applist", ()):
        if name == "APP11":
            yield block.lower()
    for chunk in getattr(image, "private_chunks", ()):
        if chunk[0] == b"caBX":
            yield chunk[1].lower()
    if image.format == "WEBP":
        at = data.rfind(b"C2PA", max(0, len(data) - 16 * _READ_BYTES))
        if at > 0:
            yield data[at:].lower()
