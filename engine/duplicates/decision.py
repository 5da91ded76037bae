"""Whether two registered views show the same picture: a strict look at what both show.

The second view is brought into the place of the first, what lies outside either frame or content box is masked, and
only then both are band-passed: filtered first, a border that both have would leak inward and make anything alike. Then
the 8x8 blocks that have texture are compared one by one. A whole that agrees is not enough: of a shared banner or
template a few blocks agree perfectly, and the others not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from tagmetry.duplicates.registration import blur_matrix, grid, sampled
from tagmetry.duplicates.views import WHOLE_SIDE, Floats, Places, Views

Mask = npt.NDArray[np.bool_]
Kind = Literal["near", "crop", "mirrored", "rotated"]

_BLOCK: Final = 8
_FURTHER: Final = 2
_AROUND: Final = _BLOCK + 2 * _FURTHER
_FINE: Final = blur_matrix(WHOLE_SIDE, 0.6)
_COARSE: Final = blur_matrix(WHOLE_SIDE, 4.0)
_INWARD: Final = np.array([1, 1, -1, -1], dtype=np.float32) * (1.5 * 2 / WHOLE_SIDE)
_NEARLY_ALIKE: Final = 0.85
"""A block that correlates by this is where it belongs."""

_MOST_GAIN: Final = 4.0
_WEAKEST_SHARE: Final = 0.1
_EVEN_LEVELS: Final = 6.0
"""Where the brightness of the blocks deviates less than this, there is no tone to compare."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What two registered views need to be one picture.

    Chosen on some photographs and measured on others by tests/benchmarks/near_duplicates.py.
    """

    texture_levels: float = 4.0
    """Blocks whose band-passed deviation is above so many grey levels count, on either side, gains levelled."""

    block_correlation: float = 0.5
    """Blocks that correlate by more than this agree."""

    agreement: float = 0.85
    """The least of the correlation of all blocks and the share of blocks that agree, by texture and by number."""

    mean: float = 0.83
    """The mean correlation of the blocks."""

    blocks: int = 6
    """So many blocks must have texture."""

    few_blocks: int = 24
    """Below so many blocks, which drawings on white have, `few_agreement` and `few_mean` are asked for."""

    few_agreement: float = 0.9
    few_mean: float = 0.88

    tone: float = 0.93
    """The correlation of the blocks' brightness: pictures under one strong watermark agree in edges alone."""

    common: float = 0.1
    """Share of the first frame that both show."""

    cover: float = 0.6
    """Share of each picture that the other shows: a half is no copy of the whole."""

    scale: float = 1.36
    """Largest scale along an axis; the smallest is its inverse."""

    unequal: float = 0.05
    """How far the scales along both axes may differ, in pixels or (squeezed copies) in shares of the sides."""

    turn_degrees: float = 9.0
    shear: float = 0.03

    beside_turn_degrees: float = 1.0
    """The same if each picture shows something that the other does not. Two cuttings of one picture lie quite straight;
    a camera that was moved does not."""

    beside_unequal: float = 0.015

    moved: int = 2
    """At most so many blocks may agree far better two pixels of the view further on. Where the whole lies right, that
    is something that moved: the next picture of a burst, another pose, a thing seen from another side."""

    moved_correlation: float = 0.7
    """A block has moved if it correlates by more than this there, and lacks less than `moved_misfit` of what it lacks
    to 1 in its own place."""

    moved_misfit: float = 0.5

    variant: float = 0.7
    """If the weakest tenth of the blocks correlates less than this, something in the picture is another."""

    crop_cover: float = 0.93
    """If one picture shows less than this of the other, it is a crop."""

    def at(self, likeness: float) -> "Strictness":
        """This, but with another `agreement`; what shows little is never judged more loosely than the rest."""
        return replace(self, agreement=likeness, few_agreement=max(likeness, self.few_agreement))


