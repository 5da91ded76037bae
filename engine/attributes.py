"""What captions say of attributes: background, light, framing, expression, clothes ... and what they never say.

In tag captions the tags themselves are read. In sentences the words of the vocabulary are looked for, of several that
overlap the longest; that is an estimate, since a word may mean something else there.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask, Ragged, ragged_of
from tagmetry.dataset import Dataset, Samples
from tagmetry.distributions import evenness
from tagmetry.text import normal_form
from tagmetry.vocabulary import Vocabulary

ATTRIBUTES: Final = (
    "background",
    "lighting",
    "time",
    "weather",
    "season",
    "viewpoint",
    "framing",
    "pose",
    "expression",
    "hair",
    "hair_colour",
    "hair_style",
    "eye_colour",
    "clothing",
    "footwear",
    "headwear",
    "accessory",
    "style",
)
"""The groups of the vocabulary that a table of coverage shows, in its order."""

_VARYING: Final = frozenset({"background", "time", "weather", "season", "viewpoint", "framing", "pose", "expression"})
"""Groups whose exclusive sets are ends of a scale: that one end is never named is worth telling."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The values that captions name, as ids into `forms`: `of_image` holds each once per image, ascending.

    `groups` are the vocabulary's groups of each value. `estimated` says that they were looked for in sentences.
    """

    forms: tuple[str, ...]
    names: tuple[str, ...]
    groups: tuple[frozenset[str], ...]
    of_image: Ragged
    estimated: bool

    def of_groups(self, groups: Collection[str]) -> Mask:
        """Shape (number of values,): which of them tell something of these groups."""
        told = (not of.isdisjoint(groups) for of in self.groups)
        return np.fromiter(told, dtype=bool, count=len(self.groups))


@dataclass(frozen=True, slots=True)
class Spread:
    """How some samples are spread over the values of some groups.

    `n` samples with a caption, of which `named` name a value. `values` are (name, form, samples) by falling number;
    `evenness` is the normalized entropy over the different sets of values that the samples name together; `usual` is
    the set that most of them name, on `n_usual`, which stand at `usual_at` among the samples.
    """

    n: int
    named: int
    values: tuple[tuple[str, str, int], ...]
    evenness: float
    n_sets: int
    usual: tuple[str, ...]
    n_usual: int
    usual_at: NDArray[np.int64] = field(compare=False)


def attributes(dataset: Dataset) -> Attributes:
    """What the captions of a dataset say, worked out once."""
    key = ("attributes",)
    if key not in dataset.derived:
        dataset.derived[key] = _attributes(dataset)
    found: Attributes = dataset.derived[key]
    return found


def spread(samples: Samples, groups: Collection[str], *, without: Collection[str] = ()) -> Spread:
    """The spread of some samples over the values of some groups; `without` are forms that do not count."""
    dataset = samples.dataset
    found = attributes(dataset)
    key = ("attributes", frozenset(groups))
    if key not in dataset.derived:
        dataset.derived[key] = found.of_groups(groups)
    wanted: Mask = dataset.derived[key]
    rows = found.of_image.take(samples.rows)
    kept = wanted[rows.ids]
    left_out = [value for form in without if (value := _value(found, form)) is not None]
    if left_out:
        kept &= ~np.isin(rows.ids, left_out)
    owners, ids = rows.owners()[kept], rows.ids[kept]
    different, n_of = np.unique(ids, return_counts=True)
    counts = dict(zip(different.tolist(), n_of.tolist(), strict=True))
    sets, n_sets, common = _sets(owners, ids)
    usual = ids[owners == common[0]] if len(n_sets) else ids
    order = sorted(counts, key=lambda value: (-counts[value], found.forms[value]))
    return Spread(
        n=int(np.count_nonzero(samples.captioned)),
        named=len(sets),
        values=tuple((found.names[value], found.forms[value], counts[value]) for value in order),
        evenness=evenness(n_sets),
        n_sets=len(n_sets),
        usual=tuple(found.names[value] for value in usual.tolist()),
        n_usual=int(n_sets[0]) if len(n_sets) else 0,
        usual_at=common,
    )


def naming(samples: Samples, groups: Collection[str], *, names: Collection[str] | None = None) -> Mask:
    """Shape (n,): the samples that name a value of some groups; with `names` only one of these values."""
    found = attributes(samples.dataset)
    wanted = found.of_groups(groups)
    if names is not None:
        wanted &= np.fromiter((name in names for name in found.names), dtype=bool, count=len(found.names))
    rows = found.of_image.take(samples.rows)
    held: Mask = np.zeros(samples.n, dtype=bool)
    held[rows.owners()[wanted[rows.ids]]] = True
    return held


def _value(found: Attributes, form: str) -> int | None:
    """The id of a form, which stand in the order of the alphabet."""
    place = bisect_left(found.forms, form)
    return place if place < len(found.forms) and found.forms[place] == form else None


def never_named(samples: Samples, group: str) -> tuple[str, ...]:
    """What no caption names, itself or by what it implies, of the scales of a group; sorted.

    Scales are the vocabulary's exclusive sets of groups that should vary: day and night, close-up and full body.
    """
    dataset = samples.dataset
    vocabulary = dataset.vocabulary
    if ("scales",) not in dataset.derived:
        dataset.derived["scales",] = _scales(vocabulary)
    scale: frozenset[str] = dataset.derived["scales",].get(group, frozenset())
    if not scale:
        return ()
    named: set[str] = set()
    for _, form, _ in spread(samples, (group,)).values:
        named.update(map(vocabulary.preferred, (form, *vocabulary.implied_by(form))))
    return tuple(sorted(scale - named))


def _scales(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Group -> the members of all exclusive sets that lie in it."""
    found: dict[str, frozenset[str]] = {}
    for members in vocabulary.exclusive.values():
        for group in _VARYING.intersection(*(vocabulary.groups_of(member) for member in members)):
            found[group] = found.get(group, frozenset()).union(members)
    return found


