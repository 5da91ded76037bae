"""A picture that is out of focus, shaken, or enlarged.

What it finds
    Images whose strongest edges are soft: below `least_crispness` whatever the others are, or below `share_of_set` of
    what their concept has in the middle. Images whose edges are soft in one direction only, as a camera leaves them
    that moved. As a note, images that are larger than they have detail for: enlarged ones,
    and soft ones at full size.

Why it matters
    The model learns softness as part of the concept. In a set of twenty pictures one blurred picture is seen as often
    as each good one, and people who train Flux report that it can spoil the set.

What to do
    Remove the picture, or replace it by a sharp one of the same scene: fewer pictures, all of them good, do better.
    Sharpening in an editor adds rims, which are learned as well.

Known limits
    The sharpest tenth of the picture counts, so that a blurred background is no fault; a picture whose subject is
    blurred in front of a sharp background is not found. Strong grain passes for sharpness. Pictures that are soft
    because they are too small are told by `resolution-below-base-model` alone, and blank ones by `blank-image`. Where
    the purpose is a style, soft painting may be what is wanted, and only what is softer than the rest is told. Detail
    of large JPEGs is looked for up to 512 to 1023 pixels of their longest side, as they are decoded; what falls short
    of more than that is not noticed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Hits, Mask, Remedies, Rule, Samples, Severity, option, robust_spread
from tagmetry.features import crispness, crispness_evenness, detail_share, level_range
from tagmetry.rules.pictures.of_concept import filled, groups


@dataclass(frozen=True, slots=True)
class Options:
    least_crispness: float = option(
        0.75,
        "Crispness (the feature of that name: 1 over the width of the strongest edges) below which a picture is "
        "blurred whatever the others are. Sharp photographs and drawings have 1.15 and more; blurred by 1.5 pixels at "
        "working size they have at most 0.7.",
        low=0,
    )
    share_of_set: float = option(
        0.55,
        "Share of the middle crispness of its concept below which a picture is softer than the rest.",
        unit="share",
        low=0,
        high=1,
    )
    band_crispness: float = option(
        1.1, "Pictures of at least this crispness are not compared with the rest: they are sharp.", low=0
    )
    deviations: float = option(
        3.5, "Distance from the middle, in robust standard deviations, that is wanted as well.", low=1
    )
    min_images: int = option(
        8, "In concepts with fewer images a picture is not compared with the rest.", unit="images", low=3, high=100_000
    )
    least_evenness: float = option(
        0.6,
        "Crispness of the softest direction over its perpendicular (the feature `crispness_evenness`) below which a "
        "picture is smeared, if its edges are no crisper than 1.8 altogether. Pictures in focus have 0.72 and more; a "
        "camera that moved by 5 pixels at working size leaves about 0.5.",
        unit="share",
        low=0,
        high=1,
    )
    least_detail: float = option(
        0.65,
        "Share of its size that a picture fills with detail (the feature `detail_share`) below which it counts as "
        "enlarged or soft. Enlarged three times, pictures come out below 0.6.",
        unit="share",
        low=0,
        high=1,
    )


_LEAST_LEVELS: Final = 140
_NOT_SMEARED: Final = 1.8
"""Crispness from which on a picture is sharp enough not to be called smeared."""

_ENOUGH_PX: Final = {"sdxl": 512, "sd15": 512, "flux": 768}
_ENOUGH_FOR_ANY_PX: Final = 512
"""Short sides that the base models need (see `resolution-below-base-model`)."""

_REPLACE: Final = Remedies(data=("remove {path}, or replace it by a sharp picture",))

rule = Rule(
    id="blurry-image",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("style-drift", "identity-collapse"),
    needs=(crispness, crispness_evenness, detail_share, level_range),
    messages={
        "blurred": "{path} is blurred: its sharpest edges are {width:number} px wide at a longest side of 512 px",
        "smeared": (
            "{path} is smeared in one direction: its edges are {times:number} times as wide there as across it"
        ),
        "softer": (
            "{path} is softer than the rest: its edges are {times:number} times as wide as is usual in its concept"
        ),
        "enlarged": (
            "{path} has the detail of a picture of about {detail:px} on its short side, and {short_side:px}: it was "
            "enlarged, or is soft"
        ),
    },
    remedies={
        "blurred": _REPLACE,
        "smeared": _REPLACE,
        "softer": _REPLACE,
        "enlarged": Remedies(data=("look at {path} at full size; use the original that it was enlarged from",)),
    },
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    profile = samples.dataset.profile
    enough = _ENOUGH_PX.get(profile.base_model or "", _ENOUGH_FOR_ANY_PX)
    crisp = samples.values(crispness)
    short_side = samples.short_side_px
    judged = crisp.valid & filled(samples) & (short_side >= enough)
    values = np.where(crisp.valid, crisp.values, 0.0)
    blurred = judged & (values < options.least_crispness) & (profile.purpose != "style")
    yield rule.hits(
        "blurred",
        blurred,
        values={"path": samples.paths, "width": 1 / np.maximum(values, 0.01)},
        metric="crispness",
        measured=values,
        limit=options.least_crispness,
        option="least_crispness",
    )
    even = samples.values(crispness_evenness)
    evenness = np.where(even.valid, even.values, 1.0)
    smeared = judged & ~blurred & (evenness < options.least_evenness) & (values < _NOT_SMEARED)
    yield rule.hits(
        "smeared",
        smeared,
        values={"path": samples.paths, "times": 1 / np.maximum(evenness, 0.01)},
        metric="crispness_evenness",
        measured=evenness,
        limit=options.least_evenness,
        option="least_evenness",
        unit="share",
    )
    blurred |= smeared
    share, softer = _softer(samples, judged & ~blurred & (values < options.band_crispness), options)
    yield rule.hits(
        "softer",
        softer,
        values={"path": samples.paths, "times": 1 / np.maximum(share, 0.01)},
        metric="crispness_share",
        measured=share,
        limit=options.share_of_set,
        option="share_of_set",
        unit="share",
    )
    # In a picture of few levels, dark or washed out, fine detail drowns in rounding.
    seen = samples.values(level_range).values >= _LEAST_LEVELS
    detail = samples.values(detail_share)
    filled_share = np.where(detail.valid, detail.values, 1.0)
    detail_px = np.round(filled_share * short_side).astype(np.int64)
    yield rule.hits(
        "enlarged",
        judged & seen & ~blurred & ~softer & (filled_share < options.least_detail) & (detail_px < enough),
        values={"path": samples.paths, "detail": detail_px, "short_side": short_side},
        metric="detail_share",
        measured=filled_share,
        limit=options.least_detail,
        option="least_detail",
        unit="share",
        severity=Severity.INFO,
        evidence="heuristic",
    )


def _softer(samples: Samples, candidates: Mask, options: Options) -> tuple[NDArray[np.float64], Mask]:
    """The share of its concept's middle crispness that each picture has, and which are far below it."""
    share, softer = np.ones(samples.n), np.zeros(samples.n, dtype=bool)
    own = samples.values(crispness).values
    for places, concept in groups(samples):
        here = places[candidates[places]]
        if not len(here):
            continue
        figures = concept.values(crispness)
        spread = robust_spread(figures.values[figures.valid & filled(concept)])
        if spread.n < options.min_images or spread.median <= 0:
            continue
        share[here] = own[here] / spread.median
        softer[here] = (share[here] < options.share_of_set) & (spread.distance(own[here]) <= -options.deviations)
    return share, softer
