"""The faults of the sample dataset: what is wrong, where, and which rule should say so.

Everything else in the dataset is as it should be, so that each finding on it can be traced to one line here.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

LUMI: Final = "train/10_lumi girl"
TEAPOT: Final = "train/4_kokeware teapot"


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """One fault. `paths` are relative to the dataset's root; a folder stands for its whole concept."""

    rule: str
    paths: tuple[str, ...]
    text: str
    """What is wrong, in English."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A near-duplicate of another picture."""

    path: str
    of: str
    change: Callable[[Image.Image], Image.Image]
    quality: int


def _resized(factor: float) -> Callable[[Image.Image], Image.Image]:
    def change(image: Image.Image) -> Image.Image:
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        return image.resize(size, Image.Resampling.LANCZOS)

    return change


def _grey(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image).convert("RGB")


def _brighter(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.08)


def _flatter(image: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(0.92)


def _fewer_colours(image: Image.Image) -> Image.Image:
    return image.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")


def _same(image: Image.Image) -> Image.Image:
    return image


COPIES: Final = (
    Copy(f"{LUMI}/lumi-27.jpg", f"{LUMI}/lumi-01.png", _same, 60),
    Copy(f"{LUMI}/lumi-28.jpg", f"{LUMI}/lumi-01.png", _resized(0.75), 88),
    Copy(f"{LUMI}/lumi-29.webp", f"{LUMI}/lumi-01.png", _resized(0.9), 70),
    Copy(f"{LUMI}/lumi-30.png", f"{LUMI}/lumi-01.png", _grey, 0),
    Copy(f"{LUMI}/lumi-31.jpg", f"{LUMI}/lumi-01.png", _brighter, 90),
    Copy(f"{LUMI}/lumi-32.jpg", f"{LUMI}/lumi-01.png", _flatter, 80),
    Copy(f"{LUMI}/lumi-33.png", f"{LUMI}/lumi-01.png", _fewer_colours, 0),
    Copy(f"{LUMI}/lumi-34.webp", f"{LUMI}/lumi-01.png", _same, 45),
    Copy(f"{LUMI}/lumi-35.jpg", f"{LUMI}/lumi-23.webp", _resized(0.8), 85),
    Copy(f"{TEAPOT}/kokeware-13.jpg", f"{TEAPOT}/kokeware-01.jpg", _resized(0.9), 70),
)
"""The first eight make one cluster of nine; the others are pairs."""

EXACT_COPY: Final = (f"{LUMI}/lumi-36.png", f"{LUMI}/lumi-06.png")
WRONG_SUFFIX: Final = f"{LUMI}/lumi-09.png"
SMALL: Final = (f"{LUMI}/lumi-13.png", f"{LUMI}/lumi-22.png")
TRUNCATED: Final = (f"{LUMI}/lumi-37.png", f"{LUMI}/lumi-12.png")
"""The cut file and the picture whose beginning it is."""
EMPTY: Final = f"{LUMI}/lumi-38.png"
OVERSIZED: Final = f"{LUMI}/lumi-39.png"
ORPHAN: Final = f"{LUMI}/lumi-40.txt"
ERROR_PAGE: Final = f"{TEAPOT}/kokeware-14.jpg"
UNSUPPORTED: Final = f"{TEAPOT}/kokeware-15.heic"
NO_CAPTION: Final = f"{LUMI}/lumi-21.png"
CP932: Final = f"{TEAPOT}/kokeware-05.txt"
TWO_LINES: Final = f"{LUMI}/lumi-16.txt"
TOO_LONG: Final = f"{LUMI}/lumi-24.txt"
NO_TRIGGER: Final = (f"{LUMI}/lumi-08.txt", f"{LUMI}/lumi-19.txt")
COUPLED_TAG: Final = "simple background"
HIDDEN: Final = f"{LUMI}/._lumi-01.png"

OVERSIZED_SIDE: Final = 12_000
"""Pixels; the file itself is small, its decoded picture would not be."""

_CLUSTER = (COPIES[0].of, *(copy.path for copy in COPIES[:8]))

PLANTED: Final = (
    PlantedDefect("unreadable-image", (TRUNCATED[0],), "The file ends in the middle of the picture."),
    PlantedDefect("unreadable-image", (EMPTY,), "The file is empty."),
    PlantedDefect("unreadable-image", (ERROR_PAGE,), "A download failed: this is an HTML error page."),
    PlantedDefect("unsupported-format", (UNSUPPORTED,), "A telephone's HEIC file, which trainers do not read."),
    PlantedDefect("oversized-file", (OVERSIZED,), "A scan of 144 megapixels."),
    PlantedDefect("extension-mismatch", (WRONG_SUFFIX,), "A JPEG file whose name ends in .png."),
    PlantedDefect("exact-duplicates", EXACT_COPY[::-1], "The same file under two names."),
    PlantedDefect("near-duplicate-cluster", _CLUSTER, "One picture nine times: resized, grey, brighter, saved again."),
    PlantedDefect("dominant-cluster", _CLUSTER, "The same nine files are more than a twentieth of the set."),
    PlantedDefect("near-duplicate-ratio", _CLUSTER, "They are also more than 15 % of all training images."),
    PlantedDefect("near-duplicate-cluster", (COPIES[8].of, COPIES[8].path), "One picture in two sizes."),
    PlantedDefect("near-duplicate-cluster", (COPIES[9].of, COPIES[9].path), "One photograph in two sizes."),
    PlantedDefect("effective-size", (LUMI, TEAPOT), "Without its copies the set has a fifth fewer images."),
    PlantedDefect("missing-caption", (NO_CAPTION,), "The image has no caption."),
    PlantedDefect("orphan-caption", (ORPHAN,), "The caption's image was deleted."),
    PlantedDefect("caption-encoding", (CP932,), "The caption is in cp932 (Shift JIS), not in UTF-8."),
    PlantedDefect("multiline-caption", (TWO_LINES,), "The caption has a second line, which the trainer drops."),
    PlantedDefect("caption-too-long", (TOO_LONG,), "The caption is longer than 75 tokens."),
    PlantedDefect("trigger-missing", NO_TRIGGER, "The captions lack the trigger word lumi."),
    PlantedDefect("tag-frequency", (TEAPOT,), "Every photograph is tagged simple background."),
    PlantedDefect("trigger-coupling", (TEAPOT,), "simple background comes always with the trigger word kokeware."),
    PlantedDefect("long-tail-tags", (LUMI, TEAPOT), "Many tags stand on one or two images."),
    PlantedDefect("resolution-below-base-model", SMALL, "The shorter side is below 512 pixels."),
    PlantedDefect("concept-imbalance", (LUMI, TEAPOT), "10 x 36 images against 4 x 13 per epoch."),
)  # fmt: skip

EXCLUDED: Final = (HIDDEN,)
"""Files that a reader leaves out and says so."""

SECOND_LINE: Final = "low angle, dynamic pose, wind"

LONG_TAIL: Final = (
    "sparkle, glowing light, colorful, confetti, star-shaped confetti, pink theme, layered frills, "
    "ruffled sleeves, white gloves, knee boots, wrist cuffs, dancing, one leg raised, looking at viewer, "
    "motion lines, cheering audience, glow sticks, laser lights, smoke machine, big screen, loudspeakers, "
    "wooden stage floor, encore, festival atmosphere"
)

ORPHAN_CAPTION: Final = "lumi, girl, smile, sitting, park bench, outdoors, day"
JAPANESE: Final = "急須, 緑の釉薬, 桃色の壁"
BROKEN_CAPTION: Final = {
    TRUNCATED[0]: "lumi, girl, smile, forest, outdoors",
    EMPTY: "lumi, girl, standing, upper body, street, outdoors",
    OVERSIZED: "lumi, girl, line art, poster",
    ERROR_PAGE: "kokeware, teapot, simple background, garden table",
    UNSUPPORTED: "kokeware, teapot, simple background, kitchen counter",
}  # fmt: skip


def plant(root: Path, captions: dict[str, str], *, seed: int) -> None:
    """Add the faults to a faultless dataset. `captions` are its captions by the caption's path."""
    for copy in COPIES:
        with Image.open(root / copy.of) as original:
            _save(copy.change(original.convert("RGB")), root / copy.path, quality=copy.quality)
        _caption(root / copy.path, captions[_caption_path(copy.of)])
    (root / EXACT_COPY[0]).write_bytes((root / EXACT_COPY[1]).read_bytes())
    _caption(root / EXACT_COPY[0], captions[_caption_path(EXACT_COPY[1])])

    whole = (root / TRUNCATED[1]).read_bytes()
    (root / TRUNCATED[0]).write_bytes(whole[: len(whole) * 3 // 5])
    (root / EMPTY).write_bytes(b"")
    (root / OVERSIZED).write_bytes(_stripes(OVERSIZED_SIDE))
    (root / ERROR_PAGE).write_bytes(_HTML)
    (root / UNSUPPORTED).write_bytes(_heic(seed))
    (root / HIDDEN).write_bytes(_APPLE_DOUBLE)
    for path, text in BROKEN_CAPTION.items():
        _caption(root / path, text)

    with Image.open(root / WRONG_SUFFIX) as image:
        picture = image.convert("RGB")
    with (root / WRONG_SUFFIX).open("wb") as file:
        picture.save(file, format="JPEG", quality=92)

    (root / _caption_path(NO_CAPTION)).unlink()
    (root / ORPHAN).write_bytes(f"{ORPHAN_CAPTION}\n".encode())
    (root / CP932).write_bytes(f"{captions[CP932]}, {JAPANESE}\n".encode("cp932"))
    (root / TWO_LINES).write_bytes(f"{captions[TWO_LINES]}\n{SECOND_LINE}\n".encode())
    (root / TOO_LONG).write_bytes(f"{captions[TOO_LONG]}, {LONG_TAIL}\n".encode())
    for path in NO_TRIGGER:
        without = captions[path].removeprefix("lumi, ")
        (root / path).write_bytes(f"{without}\n".encode())


def defects_page() -> str:
    """The table of faults in Markdown, for the documentation."""
    lines = ["| rule | where | what is wrong |", "|---|---|---|"]
    for defect in PLANTED:
        places = ", ".join(f"`{path}`" for path in _folded(defect.paths))
        lines.append(f"| `{defect.rule}` | {places} | {defect.text} |")
    return "\n".join(lines) + "\n"


def _folded(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Long lists of neighbours are shown by their ends."""
    return paths if len(paths) <= 3 else (paths[0], f"{paths[1]} … {paths[-1].rpartition('/')[2]}")


def _caption_path(image: str) -> str:
    return image.rpartition(".")[0] + ".txt"


def _caption(image: Path, text: str) -> None:
    image.with_suffix(".txt").write_bytes(f"{text}\n".encode())


def _save(image: Image.Image, path: Path, *, quality: int) -> None:
    if path.suffix == ".png":
        image.save(path, compress_level=4)
    else:
        image.save(path, quality=quality)


_HTML = (
    b"<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head>\n"
    b"<body><h1>403 Forbidden</h1><p>You do not have permission to download this image.</p></body></html>\n"
)

# The header of what macOS writes beside each file on drives of another system.
_APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \x00\x02" + bytes(56)


def _heic(seed: int) -> bytes:
    """A HEIC container: its type box, and data that no decoder here looks at."""
    kind = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic")
    data = np.random.default_rng(seed).bytes(2048)
    return kind + struct.pack(">I4s", 8 + len(data), b"mdat") + data


def _stripes(side: int) -> bytes:
    """A valid black and white PNG of side x side pixels, made row by row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\x00" + bytes([0b11110000] * ((side + 7) // 8))
    packer = zlib.compressobj(6)
    rows = BytesIO()
    for _ in range(side):
        rows.write(packer.compress(row))
    rows.write(packer.flush())
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows.getvalue()) + chunk(b"IEND", b"")
