"""What is measured on images: one file per feature, each a pure function from a picture to a figure.

Rules import the features by name from here; this module is also the plugin that registers them.
"""

from collections.abc import Iterable

from tagmetry.feature import Feature
from tagmetry.features.measure_bits_per_pixel import bits_per_pixel
from tagmetry.features.measure_brightness import brightness
from tagmetry.features.measure_colourfulness import colourfulness
from tagmetry.features.measure_contrast import contrast
from tagmetry.features.measure_dhash import dhash
from tagmetry.features.measure_entropy import entropy
from tagmetry.features.measure_phash import phash
from tagmetry.features.measure_sharpness import sharpness
from tagmetry.features.measure_structure import structure
from tagmetry.features.measure_view import view
from tagmetry.hookspecs import hookimpl

__all__ = [
    "bits_per_pixel",
    "brightness",
    "colourfulness",
    "contrast",
    "dhash",
    "entropy",
    "phash",
    "sharpness",
    "structure",
    "view",
]

FEATURES = (
    bits_per_pixel,
    brightness,
    colourfulness,
    contrast,
    dhash,
    entropy,
    phash,
    sharpness,
    structure,
    view,
)
"""All of them, by name."""


@hookimpl
def tagmetry_features() -> Iterable[Feature]:
    return FEATURES
