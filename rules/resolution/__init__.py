"""Rules about the size and shape of images. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.resolution import few_full_size_images, resolution_below_base_model


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        few_full_size_images.rule,
        resolution_below_base_model.rule,
    )
