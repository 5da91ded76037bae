"""Clusters of duplicates: of equal files, of pictures that look alike, and both as one partition.

Everything works on columns of n rows and gives `Clusters` of them. Hashes and digests that are not there, and pictures
that no perceptual hash can tell apart (too little structure), are left out by a mask `comparable`.
"""

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.chains import split_chains
from tagmetry.duplicates.index import Distances, Hashes, distances_between, pairs_within
from tagmetry.duplicates.partition import NO_CLUSTER, Clusters, Components, Rows

Figures = npt.NDArray[np.integer] | npt.NDArray[np.floating]

LISTED_MEMBERS = 50
"""Distances of all pairs are given for the first so many rows of a cluster."""


def exact_clusters(digests: npt.NDArray[np.uint8], *, comparable: npt.NDArray[np.bool_] | None = None) -> Clusters:
    """Rows with equal digests, of file contents or of pixels; `digests` has shape (n, bytes)."""
    rows = _rows_of(comparable, len(digests))
    words = np.ascontiguousarray(digests[rows]).view(np.dtype((np.void, digests.shape[1])))[:, 0]
    labels = np.full(len(digests), NO_CLUSTER, dtype=np.int64)
    labels[rows] = np.unique(words, return_inverse=True)[1]
    return Clusters.from_labels(labels)


def near_clusters(hashes: Hashes, distance: int, *, comparable: npt.NDArray[np.bool_] | None = None) -> Clusters:
    """Rows whose hashes are within `distance` bits, equal ones too, without chains of ever less alike pictures.

    What `linked_clusters` gives, taken apart by `split_chains` where it is wider than twice the distance.
    """
    return split_chains(linked_clusters(hashes, distance, comparable=comparable), hashes, distance=distance)


def linked_clusters(hashes: Hashes, distance: int, *, comparable: npt.NDArray[np.bool_] | None = None) -> Clusters:
    """Rows that are joined by any chain of hashes, each within `distance` bits of the next (single linkage)."""
    rows = _rows_of(comparable, len(hashes))
    values, node = np.unique(np.asarray(hashes, dtype=np.uint64)[rows], return_inverse=True)
    components = Components(len(values))
    for rows_a, rows_b, _ in pairs_within(values, distance, joined=components.parents):
        components.join(rows_a, rows_b)
    labels = np.full(len(hashes), NO_CLUSTER, dtype=np.int32)
    labels[rows] = components.roots()[node]
    return Clusters.from_labels(labels)


def merge(first: Clusters, *others: Clusters) -> Clusters:
    """One partition of the same rows in which two of them are together if any of the clusterings has them together.

    So an exact copy of a picture lies in the cluster of what resembles that picture.
    """
    components = Components(len(first.labels))
    for clusters in (first, *others):
        heads = clusters.members[clusters.starts[:-1]]
        components.join(np.repeat(heads, clusters.sizes), clusters.members)
    return Clusters.from_labels(components.roots())


def effective_n(n: int, clusters: Clusters) -> int:
    """How many of n rows are left if one of each cluster is kept."""
    return n - len(clusters.members) + clusters.n


def near_duplicate_ratio(n: int, clusters: Clusters, *, min_cluster_size: int = 3) -> float:
    """The share of n rows that lie in clusters of at least `min_cluster_size`; 0 of no rows."""
    sizes = clusters.sizes
    return float(sizes[sizes >= min_cluster_size].sum() / n) if n else 0.0


def largest_cluster_share(n: int, clusters: Clusters) -> float:
    """The share of n rows that the largest cluster holds; 0 without clusters."""
    return float(clusters.sizes.max() / n) if n and clusters.n else 0.0


def cluster_distances(hashes: Hashes, members: npt.NDArray[np.integer]) -> Distances:
    """The bits between each two of the first `LISTED_MEMBERS` of these rows, as a square matrix."""
    listed = np.asarray(hashes, dtype=np.uint64)[members[:LISTED_MEMBERS]]
    return distances_between(listed, listed)


def keeper(
    rows: npt.NDArray[np.integer],
    *,
    pixels: Figures,
    sharpness: Figures,
    bits_per_pixel: Figures,
    caption_length: Figures,
    order: Figures,
) -> int:
    """Which of some rows to keep; all figures have the shape of `rows`. ValueError if there are none.

    The most pixels; then the sharpest; then the least compressed, that is the most bits per pixel; then the longest
    caption; then the first by `order`, the rank of the path. NaN is a missing figure and comes after all others.
    """
    if len(rows) == 0:
        raise ValueError("no rows to choose from")
    figures = (pixels, sharpness, bits_per_pixel, caption_length)
    return int(rows[_best_first(np.zeros(len(rows)), figures, order)[0]])


def keepers(
    clusters: Clusters,
    *,
    pixels: Figures,
    sharpness: Figures,
    bits_per_pixel: Figures,
    caption_length: Figures,
    order: Figures,
) -> Rows:
    """The row to keep of each cluster, by the rule of `keeper`; all figures have shape (n,)."""
    members = clusters.members
    figures = (pixels[members], sharpness[members], bits_per_pixel[members], caption_length[members])
    ranked = _best_first(clusters.labels[members], figures, order[members])
    return members[ranked[clusters.starts[:-1]]]


def keeping_order(
    *, pixels: Figures, sharpness: Figures, bits_per_pixel: Figures, caption_length: Figures, order: Figures
) -> Rows:
    """The rank of each of n rows by the rule of `keeper`, 0 for the one that would be kept of all; shapes are (n,)."""
    best = _best_first(np.zeros(len(order)), (pixels, sharpness, bits_per_pixel, caption_length), order)
    ranks = np.empty(len(best), dtype=np.int64)
    ranks[best] = np.arange(len(best))
    return ranks


def _best_first(groups: Figures, figures: tuple[Figures, ...], order: Figures) -> npt.NDArray[np.intp]:
    """Positions by group, in each the highest figures first: those of the first column, where equal of the next."""
    # As floats, since unsigned figures would turn round below zero.
    falling = [-figure.astype(np.float64) for figure in reversed(figures)]
    return np.lexsort((order, *falling, groups))


def _rows_of(comparable: npt.NDArray[np.bool_] | None, n: int) -> npt.NDArray[np.intp]:
    return np.arange(n) if comparable is None else np.flatnonzero(comparable)
