"""An image whose colours or position a trainer reads in another way than a viewer shows them.

What it finds
    CMYK and Lab pictures; 16-bit greys; an embedded colour profile other than sRGB; grey pictures among coloured ones,
    whether they are stored as grey or as RGB; and an EXIF orientation where the trainer ignores it. As notes: 16 bits
    a channel, and an EXIF orientation while no trainer is named.

Why it matters
    Trainers convert everything to RGB without looking at profiles: wide-gamut photographs of telephones come out pale,
    CMYK comes out wrong, 16-bit grey comes out white. A picture that is only turned by its EXIF data is trained lying
    on its side. And a grey picture that no caption calls grey teaches the concept to be grey.

What to do
    Convert to sRGB with 8 bits a channel in an image editor, which also turns the picture upright. Remove grey
    pictures, or say so in their captions (monochrome, greyscale, black and white).

Known limits
    Concepts that are mostly grey or very pale are left to `skewed-palette`, and so are grey pictures where fewer than
    `min_images` can be compared. A sepia photograph counts as coloured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagmetry.api import ROLES, Hits, Mask, Remedies, Rule, Samples, Severity, option
from tagmetry.features import level_range, peak_chroma
from tagmetry.rules.pictures.of_concept import groups, said

_CONVERTED: Final = ("CMYK", "YCCK", "LAB", "HSV")
_WHITE_IN_RGB: Final = ("I;16", "I;16B", "I;16L", "I", "F")
"""Grey of more than eight bits, which Pillow's conversion to RGB cuts off at 255."""
_TURNED: Final = 2
_LEAST_LEVELS: Final = 60
_COLOURED: Final = 2.5
"""How many times the limit of grey a concept's middle picture must have, for the concept to be coloured."""
_IGNORE_ORIENTATION: Final = ("kohya", "musubi", "diffusion-pipe")
"""Trainers that do not turn images by their EXIF data."""
_CALLED_GREY: Final = (
    "monochrome", "greyscale", "grayscale", "black and white", "black-and-white", "lineart", "sketch",
    "モノクロ", "白黒", "黑白", "单色",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    grey_limit: float = option(
        0.012,
        "Peak chroma (the feature `peak_chroma`) up to which a picture counts as grey. Grey pictures have 0, and up to "
        "0.01 after compression; of the coloured ones looked at the palest had 0.024.",
        low=0,
        high=0.4,
    )
    min_images: int = option(
        4, "Concepts with fewer images are not searched for grey ones.", unit="images", low=2, high=100_000
    )


_CONVERT: Final = Remedies(data=("convert {path} to sRGB with 8 bits a channel in an image editor",))
_TURN: Final = Remedies(
    data=("turn {path} upright in an image editor and save it, so that no EXIF orientation is left",)
)

rule = Rule(
    id="odd-color-mode",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift",),
    roles=ROLES,
    needs=(peak_chroma, level_range),
    messages={
        "mode": "{path} is stored as {mode}; trainers convert it without its profile, and its colours change",
        "deep-grey": "{path} is grey with {depth:count} bits, which trainers turn white",
        "deep": "{path} has {depth:count} bits a channel, of which training sees 8",
        "profile": "{path} has a colour profile other than sRGB, which trainers ignore: its colours change",
        "grey": "{path} is grey among coloured images of its concept, and its caption does not say so",
        "sideways": (
            "{path} lies otherwise than it is shown: its EXIF orientation is {orientation:count}, and the trainer "
            "ignores it"
        ),
        "turned": (
            "{path} lies otherwise than it is shown: its EXIF orientation is {orientation:count}, and some trainers "
            "ignore it"
        ),
    },
    remedies={
        "mode": _CONVERT,
        "deep-grey": _CONVERT,
        "deep": _CONVERT,
        "profile": _CONVERT,
        "grey": Remedies(data=("remove {path}, or name it in its caption: monochrome, greyscale",)),
        "sideways": _TURN,
        "turned": _TURN,
    },
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    modes = samples.codes("mode")
    depth = samples.column("bit_depth").values
    orientation = samples.column("exif_orientation").values
    converted, cut_off = _any_of(modes, _CONVERTED), _any_of(modes, _WHITE_IN_RGB)
    labels = [modes.label(place) if code >= 0 else "" for place, code in enumerate(modes.codes.tolist())]
    yield _hits("mode", samples, converted, mode=labels)
    yield _hits("deep-grey", samples, cut_off, depth=depth, measured=depth, metric="bit_depth")
    deep = (depth > 8) & ~cut_off & ~converted
    yield _hits("deep", samples, deep, depth=depth, measured=depth, metric="bit_depth", severity=Severity.INFO)
    yield _hits("profile", samples, samples.codes("colour_profile").equals("other") & ~converted)
    yield _hits(
        "grey",
        samples,
        _grey_among_coloured(samples, options) & ~cut_off,
        metric="peak_chroma",
        measured=samples.values(peak_chroma).values,
        limit=options.grey_limit,
        option="grey_limit",
    )
    turned = orientation >= _TURNED
    trainer = samples.dataset.profile.trainer
    figures: dict[str, Any] = {
        "orientation": orientation,
        "measured": orientation,
        "metric": "exif_orientation",
    }
    if trainer is None:
        yield _hits("turned", samples, turned, severity=Severity.INFO, **figures)
    elif trainer in _IGNORE_ORIENTATION:
        yield _hits("sideways", samples, turned, evidence="documented", **figures)


_PARTS: Final = ("metric", "measured", "limit", "option", "severity", "evidence")


def _hits(message: str, samples: Samples, mask: Mask, **given: Any) -> Hits:
    parts = {name: value for name, value in given.items() if name in _PARTS}
    values = {name: value for name, value in given.items() if name not in _PARTS}
    return rule.hits(message, mask, values={"path": samples.paths, **values}, key=message, **parts)


def _any_of(codes: Any, labels: tuple[str, ...]) -> Mask:
    return np.isin(codes.codes, [number for number, label in enumerate(codes.labels) if label in labels])


def _grey_among_coloured(samples: Samples, options: Options) -> Mask:
    found = np.zeros(samples.n, dtype=bool)
    own = _grey(samples, options.grey_limit)
    for places, concept in groups(samples):
        if concept.n < options.min_images:
            continue
        chroma = concept.values(peak_chroma)
        if chroma.valid.any() and np.median(chroma.values[chroma.valid]) >= _COLOURED * options.grey_limit:
            found[places] = own[places]
    for place in np.flatnonzero(found):
        found[place] = not said(samples.dataset, int(samples.rows[place]), _CALLED_GREY)
    return found


def _grey(samples: Samples, limit: float) -> Mask:
    chroma = samples.values(peak_chroma)
    # A picture that is nearly black has no colour to show.
    seen = samples.values(level_range).values >= _LEAST_LEVELS
    return chroma.valid & (chroma.values <= limit) & seen
