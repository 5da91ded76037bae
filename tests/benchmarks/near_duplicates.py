"""What near-duplicates are found: `python tests/benchmarks/near_duplicates.py [--images DIR] [--half odd|even|all]`.

Every picture is copied through some 60 changes, and different pictures are given the same banner, frame, watermark and
so on. Printed are, for each change, how many copies are found from the original, beside a plain 64-bit pHash within 8
bits on the same files; then all pairs of different pictures that were wrongly joined, by what was done to them; then
time and bytes. Files are encoded and decoded as in a run.

With `--images` the pictures of that folder are taken, the folder of each being its subject; else pictures drawn and
computed by the sample dataset's code. The method's limits were chosen on the subjects at odd places of the sorted list;
publish the figures of the even ones (the default).
"""

import argparse
import dataclasses
import sys
import time
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
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
        start = time.perf_counter()
        shown = decoded(data, limits=Limits(), side_px=WORKING_SIDE_PX)
        picture = Picture(shown.header, shown.picture, shown.last)
        grey32 = picture.grey32
        between = time.perf_counter()
        self.rows.append(measure(picture))
        self.viewing += time.perf_counter() - between
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
    start = time.perf_counter()
    result = function(*arguments, **options)
    return result, time.perf_counter() - start


# --- the report ----------------------------------------------------------------------------------


def report_copies(files, places, found, tiers):
    hashes = np.array(files.hashes)
    print(f"\n{'found from the original':34} {'views':>12} {'pHash <= 8':>11}   kinds")
    total = []
    for tier in tiers:
        of_tier = []
        for name in CHANGES[tier]:
            pairs = [changed[name] for changed in places]
            hits = [found.get(pair) for pair in pairs]
            near = sum(int(distances_between(hashes[[a]], hashes[[b]])[0, 0]) <= PHASH_BITS for a, b in pairs)
            good = sum(hit is not None for hit in hits)
            of_tier.append((good, near, len(pairs)))
            kinds = Counter(hit.kind + (" variant" if hit.variant else "") for hit in hits if hit)
            shown = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
            print(f"  {name:32} {good:5} of {len(pairs):3} {near:11}   {shown}")
        good, near, n = (sum(column) for column in zip(*of_tier, strict=True))
        print(f"{tier:34} {good / n:12.1%} {near / n:11.1%}")
        total.append((good, near, n))
    good, near, n = (sum(column) for column in zip(*total, strict=True))
    print(f"{'together':34} {good / n:12.1%} {near / n:11.1%}   of {n:,} pairs")


def report_wrong(files, originals, pairs, one):
    """Pairs of different pictures, and those that are named as one photo."""
    mixed = {}
    for pair in pairs:
        origins = frozenset((files.origin[pair.row_a], files.origin[pair.row_b]))
        if len(origins) == 2:
            mixed.setdefault(origins, []).append(pair)
    known = [origins for origins in mixed if frozenset(originals[k].path for k in origins) in one]
    for origins in known:
        shown(files, originals, mixed.pop(origins), "found though cut apart")
    n = sum(len(found) for found in mixed.values())
    print(f"wrong: {n} pairs of files, {len(mixed)} pairs of pictures")
    for found in sorted(mixed.values(), key=len, reverse=True)[:12]:
        shown(files, originals, found, "  wrong")


def shown(files, originals, pairs, title):
    worst = max(pairs, key=lambda pair: pair.likeness)
    a, b = (f"{originals[files.origin[row]].path} ({files.made[row]})" for row in (worst.row_a, worst.row_b))
    print(f"{title}: {len(pairs)} x {a}, {b}: {worst.kind}{' variant' if worst.variant else ''} ", end="")
    print(f"{worst.likeness:.3f}, low {worst.low:.3f}")


def report_shared(originals):
    print("\ndifferent pictures that share something: pairs joined")
    for name, change in SHARED.items():
        files = Files()
        for k, original in enumerate(originals):
            files.add(change(original.image), k, name)
        report_joined(files, originals, name, len(originals) * (len(originals) - 1) // 2)
    files = Files()
    for k, original in enumerate(originals):
        for name, part in {"whole": original.image, **halves(original.image)}.items():
            files.add(jpeg(part), k, name)
    report_joined(files, originals, "halves and wholes", len(files.rows) * (len(files.rows) - 1) // 2)


def report_joined(files, originals, name, n_pairs):
    pairs = list(near_pairs(np.stack(files.rows)))
    print(f"  {name:32} {len(pairs):5} of {n_pairs:,}")
    for pair in pairs[:5]:
        shown(files, originals, [pair], "    ")


def report_series():
    other, variants = drawn_series()
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


def report_cost(files, n_originals, seconds):
    rows = np.stack(files.rows)
    n = len(rows)
    stars, star_seconds = timed(all_of, near_pairs, rows, rank=np.arange(n))
    mixed = sum(files.origin[p.row_a] != files.origin[p.row_b] for p in stars)
    print(f"groups: {len(stars):,} of {n - n_originals:,} copies joined, {mixed} to another picture")
    print(
        f"milliseconds per image: {files.decoding / n * 1e3:.1f} decoding, {files.viewing / n * 1e3:.2f} views, ",
        end="",
    )
    print(f"{star_seconds / n * 1e3:.2f} search and groups; {seconds / n * 1e3:.2f} for all pairs asked for")
    print(f"bytes per image: {PACKED_BYTES}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=Path, help="a folder of pictures that are not copies of each other")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="even", help="subjects (default even)")
    parser.add_argument("--most", type=int, default=1000, help="at most so many pictures (default 1000)")
    parser.add_argument(
        "--one-photo", action="append", default=[], metavar="A=B", help="two that are one photo after all"
    )
    parser.add_argument("--without-series", action="store_true", help="leave out the drawn series")
    options = parser.parse_args()

    everything = originals_in(options.images) if options.images else own_originals()
    originals = half_of(everything, options.half)[: options.most]
    if not originals:
        print("no pictures there")
        return 2

    one = {frozenset(pair.split("=")) for pair in options.one_photo}
    for tiers in (LABELLED, ("beyond",)):
        files = Files()
        places = copies(files, originals, tiers)
        rows = np.stack(files.rows)
        print(f"\n{len(rows):,} files from {len(originals)} pictures")
        pairs, seconds = timed(all_of, near_pairs, rows, apart=between_copies(files, places))
        found = {(min(p.row_a, p.row_b), max(p.row_a, p.row_b)): p for p in pairs}
        report_copies(files, places, found, tiers)
        report_wrong(files, originals, pairs, one)
        if tiers == LABELLED:
            report_cost(files, len(originals), seconds)
    report_shared(originals)
    if not options.without_series:
        report_series()
    return 0


if __name__ == "__main__":
    sys.exit(main())
