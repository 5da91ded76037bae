"""What is measured on images: one file per feature, each a pure function from a picture to a figure.

Rules import the features by name from here; this module is also the plugin that registers them.
"""

from collections.abc import Iterable

from tagmetry.feature import Feature
from tagmetry.features.measure_bars import bars
from tagmetry.features.measure_bits_per_pixel import bits_per_pixel
from tagmetry.features.measure_brightness import brightness
from tagmetry.features.measure_clipping import clipping
from tagmetry.features.measure_colour_moments import colour_moments
from tagmetry.features.measure_colourfulness import colourfulness
from tagmetry.features.measure_contrast import contrast
from tagmetry.features.measure_crispness import crispness
from tagmetry.features.measure_crispness_evenness import crispness_evenness
from tagmetry.features.measure_detail_share import detail_share
from tagmetry.features.measure_dhash import dhash
from tagmetry.features.measure_entropy import entropy
from tagmetry.features.measure_hues import hues
from tagmetry.features.measure_level_range import level_range
from tagmetry.features.measure_noise import noise
from tagmetry.features.measure_peak_chroma import peak_chroma
from tagmetry.features.measure_phash import phash
from tagmetry.features.measure_rendering import rendering
from tagmetry.features.measure_sharpness import sharpness
from tagmetry.features.measure_structure import structure
from tagmetry.features.measure_tile_sharpness import tile_sharpness
from tagmetry.features.measure_view import view
from tagmetry.hookspecs import hookimpl

__all__ = [
    "bars",
    "bits_per_pixel",
    "brightness",
    "clipping",
    "colour_moments",
    "colourfulness",
    "contrast",
    "crispness",
    "crispness_evenness",
    "detail_share",
    "dhash",
    "entropy",
    "hues",
    "level_range",
    "noise",
    "peak_chroma",
    "phash",
    "rendering",
    "sharpness",
    "structure",
    "tile_sharpness",
    "view",
]

FEATURES = (
    bars,
    bits_per_pixel,
    brightness,
    clipping,
    colour_moments,
    colourfulness,
    contrast,
    crispness,
    crispness_evenness,
    detail_share,
    dhash,
    entropy,
    hues,
    level_range,
    noise,
    peak_chroma,
    phash,
    rendering,
    sharpness,
    structure,
    tile_sharpness,
    view,
)
"""All of them, by name."""


@hookimpl
def tagmetry_features() -> Iterable[Feature]:
    return FEATURES
