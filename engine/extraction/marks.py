"""Progress marks in memory that workers share with the process that started them.

Every task has a slot of three numbers: the worker's process id, the number of the file it is at, and the pixels it
decodes (negative while it waits for room). A worker that dies or hangs leaves its mark behind, and the mark says
which file did it. Workers write, the parent reads and clears; no lock can be lost with a worker.
"""

import ctypes
import time
from multiprocessing.context import BaseContext
from typing import Any, Final, NamedTuple

_FIELDS: Final = 3
_PROCESS, _FILE, _PIXELS = range(_FIELDS)
_PAUSE_SECONDS: Final = 0.005
_NOT_BEGUN: Final = -1
_UNCOUNTED_PIXELS: Final = 2_000_000


class Mark(NamedTuple):
    """Where a task is: `file` counts from 0 and is -1 before the first and the number of files after the last."""

    process: int
    file: int
    pixels: int

    @property
    def waits(self) -> bool:
        return self.pixels < 0


NO_MARK: Final = Mark(0, _NOT_BEGUN, 0)


class Marks:
    """The slots of all tasks under way."""

    def __init__(self, slots: int, context: BaseContext) -> None:
        self._slots = slots
        # One number more than the slots need: whether any worker ever came to work.
        self._numbers: Any = context.RawArray(ctypes.c_longlong, slots * _FIELDS + 1)

    def clear(self, slot: int) -> None:
        self._put(slot, _PIXELS, 0)
        self._put(slot, _PROCESS, 0)
        self._put(slot, _FILE, _NOT_BEGUN)

    def read(self, slot: int) -> Mark:
        at = slot * _FIELDS
        return Mark(*self._numbers[at : at + _FIELDS])

    def at_file(self, slot: int, process: int, file: int) -> None:
        self._put(slot, _PIXELS, 0)
        self._put(slot, _FILE, file)
        self._put(slot, _PROCESS, process)

    def claim(self, slot: int, pixels: int, *, at_most: int) -> None:
        """Wait until all workers together decode at most `at_most` pixels; a lone picture always has room.

        The claim ends with the file.
        """
        if pixels < _UNCOUNTED_PIXELS:
            return
        self._put(slot, _PIXELS, -pixels)
        while not self._fits(slot, pixels, at_most):
            time.sleep(_PAUSE_SECONDS)
        self._put(slot, _PIXELS, pixels)

    def _fits(self, slot: int, pixels: int, at_most: int) -> bool:
        asked = self._numbers[_PIXELS : self._slots * _FIELDS : _FIELDS]
        held = sum(number for other, number in enumerate(asked) if other != slot and number > 0)
        # Of those that wait the lowest slot goes first, so that two never let each other pass for ever.
        first = all(number >= 0 for number in asked[:slot])
        return held == 0 or (first and held + pixels <= at_most)

    def came_to_work(self) -> None:
        self._numbers[self._slots * _FIELDS] = 1

    @property
    def anybody_came(self) -> bool:
        return bool(self._numbers[self._slots * _FIELDS])

    def _put(self, slot: int, field: int, number: int) -> None:
        self._numbers[slot * _FIELDS + field] = number
