"""Rules about triggers, class words and what goes with them. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.concepts import (
    class_hijack_risk,
    concept_overlap,
    framing_bias,
    mixed_identities,
    purpose_mismatch,
    tag_coupling,
    trigger_collision,
    trigger_coupling,
    trigger_missing,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        class_hijack_risk.rule,
        concept_overlap.rule,
        framing_bias.rule,
        mixed_identities.rule,
        purpose_mismatch.rule,
        tag_coupling.rule,
        trigger_collision.rule,
        trigger_coupling.rule,
        trigger_missing.rule,
    )
