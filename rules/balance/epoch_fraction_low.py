"""Too small a part of a concept in each epoch.

What it finds
    Training images of which an epoch draws less than `info_limit` at random (a note), or less than `limit` (a warning).

Why it matters
    What one epoch leaves out the next ones may or may not show: backgrounds, strokes and colours are covered unevenly,
    which styles suffer from most.

What to do
    Raise the fraction, fix the seed, count steps instead of epochs, and draw evenly within the concept.

Known limits
    Only trainers that take fractions: EveryDream2's multiply below 1. Preservation and regularization sets are meant to
    be drawn thinly, and are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, Skip, TrainerConfig, option, rows_of


@dataclass(frozen=True, slots=True)
class Options:
    info_limit: float = option(
        0.5, "Part of the images per epoch below which it is a note.", unit="share", low=0, high=1, source="S0"
    )
    limit: float = option(
        0.3, "Part of the images per epoch below which it is a warning.", unit="share", low=0, high=1, source="S0"
    )


rule = Rule(
    id="epoch-fraction-low",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("memorization", "style-drift"),
    messages={
        "found": "{key} = {value} draws about {share:percent} of {n:count} images per epoch, at random",
    },
    remedies=Remedies(training=("raise it to a half or more; set a seed, and count steps instead of epochs",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    if config.trainer != "everydream":
        raise Skip("trainer-lacks-it")
    is_train = config.dataset.roles.equals("train")
    for given, parts in config.by_place("num_repeats"):
        share = float(given.value)
        rows = rows_of(parts)
        rows = rows[is_train[rows]]
        if not 0 < share < max(options.info_limit, options.limit) or not len(rows):
            continue
        is_low = share < options.limit
        yield config.finding(
            rule,
            "found",
            config.place_of(given, parts),
            values={"key": given.key, "value": f"{share:g}", "share": share, "n": len(rows)},
            rows=np.asarray(rows).tolist(),
            measured=Measurement(
                "epoch_fraction",
                share,
                options.limit if is_low else options.info_limit,
                option="limit" if is_low else "info_limit",
                unit="share",
            ),
            severity=None if is_low else Severity.INFO,
        )
