"""Pictures of one concept that fall into groups: near and far, dim and light, small and large.

What it finds
    Concepts whose pictures split into two clear groups by their light, or by the number of their pixels: for Flux a
    warning, for other base models, where variety is wanted, a note. For Flux and the purposes
    person, character and object also concepts whose captions name several camera distances (close-up, upper body, full
    body), none of which has `main_share` of the pictures.

Why it matters
    People who train Flux get the steadiest results from one camera distance, one light and one quality: ten even
    pictures do better than forty mixed ones. Where groups differ by their look alone the model learns both, and the
    prompt does not decide which comes out.

What to do
    For Flux keep the main group and take the others out, or train the groups apart. For other base models name the
    light and the distance in the captions, so that they can be asked for.

Known limits
    A set that runs evenly from near to far, or from dark to light, has no groups and is not reported. Distances are
    known from captions only. Light is the mean brightness of the picture, which a white background raises. Concepts of
    fewer than `min_images` are too few to tell groups. Where the purpose is a style, pictures of any distance are
    wanted, and only notes are made.
"""

from collections import Counter
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
    Plural,
    Remedies,
    Rows,
    Rule,
    Severity,
    Skip,
    Subject,
    Value,
    option,
    two_groups,
)
from tagmetry.features import brightness, level_range
from tagmetry.rules.pictures.of_concept import filled
from tagmetry.text import contains_word


