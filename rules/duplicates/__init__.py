"""Rules about images that are alike, the signal that pays most. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.duplicates import (
    dominant_cluster,
    duplicate_across_sets,
    duplicate_caption_mismatch,
    exact_duplicates,
    lookalikes_same_caption,
    mirrored_duplicates,
    near_duplicate_cluster,
    near_duplicate_ratio,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        dominant_cluster.rule,
        duplicate_across_sets.rule,
        duplicate_caption_mismatch.rule,
        exact_duplicates.rule,
        lookalikes_same_caption.rule,
        mirrored_duplicates.rule,
        near_duplicate_cluster.rule,
        near_duplicate_ratio.rule,
    )
