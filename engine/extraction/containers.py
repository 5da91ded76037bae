"""What a picture file's structure tells without a decoder: its size, frames, metadata, and whether it ends early.

The walks trust no length field, and count every piece that does not bring them forward as metadata, so that a file
of millions of empty pieces ends them. They judge cost, not validity: what they cannot follow is left to the decoder.
"""

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEAST_PIECE_BYTES: Final = 1024
"""What a piece of metadata counts at least: each is an object once it is read, and thousands of them are a trick."""


@dataclass(slots=True)
class Structure:
    """`size` is (width, height) as stored, None where the structure does not say. Frames are counted up to a limit."""

    size: tuple[int, int] | None = None
    frames: int = 1
    metadata_bytes: int = 0
    ends_early: bool = False

    def add_metadata(self, size: int) -> None:
        self.metadata_bytes += max(size, LEAST_PIECE_BYTES)


def structure_of(data: bytes, content: str, *, most_frames: int, most_metadata: int) -> Structure:
    """The structure of a file of an allowed format. Walks stop once a count is over its limit."""
    walk = _WALKS.get(content)
    found = Structure()
    if walk is not None:
        walk(_Walk(data, found, most_frames, most_metadata))
    return found


@dataclass(slots=True)
class _Walk:
    data: bytes
    found: Structure
    most_frames: int
    most_metadata: int

    @property
    def enough(self) -> bool:
        """A limit is passed, so the rest no longer matters."""
        return self.found.frames > self.most_frames or self.found.metadata_bytes > self.most_metadata

    def u16(self, at: int) -> int:
        """Big-endian; 0 beyond the end, as for the other numbers."""
        return int.from_bytes(self.data[at : at + 2], "big")

    def u32(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 4], "big")

    def u16le(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 2], "little")

    def u24le(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 3], "little")

    def u32le(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 4], "little")


_JPEG_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def _jpeg(walk: _Walk) -> None:
    """Segments up to the first scan. A JPEG with further pictures behind it (MPO) counts as one frame."""
    data, found, at = walk.data, walk.found, 2
    while at + 4 <= len(data) and not walk.enough:
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF or marker in _JPEG_WITHOUT_LENGTH:
            found.add_metadata(0)
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (0xD9, 0xDA):
            return
        length = walk.u16(at + 2)
        if marker in _JPEG_FRAME_MARKERS and found.size is None and at + 9 <= len(data):
            found.size = (walk.u16(at + 7), walk.u16(at + 5))
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            found.add_metadata(length)
        at += 2 + max(length, 2)
    found.ends_early = not walk.enough


_PNG_PICTURE_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
_PNG_LEAST_PICTURE_CHUNK: Final = 64


def _png(walk: _Walk) -> None:
    data, found, at = walk.data, walk.found, 8
    while at + 8 <= len(data) and not walk.enough:
        length, kind = walk.u32(at), data[at + 4 : at + 8]
        if kind == b"IEND":
            return
        if kind == b"IHDR" and found.size is None:
            found.size = (walk.u32(at + 8), walk.u32(at + 12))
        elif kind == b"acTL":
            found.frames = max(found.frames, walk.u32(at + 8))
            found.add_metadata(0)
        elif kind not in _PNG_PICTURE_CHUNKS or length < _PNG_LEAST_PICTURE_CHUNK:
            found.add_metadata(length)
        at += 12 + length
    found.ends_early = not walk.enough


def _webp(walk: _Walk) -> None:
    data, found, at = walk.data, walk.found, 12
    end = min(len(data), 8 + walk.u32le(4))
    found.ends_early = len(data) < 8 + walk.u32le(4)
    found.size = _webp_size(walk)
    frames = 0
    while at + 8 <= end and not walk.enough:
        kind, length = data[at : at + 4], walk.u32le(at + 4)
        if kind == b"ANMF":
            frames += 1
            found.frames = max(1, frames)
        elif kind not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM") or not length:
            found.add_metadata(length)
        at += 8 + length + length % 2


