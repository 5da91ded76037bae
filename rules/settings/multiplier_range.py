"""Repeats that shift the balance too far, or mean something else than they say.

What it finds
    Training images whose repeats are below `low` or above `high` times those of most others; with EveryDream2 the
    multiplier itself is judged. And repeats of 0, which trainers read in different ways: sd-scripts leaves the
    images out, EveryDream2 takes them once (errors).

Why it matters
    Repeats are how often an image is shown. Far above the others it is learned by heart, and its concept
    bleeds into them; far below it is hardly learned.

What to do
    Keep multipliers between 1 and 3 for balance. To leave images out, take their folder out.

Known limits
    For whole repeats, as sd-scripts has them, the same number everywhere shifts nothing, so they are compared with the
    median over all training images. Regularization images are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import (
    ConfigPart,
    Finding,
    Given,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    TrainerConfig,
    option,
    rows_of,
)


@dataclass(frozen=True, slots=True)
class Options:
    low: float = option(0.5, "Least multiplier that is not reported.", unit="ratio", low=0, source="S0")
    high: float = option(3.0, "Largest multiplier that is not reported.", unit="ratio", low=0, source="S0")


rule = Rule(
    id="multiplier-range",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("memorization", "concept-bleed"),
    messages={
        "high": Plural(
            "{key} = {value} shows {n:count} image {factor:number} times as often as most others",
            "{key} = {value} shows {n:count} images {factor:number} times as often as most others",
        ),
        "low": Plural(
            "{key} = {value} shows {n:count} image only {factor:number} times as often as most others",
            "{key} = {value} shows {n:count} images only {factor:number} times as often as most others",
        ),
        "ignored": Plural(
            "{key} = {value}: {n:count} image will never be trained, for the trainer ignores its subset",
            "{key} = {value}: {n:count} images will never be trained, for the trainer ignores their subset",
        ),
        "counts-as-one": Plural(
            "{key} = {value} counts as 1: {n:count} image is trained like all others",
            "{key} = {value} counts as 1: {n:count} images are trained like all others",
        ),
    },
    remedies={
        "high": Remedies(training=("keep the multiplier between 1 and 3, and add regularization images",)),
        "low": Remedies(training=("raise it to 0.5 at least, or take the images out",)),
        "ignored": Remedies(training=("set it to 1 or more; to leave the images out, take their subset out",)),
        "counts-as-one": Remedies(
            training=("to leave the images out, take their folder out or name it with a dot first",)
        ),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    median = 1.0 if config.trainer == "everydream" else _median(config.training_parts)
    for given, parts in config.by_place("num_repeats"):
        training = tuple(part for part in parts if not part.is_regularization)
        if not training:
            continue
        value = float(given.value)
        if value <= 0:
            yield _zero(config, given, training)
            continue
        factor = value / median
        if options.low <= factor <= options.high:
            continue
        limit = "high" if factor > options.high else "low"
        rows = rows_of(training)
        yield config.finding(
            rule,
            limit,
            config.place_of(given, training),
            values={"key": given.key, "value": f"{value:g}", "n": len(rows), "factor": round(factor, 2)},
            rows=rows.tolist(),
            measured=Measurement("multiplier", factor, getattr(options, limit), option=limit, unit="ratio"),
        )


def _median(parts: tuple[ConfigPart, ...]) -> float:
    """The repeats of most images."""
    counted = [(float(part.value("num_repeats") or 0), len(part.rows)) for part in parts]
    used = [(value, n) for value, n in counted if value > 0]
    if not used:
        return 1.0
    return float(np.median(np.repeat([value for value, _ in used], [n for _, n in used])))


def _zero(config: TrainerConfig, given: Given, parts: tuple[ConfigPart, ...]) -> Finding:
    rows = rows_of(parts)
    return config.finding(
        rule,
        "counts-as-one" if config.trainer == "everydream" else "ignored",
        config.place_of(given, parts),
        values={"key": given.key, "value": f"{given.value:g}", "n": len(rows)},
        rows=rows.tolist(),
        measured=Measurement("multiplier", float(given.value)),
        severity=Severity.ERROR,
    )
