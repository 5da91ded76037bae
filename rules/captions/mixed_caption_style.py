"""Lists of tags and sentences within one concept.

What it finds
    Training concepts of which some captions are lists of tags and others are sentences, the fewer of the two
    on two captions or more and on at least `limit` of both. A list has three parts or more that are no
    clauses; captions too short to tell are left out. A sentence with a list behind it counts as a sentence,
    so captions that are all built that way are even.

Why it matters
    The form of the caption becomes part of what is learned: prompts of one form call the pictures of one half,
    and which form works is luck. Settings cannot fit both either, since tags are shuffled and sentences must
    not be.

What to do
    Choose one form. Tags are stable and easy to begin with, and do well for photographs; sentences are more
    natural for Flux and SDXL, and suit styles and persons. Rewrite the smaller half.

Known limits
    Told by the length of the parts and by full stops: a list of long phrases may pass for a sentence. Spellings
    that differ (underscores or spaces) are reported by `tag-synonyms`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import distinct_texts, paths_with, rows_with
from tagmetry.text import is_sentence_like, separator_count


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.1,
        "Share of a concept's lists and sentences that the fewer of both must reach.",
        unit="share",
        low=0,
        high=0.5,
    )


_LIST_SEPARATORS: Final = 2
_LEAST: Final = 2

_TO_TAGS: Final = Remedies(data=("rewrite {paths} as lists of tags like the others",))
_TO_SENTENCES: Final = Remedies(data=("rewrite {paths} as sentences like the others",))

rule = Rule(
    id="mixed-caption-style",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity",),
    messages={
        "few-sentences": Plural(
            'most captions of "{concept}" are lists of tags ({most:count}), one is a sentence ({share:percent}): '
            "{paths}",
            'most captions of "{concept}" are lists of tags ({most:count}), {n:count} are sentences '
            "({share:percent}): {paths}",
        ),
        "few-lists": Plural(
            'most captions of "{concept}" are sentences ({most:count}), one is a list of tags ({share:percent}): '
            "{paths}",
            'most captions of "{concept}" are sentences ({most:count}), {n:count} are lists of tags '
            "({share:percent}): {paths}",
        ),
    },
    remedies={"few-sentences": _TO_TAGS, "few-lists": _TO_SENTENCES},
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if not concept.captioned.any():
        raise Skip("no-captions")
    captions = concept.dataset.captions
    sentences: dict[int, int] = {}
    lists: dict[int, int] = {}
    texts, counts = distinct_texts(concept)
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        written = captions.texts[text]
        if is_sentence_like(written):
            sentences[text] = count
        elif separator_count(written) >= _LIST_SEPARATORS:
            lists[text] = count
    n_sentences, n_lists = sum(sentences.values()), sum(lists.values())
    few = sentences if n_sentences <= n_lists else lists
    n, most = min(n_sentences, n_lists), max(n_sentences, n_lists)
    if n < _LEAST or n < options.limit * (n + most):
        return
    share = n / (n + most)
    yield rule.finding(
        concept.subject(rows_with(concept, few)),
        "few-sentences" if few is sentences else "few-lists",
        values={"concept": concept.name, "n": n, "most": most, "share": share, "paths": paths_with(concept, few)},
        measured=Measurement("minority_style_share", share, options.limit, option="limit", unit="share"),
    )
