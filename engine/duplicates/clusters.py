"""Clusters of duplicates: of equal files, several clusterings as one partition, and what to keep of each.

Everything works on columns of n rows and gives `Clusters` of them. Digests that are not there are left out by a mask
`comparable`.
"""

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.partition import NO_CLUSTER, Clusters, Components, Rows

Figures = npt.NDArray[np.integer] | npt.NDArray[np.floating]


def exact_clusters(digests: npt.NDArray[np.uint8], *, comparable: npt.NDArray[np.bool_] | None = None) -> Clusters:
    """Rows with equal digests, of file contents or of pixels; `digests` has shape (n, bytes)."""
    rows = _rows_of(comparable, len(digests))
    words = np.ascontiguousarray(digests[rows]).view(np.dtype((np.void, digests.shape[1])))[:, 0]
    labels = np.full(len(digests), NO_CLUSTER, dtype=np.int64)
    labels[rows] = np.unique(words, return_inverse=True)[1]
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
