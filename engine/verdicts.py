"""What was decided of pairs of pictures, remembered from run to run by the contents of both files.

The whole result is remembered too: where no picture changed, no candidates are looked for.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask
from tagmetry.duplicates.decision import Strictness
from tagmetry.duplicates.pairs import KINDS, METHOD, VERDICT, NearPair, VerdictRows
from tagmetry.feature import Feature

KEPT_TOGETHER: Final = 5000

_PAIR: Final = np.dtype(
    [("a", "<i8"), ("b", "<i8"), ("kind", "|i1"), ("likeness", "<f8"), ("low", "<f8"), ("variant", "?")]
)
"""One pair of a whole result, by places in the order of ranks. A whole result begins with an empty one."""


class PairStore(Protocol):
    """Small results about pairs of contents; see `tagmetry.cache`, which fulfils it."""

    def pairs(self, method: str, pairs: Sequence[bytes]) -> dict[bytes, bytes]: ...

    def keep_pairs(self, method: str, results: Mapping[bytes, bytes]) -> None: ...


@dataclass(slots=True)
class RememberedVerdicts:
    """The memory of `near_pairs` over rows whose files have these contents, uint8 (n, 32)."""

    store: PairStore
    method: str
    content: NDArray[np.uint8]
    _fresh: dict[bytes, bytes] = field(default_factory=dict, init=False)

    def recall(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> tuple[VerdictRows, Mask]:
        keys = self._keys(a, b)
        known = self.store.pairs(self.method, [key for key in keys if key not in self._fresh])
        cells = [self._fresh.get(key) or known.get(key, b"") for key in keys]
        there = np.array([len(cell) == VERDICT.itemsize for cell in cells], dtype=np.bool_)
        found = np.zeros(len(keys), dtype=VERDICT)
        found[there] = np.frombuffer(b"".join(cell for cell in cells if len(cell) == VERDICT.itemsize), dtype=VERDICT)
        return found, there

    def keep(self, a: NDArray[np.intp], b: NDArray[np.intp], verdicts: VerdictRows) -> None:
        self._fresh.update(zip(self._keys(a, b), (verdict.tobytes() for verdict in verdicts), strict=True))
        if len(self._fresh) >= KEPT_TOGETHER:
            self.flush()

    def pairs_of(
        self,
        rank: NDArray[np.int64],
        rows: NDArray[np.intp],
        apart: NDArray[np.int64],
        find: Callable[[], list[NearPair]],
    ) -> list[NearPair]:
        """What `find` gives for these rows in the order of their ranks, or gave for the same pictures in that order.

        `apart` are the pairs of rows that `find` keeps apart.
        """
        ordered = rows[np.argsort(rank[rows], kind="stable")]
        place = np.full(len(self.content), -1, dtype=np.int64)
        place[ordered] = np.arange(len(ordered))
        key = hashlib.sha256(self.content[ordered].tobytes())
        key.update(np.unique(np.sort(place[apart], axis=1), axis=0).tobytes())
        known = self.store.pairs(self.method, [key.digest()]).get(key.digest(), b"")
        if known and not len(known) % _PAIR.itemsize:
            cells = np.frombuffer(known, dtype=_PAIR)[1:]
            return [
                NearPair(int(ordered[a]), int(ordered[b]), KINDS[kind], likeness, low, variant)
                for a, b, kind, likeness, low, variant in cells.tolist()
            ]
        found = find()
        cells = np.zeros(len(found) + 1, dtype=_PAIR)
        for at, pair in enumerate(found, start=1):
            a, b = place[pair.row_a], place[pair.row_b]
            cells[at] = (a, b, KINDS.index(pair.kind), pair.likeness, pair.low, pair.variant)
        self._fresh[key.digest()] = cells.tobytes()
        return found

    def flush(self) -> None:
        """Store what is new."""
        self.store.keep_pairs(self.method, self._fresh)
        self._fresh.clear()

    def _keys(self, a: NDArray[np.intp], b: NDArray[np.intp]) -> list[bytes]:
        return [one.tobytes() + other.tobytes() for one, other in zip(self.content[a], self.content[b], strict=True)]


def method_of(view: Feature, strictness: Strictness) -> str:
    """All that decides a verdict besides the two files: the method, its limits, and what it looks at."""
    return f"{METHOD}/{view.key}/{strictness!r}"
