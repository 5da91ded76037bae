"""Pairs of 64-bit hashes that differ in few bits: all of them, without comparing all with all.

The bits are cut into contiguous bands, and band i gets a radius r_i so that the sum of (r_i + 1) is the distance plus
one. Two hashes within the distance then lie within r_i of each other in at least one band i, or their differences
would add up to more (the general pigeonhole of Norouzi, Punjani and Fleet, "Fast exact search in Hamming space with
multi-index hashing", 2014). So it is enough to compare, band by band, the hashes whose keys there are equal or differ
in up to r_i bits.

How many bands there are and which radius each gets follows from a reckoning of the cost with the keys at hand, since
pictures fill some keys far more than others. The choice never changes what is found.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

HASH_BITS = 64

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]
Distances = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int32]
PairBlock = tuple[Rows, Rows, Distances]

# Found by one comparison: places in the order that is searched, and distances.
_Found = tuple[Places, Places, Distances]

_BLOCK = 1 << 15
"""Pairs are handed over as soon as there are this many, so that a caller who joins them spares us more of the same."""

_TILE_ROWS, _TILE_COLUMNS = 64, 8192

_CELLS = 1 << 16
"""Comparisons made at once in small buckets: half a megabyte, which stays in a core's own cache."""

_CLASSES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256], dtype=np.intp)
"""Buckets are compared together by size: read up to the next of these sizes, what lies beyond the bucket dropped."""

_BUCKET_PAIRS = 1 << 18
_WIDEST_TABLE = 22

# Nanoseconds on one machine for a comparison in a tile, a comparison among small buckets (with what the classes add), a
# bucket looked up, a hash sorted into a band. They steer the choice of bands; only their ratios matter.
_TILE_COST, _CELL_COST, _BUCKET_COST, _SORT_COST = 0.5, 1.5, 40.0, 100.0

if hasattr(np, "bitwise_count"):

    def bit_count(values: Hashes, out: Distances | None = None) -> Distances:
        """How many bits are set in each value."""
        counts: Distances = np.bitwise_count(values, out=out)
        return counts

else:  # numpy 1.26

    def bit_count(values: Hashes, out: Distances | None = None) -> Distances:
        """How many bits are set in each value."""
        return bit_count_by_halves(values, out)


def bit_count_by_halves(values: Hashes, out: Distances | None = None) -> Distances:
    """What `bit_count` gives, for a numpy that cannot count bits: pairs, fours and eights of bits are added up.

    Twice as fast as looking sixteen bits at a time up in a table, a fifth as fast as the processor's own count.
    """
    sums = values >> np.uint64(1)
    sums &= np.uint64(0x5555555555555555)
    np.subtract(values, sums, out=sums)
    high = sums >> np.uint64(2)
    high &= np.uint64(0x3333333333333333)
    sums &= np.uint64(0x3333333333333333)
    sums += high
    np.right_shift(sums, np.uint64(4), out=high)
    sums += high
    sums &= np.uint64(0x0F0F0F0F0F0F0F0F)
    sums *= np.uint64(0x0101010101010101)
    sums >>= np.uint64(56)
    if out is None:
        return sums.astype(np.uint8)
    out[...] = sums
    return out


def distances_between(hashes: Hashes, others: Hashes) -> Distances:
    """In how many bits each of `hashes` differs from each of `others`, shape (len(hashes), len(others))."""
    return bit_count(hashes[:, None] ^ others[None, :])


def pairs_within(hashes: Hashes, distance: int, *, joined: Labels | None = None) -> Iterator[PairBlock]:
    """Every pair of different hashes within `distance` bits, once, in blocks that fit in a few megabytes.

    A block is (rows_a, rows_b, distances) with rows_a < rows_b. Equal hashes are one node that goes by the first of
    their rows, so no pair has distance 0. The order of the pairs is the same in each run but has no meaning.

    `joined` holds a label per row. Pairs whose rows bear equal labels are left out, and whole buckets with them. The
    caller may change it between two blocks: so clusters are found without ever listing the pairs of a dense group.

    ValueError for a distance outside 0 to 64.
    """
    if not 0 <= distance <= HASH_BITS:
        raise ValueError(f"64-bit hashes are 0 to 64 bits apart, not {distance}")
    values, first = np.unique(np.asarray(hashes, dtype=np.uint64), return_index=True)
    rows, scratch = first.astype(np.int32), _Scratch()
    if distance == 0 or len(values) < 2:
        return
    bands = plan_bands(values, distance)
    if not bands:
        search = _Search(values, rows, distance, joined, scratch)
        yield from search.pairs(search.within_run(0, len(values)), earlier=())
        return
    for k, band in enumerate(bands):
        keys = band.keys(values)
        order = np.argsort(keys, kind="stable")
        search = _Search(values[order], rows[order], distance, joined, scratch)
        yield from search.pairs(_found_by_band(search, band, keys[order]), earlier=bands[:k])


