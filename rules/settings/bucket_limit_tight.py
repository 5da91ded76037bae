"""Buckets that have no room for wide and tall pictures.

What it finds
    A max_bucket_reso that is hardly above the resolution, with the images that are trained at less than `least_area`
    of the area that they would have with room for their shape.

Why it matters
    A wide picture needs a longer side than the square to have its area. Where the longest side is limited to
    that of the square, its height shrinks and its width does not grow: at 1024 a picture of 1600 × 900 is trained at
    1024 × 576, with little more than half of the pixels.

What to do
    Set max_bucket_reso to twice the resolution.

Known limits
    sd-scripts takes 1024 where nothing is set, whatever the resolution. The limit is Tagmetry's own choice. With
    bucket_no_upscale the limits do nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tagmetry.api import (
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    TrainerConfig,
    option,
    stored_sizes,
)
from tagmetry.trainers import TRAINERS


@dataclass(frozen=True, slots=True)
class Options:
    least_area: float = option(
        0.85, "Share of the area with room enough below which a picture is reported.", unit="share", low=0, high=1
    )


rule = Rule(
    id="bucket-limit-tight",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("style-drift",),
    messages={
        "found": Plural(
            "max_bucket_reso {limit} leaves no room beside {width} × {height}: {n:count} of {total:count} images is "
            "trained at {area:percent} of the area that it would have",
            "max_bucket_reso {limit} leaves no room beside {width} × {height}: {n:count} of {total:count} images are "
            "trained at as little as {area:percent} of the area that they would have",
        ),
    },
    remedies=Remedies(training=("set max_bucket_reso to {wanted}",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    if config.trainer != "kohya":
        raise Skip("trainer-lacks-it")
    trainer = TRAINERS[config.trainer]
    width, height = stored_sizes(config.dataset, trainer)
    for limit, of_dataset, rows in config.of_datasets("max_bucket_reso"):
        settings = of_dataset.settings
        if "resolution" not in settings or not len(rows) or of_dataset.value("bucket_no_upscale"):
            continue
        if not of_dataset.value("enable_bucket"):
            continue
        sides = settings["resolution"].value
        wanted = 2 * max(sides)
        roomy = {**settings, "max_bucket_reso": replace(limit, value=max(wanted, limit.value))}
        buckets = trainer.configured_buckets(width[rows], height[rows], settings)
        free = trainer.configured_buckets(width[rows], height[rows], roomy)
        if buckets is None or free is None:
            continue
        area = buckets.width * buckets.height / np.maximum(free.width * free.height, 1)
        hit = (area < options.least_area) & ~buckets.stops
        if not hit.any():
            continue
        least = float(area[hit].min())
        yield config.finding(
            rule,
            "found",
            limit.place or of_dataset.place,
            values={
                "limit": str(limit.value),
                "width": str(sides[0]),
                "height": str(sides[1]),
                "n": int(hit.sum()),
                "total": len(rows),
                "area": least,
                "wanted": str(wanted),
            },
            rows=rows[hit].tolist(),
            measured=Measurement("area_share", least, options.least_area, option="least_area", unit="share"),
        )
