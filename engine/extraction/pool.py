"""The passes over image files: measuring all of them, hashing the pixels of some, making thumbnails of some.

With `jobs=0` everything happens in this process: simple, and without protection, since a decoder that crashes takes
the process along and one that hangs is waited for. With `jobs=N` up to N worker processes do it. The results are the
same.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tagmetry.extraction.decoding import no_claim
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.reading import read_file
from tagmetry.extraction.records import FileStamp, Measured, Record, Refused, Unusable
from tagmetry.extraction.supervision import Item, Lost, supervised
from tagmetry.extraction.work import Measuring, PixelHashing, ThumbnailMaking, Work, places_of
from tagmetry.feature import Feature

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with the files done and all files."""

MOST_JOBS: Final = 8
"""Workers that are used unless more are asked for: beyond it the disk is the limit, and each takes memory."""

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


def extract(
    root: Path,
    stamps: Sequence[FileStamp],
    features: Sequence[Feature],
    *,
    jobs: int,
    limits: Limits,
    progress: Progress | None = None,
    known: Mapping[str, Record] | None = None,
) -> list[Record]:
    """One record per stamp, in their order; each file is read and decoded once.

    `known` are records by path that need not be made again; one that lacks a feature is made again. Raises
    ExtractionError (exit code 3) when the workers as a whole break down, and UsageError when called while this
    process is being started as a worker.
    """
    records = dict(_usable(known or {}, stamps, features))
    wanted = [stamp for stamp in stamps if stamp.path not in records]
    count = _Count(len(records), len(stamps), progress)
    work = Measuring(root, limits, places_of(features))
    if jobs:
        items = [Item(stamp.path, stamp.size_bytes) for stamp in wanted]
        results = supervised(work, items, jobs=jobs, limits=limits, finished=count)
    else:
        work.prepare_with(features)
        results = _here(work, [stamp.path for stamp in wanted], limits, count)
    for stamp, result in zip(wanted, results, strict=True):
        records[stamp.path] = _given_up(root, stamp.path, result, limits) if isinstance(result, Lost) else result
    return [records[stamp.path] for stamp in stamps]


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
    count = _Count(0, len(unique), None)
    if jobs:
        items = [Item(path, _size_bytes(root, path)) for path in unique]
        results = supervised(work, items, jobs=jobs, limits=limits, finished=count)
    else:
        results = _here(work, unique, limits, count)
    return dict(zip(unique, results, strict=True))


def _here(work: Work[T], paths: Sequence[str], limits: Limits, count: "_Count") -> list[T | Lost]:
    results: list[T | Lost] = []
    for path in paths:
        try:
            results.append(work.on(path, no_claim))
        except MemoryError:
            results.append(Lost("memory", {"limit": limits.max_worker_memory_bytes}))
        count(1)
    return results


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


def _usable(
    known: Mapping[str, Record], stamps: Sequence[FileStamp], features: Sequence[Feature]
) -> list[tuple[str, Record]]:
    keys = {feature.key for feature in features}
    found: list[tuple[str, Record]] = []
    for stamp in stamps:
        record = known.get(stamp.path)
        if record is None or (isinstance(record, Measured) and not keys <= record.features.keys()):
            continue
        found.append((stamp.path, record))
    return found


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
