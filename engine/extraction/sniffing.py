"""What a file's first bytes look like, so that a finding can name the content and no foreign decoder is tried."""

import re
from dataclasses import dataclass
from typing import Final, Literal

ALLOWED: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""The formats that are decoded, by Pillow's names: those whose decoders are hardened and that trainers read."""

PREFIX_BYTES: Final = 4096
"""How many first bytes `describe` looks at."""

_SHOWN_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Content:
    """What the first bytes show: an allowed format, a picture or document in another one, or no picture.

    `name` is Pillow's name for allowed formats and the usual name for others; for unknown content it is the first
    bytes in hex.
    """

    name: str
    verdict: Literal["allowed", "not-allowed", "no-image"]


def describe(first: bytes, suffix: str = "") -> Content:
    """The content that begins with these bytes (`PREFIX_BYTES` are enough).

    `suffix` (with dot) only matters for TGA, which has no mark of its own. Of pictures with several frames or
    layers only the container is told.
    """
    first = first[:PREFIX_BYTES]
    name = _allowed(first)
    if name:
        return Content(name, "allowed")
    # TGA goes first: its header of zeros and a two is also the mark of Windows' cursors.
    if suffix.lower() == ".tga" and _may_be_tga(first):
        return Content("TGA", "not-allowed")
    name = _by_mark(first, _OTHER_PICTURES) or _boxed(first)
    if name or re.match(rb"P[1-7]\s+[#\d]|P[fF]\s+\d", first):
        return Content(name or "PPM", "not-allowed")
    name = _by_mark(first, _NO_PICTURES) or _riff(first)
    if name:
        return Content(name, "no-image")
    text = _as_text(first)
    if text is not None:
        name = _kind_of_text(text)
        return Content(name, "not-allowed" if name in ("SVG", "XPM") else "no-image")
    return Content(first[:_SHOWN_BYTES].hex(" "), "no-image")


def _allowed(first: bytes) -> str:
    if first.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    # The rest of PNG's mark is there to be damaged by bad transfers; such a file is a damaged PNG.
    if first.startswith(b"\x89PNG"):
        return "PNG"
    if first.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "WEBP"
    if first.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "" if first[8:10] == b"CR" else "TIFF"
    if first.startswith(b"BM") and _as_text(first) is None:
        return "BMP"
    return "AVIF" if _brands(first) & {b"avif", b"avis"} else ""


def _brands(first: bytes) -> set[bytes]:
    """The major and compatible brands of an ISO base media file; empty for other content."""
    if first[4:8] != b"ftyp":
        return set()
    length = int.from_bytes(first[:4], "big")
    compatible = first[16 : min(length, 512)]
    return {first[8:12], *(compatible[at : at + 4] for at in range(0, len(compatible), 4))}


def _boxed(first: bytes) -> str:
    brands = _brands(first)
    if not brands:
        return ""
    if brands & {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}:
        return "HEIC"
    if b"crx " in brands:
        return "CR3"
    return "QuickTime" if b"qt  " in brands else "MP4"


_OTHER_PICTURES: Final = (
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "PSD"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\x00\x00\x02\x00", "CUR"),
    (b"icns", "ICNS"),
    (b"DDS ", "DDS"),
    (b"\x76\x2f\x31\x01", "EXR"),
    (b"#?RADIANCE", "HDR"),
    (b"#?RGBE", "HDR"),
    (b"qoif", "QOI"),
    (b"SIMPLE  =", "FITS"),
    (b"\xd7\xcd\xc6\x9a", "WMF"),
    (b"gimp xcf", "XCF"),
    (b"CSFCHUNK", "Clip Studio"),
    (b"FUJIFILMCCD-RAW", "RAF"),
    (b"IIU\x00", "RW2"),
    (b"IIRO", "ORF"),
    (b"II*\x00\x10\x00\x00\x00CR", "CR2"),
    (b"AT&TFORM", "DjVu"),
    (b"\x1aE\xdf\xa3", "WebM"),
)

_NO_PICTURES: Final = (
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"\x93NUMPY", "NumPy"),
)


def _by_mark(first: bytes, marks: tuple[tuple[bytes, str], ...]) -> str:
    for mark, name in marks:
        if first.startswith(mark) and (len(mark) > 3 or _as_text(first) is None):
            return name
    return ""


def _riff(first: bytes) -> str:
    if first[:4] != b"RIFF":
        return ""
    return {b"WAVE": "WAV", b"AVI ": "AVI"}.get(first[8:12], "RIFF")


def _as_text(first: bytes) -> str | None:
    """The bytes as text if they are plain text in UTF-8 or UTF-16 with a byte order mark."""
    encoding = "utf-16" if first.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for cut_off in range(4):
        # A character may be cut in the middle where the prefix ends.
        try:
            text = first[: len(first) - cut_off].decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text
    return None


_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _kind_of_text(text: str) -> str:
    start = text.lstrip().lower()
    if start.startswith("version https://git-lfs"):
        # What a clone holds in place of the file until `git lfs pull` fetches it.
        return "Git LFS"
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in start):
        return "SVG"
    if start.startswith(("<!doctype html", "<html", "<head", "<body")) or "<html" in start[:1024]:
        return "HTML"
    if start.startswith("<?xml"):
        return "XML"
    if start.startswith("/* xpm"):
        return "XPM"
    if re.match(r'[\[{]\s*["\[{\]}\d]', start):
        return "JSON"
    return "plain text"


def _may_be_tga(first: bytes) -> bool:
    return len(first) >= 18 and first[1] in (0, 1) and first[2] in (1, 2, 3, 9, 10, 11)
