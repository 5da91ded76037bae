"""Where triggers and class words stand in captions, and where a class word stands without any trigger.

Words are looked for once per distinct caption text and kept with the dataset.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.text import WordSearch, contains_word, normal_form

CLASS_ROLES: Final = ("train", "regularization", "preservation")
"""The images that teach a class word; those held out are never trained."""


def with_word(samples: Samples, word: str) -> Mask:
    """Shape (n,): the caption holds the word, as a tag by itself or as part of anything else."""
    texts = samples.dataset.captions.texts
    distinct, place = np.unique(samples.text_ids, return_inverse=True)
    holding = WordSearch([texts[text] if text >= 0 else "" for text in distinct]).holding(word)
    return np.asarray(holding[place])


def with_class_word(samples: Samples, word: str) -> Mask:
    """Shape (n,): the caption holds the class word, also as boorus count it (`1girl`)."""
    return np.asarray(_rows_with(samples.dataset, word)[samples.rows])


def class_only(dataset: Dataset, word: str) -> Mask:
    """Shape (n,) of the dataset: images that teach the class word without a trigger.

    Besides captions with the word, images without a caption that are no training images, of a concept with the word in
    its name: trainers read the folder's name there.
    """
    key = ("class-only", word)
    if key not in dataset.derived:
        found = _rows_with(dataset, word) & ~called(dataset)
        for concept in dataset.concepts:
            if concept.role not in CLASS_ROLES:
                found[concept.rows] = False
            elif concept.role != "train" and _is_called(concept, word):
                found[concept.rows] |= ~concept.captioned
        dataset.derived[key] = found
    mask: Mask = dataset.derived[key]
    return mask


def _is_called(concept: Concept, word: str) -> bool:
    return contains_word(concept.name, word) or contains_word(concept.class_word or "", word)


def called(dataset: Dataset) -> Mask:
    """Shape (n,): the caption holds the trigger of its own concept."""
    key = ("called",)
    if key not in dataset.derived:
        found = np.zeros(dataset.n, dtype=bool)
        for concept in dataset.training_concepts:
            if concept.trigger is not None:
                found[concept.rows] = with_word(concept, concept.trigger)
        dataset.derived[key] = found
    mask: Mask = dataset.derived[key]
    return mask


def _rows_with(dataset: Dataset, word: str) -> Mask:
    key = ("with-class-word", word)
    if key not in dataset.derived:
        if ("word-search",) not in dataset.derived:
            dataset.derived["word-search",] = WordSearch(dataset.captions.texts)
        search: WordSearch = dataset.derived["word-search",]
        # Images without a caption have the text -1, which is the entry at the end.
        holding = np.append(search.holding(word) | search.holding(f"1{word}"), False)
        dataset.derived[key] = holding[dataset.captions.text_of]
    mask: Mask = dataset.derived[key]
    return mask


# Boorus count figures with the word: `1girl`, `6+boys`.
_COUNT: Final = re.compile(r"\A\d+\+?(?=[^\W\d])")
_WORD: Final = re.compile(r"[^\W_]+")


def own_forms(dataset: Dataset) -> frozenset[str]:
    """Tags of the dataset in normal form that call or name any of its concepts: no spellings, but chosen words.

    Triggers, class words (counted ones too) and core tags, tags that hold a trigger and words of a trigger, as
    `Concept.is_own_word` says of one concept.
    """
    key = ("own-forms",)
    if key not in dataset.derived:
        dataset.derived[key] = frozenset(_own_forms(dataset))
    found: frozenset[str] = dataset.derived[key]
    return found


def _own_forms(dataset: Dataset) -> Iterator[str]:
    protected = {word for concept in dataset.concepts for word in concept.protected_words}
    classes = {normal_form(concept.class_word) for concept in dataset.concepts if concept.class_word}
    triggers = [tuple(_WORD.findall(normal_form(concept.trigger))) for concept in dataset.concepts if concept.trigger]
    called = {words for words in triggers if words}
    parts = {words[first:last] for words in called for last in range(1, len(words) + 1) for first in range(last)}
    longest = max(map(len, called), default=0)
    for form in dataset.captions.forms:
        if form in protected or _COUNT.sub("", form) in classes:
            yield form
        elif called:
            words = tuple(_WORD.findall(form))
            if words in parts or any(
                words[first : first + length] in called
                for length in range(1, longest + 1)
                for first in range(len(words) - length + 1)
            ):
                yield form
