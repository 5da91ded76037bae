"""Folders of photographs for benchmarks: mixed sizes and formats, as a collection has them."""

import io
import random
from pathlib import Path

from PIL import Image, ImageOps

from tagmetry.demo.photographs import TEAPOT_SHOTS, photograph

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}

KINDS = (
    # Share, format, width and height, options of the encoder.
    (40, "JPEG", (1152, 896), {"quality": 90}),
    (17, "JPEG", (1632, 1224), {"quality": 90}),
    (17, "JPEG", (2304, 1728), {"quality": 90}),
    (6, "JPEG", (4000, 3000), {"quality": 92}),
    (10, "PNG", (1152, 896), {"compress_level": 6}),
    (3, "PNG", (2304, 1728), {"compress_level": 6}),
    (7, "WEBP", (1152, 896), {"quality": 88, "method": 3}),
)
"""In a hundred files: mostly JPEGs of one to four megapixels, some of twelve, some PNG and WebP."""


def originals(folder=None):
    """The photographs of a folder, else some computed by the sample dataset's code, as loaded RGB pictures."""
    if folder is None:
        return [photograph(shot, seed=number, scale=2.0) for number, shot in enumerate(TEAPOT_SHOTS)]
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            with Image.open(path) as image:
                if min(image.size) >= 480:
                    found.append(ImageOps.exif_transpose(image).convert("RGB"))
    return found


def write_mixed(target, photographs, n, *, seed=0):
    """n different files in the shares of `KINDS`: parts of the photographs, cut out and scaled, no two alike."""
    rng = random.Random(seed)
    kinds = [kind for kind in KINDS for _ in range(kind[0])]
    for number in range(n):
        _, form, size, options = kinds[number * len(kinds) // n]
        source = photographs[number % len(photographs)]
        image = cut_out(source, size, rng)
        image.save(target / f"{number:05}.{form.lower()}", form, **options)


def cut_out(source, size, rng):
    """A random part of the source, half of it at least, in the proportions of `size` and at that size."""
    ratio = size[0] / size[1]
    most = min(source.width, source.height * ratio)
    width = most * rng.uniform(0.7, 1.0)
    height = width / ratio
    left, top = rng.uniform(0, source.width - width), rng.uniform(0, source.height - height)
    return source.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height))


def write_small(target, n, *, captions, seed=0, per_folder=1000):
    """n small different JPEGs with captions of tags, `per_folder` to a folder; `captions(number)` gives the texts."""
    rng = random.Random(seed)
    sources = [image.resize((256, 192)) for image in originals()]
    for number in range(n):
        folder = target / f"{number // per_folder:04}"
        folder.mkdir(exist_ok=True, parents=True)
        image = cut_out(rng.choice(sources), rng.choice([(96, 96), (128, 96), (96, 128)]), rng)
        data = io.BytesIO()
        image.save(data, "JPEG", quality=80)
        (folder / f"{number:06}.jpg").write_bytes(data.getvalue())
        (folder / f"{number:06}.txt").write_text(captions(number), encoding="utf-8")
