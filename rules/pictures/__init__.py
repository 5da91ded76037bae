"""Rules about what the pictures themselves look like. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.pictures import (
    animated_image,
    blank_image,
    blurry_image,
    extreme_compression,
    extreme_dimensions,
    letterbox_bars,
    mixed_formats,
    mixed_rendering,
    odd_color_mode,
    skewed_palette,
    tonal_outlier,
    uneven_conditions,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        animated_image.rule,
        blank_image.rule,
        blurry_image.rule,
        extreme_compression.rule,
        extreme_dimensions.rule,
        letterbox_bars.rule,
        mixed_formats.rule,
        mixed_rendering.rule,
        odd_color_mode.rule,
        skewed_palette.rule,
        tonal_outlier.rule,
        uneven_conditions.rule,
    )
