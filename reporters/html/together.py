"""Tags that stand together in captions: the most frequent ones of a concept against each other, and telling pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import Report, Translator, cut, visible
from tagmetry.reporters.html.images import images_link, searched
from tagmetry.reporters.html.wording import name_text

MOST_TAGS: Final = 30
LEAST_TAGS: Final = 3
SUPPORT: Final = 2
"""Images that a tag is on at least: of a tag on one image nothing can be told."""
MOST_CONCEPTS: Final = 8
OPEN_CONCEPTS: Final = 1
MOST_PAIRS: Final = 30
MOST_APART: Final = 10
EXPECTED_APART: Final = 2.0
"""Images that two tags would share by chance, from which on it is worth telling that they share none."""
LEVELS: Final = (0.25, 0.5, 0.75, 0.9999)
"""Upper ends of the shades, as shares of the rarer tag; the last shade is a pair that never parts."""

CELL: Final = 18
LABEL_LETTERS: Final = 26
LABEL_WIDTH: Final = 210


@dataclass(frozen=True, slots=True)
class Shade:
    """All cells of one shade as one path; `meaning` is what the legend says."""

    level: int
    path: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tags on `n` images together; `share` of the rarer one, `lift` against chance."""

    first: str
    second: str
    n: str
    share: str
    lift: str
    images: str


@dataclass(frozen=True, slots=True)
class Heat:
    """One concept. `terms` are links to each tag's images, in the order of the rows and by spaces, for the script."""

    name: str
    counted: str
    summary: str
    width: int
    height: int
    cell: int
    shades: tuple[Shade, ...]
    labels: tuple[Label, ...]
    terms: str
    pairs: tuple[Pair, ...]
    apart: tuple[Pair, ...]
    always: tuple[str, ...]
    open: bool


def together(report: Report, say: Translator) -> tuple[Heat, ...]:
    """The concepts in which at least three tags are on some images and not on all; none for captions in sentences."""
    tagged = {row.concept for row in report.tags}
    names = [concept.name for concept in report.dataset.concepts if concept.role == "train" and concept.name in tagged]
    forms, form_of = _forms(report.images.tag_names)
    found: list[Heat] = []
    for name in names:
        heat = _heat(report, name, forms, form_of, is_open=len(found) < OPEN_CONCEPTS, say=say)
        if heat is not None:
            found.append(heat)
        if len(found) == MOST_CONCEPTS:
            break
    return tuple(found)


