"""Where the cache lies, who may read it, and the lock that lets several runs share it."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs

FILE_NAME: Final = "features.sqlite3"
LOCK_NAME: Final = "features.lock"
LOCK_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 0.05


def cache_folder(chosen: Path | None) -> Path:
    """The chosen folder, else the platform's cache folder of the user."""
    return chosen if chosen is not None else Path(platformdirs.user_cache_dir("tagmetry", appauthor=False))


def prepare(folder: Path) -> None:
    """Make the folder, readable by its owner alone. Raises OSError, also for one that others may write to."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.is_symlink():
        raise OSError(f"{folder} is a link")
    if sys.platform == "win32":
        return
    status = folder.stat()
    if status.st_uid != os.getuid():
        raise OSError(f"{folder} belongs to another user")
    if status.st_mode & 0o022:
        raise OSError(f"{folder} may be written to by other users")


@contextlib.contextmanager
def locked(folder: Path, seconds: float = LOCK_SECONDS) -> Iterator[bool]:
    """Hold the cache's lock; gives false when another run kept it for the whole time.

    The system frees the lock of a process that dies, so no stale lock can stay.
    """
    with (folder / LOCK_NAME).open("a+b") as file:
        deadline = time.monotonic() + seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                yield False
                return
            time.sleep(_RETRY_SECONDS)
        try:
            yield True
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
