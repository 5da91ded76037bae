"""Reading and writing the cache: SQLite in WAL mode, rows in path order, one writing connection at a time.

A file is recognized by path, size, times and inode. Like git and borg we do not trust a file that was changed in the
last moments before it was measured: its clock may stand still while its content changes.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import PIL
from PIL import features as pillow_features

from tagmetry.cache.cells import DamagedCell, packed, unpacked
from tagmetry.cache.place import FILE_NAME, cache_folder, locked, prepare
from tagmetry.extraction.records import FileStamp, Measured, Record, Unusable
from tagmetry.feature import Feature
from tagmetry.messages import Message, message

APPLICATION_ID: Final = 0x54474D31
SCHEMA_VERSION: Final = 2
RACE_NS: Final = 2_000_000_000
"""A file changed less than this before it was measured is measured again; two seconds is the coarsest clock (FAT)."""

ROWS_PER_COMMIT: Final = 2000
_MEASURING: Final = 4
"""Raise when reading, decoding, the working picture or the kind in which figures are stored change in a way that
features do not know of."""

# Paths are bytes, as the file system has them: a name need not be UTF-8, which SQLite's texts are.
_SCHEMA: Final = """
CREATE TABLE root (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE feature (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE file (
    id INTEGER PRIMARY KEY, root_id INTEGER NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,
    measured_ns INTEGER NOT NULL, digest BLOB NOT NULL, UNIQUE (root_id, path)
);
CREATE TABLE record (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, decoder TEXT NOT NULL, cell BLOB NOT NULL, UNIQUE (digest, decoder)
);
"""


def decoder_versions() -> str:
    """What besides the file decides the features: our measuring, Pillow and its codecs."""
    codecs = [f"{name}={pillow_features.version(name)}" for name in ("jpg", "zlib", "webp", "avif", "libtiff")]
    return ";".join([f"measuring={_MEASURING}", f"pillow={PIL.__version__}", *codecs])


@dataclass(slots=True)
class FeatureCache:
    """An open cache. Every failure turns it off with a notice; a run never fails because of its cache."""

    folder: Path
    connection: sqlite3.Connection | None
    notices: list[Message] = field(default_factory=list)

    def known(self, root: Path, stamps: Sequence[FileStamp], features: Sequence[Feature]) -> dict[str, Record]:
        """Records of files that are the same as when they were measured and have all the features."""
        if self.connection is None:
            return {}
        try:
            return self._known(self.connection, root, stamps, {feature.key for feature in features})
        except sqlite3.Error as error:
            self._set_aside(error)
            return {}

    def store(
        self, root: Path, stamps: Sequence[FileStamp], records: Sequence[Record], features: Sequence[Feature]
    ) -> None:
        """Keep what was measured in this run."""
        if self.connection is None:
            return
        rows = [
            (stamp, record)
            for stamp, record in zip(stamps, records, strict=True)
            if record.digest and (record.lasting if isinstance(record, Unusable) else not record.failures)
        ]
        try:
            for start in range(0, len(rows), ROWS_PER_COMMIT):
                with locked(self.folder) as mine:
                    if not mine:
                        self._off(message("another run kept the feature cache for 30 s; this run stores nothing"))
                        return
                    self._write(self.connection, root, rows[start : start + ROWS_PER_COMMIT])
        except (sqlite3.Error, OSError) as error:
            self._off(
                message("the feature cache could not be written ({reason}); this run stores nothing", reason=str(error))
            )

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _known(
        self, connection: sqlite3.Connection, root: Path, stamps: Sequence[FileStamp], needed: set[str]
    ) -> dict[str, Record]:
        keys = dict(connection.execute("SELECT id, key FROM feature").fetchall())
        wanted = {stamp.path: stamp for stamp in stamps}
        found: dict[str, Record] = {}
        rows = connection.execute(
            "SELECT file.path, size, mtime_ns, ctime_ns, inode, device, measured_ns, file.digest, record.cell "
            "FROM file JOIN root ON root.id = file.root_id "
            "JOIN record ON record.digest = file.digest AND record.decoder = ? WHERE root.path = ?",
            (decoder_versions(), os.fsencode(root)),
        )
        damaged = 0
        for raw_path, size, mtime_ns, ctime_ns, inode, device, measured_ns, digest, cell in rows:
            path = os.fsdecode(raw_path)
            stamp = wanted.get(path)
            if stamp is None or stamp != FileStamp(path, size, mtime_ns, ctime_ns, inode, device):
                continue
            if mtime_ns + RACE_NS >= measured_ns:
                continue
            try:
                record = unpacked(cell, digest, keys)
            except DamagedCell:
                damaged += 1
                continue
            if isinstance(record, Unusable) or needed <= set(record.features):
                found[path] = record
        if damaged:
            self.notices.append(message("{n:count} damaged entries of the feature cache are measured again", n=damaged))
        return found

    def _write(self, connection: sqlite3.Connection, root: Path, rows: Sequence[tuple[FileStamp, Record]]) -> None:
        now = time.time_ns()
        decoder = decoder_versions()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR IGNORE INTO root (path) VALUES (?)", (os.fsencode(root),))
            (root_id,) = connection.execute("SELECT id FROM root WHERE path = ?", (os.fsencode(root),)).fetchone()
            keys = sorted({key for _, record in rows if isinstance(record, Measured) for key in record.features})
            connection.executemany("INSERT OR IGNORE INTO feature (key) VALUES (?)", [(key,) for key in keys])
            numbers = {key: number for number, key in connection.execute("SELECT id, key FROM feature")}
            connection.executemany(
                "INSERT INTO record (digest, decoder, cell) VALUES (?, ?, ?) "
                "ON CONFLICT (digest, decoder) DO UPDATE SET cell = excluded.cell",
                [(record.digest, decoder, packed(record, numbers)) for _, record in rows],
            )
            connection.executemany(
                "INSERT INTO file (root_id, path, size, mtime_ns, ctime_ns, inode, device, measured_ns, digest) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root_id, path) DO UPDATE SET size = excluded.size, "
                "mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode, "
                "device = excluded.device, measured_ns = excluded.measured_ns, digest = excluded.digest",
                [
                    (
                        root_id,
                        os.fsencode(stamp.path),
                        stamp.size_bytes,
                        stamp.mtime_ns,
                        stamp.ctime_ns,
                        stamp.inode,
                        stamp.device,
                        now,
                        record.digest,
                    )
                    for stamp, record in rows
                ],
            )

    def _off(self, notice: Message) -> None:
        self.notices.append(notice)
        self.close()

    def _set_aside(self, error: sqlite3.Error) -> None:
        self.close()
        aside = set_aside(self.folder)
        self.notices.append(_damaged_notice(aside, error))


@contextlib.contextmanager
def open_cache(chosen: Path | None) -> Iterator[FeatureCache]:
    """The cache in the chosen or the platform's folder; one that stores nothing and says why, if it cannot be used."""
    folder = cache_folder(chosen)
    cache = _opened(folder)
    try:
        yield cache
    finally:
        cache.close()


def _opened(folder: Path) -> FeatureCache:
    notices: list[Message] = []
    try:
        prepare(folder)
    except OSError as error:
        notices.append(message("no feature cache is used: {reason}", reason=str(error)))
        return FeatureCache(folder, None, notices)
    for attempt in range(2):
        try:
            with locked(folder) as mine:
                if not mine:
                    notices.append(message("another run kept the feature cache for 30 s; this run goes without"))
                    return FeatureCache(folder, None, notices)
                return FeatureCache(folder, connect(folder / FILE_NAME), notices)
        except sqlite3.OperationalError as error:
            # A full disk or a read-only folder is no damage.
            notices.append(message("no feature cache is used: {reason}", reason=str(error)))
            return FeatureCache(folder, None, notices)
        except (sqlite3.Error, OSError) as error:
            if attempt:
                notices.append(message("no feature cache is used: {reason}", reason=str(error)))
                return FeatureCache(folder, None, notices)
            notices.append(_damaged_notice(set_aside(folder), error))
    raise AssertionError("unreachable")


def connect(path: Path) -> sqlite3.Connection:
    """Open and check a cache file, making it where there is none. Raises sqlite3.Error for one that is not ours."""
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    try:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if n_tables == 0:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA application_id={APPLICATION_ID}; "
                f"PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
            )
        elif (application_id, version) != (APPLICATION_ID, SCHEMA_VERSION) or not _has_our_schema(connection):
            raise sqlite3.DatabaseError("not a cache of this version")
        connection.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _has_our_schema(connection: sqlite3.Connection) -> bool:
    """No table, view or trigger besides ours, so that nothing foreign runs inside a query."""
    found = [
        text for (text,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    ]
    ours = [" ".join(part.split()) for part in _SCHEMA.split(";") if part.strip()]
    return [" ".join(text.split()) for text in found] == ours


def set_aside(folder: Path) -> Path:
    """Rename a damaged cache so that the next run starts anew; its side files go with it."""
    path = folder / FILE_NAME
    number = 1
    while (aside := folder / f"{FILE_NAME}.damaged-{number}").exists():
        number += 1
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).unlink()
    return aside


def _damaged_notice(aside: Path, error: Exception) -> Message:
    return message(
        "the feature cache was damaged or foreign ({reason}); it was set aside as {name} and is made anew",
        reason=str(error),
        name=aside.name,
    )
