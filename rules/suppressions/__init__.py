"""Rules about the policy's own suppressions. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.suppressions import suppression_expired, suppression_too_broad, suppression_unused


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        suppression_expired.rule,
        suppression_too_broad.rule,
        suppression_unused.rule,
    )
