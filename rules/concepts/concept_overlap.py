"""Two concepts whose captions say the same.

What it finds
    Pairs of training concepts whose `top` most common tags are nearly all the same (Jaccard index of at least
    `limit`), or whose tags are spread nearly alike (Jensen-Shannon likeness of at least `likeness_limit`), while no
    tag tells the one from the other. Triggers, class words, core tags and praise are left out.

Why it matters
    Apart from the trigger the captions give the model nothing to hold the two concepts apart by, so it mixes what
    they look like: the hair of one with the dress of the other.

What to do
    Name in the captions what is different, most of all hair, clothes, colours and place. Give the two triggers that
    do not resemble each other. Where they are not meant for one picture, train separate LoRAs.

Known limits
    The Jaccard index is what two sets share over what either has. The likeness is 1 minus the Jensen-Shannon
    divergence in bits (Lin 1991) of how often each tag stands; either side gets one more case spread as both are, so
    that few images do not look unlike by chance. A tag tells two concepts apart if its shares differ by `telling` or
    more and by more than chance (Fisher's exact test, at most 5 % false ones by Benjamini and Hochberg). Concepts
    under `min_images` are too few to judge. Only captions are compared. Sentences are not judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import (
    Concept,
    Dataset,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    Skip,
    benjamini_hochberg,
    fisher_apart,
    likeness,
    option,
    own_forms,
)


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.8,
        "Jaccard index of the most common tags from which on two concepts are described alike.",
        unit="share",
        low=0,
        high=1,
    )
    likeness_limit: float = option(
        0.9,
        "Jensen-Shannon likeness of all tags from which on two concepts are described alike.",
        unit="share",
        low=0,
        high=1,
    )
    telling: float = option(
        0.5,
        "Difference of a tag's shares from which on it tells two concepts apart.",
        unit="share",
        low=0,
        high=1,
    )
    top: int = option(10, "How many of the most common tags are compared.", low=3, high=1000)
    min_images: int = option(
        10,
        "Concepts with fewer captions are not judged.",
        unit="images",
        low=2,
        high=100_000,
    )


FALSE_SHARE: Final = 0.05
LEAST_TAGS: Final = 3
"""Fewer different tags say too little to be alike."""

_NOT_COMPARED: Final = frozenset({"praise", "page"})
_BLOCK: Final = 256

_MESSAGE: Final = (
    '"{one}" and "{other}" are described alike: {shared:count} of their {top:count} most common tags are the same, '
    "and no tag tells them apart"
)

rule = Rule(
    id="concept-overlap",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("concept-bleed",),
    messages={
        "found": _MESSAGE,
        "distribution": (
            '"{one}" and "{other}" are described alike: their tags are spread alike by {likeness:percent}, '
            "and no tag tells them apart"
        ),
        "one-concept": "there is only one training concept",
        "too-few": Plural(
            "no two concepts have the {limit:count} captions needed to compare them; the second largest has one",
            "no two concepts have the {limit:count} captions needed to compare them; the second largest has {n:count}",
        ),
    },
    remedies=Remedies(
        data=(
            'name in the captions what tells "{one}" from "{other}": hair, clothes, colours, place',
            "give the two triggers that do not resemble each other",
        ),
        training=("where the two are not meant for one picture, train separate LoRAs",),
    ),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    concepts = dataset.training_concepts
    if not concepts:
        raise Skip("no-training-images")
    if len(concepts) < 2:
        raise Skip("one-concept")
    sizes = sorted((int(np.count_nonzero(concept.captioned)) for concept in concepts), reverse=True)
    if not sizes[0]:
        raise Skip("no-captions")
    if sizes[1] < options.min_images:
        raise Skip("too-few", n=sizes[1], limit=options.min_images)
    judged = [concept for concept in concepts if np.count_nonzero(concept.captioned) >= options.min_images]
    counted = list(_counted(dataset, judged, options.top))
    for one, other, shared in _alike(counted):
        yield from _judged(counted[one], counted[other], shared, options)


@dataclass(frozen=True, slots=True)
class _Counted:
    """The tags of a concept that are compared, ascending, with the images that hold each; and the most common ones.

    `n` is how many of the concept's images have a caption.
    """

    concept: Concept
    n: int
    tags: NDArray[np.intp]
    images: NDArray[np.int64]
    top: NDArray[np.intp]


def _counted(dataset: Dataset, concepts: Sequence[Concept], top: int) -> Iterator[_Counted]:
    vocabulary, forms = dataset.vocabulary, dataset.captions.forms
    compared = np.array([_NOT_COMPARED.isdisjoint(vocabulary.kinds_of(form)) for form in forms], dtype=bool)
    compared[[dataset.tag_of_form[form] for form in own_forms(dataset)]] = False
    for concept in concepts:
        held = np.where(compared, concept.tag_images, 0)
        tags = np.flatnonzero(held)
        images = held[tags]
        most_common = tags[np.argsort(-images, kind="stable")[:top]]
        yield _Counted(concept, int(np.count_nonzero(concept.captioned)), tags, images, most_common)


def _alike(counted: Sequence[_Counted]) -> Iterator[tuple[int, int, int]]:
    """The pairs of concepts that share at least half of their most common tags, with how many they share."""
    sizes = np.array([len(one.top) for one in counted])
    ids = np.concatenate([one.top for one in counted])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    # Imported here: it takes a quarter of a second, which every command would wait for.
    from scipy.sparse import csr_array

    incidence = csr_array(
        (np.ones(len(ids), dtype=np.int32), ids, starts), shape=(len(sizes), int(ids.max(initial=0)) + 1)
    )
    for start in range(0, len(sizes), _BLOCK):
        shared = (incidence[start : start + _BLOCK] @ incidence.T).tocoo()
        one, other, n = shared.row.astype(np.intp) + start, shared.col.astype(np.intp), shared.data
        fewer, more = np.minimum(sizes[one], sizes[other]), np.maximum(sizes[one], sizes[other])
        chosen = np.flatnonzero((one < other) & (fewer >= LEAST_TAGS) & (2 * n >= more))
        chosen = chosen[np.lexsort((other[chosen], one[chosen]))]
        yield from zip(one[chosen].tolist(), other[chosen].tolist(), n[chosen].tolist(), strict=True)


def _judged(one: _Counted, other: _Counted, shared: int, options: Options) -> Iterator[Finding]:
    jaccard = shared / (len(one.top) + len(other.top) - shared)
    tags = np.union1d(one.tags, other.tags)
    first, second = (np.zeros(len(tags), dtype=np.int64) for _ in range(2))
    first[np.searchsorted(tags, one.tags)] = one.images
    second[np.searchsorted(tags, other.tags)] = other.images
    like = likeness(first, second)
    if (jaccard < options.limit and like < options.likeness_limit) or _is_told(
        first, one.n, second, other.n, telling=options.telling
    ):
        return
    by_tags = jaccard >= options.limit
    dataset = one.concept.dataset
    yield rule.finding(
        dataset.subject(),
        "found" if by_tags else "distribution",
        values={
            "one": one.concept.name,
            "other": other.concept.name,
            "shared": shared,
            "top": max(len(one.top), len(other.top)),
            "likeness": like,
            "jaccard": jaccard,
            "tags": tuple(dataset.captions.names[tag] for tag in one.top[np.isin(one.top, other.tags)].tolist()),
        },
        measured=Measurement("jaccard", jaccard, options.limit, option="limit", unit="share")
        if by_tags
        else Measurement("js_likeness", like, options.likeness_limit, option="likeness_limit", unit="share"),
        key=f"{one.concept.name}\n{other.concept.name}",
    )


def _is_told(first: NDArray[np.int64], n: int, second: NDArray[np.int64], other_n: int, *, telling: float) -> bool:
    """Whether some tag tells the two apart, by more than chance and by enough to be of use."""
    enough = np.abs(first / n - second / other_n) >= telling
    # The test takes far longer than the look at the shares, and nearly all concepts that are alike end here.
    if not enough.any():
        return False
    real = benjamini_hochberg(fisher_apart(first, n, second, other_n), FALSE_SHARE)
    return bool((real & enough).any())
