"""Rules about triggers, class words and what goes with them. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.concepts import trigger_coupling, trigger_missing


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (trigger_coupling.rule, trigger_missing.rule)
