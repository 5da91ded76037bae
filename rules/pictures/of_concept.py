"""What an image is compared with: the others of its concept, blank ones left out."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Dataset, Mask, Rows, Samples
from tagmetry.features import level_range
from tagmetry.text import contains_word

BLANK_LEVELS: Final = 16
"""What `blank-image` reports by default is not also called blurred, dark or pale."""


def filled(samples: Samples) -> Mask:
    """Shape (n,): there is something in the picture."""
    levels = samples.values(level_range)
    return np.asarray(~levels.valid | (levels.values > BLANK_LEVELS))


def groups(samples: Samples) -> Iterator[tuple[Rows, Samples]]:
    """For each concept that these samples are of: their places among the samples, and all images of the concept."""
    dataset = samples.dataset
    concept_of = dataset.concept_of[samples.rows]
    order = np.argsort(concept_of, kind="stable")
    numbers, starts = np.unique(concept_of[order], return_index=True)
    for number, places in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        yield places.astype(np.int64), Samples(dataset, dataset.rows_by_concept[number])


def said(dataset: Dataset, row: int, words: tuple[str, ...]) -> bool:
    """Whether the caption of an image holds one of these words, as a tag or in a sentence."""
    text = int(dataset.captions.text_of[row])
    return text >= 0 and any(contains_word(dataset.captions.texts[text], word) for word in words)
