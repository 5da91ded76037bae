"""What is wrong with tags as they are written: repetitions, contradictions, several spellings of one tag, slips.

Found once per distinct caption text and per distinct tag, never per image. The rules report them, and the balance plan
asks how many captions they touch.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tagmetry.columns import Mask, Ragged, Rows
from tagmetry.dataset import Captions, Dataset, Samples
from tagmetry.text import words_of_name
from tagmetry.trigger_words import own_forms
from tagmetry.vocabulary import SEVERAL_FIGURES, SEVERAL_PICTURES, Vocabulary

ONE_FIGURE: Final = "solo"
"""The tag that says that one figure is shown, whatever else is said."""

SEX_SETS: Final = ("sex", "sex_child", "sex_counted")
"""Exclusive sets whose members are figures: two of one set are two people, unless there is but one."""


def repeated_tags(tags: Ragged, n_forms: int) -> tuple[Rows, NDArray[np.int32]]:
    """Texts and the tags that stand more than once in them, each pair once: two arrays of equal length."""
    marked = np.sort(tags.owners() * n_forms + tags.ids)
    repeated = np.unique(marked[1:][marked[1:] == marked[:-1]])
    return repeated // n_forms, (repeated % n_forms).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two tags of one caption text that cannot both be true: ids of tags in the order written, and the set's name."""

    one: int
    other: int
    set_name: str


def contradictions(captions: Captions, texts: Rows, vocabulary: Vocabulary) -> dict[int, tuple[Contradiction, ...]]:
    """The contradictions of some distinct texts, by the text; texts without any are left out.

    A tag counts with all that it implies: "very long hair" contradicts "short hair". Each two tags are named once.
    """
    tags = captions.tags.take(texts)
    members = _Members(captions.forms, np.unique(tags.ids).tolist(), vocabulary)
    found: dict[int, tuple[Contradiction, ...]] = {}
    for place in _with_two_members(tags, members):
        told = _contradictions_of(list(dict.fromkeys(tags.row(place).tolist())), members, vocabulary.single_subject)
        if told:
            found[int(texts[place])] = told
    return found


# Boorus count single figures with the word: `1girl`, `1other`.
_SINGLE_FIGURE: Final = re.compile(r"\A1(?=[^\W\d])")


