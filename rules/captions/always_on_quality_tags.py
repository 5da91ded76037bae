"""Words of quality that stand on nearly all captions of a concept.

What it finds
    Words such as "masterpiece", "best quality" or "8k" on at least `limit` of a training concept's captions:
    of tag lists all tags of the vocabulary's group `quality`, of sentences the stock phrases of its list
    `boilerplate`. One finding names all of them. Declared core tags are left out.

Why it matters
    A word that is always there adds nothing that the model could tell apart, and drags its own look
    along: contrast, smoothness or grain that nobody asked for, and fewer tokens for what is seen.

What to do
    Take the words out, or leave them to the few pictures that differ by them. Do not add them to every
    caption by the trainer's caption prefix or suffix either. Tag dropout loosens what must stay.

Known limits
    Fewer than `min_captions` captions are not judged. A prefix or suffix in a trainer's config is not seen
    here. Whether the praise is earned is not judged.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Concept, Finding, Mask, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import distinct_texts, quoted, wording
from tagmetry.text import normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.9,
        "Share of a concept's captions from which on a word counts as always there.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )
    min_captions: int = option(5, "Concepts with fewer captions are not judged.", unit="images", low=1, high=100_000)


_PHRASES: Final = frozenset({"boilerplate"})

rule = Rule(
    id="always-on-quality-tags",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift",),
    messages={
        "found": (
            'on {share:percent} or more of the {n:count} captions of "{concept}" stand words of quality that say '
            "nothing of what is seen: {words}"
        ),
        "found-on-all": (
            'on all {n:count} captions of "{concept}" stand words of quality that say nothing of what is seen: {words}'
        ),
        "too-few": Plural(
            'one caption of "{concept}" is fewer than the {limit:count} needed to judge what is always there',
            '{n:count} captions of "{concept}" are fewer than the {limit:count} needed to judge what is always there',
        ),
    },
    remedies=Remedies(
        data=("take {words} out of the captions, or keep them only where pictures differ by them",),
        training=("set no caption prefix or suffix of such words; turn on a little tag dropout for those that stay",),
    ),
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    n = int(concept.captioned.sum())
    if not n:
        raise Skip("no-captions")
    if n < options.min_captions:
        raise Skip("too-few", concept=concept.name, n=n, limit=options.min_captions)
    is_list = concept.dataset.profile.caption_style == "tags"
    images = _images_by_tag(concept) if is_list else _images_by_phrase(concept)
    declared = {normal_form(tag) for tag in concept.info.intended}
    always = {
        word: count
        for word, mask in images.items()
        if (count := int(np.count_nonzero(mask))) >= options.limit * n and normal_form(word) not in declared
    }
    if not always:
        return
    words = sorted(always, key=lambda word: (-always[word], word))
    share = min(always.values()) / n
    holding = np.any([images[word] for word in words], axis=0)
    yield rule.finding(
        concept.subject(concept.rows[holding].tolist()),
        "found" if share < 1 else "found-on-all",
        values={"concept": concept.name, "n": n, "share": share, "words": quoted(words)},
        measured=Measurement("quality_share", share, options.limit, option="limit", unit="share"),
    )


def _images_by_tag(concept: Concept) -> dict[str, Mask]:
    vocabulary = concept.dataset.vocabulary
    return {
        tag.name: concept.with_tag(tag.form)
        for tag in concept.tag_frequencies()
        if vocabulary.is_quality_word(tag.form)
    }


def _images_by_phrase(concept: Concept) -> dict[str, Mask]:
    found = wording(concept.dataset)
    holding: dict[str, list[int]] = defaultdict(list)
    for text in distinct_texts(concept)[0].tolist():
        for phrase in {term.term for term in found.found(text, _PHRASES)}:
            holding[phrase].append(text)
    return {phrase: np.isin(concept.text_ids, texts) for phrase, texts in holding.items()}
