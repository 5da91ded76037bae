"""A picture much darker, lighter, flatter, harsher or more coloured than the rest of its concept.

What it finds
    Images that are nearly black or washed out whatever the others are: with a mean brightness below `black` or above
    `white`, and without the opposite anywhere. And images whose brightness, contrast or mean colour lies far from the
    middle of their concept: more than `deviations` robust standard deviations, and by so much that it can be seen (70
    grey levels darker, 105 lighter, 50 of contrast, a tint of 0.12 in Oklab). A tint that lies over all colours, as
    under coloured light, stands out from 0.04 and half of the `deviations` on.

Why it matters
    The one dim, burnt-out or tinted picture is what training stumbles over, and its tone is learned in part as the
    concept's. Where all pictures are lit in their own way no single one stands out, and nothing is reported.

What to do
    Correct brightness and white balance, or take the picture out. If the light is meant, name it in the caption
    (night, dark, backlighting, sunset).

Known limits
    Compares within a concept of at least `min_images`; fewer are too few to tell what is usual. There a picture whose
    caption names its light is left out. The figures are means over the whole picture: a white background makes a
    picture light. Grey pictures among coloured ones are told by `odd-color-mode`, blank ones by `blank-image`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Hits, Mask, Plural, Remedies, Rule, Samples, Severity, Skip, option, robust_spread
from tagmetry.features import brightness, colour_moments, contrast, hues, level_range
from tagmetry.rules.pictures.of_concept import filled, groups, said


@dataclass(frozen=True, slots=True)
class Options:
    black: float = option(
        50.0,
        "Mean brightness, of 255, below which a picture is nearly black if its levels span fewer than 80.",
        low=0,
        high=255,
    )
    white: float = option(
        200.0,
        "Mean brightness, of 255, above which a picture is washed out if its levels span fewer than 140. Things on "
        "plain white span more.",
        low=0,
        high=255,
    )
    deviations: float = option(
        4.5,
        "Distance from the middle of the concept, in robust standard deviations, from which a picture stands out. The "
        "usual 3.5 names good pictures in sets whose light varies.",
        low=1,
    )
    min_images: int = option(
        8, "In concepts with fewer images a picture is not compared with the rest.", unit="images", low=3, high=100_000
    )


_BLACK_LEVELS: Final = 80
_WHITE_LEVELS: Final = 140
"""Levels that a nearly black and a washed-out picture span at most; dark photographs with a light in them span 150."""

_LEAST_DARKER: Final = 70.0
_LEAST_LIGHTER: Final = 105.0
_LEAST_CONTRAST: Final = 50.0
_LEAST_TINT: Final = 0.12
_LEAST_CAST: Final = 0.04
_CAST_DEVIATIONS: Final = 1 / 2
"""What can be seen at a glance, and is not merely unusual in a set that is very even.

As many levels are less to the eye on the light side, where good pictures on white lie 100 above the usual. Fields of
flowers and the sea at night lie 0.1 further from the usual colour than most.
"""
_ONE_HUE: Final = 0.98
"""The chroma of the mean over the mean chroma, which is 1 where all colours are of one hue.

