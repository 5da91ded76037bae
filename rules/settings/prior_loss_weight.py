"""A weight of regularization images that is far from 1.

What it finds
    A prior_loss_weight below `low` or above `high` in a training with regularization images.

Why it matters
    It is the factor on their loss. Too little does not hold the drift, so that the class word turns into the concept;
    too much weakens the concept.

What to do
    Start from 1.0, the official value, and change it only when samples during training ask for it.

Known limits
    The two limits are Tagmetry's own choice. Without regularization images the weight does nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, TrainerConfig, option, rows_of


@dataclass(frozen=True, slots=True)
class Options:
    low: float = option(0.5, "Least weight that is not reported.", unit="ratio", low=0)
    high: float = option(2.0, "Largest weight that is not reported.", unit="ratio", low=0)


rule = Rule(
    id="prior-loss-weight",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed", "identity-collapse"),
    messages={
        "low": Plural(
            "{key} = {weight}: {n:count} regularization image hardly holds the drift",
            "{key} = {weight}: {n:count} regularization images hardly hold the drift",
        ),
        "high": Plural(
            "{key} = {weight}: {n:count} regularization image outweighs the concept",
            "{key} = {weight}: {n:count} regularization images outweigh the concept",
        ),
        "no-regularization": "there are no regularization images",
    },
    remedies=Remedies(training=("start from 1.0",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    weight = config.given("prior_loss_weight")
    rows = rows_of(part for part in config.parts if part.is_regularization)
    if not len(rows):
        raise Skip("no-regularization")
    if options.low <= weight.value <= options.high:
        return
    message = "low" if weight.value < options.low else "high"
    yield config.finding(
        rule,
        message,
        config.place_of(weight),
        values={"key": weight.key, "weight": f"{weight.value:g}", "n": len(rows)},
        rows=rows.tolist(),
        measured=Measurement(
            "prior_loss_weight", weight.value, getattr(options, message), option=message, unit="ratio"
        ),
    )
