"""A worker process: how it guards itself and its surroundings, and its loop over the files of a task.

Workers are started by spawn on every system: a fork of a process with threads is unsafe, and a fork server keeps the
environment of its first start. The environment makes them ignore the current folder when they import
(`PYTHONSAFEPATH`, the same as `-P`).
"""

import contextlib
import faulthandler
import mmap
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from typing import Any, Final

from PIL import AvifImagePlugin

from tagmetry.extraction.limits import Limits
from tagmetry.extraction.marks import Marks
from tagmetry.extraction.work import Work

ENVIRONMENT: Final = {
    # A dataset may hold a yaml.py or PIL.py, and the current folder may be the dataset.
    "PYTHONSAFEPATH": "1",
    # One worker is one core; libraries that start threads of their own would only fight.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


@contextlib.contextmanager
def worker_environment() -> Iterator[None]:
    """The environment that workers inherit, for as long as any may be started."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Place:
    """What this process works on. Pebble calls plain functions, so it is kept in the module."""

    work: Work[Any]
    marks: Marks
    pixels_at_once: int


def start(work: Work[Any], marks: Marks, limits: Limits) -> None:
    """Called once in each new worker, before its first task."""
    # Pebble's handler runs Python code, which a decoder that hangs never gets to.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _silence()
    _end_with_parent()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    _Place.work = work
    _Place.marks = marks
    _Place.pixels_at_once = 2 * limits.max_pixels
    marks.came_to_work()
    work.prepare()
    # Last, since the limit is on what comes on top of the libraries.
    _limit_resources(limits.max_worker_memory_bytes)


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """In place of the result of a file that took more memory than the worker may have."""


def run(slot: int, paths: tuple[str, ...]) -> list[Any]:
    """One task: the results of its files in order."""
    results: list[Any] = []
    process = os.getpid()
    for number, path in enumerate(paths):
        _Place.marks.at_file(slot, process, number)
        try:
            results.append(_Place.work.on(path, lambda pixels: _claim(slot, pixels)))
        except MemoryError:
            results.append(OutOfMemory())
    _Place.marks.at_file(slot, process, len(paths))
    return results


def _claim(slot: int, pixels: int) -> None:
    _Place.marks.claim(slot, pixels, at_most=_Place.pixels_at_once)


def _silence() -> None:
    """Decoders and plugins that print (libtiff does, and so does a crash) must not mix with the run's own output."""
    faulthandler.disable()
    reading, writing = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY)
    os.dup2(reading, 0)
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    os.close(reading)
    os.close(writing)
    if sys.platform == "win32":
        import msvcrt

        # Else a crash waits for somebody to close its dialog.
        msvcrt.SetErrorMode(
            msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOGPFAULTERRORBOX | msvcrt.SEM_NOOPENFILEERRORBOX
        )


def _limit_resources(memory_bytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    # A crash must not leave its memory image in the current folder, which may be the dataset.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    mapped = _mapped_bytes()
    if mapped is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = mapped + memory_bytes
    for present in (soft, hard):
        if present != resource.RLIM_INFINITY:
            wanted = min(wanted, present)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _mapped_bytes() -> int | None:
    """Address space in use; None where the system does not tell (macOS, which does not keep the limit either)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
            return int(file.read().split()[0]) * mmap.PAGESIZE
    except OSError:
        return None


def _end_with_parent() -> None:
    """A killed parent must not leave workers behind, busy ones included."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
