"""The trigger, or another word that matters, stands late in the captions or is cut off.

What it finds
    Of each training concept: captions in which the trigger, the class word or a core tag stands only
    behind the tokens that are read; and, in lists of at least `min_tags` tags, a trigger or core tags that stand
    in the last third in at least `limit` of the captions that hold them. Core tags are those that the
    profile declares; else tags of hair, eyes, body and subject on at least `core_share` of the
    images are taken for them, which is said, and is a note only.

Why it matters
    What is cut off is never learned, and what stands at the end of a long list has the least weight.
    With shuffling on, a trigger behind the kept tokens loses its place altogether.

What to do
    Move the trigger to the front, the class word and core tags right behind it; keep as many tokens as they
    take (`keep_tokens`).

Known limits
    Which words are cut off is counted exactly only where CLIP's vocabulary is at hand; else only what is lost
    for sure is reported, and said to be an estimate. For Flux, whose T5 reads on, words behind CLIP's 75 tokens
    are not taken for lost. Sentences are judged by what is cut off only. `keep_tokens` of a trainer's
    config is compared by `trigger-not-kept`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import Concept, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option
from tagmetry.rules.captions.wording import distinct_texts, paths_with, quoted, rows_with
from tagmetry.text import contains_word, normal_form


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.5,
        "Share of the captions with a word in which it stands in the last third, from which on it is late.",
        unit="share",
        low=0,
        high=1,
    )
    min_tags: int = option(9, "Shorter lists of tags have no late part.", low=3, high=1000)
    core_share: float = option(
        0.9,
        "Share of the images from which on a trait is taken for a core tag where none is declared.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )


_LAST_PART: Final = 2 / 3
_FRONT: Final = "move {words} to the front of these captions"
_KEEP: Final = "keep_tokens should cover the trigger and the tags that belong to it"
_MOVE: Final = Remedies(data=(_FRONT,))
_MOVE_AND_KEEP: Final = Remedies(data=(_FRONT,), training=(_KEEP,))

rule = Rule(
    id="important-tag-late",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity",),
    messages={
        "cut": Plural(
            'in one of the {total:count} captions of "{concept}" {words} stands behind the tokens that are read: '
            "{paths}",
            'in {n:count} of the {total:count} captions of "{concept}" {words} stands behind the tokens that are '
            "read: {paths}",
        ),
        "cut-estimated": Plural(
            'in one of the {total:count} captions of "{concept}" {words} stands behind the tokens that are read (an '
            "estimate): {paths}",
            'in {n:count} of the {total:count} captions of "{concept}" {words} stands behind the tokens that are '
            "read (an estimate): {paths}",
        ),
        "trigger-late": (
            'the trigger {words} stands in the last third of {share:percent} of the captions of "{concept}" that hold '
            "it ({n:count} of {total:count})"
        ),
        "core-late": (
            'core tags of "{concept}" stand in the last third of their captions in {share:percent} of all cases '
            "({n:count} of {total:count}): {words}"
        ),
        "traits-late": (
            'traits that nearly all captions of "{concept}" name, and which were taken for its core tags, stand in the '
            "last third in {share:percent} of all cases ({n:count} of {total:count}): {words}"
        ),
        "nothing-important": (
            'no word of "{concept}" is known to matter: declare a trigger, a class word or core tags in the profile'
        ),
    },
    remedies={
        "cut": _MOVE,
        "cut-estimated": _MOVE,
        "trigger-late": _MOVE_AND_KEEP,
        "core-late": _MOVE,
        "traits-late": _MOVE,
    },
)


@rule.each_concept
def check(concept: Concept, options: Options) -> Iterator[Finding]:
    if not concept.captioned.any():
        raise Skip("no-captions")
    declared = [word for word in (concept.class_word, *concept.info.core_tags) if word]
    traits = [] if concept.info.core_tags else _traits(concept, options)
    if concept.trigger is None and not declared and not traits:
        raise Skip("nothing-important", concept=concept.name)
    # For Flux CLIP's window is not where reading ends.
    if concept.dataset.profile.base_model != "flux":
        for word in dict.fromkeys((*([concept.trigger] if concept.trigger else []), *declared, *traits)):
            yield from _cut_off(concept, word, is_declared=word not in traits)
    if concept.dataset.profile.caption_style == "sentences":
        return
    if concept.trigger is not None:
        yield from _late(concept, [concept.trigger], "trigger-late", options)
    if concept.info.core_tags:
        yield from _late(concept, list(concept.info.core_tags), "core-late", options)
    elif traits:
        yield from _late(concept, traits, "traits-late", options)


def _traits(concept: Concept, options: Options) -> list[str]:
    found = []
    for tag in concept.tag_frequencies():
        if tag.share < options.core_share:
            break
        if concept.is_trait(tag.form) and not concept.is_own_word(tag.form):
            found.append(tag.name)
    return found


def _cut_off(concept: Concept, word: str, *, is_declared: bool) -> Iterator[Finding]:
    """Captions that hold the word only in the part that is not read."""
    captions = concept.dataset.captions
    texts, counts = distinct_texts(concept)
    cut = []
    for text in texts.tolist():
        lost = captions.words_lost.get(text)
        if lost is not None and contains_word(lost, word):
            kept = captions.texts[text].removesuffix(lost)
            if not contains_word(kept, word):
                cut.append(text)
    if not cut:
        return
    total, n = int(counts.sum()), int(counts[np.isin(texts, cut)].sum())
    yield rule.finding(
        concept.subject(rows_with(concept, cut)),
        "cut" if captions.tokens_exact else "cut-estimated",
        values={
            "concept": concept.name,
            "words": quoted([word]),
            "n": n,
            "total": total,
            "paths": paths_with(concept, cut),
        },
        measured=Measurement("cut_off_share", n / total, 0, unit="share"),
        severity=None if is_declared else Severity.INFO,
        key=f"cut:{normal_form(word)}",
    )


def _late(concept: Concept, words: list[str], message: str, options: Options) -> Iterator[Finding]:
    """How often some words stand in the last third, over all captions of enough tags that hold them."""
    captions = concept.dataset.captions
    held = late = 0
    late_texts: list[int] = []
    late_words: dict[str, int] = dict.fromkeys(words, 0)
    forms = {word: _tags_holding(concept, word, whole=message != "trigger-late") for word in words}
    texts, counts = distinct_texts(concept)
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        tags = captions.tags.row(text).tolist()
        if len(tags) < options.min_tags:
            continue
        for word, wanted in forms.items():
            first = next((place for place, tag in enumerate(tags) if tag in wanted), None)
            if first is None:
                continue
            held += count
            if first >= _LAST_PART * len(tags):
                late += count
                late_texts.append(text)
                late_words[word] += count
    if not late or late < options.limit * held:
        return
    share = late / held
    named = sorted((word for word, n in late_words.items() if n), key=lambda word: (-late_words[word], word))
    yield rule.finding(
        concept.subject(rows_with(concept, late_texts)),
        message,
        values={"concept": concept.name, "words": quoted(named), "n": late, "total": held, "share": share},
        measured=Measurement("late_core_share", share, options.limit, option="limit", unit="share"),
        severity=Severity.INFO if message == "traits-late" else None,
        key=message,
    )


def _tags_holding(concept: Concept, word: str, *, whole: bool) -> frozenset[int]:
    """The tags of the dataset that are the word, or hold it as `sks woman` does a trigger."""
    dataset = concept.dataset
    own = dataset.tag_of_form.get(normal_form(word))
    found = set() if own is None else {own}
    if not whole:
        form = normal_form(word)
        found.update(
            tag for tag, other in enumerate(dataset.captions.forms) if form in other and contains_word(other, word)
        )
    return frozenset(found)
