"""Tags that stand on one or two images only.

What it finds
    Per training concept, how many of its tags are on at most `max_images` of its images, with examples.
    Concepts of fewer than `min_images` are left out: there every tag is rare.

Why it matters
    A long tail is normal and is information: it tells the few images apart from the rest. Raised by
    weights or repeats, a rare tag drags its one image into the centre of the set.

What to do
    Nothing. Leave the rare tags as they are, and never raise their weight. The only thing to correct is another
    spelling of a frequent tag.

Known limits
    Counts spelling, not meaning: `t-shirt` and `tee shirt` are two rare tags instead of one that is
    less rare. Sentences are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    max_images: int = option(
        2,
        "A tag on at most this many images of a concept is rare.",
        unit="images",
        low=1,
        high=1000,
        source="S0",
    )
    min_images: int = option(
        10,
        "Concepts of fewer images are not judged.",
        unit="images",
        low=1,
        high=100_000,
    )


_EXAMPLES: Final = 5
_LISTED: Final = 200

rule = Rule(
    id="long-tail-tags",
    options=Options,
    severity=Severity.INFO,
    evidence="heuristic",
    messages={
        "found": Plural(
            'one of the {total:count} tags of "{concept}" is on at most {limit:number} of its images: {examples}',
            '{n:count} of the {total:count} tags of "{concept}" are on at most {limit:number} of its images, '
            "among them {examples}",
        ),
        "too-few": Plural(
            "the largest concept has one image, fewer than the {limit:count} needed to judge how rare tags are",
            "the largest concept has {n:count} images, fewer than the {limit:count} needed to judge how rare tags are",
        ),
    },
    remedies=Remedies(training=("leave them as they are; never raise their weight or repeats",)),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    if concept.n < options.min_images:
        largest = max(other.n for other in concept.dataset.training_concepts)
        raise Skip("too-few", n=largest, limit=options.min_images)
    counted = [tag for tag in concept.tag_frequencies() if not concept.is_own_word(tag.form)]
    rare = sorted((tag for tag in counted if tag.n <= options.max_images), key=lambda tag: (tag.n, tag.form))
    if not rare:
        return
    yield rule.finding(
        concept.subject(),
        "found",
        values={
            "concept": concept.name,
            "n": len(rare),
            "total": len(counted),
            "limit": options.max_images,
            "examples": tuple(tag.name for tag in rare[:_EXAMPLES]),
            "tags": tuple(tag.name for tag in rare[:_LISTED]),
        },
        measured=Measurement("rare_tags", len(rare)),
    )
