"""A tag that names an artist.

What it finds
    Tags of the vocabulary's group `acme artists` in the captions of a concept. That group holds some
    names and what begins with "art by" or the like; a policy adds to it under `vocabulary.groups`.

Why it matters
    The base model knows many artists. What it knows is mixed into the concept while the tag is there,
    and is missing from it when the prompt leaves the name out.

What to do
    Remove the tag, or list it in `allowed` where the artist has agreed to the training.

Known limits
    Finds names that the vocabulary knows. Reads tags only; sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.text import normal_form

GROUP = "acme artists"


@dataclass(frozen=True, slots=True)
class Options:
    allowed: tuple[str, ...] = option((), "Tags that may stay.")
    limit: float = option(0.0, "Share of a concept's images that may carry the tag.", unit="share", low=0, high=1)


rule = Rule(
    id="acme/artist-tag",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "prompt-sensitivity"),
    messages={
        "found": Plural(
            '"{tag}" names an artist and is on {n:count} image of {concept}',
            '"{tag}" names an artist and is on {n:count} images of {concept}',
        ),
    },
    remedies=Remedies(data=('remove "{tag}" from the captions, or list it in allowed',)),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    allowed = {normal_form(tag) for tag in options.allowed}
    for tag in concept.tag_frequencies():
        if tag.share <= options.limit or tag.form in allowed:
            continue
        if concept.dataset.vocabulary.in_group(tag.form, GROUP):
            yield rule.finding(
                concept.tag(tag),
                "found",
                values={"tag": tag.name, "n": tag.n, "concept": concept.name},
                measured=Measurement("frequency", tag.share, options.limit, option="limit", unit="share"),
            )
