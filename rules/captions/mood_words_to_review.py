"""Feelings and moods in captions, to be compared with the pictures.

What it finds
    Captions that name a feeling or a mood ("melancholy", "joyful", "eerie"), with the words. First those
    that several pictures share word for word; of these also what faces do ("smiling", "frowning"),
    since a copied caption says it of every picture alike. The words are the lists `feelings` and
    `faces` of the vocabulary, in English, Japanese, Chinese and Korean.

Why it matters
    The model believes the caption. A smiling face called "melancholy" teaches that melancholy smiles,
    and faces come out with the wrong expression.

What to do
    Look at each picture and its caption side by side, twice: once while writing, once when all are done.
    Take out what the picture does not show.

Known limits
    Only a person sees whether the word fits, so this is a list to look through and no judgement.
    Copies of one picture may well share a caption. Declared core tags are left out.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Hits, NoOptions, Remedies, Rule, Samples, Severity, Skip
from tagmetry.rules.captions.wording import quoted, wording
from tagmetry.text import normal_form

_MOODS: Final = frozenset({"feelings"})
_FACES: Final = frozenset({"feelings", "faces"})
_LOOK: Final = Remedies(data=("look at {path}: does it show {words}? If not, take it out of the caption",))

rule = Rule(
    id="mood-words-to-review",
    severity=Severity.INFO,
    evidence="community",
    points_to=("prompt-sensitivity",),
    messages={
        "copied": "{n:count} pictures, {path} among them, share a caption that says {words}: does each of them show it",
        "found": "the caption of {path} says {words}: does the picture show it",
    },
    remedies={"copied": _LOOK, "found": _LOOK},
)


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    if not samples.captioned.any():
        raise Skip("no-captions")
    dataset, ids = samples.dataset, samples.text_ids
    found = wording(dataset)
    declared = frozenset(normal_form(tag) for info in dataset.concept_infos for tag in info.intended)
    pictures = _pictures_by_text(samples)
    words: dict[int, tuple[str, ...]] = {}
    for text in np.unique(ids[samples.captioned]).tolist():
        lists = _FACES if pictures[text] > 1 else _MOODS
        said = [term.term for term in found.found(text, lists) if term.term not in declared]
        if said:
            words[text] = quoted(said)
    has = np.isin(ids, np.fromiter(words, dtype=np.int64, count=len(words)))
    n = np.array([pictures.get(text, 0) for text in ids.tolist()])
    values = {"path": samples.paths, "words": [words.get(text, ()) for text in ids.tolist()], "n": n}
    yield rule.hits("copied", has & (n > 1), values=values, about="caption")
    yield rule.hits("found", has & (n <= 1), values=values, about="caption")


def _pictures_by_text(samples: Samples) -> Counter[int]:
    """How many pictures have each caption; near-duplicates are one picture."""
    group_of = {row: rows[0] for rows in samples.dataset.duplicates.near for row in rows}
    pictures = {
        (text, group_of.get(row, row))
        for row, text in zip(samples.rows.tolist(), samples.text_ids.tolist(), strict=True)
        if text >= 0
    }
    return Counter(text for text, _ in pictures)
