"""Caps on frequent tags: which tags, how often each is dropped, and the captions without them.

A tag on f of a concept's n images is kept on at most cap = ratio x n of them, so that each caption loses it with
p = 1 - cap / f. Which ones is drawn by lot, from the seed, the tag and the path of the image.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from tagmetry.dataset import Concept, Dataset
from tagmetry.plan.model import EditedCaption, TagPlan
from tagmetry.plan.options import BalanceOptions
from tagmetry.text import normal_form, split_tags

SMALLEST_JUDGED_CONCEPT: Final = 10
"""Concepts smaller than this have no tag frequencies worth capping."""


def tag_caps(dataset: Dataset, options: BalanceOptions) -> tuple[TagPlan, ...]:
    """The tags that may be capped, by concept, the most frequent first."""
    return tuple(
        cap
        for concept in dataset.training_concepts
        if concept.n >= SMALLEST_JUDGED_CONCEPT
        for cap in _of_concept(concept, options)
    )


def _of_concept(concept: Concept, options: BalanceOptions) -> Iterator[TagPlan]:
    for tag in concept.tag_frequencies():
        if tag.share < options.tag_cap_threshold:
            return
        if concept.is_own_word(tag.form) or concept.dataset.vocabulary.is_protected(tag.form):
            continue
        cap = min(options.tag_cap_ratio, tag.share)
        yield TagPlan(
            tag=tag.name,
            concept=concept.name,
            share_before=tag.share,
            share_after=cap,
            form=tag.form,
            n=tag.n,
            drop=1 - cap / tag.share,
            fewer_draws=fewer_draws(tag.share, cap),
        )


def fewer_draws(share: float, cap: float) -> float | None:
    """The weight of the images with a tag that brings its share of the draws to `cap`; None where all have it."""
    if share <= cap:
        return 1.0
    return cap * (1 - share) / (share * (1 - cap)) if share < 1 and cap < 1 else None


def edited_captions(dataset: Dataset, caps: Sequence[TagPlan], seed: int) -> Mapping[int, EditedCaption]:
    """The captions that the caps change, by row. The last tag of a caption is never taken away."""
    by_concept: dict[str, list[TagPlan]] = {}
    for cap in caps:
        by_concept.setdefault(cap.concept, []).append(cap)
    drops: dict[int, set[str]] = {}
    for concept in dataset.training_concepts:
        for cap in by_concept.get(concept.name, ()):
            for row in _losing(concept, cap, seed):
                drops.setdefault(row, set()).add(cap.form)
    captions, found = dataset.captions, {}
    for row in sorted(drops):
        edited = _without(captions.texts[captions.text_of[row]], drops[row])
        if edited is not None:
            found[row] = edited
    return found


def _losing(concept: Concept, cap: TagPlan, seed: int) -> list[int]:
    """The rows that lose the tag: as many as the cap asks for, those whose lot is the lowest."""
    rows = concept.rows[concept.with_tag(cap.form)].tolist()
    paths = concept.dataset.paths
    # The margin keeps 0.8 of ten from being a little under eight.
    n = max(0, math.ceil(len(rows) - cap.share_after * concept.n - 1e-9))
    return sorted(rows, key=lambda row: (chance(f"{seed}\0{cap.form}\0{paths[row]}"), row))[:n]


def _without(text: str, forms: Set[str]) -> EditedCaption | None:
    kept: list[str] = []
    dropped: list[str] = []
    for tag in split_tags(text):
        (dropped if normal_form(tag) in forms else kept).append(tag)
    if not kept:
        kept, dropped = dropped[:1], dropped[1:]
    return EditedCaption(", ".join(kept), tuple(dropped)) if dropped else None


def chance(key: str) -> float:
    """A number from 0 up to 1 that the key alone decides, the same on every machine."""
    digest = hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
