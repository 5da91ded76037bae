"""Files shared out to worker processes, and what becomes of a file whose worker died, hung or ran out of memory.

Pebble's pool restarts workers and says that a task failed. Which file of the task did it is read from its mark. A file
whose worker died is tried once more alone, in a fresh worker; the other files of its task are done again one by one. A
file that takes too long by the parent's clock loses its worker and is not tried again.
"""

import math
import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from typing import Any, Final, Generic, TypeVar

from tagmetry.errors import TagmetryError, UsageError
from tagmetry.extraction import worker
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.marks import NO_MARK, Mark, Marks
from tagmetry.extraction.work import Work
from tagmetry.messages import Value, message

T = TypeVar("T")

ALONE_FROM_BYTES: Final = 256 * 1024
"""Files from this size on are tasks of their own."""

BATCH_FILES: Final = 64
"""Smaller files travel together, at most so many."""

BYTES_IN_FLIGHT: Final = 512 * 1024 * 1024
"""Size of the files of all submitted tasks; a larger file goes alone."""

BYTES_PER_WORKER: Final = 8 * 1024 * 1024
BYTES_PER_FILE: Final = 32 * 1024
"""How much work, in bytes of files and their number, makes a further worker worth its start of a third of a second."""

TASKS_PER_WORKER: Final = 2
"""One at work and one waiting, so that no worker idles."""

RECYCLED_AFTER_TASKS: Final = 1000

MOST_LOST_SHARE: Final = 0.05
MOST_LOST_FLOOR: Final = 10
MOST_LOST_IN_A_ROW: Final = 50
"""More than this share of the files, and than the floor, or more than so many one after the other: something else
than the files is broken."""

MOST_RESTARTS: Final = 3
"""Of the whole pool, without a result in between."""

_TICK_SECONDS: Final = 0.2
_MISSING_SECONDS: Final = 1.0
_START_SECONDS: Final = 60.0
_MOST_TRIES_ALONE: Final = 3


class ExtractionError(TagmetryError):
    """Measuring broke down as a whole: the run is incomplete."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of a result: the code and values of a problem of kind decoder."""

    code: str
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Item:
    """One file to work on."""

    path: str
    size_bytes: int


GUARD: Final = 'if __name__ == "__main__":'


def check_not_starting() -> None:
    """Raises UsageError while this process is still being started as somebody's worker.

    That is so when a script that starts workers is imported by them, and it would start workers without end.
    """
    if getattr(multiprocessing.process.current_process(), "_inheriting", False):
        raise UsageError(
            message(
                "workers import the script that starts them, and this one would start more: "
                "put its call below the line  {guard}",
                guard=GUARD,
            ),
            message("or use jobs=0, which needs no workers"),
        )


