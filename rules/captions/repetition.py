"""Captions that are repeated within a concept: the same words, or the same tags in any order."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from tagmetry.api import Concept
from tagmetry.rules.captions.wording import distinct_texts, wording


@dataclass(frozen=True, slots=True)
class Repeated:
    """The largest group of equal captions: text ids, ascending, and the images that have one of them."""

    texts: tuple[int, ...]
    n: int


def equal_captions(concept: Concept) -> Repeated:
    """The caption that most images share; case, width, white space and underscores make no difference."""
    found = wording(concept.dataset).units
    return _largest(concept, lambda text: found[text])


def equal_tag_sets(concept: Concept) -> Repeated:
    """The set of tags that most images share, in whatever order."""
    tags = concept.dataset.captions.tags
    return _largest(concept, lambda text: frozenset(tags.row(text).tolist()))


def _largest(concept: Concept, key_of: Callable[[int], Hashable]) -> Repeated:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    images: dict[Hashable, int] = defaultdict(int)
    texts, counts = distinct_texts(concept)
    for text, count in zip(texts.tolist(), counts.tolist(), strict=True):
        key = key_of(text)
        groups[key].append(text)
        images[key] += count
    if not groups:
        return Repeated((), 0)
    most = max(groups, key=lambda key: (images[key], -groups[key][0]))
    return Repeated(tuple(groups[most]), images[most])
