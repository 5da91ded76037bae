"""Which training images are alike: hashes and content digests turned into groups with keepers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Column, Rows
from tagmetry.dataset import Duplicates
from tagmetry.duplicates import Clusters, exact_clusters, keepers, merge, near_clusters

PixelDigests = Callable[[list[int]], Mapping[int, bytes | None]]
"""From rows to SHA-256 digests of their decoded pixels, None where they could not be had."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is compared, over all rows of a dataset. `comparable` marks pictures with enough structure to be hashed."""

    content: NDArray[np.uint8]
    hashes: Column
    comparable: NDArray[np.bool_]
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    sharpness: Column
    size_bytes: NDArray[np.int64]
    caption_length: NDArray[np.int64]


def duplicates_among(rows: Rows, facts: Likeness, *, distance_bits: int, pixel_digests: PixelDigests) -> Duplicates:
    """Groups among the given rows: equal files, equal pixels, and pHashes within the distance.

    Pixels are compared only where hash and size are equal, which equal pixels imply.
    """
    same_bytes = exact_clusters(facts.content[rows])
    same_pixels = _same_pixels(rows, facts, same_bytes, pixel_digests)
    exact = merge(same_bytes, same_pixels)
    comparable = facts.comparable[rows] & facts.hashes.valid[rows]
    hashes = facts.hashes.values[rows].astype(np.uint64)
    near = merge(exact, near_clusters(hashes, distance=distance_bits, comparable=comparable))
    exact_groups = _groups(rows, exact)
    near_groups = _groups(rows, near)
    return Duplicates(
        exact=exact_groups,
        exact_kinds=tuple(_exact_kind(group, facts.content) for group in exact_groups),
        near=near_groups,
        keepers={**_kept(rows, exact, facts), **_kept(rows, near, facts)},
        hashes=facts.hashes,
    )


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


def _groups(rows: Rows, clusters: Clusters) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(rows[members].tolist()) for members in clusters)


def _exact_kind(group: tuple[int, ...], content: NDArray[np.uint8]) -> Literal["bytes", "pixels"]:
    same = (content[list(group)] == content[group[0]]).all()
    return "bytes" if same else "pixels"


def _kept(rows: Rows, clusters: Clusters, facts: Likeness) -> dict[tuple[int, ...], int]:
    """The row to keep of each group."""
    pixels = facts.width[rows] * facts.height[rows]
    kept = keepers(
        clusters,
        pixels=pixels,
        sharpness=np.where(facts.sharpness.valid[rows], facts.sharpness.values[rows], np.nan),
        bits_per_pixel=facts.size_bytes[rows] * 8 / np.maximum(pixels, 1),
        caption_length=facts.caption_length[rows],
        order=rows,
    )
    return dict(zip(_groups(rows, clusters), rows[kept].tolist(), strict=True))
