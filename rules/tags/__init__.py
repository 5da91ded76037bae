"""Rules about single tags: how often they stand. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.tags import long_tail_tags, tag_frequency


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (long_tail_tags.rule, tag_frequency.rule)