@dataclass(frozen=True, slots=True)
class Options:
    explained: float = option(
        0.85,
        "Share of the variance that must lie between two groups for them to be groups (Otsu's criterion, of the "
        "logarithms: eyes go by ratios). Figures without groups give up to 0.75.",
        unit="share",
        low=0.5,
        high=1,
    )
    brightness_gap: float = option(
        70.0, "Grey levels that must lie between the middles of a dim and a light group.", low=0, high=255
    )
    size_factor: float = option(
        4.0, "How many times as many pixels the larger group must have in the middle.", unit="ratio", low=1.5
    )
    smaller_group: int = option(2, "Images that the smaller group must have.", unit="images", low=1, high=100_000)
    main_share: float = option(
        0.8,
        "Share of the pictures with a named camera distance that the most common one must have.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(10, "Concepts with fewer images are not judged.", unit="images", low=4, high=100_000)


_BLACKEST: Final = 10.0
"""Mean brightness below which darker is not told apart."""

_DISTANCES: Final = {
    "close-up": (
        "close-up", "close up", "closeup", "portrait", "headshot", "head shot", "face focus", "顔アップ", "アップ",
        "特写", "头像"
    ),
    "upper body": (
        "upper body", "bust", "bust shot", "half body", "medium shot", "cowboy shot", "waist up", "上半身",
        "バストアップ", "半身"
    ),
    "full body": (
        "full body", "full-body shot", "full body shot", "full length", "head to toe", "全身", "全身図", "全身像"
    ),
    "far away": ("wide shot", "long shot", "very wide shot", "extreme wide shot", "ロングショット", "远景"),
}  # fmt: skip

_UNIFORM: Final = ("person", "character", "object")
"""Purposes for which people who train Flux keep to one camera distance."""

_KEEP: Final = Remedies(
    data=(
        'for Flux, take the smaller group out of "{concept}": {examples}',
        "for other base models, name what differs in the captions",
    )
)

rule = Rule(
    id="uneven-conditions",
    options=Options,
    severity=Severity.INFO,
    evidence="community",
    points_to=("identity-collapse", "style-drift"),
    needs=(brightness, level_range),
    messages={
        "light": (
            'the images of "{concept}" fall into dim and light ones: {dim:count} around {low:number} and '
            "{bright:count} around {high:number} of 255"
        ),
        "size": (
            'the images of "{concept}" fall into small and large ones: {small:count} around {low:number} and '
            "{large:count} around {high:number} megapixels"
        ),
        "distance": (
            'the images of "{concept}" are taken from several distances, and none has {main:percent} of them: '
            "{distances}"
        ),
        "too-few": Plural(
            "a concept has one image; {limit:count} are needed to tell groups",
            "a concept has {n:count} images; {limit:count} are needed to tell groups",
        ),
    },
    remedies={"light": _KEEP, "size": _KEEP, "distance": _KEEP},
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    judged = filled(concept)
    total = int(judged.sum())
    if total < options.min_images:
        raise Skip("too-few", n=total, limit=options.min_images)
    yield from _light(concept, judged, options)
    yield from _size(concept, judged, options)
    profile = concept.dataset.profile
    if profile.base_model == "flux" and profile.purpose in _UNIFORM:
        yield from _distance(concept, options)


def _light(concept: Concept, judged: Mask, options: Options) -> Iterator[Finding]:
    column = concept.values(brightness)
    rows = np.flatnonzero(judged & column.valid)
    values = column.values[rows].astype(np.float64)
    found = _groups(np.log(np.maximum(values, _BLACKEST)), options)
    if found is None or np.median(values[found]) - np.median(values[~found]) < options.brightness_gap:
        return
    low, high = float(np.median(values[~found])), float(np.median(values[found]))
    yield _finding(
        concept,
        "light",
        concept.rows[rows[_smaller(found)]],
        Measurement("brightness_gap", high - low, options.brightness_gap, option="brightness_gap"),
        dim=int((~found).sum()),
        bright=int(found.sum()),
        low=low,
        high=high,
    )


def _size(concept: Concept, judged: Mask, options: Options) -> Iterator[Finding]:
    rows = np.flatnonzero(judged)
    width, height = (concept.column(name).values[rows].astype(np.float64) for name in ("width", "height"))
    megapixels = width * height / 1e6
    found = _groups(np.log(megapixels), options)
    if found is None:
        return
    low, high = (float(np.median(megapixels[~found])), float(np.median(megapixels[found])))
    if high / low < options.size_factor:
        return
    yield _finding(
        concept,
        "size",
        concept.rows[rows[_smaller(found)]],
        Measurement("size_factor", high / low, options.size_factor, option="size_factor", unit="ratio"),
        small=int((~found).sum()),
        large=int(found.sum()),
        low=low,
        high=high,
    )


def _distance(concept: Concept, options: Options) -> Iterator[Finding]:
    named = [_distance_of(concept, int(row)) for row in concept.rows]
    counts = Counter(distance for distance in named if distance)
    n = sum(counts.values())
    several = [distance for distance, times in counts.items() if times >= options.smaller_group]
    if n < options.min_images or len(several) < 2:
        return
    main, times = min(counts.items(), key=lambda item: (-item[1], item[0]))
    if times / n >= options.main_share:
        return
    others = np.array([bool(distance) and distance != main for distance in named])
    yield _finding(
        concept,
        "distance",
        concept.rows[others],
        Measurement("main_share", times / n, options.main_share, option="main_share", unit="share"),
        main=options.main_share,
        distances=tuple(f"{distance} {counts[distance]}" for distance in _DISTANCES if counts[distance]),
    )


def _distance_of(concept: Concept, row: int) -> str:
    """The camera distance that a caption names, "" for none or several."""
    captions = concept.dataset.captions
    text = int(captions.text_of[row])
    if text < 0:
        return ""
    caption = captions.texts[text]
    named = [distance for distance, words in _DISTANCES.items() if any(contains_word(caption, word) for word in words)]
    return named[0] if len(named) == 1 else ""


def _groups(values: NDArray[np.float64], options: Options) -> Mask | None:
    """Which values are of the upper of two clear groups; None where there are none."""
    split = two_groups(values)
    smaller = min(int(split.upper.sum()), int((~split.upper).sum()))
    return split.upper if split.explained >= options.explained and smaller >= options.smaller_group else None


def _smaller(upper: Mask) -> Mask:
    return upper if 2 * upper.sum() <= len(upper) else ~upper


def _finding(concept: Concept, message: str, rows: Rows, measured: Measurement, **values: Value) -> Finding:
    profile = concept.dataset.profile
    speaks = profile.base_model == "flux" and profile.purpose != "style"
    subject: Subject = concept.subject(rows)
    return rule.finding(
        subject,
        message,
        values={"concept": concept.name, "examples": subject.paths, **values},
        measured=measured,
        severity=Severity.WARNING if speaks else None,
        key=message,
    )
