"""Which training images are alike: content digests and views turned into groups with keepers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Column, Mask, Rows
from tagmetry.dataset import Duplicates
from tagmetry.duplicates import Clusters, Components, exact_clusters, keepers, keeping_order, merge
from tagmetry.duplicates.decision import Strictness
from tagmetry.duplicates.pairs import NearPair, near_pairs, pairs_between
from tagmetry.finding import Alike
from tagmetry.verdicts import RememberedVerdicts

PixelDigests = Callable[[list[int]], Mapping[int, bytes | None]]
"""From rows to SHA-256 digests of their decoded pixels, None where they could not be had."""

Group = tuple[int, ...]

NO_PAIRS: Final[NDArray[np.int64]] = np.zeros((0, 2), dtype=np.int64)

_SAME: Final = Alike("exact", 1.0)
_LYING: Final = ("mirrored", "rotated")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is compared, over all rows of a dataset. `comparable` marks pictures with enough structure.

    `views` are packed as in `tagmetry.duplicates.views`; `hashes` say whose pixels are worth a look.
    """

    content: NDArray[np.uint8]
    hashes: Column
    views: Column
    comparable: Mask
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    sharpness: Column
    size_bytes: NDArray[np.int64]
    caption_length: NDArray[np.int64]


def duplicates_among(
    rows: Rows,
    facts: Likeness,
    *,
    strictness: Strictness,
    pixel_digests: PixelDigests,
    apart: NDArray[np.int64] = NO_PAIRS,
    memory: RememberedVerdicts | None = None,
) -> Duplicates:
    """Groups among the given rows: equal files, equal pixels, and what is one picture but for a change.

    `apart`, shape (k, 2), are pairs of rows that a person declared different: no group but one of equal files or
    pixels holds both. The one that is less worth keeping then leaves the group.

    Pixels are compared only where hash and size are equal, which equal pixels imply. Of equal pictures the one to keep
    speaks for all when views are compared.
    """
    same_bytes = exact_clusters(facts.content[rows])
    exact = merge(same_bytes, _same_pixels(rows, facts, same_bytes, pixel_digests))
    speaker = _speakers(rows, exact, facts)
    comparable = np.zeros(len(facts.content), dtype=np.bool_)
    comparable[speaker] = facts.comparable[speaker] & facts.views.valid[speaker]
    rank = np.zeros(len(facts.content), dtype=np.int64)
    rank[rows] = keeping_order(**_figures(rows, facts))
    apart = _of_speakers(apart, rows, speaker)
    straight, lying = _stars(facts.views.values, comparable, rank, strictness, apart, memory)
    straight, lying = _without_rivals(straight, apart, rank), _without_rivals(lying, apart, rank)
    near = merge(exact, _joined(rows, straight))
    exact_groups, near_groups = _groups(rows, exact), _groups(rows, near)
    of_speaker = dict(zip(rows.tolist(), speaker.tolist(), strict=True))
    keeper_of = {**_kept(rows, exact, facts), **_kept(rows, near, facts)}
    found = {pair.row_b: Alike(pair.kind, pair.likeness, pair.variant) for pair in straight}
    alike = {group: tuple(found.get(of_speaker[row], _SAME) for row in group) for group in near_groups}
    copies = {of_speaker[group[0]]: group for group in exact_groups}
    turned: dict[str, list[Group]] = {kind: [] for kind in _LYING}
    for kind in _LYING:
        for centre, pairs in _by_centre(pair for pair in lying if pair.kind == kind):
            like = {centre: _SAME}
            for pair in pairs:
                other = Alike(pair.kind, pair.likeness, pair.variant)
                like.update(dict.fromkeys(copies.get(pair.row_b, (pair.row_b,)), other))
            group = tuple(sorted(like))
            turned[kind].append(group)
            keeper_of[group] = centre
            alike[group] = tuple(like[row] for row in group)
    return Duplicates(
        exact=exact_groups,
        exact_kinds=tuple(_exact_kind(group, facts.content) for group in exact_groups),
        near=near_groups,
        keepers=keeper_of,
        hashes=facts.hashes,
        mirrored=tuple(sorted(turned["mirrored"])),
        rotated=tuple(sorted(turned["rotated"])),
        alike=alike,
        n_compared=int(comparable.sum()),
    )


