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
    counts = _counts(dataset, judged)
    for one, other, shared in _alike(counts, options):
        yield from _judged(judged[one], judged[other], (counts[one], counts[other]), shared, options)


def _counts(dataset: Dataset, concepts: Sequence[Concept]) -> list[dict[int, int]]:
    """Of each concept its tags with the number of images, what is not compared left out, most common first."""
    vocabulary, forms = dataset.vocabulary, dataset.captions.forms
    compared = np.array([_NOT_COMPARED.isdisjoint(vocabulary.kinds_of(form)) for form in forms], dtype=bool)
    compared[[dataset.tag_of_form[form] for form in own_forms(dataset)]] = False
    found = []
    for concept in concepts:
        images = np.where(compared, concept.tag_images, 0)
        order = np.argsort(-images, kind="stable")[: np.count_nonzero(images)]
        found.append({int(tag): int(images[tag]) for tag in order})
    return found


def _alike(counts: Sequence[dict[int, int]], options: Options) -> Iterator[tuple[int, int, int]]:
    """The pairs of concepts that share at least half of their most common tags, with how many they share."""
    tops = [list(tags)[: options.top] for tags in counts]
    starts = np.cumsum([0, *map(len, tops)])
    ids = np.array([tag for tags in tops for tag in tags], dtype=np.int64)
    # Imported here: it takes a quarter of a second, which every command would wait for.
    from scipy.sparse import csr_array

    incidence = csr_array(
        (np.ones(len(ids), dtype=np.int32), ids, starts), shape=(len(tops), int(ids.max(initial=0)) + 1)
    )
    sizes = np.diff(starts)
    for start in range(0, len(tops), _BLOCK):
        shared = (incidence[start : start + _BLOCK] @ incidence.T).tocoo()
        for one, other, n in sorted(zip(shared.row + start, shared.col, shared.data, strict=True)):
            if one < other and min(sizes[one], sizes[other]) >= LEAST_TAGS and 2 * n >= max(sizes[one], sizes[other]):
                yield int(one), int(other), int(n)


def _judged(
    one: Concept, other: Concept, counts: tuple[dict[int, int], dict[int, int]], shared: int, options: Options
) -> Iterator[Finding]:
    sizes = [min(options.top, len(tags)) for tags in counts]
    jaccard = shared / (sum(sizes) - shared)
    tags = sorted(counts[0].keys() | counts[1].keys())
    first, second = (np.array([of.get(tag, 0) for tag in tags], dtype=np.int64) for of in counts)
    like = likeness(first, second)
    if (jaccard < options.limit and like < options.likeness_limit) or _is_told(one, other, first, second, options):
        return
    by_tags = jaccard >= options.limit
    yield rule.finding(
        one.dataset.subject(),
        "found" if by_tags else "distribution",
        values={
            "one": one.name,
            "other": other.name,
            "shared": shared,
            "top": max(sizes),
            "likeness": like,
            "jaccard": jaccard,
            "tags": tuple(
                one.dataset.captions.names[tag] for tag in list(counts[0])[: options.top] if tag in counts[1]
            ),
        },
        measured=Measurement("jaccard", jaccard, options.limit, option="limit", unit="share")
        if by_tags
        else Measurement("js_likeness", like, options.likeness_limit, option="likeness_limit", unit="share"),
        key=f"{one.name}\n{other.name}",
    )


def _is_told(
    one: Concept, other: Concept, first: NDArray[np.int64], second: NDArray[np.int64], options: Options
) -> bool:
    """Whether some tag tells the two apart, by more than chance and by enough to be of use."""
    n, other_n = (int(np.count_nonzero(concept.captioned)) for concept in (one, other))
    real = benjamini_hochberg(fisher_apart(first, n, second, other_n), FALSE_SHARE)
    return bool((real & (np.abs(first / n - second / other_n) >= options.telling)).any())