class _Members:
    """What each tag in use tells: members of exclusive sets, by its own name or by what it implies, and excuses."""

    def __init__(self, forms: Sequence[str], in_use: Iterable[int], vocabulary: Vocabulary) -> None:
        self.sets: dict[str, int] = {}
        """Set -> number."""
        numbers: dict[str, int] = {}
        self.of: list[tuple[tuple[str, str], ...]] = [()] * len(forms)
        """Tag -> (set, member), in the order of sets."""
        self.preferred: dict[int, str] = {}
        self.excuses: dict[int, tuple[str, ...]] = {}
        self.single_figures: set[int] = set()
        codes: list[list[int]] = [[] for _ in forms]
        for tag in in_use:
            form = forms[tag]
            self.preferred[tag] = vocabulary.preferred(form)
            self.excuses[tag] = vocabulary.excuses_of(form)
            if _SINGLE_FIGURE.match(form) is not None:
                self.single_figures.add(tag)
            told: dict[str, str] = {}
            for true in (form, *vocabulary.implied_by(form)):
                for name in vocabulary.exclusive_sets_of(true):
                    told.setdefault(name, vocabulary.preferred(true))
            self.of[tag] = tuple(sorted(told.items()))
            codes[tag] = [
                self.sets.setdefault(name, len(self.sets)) << 32 | numbers.setdefault(member, len(numbers))
                for name, member in self.of[tag]
            ]
        lengths = np.fromiter(map(len, codes), dtype=np.int64, count=len(codes))
        starts = np.zeros(len(codes) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        flat = np.fromiter((code for row in codes for code in row), dtype=np.int64, count=int(starts[-1]))
        self.set_of = Ragged(starts, (flat >> 32).astype(np.int32))
        self.member_of = Ragged(starts, (flat & 0xFFFFFFFF).astype(np.int32))
        self.n_members = max(1, len(numbers))


def _with_two_members(tags: Ragged, members: _Members) -> list[int]:
    """The places of texts that hold two members of one set."""
    sets, of_set = members.set_of.take(tags.ids.astype(np.int64)), members.member_of.take(tags.ids.astype(np.int64))
    owners = tags.owners()[sets.owners()]
    in_sets = owners * max(1, len(members.sets)) + sets.ids
    # A member that several tags tell, such as "long hair" beside "very long hair", is still one.
    once = np.unique(in_sets * members.n_members + of_set.ids) // members.n_members
    twice = once[1:][once[1:] == once[:-1]]
    return [int(place) for place in np.unique(twice // max(1, len(members.sets)))]


def _contradictions_of(
    tags: Sequence[int], members: _Members, single_subject: frozenset[str]
) -> tuple[Contradiction, ...]:
    """The contradictions among the different tags of one text, in the order written."""
    excused = {name for tag in tags for name in members.excuses[tag]}
    if SEVERAL_PICTURES in excused:
        return ()
    by_set: dict[str, dict[str, int]] = defaultdict(dict)
    for tag in tags:
        for name, member in members.of[tag]:
            # The tag that says it by its own name is the one to show.
            known = by_set[name].get(member)
            if known is None or members.preferred[tag] == member:
                by_set[name][member] = tag
    is_one = any(members.preferred[tag] == ONE_FIGURE for tag in tags)
    several = SEVERAL_FIGURES in excused or _several_sexes(tags, by_set, members)
    found: dict[tuple[int, int], str] = {}
    for name, told in sorted(by_set.items()):
        if len(told) < 2 or name in excused:
            continue
        if name in single_subject and not is_one and (several or name in SEX_SETS):
            continue
        first, *others = sorted(told.values(), key=tags.index)
        for other in others:
            if other != first:
                found.setdefault((first, other), name)
    return tuple(Contradiction(one, other, name) for (one, other), name in found.items())


def _several_sexes(tags: Sequence[int], by_set: Mapping[str, Mapping[str, int]], members: _Members) -> bool:
    if any(len(by_set.get(name, ())) > 1 for name in SEX_SETS):
        return True
    return sum(tag in members.single_figures for tag in tags) > 1


def all_contradictions(dataset: Dataset) -> dict[int, tuple[Contradiction, ...]]:
    """The contradictions of all texts, worked out once."""
    key = ("contradictions",)
    if key not in dataset.derived:
        texts = np.arange(len(dataset.captions.texts), dtype=np.int64)
        dataset.derived[key] = contradictions(dataset.captions, texts, dataset.vocabulary)
    found: dict[int, tuple[Contradiction, ...]] = dataset.derived[key]
    return found


def excused_images(samples: Samples, set_name: str) -> Mask:
    """Shape (n,): images whose caption excuses two members of an exclusive set: several pictures, several figures where
    the set speaks of one, or what excuses this set alone.
    """
    dataset, vocabulary = samples.dataset, samples.dataset.vocabulary
    excuses = {set_name, SEVERAL_PICTURES}
    if set_name in vocabulary.single_subject:
        excuses.add(SEVERAL_FIGURES)
    excused = np.zeros(samples.n, dtype=bool)
    for tag in np.flatnonzero(samples.tag_images).tolist():
        form = dataset.captions.forms[tag]
        if not excuses.isdisjoint(vocabulary.excuses_of(form)):
            excused |= samples.with_tag(form)
    return excused


@dataclass(frozen=True, slots=True)
class Spellings:
    """Tags in use that mean the same: ids with the number of captions of each, the most common first.

    `kind` says what makes them one: the vocabulary's synonyms, the same letters with other gaps, or one and several.
    """

    preferred: str
    tags: tuple[int, ...]
    counts: tuple[int, ...]
    kind: str


def same_tags(forms: Sequence[str], counts: NDArray[np.int64], vocabulary: Vocabulary) -> list[Spellings]:
    """Groups of tags in use that mean the same, by the preferred spelling. `counts` has an entry per tag, 0 unused.

    Besides the vocabulary's synonyms and the aliases of the user's own list: tags that differ only in hyphens and gaps
    (`kneehigh`, `knee-high`), and a word beside its plural in s. Neither where both are known as tags of their own
    (`short` and `shorts`).
    """
    in_use = np.flatnonzero(counts).tolist()
    aliases = {} if vocabulary.tag_list is None else vocabulary.tag_list.aliases
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for tag in in_use:
        groups["synonym", vocabulary.preferred(aliases.get(forms[tag], forms[tag]))].append(tag)
    heads = {max(tags, key=lambda tag: (counts[tag], -tag)): tags for tags in groups.values()}
    for kind, key_of in (("gaps", _without_gaps), ("plural", _singular)):
        alike: dict[str, list[int]] = defaultdict(list)
        for head in heads:
            alike[key_of(forms[head])].append(head)
        for tags in alike.values():
            if len(tags) > 1 and not _are_told_apart([forms[tag] for tag in tags], vocabulary):
                groups[kind, forms[max(tags, key=lambda tag: (counts[tag], -tag))]] = tags
    found = []
    for (kind, preferred), tags in groups.items():
        if len(tags) < 2:
            continue
        ordered = sorted(tags, key=lambda tag: (-int(counts[tag]), forms[tag] != preferred, tag))
        # Some synonyms of the vocabulary are plurals, and whether those are variants only the picture tells.
        is_plural = kind == "plural" or (kind == "synonym" and len({forms[tag].removesuffix("s") for tag in tags}) == 1)
        found.append(
            Spellings(
                preferred,
                tuple(ordered),
                tuple(int(counts[tag]) for tag in ordered),
                "plural" if is_plural else kind,
            )
        )
    return sorted(found, key=lambda one: (one.preferred, one.kind))


_GAPS: Final = re.compile(r"[\s\-‐-―_]+")
_COUNTED: Final = re.compile(r"\A\d+\+?(?=[^\W\d])")


def _without_gaps(form: str) -> str:
    # Without its letters a face such as `>-<` is another face.
    return _GAPS.sub("", form) if any(map(str.isalpha, form)) else form


def _singular(form: str) -> str:
    """A form without the s of a plural: of its last word, if that has four letters and is no `glass`."""
    if _COUNTED.match(form) or not form.isascii() or len(form) - form.rfind(" ") < 5 or not form.endswith("s"):
        return form
    return form if form.endswith(("ss", "us", "is", "'s")) else form[:-1]


def _are_told_apart(forms: Sequence[str], vocabulary: Vocabulary) -> bool:
    return sum(form in vocabulary.known_tags or form in vocabulary.listed for form in forms) > 1


@dataclass(frozen=True, slots=True)
class Slip:
    """A tag that looks like a slip of the pen: its id, what was likely meant, and how many captions say that."""

    tag: int
    meant: str
    n_meant: int


_WORD_BREAK: Final = re.compile(r"[\s\-()/:,.]+")
_SHORTEST_SLIP: Final = 4
_SHORTEST_STEM: Final = 3
_LONG_WORD: Final = 8
"""Letters of a word from which on two slips in it still leave no doubt what was meant."""

_EVIDENCE: Final = 3
"""A spelling counts as the usual one of a set where it is in three times as many captions, and in three at least."""

_CHUNK: Final = 4096


def slips(
    forms: Sequence[str],
    counts: NDArray[np.int64],
    vocabulary: Vocabulary,
    *,
    most: int,
    own_words: Collection[str] = (),
) -> list[Slip]:
    """Tags on at most `most` captions with one word that nobody knows and that is nearly one that is known.

    `counts` are captions per tag. A word is known if a tag of the vocabulary holds it, in whatever inflection. What was
    meant is a tag of the set in three times as many captions, or one of the vocabulary. Slips are two letters
    exchanged, one too many or missing, or the neighbouring key. Any other letter, or two slips in a word of eight,
    counts in a tag of several words, or if the word then has letters in a row as no known word has. So it must where
    only the vocabulary speaks for it: many a rare word is nearly another. The first letter stands, and so does the end,
    where words are inflected. `own_words` are triggers and the like, never slips. Words in other than Latin letters are
    not looked at: there one sign more is another word.
    """
    words = _Words(forms, counts, vocabulary)
    rare = [
        tag
        for tag in np.flatnonzero((counts > 0) & (counts <= most)).tolist()
        if not _is_written_out(forms[tag], vocabulary) and forms[tag] not in own_words
    ]
    unknown = {tag: [word for word in words.of(forms[tag]) if words.is_odd(word)] for tag in rare}
    near = dict(words.nearest({found[0] for found in unknown.values() if len(found) == 1} - set(own_words)))
    index = {form: tag for tag, form in enumerate(forms)}
    found: list[Slip] = []
    for tag, odd in unknown.items():
        for right in near.get(odd[0], ()) if len(odd) == 1 else ():
            meant = re.sub(rf"(?<![^\W\d_]){re.escape(odd[0])}(?![^\W\d_])", right, forms[tag], count=1)
            in_use = int(counts[index[meant]]) if meant in index else 0
            is_usual = in_use >= _EVIDENCE * int(counts[tag])
            is_known = _is_written_out(meant, vocabulary)
            unheard_of = words.is_unheard_of(odd[0])
            tells = unheard_of or forms[tag] != odd[0] or _is_plain_slip(odd[0], right)
            if (is_usual and tells) or (is_known and unheard_of and len(odd[0]) > _SHORTEST_SLIP):
                found.append(Slip(tag, meant, in_use))
                break
    return found


def training_slips(dataset: Dataset, *, most: int) -> list[Slip]:
    """The slips among the tags of training images, worked out once; words of concepts are none."""
    key = ("slips", most)
    if key not in dataset.derived:
        own = {word for concept in dataset.concepts for word in concept.protected_words}
        own |= own_forms(dataset) | {part for word in own for part in words_of_name(word)}
        dataset.derived[key] = slips(
            dataset.captions.forms, dataset.train.tag_images, dataset.vocabulary, most=most, own_words=own
        )
    found: list[Slip] = dataset.derived[key]
    return found


def _is_written_out(form: str, vocabulary: Vocabulary) -> bool:
    """Whether the vocabulary or the user's own list has the tag by name; patterns take any slip for known."""
    return form in vocabulary.known_tags or vocabulary.is_listed(form)


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A tag that the user's own list does not have: its id, and the nearest tag of the list with its uses, or ""."""

    tag: int
    nearest: str = ""
    uses: int = 0


def unlisted(
    forms: Sequence[str], counts: NDArray[np.int64], vocabulary: Vocabulary, *, own_words: Collection[str] = ()
) -> list[Unlisted]:
    """The tags in use that neither the user's own list nor the vocabulary has; none without a list.

    The nearest tag begins with the same letter and is one letter off, from nine letters on two; of several that are
    equally near the most used.
    """
    if not vocabulary.listed:
        return []
    sought = [
        tag
        for tag in np.flatnonzero(counts).tolist()
        if not vocabulary.known(forms[tag]) and forms[tag] not in own_words
    ]
    known: dict[tuple[str, int], list[str]] = defaultdict(list)
    for form in vocabulary.listed:
        known[form[:1], len(form)].append(form)
    found = []
    for tag in sought:
        form = forms[tag]
        most = 0 if len(form) < _SHORTEST_SLIP else 1 if len(form) <= _LONG_WORD else 2
        near = [
            (distance, -vocabulary.listed[other], other)
            for length in range(len(form) - most, len(form) + most + 1 if most else 0)
            for other, distance, _ in process.extract(
                form, known.get((form[:1], length), ()), scorer=OSA.distance, score_cutoff=most, limit=None
            )
        ]
        best = min(near, default=None)
        found.append(Unlisted(tag) if best is None else Unlisted(tag, best[2], -best[1]))
    return found


_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS: Final = {letter: (row, column) for row, keys in enumerate(_ROWS) for column, letter in enumerate(keys)}


def _is_plain_slip(word: str, right: str) -> bool:
    """Whether one word comes from the other by two letters exchanged, one dropped or doubled, or the key beside it."""
    if len(word) == len(right):
        unlike = [place for place, (one, other) in enumerate(zip(word, right, strict=True)) if one != other]
        if len(unlike) == 2:
            return word[unlike[0]] == right[unlike[1]] and word[unlike[1]] == right[unlike[0]]
        if len(unlike) > 2:
            return False
        (row, column), (other_row, other_column) = _KEYS[word[unlike[0]]], _KEYS[right[unlike[0]]]
        return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
    longer, shorter = sorted((word, right), key=len, reverse=True)
    return len(longer) - len(shorter) == 1 and longer[-1] == shorter[-1]


class _Words:
    """The words of tags: how many captions hold them, and which are known."""

    def __init__(self, forms: Sequence[str], counts: NDArray[np.int64], vocabulary: Vocabulary) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        for tag in np.flatnonzero(counts).tolist():
            for word in self.of(forms[tag]):
                self.counts[word] += int(counts[tag])
        self.known, self._pieces = _known_words(vocabulary.known_tags)
        if vocabulary.listed:
            self.known |= {word for form in vocabulary.listed for word in self.of(form)}

    @staticmethod
    def of(form: str) -> list[str]:
        return [word for word in _WORD_BREAK.split(form) if word]

    def is_odd(self, word: str) -> bool:
        """Whether a word might be a slip: in Latin letters, not too short, and unknown in whatever inflection."""
        if len(word) < _SHORTEST_SLIP or not word.isascii() or not word.isalpha():
            return False
        return not any(form in self.known for form in _inflections(word)) and not self._is_compound(word)

    def _is_compound(self, word: str) -> bool:
        """Whether two known words stand in it, as in `campfire`; slips rarely make such."""
        return any(
            word[:place] in self.known and word[place:] in self.known
            for place in range(_SHORTEST_STEM, len(word) - _SHORTEST_STEM + 1)
        )

    def is_unheard_of(self, word: str) -> bool:
        return any(piece not in self._pieces for piece in _pieces(word))

    def nearest(self, words: Collection[str]) -> Iterator[tuple[str, list[str]]]:
        """The words with what they may have been meant to be, the nearest and most used first."""
        known: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self.known | {word for word, n in self.counts.items() if n >= _EVIDENCE}):
            if len(word) >= _SHORTEST_SLIP and word.isascii() and word.isalpha():
                known[word[0]].append(word)
        sought: dict[str, list[str]] = defaultdict(list)
        for word in sorted(words):
            sought[word[0]].append(word)
        for letter, alike in sought.items():
            for start in range(0, len(alike) if known[letter] else 0, _CHUNK):
                part = alike[start : start + _CHUNK]
                distances = process.cdist(part, known[letter], scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
                for word, row in zip(part, distances, strict=True):
                    near = [
                        (int(row[place]), -self.counts.get(known[letter][place], 0), known[letter][place])
                        for place in np.flatnonzero(row <= (2 if len(word) >= _LONG_WORD else 1)).tolist()
                        if known[letter][place] not in _inflections(word)
                    ]
                    yield word, [right for _, _, right in sorted(near)]


_ENDINGS: Final = ("s", "es", "d", "ed", "r", "er", "ing", "ly", "y", "n", "al", "ful", "less", "like", "ish", "ness")


def _inflections(word: str) -> set[str]:
    """The word with and without usual English endings, rightly formed or not."""
    stems = {word, *(word.removesuffix(ending) for ending in _ENDINGS if len(word) - len(ending) >= _SHORTEST_STEM)}
    stems |= {stem + "e" for stem in stems} | {stem[:-1] for stem in stems if stem[-1:] == stem[-2:-1]}
    return {form for stem in stems for form in (stem, *(stem + ending for ending in _ENDINGS))}


@lru_cache(maxsize=4)
def _known_words(tags: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a vocabulary's tags, and all three letters in a row that occur in them."""
    known = frozenset(word for form in tags for word in _Words.of(form))
    return known, frozenset(piece for word in known for piece in _pieces(word))


def _pieces(word: str) -> list[str]:
    """All three letters in a row of a word, its ends among them."""
    ended = f"^{word}$"
    return [ended[start : start + 3] for start in range(len(ended) - 2)]
