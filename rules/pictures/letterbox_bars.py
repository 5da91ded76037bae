"""Plain bars or a frame around the picture.

What it finds
    Images with even bars that end abruptly along their whole length, on two opposite sides (a film still, a padded
    picture) or all around (a frame), each of at least `limit` of the width or height.

Why it matters
    Bars are part of what is trained. When several images of a concept have them they come back in generated
    pictures, and each takes room from what the picture shows.

What to do
    Crop the bars away; let the trainer's buckets take the shape that is left.

Known limits
    Bars with writing or a logo in them are not seen, nor is a bar on one side only. A window or a wall that is even
    to the pixel and fills both edges of a photograph passes for bars.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import ROLES, Hits, Remedies, Rule, Samples, Severity, option
from tagmetry.features import bars, level_range
from tagmetry.rules.pictures.of_concept import filled


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.04,
        "Share of the width or height that the bars of two opposite sides take together to be reported. "
        "Another checker of datasets uses 4 % too.",
        unit="share",
        low=0,
        high=0.9,
    )


rule = Rule(
    id="letterbox-bars",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "memorization"),
    roles=ROLES,
    needs=(bars, level_range),
    messages={
        "sides": "{path} has bars left and right: {share:percent} of its width",
        "ends": "{path} has bars above and below: {share:percent} of its height",
        "frame": "{path} has a plain frame: {share:percent} of its width and {high:percent} of its height",
    },
    remedies=Remedies(data=("crop the bars of {path} away",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    found = samples.values(bars)
    shares = np.where(found.valid[:, None], found.values, 0).astype(np.float64)
    wide = _both(shares[:, 0], shares[:, 2])
    high = _both(shares[:, 1], shares[:, 3])
    judged = filled(samples)
    across, along = judged & (wide >= options.limit), judged & (high >= options.limit)
    for message, mask, share in (
        ("frame", across & along, wide),
        ("sides", across & ~along, wide),
        ("ends", along & ~across, high),
    ):
        yield rule.hits(
            message,
            mask,
            values={"path": samples.paths, "share": share, "high": high},
            metric="bars",
            measured=share,
            limit=options.limit,
            option="limit",
            unit="share",
        )


def _both(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the bars of two sides take together, 0 where there is one only."""
    # Stored in single precision, two halves of a limit would fall short of it.
    return np.where((one > 0) & (other > 0), np.round(one + other, 5), 0.0)
