"""Which captions name a class, and which call a concept."""

import re
from functools import cached_property

import numpy as np

from tagmetry.api import Dataset, Mask, Samples
from tagmetry.text import WordSearch


class CaptionWords:
    """The captions of a dataset, searched for words; each word once."""

    def __init__(self, dataset: Dataset) -> None:
        self._texts = dataset.captions.texts
        self._found: dict[tuple[str, bool], Mask] = {}

    @cached_property
    def _search(self) -> WordSearch:
        return WordSearch(self._texts)

    def calling(self, samples: Samples, trigger: str) -> Mask:
        """Shape (n,): the caption holds the trigger."""
        return self._of(samples, trigger, counted=False)

    def naming_class(self, samples: Samples, class_word: str) -> Mask:
        """Shape (n,): the caption holds the class word, also as boorus count it (`1girl` and `2girls` for girl)."""
        return self._of(samples, class_word, counted=True)

    def _of(self, samples: Samples, word: str, *, counted: bool) -> Mask:
        if (word, counted) not in self._found:
            self._found[word, counted] = self._holding(word, counted=counted)
        ids = samples.text_ids
        # An image without a caption takes the last place, which holds no word.
        return self._found[word, counted][np.where(ids >= 0, ids, len(self._texts))]

    def _holding(self, word: str, *, counted: bool) -> Mask:
        """One entry per distinct caption, and False at the end."""
        holding = self._search.holding(word)
        if counted:
            count = re.compile(rf"(?<![^\W_])\d+\+?{re.escape(word)}s?(?![^\W_])", re.IGNORECASE)
            holding |= np.fromiter((count.search(text) is not None for text in self._texts), dtype=bool)
        return np.append(holding, False)
