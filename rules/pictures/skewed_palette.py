"""A whole concept of one tint, without colour, or of extreme saturation or contrast.

What it finds
    Concepts whose pictures nearly all lean to one colour: the mean colour of the middle picture is tinted by at least
    `tint`, and at least `share` of the pictures lean the same way. Also concepts that are grey, very strongly coloured,
    very flat or very harsh throughout, and such that were sharpened until their edges have rims.

Why it matters
    What all pictures have in common is learned as part of the concept: generated pictures lean the same way, whatever
    the prompt asks for, and more so the longer the training and the higher the rank.

What to do
    Add pictures in other light and in front of other colours, or correct the white balance. In training, fewer steps
    and a lower rank fix such leanings less firmly.

Known limits
    Not judged where the purpose is a style, since there the palette is what is wanted, nor where all captions name the
    look. A subject that fills the picture with its own colour is reported too: a red car is no fault, and the finding
    can be left alone. Concepts of fewer than `min_images` are too few to tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, Value, option
from tagmetry.features import colour_moments, contrast, crispness, hues, level_range, peak_chroma
from tagmetry.rules.pictures.of_concept import filled, said


@dataclass(frozen=True, slots=True)
class Options:
    tint: float = option(
        0.045,
        "Distance of the middle mean colour from grey, in Oklab without lightness, from which a concept is tinted.",
        low=0,
        high=0.4,
    )
    share: float = option(
        0.8,
        "Share of the pictures that lean within 45 degrees of the same hue, each by at least half of `tint`.",
        unit="share",
        low=0.5,
        high=1,
    )
    grey: float = option(
        0.025,
        "Middle peak chroma (the feature `peak_chroma`) up to which a concept is without colour. Concepts of pale "
        "photographs have 0.033 and more.",
        low=0,
        high=0.4,
    )
    strong_chroma: float = option(
        0.15, "Middle mean chroma, in Oklab, from which a concept is very strongly coloured.", low=0, high=0.4
    )
    least_contrast: float = option(
        20.0, "Middle contrast, in grey levels, below which a concept is flat throughout.", low=0, high=128
    )
    most_contrast: float = option(
        95.0, "Middle contrast, in grey levels, above which a concept is harsh throughout.", low=0, high=128
    )
    most_crispness: float = option(
        3.6, "Middle crispness above which the pictures look sharpened. Sharp photographs have 1.3 to 3.5.", low=0
    )
    min_images: int = option(8, "Concepts with fewer images are not judged.", unit="images", low=3, high=100_000)


_TOGETHER: Final = 45.0
_HUES: Final = (
    (15, "pink"), (45, "red to orange"), (80, "orange"), (115, "yellow"), (160, "green"), (210, "blue-green"),
    (275, "blue"), (310, "violet"), (345, "purple"), (360, "pink"),
)  # fmt: skip
_CALLED: Final = (
    "monochrome", "greyscale", "grayscale", "black and white", "black-and-white", "sepia", "モノクロ", "白黒",
    "黑白", "单色",
)  # fmt: skip

_VARY: Final = Remedies(
    data=('add pictures of "{concept}" in other light and other colours, or correct the white balance',),
    training=("fewer steps and a lower rank fix such a leaning less firmly",),
)

rule = Rule(
    id="skewed-palette",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift",),
    needs=(colour_moments, contrast, crispness, hues, level_range, peak_chroma),
    messages={
        "tinted": (
            '{share:percent} of the images of "{concept}" lean to {hue} ({n:count} of {total:count}; '
            "{tint:number} from grey in Oklab)"
        ),
        "grey": (
            'the images of "{concept}" are nearly without colour ({total:count} images), and not all captions say so'
        ),
        "strong": (
            'the images of "{concept}" are very strongly coloured: {value:number} mean chroma in the middle, '
            "{limit:number} is much"
        ),
        "flat": 'the images of "{concept}" have little contrast: {value:number} grey levels in the middle',
        "harsh": 'the images of "{concept}" have very much contrast: {value:number} grey levels in the middle',
        "sharpened": (
            'the images of "{concept}" look sharpened: a crispness of {value:number} in the middle, sharp '
            "photographs have up to 3.5"
        ),
        "style": "the purpose is a style, whose palette is what is wanted",
        "too-few": Plural(
            "a concept has one image; {limit:count} are needed to tell a leaning",
            "a concept has {n:count} images; {limit:count} are needed to tell a leaning",
        ),
    },
    remedies={
        "tinted": _VARY,
        "grey": Remedies(
            data=("add pictures in colour, or name the look in every caption: monochrome, greyscale",),
            training=_VARY.training,
        ),
        "strong": _VARY,
        "flat": _VARY,
        "harsh": _VARY,
        "sharpened": Remedies(
            data=('use the pictures of "{concept}" as they were before they were sharpened',), training=_VARY.training
        ),
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.purpose == "style":
        raise Skip("style")
    moments = concept.values(colour_moments)
    judged = moments.valid & filled(concept)
    total = int(judged.sum())
    if total < options.min_images:
        raise Skip("too-few", n=total, limit=options.min_images)
    chroma = concept.values(peak_chroma).values[judged]
    if np.median(chroma) <= options.grey:
        if not all(said(concept.dataset, int(row), _CALLED) for row in concept.rows[judged]):
            yield _finding(concept, "grey", float(np.median(chroma)), "grey", limit=options.grey, total=total)
    else:
        yield from _tinted(concept, moments.values[judged, 1:3].astype(np.float64), options)
    for message, values, name, above in (
        ("strong", concept.values(hues).values.sum(axis=1), "strong_chroma", True),
        ("flat", concept.values(contrast).values, "least_contrast", False),
        ("harsh", concept.values(contrast).values, "most_contrast", True),
        ("sharpened", concept.values(crispness).values, "most_crispness", True),
    ):
        middle, limit = float(np.median(values[judged])), getattr(options, name)
        if (middle > limit) if above else (middle < limit):
            yield _finding(concept, message, middle, name, value=middle, limit=limit)


def _tinted(concept: Concept, colours: NDArray[np.float64], options: Options) -> Iterator[Finding]:
    """`colours` are the mean green-red and blue-yellow of each picture, shape (n, 2)."""
    middle = np.median(colours, axis=0)
    tint = float(np.hypot(*middle))
    strength = np.hypot(*colours.T)
    # The cosine of the angle between a picture's leaning and the common one.
    along = (colours @ middle) / np.maximum(strength * tint, 1e-9)
    leaning = (along >= np.cos(np.radians(_TOGETHER))) & (strength >= options.tint / 2)
    share = float(leaning.mean())
    if tint < options.tint or share < options.share:
        return
    turn = float(np.degrees(np.arctan2(middle[1], middle[0])) % 360)
    yield _finding(
        concept,
        "tinted",
        tint,
        "tint",
        limit=options.tint,
        share=share,
        n=int(leaning.sum()),
        total=len(colours),
        tint=tint,
        hue=next(name for below, name in _HUES if turn <= below),
    )


def _finding(
    concept: Concept, message: str, measured: float, option_name: str, *, limit: float, **values: Value
) -> Finding:
    return rule.finding(
        concept.subject(),
        message,
        values={"concept": concept.name, "limit": limit, **values},
        measured=Measurement(message, measured, limit, option=option_name),
        key=message,
    )
