"""Rules about the size and shape of images. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.resolution import (
    bucket_crop_loss,
    bucket_underfilled,
    bucket_upscaled,
    extreme_aspect_ratio,
    few_full_size_images,
    inconsistent_resolution,
    orientation_ignored,
    resolution_below_base_model,
    too_thin_for_bucket,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        bucket_crop_loss.rule,
        bucket_underfilled.rule,
        bucket_upscaled.rule,
        extreme_aspect_ratio.rule,
        few_full_size_images.rule,
        inconsistent_resolution.rule,
        orientation_ignored.rule,
        resolution_below_base_model.rule,
        too_thin_for_bucket.rule,
    )
