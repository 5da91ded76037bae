"""Regularization images that a model has made.

What it finds
    Regularization and preservation images whose metadata tell of a generator: the settings that Stable Diffusion web
    user interfaces, ComfyUI, InvokeAI and others write into PNG texts and EXIF, or content credentials by which a model
    made the picture.

Why it matters
    Regularization images are to keep what the model knows of the class. Generated ones also hold its faults: too many
    fingers, smooth skin, its favourite faces. They are what the usual scripts make and use, and they work; but what is
    wrong in them is trained once more.

What to do
    Mix in real pictures of the class, and take out the generated ones with visible faults.

Known limits
    Reads metadata only, and only what kind it is. Pictures whose metadata were stripped pass for real ones. What the
    pictures look like is judged by `regularization-quality`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, Remedies, Rule, Severity, option


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.1,
        "Share of a concept's regularization images with such metadata from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )


rule = Rule(
    id="generated-regularization",
    options=Options,
    severity=Severity.INFO,
    evidence="community",
    points_to=("style-drift",),
    roles=("regularization", "preservation"),
    messages={
        "found": (
            '{n:count} of the {total:count} regularization images of "{concept}" were generated, as their metadata '
            "tell ({generators})"
        )
    },
    remedies=Remedies(data=("mix in real pictures of the class, and take out generated ones with visible faults",)),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    generators = concept.codes("generator")
    made = ~generators.equals("none") & (generators.codes >= 0)
    share = float(made.mean()) if concept.n else 0.0
    if not made.any() or share < options.limit:
        return
    kinds = sorted({generators.label(place) for place in np.flatnonzero(made).tolist()})
    yield rule.finding(
        concept.subject(concept.rows[made]),
        "found",
        values={"concept": concept.name, "n": int(made.sum()), "total": concept.n, "generators": tuple(kinds)},
        measured=Measurement("generated_share", share, options.limit, option="limit", unit="share"),
    )