STRICTNESS: Final = Strictness()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of k pairs of registered views, each of shape (k,).

    `correlation`, `share`, `weighted_share`, `mean` and `low` (the weakest tenth) are of the textured blocks, `blocks`
    of them, `moved` of which agree better a little further on (counted where the others agree); `tone` is the
    correlation of the brightness of all blocks. `common` is a share of the first frame, `cover` how much the pictures
    show of each other, the lesser, by frame or by content box, and `most_cover` the greater by frame. `scale` is the
    factor farthest from 1; `unequal`, `turn` (degrees) and `shear` are of the map between both. `turned` and `mirrored`
    say how the picture lies but for that.
    """

    correlation: Floats
    share: Floats
    weighted_share: Floats
    mean: Floats
    low: Floats
    blocks: npt.NDArray[np.intp]
    moved: npt.NDArray[np.intp]
    tone: Floats
    common: Floats
    cover: Floats
    most_cover: Floats
    scale: Floats
    unequal: Floats
    turn: Floats
    shear: Floats
    turned: Mask
    mirrored: Mask

    @property
    def likeness(self) -> Floats:
        """The least of what must agree."""
        return np.asarray(np.minimum(np.minimum(self.correlation, self.share), self.weighted_share))

    def rows(self, chosen: Mask | Places) -> "Evidence":
        return Evidence(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def merged(self, closer: "Evidence", chosen: Places) -> "Evidence":
        """This, but in the chosen places what a closer look has shown of how both agree and lie."""
        columns = {field.name: getattr(self, field.name).copy() for field in fields(self)}
        for name, values in columns.items():
            if name not in _OF_WHOLE_PICTURES:
                values[chosen] = getattr(closer, name)
        return Evidence(**columns)

    def agrees(self, limits: Strictness) -> Mask:
        """Which look the same where both show something."""
        few = self.blocks < limits.few_blocks
        return np.asarray(
            (self.likeness >= np.where(few, limits.few_agreement, limits.agreement))
            & (self.mean >= np.where(few, limits.few_mean, limits.mean))
            & (self.blocks >= limits.blocks)
            & (self.moved <= limits.moved)
            & (self.tone >= limits.tone)
        )

    def convinces(self, limits: Strictness) -> Mask:
        """Which are one picture: they agree, show enough of each other and lie as a copy would."""
        beside = self.most_cover < limits.crop_cover
        return np.asarray(
            self.agrees(limits)
            & (self.common >= limits.common)
            & (self.cover >= limits.cover)
            & (self.scale <= limits.scale)
            & (self.unequal <= limits.unequal)
            & (np.abs(self.turn) <= limits.turn_degrees)
            & (np.abs(self.shear) <= limits.shear)
            & (~beside | (np.abs(self.turn) <= limits.beside_turn_degrees) & (self.unequal <= limits.beside_unequal))
        )

    def kinds(self, limits: Strictness) -> list[Kind]:
        """How the second picture differs from the first."""
        straight: list[Kind] = ["crop" if cover < limits.crop_cover else "near" for cover in self.cover.tolist()]
        lying: list[Kind] = ["mirrored" if mirrored else "rotated" for mirrored in self.mirrored.tolist()]
        return [lying[k] if turned else straight[k] for k, turned in enumerate(self.turned.tolist())]


_OF_WHOLE_PICTURES: Final = frozenset({"cover", "most_cover", "scale", "turned", "mirrored"})


def textured_blocks(grey: Floats, limits: Strictness) -> Places:
    """How many of the 8x8 blocks of each view, shape (k, 64, 64), have texture: shape (k,)."""
    passed = _FINE @ grey @ _FINE.T - _COARSE @ grey @ _COARSE.T
    deviation = np.sqrt(_block_sums(passed * passed)) / _BLOCK
    return np.asarray(np.count_nonzero(deviation > limits.texture_levels, axis=1))


def evidence(views: Views, view_a: Places, view_b: Places, maps: Floats, limits: Strictness) -> Evidence:
    """What the views show of each other, `maps` taking points of `view_a` to points of `view_b`."""
    first = views.grey(view_a)
    line = grid(WHOLE_SIDE)
    x, y = np.tile(line, WHOLE_SIDE)[None], np.repeat(line, WHOLE_SIDE)[None]
    to_x = maps[:, 0, 0, None] * x + maps[:, 0, 1, None] * y + maps[:, 0, 2, None]
    to_y = maps[:, 1, 0, None] * x + maps[:, 1, 1, None] * y + maps[:, 1, 2, None]
    second = sampled(views.grey(view_b), to_x, to_y).reshape(first.shape)
    framed = (np.abs(to_x) <= 1) & (np.abs(to_y) <= 1)
    box_a, box_b = views.box[view_a], views.box[view_b]
    # Pixels at the edge of a picture or box are partly border, or the corner that a turn has left empty.
    shown = _in_box(x, y, box_a + _INWARD) & _in_box(to_x, to_y, box_b + _INWARD)
    mask = shown.reshape(first.shape).astype(np.float32)

    stretch = np.abs(np.linalg.det(maps[:, :, :2]))
    full = np.full(len(maps), 4.0, dtype=np.float32)
    boxed = framed & _in_box(x, y, box_a) & _in_box(to_x, to_y, box_b)
    by_frame = _covers(framed, stretch, full, full)
    by_box = _covers(boxed, stretch, _area(box_a), _area(box_b))
    return Evidence(
        **_agreement(first, second, mask, limits),
        tone=_tone(first, second, mask),
        common=mask.mean(axis=(1, 2)),
        cover=np.maximum(by_frame, by_box).min(axis=0),
        most_cover=by_frame.max(axis=0),
        **_geometry(maps, views.size[view_a], views.size[view_b]),
    )


def _in_box(x: Floats, y: Floats, box: Floats) -> Mask:
    left, top, right, bottom = (box[:, k, None] for k in range(4))
    return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def _area(box: Floats) -> Floats:
    return (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])


def _covers(seen: Mask, stretch: Floats, area_a: Floats, area_b: Floats) -> Floats:
    """What part of the area of each view the other shows, shape (2, k); `seen` are points of the first view."""
    common = 4 * seen.mean(axis=1)
    return np.stack([common / area_a, common * stretch / area_b])


def _agreement(first: Floats, second: Floats, mask: Floats, limits: Strictness) -> dict[str, Any]:
    a, b = _band_passed(first, second, mask)
    n = len(a)
    pixels = _block_sums(mask)
    squares_a, squares_b, products = _block_sums(a * a), _block_sums(b * b), _block_sums(a * b)
    strength_a = np.sqrt(squares_a.sum(axis=1) / np.maximum(pixels.sum(axis=1), 1))
    strength_b = np.sqrt(squares_b.sum(axis=1) / np.maximum(pixels.sum(axis=1), 1))
    strongest = np.maximum(strength_a, strength_b)
    gain_a = np.minimum(strongest / np.maximum(strength_a, 1e-3), _MOST_GAIN)[:, None]
    gain_b = np.minimum(strongest / np.maximum(strength_b, 1e-3), _MOST_GAIN)[:, None]
    texture_a = gain_a * np.sqrt(squares_a / np.maximum(pixels, 1))
    texture_b = gain_b * np.sqrt(squares_b / np.maximum(pixels, 1))
    texture = np.maximum(texture_a, texture_b)
    textured = (texture > limits.texture_levels) & (pixels >= _BLOCK**2 / 2)
    blocks = np.count_nonzero(textured, axis=1)
    each = products / np.sqrt(np.maximum(squares_a * squares_b, 1e-6))
    agree = textured & (each > limits.block_correlation)
    weights = np.where(textured, texture, 0)
    weakest = np.sort(np.where(textured, each, np.inf), axis=1)
    n_weakest = np.ceil(_WEAKEST_SHARE * blocks)
    among = np.arange(weakest.shape[1]) < n_weakest[:, None]
    some = np.maximum(blocks, 1)
    whole = np.where(textured, products, 0).sum(axis=1) / np.sqrt(
        np.maximum(np.where(textured, squares_a, 0).sum(axis=1) * np.where(textured, squares_b, 0).sum(axis=1), 1e-6)
    )
    share = np.count_nonzero(agree, axis=1) / some
    mean = np.where(textured, each, 0).sum(axis=1) / some
    # It takes longer than all the rest, and matters only where that has turned nothing away.
    asked = textured & (np.minimum(texture_a, texture_b) > limits.texture_levels) & (each < _NEARLY_ALIKE)
    asked &= ((share >= limits.agreement) & (mean >= limits.mean))[:, None]
    return {
        "correlation": whole,
        "share": share,
        "weighted_share": np.where(agree, weights, 0).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-6),
        "mean": mean,
        "low": np.where(among, weakest, 0).sum(axis=1) / np.maximum(n_weakest, 1) if n else np.zeros(0),
        "blocks": blocks,
        "moved": _moved(a, b, asked, each, limits),
    }


def _moved(a: Floats, b: Floats, asked: Mask, each: Floats, limits: Strictness) -> Places:
    """How many of the blocks that are asked for, shape (k, 64), agree far better with `b` a little further on."""
    pair, block = np.nonzero(asked)
    row, column = np.divmod(block, WHOLE_SIDE // _BLOCK)
    around = sliding_window_view(
        np.pad(b, ((0, 0), (_FURTHER, _FURTHER), (_FURTHER, _FURTHER))), (_AROUND, _AROUND), (1, 2)
    )
    own = sliding_window_view(a, (_BLOCK, _BLOCK), (1, 2))[pair, row * _BLOCK, column * _BLOCK]
    shifted = sliding_window_view(around[pair, row * _BLOCK, column * _BLOCK], (_BLOCK, _BLOCK), (1, 2))
    products = np.einsum("mij,mxyij->mxy", own, shifted)
    squares = np.einsum("mij,mij->m", own, own)[:, None, None] * np.einsum("mxyij,mxyij->mxy", shifted, shifted)
    best = (products / np.sqrt(np.maximum(squares, 1e-6))).max(axis=(1, 2))
    moved = (best > limits.moved_correlation) & (1 - best < limits.moved_misfit * (1 - each[pair, block]))
    return np.bincount(pair[moved], minlength=len(a))


def _band_passed(first: Floats, second: Floats, mask: Floats) -> tuple[Floats, Floats]:
    """Both at the scale of a pixel or a few, zero outside the mask and drawing on nothing there."""
    found = []
    fine_weights = np.maximum(_FINE @ mask @ _FINE.T, 1e-6)
    coarse_weights = np.maximum(_COARSE @ mask @ _COARSE.T, 1e-6)
    for grey in (first, second):
        # Around the mean, so that rounding stays small.
        shown = (grey - 128) * mask
        passed = _FINE @ shown @ _FINE.T / fine_weights - _COARSE @ shown @ _COARSE.T / coarse_weights
        found.append(passed * mask)
    return found[0], found[1]


def _block_sums(pixels: Floats) -> Floats:
    side = WHOLE_SIDE // _BLOCK
    return np.asarray(pixels.reshape(-1, side, _BLOCK, side, _BLOCK).sum(axis=(2, 4)).reshape(-1, side * side))


def _tone(first: Floats, second: Floats, mask: Floats) -> Floats:
    """How the brightness of the blocks correlates; 1 where there is none to compare."""
    pixels = _block_sums(mask)
    weights = np.where(pixels >= _BLOCK**2 / 2, pixels, 0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)
    levels = []
    for grey in (first, second):
        means = _block_sums(grey * mask) / np.maximum(pixels, 1)
        levels.append(means - (weights * means).sum(axis=1, keepdims=True))
    a, b = levels
    variance_a, variance_b = (weights * a * a).sum(axis=1), (weights * b * b).sum(axis=1)
    correlation = (weights * a * b).sum(axis=1) / np.sqrt(np.maximum(variance_a * variance_b, 1e-6))
    even = np.maximum(variance_a, variance_b) < _EVEN_LEVELS**2
    return np.asarray(np.where(even, 1.0, correlation))


def _geometry(maps: Floats, size_a: Floats, size_b: Floats) -> dict[str, Any]:
    """What the maps do: a mirroring and quarter turn, and after it scale, turn and shear."""
    linear = maps[:, :, :2]
    straight = np.abs(linear[:, 0, 0]) + np.abs(linear[:, 1, 1]) >= np.abs(linear[:, 0, 1]) + np.abs(linear[:, 1, 0])
    diagonal = np.eye(2, dtype=np.bool_)
    there = np.where(straight[:, None, None], diagonal, ~diagonal)
    turn = np.where(there, np.where(linear < 0, -1, 1), 0).astype(np.float32)
    rest = linear @ turn.transpose(0, 2, 1)
    # The same in pixels of both pictures.
    in_pixels = (size_b[:, :, None] * linear / size_a[:, None, :]) @ turn.transpose(0, 2, 1)
    shares, pixels = _taken_apart(rest), _taken_apart(in_pixels)
    squeezed = shares["unequal"] + np.abs(shares["shear"]) < pixels["unequal"] + np.abs(pixels["shear"])
    parts = {name: np.where(squeezed, shares[name], pixels[name]) for name in shares}
    sides = np.maximum(np.hypot(rest[:, 0], rest[:, 1]), 1e-6)
    scale = np.maximum(sides, 1 / sides).max(axis=1)
    identity = (turn == np.eye(2)).all(axis=(1, 2))
    return {**parts, "scale": scale, "turned": ~identity, "mirrored": np.linalg.det(turn) < 0}


def _taken_apart(linear: Floats) -> dict[str, Floats]:
    """Linear maps as a turn after a shear after scales: how unequal these are, degrees, shear."""
    across = np.maximum(np.hypot(linear[:, 0, 0], linear[:, 1, 0]), 1e-6)
    down = (linear[:, 0, 0] * linear[:, 1, 1] - linear[:, 0, 1] * linear[:, 1, 0]) / across
    slant = (linear[:, 0, 0] * linear[:, 0, 1] + linear[:, 1, 0] * linear[:, 1, 1]) / across
    down = np.maximum(np.abs(down), 1e-6)
    return {
        "unequal": np.expm1(np.abs(np.log(across / down))),
        "turn": np.degrees(np.arctan2(linear[:, 1, 0], linear[:, 0, 0])),
        "shear": slant / down,
    }


def joined(parts: Sequence[Evidence]) -> Evidence:
    """All of it, one after the other."""
    return Evidence(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Evidence)))
