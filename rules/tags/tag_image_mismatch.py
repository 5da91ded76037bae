"""A tag against which the picture itself speaks.

What it finds
    Images whose tags say monochrome or greyscale while the picture has several colours; night or dark while it is
    bright; day or sunshine while it is nearly black; and a background, sky or theme of a colour that is nowhere in the
    picture. Also a lighting tag that stands on dark and on bright pictures of one concept alike.

Why it matters
    A wrong tag teaches that the word means nothing, or the contrary; models learn conditions that are partly wrong
    much worse than ones that are left out. A word that stands for two looks gives now one, now the other.

What to do
    Look at the picture: take the tag out, or replace it by what is seen. Where one word names two kinds of light,
    tell them apart (dim lighting, sunlight).

Known limits
    Only what pixels can speak against without knowing what is shown: light and colour. Limits are wide, so that a
    street at night under lamps or a pale blue background passes. Sentences are not read, only tags. Colours of clothes,
    hair and eyes are not looked for, since where they are in the picture is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import (
    Concept,
    Finding,
    Mask,
    Measurement,
    Remedies,
    Rule,
    Severity,
    Skip,
    TagCount,
    option,
    two_groups,
)
from tagmetry.features import brightness, hues, level_range, peak_chroma


@dataclass(frozen=True, slots=True)
class Options:
    night_brightness: float = option(
        175.0,
        "Mean brightness, of 255, above which a picture is not night or dark. A pale face that fills the picture "
        "reaches 160 at night.",
        low=0,
        high=255,
    )
    day_brightness: float = option(
        30.0, "Mean brightness, of 255, below which a picture is not day or sunshine.", low=0, high=255
    )
    grey_chroma: float = option(
        0.05,
        "Peak chroma (the feature `peak_chroma`) above which a picture is not greyscale. Grey pictures have 0.01 at "
        "most.",
        low=0,
        high=0.4,
    )
    one_hue: float = option(
        0.75,
        "Share of the chroma within 90 degrees of hue below which a picture has several colours.",
        unit="share",
        low=0,
        high=1,
    )
    least_hue: float = option(
        0.04,
        "Share of the chroma that must be of the colour that a tag names for the background, the sky or the theme.",
        unit="share",
        low=0,
        high=1,
    )
    light_gap: float = option(
        90.0,
        "Grey levels between the middles of the dark and the bright pictures with one lighting tag from which on the "
        "tag stands for two looks.",
        low=0,
        high=255,
    )
    min_images: int = option(
        8, "Lighting tags on fewer images of a concept are not compared.", unit="images", low=4, high=100_000
    )


_GREYSCALE: Final = ("greyscale", "grayscale", "black and white", "black and white photo")
_MONOCHROME: Final = ("monochrome", *_GREYSCALE)
_NIGHT: Final = (
    "night", "nighttime", "night time", "at night", "night sky", "midnight", "dark", "dark room", "low light", "夜",
    "夜晚",
)  # fmt: skip
_DAY: Final = ("day", "daytime", "daylight", "sunny", "sunlight", "noon", "midday", "bright", "昼", "白天", "阳光")
_COLOURS: Final = {
    "red": (11, 0, 1), "pink": (10, 11, 0, 1), "orange": (0, 1, 2, 3), "yellow": (2, 3, 4), "green": (3, 4, 5, 6),
    "aqua": (5, 6, 7, 8), "cyan": (5, 6, 7, 8), "blue": (7, 8, 9), "purple": (8, 9, 10, 11), "violet": (8, 9, 10, 11),
}  # fmt: skip
"""The sectors of 30 degrees of hue (the feature `hues`) in which a colour may lie, neighbours included."""
_PLACES: Final = ("background", "sky", "theme")
_LEAST_CHROMA: Final = 0.01
"""Mean chroma below which a picture is too pale for its hues to mean anything."""

_CORRECT: Final = Remedies(data=('look at {path}: take the tag "{tag}" out, or replace it by what is seen',))

rule = Rule(
    id="tag-image-mismatch",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity", "style-drift"),
    needs=(brightness, hues, level_range, peak_chroma),
    messages={
        "coloured": '{path} is tagged "{tag}", and is coloured',
        "bright": '{path} is tagged "{tag}", and is bright: {value:number} of 255',
        "dark": '{path} is tagged "{tag}", and is nearly black: {value:number} of 255',
        "other-colour": '{path} is tagged "{tag}", and there is no such colour in it',
        "two-looks": (
            '"{tag}" stands on {dark:count} dark and {light:count} bright images of "{concept}" '
            "(around {low:number} and {high:number} of 255)"
        ),
    },
    remedies={
        "coloured": _CORRECT,
        "bright": _CORRECT,
        "dark": _CORRECT,
        "other-colour": _CORRECT,
        "two-looks": Remedies(
            data=('look at the images with "{tag}": correct the tag, or tell the two kinds of light apart in words',)
        ),
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    levels = concept.values(level_range)
    seen = _Seen(
        np.asarray(levels.valid & (levels.values > 0)),
        concept.values(brightness).values.astype(np.float64),
        concept.values(peak_chroma).values.astype(np.float64),
        concept.values(hues).values.astype(np.float64),
    )
    told: set[int] = set()
    for tag in concept.tag_frequencies():
        found = _against(tag.form, seen, options)
        if found is not None:
            message, mask, values, limit, name = found
            yield from _each(concept, tag, message, mask & seen.judged, values, limit=limit, name=name, told=told)
        if tag.n >= options.min_images and "lighting" in concept.dataset.vocabulary.groups_of(tag.form):
            yield from _two_looks(concept, tag, seen, options)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is measured on each image of a concept; `judged` where there is something to judge."""

    judged: Mask
    brightness: NDArray[np.float64]
    chroma: NDArray[np.float64]
    hues: NDArray[np.float64]


