"""Rules about single tags: how often they stand, how they are spelled, which exclude each other. Also their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.tags import (
    contradictory_tags,
    duplicate_tags,
    long_tail_tags,
    low_tag_entropy,
    tag_frequency,
    tag_image_mismatch,
    tag_synonyms,
    unknown_tags,
    vocabulary_skew,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        contradictory_tags.rule,
        duplicate_tags.rule,
        long_tail_tags.rule,
        low_tag_entropy.rule,
        tag_frequency.rule,
        tag_image_mismatch.rule,
        tag_synonyms.rule,
        unknown_tags.rule,
        vocabulary_skew.rule,
    )
