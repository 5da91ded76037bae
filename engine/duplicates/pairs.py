"""Near-duplicates: pictures that are one picture but for encoding, size, tone, a border, a crop, a turn or a mirroring.

Generous candidates from descriptions of windows in eight orientations, a registration, and a strict decision on what
both pictures show. Up to `EXACT_UP_TO` pictures every picture is compared with every other; beyond, only those are
looked at whose whole views agree in nearly all signs of their descriptions, which a multi-index finds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from tagmetry.duplicates.candidates import hypotheses, likely_pairs, sign_keys
from tagmetry.duplicates.decision import STRICTNESS, Evidence, Kind, Strictness, evidence, joined, textured_blocks
from tagmetry.duplicates.index import pairs_within
from tagmetry.duplicates.partition import Clusters, Components
from tagmetry.duplicates.registration import PASSES, compose, inverse, registered
from tagmetry.duplicates.views import Floats, Grey, Places, Views

Mask = npt.NDArray[np.bool_]

EXACT_UP_TO: Final = 20_000
SIGN_DISTANCE: Final = 10
"""Beyond, descriptions may differ in so many of their 63 signs.

Of the copies that tests/benchmarks/near_duplicates.py makes of the photographs on which limits were chosen, 8 signs
proposed 89.5 %, 10 proposed 91.9 % and 12 proposed 94.4 %; each two more cost about six times as many looks at pictures
that only happen to be alike.
"""

_LEAST_LIKENESS: Final = 0.75
_LEAST_LIKENESS_OF_MANY: Final = 0.8
_MANY: Final = 5_000
"""From so many pictures on, unrelated ones that look alike by chance would cost more than they give."""

_BLOCK: Final = 1024
"""Pictures compared with as many others at a time: some 100 MB at most."""

_BATCH: Final = 128


METHOD: Final = 3
"""Raise when candidates, registration or decision change, so that what was decided of pairs before lapses."""

VERDICT: Final = np.dtype([("confirmed", "?"), ("variant", "?"), ("kind", "|i1"), ("likeness", "<f8"), ("low", "<f8")])
"""What was decided of a pair; `kind` is a place in `KINDS`."""

KINDS: Final[tuple[Kind, ...]] = ("near", "crop", "mirrored", "rotated")

VerdictRows = npt.NDArray[np.void]
"""Structures of `VERDICT`, shape (k,)."""


class Memory(Protocol):
    """Where verdicts are kept from run to run. A pair is two rows of pictures in the order in which they are compared.

    What it gives must have been decided by the same method, with the same strictness, of the same pictures.
    """

    def recall(self, a: Places, b: Places) -> tuple[VerdictRows, Mask]:
        """The verdicts of k pairs, and of which of them there is one, both of shape (k,)."""

    def keep(self, a: Places, b: Places, verdicts: VerdictRows) -> None:
        """Take in the verdicts of k pairs."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two pictures that are one. Of a group `row_a` is the one to keep, where an order was given.

    `likeness` and `low`, both up to 1, are what the decision rests on and how well the weakest tenth of the picture
    agrees. In a `variant` something is another: a text, the eyes of a drawing.
    """

    row_a: int
    row_b: int
    kind: Kind
    likeness: float
    low: float
    variant: bool


def near_pairs(
    packed: Grey,
    *,
    comparable: Mask | None = None,
    rank: npt.NDArray[np.integer] | None = None,
    apart: npt.NDArray[np.integer] | None = None,
    strictness: Strictness = STRICTNESS,
    exact_up_to: int = EXACT_UP_TO,
    memory: Memory | None = None,
) -> Iterator[NearPair]:
    """The near-duplicates among n pictures as pairs of rows; `packed` has shape (n, `PACKED_BYTES`).

    `comparable`, shape (n,), leaves rows out: unreadable files, and all but one of those with equal bytes or pixels.
    Pictures with too little texture are left out anyway. `apart`, shape (k, 2), are rows that a person declared
    different.

    `rank`, shape (n,), says which picture of a group is kept: the lowest. Each other picture then comes once, confirmed
    against the one that is kept, and is not compared further. So groups are stars and no chain joins different
    pictures. Without it every confirmed pair is given, up to `exact_up_to` pictures; beyond, groups are stars in an
    order of our own.

    What is found does not depend on the order of the rows; the order of the pairs is the same in each run but has no
    meaning.
    """
    views = Views.of(packed)
    rows = np.flatnonzero(comparable) if comparable is not None else np.arange(views.n)
    rows = rows[_have_structure(views, rows, strictness)]
    fingerprints = _fingerprints(packed, rows)
    rows = rows[np.lexsort((fingerprints,) if rank is None else (fingerprints, rank[rows]))]
    search = _Search(views, rows, _pair_keys(views.n, apart), strictness, memory)
    if len(rows) > exact_up_to:
        return search.by_signs()
    return search.all_pairs() if rank is None else search.stars()


def pairs_between(
    packed: Grey,
    first: Places,
    second: Places,
    *,
    comparable: Mask,
    apart: npt.NDArray[np.integer] | None = None,
    strictness: Strictness = STRICTNESS,
    exact_up_to: int = EXACT_UP_TO,
    memory: Memory | None = None,
) -> Iterator[NearPair]:
    """The rows of `second` that are one of `first`, each once: `row_a` is of the first, `row_b` of the second.

    Both are rows of `packed`, shape (n, `PACKED_BYTES`), without a row in common; pictures of one side are not
    compared with each other. `comparable`, shape (n,), leaves rows out, as too little texture does; `apart`, shape
    (k, 2), are rows that a person declared different.
    """
    views = Views.of(packed)
    first, second = (
        rows[_have_structure(views, rows, strictness)]
        for rows in (first[comparable[first]], second[comparable[second]])
    )
    search = _Search(views, np.concatenate([first, second]), _pair_keys(views.n, apart), strictness, memory)
    if len(search.rows) > exact_up_to:
        return search.between_by_signs(first, second)
    return search.between(first, second)


def _have_structure(views: Views, pictures: Places, strictness: Strictness) -> Mask:
    """Which of the pictures have enough textured blocks in one of their views."""
    most = np.zeros(views.n, dtype=np.intp)
    shown = views.of_pictures(pictures)
    for low in range(0, len(shown), _BATCH):
        part = shown[low : low + _BATCH]
        np.maximum.at(most, views.picture[part], textured_blocks(views.grey(part), strictness))
    return np.asarray(most[pictures] >= strictness.blocks)


def _fingerprints(packed: Grey, rows: Places) -> npt.NDArray[np.uint64]:
    """A number from the bytes of each row, to bring pictures into an order that is not that of their rows."""
    words = packed.shape[1] // 8
    random = np.random.default_rng(0).integers(0, 2**64, words, dtype=np.uint64)
    found = np.empty(len(rows), dtype=np.uint64)
    for low in range(0, len(rows), _BLOCK):
        part = np.ascontiguousarray(packed[rows[low : low + _BLOCK], : 8 * words])
        # Wraps around, as a hash may.
        found[low : low + _BLOCK] = (part.view("<u8") * random).sum(axis=1, dtype=np.uint64)
    return found


def _pair_keys(n: int, pairs: npt.NDArray[np.integer] | None) -> npt.NDArray[np.int64]:
    """One number for each pair, whichever comes first."""
    if pairs is None or len(pairs) == 0:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(pairs.min(axis=1).astype(np.int64) * n + pairs.max(axis=1))


def _in_blocks(rows: Places) -> list[Places]:
    return [rows[low : low + _BLOCK] for low in range(0, len(rows), _BLOCK)]


@dataclass(frozen=True, slots=True)
class _Search:
    """`rows` in the order in which they are kept; `apart` holds numbers of pairs, as `_pair_keys` gives them."""

    views: Views
    rows: Places
    apart: npt.NDArray[np.int64]
    strictness: Strictness
    memory: Memory | None = None

    def all_pairs(self) -> Iterator[NearPair]:
        blocks = self._blocks()
        for i, own in enumerate(blocks):
            for others in blocks[i:]:
                a, b, _ = self._likely(own, own if others is own else others)
                for low in range(0, len(a), _BATCH):
                    yield from self._confirmed(a[low : low + _BATCH], b[low : low + _BATCH])[1]

    def stars(self) -> Iterator[NearPair]:
        taken = np.zeros(self.views.n, dtype=np.bool_)
        centre = np.zeros(self.views.n, dtype=np.bool_)
        blocks = self._blocks()
        for i, block in enumerate(blocks):
            own = block[~taken[block]]
            yield from self._joined_to_centres(own, own, centre, taken)
            own = own[~taken[own]]
            centre[own] = True
            for later in blocks[i + 1 :]:
                yield from self._joined_to_centres(own, later[~taken[later]], centre, taken)

    def between(self, first: Places, second: Places) -> Iterator[NearPair]:
        """Pictures of the second that are one of the first: every one of the first is a centre."""
        centre, taken = self._centres(first)
        for own in _in_blocks(first):
            for others in _in_blocks(second):
                yield from self._joined_to_centres(own, others[~taken[others]], centre, taken)

    def between_by_signs(self, first: Places, second: Places) -> Iterator[NearPair]:
        """The same, looking only at pictures with like signs."""
        centre, taken = self._centres(first)
        (keys, owner), (other_keys, other_owner) = self._signs(first), self._signs(second)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        asked, at = np.arange(len(other_keys)), np.searchsorted(ordered, other_keys)
        while len(asked):
            asked, at = asked[at < len(ordered)], at[at < len(ordered)]
            same = ordered[at] == other_keys[asked]
            asked, at = asked[same], at[same]
            a, b = owner[order[at]], other_owner[asked]
            apart = self._kept_apart(a, b)
            yield from self._taken_by_centres(a[~apart], b[~apart], None, centre, taken)
            # Of equal signs one speaks for all, but where it was declared different the next one does.
            asked, at = asked[apart], at[apart] + 1
        flat, owners = np.concatenate([keys, other_keys]), np.concatenate([owner, other_owner])
        # Two sides, each as if it were one picture: pairs within a side are left out.
        sides = np.repeat(np.array([0, 1]), (len(keys), len(other_keys)))
        for places_a, places_b, _ in pairs_within(flat, SIGN_DISTANCE, joined=sides):
            a, b = owners[places_a], owners[places_b]
            allowed = ~self._kept_apart(a, b)
            yield from self._taken_by_centres(a[allowed], b[allowed], None, centre, taken)

    def _centres(self, rows: Places) -> tuple[Mask, Mask]:
        """Which pictures are centres, and which are taken: none yet."""
        centre = np.zeros(self.views.n, dtype=np.bool_)
        centre[rows] = True
        return centre, np.zeros(self.views.n, dtype=np.bool_)

    def _signs(self, rows: Places) -> tuple[npt.NDArray[np.uint64], Places]:
        """The sign keys of some pictures, and whose they are; both flat."""
        shown = self.views.of_pictures(rows)
        parts = [sign_keys(self.views, part) for part in _in_blocks(shown)]
        keys = np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.uint64)
        return keys.ravel(), np.repeat(self.views.picture[shown], keys.shape[1])

    def _blocks(self) -> list[Places]:
        return _in_blocks(self.rows)

    def _likely(self, own: Places, others: Places) -> tuple[Places, Places, Floats]:
        many = len(self.rows) > _MANY
        least = _LEAST_LIKENESS_OF_MANY if many else _LEAST_LIKENESS
        if len(own) == 0 or len(others) == 0:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        a, b, likeness = likely_pairs(self.views, own, others, least=least)
        allowed = ~self._kept_apart(a, b)
        return a[allowed], b[allowed], likeness[allowed]

    def _kept_apart(self, a: Places, b: Places) -> Mask:
        return np.isin(_pair_keys(self.views.n, np.stack([a, b], axis=1)), self.apart)

    def _joined_to_centres(self, own: Places, others: Places, centre: Mask, taken: Mask) -> Iterator[NearPair]:
        a, b, likeness = self._likely(own, others)
        yield from self._taken_by_centres(a, b, likeness, centre, taken)

    def _taken_by_centres(
        self, a: Places, b: Places, likeness: Floats | None, centre: Mask, taken: Mask
    ) -> Iterator[NearPair]:
        """Takes what is confirmed against a centre; what is alike no centre before it becomes one itself."""
        likeness = np.zeros(len(a), dtype=np.float32) if likeness is None else likeness
        while True:
            going = ~taken[a] & ~taken[b]
            a, b, likeness = a[going], b[going], likeness[going]
            if len(a) == 0:
                return
            waiting = np.zeros(self.views.n, dtype=np.bool_)
            waiting[b] = True
            centre[a[~waiting[a]]] = True
            ready = np.flatnonzero(centre[a])
            # Each against the centre it is most alike; the others only if that one is another picture.
            ready = ready[np.lexsort((-likeness[ready], b[ready]))]
            ready = ready[np.diff(b[ready], prepend=-1) != 0]
            for low in range(0, len(ready), _BATCH):
                part = ready[low : low + _BATCH]
                confirmed, pairs = self._confirmed(a[part], b[part])
                taken[b[part[confirmed]]] = True
                yield from pairs
            left = np.ones(len(a), dtype=np.bool_)
            left[ready] = False
            a, b, likeness = a[left], b[left], likeness[left]

    def by_signs(self) -> Iterator[NearPair]:
        """Stars inside the groups that confirmed pairs with like signs make."""
        groups = Components(self.views.n)
        flat, owner = self._signs(self.rows)
        failed: set[int] = set()
        _, first, same = np.unique(flat, return_index=True, return_inverse=True)
        self._join_confirmed(owner[first[same]], owner, groups, failed)
        labels = groups.roots()[owner]
        for places_a, places_b, _ in pairs_within(flat, SIGN_DISTANCE, joined=labels):
            self._join_confirmed(owner[places_a], owner[places_b], groups, failed)
            labels[:] = groups.roots()[owner]
        yield from self._stars_within(Clusters.from_labels(groups.roots()))

    def _join_confirmed(self, a: Places, b: Places, groups: Components, failed: set[int]) -> None:
        """Joins what is confirmed, asking as little as possible."""
        place = np.empty(self.views.n, dtype=np.intp)
        place[self.rows] = np.arange(len(self.rows))
        a, b = np.where(place[a] <= place[b], a, b), np.where(place[a] <= place[b], b, a)
        keys = np.unique(place[a] * len(self.rows) + place[b])
        a, b = (self.rows[part] for part in np.divmod(keys, max(1, len(self.rows))))
        keys = keys[(a != b) & ~self._kept_apart(a, b)]
        keys = keys[[key not in failed for key in keys.tolist()]]
        while len(keys):
            a, b = (self.rows[part] for part in np.divmod(keys, len(self.rows)))
            roots = groups.roots()
            open_pairs = roots[a] != roots[b]
            a, b, keys = a[open_pairs], b[open_pairs], keys[open_pairs]
            # One pair for each group of the second: the others may be spared.
            _, tried = np.unique(roots[b], return_index=True)
            for low in range(0, len(tried), _BATCH):
                part = tried[low : low + _BATCH]
                good = self._verdicts(a[part], b[part])["confirmed"]
                groups.join(a[part[good]], b[part[good]])
                failed.update(keys[part[~good]].tolist())
            left = np.ones(len(keys), dtype=np.bool_)
            left[tried] = False
            keys = keys[left]

    def _stars_within(self, groups: Clusters) -> Iterator[NearPair]:
        place = np.empty(self.views.n, dtype=np.intp)
        place[self.rows] = np.arange(len(self.rows))
        members, label = groups.members, groups.labels[groups.members]
        order = np.lexsort((place[members], label))
        members, label = members[order], label[order]
        while len(members):
            starts = np.diff(label, prepend=-1) != 0
            centres = members[starts][np.cumsum(starts) - 1]
            a, b, label = centres[~starts], members[~starts], label[~starts]
            left = np.ones(len(a), dtype=np.bool_)
            for low in range(0, len(a), _BATCH):
                part = slice(low, low + _BATCH)
                allowed = np.flatnonzero(~self._kept_apart(a[part], b[part])) + low
                confirmed, pairs = self._confirmed(a[allowed], b[allowed])
                left[allowed[confirmed]] = False
                yield from pairs
            members, label = b[left], label[left]

    def _confirmed(self, a: Places, b: Places) -> tuple[Mask, list[NearPair]]:
        verdicts = self._verdicts(a, b)
        confirmed = np.asarray(verdicts["confirmed"])
        pairs = [
            NearPair(
                row_a=int(a[at]),
                row_b=int(b[at]),
                kind=KINDS[verdicts["kind"][at]],
                likeness=float(verdicts["likeness"][at]),
                low=float(verdicts["low"][at]),
                variant=bool(verdicts["variant"][at]),
            )
            for at in np.flatnonzero(confirmed)
        ]
        return confirmed, pairs

    def _verdicts(self, a: Places, b: Places) -> VerdictRows:
        """Of each pair what is remembered, else what a look at both pictures says."""
        if self.memory is None:
            return self._looked_at(a, b)
        found, known = self.memory.recall(a, b)
        rest = np.flatnonzero(~known)
        if len(rest):
            fresh = self._looked_at(a[rest], b[rest])
            self.memory.keep(a[rest], b[rest], fresh)
            found[rest] = fresh
        return found

    def _looked_at(self, a: Places, b: Places) -> VerdictRows:
        verdicts = verified(self.views, a, b, self.strictness)
        seen, good = verdicts.seen, np.flatnonzero(verdicts.confirmed)
        found = np.zeros(len(a), dtype=VERDICT)
        found["confirmed"] = verdicts.confirmed
        found["kind"][good] = [KINDS.index(kind) for kind in seen.kinds(self.strictness)]
        found["likeness"][good] = [round(float(likeness), 4) for likeness in seen.likeness]
        found["low"][good] = [round(float(low), 4) for low in seen.low]
        found["variant"][good] = seen.low < self.strictness.variant
        return found


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of k pairs, which are confirmed, shape (k,), and what was seen of those that are."""

    confirmed: Mask
    seen: Evidence


