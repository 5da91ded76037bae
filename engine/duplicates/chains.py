"""Taking clusters apart that are only chains.

Joining all that is within a distance also joins A and C because both resemble B, however far A is from C. A cluster
stands if all of it lies within twice the distance of its representative: copies of one picture, each within the
distance of it, are no further apart. Else it is made anew as stars:

1. Hashes are taken by the number of rows within the distance of them, the most first. One that is not within the
   distance of a centre becomes a centre.
2. Every other hash goes to the nearest centre; by 1 it has one within the distance.
3. A centre that stays alone goes where its nearest neighbour went. That is within twice the distance of the centre
   there, and no row that resembles another is set free.

Where these figures are equal a scrambled form of the hash decides, never the row, so the order of the files does not
matter. Scrambled, because along a chain of equals, such as the frames of a film, taking the hashes in their order would
decide one after the other, and a random order decides many at a time.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.index import HASH_BITS, Distances, Hashes, bit_count, distances_between, pairs_within
from tagmetry.duplicates.partition import Clusters, Rows

_SAMPLE = 4096
"""Neighbours are counted among this many hashes, so among all of them unless a chain is longer."""

_AT_ONCE = 256
_ROUNDS = 16
_TILE_CELLS = 1 << 19


def split_chains(clusters: Clusters, hashes: Hashes, *, distance: int) -> Clusters:
    """The clusters, those wider than twice the distance taken apart by the rule above; `hashes` has shape (n,).

    They must be what joining all pairs within `distance` gives: two hashes that close are in the same cluster. Each row
    of a star lies within twice the distance of its centre, which need not be the row that `representatives` names.
    """
    _, radii = representatives(clusters, hashes)
    wide = np.append(radii > 2 * distance, False)
    rows = np.flatnonzero(wide[clusters.labels])
    if len(rows) == 0:
        return clusters
    values, node, counts = np.unique(hashes[rows], return_inverse=True, return_counts=True)
    labels = clusters.labels.astype(np.int64)
    labels[rows] = clusters.n + nearest_centres(values, counts, distance=distance)[node]
    return Clusters.from_labels(labels)


def representatives(clusters: Clusters, hashes: Hashes) -> tuple[Rows, Distances]:
    """For each cluster the row that stands for it, and how many bits the farthest row is from that one.

    It is the row nearest to the majority of each bit, the word with the least sum of distances: nearly the medoid, at
    the cost of one look at each row instead of at each pair. Among equally near rows the lowest hash is taken, and its
    first row.
    """
    if clusters.n == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    firsts = clusters.starts[:-1]
    cluster = clusters.labels[clusters.members]
    own = np.asarray(hashes, dtype=np.uint64)[clusters.members]
    majority = np.zeros(clusters.n, dtype=np.uint64)
    for bit in np.arange(HASH_BITS, dtype=np.uint64):
        ones = np.add.reduceat((own >> bit) & np.uint64(1), firsts)
        majority |= (2 * ones.astype(np.int64) > clusters.sizes).astype(np.uint64) << bit
    from_majority = bit_count(own ^ majority[cluster])
    nearest = from_majority == np.minimum.reduceat(from_majority, firsts)[cluster]
    chosen = np.minimum.reduceat(np.where(nearest, own, np.uint64(2**HASH_BITS - 1)), firsts)
    bearers = np.flatnonzero(own == chosen[cluster])
    _, first = np.unique(cluster[bearers], return_index=True)
    radii = np.maximum.reduceat(bit_count(own ^ chosen[cluster]), firsts)
    return clusters.members[bearers[first]], radii


def nearest_centres(
    values: Hashes,
    counts: npt.NDArray[np.integer],
    *,
    distance: int,
    sample: int = _SAMPLE,
    rounds: int = _ROUNDS,
) -> npt.NDArray[np.intp]:
    """The stars of the rule above: for each of these distinct hashes the position of its star's centre.

    `counts` says how many rows bear each hash. Neighbours are counted among `sample` hashes. The first `rounds` choices
    of centres look at many hashes directly, which is quick where they lie close; the index does the rest. The number
    of rounds does not change the result.
    """
    n = len(values)
    scrambled = _scrambled(values)
    crowds = _crowds(values, counts, among=np.argsort(scrambled)[:sample], distance=distance)
    order = np.lexsort((scrambled, -crowds))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    is_centre = np.zeros(n, dtype=np.bool_)
    is_centre[order] = _are_centres(values[order], distance=distance, rounds=rounds)

    nearest = np.arange(n)
    best = np.full(n, n * (HASH_BITS + 1), dtype=np.int64)
    for centres, others, distances in _pairs_from(values, is_centre, distance):
        np.minimum.at(best, others, distances.astype(np.int64) * n + rank[centres])
    nearest[~is_centre] = order[best[~is_centre] % n]

    alone = is_centre & (np.bincount(nearest, weights=counts, minlength=n) == 1)
    if alone.any():
        for centres, others, distances in _pairs_from(values, alone, distance):
            np.minimum.at(best, centres, distances.astype(np.int64) * n + rank[others])
        alone &= best < n * (HASH_BITS + 1)
        nearest[alone] = nearest[order[best[alone] % n]]
    return nearest


def _are_centres(values: Hashes, *, distance: int, rounds: int) -> npt.NDArray[np.bool_]:
    """Goes through the hashes in their order; each that is not within the distance of a centre becomes one."""
    is_centre = np.zeros(len(values), dtype=np.bool_)
    undecided = np.arange(len(values))
    for _ in range(rounds):
        head = values[undecided[:_AT_ONCE]]
        near = distances_between(head, head) <= distance
        covered = np.zeros(len(head), dtype=np.bool_)
        new = []
        for k in range(len(head)):
            if not covered[k]:
                new.append(k)
                covered |= near[k]
        is_centre[undecided[new]] = True
        undecided = undecided[~_any_near(values[undecided], head[new], distance)]
        if len(undecided) == 0:
            return is_centre
    while len(undecided):
        own = values[undecided]
        # What has none before it within the distance is certain to become a centre, wherever it stands.
        new_here = np.ones(len(own), dtype=np.bool_)
        for _, later, _ in pairs_within(own, distance):
            new_here[later] = False
        is_centre[undecided[new_here]] = True
        left = ~new_here
        for _, others, _ in _pairs_from(own, new_here, distance):
            left[others] = False
        undecided = undecided[left]
    return is_centre


def _pairs_from(values: Hashes, chosen: npt.NDArray[np.bool_], distance: int) -> Iterator[tuple[Rows, Rows, Distances]]:
    """The pairs of a chosen hash and one that is not, in this order; no two chosen ones may be within the distance."""
    # To the index, all that is not chosen is joined: it need not look at pairs of those.
    joined = np.where(chosen, np.arange(len(values)), len(values)).astype(np.int32)
    for rows_a, rows_b, distances in pairs_within(values, distance, joined=joined):
        first = chosen[rows_a]
        yield np.where(first, rows_a, rows_b), np.where(first, rows_b, rows_a), distances


def _any_near(values: Hashes, centres: Hashes, distance: int) -> npt.NDArray[np.bool_]:
    step = max(1, _TILE_CELLS // len(centres))
    tiles = [
        (distances_between(values[k : k + step], centres) <= distance).any(axis=1) for k in range(0, len(values), step)
    ]
    return np.concatenate(tiles)


def _crowds(
    values: Hashes, counts: npt.NDArray[np.integer], *, among: npt.NDArray[np.intp], distance: int
) -> npt.NDArray[np.float64]:
    """How many rows bear a hash within the distance of each of these, itself included if it is among those counted."""
    weights = counts[among].astype(np.float64)
    step = max(1, _TILE_CELLS // len(among))
    tiles = [
        (distances_between(values[k : k + step], values[among]) <= distance) @ weights
        for k in range(0, len(values), step)
    ]
    return np.concatenate(tiles)


def _scrambled(values: Hashes) -> Hashes:
    """A fixed shuffle of all 64-bit words: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014)."""
    words = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