_Against = tuple[str, Mask, NDArray[np.float64], float, str]


def _against(form: str, seen: _Seen, options: Options) -> _Against | None:
    """What speaks against a tag: the message, on which images, the figure, its limit and the option of that."""
    if form in _MONOCHROME:
        mask = seen.chroma > options.grey_chroma
        if form not in _GREYSCALE:
            mask = mask & (_one_hue(seen.hues) < options.one_hue)
        return "coloured", mask, seen.chroma, options.grey_chroma, "grey_chroma"
    if form in _NIGHT:
        mask = seen.brightness > options.night_brightness
        return "bright", mask, seen.brightness, options.night_brightness, "night_brightness"
    if form in _DAY:
        mask = seen.brightness < options.day_brightness
        return "dark", mask, seen.brightness, options.day_brightness, "day_brightness"
    colour, _, place = form.partition(" ")
    if colour in _COLOURS and place in _PLACES:
        total = seen.hues.sum(axis=1)
        share = seen.hues[:, _COLOURS[colour]].sum(axis=1) / np.maximum(total, _LEAST_CHROMA)
        mask = (share < options.least_hue) & (total > _LEAST_CHROMA)
        return "other-colour", mask, share, options.least_hue, "least_hue"
    return None


def _one_hue(sectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest share of the chroma that three neighbouring sectors hold."""
    three = sectors + np.roll(sectors, 1, axis=1) + np.roll(sectors, -1, axis=1)
    return np.asarray(three.max(axis=1) / np.maximum(sectors.sum(axis=1), 1e-9))


def _each(
    concept: Concept,
    tag: TagCount,
    message: str,
    mask: Mask,
    values: NDArray[np.float64],
    *,
    limit: float,
    name: str,
    told: set[int],
) -> Iterator[Finding]:
    """One finding for each image; an image that another tag was already told of is left out."""
    for place in np.flatnonzero(mask & concept.with_tag(tag.form)).tolist():
        row = int(concept.rows[place])
        if row in told:
            continue
        told.add(row)
        subject = concept.dataset.caption(row)
        value = float(values[place])
        yield rule.finding(
            subject,
            message,
            values={"path": concept.dataset.paths[row], "tag": tag.name, "value": value},
            measured=Measurement(
                {"coloured": "peak_chroma", "other-colour": "hue_share"}.get(message, "brightness"),
                value,
                limit,
                option=name,
            ),
            key=tag.form,
        )


def _two_looks(concept: Concept, tag: TagCount, seen: _Seen, options: Options) -> Iterator[Finding]:
    places = np.flatnonzero(concept.with_tag(tag.form) & seen.judged)
    values = seen.brightness[places]
    split = two_groups(values)
    smaller = min(int(split.upper.sum()), int((~split.upper).sum()))
    if smaller < 2 or split.gap < options.light_gap:
        return
    yield rule.finding(
        concept.tag(tag),
        "two-looks",
        values={
            "concept": concept.name,
            "tag": tag.name,
            "dark": int((~split.upper).sum()),
            "light": int(split.upper.sum()),
            "low": float(np.median(values[~split.upper])),
            "high": float(np.median(values[split.upper])),
        },
        measured=Measurement("brightness_gap", split.gap, options.light_gap, option="light_gap"),
    )
