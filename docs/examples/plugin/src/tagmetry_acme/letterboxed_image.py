"""A training image with black bars at its edges.

What it finds
    Training images of which more than `limit` is black bars at opposite edges, as frames taken from
    a film have them.

Why it matters
    The bars are the same in many images and belong to none, so a LoRA learns them as part of the
    concept and draws them again.

What to do
    Crop the bars away. A tag for them (`letterboxed`) helps if they have to stay.

Known limits
    A picture that is black at opposite edges, such as a portrait before a black wall, looks the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Hits, Remedies, Rule, Samples, Severity, option
from tagmetry_acme.letterbox import letterbox


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(0.02, "Share of the picture from which on bars are reported.", unit="share", low=0, high=1)


rule = Rule(
    id="acme/letterboxed-image",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("style-drift",),
    needs=(letterbox,),
    messages={"found": "{share:percent} of the picture is black bars"},
    remedies=Remedies(data=("crop the bars away",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    bars = samples.values(letterbox)
    yield rule.hits(
        "found",
        bars.valid & (bars.values >= options.limit),
        values={"share": bars.values},
        metric="letterbox",
        measured=bars.values,
        limit=options.limit,
        option="limit",
        unit="share",
    )
