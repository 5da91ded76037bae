"""Which captions name a class, and which call the concept."""

import re
from functools import lru_cache

import numpy as np

from tagmetry.api import Mask, Samples
from tagmetry.text import WordSearch


def naming_class(samples: Samples, class_word: str) -> Mask:
    """Shape (n,): the caption holds the class word, also as boorus count it (`1girl` and `2girls` for girl)."""
    counted = _counted(class_word)
    texts = _texts(samples)
    by_count = np.fromiter((counted.search(text) is not None for text in texts), dtype=bool, count=len(texts))
    return _holding(samples, class_word, or_those=by_count)


def calling(samples: Samples, trigger: str) -> Mask:
    """Shape (n,): the caption holds the trigger."""
    return _holding(samples, trigger, or_those=None)


def _holding(samples: Samples, word: str, *, or_those: Mask | None) -> Mask:
    place = np.unique(samples.text_ids, return_inverse=True)[1]
    holding = WordSearch(_texts(samples)).holding(word)
    if or_those is not None:
        holding |= or_those
    return np.asarray(holding[place])


def _texts(samples: Samples) -> list[str]:
    """The distinct captions, "" for none, in the order of their ids."""
    texts = samples.dataset.captions.texts
    return [texts[text] if text >= 0 else "" for text in np.unique(samples.text_ids)]


@lru_cache(maxsize=64)
def _counted(class_word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])\d+\+?{re.escape(class_word)}s?(?![^\W_])", re.IGNORECASE)
