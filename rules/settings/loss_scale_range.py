"""A factor on the loss that is negative or far from 1.

What it finds
    Loss factors outside `low` to `high` (a warning), and negative ones (an error), with the images that they hold for.

Why it matters
    A factor acts like a learning rate of its own for those images. Large ones make training rough and let a
    concept bleed into others; a negative one pushes the model away from the images and can wreck it.

What to do
    Keep factors between 0.5 and 2, and rather weaken noisy images than strengthen good ones.

Known limits
    Only for trainers that have such a factor: EveryDream2's loss_scale. sd-scripts weighs regularization images
    alone, which `prior-loss-weight` judges.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, TrainerConfig, option, rows_of


@dataclass(frozen=True, slots=True)
class Options:
    low: float = option(0.5, "Least factor that is not reported.", unit="ratio", low=0, source="S0")
    high: float = option(2.0, "Largest factor that is not reported.", unit="ratio", low=0, source="S0")


rule = Rule(
    id="loss-scale-range",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability", "concept-bleed"),
    messages={
        "negative": Plural(
            "{key} is {value} for {n:count} image: the training works against it and can wreck the model",
            "{key} is {value} for {n:count} images: the training works against them and can wreck the model",
        ),
        "low": Plural(
            "{key} is {value} for {n:count} image: it hardly counts",
            "{key} is {value} for {n:count} images: they hardly count",
        ),
        "high": Plural(
            "{key} is {value} for {n:count} image: it pulls {value} times as hard as the others",
            "{key} is {value} for {n:count} images: they pull {value} times as hard as the others",
        ),
    },
    remedies={
        "negative": Remedies(training=("leave the images out instead",)),
        "low": Remedies(training=("keep it between 0.5 and 2, or leave the images out",)),
        "high": Remedies(training=("keep it at most at 2; rather lower the factor of noisy images",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    placed = list(config.by_place("loss_scale"))
    if not placed:
        raise Skip("trainer-lacks-it")
    for given, parts in placed:
        factor = float(given.value)
        if options.low <= factor <= options.high:
            continue
        message = "negative" if factor < 0 else "low" if factor < options.low else "high"
        rows = rows_of(parts)
        option_name = "high" if message == "high" else "low"
        yield config.finding(
            rule,
            message,
            config.place_of(given, parts),
            values={"key": given.key, "value": f"{factor:g}", "n": len(rows)},
            rows=rows.tolist(),
            measured=Measurement("loss_scale", factor, getattr(options, option_name), option=option_name, unit="ratio"),
            severity=Severity.ERROR if factor < 0 else None,
        )
