"""Pictures of one concept in many shapes, none of which most of them have.

What it finds
    A concept of at least `min_images` images of which fewer than `min_share` have the most common
    shape. Shapes are the same when their aspect ratios differ by no more than `same_shape`; how many
    pixels they have does not matter here.

Why it matters
    Each shape is trained in batches of its own, and a face or a garment seen in many crops and
    proportions is harder to learn as one. People who train Flux advise one size for a whole set.

What to do
    Crop the pictures to the most common shape where that costs nothing. For Flux 768 × 1152,
    768 × 1024 or 1024 × 1024 are advised, whichever is the shape of the pictures that are wanted.

Known limits
    Experience of people who train Flux, not a measured effect; trainers with buckets take any mix, so this is a
    note. It looks at shapes alone: which images are too small is told by `resolution-below-base-model`.
    The limits are Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    min_share: float = option(
        0.5, "Share of a concept's images that should have one shape.", unit="share", low=0, high=1
    )
    same_shape: float = option(
        0.1, "Difference of two aspect ratios up to which their shapes are the same.", unit="share", low=0, high=1
    )
    min_images: int = option(10, "Concepts of fewer images are not judged.", low=2)


_CROP = "crop the images to the most common shape where nothing is lost"

rule = Rule(
    id="inconsistent-resolution",
    options=Options,
    severity=Severity.INFO,
    evidence="community",
    points_to=("identity-collapse",),
    messages={
        "found": (
            'the images of "{concept}" have many shapes: only {share:percent} have the most common one, '
            "{width:number} × {height:number} or nearly so"
        ),
        "flux": (
            'the images of "{concept}" have many shapes: only {share:percent} have the most common one, '
            "{width:number} × {height:number} or nearly so; for Flux one size is advised"
        ),
        "too-few": "the concept has too few images to speak of a common shape",
    },
    remedies={
        "found": Remedies(data=(_CROP,), training=("train with buckets",)),
        "flux": Remedies(data=(_CROP, "or bring all to 768 × 1152, 768 × 1024 or 1024 × 1024")),
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.n < options.min_images:
        raise Skip("too-few")
    width, height = (concept.column(name).values.astype(np.float64) for name in ("width", "height"))
    shape = np.log(width / height)
    order = np.argsort(shape, kind="stable")
    ordered = shape[order]
    # From each image on, those whose ratio is at most so much larger: the longest run is the most common shape.
    ends = np.searchsorted(ordered, ordered + np.log1p(options.same_shape), side="right")
    runs = ends - np.arange(len(ordered))
    first = int(np.argmax(runs))
    share = float(runs[first]) / concept.n
    if share >= options.min_share:
        return
    uncommon = np.delete(order, np.arange(first, first + int(runs[first])))
    middle = int(order[first + int(runs[first]) // 2])
    yield rule.finding(
        concept.subject(concept.rows[np.sort(uncommon)]),
        "flux" if concept.dataset.profile.base_model == "flux" else "found",
        values={
            "concept": concept.name,
            "share": share,
            "width": int(width[middle]),
            "height": int(height[middle]),
        },
        measured=Measurement("common_shape_share", share, options.min_share, option="min_share", unit="share"),
    )
