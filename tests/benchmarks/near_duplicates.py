"""What near-duplicates are found: `python tests/benchmarks/near_duplicates.py [--images DIR] [--half odd|even|all]`.

Every picture is copied through some 60 changes, and different pictures are given the same banner, frame, watermark and
so on. Printed are, for each change, how many copies are found from the original, beside a plain 64-bit pHash within 8
bits on the same files; then all pairs of different pictures that were wrongly joined, by what was done to them; then
time and bytes. Files are encoded and decoded as in a run.

`--positives N` goes on in rounds until so many copies were looked for: from the second one on, each picture is another
part of its photograph, mirrored or not. Rounds are searched one by one, in `--jobs` processes.

With `--images` the pictures of that folder are taken, the folder of each being its subject; else pictures drawn and
computed by the sample dataset's code. The method's limits were chosen on the subjects at odd places of the sorted list;
publish the figures of the even ones (the default). Only a run on photographs writes: docs/measured/near-duplicates.csv,
for each change docs/measured/near-duplicates-by-change.csv, and docs/measured/near-duplicates-negatives.csv for what
different pictures share.
"""

import argparse
import csv
import dataclasses
import functools
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
from measuring import MEASURED, measured
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from tagmetry.demo.photographs import TEAPOT_SHOTS, photograph
from tagmetry.demo.pictures import LUMI_DRAWINGS, REGULARIZATION_DRAWINGS, paint
from tagmetry.duplicates import distances_between, phash_bits
from tagmetry.duplicates.pairs import near_pairs
from tagmetry.duplicates.views import PACKED_BYTES
from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.feature import WORKING_SIDE_PX, Picture
from tagmetry.features.measure_view import measure

SIDE = 512
PHASH_BITS = 8
DRAWN = 40
"""Pictures in each set of those that are drawn in one design."""
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class Original:
    subject: str
    path: str
    image: Image.Image


# --- changes -------------------------------------------------------------------------------------


def saved(image, form="PNG", **options):
    target = BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def jpeg(image, quality=92):
    return saved(image, "JPEG", quality=quality)


def resized(image, factor):
    size = (max(1, round(side * factor)) for side in image.size)
    return image.resize(tuple(size), Image.Resampling.LANCZOS)


def cropped(image, share, at=(0.3, 0.7)):
    """`share` of each side is gone."""
    width, height = image.size
    left, top = share * width * at[0], share * height * at[1]
    return image.crop(tuple(round(v) for v in (left, top, left + width * (1 - share), top + height * (1 - share))))


def bordered(image, share, colour):
    return ImageOps.expand(image, round(share * max(image.size)), colour)


def letterboxed(image):
    """On a black 16:9 (or 9:16) canvas that holds all of it, or a square one for pictures that are as wide."""
    width, height = image.size
    ratio = width / height
    if ratio > 1.6 or ratio < 1 / 1.6:
        canvas = (max(image.size),) * 2
    elif ratio >= 1:
        canvas = (round(height * 16 / 9), height)
    else:
        canvas = (width, round(width * 16 / 9))
    found = Image.new("RGB", canvas)
    found.paste(image, ((canvas[0] - width) // 2, (canvas[1] - height) // 2))
    return found


def noisy(image, spread):
    levels = np.asarray(image, dtype=np.float32)
    noise = np.random.default_rng(1).normal(0, spread, levels.shape)
    return Image.fromarray(np.clip(levels + noise, 0, 255).astype(np.uint8))


def with_gamma(image, gamma):
    return image.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)


def with_text(image):
    """One line, a fourteenth of the height."""
    image = image.copy()
    width, height = image.size
    pen = ImageDraw.Draw(image)
    pen.text(
        (width * 0.1, height * 0.86),
        "look at this",
        fill="white",
        font_size=height / 14,
        stroke_width=1,
        stroke_fill="black",
    )
    return image


def with_large_text(image):
    """Two lines, a tenth of the height each."""
    image = image.copy()
    width, height = image.size
    pen = ImageDraw.Draw(image)
    for line, words in enumerate(("LOOK AT THIS", "every single day")):
        pen.text(
            (width * 0.08, height * (0.08 + 0.12 * line)),
            words,
            fill="white",
            font_size=height / 10,
            stroke_width=2,
            stroke_fill="black",
        )
    return image


def with_small_mark(image):
    image = image.copy()
    width, height = image.size
    ImageDraw.Draw(image).text((width * 0.7, height * 0.93), "@somebody", fill="white", font_size=height / 22)
    return image


def patched(image, share):
    image = image.copy()
    side = share**0.5
    width, height = image.size
    box = [width * 0.1, height * 0.15, width * (0.1 + side), height * (0.15 + side)]
    ImageDraw.Draw(image).rectangle(box, fill=(200, 40, 90))
    return image


def perspective(image, share):
    width, height = image.size
    d = share * width
    quad = (d, 0, 0, height, width, height, width - d, 0)
    return image.transform(image.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)


def rotated_clean(image, degrees):
    """Turned, and the corners that the turn leaves empty cut off."""
    width, height = image.size
    angle = np.radians(abs(degrees))
    factor = np.cos(angle) + np.sin(angle) * max(width / height, height / width)
    turned = image.rotate(degrees, Image.Resampling.BICUBIC)
    w, h = width / factor, height / factor
    return turned.crop(tuple(round(v) for v in ((width - w) / 2, (height - h) / 2, (width + w) / 2, (height + h) / 2)))


def with_orientation(image):
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif)


