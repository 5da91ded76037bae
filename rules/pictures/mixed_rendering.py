"""Photographs and drawings within one concept.

What it finds
    A concept whose images are mostly photographs, with flat drawings among them, or the other way round. Named are the
    images that are unlike the rest.

Why it matters
    A face drawn and a face photographed share little that a model could learn as one: it ends between the two, and the
    drawn ones show through as lines and flat skin. People who train Flux count comics among photographs among the
    surest ways to confuse a set.

What to do
    Keep the larger group and take the other out, or train a concept of each.

Known limits
    Drawings are told by even areas with hard edges, and where those are few by want of grain; photographs among them
    by their grain. A painting with soft shading, or a rendered scene, looks like a photograph here, and pictures
    between the two are left alone. Where neither kind is in the majority for certain nothing is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Concept, Finding, Mask, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.features import level_range, noise, rendering
from tagmetry.rules.pictures.of_concept import filled


@dataclass(frozen=True, slots=True)
class Options:
    drawn: float = option(
        0.25,
        "Share of even areas with hard edges (the feature `rendering`) from which on a picture is a flat drawing. Of "
        "photographs even those of things on plain white reach 0.18 at most; flat drawings have 0.35 to 0.6.",
        unit="share",
        low=0,
        high=1,
    )
    drawn_clean: float = option(
        0.15,
        "Share from which on a picture without grain (up to `clean_grain`) is a drawing where the middle picture has "
        "grain. Drawings with soft backgrounds have 0.17 to 0.25.",
        unit="share",
        low=0,
        high=1,
    )
    drawn_middle: float = option(
        0.09,
        "Share that the middle picture must have where most are drawings without grain; soft backgrounds and "
        "compression bring drawings down to that.",
        unit="share",
        low=0,
        high=1,
    )
    clean_grain: float = option(
        0.2,
        "Grain (the feature `noise`, in grey levels) up to which a picture, or the middle one of a concept, may be "
        "drawn. Most photographs have more, drawings in flat colours 0 to 0.2.",
        low=0,
    )
    least_grain: float = option(
        0.35,
        "Grain from which on a picture among drawings is a photograph, or painted like one.",
        low=0,
    )
    photographed: float = option(
        0.06,
        "Share up to which a picture is a photograph or like one. Of photographs 85 in 100 have no more, of flat "
        "drawings hardly any.",
        unit="share",
        low=0,
        high=1,
    )
    min_images: int = option(4, "Concepts with fewer images are not judged.", unit="images", low=2, high=100_000)


rule = Rule(
    id="mixed-rendering",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("style-drift", "identity-collapse"),
    needs=(rendering, noise, level_range),
    messages={
        "drawings": Plural(
            'one flat drawing is among the {total:count} images of "{concept}", most of which are photographs or '
            "painted like them: {examples}",
            '{n:count} flat drawings are among the {total:count} images of "{concept}", most of which are photographs '
            "or painted like them: {examples}",
        ),
        "photographs": Plural(
            'one photograph, or picture painted like one, is among the {total:count} images of "{concept}", most of '
            "which are flat drawings: {examples}",
            '{n:count} photographs, or pictures painted like them, are among the {total:count} images of "{concept}", '
            "most of which are flat drawings: {examples}",
        ),
        "too-few": Plural(
            "a concept has one image; {limit:count} are needed to tell a majority",
            "a concept has {n:count} images; {limit:count} are needed to tell a majority",
        ),
    },
    remedies=Remedies(data=('take these out of "{concept}", or make a concept of them: {examples}',)),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    figures = concept.values(rendering)
    judged = figures.valid & filled(concept)
    total = int(judged.sum())
    if total < options.min_images:
        raise Skip("too-few", n=total, limit=options.min_images)
    drawn = judged & ((figures.values >= options.drawn) | _drawn_without_grain(concept, judged, options))
    photographed = judged & (figures.values <= options.photographed)
    middle = float(np.median(figures.values[judged]))
    if middle <= options.photographed:
        message, odd, name = "drawings", drawn, "drawn"
    elif middle >= options.drawn or (middle >= options.drawn_middle and _is_clean(concept, judged, options)):
        grain = concept.values(noise)
        odd = photographed & grain.valid & (grain.values >= options.least_grain)
        message, name = "photographs", "photographed"
    else:
        return
    if not odd.any():
        return
    subject = concept.subject(concept.rows[odd])
    limit = getattr(options, name)
    furthest = figures.values[odd].max() if name != "photographed" else figures.values[odd].min()
    if name == "drawn" and furthest < options.drawn:
        name, limit = "drawn_clean", options.drawn_clean
    yield rule.finding(
        subject,
        message,
        values={
            "concept": concept.name,
            "n": int(odd.sum()),
            "total": total,
            "examples": subject.paths,
        },
        measured=Measurement("rendering", float(furthest), limit, option=name, unit="share"),
        key=message,
    )


def _drawn_without_grain(concept: Concept, judged: Mask, options: Options) -> Mask:
    """The drawings with soft backgrounds, which want of grain tells from the photographs around them."""
    grain = concept.values(noise)
    if _is_clean(concept, judged, options):
        return np.zeros(concept.n, dtype=bool)
    clean = grain.valid & (grain.values <= options.clean_grain)
    return clean & (concept.values(rendering).values >= options.drawn_clean)


def _is_clean(concept: Concept, judged: Mask, options: Options) -> bool:
    """Whether the middle picture has no grain, as drawings have none."""
    grain = concept.values(noise)
    known = grain.values[judged & grain.valid]
    return bool(len(known) and np.median(known) <= options.clean_grain)