def verified(views: Views, a: Places, b: Places, strictness: Strictness) -> Verdicts:
    """Registers each pair of pictures, at most a few hundred, and looks whether both are one."""
    ways = hypotheses(views, a, b)
    confirmed = np.zeros(len(a), dtype=np.bool_)
    seen: list[Evidence] = []
    pairs: list[Places] = []
    likeliest = np.diff(ways.pair, prepend=-1) != 0
    for turn in (likeliest, ~likeliest):
        # The less likely way is looked at only where the likeliest has failed.
        tried = np.flatnonzero(turn & ~confirmed[ways.pair])
        first, second = ways.view_a[tried], ways.view_b[tried]
        maps, hopeful = registered(views.grey(first), views.grey(second), ways.affine[tried])
        tried, first, second, maps = tried[hopeful], first[hopeful], second[hopeful], maps[hopeful]
        found = evidence(views, first, second, maps, strictness)
        found, good = _after_closer_look(views, first, second, maps, found, strictness)
        confirmed[ways.pair[tried[good]]] = True
        seen.append(found.rows(good))
        pairs.append(ways.pair[tried[good]])
    return Verdicts(confirmed, joined(seen).rows(np.argsort(np.concatenate(pairs))))


def _after_closer_look(
    views: Views, first: Places, second: Places, maps: Floats, found: Evidence, strictness: Strictness
) -> tuple[Evidence, Mask]:
    """What was seen, and which pairs it confirms, after the trimmed views of both were compared where they exist.

    They show more of a drawing that is small on white: where the whole ones show nearly nothing they decide alone, and
    elsewhere they must agree too. Where the whole ones show little, they say how both lie.
    """
    good = found.convinces(strictness)
    nearly_nothing = (found.blocks < strictness.blocks) | (found.common < strictness.common)
    little = nearly_nothing | ((found.blocks < strictness.few_blocks) & found.agrees(strictness))
    closer_a, closer_b = views.trimmed[views.picture[first]], views.trimmed[views.picture[second]]
    other = (closer_a >= 0) & (closer_b >= 0) & ((first != closer_a) | (second != closer_b))
    looked = np.flatnonzero(other & (good | little))
    first, second, closer_a, closer_b = first[looked], second[looked], closer_a[looked], closer_b[looked]
    onto = compose(views.frame(second), compose(maps[looked], inverse(views.frame(first))))
    start = compose(inverse(views.frame(closer_b)), compose(onto, views.frame(closer_a)))
    closer_maps, hopeful = registered(views.grey(closer_a), views.grey(closer_b), start, passes=PASSES[-1:])
    closer = evidence(views, closer_a, closer_b, closer_maps, strictness)
    # Where the boxes lie quite differently, as on a backdrop that is nearly even, one shows the drawing too coarsely.
    telling = (closer.blocks >= strictness.blocks) & (closer.scale <= strictness.scale)
    good[looked] &= ~telling | (hopeful & closer.agrees(strictness))
    instead = np.flatnonzero(telling & hopeful & little[looked])
    found = found.merged(closer.rows(instead), looked[instead])
    good[looked[instead]] = found.rows(looked[instead]).convinces(strictness)
    return found, good