def _mixed(ids: NDArray[np.int32]) -> NDArray[np.uint64]:
    """A hash of each id whose bits are even in all places: the last steps of splitmix64 (Steele, Lea, Flood 2014)."""
    mixed = (ids.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def _sets(
    owners: NDArray[np.int64], ids: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The owners, how many of them have each different set of ids, and the owners of the most common set.

    A set is told by the sum of 64-bit hashes of its ids: that two sets have one sum is out of the question, and a
    million images take a moment.
    """
    different = np.unique(owners)
    starts = np.searchsorted(owners, different)
    sums = np.add.reduceat(_mixed(ids), starts) if len(different) else np.zeros(0, dtype=np.uint64)
    _, first, n = np.unique(sums, return_index=True, return_counts=True)
    order = np.lexsort((first, -n))
    common = different[sums == sums[first[order[0]]]] if len(different) else different
    return different, n[order].astype(np.int64), common


def _attributes(dataset: Dataset) -> Attributes:
    vocabulary, captions = dataset.vocabulary, dataset.captions
    if dataset.profile.caption_style != "sentences":
        groups = tuple(frozenset(vocabulary.groups_of(form)) for form in captions.forms)
        return Attributes(captions.forms, captions.names, groups, dataset.tag_presence, False)
    terms = _Terms(vocabulary)
    written = [terms.found_in(text) for text in captions.texts]
    forms = tuple(sorted({form for found in written for form in found}))
    number = {form: value for value, form in enumerate(forms)}
    # Images without a caption take the text behind the last, which holds nothing.
    of_text = ragged_of([*(sorted(number[form] for form in found) for found in written), []])
    texts = np.where(captions.text_of < 0, len(captions.texts), captions.text_of).astype(np.int64)
    groups = tuple(frozenset(vocabulary.groups_of(form)) for form in forms)
    return Attributes(forms, forms, groups, of_text.take(texts), True)


_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MOST_WORDS: Final = 4
_MOST_SIGNS: Final = 8


class _Terms:
    """The tags of the vocabulary that tell an attribute, as they stand in sentences."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        known = {form for group in ATTRIBUTES for form in vocabulary.tags_of_group(group)}
        self._plain = {form.replace("’", "'") for form in known if form.isascii()}
        self._signs = {form for form in known if not form.isascii()}

    def found_in(self, text: str) -> set[str]:
        words = _WORD.findall(normal_form(text))
        return {*self._phrases(words), *(sign for word in words if not word.isascii() for sign in self._in_signs(word))}

    def _phrases(self, words: Sequence[str]) -> Iterator[str]:
        place = 0
        while place < len(words):
            for length in range(min(_MOST_WORDS, len(words) - place), 0, -1):
                phrase = " ".join(words[place : place + length])
                if phrase in self._plain:
                    yield phrase
                    place += length - 1
                    break
            place += 1

    def _in_signs(self, run: str) -> Iterator[str]:
        """Terms in a run without gaps, as Japanese and Chinese are written."""
        place = 0
        while place < len(run):
            for length in range(min(_MOST_SIGNS, len(run) - place), 1, -1):
                if run[place : place + length] in self._signs:
                    yield run[place : place + length]
                    place += length - 1
                    break
            place += 1
