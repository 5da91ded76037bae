"""Which pictures may be near-duplicates, and how one would lie in the other.

Generous: what is proposed here is registered and looked at strictly. The whole of each view is compared in eight
orientations with windows of each other view, and windows of both that a shifted cutting would have in common.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.views import Floats, Places, Views
from tagmetry.duplicates.windows import (
    FIRST_OF_SHIFT,
    PARITIES,
    SECOND_OF_SHIFT,
    TURNS,
    WINDOWS,
    descriptions,
    transposed,
    turned,
    window_frames,
)

_ROWS, _COLUMNS = 64, 256
"""Tiles stay in a core's own cache, and their products below the size that OpenBLAS splits among threads: for so many
small ones waiting for the other threads takes longer than the work, on a busy machine a hundred times longer."""

_AS_IT_IS: Final = 0.01
"""A picture that looks the same mirrored is compared as it is first."""

Pairs = tuple[Places, Places, Floats]


def likely_pairs(views: Views, own: Places, others: Places, *, least: float) -> Pairs:
    """Pictures of `own` and of `others` whose likeness is at least `least`: (own, others, likeness).

    If both are the same pictures, each pair comes once, the one that stands first in `own` first. Needs some 30 bytes
    for each possible pair.
    """
    alone = own is others
    own_views = views.of_pictures(own)
    own_described = descriptions(views.grey(own_views))
    if alone:
        other_views, described = own_views, own_described
    else:
        other_views = views.of_pictures(others)
        described = descriptions(views.grey(other_views))
    best = np.full((len(own_views), len(other_views)), -1, dtype=np.float32)
    _compare_windows(own_described[:, 0], described, best)
    if not alone:
        _compare_windows(described[:, 0], own_described, best.T)
    for first, second in zip(FIRST_OF_SHIFT, SECOND_OF_SHIFT, strict=True):
        np.maximum(best, own_described[:, first] @ described[:, second].T, out=best)

    place = np.zeros(views.n, dtype=np.intp)
    place[own] = np.arange(len(own))
    other_place = np.zeros(views.n, dtype=np.intp)
    other_place[others] = np.arange(len(others))
    rows, columns = np.nonzero(best >= least)
    likeness = best[rows, columns]
    a, b = place[views.picture[own_views[rows]]], other_place[views.picture[other_views[columns]]]
    if alone:
        a, b = np.minimum(a, b), np.maximum(a, b)
        apart = a != b
        a, b, likeness = a[apart], b[apart], likeness[apart]
    return _best_of_each(own, others, a, b, likeness)


def _best_of_each(own: Places, others: Places, a: Places, b: Places, likeness: Floats) -> Pairs:
    """Two pictures have up to four pairs of views."""
    keys, group = np.unique(a * len(others) + b, return_inverse=True)
    highest = np.full(len(keys), -1, dtype=np.float32)
    np.maximum.at(highest, group, likeness)
    first, second = np.divmod(keys, max(1, len(others)))
    return own[first], others[second], highest


def _compare_windows(wholes: Floats, described: Floats, best: Floats) -> None:
    """Raises `best`, shape (wholes, views), to the likeness of each whole to any window in any orientation.

    The four mirrorings need one set of products: those of the coefficients that are even or odd along each axis are
    added where the mirroring keeps their sign, and else subtracted.
    """
    rows_of = [np.ascontiguousarray(numbers) for numbers in (wholes, transposed(wholes))]
    products = np.empty((4, _ROWS * _COLUMNS), dtype=np.float32)
    for low in range(0, described.shape[0], _COLUMNS):
        part = described[low : low + _COLUMNS]
        # Per window and parity one matrix whose columns are views.
        windows = [[np.ascontiguousarray(part[:, w, kind].T) for kind in PARITIES] for w in range(len(WINDOWS))]
        for top in range(0, len(wholes), _ROWS):
            tile = best[top : top + _ROWS, low : low + _COLUMNS]
            height, width = tile.shape
            even, odd, across, down = products[:, : height * width].reshape(4, height, width)
            for rows in rows_of:
                kinds = [np.ascontiguousarray(rows[top : top + _ROWS, kind]) for kind in PARITIES]
                for window in windows:
                    for kind, product in enumerate((even, odd, across, down)):
                        np.matmul(kinds[kind], window[kind], out=product)
                    for sign in (np.add, np.subtract):
                        mirrored = sign(across, down)
                        np.abs(mirrored, out=mirrored)
                        mirrored += sign(even, odd)
                        np.maximum(tile, mirrored, out=tile)


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """How pictures may lie in each other, h of them, the most likely first for each pair.

    `pair`, shape (h,), is the place of the pair that was asked for; `view_a` and `view_b` are the views compared;
    `affine`, shape (h, 2, 3), takes points of `view_a` to points of `view_b`.
    """

    pair: Places
    view_a: Places
    view_b: Places
    affine: Floats


def hypotheses(views: Views, a: Places, b: Places, *, each: int = 2) -> Hypotheses:
    """The `each` likeliest ways in which picture b[k] may show what picture a[k] shows."""
    used = views.of_pictures(np.unique(np.concatenate([a, b])))
    described = descriptions(views.grey(used))
    at = np.full(len(views.picture), -1, dtype=np.intp)
    at[used] = np.arange(len(used))
    pair, view_a, view_b = _view_pairs(views, a, b)
    first, second = described[at[view_a]], described[at[view_b]]
    n_windows = len(WINDOWS)
    forth = second[:, :n_windows] @ turned(first[:, 0]).transpose(0, 2, 1)
    back = first[:, :n_windows] @ turned(second[:, 0]).transpose(0, 2, 1)
    # Two wholes were compared in `forth`.
    back[:, 0] = -1
    forth[:, :, 0] += _AS_IT_IS
    back[:, :, 0] += _AS_IT_IS
    shifted = np.einsum("vsk,vsk->vs", first[:, FIRST_OF_SHIFT], second[:, SECOND_OF_SHIFT])

    tables = [table.reshape(len(pair), -1) for table in (forth, back, shifted)]
    winners = np.stack([table.argmax(axis=1) for table in tables])
    likeness = np.stack([table.max(axis=1) for table in tables])
    affine = np.concatenate([_affine_forth(winners[0]), _affine_back(winners[1]), _affine_shifted(winners[2])])
    all_pairs, all_likeness = np.tile(pair, 3), likeness.ravel()
    order = np.lexsort((-all_likeness, all_pairs))
    starts = np.flatnonzero(np.diff(all_pairs[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    chosen = order[rank < each]
    return Hypotheses(all_pairs[chosen], np.tile(view_a, 3)[chosen], np.tile(view_b, 3)[chosen], affine[chosen])


def _view_pairs(views: Views, a: Places, b: Places) -> tuple[Places, Places, Places]:
    """Each view of a[k] with each of b[k]: k and both views."""
    trimmed = views.trimmed
    k = np.arange(len(a))
    pair = np.tile(k, 4)
    view_a = np.concatenate([a, a, trimmed[a], trimmed[a]])
    view_b = np.concatenate([b, trimmed[b], b, trimmed[b]])
    there = (view_a >= 0) & (view_b >= 0)
    return pair[there], view_a[there], view_b[there]


_FRAMES: Final = window_frames()


def _affine_forth(cells: npt.NDArray[np.intp]) -> Floats:
    """All of the first view is in a window of the second."""
    window, turn = np.divmod(cells, len(TURNS))
    linear = _FRAMES[window, 2:, None] * TURNS[turn].transpose(0, 2, 1)
    return np.concatenate([linear, _FRAMES[window, :2, None]], axis=2)


def _affine_back(cells: npt.NDArray[np.intp]) -> Floats:
    """All of the second view is in a window of the first."""
    window, turn = np.divmod(cells, len(TURNS))
    linear = TURNS[turn] / _FRAMES[window, None, 2:]
    return np.concatenate([linear, -linear @ _FRAMES[window, :2, None]], axis=2)


def _affine_shifted(cells: npt.NDArray[np.intp]) -> Floats:
    first, second = _FRAMES[FIRST_OF_SHIFT[cells]], _FRAMES[SECOND_OF_SHIFT[cells]]
    scale = second[:, 2:] / first[:, 2:]
    linear = scale[:, :, None] * np.eye(2, dtype=np.float32)
    return np.concatenate([linear, (second[:, :2] - scale * first[:, :2])[:, :, None]], axis=2)


def sign_keys(views: Views, chosen: Places) -> npt.NDArray[np.uint64]:
    """The signs of the 63 numbers of each whole view in all eight orientations, as bits: shape (k, 8)."""
    signs = turned(descriptions(views.grey(chosen))[:, 0]) > 0
    padded = np.concatenate([np.zeros((*signs.shape[:2], 1), dtype=np.bool_), signs], axis=2)
    return np.asarray(np.packbits(padded, axis=2).view(">u8")[:, :, 0].astype(np.uint64))
