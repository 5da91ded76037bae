"""An image of quite another size than the rest of its concept, or of an extreme one.

What it finds
    Images with `factor` times as many pixels as the middle image of their concept, or as few, if that is also far
    outside the concept's own spread; and images with a side of more than `max_side_px`.

Why it matters
    Such an image mostly slipped in: a scan, a panorama, a thumbnail. A giant is shrunk until its detail is gone and
    slows down every pass over the data, and what is far outside the rest is what training stumbles over.

What to do
    Take the image out and look at it: crop or shrink a giant to what is wanted of it, replace a dwarf.

Known limits
    Concepts of fewer than `min_images` are not compared. What is smaller than the base model needs is told by
    `resolution-below-base-model` alone. Shape does not count here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Hits, Remedies, Rule, Samples, Severity, option, robust_spread
from tagmetry.rules.pictures.of_concept import groups


@dataclass(frozen=True, slots=True)
class Options:
    max_side_px: int = option(
        12_000, "An image with a longer side is reported whatever the others are.", unit="px", low=1024, high=100_000
    )
    factor: float = option(
        16.0,
        "How many times as many or as few pixels as the middle image an image has to be reported: 16 is four times as "
        "wide and high.",
        unit="ratio",
        low=2,
    )
    deviations: float = option(
        3.5,
        "Distance from the middle, in robust standard deviations of the logarithm of the number of pixels, from which "
        "an image counts as far from the rest.",
        low=1,
    )
    min_images: int = option(8, "Concepts with fewer images are not compared.", unit="images", low=3, high=100_000)
    small_px: int = option(
        512,
        "Images with a shorter short side are left to `resolution-below-base-model`.",
        unit="px",
        low=0,
        high=65_536,
    )


rule = Rule(
    id="extreme-dimensions",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("instability",),
    messages={
        "giant": "{path} is {width:number} × {height:number} px, far beyond what any trainer uses",
        "larger": (
            "{path} has {times:number} times the pixels of the other images ({width:number} × {height:number} px)"
        ),
        "smaller": (
            "the other images have {times:number} times the pixels of {path} ({width:number} × {height:number} px)"
        ),
    },
    remedies={
        "giant": Remedies(data=("crop or shrink {path} to what is wanted of it",)),
        "larger": Remedies(data=("look at {path}: crop or shrink it, or take it out",)),
        "smaller": Remedies(data=("look at {path}: replace it by a larger original, or take it out",)),
    },
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    width, height = (samples.column(name).values.astype(np.float64) for name in ("width", "height"))
    values = {"path": samples.paths, "width": width, "height": height}
    longest = np.maximum(width, height)
    giant = longest > options.max_side_px
    yield rule.hits(
        "giant",
        giant,
        values=values,
        metric="long_side_px",
        measured=longest,
        limit=options.max_side_px,
        option="max_side_px",
        unit="px",
    )
    times = _times(samples, options)
    small = samples.short_side_px < options.small_px
    for message, mask, ratio in (
        ("larger", (times >= options.factor) & ~giant, times),
        ("smaller", (times <= 1 / options.factor) & ~small, 1 / times),
    ):
        yield rule.hits(
            message,
            mask,
            values={**values, "times": np.round(ratio)},
            metric="pixels_ratio",
            measured=ratio,
            limit=options.factor,
            option="factor",
            unit="ratio",
        )


def _times(samples: Samples, options: Options) -> NDArray[np.float64]:
    """How many times the pixels of its concept's middle image each has; 1 where it is not far from the rest."""
    found = np.ones(samples.n)
    for places, concept in groups(samples):
        if concept.n < options.min_images:
            continue
        logs = _log_pixels(concept)
        spread = robust_spread(logs)
        own = _log_pixels(samples)[places]
        far = np.abs(spread.distance(own)) >= options.deviations
        found[places] = np.where(far, np.exp(own - spread.median), 1.0)
    return found


def _log_pixels(samples: Samples) -> NDArray[np.float64]:
    width, height = (samples.column(name).values.astype(np.float64) for name in ("width", "height"))
    return np.log(width * height)
