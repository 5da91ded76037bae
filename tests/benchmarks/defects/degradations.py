"""Do figures of quality follow quality: each is measured on pictures that get worse step by step.

A figure follows a degradation on one picture if the last step lies beyond the first and none turns it back by more than
a twentieth of the way between those.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

import tagmetry.features
from benchmarks.defects.pictures import encoded
from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.feature import WORKING_SIDE_PX, Picture


@dataclass(frozen=True)
class Degradation:
    """A way to spoil a picture: `spoil` gives the file for a level, of which the first leaves it as it is."""

    name: str
    levels: tuple[float, ...]
    spoil: Callable[[Image.Image, float], bytes]


def lossless(change):
    return lambda image, level: encoded(change(image, level), format="PNG", compress_level=1)


def grained(image, sigma):
    random = np.random.default_rng(5)
    pixels = np.asarray(image, dtype=np.float32)
    return Image.fromarray(np.clip(pixels + random.normal(0, sigma, pixels.shape), 0, 255).astype(np.uint8))


def enlarged(image, factor):
    small = image.resize((round(image.width / factor), round(image.height / factor)), Image.Resampling.LANCZOS)
    return small.resize(image.size, Image.Resampling.BICUBIC)


def framed(image, share, colour=(0, 0, 0)):
    """Bars above and below, which take so much of the picture."""
    found, bar = image.copy(), round(image.height * share / 2)
    found.paste(colour, (0, 0, image.width, bar))
    found.paste(colour, (0, image.height - bar, image.width, image.height))
    return found


BLUR = Degradation(
    "blur", (0, 1, 2, 4, 8), lossless(lambda image, radius: image.filter(ImageFilter.GaussianBlur(radius)))
)
GRAIN = Degradation("grain", (0, 6, 12, 24, 48), lossless(grained))
COMPRESSION = Degradation(
    "compression", (95, 80, 60, 40, 20), lambda image, quality: encoded(image, quality=int(quality))
)
DARKENING = Degradation(
    "darkening", (1, 0.8, 0.6, 0.4, 0.2), lossless(lambda image, factor: ImageEnhance.Brightness(image).enhance(factor))
)
FLATTENING = Degradation(
    "flattening", (1, 0.8, 0.6, 0.4, 0.2), lossless(lambda image, factor: ImageEnhance.Contrast(image).enhance(factor))
)
FADING = Degradation(
    "fading", (1, 0.75, 0.5, 0.25, 0), lossless(lambda image, factor: ImageEnhance.Color(image).enhance(factor))
)
SOFTENING = Degradation("blur", (0, 0.5, 1, 2, 4), BLUR.spoil)
"""Beyond 4 pixels `crispness` follows the rounding to whole levels, which is then all that differs."""
ENLARGING = Degradation("enlarging", (1, 1.5, 2, 3, 4), lossless(enlarged))
MULTIPLYING = Degradation("enlarging", (1, 2, 3, 4), lossless(enlarged))
"""`detail_share` takes 1.5 and 2 times for about the same: the filter leaves traces of detail at twice the size."""
FRAMING = Degradation("bars", (0, 0.1, 0.2, 0.3, 0.4), lossless(framed))

SLACK = 0.05
"""How far a step may turn back: rounding to whole levels alone moves figures of soft pictures a little."""

FALLS, RISES = "falls", "rises"
FOLLOWS = (
    ("sharpness", BLUR, FALLS),
    ("sharpness", ENLARGING, FALLS),
    ("bits_per_pixel", COMPRESSION, FALLS),
    ("brightness", DARKENING, FALLS),
    ("contrast", FLATTENING, FALLS),
    ("contrast", DARKENING, FALLS),
    ("colourfulness", FADING, FALLS),
    ("entropy", DARKENING, FALLS),
    ("structure", FLATTENING, FALLS),
    ("tile_sharpness", BLUR, FALLS),
    ("crispness", SOFTENING, FALLS),
    ("detail_share", MULTIPLYING, FALLS),
    ("noise", GRAIN, RISES),
    ("level_range", FLATTENING, FALLS),
)
"""Feature, degradation, and how the figure goes."""

COLUMNS = ("feature", "degradation", "levels", "direction", "pictures", "n", "followed")


def figure(feature, data):
    picture = decoded(data, limits=Limits(), side_px=WORKING_SIDE_PX, suffix="")
    return float(np.ravel(feature.function(Picture(picture.header, picture.picture, picture.last)))[0])


def follows(feature, degradation, direction, image):
    """Whether the feature's figure follows the degradation on this picture."""
    found = np.array([figure(feature, degradation.spoil(image, level)) for level in degradation.levels])
    steps = np.diff(found) if direction == RISES else -np.diff(found)
    way = float(steps.sum())
    return bool(way > 0 and np.all(steps >= -SLACK * way))


def rows(images, pictures):
    """A row for each of `FOLLOWS` over some RGB images."""
    for name, degradation, direction in FOLLOWS:
        feature = getattr(tagmetry.features, name)
        followed = sum(follows(feature, degradation, direction, image) for image in images)
        yield {
            "feature": name,
            "degradation": degradation.name,
            "levels": " ".join(f"{level:g}" for level in degradation.levels),
            "direction": direction,
            "pictures": pictures,
            "n": len(images),
            "followed": followed,
        }