def _webp_size(walk: _Walk) -> tuple[int, int] | None:
    """The canvas. Pillow's decoder reserves memory for it when it opens a file, before a size can be asked for."""
    data = walk.data
    kind = data[12:16]
    if kind == b"VP8X":
        return walk.u24le(24) + 1, walk.u24le(27) + 1
    if kind == b"VP8L" and data[20:21] == b"\x2f":
        bits = walk.u32le(21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return walk.u16le(26) & 0x3FFF, walk.u16le(28) & 0x3FFF
    return None


_GIF_BLOCK: Final = re.compile(rb"[!,;]")


def _gif(walk: _Walk) -> None:
    data, found = walk.data, walk.found
    found.size = (walk.u16le(6), walk.u16le(8))
    at = 13 + _colour_table_bytes(data[10:11])
    frames = 0
    while at < len(data) and not walk.enough:
        introducer = data[at]
        if introducer == 0x3B:
            return
        if introducer == 0x2C:
            frames += 1
            found.frames = frames
            # The code size of the pixels stands between the descriptor and their blocks.
            at = _after_blocks(data, at + 11 + _colour_table_bytes(data[at + 9 : at + 10]))
        elif introducer == 0x21:
            behind = _after_blocks(data, at + 2)
            # Graphic control extensions belong to their frame; comments and applications are metadata.
            if data[at + 1 : at + 2] != b"\xf9":
                found.add_metadata(behind - at)
            at = behind
        else:
            # Decoders skip what is no block.
            block = _GIF_BLOCK.search(data, at)
            at = block.start() if block else len(data)
    found.ends_early = not walk.enough


def _colour_table_bytes(flags: bytes) -> int:
    if not flags or not flags[0] & 0x80:
        return 0
    return int(3 * 2 ** ((flags[0] & 7) + 1))


def _after_blocks(data: bytes, at: int) -> int:
    end = len(data)
    while at < end and data[at]:
        at += 1 + data[at]
    return at + 1


def _bmp(walk: _Walk) -> None:
    if walk.u32le(14) == 12:
        walk.found.size = (walk.u16le(18), walk.u16le(20))
        return
    # A negative height says that the rows run from the top.
    height = walk.u32le(22)
    walk.found.size = (walk.u32le(18), 2**32 - height if height >= 2**31 else height)


_TIFF_VALUE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_TIFF_WHOLE_NUMBERS: Final = {3: "u2", 4: "u4", 16: "u8"}
_TIFF_SUBFILE, _TIFF_WIDTH, _TIFF_HEIGHT = 254, 256, 257
_TIFF_PIXELS: Final = ((273, 279), (324, 325))
"""Where strips and tiles lie and how long they are."""
_TIFF_READ: Final = frozenset(
    {_TIFF_SUBFILE, _TIFF_WIDTH, _TIFF_HEIGHT, *(tag for pair in _TIFF_PIXELS for tag in pair)}
)
_TIFF_REDUCED_OR_MASK: Final = 0b101


@dataclass(frozen=True, slots=True)
class _TiffForm:
    """The two ways of writing a TIFF: classic and big, in either byte order."""

    order: str
    count: struct.Struct
    entry: struct.Struct
    offset: struct.Struct

    @staticmethod
    def of(data: bytes) -> "_TiffForm":
        order = "<" if data[:2] == b"II" else ">"
        forms = ("Q", "HHQ8s", "Q") if data[2:4] in (b"+\x00", b"\x00+") else ("H", "HHI4s", "I")
        count, entry, offset = (struct.Struct(order + form) for form in forms)
        return _TiffForm(order, count, entry, offset)


def _tiff(walk: _Walk) -> None:
    """The chain of directories. Reduced copies and masks are no frames of their own."""
    data, found = walk.data, walk.found
    form = _TiffForm.of(data)
    at = _number(form.offset, data, form.offset.size)
    seen: set[int] = set()
    frames = 0
    while at and at not in seen and not walk.enough:
        seen.add(at)
        n = _number(form.count, data, at)
        last = at + form.count.size + n * form.entry.size
        if last > len(data):
            found.ends_early = True
            return
        found.add_metadata(n * form.entry.size)
        values = _tiff_directory(walk, form, data[at + form.count.size : last])
        first = frames == 0
        if first or not _first(values, _TIFF_SUBFILE) & _TIFF_REDUCED_OR_MASK:
            frames += 1
            found.frames = frames
        if first:
            if _TIFF_WIDTH in values and _TIFF_HEIGHT in values:
                found.size = (_first(values, _TIFF_WIDTH), _first(values, _TIFF_HEIGHT))
            found.ends_early = any(_reaches_beyond(values, pair, len(data)) for pair in _TIFF_PIXELS)
        at = _number(form.offset, data, last)


def _tiff_directory(walk: _Walk, form: _TiffForm, entries: bytes) -> dict[int, NDArray[Any]]:
    """The values of the tags that matter here; the size of all others is counted as metadata."""
    values: dict[int, NDArray[Any]] = {}
    for tag, kind, n, inline in form.entry.iter_unpack(entries):
        size = n * _TIFF_VALUE_BYTES.get(kind, 1)
        if tag not in _TIFF_READ:
            walk.found.add_metadata(size if size > len(inline) else 0)
        elif kind in _TIFF_WHOLE_NUMBERS:
            where = _number(form.offset, inline, 0)
            raw = inline[:size] if size <= len(inline) else walk.data[where : where + size]
            if raw and len(raw) == size:
                values[tag] = np.frombuffer(raw, dtype=form.order + _TIFF_WHOLE_NUMBERS[kind])
    return values


def _first(values: Mapping[int, NDArray[Any]], tag: int) -> int:
    return int(values[tag][0]) if tag in values else 0


def _reaches_beyond(values: Mapping[int, NDArray[Any]], tags: tuple[int, int], end: int) -> bool:
    starts, lengths = values.get(tags[0]), values.get(tags[1])
    if starts is None or lengths is None or len(starts) != len(lengths):
        return False
    return bool((starts.astype(np.float64) + lengths.astype(np.float64) > end).any())


def _number(form: struct.Struct, data: bytes, at: int) -> int:
    """One number, 0 beyond the end."""
    if at + form.size > len(data):
        return 0
    return int(form.unpack_from(data, at)[0])


_WALKS: Final[Mapping[str, Callable[[_Walk], None]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "BMP": _bmp,
    "TIFF": _tiff,
}
