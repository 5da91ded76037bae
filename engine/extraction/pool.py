"""The passes over image files: measuring all of them, hashing the pixels of some, making thumbnails of some.

With `jobs=0` everything happens in this process: simple, and without protection, since a decoder that crashes takes
the process along and one that hangs is waited for. With `jobs=N` up to N worker processes do it. The results are the
same.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

import numpy as np

from tagmetry.columns import Rows
from tagmetry.extraction.decoding import no_claim
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.reading import read_file
from tagmetry.extraction.records import FileStamp, Record, Refused, Unusable
from tagmetry.extraction.supervision import Item, Lost, supervised
from tagmetry.extraction.table import Table
from tagmetry.extraction.work import Measuring, PixelHashing, Seen, ThumbnailMaking, Work, places_of
from tagmetry.feature import Feature

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with the files done and all files."""

MOST_JOBS: Final = 8
"""Workers that are used unless more are asked for: beyond it the disk is the limit, and each takes memory."""

STORED_TOGETHER: Final = 1000
STORED_EVERY_SECONDS: Final = 5.0
"""What a killed run loses at most."""

_WINDOWS_MOST_JOBS: Final = 60
"""Windows waits for at most 63 processes at once."""


def available_jobs(requested: int | None = None) -> int:
    """How many workers to use: what was asked for, else one per core that this process may use, at most 8.

    Raises ValueError for a negative number.
    """
    if requested is not None:
        if requested < 0:
            raise ValueError(f"jobs must not be negative, got {requested}")
        return min(requested, _WINDOWS_MOST_JOBS)
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min(cores, MOST_JOBS))


class Store(Protocol):
    """Where what was measured is kept between runs; see `tagmetry.cache`, which fulfils it."""

    def load(self, root: Path, stamps: Sequence[FileStamp], table: Table) -> None: ...

    def contents(self, sizes: Iterable[int], features: Sequence[Feature]) -> frozenset[bytes]: ...

    def recall(self, digests: Mapping[int, bytes], table: Table) -> None: ...

    def keep(self, root: Path, stamps: Sequence[FileStamp], table: Table, rows: Rows, *, listed_ns: int) -> None: ...


def extract(
    root: Path,
    stamps: Sequence[FileStamp],
    features: Sequence[Feature],
    *,
    jobs: int,
    limits: Limits,
    progress: Progress | None = None,
    store: Store | None = None,
) -> Table:
    """One row per stamp, in their order; each file is read and decoded once, or not at all.

    What the store knows of unchanged files is taken from it, and so is what it knows of a content, once the file has
    been read and hashed. What is new is stored on the way, so that an interrupted run was not in vain. Raises
    ExtractionError (exit code 3) when the workers as a whole break down, and UsageError when called while this process
    is being started as a worker.
    """
    table = Table(len(stamps), features)
    run = _Extraction(root, stamps, table, jobs, limits, store)
    if store is not None:
        store.load(root, stamps, table)
    run.count = _Count(len(stamps) - len(table.open), len(stamps), progress)
    contents = frozenset[bytes]()
    if store is not None and len(table.open):
        contents = store.contents((stamps[row].size_bytes for row in table.open.tolist()), features)
    run.measure(contents)
    # What the store knew a moment ago and no longer does, because it was damaged or cleared meanwhile.
    if len(table.open):
        run.measure(frozenset())
    return table


