"""Reading one file of a dataset without following links, waiting on special files or taking half-written content.

Folders are opened one below the other, so that a folder that is swapped for a link during the run leads nowhere.
"""

import errno
import hashlib
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tagmetry.extraction.records import Refused, refused

_O_BINARY: Final = getattr(os, "O_BINARY", 0)
_O_CLOEXEC: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
_O_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
# A pipe opened without it waits for a writer that may never come.
_O_NONBLOCK: Final = getattr(os, "O_NONBLOCK", 0)
_FILE_FLAGS: Final = os.O_RDONLY | _O_BINARY | _O_CLOEXEC | _O_NOFOLLOW | _O_NONBLOCK
_FOLDER_FLAGS: Final = os.O_RDONLY | _O_CLOEXEC | _O_NOFOLLOW | getattr(os, "O_DIRECTORY", 0)
_BY_FOLDER: Final = os.open in os.supports_dir_fd and bool(_O_NOFOLLOW)

ATTEMPTS: Final = 3
"""How often a file is read that changes meanwhile, or whose share stumbles."""

_PAUSE_SECONDS: Final = 0.2
_PASSING: Final = {
    number
    for name in ("EIO", "ESTALE", "EAGAIN", "EINTR", "ETIMEDOUT", "ECONNRESET", "EHOSTDOWN", "EHOSTUNREACH")
    if (number := getattr(errno, name, None)) is not None
}
_WINDOWS_LONGEST_PATH: Final = 240


@dataclass(frozen=True, slots=True)
class Bytes:
    """The whole content of a file and its SHA-256."""

    data: bytes
    digest: bytes


def read_file(root: Path, path: str, *, max_bytes: int) -> Bytes:
    """The content of a regular file below the root; `path` is relative with forward slashes.

    A link is followed if its target lies below the root. Raises Refused, of kind unreachable, for what cannot be
    read, of kind oversized beyond `max_bytes` (decided before reading) and `unreadable/empty` for an empty file.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            data = _read_once(root, path, max_bytes)
        except OSError as error:
            if error.errno not in _PASSING or attempt == ATTEMPTS:
                raise _unreachable(root, path, error) from error
        except ValueError as error:
            # A name with a NUL or a lone surrogate, which no file can have.
            raise refused("unreachable", "io-error", lasting=False, reason=str(error)) from error
        else:
            if data is not None:
                return _whole(data)
        if attempt < ATTEMPTS:
            time.sleep(_PAUSE_SECONDS * attempt)
    raise refused("unreachable", "changed", lasting=False)


def _whole(data: bytes) -> Bytes:
    if not data:
        raise refused("unreadable", "empty")
    return Bytes(data, hashlib.sha256(data).digest())


def _read_once(root: Path, path: str, max_bytes: int) -> bytes | None:
    """None if the file changed while it was read."""
    descriptor = _opened(root, path)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise refused("unreachable", "not-regular", lasting=False)
        if before.st_size > max_bytes:
            raise refused("oversized", "too-large", lasting=False, size=before.st_size, limit=max_bytes)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(before.st_size + 1)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if same and len(data) == before.st_size else None


def _opened(root: Path, path: str) -> int:
    if not _BY_FOLDER:
        return os.open(_checked_by_name(root, path), _FILE_FLAGS)
    try:
        return _opened_below(root, path)
    except OSError as error:
        # Only a link gives these; Linux says ENOTDIR when a folder on the way is one.
        if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
            raise
        inside = _target_inside(root, path)
        if inside == path:
            raise
        return _opened_below(root, inside)


def _opened_below(root: Path, path: str) -> int:
    """Opened folder by folder, none of them a link."""
    *folders, name = _parts(path)
    # The root itself was chosen by the user and may be reached through a link.
    folder = os.open(root, _FOLDER_FLAGS & ~_O_NOFOLLOW)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Opening can already have an effect on a device, so it is looked at first.
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            raise refused("unreachable", "not-regular", lasting=False)
        return os.open(name, _FILE_FLAGS, dir_fd=folder)
    finally:
        os.close(folder)


def _checked_by_name(root: Path, path: str) -> str:
    """For systems without handles on folders: the real path, below the root and regular."""
    real = os.path.join(os.path.realpath(root), *_target_inside(root, path).split("/"))  # noqa: PTH118 - text for \\?\
    if sys.platform == "win32" and len(real) > _WINDOWS_LONGEST_PATH and not real.startswith("\\\\"):
        real = "\\\\?\\" + real
    if not stat.S_ISREG(os.lstat(real).st_mode):
        raise refused("unreachable", "not-regular", lasting=False)
    return real


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise refused("unreachable", "outside-root", lasting=False)
    return parts


def _target_inside(root: Path, path: str) -> str:
    """Where the path really leads, relative to the root. Raises Refused if that is outside."""
    base = os.path.realpath(root)
    target = os.path.realpath(os.path.join(base, *_parts(path)), strict=True)  # noqa: PTH118
    try:
        inside = os.path.commonpath([base, target]) == base
    except ValueError:
        # Another drive.
        inside = False
    if not inside:
        raise refused("unreachable", "outside-root", lasting=False)
    return os.path.relpath(target, base).replace(os.sep, "/")


def _unreachable(root: Path, path: str, error: OSError) -> Refused:
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.EACCES, errno.EPERM) and getattr(error, "winerror", None) != _SHARING_VIOLATION:
        return refused("unreachable", "no-permission", lasting=False, reason=reason)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if os.path.islink(os.path.join(root, *path.split("/"))):  # noqa: PTH114, PTH118
            return refused("unreachable", "broken-link", lasting=False)
        return refused("unreachable", "vanished", lasting=False, reason=reason)
    if error.errno == errno.ELOOP:
        return refused("unreachable", "symlink-loop", lasting=False)
    if error.errno == errno.ENAMETOOLONG:
        return refused("unreachable", "too-long", lasting=False)
    if error.errno == errno.EISDIR:
        return refused("unreachable", "not-regular", lasting=False)
    return refused("unreachable", "io-error", lasting=False, reason=reason)


# Windows' EACCES for a file that another program holds; permissions are not what is wrong.
_SHARING_VIOLATION: Final = 32
