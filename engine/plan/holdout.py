"""A hold-out split: a few images that stand for the set and are kept out of training, to judge checkpoints by.

The images come from all concepts in proportion to their different pictures. Groups of alike images, mirrored and
turned ones too, are never torn: the copies of an image that is held out leave the training with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.dataset import Concept, Dataset
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.caps import chance

FEWEST: Final = 10
MOST: Final = 30
"""Images of a hold-out that can be judged by."""

LARGEST_SHARE: Final = 0.2
"""Of a concept's images at most this share leaves the training."""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """`rows` are held out; `twins` are images alike to them, which leave the training as well, by the row held out."""

    rows: tuple[int, ...]
    twins: dict[int, tuple[int, ...]]
    seed: int
    wanted: int

    @property
    def removed(self) -> tuple[int, ...]:
        """All rows that are not trained, ascending."""
        return tuple(sorted({*self.rows, *(row for group in self.twins.values() for row in group)}))

    def told(self) -> Message:
        """How many are held out, and why they are fewer than was asked for."""
        n, twins = len(self.rows), len(self.removed) - len(self.rows)
        if n < self.wanted:
            return message(
                "only {n:count} of {wanted:count} images are held out: a concept gives up at most {share:percent} of "
                "its images; {least:count} to {most:count} are needed to judge by",
                n=n,
                wanted=self.wanted,
                share=LARGEST_SHARE,
                least=FEWEST,
                most=MOST,
            )
        if twins:
            return message(
                Plural(
                    "{n:count} images are held out, and {twins:count} that is alike to them leaves the training too",
                    "{n:count} images are held out, and {twins:count} that are alike to them leave the training too",
                    by="twins",
                ),
                n=n,
                twins=twins,
            )
        return message(Plural("{n:count} image is held out", "{n:count} images are held out"), n=n)


def hold_out(dataset: Dataset, n: int, seed: int) -> HoldOut:
    """The split for about n images. Fewer where the concepts cannot spare them, down to none."""
    units = _units(dataset)
    unit_of = {row: number for number, unit in enumerate(units) for row in unit}
    concepts = dataset.training_concepts
    of_concept = [sorted({unit_of[row] for row in concept.rows.tolist()}) for concept in concepts]
    room = [int(LARGEST_SHARE * concept.n) for concept in concepts]
    quotas = _quotas([len(numbers) for numbers in of_concept], room, n)
    taken: set[int] = set()
    rows: list[int] = []
    twins: dict[int, tuple[int, ...]] = {}
    for concept, numbers, quota in zip(concepts, of_concept, quotas, strict=True):
        budget = int(LARGEST_SHARE * concept.n)
        free = [number for number in numbers if number not in taken]
        for number in _representative(concept, [units[number] for number in free], free, quota, budget, seed):
            taken.add(number)
            own = [row for row in units[number] if dataset.concept_of[row] == concept.number]
            row = min(own, key=lambda row: (chance(f"{seed}\0hold-out\0{dataset.paths[row]}"), row))
            rows.append(row)
            others = tuple(other for other in units[number] if other != row)
            if others:
                twins[row] = others
    return HoldOut(tuple(sorted(rows)), twins, seed, n)


def _units(dataset: Dataset) -> list[tuple[int, ...]]:
    """The training images in groups of alike ones, single images as groups of one, in the order of their first row."""
    rows = dataset.train.rows.tolist()
    parent = {row: row for row in rows}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    alike = dataset.duplicates
    for group in (*alike.exact, *alike.near, *alike.mirrored, *alike.rotated):
        for row in group[1:]:
            one, other = sorted((root(group[0]), root(row)))
            parent[other] = one
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(root(row), []).append(row)
    return [tuple(groups[row]) for row in sorted(groups)]


def _quotas(pictures: Sequence[int], room: Sequence[int], n: int) -> list[int]:
    """n shared out in proportion to the pictures, the largest remainders first, none beyond its room."""
    total = sum(pictures)
    quotas = [min(int(n * part / total), space) if total else 0 for part, space in zip(pictures, room, strict=True)]
    while sum(quotas) < n:
        open_ones = [i for i in range(len(quotas)) if quotas[i] < room[i]]
        if not open_ones:
            break
        best = max(open_ones, key=lambda i: (n * pictures[i] / total - quotas[i], -i))
        quotas[best] += 1
    return quotas


def _representative(
    concept: Concept, units: Sequence[tuple[int, ...]], numbers: Sequence[int], quota: int, budget: int, seed: int
) -> list[int]:
    """Units whose tags together come nearest to those of the concept, one after the other.

    Each next one is the unit that best makes up for what the chosen ones lack of the concept's tags (kernel herding);
    the seed decides between equals, and units with few copies go before those with many.
    """
    if quota <= 0 or not units:
        return []
    dataset = concept.dataset
    keepers = [min(row for row in unit if dataset.concept_of[row] == concept.number) for unit in units]
    presence = dataset.tag_presence.take(np.array(keepers, dtype=np.int64))
    n_tags = max(1, len(dataset.captions.forms))
    owners = presence.owners()
    target: NDArray[Any] = np.bincount(presence.ids, minlength=n_tags) / len(units)
    lengths = np.maximum(np.bincount(owners, minlength=len(units)), 1)
    cost = np.array([sum(dataset.concept_of[row] == concept.number for row in unit) for unit in units])
    lots = np.array([chance(f"{seed}\0{dataset.paths[row]}") for row in keepers])
    lack = target.copy()
    free = np.ones(len(units), dtype=bool)
    chosen: list[int] = []
    spent = 0
    while len(chosen) < quota:
        fits = free & (spent + cost <= budget)
        if not fits.any():
            break
        score = np.bincount(owners, weights=lack[presence.ids], minlength=len(units)) / np.sqrt(lengths)
        best = int(np.lexsort((lots, -np.round(score, 9), cost, ~fits))[0])
        free[best] = False
        spent += int(cost[best])
        chosen.append(numbers[best])
        held = np.zeros(n_tags)
        held[presence.row(best)] = 1
        lack += target - held
    return chosen