def blurred_padding(image):
    width, height = image.size
    canvas = (width, round(width * 16 / 9)) if height <= width * 1.3 else (round(height * 16 / 9), height)
    back = image.resize(canvas).filter(ImageFilter.GaussianBlur(25))
    back.paste(image, ((canvas[0] - width) // 2, (canvas[1] - height) // 2))
    return back


def bright(image, factor):
    return ImageEnhance.Brightness(image).enhance(factor)


OPPOSITE_CROPS = "crop 15 % against crop 15 %"
MIRROR = Image.Transpose.FLIP_LEFT_RIGHT
QUARTER = Image.Transpose.ROTATE_90

CHANGES = {
    "exact": {
        "PNG": saved,
        "RGBA": lambda i: saved(i.convert("RGBA")),
    },
    "easy": {
        **{f"JPEG {q}": (lambda i, q=q: jpeg(i, q)) for q in (95, 80, 50, 30)},
        "WebP 80": lambda i: saved(i, "WEBP", quality=80),
        "WebP 40": lambda i: saved(i, "WEBP", quality=40),
        "palette": lambda i: saved(i.quantize(256)),
        "half size, JPEG 50": lambda i: jpeg(resized(i, 0.5), 50),
        "size 0.5": lambda i: jpeg(resized(i, 0.5)),
        "size 0.75": lambda i: jpeg(resized(i, 0.75)),
        "size 1.5": lambda i: jpeg(resized(i, 1.5)),
        "turned by EXIF": with_orientation,
        "grey": lambda i: jpeg(i.convert("L")),
        "saturation 1.6": lambda i: jpeg(ImageEnhance.Color(i).enhance(1.6)),
    },
    "medium": {
        "brightness 0.5": lambda i: jpeg(bright(i, 0.5)),
        "brightness 0.8": lambda i: jpeg(bright(i, 0.8)),
        "brightness 1.2": lambda i: jpeg(bright(i, 1.2)),
        "contrast 0.7": lambda i: jpeg(ImageEnhance.Contrast(i).enhance(0.7)),
        "contrast 1.3": lambda i: jpeg(ImageEnhance.Contrast(i).enhance(1.3)),
        "gamma 0.7": lambda i: jpeg(with_gamma(i, 0.7)),
        "gamma 1.4": lambda i: jpeg(with_gamma(i, 1.4)),
        "blur 2": lambda i: jpeg(i.filter(ImageFilter.GaussianBlur(2))),
        "blur 5": lambda i: jpeg(i.filter(ImageFilter.GaussianBlur(5))),
        "noise 10": lambda i: jpeg(noisy(i, 10)),
        "noise 25": lambda i: jpeg(noisy(i, 25)),
        "small watermark": lambda i: jpeg(with_small_mark(i)),
        "text overlay": lambda i: jpeg(with_text(i)),
        "crop 2 %": lambda i: jpeg(cropped(i, 0.02)),
        "crop 5 %": lambda i: jpeg(cropped(i, 0.05)),
        "white border 3 %": lambda i: jpeg(bordered(i, 0.03, "white")),
        "turn 2": lambda i: jpeg(i.rotate(2, Image.Resampling.BICUBIC)),
    },
    "hard": {
        "crop 10 %": lambda i: jpeg(cropped(i, 0.10)),
        "crop 15 %": lambda i: jpeg(cropped(i, 0.15)),
        "crop 5 %, brightness, WebP 40": lambda i: saved(bright(cropped(i, 0.05), 0.85), "WEBP", quality=40),
        "black border 8 %": lambda i: jpeg(bordered(i, 0.08, "black")),
        "letterbox": lambda i: jpeg(letterboxed(i)),
        "letterbox, half size, JPEG 50": lambda i: jpeg(resized(letterboxed(i), 0.5), 50),
        "turn 5": lambda i: jpeg(i.rotate(-5, Image.Resampling.BICUBIC)),
    },
    "geometric": {
        "mirrored": lambda i: jpeg(i.transpose(MIRROR)),
        "quarter turn": lambda i: jpeg(i.transpose(QUARTER)),
    },
    "beyond": {
        "crop 20 %": lambda i: jpeg(cropped(i, 0.20)),
        "crop 25 %": lambda i: jpeg(cropped(i, 0.25)),
        OPPOSITE_CROPS: lambda i: jpeg(cropped(i, 0.15, (1, 1))),
        "turn 5, cut clean": lambda i: jpeg(rotated_clean(i, 5)),
        "turn 8": lambda i: jpeg(i.rotate(8, Image.Resampling.BICUBIC)),
        "mirrored, crop 10 %": lambda i: jpeg(cropped(i.transpose(MIRROR), 0.1)),
        "mirrored, turn 5": lambda i: jpeg(i.transpose(MIRROR).rotate(5, Image.Resampling.BICUBIC)),
        "quarter turn, crop 10 %": lambda i: jpeg(cropped(i.transpose(QUARTER), 0.1)),
        "white border 20 %": lambda i: jpeg(bordered(i, 0.2, "white")),
        "squeezed to 4:3": lambda i: jpeg(i.resize((512, 384) if i.width * 3 != i.height * 4 else (512, 512))),
        "brightness 0.25": lambda i: jpeg(bright(i, 0.25)),
        "brightness 1.6": lambda i: jpeg(bright(i, 1.6)),
        "blur 10": lambda i: jpeg(i.filter(ImageFilter.GaussianBlur(10))),
        "size 1/8": lambda i: jpeg(resized(i, 0.125)),
        "posterised to 2 bits": lambda i: jpeg(ImageOps.posterize(i, 2)),
        "equalised": lambda i: jpeg(ImageOps.equalize(i)),
        "two large lines of text": lambda i: jpeg(with_large_text(i)),
        "patch over 10 %": lambda i: jpeg(patched(i, 0.10)),
        "perspective 4 %": lambda i: jpeg(perspective(i, 0.04)),
        "blurred padding": lambda i: jpeg(blurred_padding(i)),
        "negative": lambda i: jpeg(ImageOps.invert(i)),
    },
}


LABELLED = ("exact", "easy", "medium", "hard", "geometric")

WANTED = (
    # Percent to be found at least, of which changes together, by how their names begin.
    (
        "exact, re-encoded, resized, grey, saturation, blur, noise, gamma, contrast",
        100,
        (
            *("PNG", "RGBA", "JPEG", "WebP", "palette", "half size", "size", "turned by EXIF", "grey", "saturation"),
            *("blur", "noise", "gamma", "contrast"),
        ),
    ),
    ("crops up to 15 %, borders, letterbox, turns of 2 degrees", 98, ("crop", "white", "black", "letterbox", "turn 2")),
    ("text overlay", 95, ("text",)),
    ("turns of 5 degrees", 90, ("turn 5",)),
    ("mirrored and quarter turns", 99, ("mirrored", "quarter")),
)


# --- what different pictures may share -----------------------------------------------------------


def with_banner(image):
    image = image.copy()
    width, height = image.size
    pen = ImageDraw.Draw(image)
    pen.rectangle([0, height * 0.8, width, height], fill=(30, 60, 160))
    pen.text((width * 0.04, height * 0.83), "SUMMER SALE 50 %", fill="yellow", font_size=width / 11)
    return image


def with_strong_mark(image):
    """The grid and words that photo agencies lay over their previews."""
    over = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(over)
    width, height = image.size
    for k in range(-8, 16):
        pen.line([k * width / 6, 0, k * width / 6 + height, height], fill=(255, 255, 255, 110), width=3)
    for k in range(4):
        pen.text(
            (width * 0.1, height * (0.1 + 0.25 * k)), "PREVIEW ONLY", fill=(255, 255, 255, 130), font_size=width / 9
        )
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


def in_frame(image):
    """A card: an ornate frame around a smaller picture."""
    card = Image.new("RGB", (400, 560), (235, 225, 200))
    pen = ImageDraw.Draw(card)
    for k in range(12):
        pen.rectangle([6 + 3 * k, 6 + 3 * k, 393 - 3 * k, 553 - 3 * k], outline=(150 - 10 * k, 90, 20 + 15 * k))
    pen.text((60, 470), "No. 17 of 60", fill="black", font_size=40)
    card.paste(ImageOps.fit(image, (300, 390)), (50, 60))
    return card


def in_window(image):
    """A screenshot: the picture inside a program's window."""
    shot = Image.new("RGB", (512, 384), (245, 245, 245))
    pen = ImageDraw.Draw(shot)
    pen.rectangle([0, 0, 512, 28], fill=(60, 70, 90))
    for k in range(11):
        pen.text((8, 40 + 30 * k), f"folder {k} photos", fill="black", font_size=14)
        pen.text((120 + 60 * (k % 6), 8), "Menu", fill="white", font_size=12)
    shot.paste(ImageOps.fit(image, (370, 330)), (135, 42))
    return shot


SHARED = {
    "black border 8 %": lambda i: jpeg(bordered(ImageOps.fit(i, (400, 300)), 0.08, "black")),
    "white border 20 %": lambda i: jpeg(bordered(ImageOps.fit(i, (400, 300)), 0.2, "white")),
    "banner over 20 %": lambda i: jpeg(with_banner(i)),
    "strong watermark": lambda i: jpeg(with_strong_mark(i)),
    "the same on a dark picture": lambda i: jpeg(with_strong_mark(bright(i, 0.3))),
    "patch over 25 %": lambda i: jpeg(patched(i, 0.25)),
    "frame of a card": lambda i: jpeg(in_frame(i)),
    "window of a program": lambda i: jpeg(in_window(i)),
    "blurred to 25": lambda i: jpeg(i.filter(ImageFilter.GaussianBlur(25))),
}


def canteen_plate(seed):
    """A plate on a tray from above: tray, crockery and cutlery are always the same, the food never is."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (512, 384), (120, 84, 60))
    pen = ImageDraw.Draw(image)
    for k in range(0, 512, 16):
        pen.line([k, 0, k + 24, 384], fill=(112, 77, 54), width=5)
    pen.rounded_rectangle([24, 20, 488, 364], 30, fill=(176, 180, 178), outline=(90, 94, 92), width=5)
    for radius, level in ((150, 150), (144, 236), (108, 222), (104, 244)):
        pen.ellipse([236 - radius, 192 - radius, 236 + radius, 192 + radius], fill=(level, level, level - 6))
    pen.ellipse([392, 40, 472, 120], fill=(226, 232, 236), outline=(120, 130, 140), width=4)
    for left, wide in ((56, 9), (412, 11), (440, 7)):
        pen.rounded_rectangle([left, 150, left + wide, 340], 4, fill=(214, 216, 220), outline=(110, 112, 118))
    for _ in range(3):
        colour = rng.integers((60, 40, 20), (230, 190, 110))
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(10, 60)
        for _ in range(40):
            x, y = 236 + away * np.cos(angle) + rng.normal(0, 20), 192 + away * np.sin(angle) + rng.normal(0, 20)
            wide, high = rng.uniform(3, 14, 2)
            shade = tuple(int(v) for v in np.clip(colour + rng.normal(0, 28), 0, 255))
            pen.ellipse([x - wide, y - high, x + wide, y + high], fill=shade)
    pen.ellipse([404, 52, 460, 108], fill=tuple(int(v) for v in rng.integers(60, 240, 3)))
    held = image.rotate(rng.uniform(-2, 2), Image.Resampling.BICUBIC, translate=tuple(rng.integers(-6, 7, 2).tolist()))
    return noisy(bright(held.crop((16, 12, 496, 372)), rng.uniform(0.85, 1.15)), 3)


CLOSE_UP = 1.0
"""A figure drawn as large as this fills the picture, and a step of it is another cutting of one drawing."""

WORDS = """
water light never maybe there under small green going where about house paper would first night seven
river story after could table again money later right music might every place round still train other
""".split()  # noqa: SIM905 - as a list it would take a line for each word


def chat(seed):
    """A screenshot of messages: the program around them is always the same, what is written never is."""
    rng = np.random.default_rng(seed)
    shot = Image.new("RGB", (360, 640), (236, 229, 221))
    pen = ImageDraw.Draw(shot)
    pen.rectangle([0, 0, 360, 60], fill=(7, 94, 84))
    pen.ellipse([14, 10, 54, 50], fill=(200, 200, 200))
    pen.text((66, 16), "Our group", fill="white", font_size=22)
    pen.rectangle([0, 590, 360, 640], fill=(245, 245, 245))
    pen.text((20, 602), "Type a message", fill=(150, 150, 150), font_size=18)
    top = 74
    while top < 570:
        lines = [" ".join(rng.choice(WORDS, rng.integers(1, 5))) for _ in range(rng.integers(1, 4))]
        wide, own = 30 + 10 * max(map(len, lines)), rng.random() < 0.5
        left = 350 - wide if own else 10
        low = min(top + 12 + 22 * len(lines), 584)
        pen.rounded_rectangle([left, top, left + wide, low], 8, fill=(220, 248, 198) if own else "white")
        for k, line in enumerate(lines):
            pen.text((left + 10, top + 4 + 22 * k), line, fill="black", font_size=18)
        top = low + 10
    return shot


def letter(seed):
    """A page under a letterhead: lines of other words in the same places."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle([0, 0, 420, 70], fill=(30, 50, 110))
    pen.text((24, 16), "Northern Office of Works", fill="white", font_size=28)
    pen.line([30, 560, 390, 560], fill=(30, 50, 110), width=3)
    for k in range(22):
        line = " ".join(rng.choice(WORDS, 8))[: int(rng.integers(20, 42))]
        pen.text((36, 96 + 20 * k), line, fill="black", font_size=16)
    return page


def slide(seed):
    """A chart in the design of one talk: only title and bars differ."""
    rng = np.random.default_rng(seed)
    shown = Image.new("RGB", (640, 360), (250, 250, 252))
    pen = ImageDraw.Draw(shown)
    pen.rectangle([0, 0, 640, 54], fill=(180, 30, 40))
    pen.text((20, 10), " ".join(rng.choice(WORDS, 4)), fill="white", font_size=28)
    pen.rectangle([0, 336, 640, 360], fill=(60, 60, 60))
    pen.line([60, 80, 60, 310], fill="black", width=3)
    pen.line([60, 310, 600, 310], fill="black", width=3)
    for k, share in enumerate(rng.uniform(0.05, 1, 8)):
        pen.rectangle([84 + 64 * k, 310 - 220 * share, 122 + 64 * k, 309], fill=(40, 90, 160))
    return shown


DRAWN_AS_ONE = {
    "plates of a canteen": canteen_plate,
    "messages in one program": chat,
    "letters under one head": letter,
    "slides of one talk": slide,
}


def halves(image):
    width, height = image.size
    return {
        "left half": image.crop((0, 0, width // 2, height)),
        "right half": image.crop((width // 2, 0, width, height)),
        "upper half": image.crop((0, 0, width, height // 2)),
        "lower half": image.crop((0, height // 2, width, height)),
    }


def drawn_series():
    """Pictures of one series: name -> (image, image) that are not one picture, and those that differ in a detail."""
    other, variants = [], []
    for k in range(0, len(LUMI_DRAWINGS), 5):
        drawing = LUMI_DRAWINGS[k]
        first = paint(drawing, seed=1, scale=0.5)
        pose = dataclasses.replace(drawing.pose, arms=((70.0, 30.0), (40.0, 60.0)), tilt=drawing.pose.tilt + 12)
        other.append(("another pose", first, paint(dataclasses.replace(drawing, pose=pose), seed=1, scale=0.5)))
        if drawing.scale < CLOSE_UP:
            at = (drawing.at[0] + 0.25, drawing.at[1] + 0.05)
            other.append(("a step aside", first, paint(dataclasses.replace(drawing, at=at), seed=1, scale=0.5)))
        scene = "park" if drawing.scene != "park" else LUMI_DRAWINGS[(k + 1) % len(LUMI_DRAWINGS)].scene
        elsewhere = dataclasses.replace(drawing, scene=scene) if scene in known_scenes() else None
        if elsewhere is not None:
            other.append(("one pose, another place", first, paint(elsewhere, seed=1, scale=0.5)))
        outfit = next(d.outfit for d in LUMI_DRAWINGS if d.outfit != drawing.outfit)
        dressed = dataclasses.replace(drawing, outfit=outfit)
        other.append(("one pose, other clothes", first, paint(dressed, seed=1, scale=0.5)))
        mood = dataclasses.replace(drawing.expression, eyes="happy", mouth="flat")
        variants.append(
            ("another face", first, paint(dataclasses.replace(drawing, expression=mood), seed=1, scale=0.5))
        )
    for k in range(0, len(TEAPOT_SHOTS), 3):
        shot = TEAPOT_SHOTS[k]
        first = photograph(shot, seed=k, scale=0.4)
        turned = dataclasses.replace(shot, yaw=shot.yaw + 35)
        other.append(("the thing turned", first, photograph(turned, seed=k, scale=0.4)))
        lower = dataclasses.replace(shot, pitch=shot.pitch + 12)
        other.append(("seen from higher", first, photograph(lower, seed=k, scale=0.4)))
        # The next frame of a burst: the thing has moved on, and so has the hand that holds the camera.
        after = dataclasses.replace(shot, yaw=shot.yaw + 12, pitch=shot.pitch + 2)
        frame = photograph(after, seed=k + 100, scale=0.4)
        other.append(("the next of a burst", first, frame.rotate(0.7).crop((9, 7, *frame.size))))
    return other, variants


def known_scenes():
    from tagmetry.demo.scenes import SCENES

    return SCENES


# --- pictures ------------------------------------------------------------------------------------


def originals_in(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            with Image.open(path) as image:
                image.draft("RGB", (SIDE, SIDE))
                small = ImageOps.exif_transpose(image).convert("RGB")
            small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            found.append(Original(path.parent.name, path.relative_to(folder).as_posix(), small))
    return found


def own_originals():
    found = [
        Original(f"drawing {k:02d}", f"drawing {k:02d}", paint(drawing, seed=k, scale=0.5))
        for k, drawing in enumerate((*LUMI_DRAWINGS, *REGULARIZATION_DRAWINGS))
    ]
    shots = enumerate(TEAPOT_SHOTS)
    return found + [
        Original(f"shot {k:02d}", f"shot {k:02d}", photograph(shot, seed=k, scale=0.5)) for k, shot in shots
    ]


def cut_anew(original, number):
    """Another part of the photograph for each round, 70 % of its sides at least; in every other round mirrored."""
    if number == 0:
        return original
    rng = np.random.default_rng([number, *original.path.encode()])
    shown = cropped(original.image, rng.uniform(0.02, 0.3), rng.uniform(0, 1, 2))
    return dataclasses.replace(original, image=shown.transpose(MIRROR) if number % 2 else shown)


def half_of(originals, half):
    subjects = sorted({original.subject for original in originals})
    chosen = {"odd": subjects[::2], "even": subjects[1::2], "all": subjects}[half]
    return [original for original in originals if original.subject in chosen]


class Files:
    """Encoded pictures as a run sees them; `origin` is what they show, `made` what was done."""

    def __init__(self):
        self.rows, self.hashes, self.origin, self.made = [], [], [], []
        self.decoding = self.viewing = 0.0

    def add(self, data, origin, made):
        start = time.process_time()
        shown = decoded(data, limits=Limits(), side_px=WORKING_SIDE_PX)
        picture = Picture(shown.header, shown.picture, shown.last)
        grey32 = picture.grey32
        between = time.process_time()
        self.rows.append(measure(picture))
        self.viewing += time.process_time() - between
        self.decoding += between - start
        self.hashes.append(phash_bits(grey32))
        self.origin.append(origin)
        self.made.append(made)
        return len(self.rows) - 1


def copies(files, originals, tiers):
    """Originals and their changed copies: for each original, by change, the places of both to be compared."""
    places = []
    for k, original in enumerate(originals):
        first = files.add(jpeg(original.image, 95), k, "original")
        changed = {}
        for tier in tiers:
            for name, change in CHANGES[tier].items():
                source = first
                if name == OPPOSITE_CROPS:
                    source = files.add(jpeg(cropped(original.image, 0.15, (0, 0))), k, "crop 15 %")
                changed[name] = (source, files.add(change(original.image), k, name))
        places.append(changed)
    return places


def between_copies(files, places):
    """Pairs of copies of one picture: it is not asked whether these find each other."""
    pairs = []
    for changed in places:
        wanted = set(changed.values())
        rows = sorted({row for pair in wanted for row in pair})
        pairs += [pair for pair in combinations(rows, 2) if pair not in wanted]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def all_of(function, *arguments, **options):
    return list(function(*arguments, **options))


def timed(function, *arguments, **options):
    """The result, and seconds of the processor: others may be busy on the machine."""
    start = time.process_time()
    result = function(*arguments, **options)
    return result, time.process_time() - start


# --- one round of copies -------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What one round has shown, or several: counts of copies by change, and texts on wrong pairs."""

    files: int
    negatives: int
    asked: Counter
    found: Counter
    hashed: Counter
    kinds: Counter
    wrong_files: int
    hashed_wrong: int
    wrong: list
    known: list

    def with_(self, other):
        names = [field.name for field in dataclasses.fields(self)]
        return Seen(*(getattr(self, name) + getattr(other, name) for name in names))


def seen_in_round(number, originals, tiers, one):
    originals = [cut_anew(original, number) for original in originals]
    files = Files()
    places = copies(files, originals, tiers)
    pairs = list(near_pairs(np.stack(files.rows), apart=between_copies(files, places)))
    by_rows = {(min(p.row_a, p.row_b), max(p.row_a, p.row_b)): p for p in pairs}
    hashes, origin = np.array(files.hashes), np.array(files.origin)
    asked, found, hashed, kinds = Counter(), Counter(), Counter(), Counter()
    for changed in places:
        for name, (a, b) in changed.items():
            asked[name] += 1
            hashed[name] += int(distances_between(hashes[[a]], hashes[[b]])[0, 0] <= PHASH_BITS)
            hit = by_rows.get((a, b))
            if hit is not None:
                found[name] += 1
                kinds[name, hit.kind + (" variant" if hit.variant else "")] += 1
    mixed = {}
    for pair in pairs:
        origins = frozenset((files.origin[pair.row_a], files.origin[pair.row_b]))
        if len(origins) == 2:
            mixed.setdefault(origins, []).append(pair)
    known = [origins for origins in mixed if frozenset(originals[k].path for k in origins) in one]
    found_known = [described(files, originals, mixed.pop(origins)) for origins in known]
    hashed_wrong = sum(
        int(((distances_between(hashes[[k]], hashes[:k])[0] <= PHASH_BITS) & (origin[:k] != origin[k])).sum())
        for k in range(1, len(hashes))
    )
    sizes = np.bincount(origin)
    return Seen(
        files=len(origin),
        negatives=(len(origin) ** 2 - int((sizes**2).sum())) // 2,
        asked=asked,
        found=found,
        hashed=hashed,
        kinds=kinds,
        wrong_files=sum(map(len, mixed.values())),
        hashed_wrong=hashed_wrong,
        wrong=[described(files, originals, group) for group in mixed.values()],
        known=found_known,
    )


# --- the report ----------------------------------------------------------------------------------


def report_copies(seen, tiers):
    print(f"\n{'found from the original':34} {'views':>12} {'pHash <= 8':>13}   kinds")
    for tier in tiers:
        for name in CHANGES[tier]:
            kinds = Counter({kind: n for (change, kind), n in seen.kinds.items() if change == name})
            shown = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
            print(f"  {name:32} {seen.found[name]:5} of {seen.asked[name]:3} {seen.hashed[name]:13}   {shown}")
        good, hashed = (share_of(counts, seen.asked, CHANGES[tier]) for counts in (seen.found, seen.hashed))
        print(f"{tier:34} {good:12.1%} {hashed:13.1%}")
    good, hashed = (share_of(counts, seen.asked, seen.asked) for counts in (seen.found, seen.hashed))
    print(f"{'together':34} {good:12.1%} {hashed:13.1%}   of {seen.asked.total():,} pairs")


def share_of(counts, asked, names):
    return sum(counts[name] for name in names) / max(1, sum(asked[name] for name in names))


def report_wrong(seen):
    """Pairs of different pictures, and those that are named as one photo."""
    for line in seen.known[:3]:
        print(f"found though cut apart: {line}")
    print(f"wrong: {seen.wrong_files} pairs of files, {len(seen.wrong)} pairs of pictures")
    print(f"among {seen.negatives:,} pairs of files of different pictures; {seen.hashed_wrong} by pHash")
    for line in seen.wrong[:12]:
        print(f"  wrong: {line}")


def described(files, originals, pairs):
    worst = max(pairs, key=lambda pair: pair.likeness)
    a, b = (f"{originals[files.origin[row]].path} ({files.made[row]})" for row in (worst.row_a, worst.row_b))
    lying = f"{worst.kind}{' variant' if worst.variant else ''} {worst.likeness:.3f}, low {worst.low:.3f}"
    return f"{len(pairs)} x {a}, {b}: {lying}"


def report_shared(originals):
    """The negatives that were tried: (what they share, pairs, how many of these were joined, and as variants)."""
    print("\ndifferent pictures that share something: pairs joined")
    found = []
    for name, change in SHARED.items():
        made = [(k, change(original.image), name) for k, original in enumerate(originals)]
        found.append((f"photographs, {name}", *report_joined(made, originals, name)))
    parts = [
        (k, jpeg(part), name) for k, original in enumerate(originals) for name, part in halves(original.image).items()
    ]
    found.append(("halves of photographs", *report_joined(parts, originals, "halves")))
    for name, drawn in DRAWN_AS_ONE.items():
        pictures = [Original(name, f"{name} {k}", drawn(k)) for k in range(DRAWN)]
        made = [(k, jpeg(picture.image), "") for k, picture in enumerate(pictures)]
        found.append((name, *report_joined(made, pictures, name)))
    return found


def report_joined(made, originals, name):
    files = Files()
    for origin, data, what in made:
        files.add(data, origin, what)
    pairs = list(near_pairs(np.stack(files.rows)))
    tried = len(made) * (len(made) - 1) // 2
    print(f"  {name:32} {len(pairs):5} of {tried:,}")
    for pair in pairs[:5]:
        print(f"    {described(files, originals, [pair])}")
    return tried, len(pairs), sum(pair.variant for pair in pairs)


def report_series():
    """Pictures of one character or thing: (what is another, pairs, how many of these were joined, and as variants)."""
    other, variants = drawn_series()
    found = []
    print("\npictures of one series: joined")
    for title, series in (("not the same", other), ("differ in a detail", variants)):
        for name in dict.fromkeys(name for name, _, _ in series):
            results = []
            for _, first, second in (entry for entry in series if entry[0] == name):
                files = Files()
                files.add(jpeg(first), 0, name)
                files.add(jpeg(second), 1, name)
                results.append(next(iter(near_pairs(np.stack(files.rows))), None))
            hits = [pair for pair in results if pair is not None]
            shown = ", ".join(f"{p.likeness:.2f} low {p.low:.2f}{' variant' if p.variant else ''}" for p in hits)
            print(f"  {title:20} {name:28} {len(hits):3} of {len(results)}   {shown}")
            if series is other:
                n_variants = sum(pair.variant for pair in hits)
                found.append((f"computed pictures, {name}", len(results), len(hits), n_variants))
    return found


def cost(originals):
    """Groups and milliseconds of the processor for each image, of the copies of the first round."""
    files = Files()
    copies(files, originals, LABELLED)
    rows = np.stack(files.rows)
    n = len(rows)
    stars, seconds = timed(all_of, near_pairs, rows, rank=np.arange(n))
    mixed = sum(files.origin[p.row_a] != files.origin[p.row_b] for p in stars)
    print(f"groups: {len(stars):,} of {n - len(originals):,} copies joined, {mixed} to another picture")
    decoding, viewing, search = (1e3 * spent / n for spent in (files.decoding, files.viewing, seconds))
    print(f"milliseconds per image: {decoding:.1f} decoding, {viewing:.2f} views, {search:.2f} search and groups")
    print(f"bytes per image: {PACKED_BYTES}")
    return n, decoding, viewing, search


def found_as_one(everything, pair):
    files = Files()
    for original in everything:
        if original.path in pair:
            files.add(jpeg(original.image, 95), len(files.rows), "original")
    return len(files.rows) == len(pair) and any(near_pairs(np.stack(files.rows)))


def percent(counts, asked, names):
    """Two decimals, rounded down: what is not all of it must not look like it."""
    return f"{int(1e4 * share_of(counts, asked, names)) / 100:.2f}"


def written(seen, originals, one, negatives, spent):
    """The tables of docs/performance.md; `one` says of pictures that are one photograph whether they are found."""
    n, decoding, viewing, search = spent
    rows = [
        ("photographs, none of them looked at when limits were chosen", len(originals), "", ""),
        ("copies looked for from their originals", seen.asked.total(), "", "20,000 or more"),
    ]
    for what, least, names in WANTED:
        chosen = [name for name in seen.asked if name.startswith(names)]
        rows.append((what, percent(seen.found, seen.asked, chosen), "%", f"{least} or more"))
    rows += [
        ("all changes", percent(seen.found, seen.asked, seen.asked), "%", ""),
        ("all changes, by a plain 64-bit pHash within 8", percent(seen.hashed, seen.asked, seen.asked), "%", ""),
        ("pairs of files of different photographs", seen.negatives, "", ""),
        ("of these taken for one", seen.wrong_files, "", "0"),
        ("of these taken for one by pHash", seen.hashed_wrong, "", ""),
        ("pairs of the negatives in the table below", sum(tried for _, tried, _, _ in negatives), "", ""),
        ("of these taken for copies", sum(joined - variants for _, _, joined, variants in negatives), "", "0"),
        ("of these taken for variants of one picture", sum(variants for *_, variants in negatives), "", "0"),
        *(
            (f"{' and '.join(sorted(pair))}, two cuttings of one photograph", "found" if good else "not found", "", "")
            for pair, good in one
        ),
        (f"decoding, {n} images", decoding, "ms", ""),
        ("views, search and groups on top of that", viewing + search, "ms", "under 12"),
        ("bytes of an image", PACKED_BYTES, "", "under 7000"),
    ]
    measured("near-duplicates", rows)
    with (MEASURED / "near-duplicates-by-change.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("change", "copies", "found", "by pHash", "called variants"))
        for tier in LABELLED:
            for name in CHANGES[tier]:
                variants = sum(n for (change, kind), n in seen.kinds.items() if change == name and "variant" in kind)
                writer.writerow((name, seen.asked[name], seen.found[name], seen.hashed[name], variants))
    with (MEASURED / "near-duplicates-negatives.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("different pictures", "pairs", "taken for one", "of these as variants"))
        writer.writerows(negatives)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=Path, help="a folder of pictures that are not copies of each other")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="even", help="subjects (default even)")
    parser.add_argument("--most", type=int, default=1000, help="at most so many pictures (default 1000)")
    parser.add_argument(
        "--one-photo", action="append", default=[], metavar="A=B", help="two that are one photo after all"
    )
    parser.add_argument("--without-series", action="store_true", help="leave out the drawn series")
    parser.add_argument("--positives", type=int, default=1, help="look for so many copies at least (default one round)")
    parser.add_argument("--jobs", type=int, default=1, help="processes for the rounds (default 1)")
    options = parser.parse_args()

    everything = originals_in(options.images) if options.images else own_originals()
    originals = half_of(everything, options.half)[: options.most]
    if not originals:
        print("no pictures there")
        return 2

    one = {frozenset(pair.split("=")) for pair in options.one_photo}
    rounds = -(-options.positives // (len(originals) * sum(len(CHANGES[tier]) for tier in LABELLED)))
    work = functools.partial(seen_in_round, originals=originals, tiers=LABELLED, one=one)
    with ProcessPoolExecutor(options.jobs) as pool:
        # Under way while this process does the rest.
        under_way = pool.map(work, range(rounds))
        spent = cost(originals)
        negatives = report_shared(originals)
        if not options.without_series:
            negatives += report_series()
        beyond = seen_in_round(0, originals, ("beyond",), one)
        seen = functools.reduce(Seen.with_, under_way)
    for result, tiers in ((beyond, ("beyond",)), (seen, LABELLED)):
        print(f"\n{result.files:,} files from {len(originals)} pictures")
        report_copies(result, tiers)
        report_wrong(result)
    if options.images and options.half == "even":
        known = [(pair, found_as_one(everything, pair)) for pair in sorted(one, key=sorted)]
        written(seen, originals, known, negatives, spent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