def _forms(tag_names: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The tags as the search tells them apart, by one of their spellings, and the form of each tag, shape (tags,)."""
    known: dict[str, int] = {}
    spelled: list[str] = []
    form_of = np.zeros(len(tag_names), dtype=np.int64)
    for tag, name in enumerate(tag_names):
        form_of[tag] = known.setdefault(searched(name), len(known))
        if len(spelled) < len(known):
            spelled.append(name)
    return spelled, form_of


def _presence(report: Report, concept: str, form_of: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each image of a concept with each of its tags once: rows and forms, both of the same shape."""
    table = report.images
    rows = np.flatnonzero(table.role.equals("train") & table.concept.equals(concept) & (table.text_of >= 0))
    held = table.tags.take(table.text_of[rows].astype(np.int64))
    pairs = np.unique(held.owners() * np.int64(max(1, len(form_of))) + form_of[held.ids])
    return pairs // max(1, len(form_of)), pairs % max(1, len(form_of))


def _heat(
    report: Report, concept: str, forms: Sequence[str], form_of: NDArray[np.int64], *, is_open: bool, say: Translator
) -> Heat | None:
    rows, held = _presence(report, concept, form_of)
    n_images = len(np.unique(rows))
    counts = np.bincount(held, minlength=len(forms))
    always = [int(tag) for tag in np.flatnonzero(counts == n_images)] if n_images else []
    varying = np.flatnonzero((counts >= SUPPORT) & (counts < n_images))
    top = varying[np.argsort(-counts[varying], kind="stable")][:MOST_TAGS]
    if len(top) < LEAST_TAGS:
        return None
    there = np.zeros((len(top), int(rows.max()) + 1), dtype=np.float32)
    place = np.full(len(forms), -1, dtype=np.int64)
    place[top] = np.arange(len(top))
    kept = place[held] >= 0
    there[place[held[kept]], rows[kept]] = 1
    both = np.rint(there @ there.T).astype(np.int64)
    shared = [
        (one, other, int(both[one, other]))
        for one in range(len(top))
        for other in range(one)
        if both[one, other]
    ]  # fmt: skip
    n = [int(counts[tag]) for tag in top]
    names = [forms[tag] for tag in top]
    never_parted = sum(1 for one, other, count in shared if count == min(n[one], n[other]))
    return Heat(
        name=name_text(concept),
        counted=say.format("{n:count} tags", {"n": len(top)}),
        summary=say.format(
            "{n:count} tags of {concept} against each other; {pairs:count} pairs stand together, {always:count} of "
            "them wherever the rarer one is.",
            {"n": len(top), "concept": concept, "pairs": len(shared), "always": never_parted},
        ),
        width=len(top) * CELL + LABEL_WIDTH,
        height=len(top) * CELL,
        cell=CELL,
        shades=_shades(shared, n, say),
        labels=tuple(
            Label(spot * CELL + 5, spot * CELL + CELL - 5, cut(visible(name), LABEL_LETTERS))
            for spot, name in enumerate(names)
        ),
        terms=" ".join(_terms(concept, name) for name in names),
        pairs=_pairs(concept, shared, names, counts=n, n_images=n_images, say=say),
        apart=_apart(concept, both, names, counts=n, n_images=n_images, say=say),
        always=tuple(name_text(forms[tag]) for tag in always[:MOST_TAGS]),
        open=is_open,
    )


def _terms(concept: str, name: str) -> str:
    """The link to one tag's images, from which the script takes the terms of two."""
    return images_link(("tag", visible(name)), role="train", concept=visible(concept))


def _shades(shared: Sequence[tuple[int, int, int]], n: Sequence[int], say: Translator) -> tuple[Shade, ...]:
    paths: list[list[str]] = [[] for _ in range(len(LEVELS) + 1)]
    for one, other, count in shared:
        level = sum(count / min(n[one], n[other]) > limit for limit in LEVELS)
        side = CELL - 2
        paths[level].append(f"M{other * CELL + 1} {one * CELL + 1}h{side}v{side}h-{side}z")
    ends = [say.value(limit, "percent") for limit in (0.25, 0.5, 0.75)]
    meanings = (
        say.format("up to {share}", {"share": ends[0]}),
        say.format("up to {share}", {"share": ends[1]}),
        say.format("up to {share}", {"share": ends[2]}),
        say.text("more"),
        say.text("always"),
    )
    return tuple(
        Shade(level, "".join(path), meaning)
        for level, (path, meaning) in enumerate(zip(paths, meanings, strict=True))
    )  # fmt: skip


def _pairs(
    concept: str,
    shared: Sequence[tuple[int, int, int]],
    names: Sequence[str],
    *,
    counts: Sequence[int],
    n_images: int,
    say: Translator,
) -> tuple[Pair, ...]:
    """The pairs that stand together on the most images beyond what chance would bring."""

    def beyond(pair: tuple[int, int, int]) -> float:
        one, other, n = pair
        return n - counts[one] * counts[other] / n_images

    best = sorted((pair for pair in shared if beyond(pair) > 0), key=lambda pair: (-beyond(pair), pair))[:MOST_PAIRS]
    return tuple(
        Pair(
            first=name_text(names[other]),
            second=name_text(names[one]),
            n=say.value(n, "count"),
            share=say.value(n / min(counts[one], counts[other]), "percent"),
            lift=say.value(round(n * n_images / (counts[one] * counts[other]), 1), "number"),
            images=_both(concept, names[other], names[one]),
        )
        for one, other, n in best
    )


def _apart(
    concept: str,
    both: NDArray[np.int64],
    names: Sequence[str],
    *,
    counts: Sequence[int],
    n_images: int,
    say: Translator,
) -> tuple[Pair, ...]:
    """Frequent tags that are never on one image, by how often chance would have joined them."""
    expected = np.outer(counts, counts) / n_images
    first, second = np.nonzero(np.triu((both == 0) & (expected >= EXPECTED_APART), k=1))
    order = np.lexsort((second, first, -expected[first, second]))[:MOST_APART]
    return tuple(
        Pair(
            first=name_text(names[one]),
            second=name_text(names[other]),
            n=say.value(0, "count"),
            share="",
            lift=say.value(round(float(expected[one, other]), 1), "number"),
            images=_both(concept, names[one], names[other]),
        )
        for one, other in zip(first[order], second[order], strict=True)
    )


def _both(concept: str, one: str, other: str) -> str:
    return images_link(("tag", visible(one)), ("tag", visible(other)), role="train", concept=visible(concept))
