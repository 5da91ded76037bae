"""A few tags that hold nearly all that is said.

What it finds
    Concepts with many different tags, of which the `top` most common make up at least `top_limit` of all that the
    captions say, or whose tags are spread as unevenly as a Gini coefficient of `gini_limit`. Triggers, class words,
    core tags and praise are left out, and so are tags on at most `rare` images, which are rare in every set.

Why it matters
    Diffusion models answer to rare notions of a lopsided set with what the frequent ones look like: the tail is
    pulled towards the head. A colour that three pictures have comes out as the one that three hundred have.

What to do
    Add pictures of what is rare, or drop some of the pictures that say the same. Raising rare tags by weights or
    repeats makes it worse (see `long-tail-tags`).

Known limits
    The Gini coefficient is the mean difference between the numbers of images of two tags over twice their mean: 0 if
    all are equally frequent, near 1 if one tag has everything. How uneven is harmful nobody has measured for a LoRA;
    the limits lie above what well-kept sets show. Sets that are all alike have few words, not skewed ones. Sentences
    are not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import (
    Concept,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    gini,
    option,
    top_share,
)


@dataclass(frozen=True, slots=True)
class Options:
    top_limit: float = option(
        0.8,
        "Share of all tags as written that the most common ones make up from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )
    gini_limit: float = option(
        0.85,
        "Gini coefficient of the tags' numbers of images from which on it is reported.",
        low=0,
        high=1,
    )
    top: int = option(10, "How many of the most common tags are taken together.", low=1, high=1000)
    rare: int = option(
        2,
        "Tags on at most this many images are left out.",
        unit="images",
        low=0,
        high=1000,
        source="S0",
    )
    min_tags: int = option(30, "Concepts with fewer different tags are not judged.", low=2, high=100_000)
    min_images: int = option(
        30,
        "Concepts with fewer captions are not judged.",
        unit="images",
        low=2,
        high=100_000,
    )


_NOT_COUNTED: Final = frozenset({"praise", "page"})
_EXAMPLES: Final = 10

rule = Rule(
    id="vocabulary-skew",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("concept-bleed",),
    messages={
        "top": (
            'the {top:count} most common of the {total:count} tags of "{concept}" make up {share:percent} of what its '
            "captions say: {tags}"
        ),
        "gini": (
            'the {total:count} tags of "{concept}" are spread very unevenly (Gini coefficient {gini:number}); '
            "the most common: {tags}"
        ),
        "too-few": Plural(
            "the largest concept has one caption, and it takes {limit:count} and {tags:count} different tags to judge "
            "how they are spread",
            "the largest concept has {n:count} captions, and it takes {limit:count} and {tags:count} different tags to "
            "judge how they are spread",
        ),
    },
    remedies=Remedies(
        data=(
            "add pictures of what is rare, or drop some of those that say the same",
            "never raise rare tags by weights or repeats",
        )
    ),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if concept.dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not concept.captioned.any():
        raise Skip("no-captions")
    vocabulary = concept.dataset.vocabulary
    counted = [
        tag
        for tag in concept.tag_frequencies()
        if tag.n > options.rare
        and not concept.is_own_word(tag.form)
        and _NOT_COUNTED.isdisjoint(vocabulary.kinds_of(tag.form))
    ]
    if np.count_nonzero(concept.captioned) < options.min_images or len(counted) < options.min_tags:
        largest = max(int(np.count_nonzero(other.captioned)) for other in concept.dataset.training_concepts)
        raise Skip("too-few", n=largest, limit=options.min_images, tags=options.min_tags)
    counts = np.array([tag.n for tag in counted])
    share, unevenness = top_share(counts, options.top), gini(counts)
    by_top = share >= options.top_limit
    if not by_top and unevenness < options.gini_limit:
        return
    yield rule.finding(
        concept.subject(),
        "top" if by_top else "gini",
        values={
            "concept": concept.name,
            "top": options.top,
            "total": len(counted),
            "share": share,
            "gini": round(unevenness, 2),
            "tags": tuple(tag.name for tag in counted[:_EXAMPLES]),
        },
        measured=Measurement("top_k_share", share, options.top_limit, option="top_limit", unit="share")
        if by_top
        else Measurement("tag_gini", unevenness, options.gini_limit, option="gini_limit"),
    )
