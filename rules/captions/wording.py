"""What the words of captions are, worked out once per dataset and distinct text for all rules that ask."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Dataset, Rows, Samples
from tagmetry.text import FoundTerm, TermSearch, WordSplitter, units, word_splitter

_KEY: Final = "captions.wording"
_GROUP: Final = "tags:"


@dataclass(eq=False)
class Wording:
    """Units, terms and words of each distinct caption text of a dataset, by text id."""

    dataset: Dataset

    @cached_property
    def units(self) -> tuple[tuple[str, ...], ...]:
        return tuple(map(units, self.dataset.captions.texts))

    @cached_property
    def search(self) -> TermSearch:
        """The terms of all word lists, and of the tag groups, which are called `tags:<group>`."""
        vocabulary = self.dataset.vocabulary
        groups = {f"{_GROUP}{group}": vocabulary.tags_of_group(group) for group in vocabulary.groups}
        lists = {**vocabulary.words, **groups}
        return _search(tuple((name, frozenset(terms)) for name, terms in sorted(lists.items())))

    @cached_property
    def terms(self) -> tuple[tuple[FoundTerm, ...], ...]:
        return tuple(map(self.search.find, self.units))

    @cached_property
    def colour_units(self) -> frozenset[str]:
        """The words for colours that are one unit long."""
        words = map(units, self.dataset.vocabulary.words_named("colours"))
        return frozenset(word[0] for word in words if len(word) == 1)

    @cached_property
    def splitter(self) -> WordSplitter:
        return word_splitter()

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        return tuple(map(self.splitter.words, self.dataset.captions.texts))

    def found(self, text: int, lists: frozenset[str]) -> list[FoundTerm]:
        """The terms of some lists in a text, in order."""
        return [term for term in self.terms[text] if not lists.isdisjoint(term.lists)]


@lru_cache(maxsize=2)
def _search(lists: tuple[tuple[str, frozenset[str]], ...]) -> TermSearch:
    """Made once per process for each vocabulary: it takes longer than to search a small dataset."""
    return TermSearch(dict(lists))


def wording(dataset: Dataset) -> Wording:
    if _KEY not in dataset.derived:
        dataset.derived[_KEY] = Wording(dataset)
    return cast(Wording, dataset.derived[_KEY])


def tag_groups(*groups: str) -> frozenset[str]:
    """The names under which `Wording.terms` knows groups of tags."""
    return frozenset(_GROUP + group for group in groups)


def distinct_texts(samples: Samples) -> tuple[Rows, NDArray[np.int64]]:
    """The ids of the filled captions, ascending, and on how many of the images each one is."""
    ids = samples.text_ids[samples.captioned].astype(np.int64)
    distinct, counts = np.unique(ids, return_counts=True)
    return distinct, counts.astype(np.int64)


def paths_with(samples: Samples, texts: Iterable[int]) -> tuple[str, ...]:
    """The images whose caption is one of these texts, in path order."""
    wanted = np.isin(samples.text_ids, np.fromiter(texts, dtype=np.int64))
    return tuple(samples.where(wanted).paths)


def rows_with(samples: Samples, texts: Iterable[int]) -> list[int]:
    """The rows of the images whose caption is one of these texts."""
    wanted = np.isin(samples.text_ids, np.fromiter(texts, dtype=np.int64))
    found: list[int] = samples.rows[wanted].tolist()
    return found


def quoted(words: Iterable[str]) -> tuple[str, ...]:
    """Words as they stand in a message, each once, in the order given."""
    return tuple(dict.fromkeys(f'"{word}"' for word in words))


def own_units(own_words: Sequence[str | None]) -> frozenset[str]:
    """The units of trigger, class word and the like, which are meant to be everywhere."""
    return frozenset(unit for word in own_words if word for unit in units(word) if unit)
