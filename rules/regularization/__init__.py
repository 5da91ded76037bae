"""Rules about regularization and preservation images, which keep what the model knew. This module is their plugin."""

from tagmetry.api import Rule, hookimpl
from tagmetry.rules.regularization import (
    generated_regularization,
    missing_regularization,
    preservation_mix,
    regularization_quality,
    regularization_ratio,
    thin_regularization_captions,
)


@hookimpl
def tagmetry_rules() -> tuple[Rule, ...]:
    return (
        generated_regularization.rule,
        missing_regularization.rule,
        preservation_mix.rule,
        regularization_quality.rule,
        regularization_ratio.rule,
        thin_regularization_captions.rule,
    )
