"""Rules about how many images there are, and how evenly they are spread. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.balance import (
    concept_imbalance,
    continuation_mix,
    dataset_size,
    effective_size,
    epoch_fraction_low,
    over_exposure,
    too_small_to_balance,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        concept_imbalance.rule,
        continuation_mix.rule,
        dataset_size.rule,
        effective_size.rule,
        epoch_fraction_low.rule,
        over_exposure.rule,
        too_small_to_balance.rule,
    )
