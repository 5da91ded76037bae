"""A caption that stacks praise and emphasis.

What it finds
    Captions with at least `limit` words of praise ("beautiful", "gorgeous") or emphasis ("extremely",
    "super") that make up at least `share` of their words. The words are the lists `praise` and
    `intensifiers` of the vocabulary, in English, Japanese, Chinese and Korean; declared core tags are
    left out.

Why it matters
    Such words describe nothing that can be seen, and the model clings to the attributes that they
    stand beside: long hair comes out longer, faces come out alike.

What to do
    Take the words out, and say what is seen instead: "long black hair", not "super long gorgeous hair".

Known limits
    A word list does not know irony or names. Stock phrases of quality ("masterpiece, best quality")
    are no praise of the subject; `always-on-quality-tags` reports them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Hits, Remedies, Rule, Samples, Severity, Skip, option
from tagmetry.rules.captions.wording import quoted, wording
from tagmetry.text import count_words, normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: int = option(
        3, "Words of praise and emphasis from which on a caption is reported.", unit="words", low=1, high=100
    )
    share: float = option(
        0.15,
        "Share of the caption's words that they must make up: in a long description three are no pile.",
        unit="share",
        low=0,
        high=1,
    )


_LISTS: Final = frozenset({"praise", "intensifiers"})

rule = Rule(
    id="excessive-modifiers",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity", "style-drift"),
    messages={
        "found": "the caption of {path} stacks {n:count} words of praise and emphasis ({share:percent}): {words}",
    },
    remedies=Remedies(data=("take out {words}, and say what is seen instead",)),
)


@rule.each_sample
def check(samples: Samples, options: Options) -> Iterator[Hits]:
    if not samples.captioned.any():
        raise Skip("no-captions")
    dataset = samples.dataset
    found = wording(dataset)
    declared = frozenset(normal_form(tag) for info in dataset.concept_infos for tag in info.intended)
    numbers: dict[int, tuple[int, float]] = {}
    words: dict[int, tuple[str, ...]] = {}
    for text in np.unique(samples.text_ids[samples.captioned]).tolist():
        terms = [term.term for term in found.found(text, _LISTS) if term.term not in declared]
        if len(terms) < options.limit:
            continue
        share = len(terms) / max(len(terms), count_words(dataset.captions.texts[text]))
        if share >= options.share:
            numbers[text] = (len(terms), share)
            words[text] = quoted(terms)
    ids = samples.text_ids
    mask = samples.captioned & np.isin(ids, np.fromiter(numbers, dtype=np.int64, count=len(numbers)))
    n = np.array([numbers.get(int(text), (0, 0.0))[0] for text in ids])
    yield rule.hits(
        "found",
        mask,
        values={
            "path": samples.paths,
            "n": n,
            "share": np.array([numbers.get(int(text), (0, 0.0))[1] for text in ids]),
            "words": [words.get(int(text), ()) for text in ids],
        },
        metric="modifiers",
        measured=n,
        limit=options.limit,
        option="limit",
        unit="words",
        about="caption",
    )
