"""Pictures of several shapes trained without buckets.

What it finds
    Images whose shape differs from that of the training resolution by more than `tolerance`, where enable_bucket is
    off.

Why it matters
    Without buckets every picture has to be of the one size. With cached latents sd-scripts scales each to cover that
    size and cuts off what is left over; without them it stops at the first picture that does not fit.

What to do
    Set enable_bucket = true, with a max_bucket_reso above the resolution.

Known limits
    Switched off is also the trainer's default, which counts as off. How much of a difference matters is
    Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, TrainerConfig, option


@dataclass(frozen=True, slots=True)
class Options:
    tolerance: float = option(
        0.02, "Difference of the ratio of sides that is not reported.", unit="share", low=0, high=1
    )


rule = Rule(
    id="bucketing-off",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability",),
    messages={
        "cached": (
            "enable_bucket is off, so {n:count} of {total:count} images are cut to {width} × {height}, at most "
            "{loss:percent} of the picture"
        ),
        "found": (
            "enable_bucket is off, and {n:count} of {total:count} images have another shape than {width} × {height}: "
            "they are cut to it where latents are cached, and stop the trainer where they are not"
        ),
    },
    remedies=Remedies(
        data=("or crop all pictures to one shape",),
        training=("set enable_bucket = true, with a max_bucket_reso above the resolution",),
    ),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    train = config.dataset.samples
    ratios = train.column("width").values / np.maximum(train.column("height").values, 1)
    for given, of_dataset, rows in config.of_datasets("enable_bucket"):
        resolution = of_dataset.settings.get("resolution")
        if given.value or resolution is None or not len(rows):
            continue
        width, height = resolution.value
        wanted = width / height
        own = ratios[rows]
        difference = np.maximum(own / wanted, wanted / own) - 1
        hit = rows[difference > options.tolerance]
        if not len(hit):
            continue
        loss = round(float(difference.max() / (1 + difference.max())), 6)
        yield config.finding(
            rule,
            "cached" if config.value("cache_latents") else "found",
            given.place or of_dataset.place,
            values={"n": len(hit), "total": len(rows), "width": str(width), "height": str(height), "loss": loss},
            rows=hit.tolist(),
            measured=Measurement("crop_loss", loss, options.tolerance, option="tolerance", unit="share"),
        )