def with_other_roles(
    rows: Rows,
    facts: Likeness,
    found: Duplicates,
    *,
    strictness: Strictness,
    apart: NDArray[np.int64] = NO_PAIRS,
    memory: RememberedVerdicts | None = None,
) -> Duplicates:
    """What was found among training images, with those of the other `rows` that are one of them added.

    A group is the one training image to keep of a picture and all others that show it. Files of equal bytes go by
    their content; of pictures of one role no groups are made. `apart` as for `duplicates_among`.
    """
    train = np.setdiff1d(np.arange(len(facts.content)), rows)
    if not len(rows) or not len(train):
        return found
    kept = train.copy()
    for group in found.near:
        kept[np.searchsorted(train, group)] = found.keepers[group]
    equal = exact_clusters(facts.content)
    of_training = np.isin(np.arange(len(facts.content)), train)
    like: dict[int, dict[int, Alike]] = {}
    spoken: dict[int, list[int]] = {}
    # Of equal files of the other roles the first speaks for all.
    for members in equal:
        training, elsewhere = members[of_training[members]], members[~of_training[members]].tolist()
        if not elsewhere:
            continue
        if len(training):
            centre = int(kept[np.searchsorted(train, training[0])])
            like.setdefault(centre, {}).update(dict.fromkeys(elsewhere, _SAME))
        else:
            spoken[elsewhere[0]] = elsewhere
    silent = {row for known in like.values() for row in known}
    silent |= {row for alike_rows in spoken.values() for row in alike_rows[1:]}
    asked = np.array([row for row in rows.tolist() if row not in silent], dtype=np.int64)
    first_of = np.arange(len(facts.content))
    first_of[equal.members] = np.repeat(equal.members[equal.starts[:-1]], equal.sizes)
    rivals = _rivals(first_of[apart])
    pairs = pairs_between(
        facts.views.values,
        train,
        asked,
        comparable=facts.comparable & facts.views.valid,
        apart=_with_equals(first_of[apart], first_of),
        strictness=strictness,
        memory=memory,
    )
    for pair in pairs:
        centre = int(kept[np.searchsorted(train, pair.row_a)])
        group_of = {int(first_of[row]) for row in (centre, *like.get(centre, ()))}
        if rivals.get(int(first_of[pair.row_b]), set()).isdisjoint(group_of):
            other = Alike(pair.kind, pair.likeness, pair.variant)
            like.setdefault(centre, {}).update(dict.fromkeys(spoken.get(pair.row_b, [pair.row_b]), other))
    groups = {}
    for centre, others in sorted(like.items()):
        members_of = {centre: _SAME, **others}
        group = tuple(sorted(members_of))
        groups[group] = tuple(members_of[row] for row in group)
    centres = {group: next(row for row in group if of_training[row]) for group in groups}
    return replace(
        found,
        across=tuple(sorted(groups)),
        keepers={**found.keepers, **centres},
        alike={**found.alike, **groups},
    )


def _stars(
    views: NDArray[np.uint8],
    comparable: Mask,
    rank: NDArray[np.int64],
    strictness: Strictness,
    apart: NDArray[np.int64],
    memory: RememberedVerdicts | None,
) -> tuple[list[NearPair], list[NearPair]]:
    """Each picture that is another one, with that one: those that lie the same way, then those that do not.

    What is a picture mirrored or turned has been compared with that one alone. So such pictures are compared once more
    among themselves: two mirrored copies of one picture are near-duplicates of each other.
    """
    straight: list[NearPair] = []
    lying: list[NearPair] = []
    among = comparable
    while among.any():
        pairs = _near(views, among, rank, strictness, apart, memory)
        straight += [pair for pair in pairs if pair.kind not in _LYING]
        again = [pair for pair in pairs if pair.kind in _LYING]
        if among is comparable:
            lying = again
        among = np.zeros(len(views), dtype=np.bool_)
        among[[pair.row_b for pair in again]] = True
    return straight, lying


def _near(
    views: NDArray[np.uint8],
    among: Mask,
    rank: NDArray[np.int64],
    strictness: Strictness,
    apart: NDArray[np.int64],
    memory: RememberedVerdicts | None,
) -> list[NearPair]:
    def find() -> list[NearPair]:
        return list(near_pairs(views, comparable=among, rank=rank, apart=apart, strictness=strictness, memory=memory))

    return find() if memory is None else memory.pairs_of(rank, np.flatnonzero(among), apart, find)


def _of_speakers(apart: NDArray[np.int64], rows: Rows, speaker: Rows) -> NDArray[np.int64]:
    """Pairs between the rows that are compared. Equal pictures cannot be declared different."""
    places = np.minimum(np.searchsorted(rows, apart), max(0, len(rows) - 1))
    if not len(apart) or not len(rows):
        return NO_PAIRS
    among = (rows[places] == apart).all(axis=1)
    found = speaker[places[among]]
    return np.asarray(found[found[:, 0] != found[:, 1]])


