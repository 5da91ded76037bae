"""Which images of a concept have the trigger in their caption."""

import numpy as np

from tagmetry.api import Concept, Mask
from tagmetry.text import WordSearch


def with_trigger(concept: Concept, trigger: str) -> Mask:
    """Shape (n,): the caption holds the trigger as a word, whether it is a tag by itself or part of one."""
    texts = concept.dataset.captions.texts
    ids = concept.text_ids
    distinct, place = np.unique(ids, return_inverse=True)
    holding = WordSearch([texts[text] if text >= 0 else "" for text in distinct]).holding(trigger)
    return np.asarray(holding[place])