@dataclass(slots=True)
class _Extraction:
    """The open rows of a table being filled; rows are stored a few at a time, in the order in which they come."""

    root: Path
    stamps: Sequence[FileStamp]
    table: Table
    jobs: int
    limits: Limits
    store: Store | None
    count: Callable[[int], None] = lambda more: None
    # Stamps were taken before this, and nothing has been read yet.
    _listed_ns: int = field(default_factory=time.time_ns, init=False)
    _new: list[int] = field(default_factory=list, init=False)
    _seen: dict[int, bytes] = field(default_factory=dict, init=False)
    _stored: float = field(default_factory=time.monotonic, init=False)

    def measure(self, contents: frozenset[bytes]) -> None:
        """Measure all open rows; a file with one of these contents is taken from the store."""
        rows = self.table.open.tolist()
        work = Measuring(self.root, self.limits, places_of(self.table.features), contents)
        if self.jobs:
            items = [Item(self.stamps[row].path, self.stamps[row].size_bytes) for row in rows]
            supervised(
                work,
                items,
                jobs=self.jobs,
                limits=self.limits,
                receive=lambda number, result: self._receive(rows[number], result),
            )
        else:
            work.prepare_with(self.table.features)
            for row in rows:
                self._receive(row, _one_here(work, self.stamps[row].path, self.limits))
        self._keep()

    def _receive(self, row: int, result: Record | Seen | Lost) -> None:
        if isinstance(result, Seen):
            self._seen[row] = result.digest
        elif isinstance(result, Lost):
            self.table.put(row, _given_up(self.root, self.stamps[row].path, result, self.limits))
            self._new.append(row)
        else:
            self.table.put(row, result)
            self._new.append(row)
        self.count(1)
        if (
            len(self._new) + len(self._seen) >= STORED_TOGETHER
            or time.monotonic() - self._stored > STORED_EVERY_SECONDS
        ):
            self._keep()

    def _keep(self) -> None:
        if self.store is not None:
            if self._seen:
                self.store.recall(self._seen, self.table)
                still_open = set(self.table.open.tolist())
                self._new += [row for row in self._seen if row not in still_open]
            rows = np.array(sorted(self._new), dtype=np.int64)
            self.store.keep(self.root, self.stamps, self.table, rows, listed_ns=self._listed_ns)
        self._new.clear()
        self._seen.clear()
        self._stored = time.monotonic()


def pixel_digests(root: Path, paths: Sequence[str], *, jobs: int, limits: Limits) -> dict[str, bytes | None]:
    """SHA-256 of the pixels as displayed, by path, None for an unusable file: a second pass over a few candidates.

    See `PixelHashing` for what is hashed.
    """
    results = _second_pass(PixelHashing(root, limits), root, paths, jobs=jobs, limits=limits)
    return {path: None if isinstance(result, Lost) else result for path, result in results.items()}


def thumbnails(root: Path, paths: Sequence[str], *, side_px: int, jobs: int, limits: Limits) -> dict[str, bytes]:
    """Small pictures by path, WebP or JPEG, with the longest side at most `side_px`; unusable files are left out."""
    results = _second_pass(ThumbnailMaking(root, limits, side_px), root, paths, jobs=jobs, limits=limits)
    return {path: result for path, result in results.items() if isinstance(result, bytes)}


def _second_pass(work: Work[T], root: Path, paths: Sequence[str], *, jobs: int, limits: Limits) -> dict[str, T | Lost]:
    unique = list(dict.fromkeys(paths))
    if not jobs:
        return {path: _one_here(work, path, limits) for path in unique}
    items = [Item(path, _size_bytes(root, path)) for path in unique]
    found: dict[str, T | Lost] = dict.fromkeys(unique, Lost("missing", {}))
    supervised(
        work,
        items,
        jobs=jobs,
        limits=limits,
        receive=lambda number, result: found.__setitem__(unique[number], result),
    )
    return found


def _one_here(work: Work[T], path: str, limits: Limits) -> T | Lost:
    try:
        return work.on(path, no_claim)
    except MemoryError:
        return Lost("memory", {"limit": limits.max_worker_memory_bytes})


class _Count:
    """Adds up what is done and tells it."""

    def __init__(self, done: int, total: int, progress: Progress | None) -> None:
        self._done = done
        self._total = total
        self._progress = progress
        self(0)

    def __call__(self, more: int) -> None:
        self._done += more
        if self._progress is not None:
            self._progress(self._done, self._total)


def _given_up(root: Path, path: str, lost: Lost, limits: Limits) -> Unusable:
    """The record of a file that its worker could not finish. A crash lasts: its content is remembered."""
    if lost.code != "crash":
        return Unusable("decoder", lost.code, lost.values, lasting=False)
    try:
        digest = read_file(root, path, max_bytes=limits.max_bytes).digest
    except Refused:
        return Unusable("decoder", lost.code, lost.values, lasting=False)
    return Unusable("decoder", lost.code, lost.values, digest)


def _size_bytes(root: Path, path: str) -> int:
    """Only to share out the work; 0 for a file that is gone."""
    try:
        return os.lstat(root / path).st_size
    except (OSError, ValueError):
        return 0
