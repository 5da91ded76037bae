"""Rules about single tags: how often they stand, how they are spelled, which exclude each other. Also their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.tags import (
    contradictory_tags,
    duplicate_tags,
    long_tail_tags,
    tag_frequency,
    tag_synonyms,
    unknown_tags,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        contradictory_tags.rule,
        duplicate_tags.rule,
        long_tail_tags.rule,
        tag_frequency.rule,
        tag_synonyms.rule,
        unknown_tags.rule,
    )