def workers_for(items: Sequence[Item], jobs: int) -> int:
    """How many workers are worth starting."""
    total = sum(item.size_bytes + BYTES_PER_FILE for item in items)
    return max(1, min(jobs, len(items), 1 + total // BYTES_PER_WORKER))


@dataclass(slots=True, eq=False)
class _Task:
    """Some files under way together, by their numbers. `since` is when the mark last moved, by the parent's clock."""

    numbers: tuple[int, ...]
    size_bytes: int
    alone: bool = False
    tries: int = 0
    slot: int = -1
    mark: Mark = NO_MARK
    since: float = 0.0
    missing_since: float | None = None


def supervised(
    work: Work[T],
    items: Sequence[Item],
    *,
    jobs: int,
    limits: Limits,
    receive: Callable[[int, T | Lost], None],
) -> None:
    """Hand the result for each item with its number to `receive`, each once, as they come in.

    Raises ExtractionError when workers cannot be started or too many are lost, UsageError in a starting child.
    """
    check_not_starting()
    if not items:
        return
    with worker.worker_environment():
        supervision = _Supervision(work, items, workers_for(items, jobs), limits, receive)
        try:
            supervision.run()
        finally:
            supervision.stop()


@dataclass(slots=True)
class _Supervision(Generic[T]):
    work: Work[T]
    items: Sequence[Item]
    workers: int
    limits: Limits
    receive: Callable[[int, T | Lost], None]
    _waiting: deque[_Task] = field(default_factory=deque, init=False)
    _suspects: deque[_Task] = field(default_factory=deque, init=False)
    _running: dict["Future[Any]", _Task] = field(default_factory=dict, init=False)
    _free_slots: list[int] = field(default_factory=list, init=False)
    _left_slots: list[tuple[int, int]] = field(default_factory=list, init=False)
    # Parts of pebble are not annotated, and its idea of a context is not Windows'.
    _context: Any = field(init=False)
    _pool: Any = field(default=None, init=False)
    _lone_pool: Any = field(default=None, init=False)
    _marks: Marks = field(init=False)
    _lost: int = field(default=0, init=False)
    _lost_in_a_row: int = field(default=0, init=False)
    _restarts: int = field(default=0, init=False)
    _moved: float = field(default_factory=time.monotonic, init=False)

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        # Twice as many as tasks, since a slot is only used again once the worker that writes to it is gone.
        slots = 2 * (self.workers * TASKS_PER_WORKER + 1)
        self._marks = Marks(slots, self._context)
        self._free_slots = list(range(slots))
        self._waiting.extend(_tasks(self.items, self.workers))

    def run(self) -> None:
        while self._waiting or self._suspects or self._running:
            self._submit()
            done, _ = wait(self._running, timeout=_TICK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                # A pool that breaks takes all its tasks along.
                if future in self._running:
                    self._collect(future)
            self._watch()

    def stop(self) -> None:
        """End all workers at once; what they were doing is lost."""
        pools = [pool for pool in (self._pool, self._lone_pool) if pool is not None]
        self._pool = self._lone_pool = None
        for pool in pools:
            pool.stop()
        for pool in pools:
            pool.join()

    def _submit(self) -> None:
        if self._suspects and self._free_slots and not any(task.alone for task in self._running.values()):
            self._schedule(self._suspects.popleft())
        while self._waiting and self._free_slots:
            usual = [task for task in self._running.values() if not task.alone]
            in_flight = sum(task.size_bytes for task in usual)
            if len(usual) >= self.workers * TASKS_PER_WORKER:
                return
            if usual and in_flight + self._waiting[0].size_bytes > BYTES_IN_FLIGHT:
                return
            self._schedule(self._waiting.popleft())

    def _schedule(self, task: _Task) -> None:
        task.slot = self._free_slots.pop()
        self._marks.clear(task.slot)
        task.mark, task.missing_since = self._marks.read(task.slot), None
        task.since = self._moved = time.monotonic()
        paths = tuple(self.items[number].path for number in task.numbers)
        try:
            with _interrupts_kept_from_children():
                future = self._pool_for(task).schedule(worker.run, args=(task.slot, paths))
        except (RuntimeError, OSError):
            self._free_slots.append(task.slot)
            self._put_back(task)
            self._restart()
            return
        self._running[future] = task

    def _pool_for(self, task: _Task) -> Any:
        """Suspects get a pool with a fresh worker for each, so that only the file itself can be to blame."""
        if task.alone:
            if self._lone_pool is None:
                self._lone_pool = self._new_pool(workers=1, max_tasks=1)
            return self._lone_pool
        if self._pool is None:
            self._pool = self._new_pool(workers=self.workers, max_tasks=RECYCLED_AFTER_TASKS)
        return self._pool

    def _new_pool(self, *, workers: int, max_tasks: int) -> Any:
        # Imported here: it takes a tenth of a second, and where nothing is new nothing is measured.
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=workers,
            max_tasks=max_tasks,
            initializer=worker.start,
            initargs=(self.work, self._marks, self.limits),
            context=self._context,
        )

    def _collect(self, future: "Future[Any]") -> None:
        error = CancelledError() if future.cancelled() else future.exception()
        if isinstance(error, BrokenProcessPool | CancelledError):
            self._restart()
            return
        task = self._taken(future)
        self._free_slots.append(task.slot)
        if error is None:
            for number, result in zip(task.numbers, future.result(), strict=True):
                if isinstance(result, worker.OutOfMemory):
                    self.receive(number, Lost("memory", {"limit": self.limits.max_worker_memory_bytes}))
                else:
                    self.receive(number, result)
            self._restarts = self._lost_in_a_row = 0
        else:
            from pebble import ProcessExpired

            code = error.exitcode if isinstance(error, ProcessExpired) else None
            self._died(task, _ending(code) if code is not None else type(error).__name__)

    def _taken(self, future: "Future[Any]") -> _Task:
        """The task, no longer running, with the last mark that its worker left."""
        task = self._running.pop(future)
        task.mark = self._marks.read(task.slot)
        self._moved = time.monotonic()
        return task

    def _cancelled(self, future: "Future[Any]") -> _Task | None:
        """Take a task away from its worker, which pebble then ends; None if it has just finished by itself."""
        if not future.cancel():
            return None
        process = self._running[future].mark.process
        task = self._taken(future)
        self._left_slots.append((task.slot, process))
        return task

    def _watch(self) -> None:
        now = time.monotonic()
        alive = {child.pid for child in multiprocessing.active_children()}
        self._free_slots.extend(slot for slot, process in self._left_slots if process not in alive)
        self._left_slots = [(slot, process) for slot, process in self._left_slots if process in alive]
        for future, task in list(self._running.items()):
            if future.done():
                continue
            mark = self._marks.read(task.slot)
            # The time that a worker waits for its turn is not the file's.
            if mark != task.mark or mark.waits:
                task.mark = mark
                task.since = self._moved = now
            if mark.process and mark.process not in alive:
                self._look_for(future, task, now)
            elif 0 <= mark.file < len(task.numbers) and now - task.since > self.limits.max_seconds:
                self._hung(future)
        if self._running and now - self._moved > self.limits.max_seconds + _START_SECONDS:
            self._restart()

    def _look_for(self, future: "Future[Any]", task: _Task, now: float) -> None:
        """Pebble does not notice a worker that ends with exit code 0, nor always one that ends at once."""
        if task.missing_since is None:
            task.missing_since = now
        elif now - task.missing_since > _MISSING_SECONDS:
            lost = self._cancelled(future)
            if lost is not None:
                self._died(lost, "")

    def _hung(self, future: "Future[Any]") -> None:
        task = self._cancelled(future)
        if task is None:
            return
        at = min(max(task.mark.file, 0), len(task.numbers) - 1)
        self._give_up(task.numbers[at], Lost("timeout", {"seconds": self.limits.max_seconds}))
        self._one_by_one(number for number in task.numbers if number != task.numbers[at])

    def _died(self, task: _Task, ending: str) -> None:
        """`ending` is empty where it is not known how the worker ended."""
        task.tries += 1
        if task.alone and not ending and task.tries < _MOST_TRIES_ALONE:
            self._put_back(task)
        elif task.alone:
            self._give_up(task.numbers[0], Lost("crash", {"signal": ending or _ending(0)}))
        elif task.mark.file < 0:
            # It ended before it came to a file, so none is to blame.
            self._put_back(task)
            self._count_restart()
        else:
            blamed = task.numbers[min(task.mark.file, len(task.numbers) - 1)]
            self._suspects.append(_Task((blamed,), self.items[blamed].size_bytes, alone=True))
            self._one_by_one(number for number in task.numbers if number != blamed)

    def _one_by_one(self, numbers: Iterable[int]) -> None:
        self._waiting.extendleft(
            _Task((number,), self.items[number].size_bytes) for number in sorted(numbers, reverse=True)
        )

    def _put_back(self, task: _Task) -> None:
        (self._suspects if task.alone else self._waiting).appendleft(task)

    def _give_up(self, number: int, lost: Lost) -> None:
        self.receive(number, lost)
        self._lost += 1
        self._lost_in_a_row += 1
        n = len(self.items)
        if self._lost > max(MOST_LOST_FLOOR, MOST_LOST_SHARE * n) or self._lost_in_a_row > MOST_LOST_IN_A_ROW:
            raise ExtractionError(
                message(
                    "{lost:count} of {n:count} files made their worker process crash or hang; "
                    "the decoder or this machine seems broken",
                    lost=self._lost,
                    n=n,
                ),
                message("the last one was {path}; tagmetry doctor shows the decoders", path=self.items[number].path),
            )

    def _restart(self) -> None:
        """Start over with new pools. Files whose workers are gone are suspects; the others are simply done again."""
        self._count_restart()
        alive = {child.pid for child in multiprocessing.active_children()}
        running = [self._taken(future) for future in list(self._running)]
        self.stop()
        self._left_slots.extend((task.slot, task.mark.process) for task in running)
        for task in running:
            if task.mark.process and task.mark.process not in alive:
                self._died(task, "")
            else:
                self._put_back(task)

    def _count_restart(self) -> None:
        if not self._marks.anybody_came:
            raise ExtractionError(
                message(
                    "the worker processes end before they come to work; "
                    "a script that starts them needs its call below the line  {guard}",
                    guard=GUARD,
                ),
                message("jobs=0 measures without workers"),
            )
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            raise ExtractionError(
                message("the worker processes keep ending, whatever file they are given"),
                message("tagmetry doctor shows the decoders; is there enough memory?"),
            )


def _tasks(items: Sequence[Item], workers: int) -> Iterator[_Task]:
    """Large files alone, small ones in batches, in order; several batches per worker even for a few files."""
    small = sum(item.size_bytes < ALONE_FROM_BYTES for item in items)
    most = max(1, min(BATCH_FILES, math.ceil(small / (4 * workers))))
    batch: list[int] = []
    for number, item in enumerate(items):
        if item.size_bytes >= ALONE_FROM_BYTES:
            yield _Task((number,), item.size_bytes)
            continue
        batch.append(number)
        if len(batch) == most:
            yield _batched(batch, items)
            batch = []
    if batch:
        yield _batched(batch, items)


def _batched(numbers: Sequence[int], items: Sequence[Item]) -> _Task:
    return _Task(tuple(numbers), sum(items[number].size_bytes for number in numbers))


def _ending(code: int) -> str:
    """How a process ended: a signal's name, Windows' status in hex, or the exit code."""
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"0x{code:08X}" if code >= 0xC0000000 else f"exit code {code}"


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl-C reaches every process at a terminal; only the parent is to act on it, and ends the others.

    Children inherit the mask of the thread that starts them, pebble's threads that of the first task's submission.
    """
    if sys.platform == "win32":
        yield
        return
    # It would be started within, and the standard library lets the signal through again in the thread that does it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