Under coloured light pictures have 0.99; pictures of a lawn 0.97 at most.
"""

_DARK: Final[tuple[str, ...]] = (
    "night", "dark", "dim", "low light", "low key", "midnight", "moonlight", "silhouette", "backlighting", "夜",
    "暗い", "夜晚",
)  # fmt: skip
_LIGHT: Final[tuple[str, ...]] = (
    "bright", "high key", "overexposed", "white background", "snow", "simple background", "白背景", "雪",
    "白色背景",
)  # fmt: skip
_TINTED: Final[tuple[str, ...]] = (
    "sunset", "sunrise", "golden hour", "neon", "theme", "lighting", "background", "sepia", "underwater", "夕焼け",
    "黄昏", "日落",
)  # fmt: skip
_FLAT: Final[tuple[str, ...]] = ("fog", "mist", "haze", "high contrast", "monochrome", "silhouette", "霧", "雾")

Figures = Callable[[Samples], tuple[NDArray[np.float64], Mask]]
"""A figure of each sample, and where there is one."""

_CORRECT: Final = Remedies(
    data=("correct {path} in an image editor or take it out; if its light is meant, name it in the caption",)
)

rule = Rule(
    id="tonal-outlier",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "instability"),
    needs=(brightness, contrast, colour_moments, hues, level_range),
    messages={
        "black": "{path} is nearly black: mean brightness {value:number} of 255, and nothing in it is light",
        "washed-out": "{path} is washed out: mean brightness {value:number} of 255, and nothing in it is dark",
        "darker": "{path} is much darker than the rest: mean brightness {value:number} of 255, {usual:number} is usual",
        "lighter": (
            "{path} is much lighter than the rest: mean brightness {value:number} of 255, {usual:number} is usual"
        ),
        "harsher": "{path} has much more contrast than the rest: {value:number} grey levels, {usual:number} is usual",
        "flatter": "{path} has much less contrast than the rest: {value:number} grey levels, {usual:number} is usual",
        "tinted": "{path} is of quite another colour than the rest: {value:number} in Oklab from the usual one",
        "too-few": Plural(
            "no concept has the {limit:count} images needed to tell what is usual; the largest has one",
            "no concept has the {limit:count} images needed to tell what is usual; the largest has {n:count}",
        ),
    },
    remedies={
        "black": _CORRECT,
        "washed-out": _CORRECT,
        "darker": _CORRECT,
        "lighter": _CORRECT,
        "harsher": _CORRECT,
        "flatter": _CORRECT,
        "tinted": _CORRECT,
    },
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    taken = np.zeros(samples.n, dtype=bool)
    levels, mean = samples.values(level_range), samples.values(brightness)
    known = levels.valid & mean.valid & filled(samples)
    for message, mask, limit, name in (
        ("black", (mean.values < options.black) & (levels.values < _BLACK_LEVELS), options.black, "black"),
        ("washed-out", (mean.values > options.white) & (levels.values < _WHITE_LEVELS), options.white, "white"),
    ):
        mask = mask & known
        taken |= mask
        yield rule.hits(
            message,
            mask,
            values={"path": samples.paths, "value": mean.values},
            metric="brightness",
            measured=mean.values,
            limit=limit,
            option=name,
            key=message,
        )
    largest = max((concept.n for _, concept in groups(samples)), default=0)
    if largest < options.min_images:
        raise Skip("too-few", n=largest, limit=options.min_images)
    light, far_light, usual_light = _far(samples, _brightness, _LEAST_DARKER, options)
    hardness, far_hardness, usual_hardness = _far(samples, _contrast, _LEAST_CONTRAST, options)
    tint, far_tint, usual_tint = _far(samples, _tint, _LEAST_TINT, options)
    far_tint |= _of_one_hue(samples) & _far(samples, _tint, _LEAST_CAST, options, share=_CAST_DEVIATIONS)[1]
    for message, mask, values, usual, words in (
        ("darker", far_light & (light < usual_light), light, usual_light, _DARK),
        ("lighter", far_light & (light >= usual_light + _LEAST_LIGHTER), light, usual_light, _LIGHT),
        ("tinted", far_tint & (tint > usual_tint), tint, usual_tint, _TINTED),
        ("harsher", far_hardness & (hardness > usual_hardness), hardness, usual_hardness, _FLAT),
        ("flatter", far_hardness & (hardness < usual_hardness), hardness, usual_hardness, _FLAT),
    ):
        mask = _unsaid(samples, mask & ~taken, words)
        taken |= mask
        yield rule.hits(
            message,
            mask,
            values={"path": samples.paths, "value": values, "usual": usual},
            metric={"tinted": "tint", "harsher": "contrast", "flatter": "contrast"}.get(message, "brightness"),
            measured=values,
            limit=None,
            option="deviations",
            key=message,
        )


def _unsaid(samples: Samples, mask: Mask, words: tuple[str, ...]) -> Mask:
    """Those of the images whose caption does not say it."""
    left = mask.copy()
    for place in np.flatnonzero(mask):
        left[place] = not said(samples.dataset, int(samples.rows[place]), words)
    return left


def _brightness(samples: Samples) -> tuple[NDArray[np.float64], Mask]:
    column = samples.values(brightness)
    return column.values, column.valid


def _contrast(samples: Samples) -> tuple[NDArray[np.float64], Mask]:
    column = samples.values(contrast)
    return column.values, column.valid


def _tint(samples: Samples) -> tuple[NDArray[np.float64], Mask]:
    """How far the mean colour is from the usual one of the image's concept, lightness apart."""
    column = samples.values(colour_moments)
    colours = column.values[:, 1:3].astype(np.float64)
    far = np.zeros(samples.n)
    for places, concept in groups(samples):
        all_of = concept.values(colour_moments)
        usual = np.median(all_of.values[all_of.valid, 1:3], axis=0) if all_of.valid.any() else np.zeros(2)
        far[places] = np.hypot(*(colours[places] - usual).T)
    return far, column.valid


def _of_one_hue(samples: Samples) -> Mask:
    moments, sectors = samples.values(colour_moments), samples.values(hues)
    mean = np.hypot(moments.values[:, 1], moments.values[:, 2]).astype(np.float64)
    one: Mask = moments.valid & sectors.valid & (mean > 0) & (mean >= _ONE_HUE * sectors.values.sum(axis=1))
    return one


def _far(
    samples: Samples, figures_of: Figures, least: float, options: Options, *, share: float = 1.0
) -> tuple[NDArray[np.float64], Mask, NDArray[np.float64]]:
    """The figure of each image, whether it is far from the others of its concept, and what is usual there.

    Far is a share of the deviations that the options ask for.
    """
    deviations = share * options.deviations
    own, valid = figures_of(samples)
    far, usual = np.zeros(samples.n, dtype=bool), np.zeros(samples.n)
    for places, concept in groups(samples):
        if concept.n < options.min_images:
            continue
        figures, known = figures_of(concept)
        spread = robust_spread(figures[known & filled(concept)])
        apart = own[places] - spread.median
        usual[places] = spread.median
        far[places] = (np.abs(spread.distance(own[places])) >= deviations) & (np.abs(apart) >= least)
    return np.where(valid, own, 0.0), far & valid & filled(samples), usual
