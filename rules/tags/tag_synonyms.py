"""Several spellings of one tag, side by side in one set.

What it finds
    Tags of the training captions that mean the same and are all in use: synonyms of the vocabulary (`t-shirt` and
    `tee shirt`), tags that differ only in hyphens and gaps, a word beside its plural. Tags that are written with
    underscores in some captions and with spaces in others are one finding for the whole set.

Why it matters
    To the model these are different words, each with a part of the pictures only. What is learned is divided among
    them, so that a prompt with one of them calls up less than all pictures could have taught.

What to do
    Choose one spelling, mostly the one that is used most, and write it everywhere. `edits` in the JSON report names
    each caption file with the words to change. What you mean to keep apart is taken out of the vocabulary's synonyms in
    a policy.

Known limits
    Whether a plural is a variant or says that there are several, only the picture tells; it is therefore a note. Two
    words that the vocabulary knows as tags of their own (`short` and `shorts`) are never taken for one. Other words for
    the same thing that no vocabulary lists are not found. Capitals are not looked at. Sentences are not judged.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from tagmetry.api import (
    Dataset,
    Finding,
    Measurement,
    NoOptions,
    Plural,
    Remedies,
    Rows,
    Rule,
    Severity,
    Skip,
    Spellings,
    own_forms,
    same_tags,
)
from tagmetry.text import normal_form, split_tags

_LISTED: Final = 500
_EXAMPLES: Final = 20
_UNIFY: Final = Plural(
    'write "{use}" in the caption that says otherwise: {captions}',
    'write "{use}" in the {n:count} captions that say otherwise: {captions}',
)

rule = Rule(
    id="tag-synonyms",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": "one tag is written in several ways: {spellings}",
        "plural": "a tag and what may be its plural are both in use: {spellings}",
        "underscores": Plural(
            "one tag is written with underscores in some captions and with spaces in others: {spellings}",
            "{n:count} tags are written with underscores in some captions and with spaces in others: {spellings}",
        ),
    },
    remedies={
        "found": Remedies(data=(_UNIFY,)),
        "plural": Remedies(data=('if the pictures show no difference, write "{use}" in all of them',)),
        "underscores": Remedies(
            data=("write all tags in one way; spaces take fewer tokens, and are what people type into a prompt",)
        ),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    train, captions = dataset.train, dataset.captions
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if not train.n:
        raise Skip("no-training-images")
    if not train.captioned.any():
        raise Skip("no-captions")
    # Triggers and class words are chosen words, not spellings.
    own = {dataset.tag_of_form[form] for form in own_forms(dataset)}
    counts = train.tag_images.copy()
    counts[list(own)] = 0
    for same in same_tags(captions.forms, counts, dataset.vocabulary):
        yield _found(dataset, same)
    yield from _underscores(dataset, own)


def _found(dataset: Dataset, same: Spellings) -> Finding:
    captions, train = dataset.captions, dataset.train
    use = captions.names[same.tags[0]]
    holding = np.zeros(train.n, dtype=bool)
    for tag in same.tags[1:]:
        holding |= train.with_tag(captions.forms[tag])
    rows = train.rows[holding]
    n = len(rows)
    return rule.finding(
        dataset.subject(rows.tolist()),
        "plural" if same.kind == "plural" else "found",
        values={
            "use": use,
            "spellings": tuple(
                f"{captions.names[tag]} ({count})" for tag, count in zip(same.tags, same.counts, strict=True)
            ),
            "n": n,
            "captions": tuple(captions.path_of[row] or dataset.paths[row] for row in rows[:_LISTED].tolist()),
            "edits": _edits(dataset, rows, {captions.forms[tag] for tag in same.tags[1:]}, use),
        },
        measured=Measurement("other_spellings", n, 0),
        severity=Severity.INFO if same.kind == "plural" else None,
        key=f"{same.kind}:{same.preferred}",
    )


def _edits(dataset: Dataset, rows: Rows, forms: set[str], use: str) -> tuple[str, ...]:
    """Caption file, what stands there, and what to write instead; for at most `_LISTED` captions."""
    captions = dataset.captions
    found: list[str] = []
    for row in rows[:_LISTED].tolist():
        text = captions.texts[captions.text_of[row]]
        written = dict.fromkeys(tag for tag in split_tags(text) if normal_form(tag) in forms)
        found.extend(f"{captions.path_of[row] or dataset.paths[row]}: {tag} → {use}" for tag in written)
    return tuple(found)


# A run of letters or digits on both sides, so that faces (`^_^`) do not count.
_UNDERSCORED: Final = re.compile(r"[^\W_]_+[^\W_]|[^\W_]_+\\?\(|\)_+[^\W_]")


def _underscores(dataset: Dataset, own: set[int]) -> Iterator[Finding]:
    """One finding for all tags that are written in both ways: it is one habit that changed."""
    captions, train = dataset.captions, dataset.train
    both: list[tuple[str, str]] = []
    for tag, spellings in sorted(captions.spellings.items()):
        if tag in own or not train.tag_images[tag]:
            continue
        pair = _both_ways(spellings)
        if pair is not None:
            both.append(pair)
    if not both:
        return
    yield rule.finding(
        dataset.subject(),
        "underscores",
        values={"n": len(both), "spellings": tuple(f"{one} = {other}" for one, other in both[:_EXAMPLES])},
        measured=Measurement("tags_in_two_ways", len(both), 0),
        key="underscores",
    )


def _both_ways(spellings: Sequence[str]) -> tuple[str, str] | None:
    """The most common spelling with underscores and the most common one with spaces, if both are in use."""
    underscored = next((spelling for spelling in spellings if _UNDERSCORED.search(spelling)), None)
    spaced = next((spelling for spelling in spellings if not _UNDERSCORED.search(spelling)), None)
    return (underscored, spaced) if underscored is not None and spaced is not None else None
