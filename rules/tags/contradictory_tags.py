"""Tags in one caption that cannot both be true.

What it finds
    Captions with two tags of which at most one can be right: "day" and "night", "indoors" and "outdoors", "solo" and
    "2girls", two hair colours for one person. A tag counts with what it implies, so that "very long hair" contradicts
    "short hair". Where several people or several pictures are named, tags that speak of one figure may differ.

Why it matters
    The picture shows one of the two, and the model is told both. It learns each of the words less clearly, and a prompt
    with one of them gives something in between. Wrong conditions are known to cost a diffusion model much of its
    control.

What to do
    Look at the picture and take the wrong tag out. Where both are right, because the picture is divided or has a mirror
    in it, say so in the caption (`split view`, `reflection`). Which tags exclude each other, and what excuses them, can
    be changed under `vocabulary` in a policy.

Known limits
    Only the sets of the vocabulary are known; tags in your own words are not compared. Whether a single tag is right is
    not looked at. Sentences are not judged: in them both words may stand for good reasons.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import Hits, NoOptions, Plural, Remedies, Rule, Samples, Severity, Skip, all_contradictions

rule = Rule(
    id="contradictory-tags",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            "the caption of {path} holds tags that exclude each other: {pairs}",
            "the caption of {path} holds {n:count} pairs of tags that exclude each other: {pairs}",
        ),
    },
    remedies=Remedies(data=("look at the picture and keep one of each pair: {pairs}",)),
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    dataset = samples.dataset
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not samples.captioned.any():
        raise Skip("no-captions")
    found = all_contradictions(dataset)
    names = dataset.captions.names
    pairs = np.full(samples.n, None, dtype=object)
    counts = np.zeros(samples.n, dtype=np.int64)
    for place in np.flatnonzero(np.isin(samples.text_ids, list(found))):
        of_text = found[int(samples.text_ids[place])]
        pairs[place] = tuple(f"{names[two.one]} + {names[two.other]}" for two in of_text)
        counts[place] = len(of_text)
    yield rule.hits(
        "found",
        counts > 0,
        values={"path": samples.paths, "n": counts, "pairs": pairs},
        metric="contradictions",
        measured=counts,
        limit=0,
        about="caption",
    )
