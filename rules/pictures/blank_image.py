"""A picture of one flat colour.

What it finds
    Images in which nearly all of the picture lies within `limit` levels of red, green and blue: an empty page, a
    black frame of a film, a picture that was cut or exported wrongly.

Why it matters
    Nothing is in it that its caption speaks of, so the model learns the words as emptiness. Few such pictures can
    upset training, since their noise is all there is to predict.

What to do
    Remove the image, or export it again from its source.

Known limits
    Looks at the picture shrunk to a sixteenth of its area: a sheet with a line of small writing counts as blank. A
    plain colour that is wanted, such as paper for a style, is reported as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import ROLES, Hits, Remedies, Rule, Samples, Severity, option
from tagmetry.features import level_range
from tagmetry.rules.pictures.of_concept import BLANK_LEVELS


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        float(BLANK_LEVELS),
        "Levels, of 255, that 99 % of the picture span at most to be reported. Photographs and drawings that were "
        "looked at span 90 and more, grain on a flat colour about 10.",
        low=0,
        high=255,
    )


rule = Rule(
    id="blank-image",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("instability",),
    roles=ROLES,
    needs=(level_range,),
    messages={"found": "{path} is one flat colour: its levels span {span:number} of 255"},
    remedies=Remedies(data=("remove {path}, or export it again from its source",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    spans = samples.values(level_range)
    yield rule.hits(
        "found",
        spans.valid & (spans.values <= options.limit),
        values={"path": samples.paths, "span": spans.values},
        metric="level_range",
        measured=spans.values,
        limit=options.limit,
        option="limit",
    )