@dataclass(frozen=True, slots=True)
class Band:
    """The bits from `shift` up, `width` of them, searched for keys that differ in up to `radius` bits."""

    shift: int
    width: int
    radius: int

    def keys(self, values: Hashes) -> npt.NDArray[np.uint32]:
        return ((values >> np.uint64(self.shift)) & np.uint64((1 << self.width) - 1)).astype(np.uint32)

    def finds(self, differences: Hashes) -> npt.NDArray[np.bool_]:
        mask = np.uint64(((1 << self.width) - 1) << self.shift)
        return bit_count(differences & mask) <= self.radius


def plan_bands(values: Hashes, distance: int) -> tuple[Band, ...]:
    """The cheapest bands for these distinct hashes; none if comparing all with all is cheaper."""
    best: tuple[Band, ...] = ()
    least = _TILE_COST * len(values) ** 2 / 2
    # A single band would be the whole hash, and of more than eight none tells enough apart.
    most = min(8, distance + 1)
    for count in range(2, most + 1):
        # Nearly all keys would be empty, and counting them takes longer than the search.
        if count < most and 2 ** (HASH_BITS // count) > 32 * len(values):
            continue
        bands, cost = _with_cheapest_radii(values, distance, count)
        if cost < least:
            best, least = bands, cost
    return best


def _with_cheapest_radii(values: Hashes, distance: int, count: int) -> tuple[tuple[Band, ...], float]:
    edges = [HASH_BITS * k // count for k in range(count + 1)]
    widths = [high - low for low, high in pairwise(edges)]
    costs = [_cost_per_mask(values, Band(edges[k], widths[k], 0)) for k in range(count)]
    radii = [-1] * count
    total = 0.0
    # Each further bit of radius costs a band more than the one before, so taking the cheapest step each time is best.
    for _ in range(distance + 1):
        steps = [
            costs[k] * _n_masks(widths[k], radii[k] + 1) + (_SORT_COST * len(values) if radii[k] < 0 else 0.0)
            for k in range(count)
        ]
        k = steps.index(min(steps))
        radii[k] += 1
        total += steps[k]
    # The cheap bands first: what a caller has joined by them is spared in the dear ones.
    used = sorted((costs[k] * _n_masks(widths[k], radii[k]), k) for k in range(count) if radii[k] >= 0)
    return tuple(Band(edges[k], widths[k], radii[k]) for _, k in used), total


def _cost_per_mask(values: Hashes, band: Band) -> float:
    n = float(len(values))
    if band.width > _WIDEST_TABLE:
        # Too many keys to count them; taken as evenly filled. Only distance 1 has bands this wide.
        return _CELL_COST * n * (n / 2.0**band.width + 1) / 2 + _BUCKET_COST * n / 2
    sizes = np.bincount(band.keys(values)).astype(np.float64)
    return _CELL_COST * float(sizes @ sizes) / 2 + _BUCKET_COST * float(np.count_nonzero(sizes)) / 2


def _n_masks(width: int, bits: int) -> float:
    """How many keys differ from a given one in exactly `bits` bits; infinite if the key is too short for that."""
    if bits > width:
        return float("inf")
    count = 1
    for k in range(bits):
        count = count * (width - k) // (k + 1)
    return float(count)


def _found_by_band(search: "_Search", band: Band, keys: npt.NDArray[np.uint32]) -> Iterator[_Found]:
    """Compares the buckets of equal keys with themselves and with those whose keys are within the radius."""
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    stops = np.append(starts[1:], len(keys))
    own = np.flatnonzero(stops - starts > 1)
    yield from search.buckets(starts[own], stops[own], other_starts=starts[own], other_stops=stops[own])
    if band.radius == 0:
        return
    bucket_keys = keys[starts]
    bucket_of = np.full(1 << band.width, -1, dtype=np.int32)
    bucket_of[bucket_keys] = np.arange(len(starts), dtype=np.int32)
    waiting: list[tuple[Places, Places]] = []
    n_waiting = 0
    for mask, highest in _masks(band):
        # Of two keys that differ by the mask, the one without its highest bit comes first: so each pair is made once.
        left = np.flatnonzero((bucket_keys & highest) == 0)
        right = bucket_of[bucket_keys[left] ^ mask].astype(np.intp)
        there = right >= 0
        waiting.append((left[there], right[there]))
        n_waiting += len(waiting[-1][0])
        if n_waiting >= _BUCKET_PAIRS:
            yield from _compared(search, starts, stops, waiting)
            waiting, n_waiting = [], 0
    if n_waiting:
        yield from _compared(search, starts, stops, waiting)


def _masks(band: Band) -> Iterator[tuple[np.uint32, np.uint32]]:
    for bits in range(1, band.radius + 1):
        for positions in combinations(range(band.width), bits):
            yield np.uint32(sum(1 << k for k in positions)), np.uint32(1 << positions[-1])


def _compared(
    search: "_Search", starts: Places, stops: Places, waiting: list[tuple[Places, Places]]
) -> Iterator[_Found]:
    left = np.concatenate([pair[0] for pair in waiting])
    right = np.concatenate([pair[1] for pair in waiting])
    yield from search.buckets(starts[left], stops[left], other_starts=starts[right], other_stops=stops[right])


@dataclass(frozen=True, slots=True)
class _Search:
    """Comparisons of hashes in one order. A place is a position in `values`; `rows` says which row stands there."""

    values: Hashes
    rows: Rows
    distance: int
    joined: Labels | None
    scratch: "_Scratch"

    def pairs(self, found: Iterable[_Found], *, earlier: tuple[Band, ...]) -> Iterator[PairBlock]:
        """The pairs that no earlier band finds, the lower row first, in blocks worth handing over."""
        waiting: list[PairBlock] = []
        n_waiting = 0
        for places_a, places_b, distances in found:
            differences = self.values[places_a] ^ self.values[places_b]
            fresh = np.ones(len(differences), dtype=np.bool_)
            for band in earlier:
                fresh &= ~band.finds(differences)
            rows_a, rows_b = self.rows[places_a[fresh]], self.rows[places_b[fresh]]
            waiting.append((np.minimum(rows_a, rows_b), np.maximum(rows_a, rows_b), distances[fresh]))
            n_waiting += len(rows_a)
            if n_waiting >= _BLOCK:
                yield _together(waiting)
                waiting, n_waiting = [], 0
        if n_waiting:
            yield _together(waiting)

    def within_run(self, start: int, stop: int) -> Iterator[_Found]:
        """Each place from `start` to `stop` with each other."""
        places = self._component_by_component(start, stop)
        for k in range(0, len(places), _TILE_ROWS):
            tile = places[k : k + _TILE_ROWS]
            yield from self._compare(tile, tile, once=True)
            yield from self._compare(tile, places[k + _TILE_ROWS :])

    def between_runs(self, start: int, stop: int, *, other_start: int, other_stop: int) -> Iterator[_Found]:
        """Each place of one run with each of another."""
        places = self._component_by_component(start, stop)
        others = np.arange(other_start, other_stop)
        for k in range(0, len(places), _TILE_ROWS):
            yield from self._compare(places[k : k + _TILE_ROWS], others)

    def buckets(self, starts: Places, stops: Places, *, other_starts: Places, other_stops: Places) -> Iterator[_Found]:
        """Each bucket with the other one beside it, or with itself where both are the same."""
        sizes, other_sizes = stops - starts, other_stops - other_starts
        large = np.maximum(sizes, other_sizes) > _CLASSES[-1]
        for k in np.flatnonzero(large).tolist():
            start, stop, other = int(starts[k]), int(stops[k]), int(other_starts[k])
            if start == other:
                yield from self.within_run(start, stop)
            else:
                yield from self.between_runs(start, stop, other_start=other, other_stop=int(other_stops[k]))
        small = np.flatnonzero(~large)
        classes = np.searchsorted(_CLASSES, sizes[small]) * len(_CLASSES)
        classes += np.searchsorted(_CLASSES, other_sizes[small])
        # Eight bits, so that numpy sorts by counting.
        order = np.argsort(classes.astype(np.uint8), kind="stable")
        small, classes = small[order], classes[order]
        edges = np.flatnonzero(np.diff(classes, prepend=-1, append=-1)).tolist()
        for low, high in pairwise(edges):
            one, other = divmod(int(classes[low]), len(_CLASSES))
            size, other_size = int(_CLASSES[one]), int(_CLASSES[other])
            step = max(1, _CELLS // (size * other_size))
            for k in range(low, high, step):
                some = small[k : min(k + step, high)]
                yield from self._compare_small(
                    _Buckets(starts[some], stops[some], size),
                    _Buckets(other_starts[some], other_stops[some], other_size),
                )

    def _compare(self, places: Places, others: Places, *, once: bool = False) -> Iterator[_Found]:
        """A tile of places with others; `once` where both are the same, which has each pair twice."""
        labels = self._labels(places)
        other_labels = self._labels(others)
        if labels is not None and other_labels is not None and (labels == labels[0]).all():
            apart = other_labels != labels[0]
            others, other_labels = others[apart], other_labels[apart]
        values = self.values[places]
        for k in range(0, len(others), _TILE_COLUMNS):
            part = others[k : k + _TILE_COLUMNS]
            shape = (len(places), len(part))
            counts, near = self._near(values[:, None], self.values[part][None, :], shape)
            if once:
                near &= np.tri(len(places), k=-1, dtype=np.bool_).T
            if labels is not None and other_labels is not None and near.any():
                near &= labels[:, None] != other_labels[None, k : k + len(part)]
            if near.any():
                hits = np.flatnonzero(near)
                a, b = np.divmod(hits, len(part))
                yield places[a], part[b], counts.ravel()[hits]

    def _compare_small(self, buckets: "_Buckets", others: "_Buckets") -> Iterator[_Found]:
        """Each bucket with its counterpart, all at once, read up to the common size."""
        last = len(self.values) - 1
        # The buckets run along the last axis, which is the longest: numpy's inner loops then have something to do.
        places = np.minimum(buckets.starts + np.arange(buckets.size)[:, None], last)
        other_places = np.minimum(others.starts + np.arange(others.size)[:, None], last)
        shape = (buckets.size, others.size, len(buckets.starts))
        counts, near = self._near(self.values[places][:, None], self.values[other_places][None], shape)
        labels, other_labels = self._labels(places), self._labels(other_places)
        if labels is not None and other_labels is not None and np.count_nonzero(near) > near.size // 32:
            near &= labels[:, None] != other_labels[None]
        if not near.any():
            return
        hits = np.flatnonzero(near)
        i, rest = np.divmod(hits, others.size * len(buckets.starts))
        j, k = np.divmod(rest, len(buckets.starts))
        a, b = buckets.starts[k] + i, others.starts[k] + j
        # What lies beyond a bucket belongs to the next; of a bucket with itself, each pair comes twice.
        good = (a < buckets.stops[k]) & (b < others.stops[k]) & ((a < b) | (buckets.starts[k] != others.starts[k]))
        if self.joined is not None:
            good[good] = self.joined[self.rows[a[good]]] != self.joined[self.rows[b[good]]]
        if good.any():
            yield a[good], b[good], counts.ravel()[hits[good]]

    def _near(self, values: Hashes, others: Hashes, shape: tuple[int, ...]) -> tuple[Distances, npt.NDArray[np.bool_]]:
        """Distances of two arrays that broadcast to `shape`, and which are within; both only until the next call."""
        n = math.prod(shape)
        words = self.scratch.words[:n].reshape(shape)
        counts = self.scratch.counts[:n].reshape(shape)
        near = self.scratch.near[:n].reshape(shape)
        np.bitwise_xor(values, others, out=words)
        bit_count(words, out=counts)
        np.less_equal(counts, self.distance, out=near)
        return counts, near

    def _labels(self, places: Places) -> Labels | None:
        return None if self.joined is None else self.joined[self.rows[places]]

    def _component_by_component(self, start: int, stop: int) -> Places:
        """The places of a run; where rows are being joined, those of one component side by side."""
        places = np.arange(start, stop)
        labels = self._labels(places)
        return places if labels is None else places[np.argsort(labels, kind="stable")]


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Runs of places, from `starts` to `stops`, none longer than `size`."""

    starts: Places
    stops: Places
    size: int


class _Scratch:
    """Room for one comparison, used again and again: fresh memory of this size costs as much as the comparing."""

    def __init__(self) -> None:
        cells = max(_TILE_ROWS * _TILE_COLUMNS, _CELLS)
        self.words = np.empty(cells, dtype=np.uint64)
        self.counts = np.empty(cells, dtype=np.uint8)
        self.near = np.empty(cells, dtype=np.bool_)


def _together(blocks: list[PairBlock]) -> PairBlock:
    return (
        np.concatenate([block[0] for block in blocks]),
        np.concatenate([block[1] for block in blocks]),
        np.concatenate([block[2] for block in blocks]),
    )
