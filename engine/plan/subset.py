"""A dataset without some of its images: what is planned for once a hold-out was taken out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tagmetry.columns import Column, Rows
from tagmetry.dataset import Captions, Dataset, Duplicates

Group = tuple[int, ...]


def without(dataset: Dataset, rows: Iterable[int]) -> Dataset:
    """The dataset as if these images did not lie in it. Groups of alike images keep what is left of them."""
    kept = np.ones(dataset.n, dtype=bool)
    kept[list(rows)] = False
    left: Rows = np.flatnonzero(kept).astype(np.int64)
    place = {int(row): number for number, row in enumerate(left)}
    folder_of = dataset.folder_of[left]
    sizes = np.bincount(folder_of, minlength=len(dataset.folders))
    return replace(
        dataset,
        paths=tuple(dataset.paths[row] for row in left),
        content=dataset.content[left],
        roles=dataset.roles.take(left),
        folder_of=folder_of,
        concept_of=dataset.concept_of[left],
        folders=tuple(replace(folder, n=int(n)) for folder, n in zip(dataset.folders, sizes, strict=True)),
        columns={name: column.take(left) for name, column in dataset.columns.items()},
        captions=_captions(dataset.captions, left, place),
        duplicates=_duplicates(dataset.duplicates, left, place),
    )


def _captions(captions: Captions, left: Rows, place: Mapping[int, int]) -> Captions:
    return replace(
        captions,
        text_of=captions.text_of[left],
        path_of=tuple(captions.path_of[row] for row in left),
        n_lines=captions.n_lines[left],
        problems=tuple(
            replace(problem, row=place.get(problem.row, -1))
            for problem in captions.problems
            if problem.row < 0 or problem.row in place
        ),
        unread=MappingProxyType({place[row]: text for row, text in captions.unread.items() if row in place}),
        zero_bytes=frozenset(place[row] for row in captions.zero_bytes if row in place),
    )


def _duplicates(alike: Duplicates, left: Rows, place: Mapping[int, int]) -> Duplicates:
    def moved(group: Group) -> Group:
        return tuple(place[row] for row in group if row in place)

    def groups(old: Iterable[Group]) -> tuple[Group, ...]:
        return tuple(new for group in old if len(new := moved(group)) > 1)

    exact = [
        (new, kind) for group, kind in zip(alike.exact, alike.exact_kinds, strict=True) if len(new := moved(group)) > 1
    ]
    keepers = {}
    for group, keeper in alike.keepers.items():
        new = moved(group)
        if len(new) > 1:
            keepers[new] = place.get(keeper, new[0])
    hashes = alike.hashes
    return Duplicates(
        exact=tuple(group for group, _ in exact),
        exact_kinds=tuple(kind for _, kind in exact),
        near=groups(alike.near),
        keepers=MappingProxyType(keepers),
        hashes=hashes.take(left) if len(hashes) else Column(hashes.values, hashes.valid),
        mirrored=groups(alike.mirrored),
        rotated=groups(alike.rotated),
        # What is known of a group counts from its keeper, and holds only while the group is whole.
        alike=MappingProxyType(
            {moved(group): facts for group, facts in alike.alike.items() if all(row in place for row in group)}
        ),
        n_compared=alike.n_compared,
    )
