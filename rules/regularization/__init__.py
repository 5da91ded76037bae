"""Rules about regularization and preservation images, which keep what the model knew. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.regularization import (
    missing_regularization,
    preservation_mix,
    regularization_ratio,
    thin_regularization_captions,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        missing_regularization.rule,
        preservation_mix.rule,
        regularization_ratio.rule,
        thin_regularization_captions.rule,
    )