def _without_rivals(pairs: list[NearPair], apart: NDArray[np.int64], rank: NDArray[np.int64]) -> list[NearPair]:
    """The pairs but those that would bring two into one group that were declared different."""
    rivals = _rivals(apart)
    if not rivals:
        return pairs
    members: dict[int, set[int]] = {}
    found = []
    for pair in sorted(pairs, key=lambda pair: int(rank[pair.row_b])):
        group = members.setdefault(pair.row_a, {pair.row_a})
        if rivals.get(pair.row_b, set()).isdisjoint(group):
            group.add(pair.row_b)
            found.append(pair)
    return found


def _rivals(apart: NDArray[np.int64]) -> dict[int, set[int]]:
    """Of each row those that it was declared different from."""
    rivals: dict[int, set[int]] = {}
    for one, other in apart.tolist():
        rivals.setdefault(one, set()).add(other)
        rivals.setdefault(other, set()).add(one)
    return rivals


def _with_equals(apart: NDArray[np.int64], first_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of first rows, and of all rows whose files are equal to these; `first_of`, shape (n,), says of which."""
    equals: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(first_of, apart)).tolist():
        equals.setdefault(int(first_of[row]), []).append(row)
    pairs = [pair for one, other in apart.tolist() if one != other for pair in product(equals[one], equals[other])]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _by_centre(pairs: Iterable[NearPair]) -> list[tuple[int, list[NearPair]]]:
    found: dict[int, list[NearPair]] = {}
    for pair in pairs:
        found.setdefault(pair.row_a, []).append(pair)
    return sorted(found.items())


def _speakers(rows: Rows, exact: Clusters, facts: Likeness) -> Rows:
    """Shape of `rows`: of each its own row, or of equal pictures the one to keep."""
    kept = keepers(exact, **_figures(rows, facts))
    speaker = rows.copy()
    speaker[exact.members] = np.repeat(rows[kept], exact.sizes)
    return speaker


def _joined(rows: Rows, pairs: list[NearPair]) -> Clusters:
    components = Components(len(rows))
    ends = np.array([(pair.row_a, pair.row_b) for pair in pairs], dtype=np.int64).reshape(-1, 2)
    places = np.searchsorted(rows, ends)
    components.join(places[:, 0], places[:, 1])
    return Clusters.from_labels(components.roots())


def _same_pixels(rows: Rows, facts: Likeness, same_bytes: Clusters, pixel_digests: PixelDigests) -> Clusters:
    """Groups of rows whose decoded pictures are equal though their files are not."""
    keys = np.stack(
        [
            facts.hashes.values[rows].astype(np.uint64),
            facts.width[rows].astype(np.uint64),
            facts.height[rows].astype(np.uint64),
        ],
        axis=1,
    )
    _, candidates, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    candidates = candidates.reshape(-1)
    # One of each group of equal files speaks for all of them.
    speaks = np.ones(len(rows), dtype=bool)
    for group in same_bytes:
        speaks[group[1:]] = False
    alike = (counts[candidates] > 1) & facts.hashes.valid[rows]
    crowded = np.bincount(candidates[alike & speaks], minlength=len(counts)) > 1
    wanted = np.flatnonzero(alike & speaks & crowded[candidates])
    if not len(wanted):
        return Clusters.from_labels(np.full(len(rows), -1, dtype=np.int64))
    digests = pixel_digests([int(rows[place]) for place in wanted])
    number: dict[bytes, int] = {}
    labels = np.full(len(rows), -1, dtype=np.int64)
    for place in wanted:
        digest = digests.get(int(rows[place]))
        if digest is not None:
            labels[place] = number.setdefault(digest, len(number))
    return Clusters.from_labels(labels)


def _groups(rows: Rows, clusters: Clusters) -> tuple[Group, ...]:
    return tuple(tuple(rows[members].tolist()) for members in clusters)


def _exact_kind(group: Group, content: NDArray[np.uint8]) -> Literal["bytes", "pixels"]:
    same = (content[list(group)] == content[group[0]]).all()
    return "bytes" if same else "pixels"


def _kept(rows: Rows, clusters: Clusters, facts: Likeness) -> dict[Group, int]:
    """The row to keep of each group."""
    kept = keepers(clusters, **_figures(rows, facts))
    return dict(zip(_groups(rows, clusters), rows[kept].tolist(), strict=True))


def _figures(rows: Rows, facts: Likeness) -> dict[str, NDArray[Any]]:
    """What decides which picture to keep, each of the shape of `rows`."""
    pixels = facts.width[rows] * facts.height[rows]
    return {
        "pixels": pixels,
        "sharpness": np.where(facts.sharpness.valid[rows], facts.sharpness.values[rows], np.nan),
        "bits_per_pixel": facts.size_bytes[rows] * 8 / np.maximum(pixels, 1),
        "caption_length": facts.caption_length[rows],
        "order": rows,
    }
