"""Captions that use few different words.

What it finds
    Training concepts whose captions have few distinct words V besides trigger, class word, words on at
    least `constant_share` of the captions, and small words such as "the". With N, the sum over the
    captions of their distinct words, the index V / √N is judged against `limit` (Guiraud, 1954): it
    grows slowly with the number of captions, so that small and large sets compare. Twenty captions with
    one of six words each have 6 / √20 = 1.3; plain captions that say what is seen have 4 to 10.

Why it matters
    What no word tells apart is learned as one: pose, place and clothes of the training pictures come
    back with the trigger, and prompts do not change them.

What to do
    Say in each caption what is different in this picture: place, light, clothes, pose, view.

Known limits
    Words are counted, not their fitness. In Japanese, Chinese and Thai phrases are counted where BudouX
    is installed (`pip install "tagmetry[words]"`), else pairs of characters; the finding says which.
    Fewer than `min_captions` captions are too few to judge. Where one caption stands on half of the
    images, `template-captions` speaks of it instead. The limit is Tagmetry's own choice.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.repetition import equal_captions
from tagmetry.rules.captions.wording import distinct_texts, own_units, wording
from tagmetry.text import FUNCTION_WORDS, language_of


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        2.0,
        "Index of different words, V / √N, below which it is reported.",
        unit="ratio",
        low=0,
        high=100,
    )
    constant_share: float = option(
        0.9,
        "Share of the captions from which on a word counts as constant.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )
    min_captions: int = option(5, "Concepts with fewer captions are not judged.", unit="images", low=2, high=100_000)


_REPEATED_SHARE: Final = 0.5
_UNSPACED: Final = ("japanese", "chinese", "other")
_DESCRIBE: Final = Remedies(
    data=('say in each caption of "{concept}" what is different in it: place, light, clothes, pose, view',)
)

rule = Rule(
    id="low-word-diversity",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization",),
    messages={
        "none": (
            'beside trigger, class word and words that are always there, the {n:count} captions of "{concept}" '
            "hold no other word"
        ),
        "found": Plural(
            'beside trigger, class word and words that are always there, the {n:count} captions of "{concept}" hold '
            "one other word: {words}",
            'beside trigger, class word and words that are always there, the {n:count} captions of "{concept}" hold '
            "only {v:count} other words (index {index:number}, limit {limit:number}), most often {words}",
            by="v",
        ),
        "found-in-parts": Plural(
            'beside trigger, class word and what is always there, the {n:count} captions of "{concept}" hold one '
            "other piece of text: {words} (counted in {unit})",
            'beside trigger, class word and what is always there, the {n:count} captions of "{concept}" hold only '
            "{v:count} other pieces of text (index {index:number}, limit {limit:number}; counted in {unit}), most "
            "often {words}",
            by="v",
        ),
        "too-few": Plural(
            'one caption of "{concept}" is fewer than the {limit:count} needed to judge its words',
            '{n:count} captions of "{concept}" are fewer than the {limit:count} needed to judge their words',
        ),
    },
    remedies={"none": _DESCRIBE, "found": _DESCRIBE, "found-in-parts": _DESCRIBE},
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    texts, counts = distinct_texts(concept)
    total = int(counts.sum())
    if not total:
        raise Skip("no-captions")
    if total < options.min_captions:
        raise Skip("too-few", concept=concept.name, n=total, limit=options.min_captions)
    if equal_captions(concept).n >= _REPEATED_SHARE * total:
        return
    found = wording(concept.dataset)
    own = own_units((concept.trigger, concept.class_word, *concept.info.intended)) | FUNCTION_WORDS
    images: Counter[str] = Counter()
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        for word in set(found.words[text]) - own:
            images[word] += count
    varied = {word: n for word, n in images.items() if n < options.constant_share * total}
    n_words = sum(varied.values())
    index = len(varied) / math.sqrt(n_words) if n_words else 0.0
    if index >= options.limit:
        return
    joined = " ".join(concept.dataset.captions.texts[text] for text in texts[:50].tolist())
    in_parts = found.splitter.unit if language_of(joined) in _UNSPACED else ""
    often = tuple(sorted(varied, key=lambda word: (-varied[word], word)))
    # Those that say nothing of their own come first in need of words.
    alike = [text for text in texts.tolist() if not any(images[word] == 1 for word in set(found.words[text]) - own)]
    yield rule.finding(
        concept.subject(concept.rows[np.isin(concept.text_ids, alike)].tolist()),
        "none" if not varied else "found-in-parts" if in_parts else "found",
        values={
            "concept": concept.name,
            "n": total,
            "v": len(varied),
            "index": round(index, 2),
            "limit": options.limit,
            "words": often,
            "unit": in_parts,
        },
        measured=Measurement("word_diversity", index, options.limit, option="limit", unit="ratio"),
    )
