"""Looking after the cache: how large it is, whether it is sound, and how to be rid of it."""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from tagmetry.cache.cells import DamagedCell, Layout, cells_from, checksum, problem_of
from tagmetry.cache.place import FILE_NAME, LOCK_NAME, cache_folder, locked
from tagmetry.cache.store import connect
from tagmetry.messages import Message, message


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """`n_files` known files, `n_images` distinct contents, bytes on disk."""

    n_files: int
    n_images: int
    size_bytes: int


def describe_cache(chosen: Path | None) -> CacheFacts:
    """What the cache holds; zeros where there is none or it cannot be read (`check_cache` says why)."""
    folder = cache_folder(chosen)
    size = sum(file.stat().st_size for file in _files(folder))
    if not (folder / FILE_NAME).is_file():
        return CacheFacts(0, 0, size)
    try:
        with contextlib.closing(connect(folder / FILE_NAME)) as connection:
            (n_files,) = connection.execute("SELECT count(*) FROM file").fetchone()
            (n_images,) = connection.execute("SELECT count(DISTINCT digest) FROM content").fetchone()
    except sqlite3.Error:
        return CacheFacts(0, 0, size)
    return CacheFacts(n_files, n_images, size)


def check_cache(chosen: Path | None) -> tuple[Message, ...]:
    """Everything that is wrong with the cache: its pages, and each cell. Empty for a sound one or none."""
    path = cache_folder(chosen) / FILE_NAME
    if not path.is_file():
        return ()
    problems = []
    try:
        with contextlib.closing(connect(path)) as connection:
            for (line,) in connection.execute("PRAGMA integrity_check"):
                if line != "ok":
                    problems.append(message("the cache file is damaged: {reason}", reason=str(line)))
            layouts = dict(connection.execute("SELECT id, fields FROM layout").fetchall())
            for digest, layout, crc, cell in connection.execute("SELECT digest, layout_id, crc, cell FROM content"):
                try:
                    _check(digest, layouts[layout] if layout is not None else None, crc, cell)
                except (DamagedCell, KeyError) as error:
                    text = message(
                        "the entry {digest} is damaged: {reason}", digest=digest.hex()[:16], reason=str(error)
                    )
                    problems.append(text)
    except sqlite3.Error as error:
        problems.append(message("the cache file cannot be read: {reason}", reason=str(error)))
    return tuple(problems)


def _check(digest: bytes, layout: str | None, crc: int, cell: bytes) -> None:
    """Raises DamagedCell."""
    if checksum(cell) != crc:
        raise DamagedCell("checksum")
    if layout is None:
        problem_of(cell, digest)
    else:
        cells_from([cell], Layout.read(layout))


def clear_cache(chosen: Path | None) -> int:
    """Remove the cache's own files, and nothing else; the bytes that were freed. Raises OSError."""
    folder = cache_folder(chosen)
    if not folder.is_dir():
        return 0
    freed = 0
    with locked(folder):
        for file in _files(folder):
            freed += file.stat().st_size
            file.unlink()
    return freed


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.glob(f"{FILE_NAME}*") if file.is_file() and file.name != LOCK_NAME)
