"""Reading and writing the cache: SQLite in WAL mode, rows in path order, one writing connection at a time.

A file is recognized by path, size, times and inode, and so is its content without reading it. Like git and borg we do
not trust a file that was changed in the last moments before it was listed: its clock may stand still while its content
changes. What was measured is filed under the content, so a file that was moved or copied is only read.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import PIL
from PIL import features as pillow_features

from tagmetry.cache.cells import (
    Cells,
    DamagedCell,
    Layout,
    cells_from,
    checksum,
    joined,
    packed_problem,
    packed_rows,
    problem_of,
    put_cells,
)
from tagmetry.cache.place import FILE_NAME, cache_folder, locked, prepare
from tagmetry.columns import Rows
from tagmetry.extraction.records import FileStamp
from tagmetry.extraction.table import DIGEST_BYTES, Table
from tagmetry.feature import Feature
from tagmetry.messages import Message, Plural, message

APPLICATION_ID: Final = 0x54474D31
SCHEMA_VERSION: Final = 5
RACE_NS: Final = 2_000_000_000
"""A file changed less than this before it was measured is measured again; two seconds is the coarsest clock (FAT)."""

ROWS_PER_COMMIT: Final = 2000
ROWS_AT_ONCE: Final = 4000
"""Rows that are read before they become columns."""

PAIR_KEY_BYTES: Final = 16

_PAGE_BYTES: Final = 16384
"""A cell with a view of a picture has seven kilobytes, and is read at once if it lies on one page."""

_MEASURING: Final = 4
"""Raise when reading, decoding, the working picture or the kind in which figures are stored change in a way that
features do not know of."""

# Paths are bytes, as the file system has them: a name need not be UTF-8, which SQLite's texts are.
_SCHEMA: Final = """
CREATE TABLE root (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE decoder (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE);
CREATE TABLE layout (id INTEGER PRIMARY KEY, fields TEXT NOT NULL UNIQUE);
CREATE TABLE file (
    id INTEGER PRIMARY KEY, root_id INTEGER NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,
    listed_ns INTEGER NOT NULL, digest BLOB NOT NULL, UNIQUE (root_id, path)
);
CREATE TABLE content (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, decoder_id INTEGER NOT NULL, size INTEGER NOT NULL,
    layout_id INTEGER, crc INTEGER NOT NULL, cell BLOB NOT NULL, UNIQUE (digest, decoder_id)
);
CREATE TABLE caption (
    id INTEGER PRIMARY KEY, root_id INTEGER NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,
    listed_ns INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (root_id, path)
);
CREATE TABLE pair (key BLOB PRIMARY KEY, result BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX content_size ON content (size);
CREATE TABLE pixels (
    id INTEGER PRIMARY KEY, digest BLOB NOT NULL, decoder_id INTEGER NOT NULL, pixels BLOB NOT NULL,
    UNIQUE (digest, decoder_id)
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
    _damaged: set[bytes] = field(default_factory=set, init=False)

    def load(self, root: Path, stamps: Sequence[FileStamp], table: Table) -> None:
        """Fill the rows of files that are the same as when they were measured and have all figures of the table.

        `stamps` are the table's files, in order.
        """
        if self.connection is None:
            return
        try:
            self._take(self._fresh(self.connection, root, stamps), table)
        except sqlite3.Error as error:
            self._set_aside(error)

    def contents(self, sizes: Iterable[int], features: Sequence[Feature]) -> frozenset[bytes]:
        """SHA-256 of the contents of these sizes, in bytes, of which all these figures are known.

        A file with one of them need not be decoded.
        """
        if self.connection is None:
            return frozenset()
        try:
            return self._contents(self.connection, set(sizes), features)
        except sqlite3.Error as error:
            self._set_aside(error)
            return frozenset()

    def recall(self, digests: Mapping[int, bytes], table: Table) -> None:
        """Fill rows of the table by the digests of their files, as far as all figures are known."""
        if self.connection is None:
            return
        try:
            self._take(self._by_digest(self.connection, digests), table)
        except sqlite3.Error as error:
            self._set_aside(error)

    def keep(self, root: Path, stamps: Sequence[FileStamp], table: Table, rows: Rows, *, listed_ns: int) -> None:
        """Store what was measured of these rows; passing problems and failed features are left out.

        `listed_ns` is a time before the first of the files was read, and not before their stamps were taken.
        """
        rows = rows[[self._lasts(table, row) for row in rows.tolist()]] if len(rows) else rows
        try:
            for start in range(0, len(rows), ROWS_PER_COMMIT):
                if self.connection is None:
                    return
                with locked(self.folder) as mine:
                    if not mine:
                        self._off(message("another run kept the feature cache for 30 s; this run stores nothing"))
                        return
                    some = rows[start : start + ROWS_PER_COMMIT]
                    self._write(self.connection, root, stamps, table, some, listed_ns)
        except (sqlite3.Error, OSError) as error:
            self._off(
                message("the feature cache could not be written ({reason}); this run stores nothing", reason=str(error))
            )

    def texts(self, root: Path, stamps: Sequence[FileStamp]) -> dict[str, bytes]:
        """The bytes of caption files that are the same as when they were read, by path."""
        if self.connection is None:
            return {}
        stamp_of = {stamp.path: stamp for stamp in stamps}
        found: dict[str, bytes] = {}
        try:
            rows = self.connection.execute(
                "SELECT caption.path, size, mtime_ns, ctime_ns, inode, device, listed_ns, crc, data "
                "FROM caption JOIN root ON root.id = caption.root_id WHERE root.path = ?",
                (os.fsencode(root),),
            )
            for raw_path, size, mtime_ns, ctime_ns, inode, device, listed_ns, crc, data in rows:
                path = os.fsdecode(raw_path)
                if mtime_ns + RACE_NS >= listed_ns or checksum(data) != crc:
                    continue
                if stamp_of.get(path) == FileStamp(path, size, mtime_ns, ctime_ns, inode, device):
                    found[path] = data
        except sqlite3.Error as error:
            self._set_aside(error)
            return {}
        return found

    def keep_texts(
        self, root: Path, stamps: Sequence[FileStamp], texts: Mapping[str, bytes], *, listed_ns: int
    ) -> None:
        """Store what `texts` gives; `listed_ns` as for `keep`."""
        if self.connection is None or not texts:
            return
        raw_root = os.fsencode(root)
        self._stored("INSERT OR IGNORE INTO root (path) VALUES (?)", [(raw_root,)])
        self._stored(
            "INSERT INTO caption (root_id, path, size, mtime_ns, ctime_ns, inode, device, listed_ns, crc, data) "
            "SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM root WHERE path = ? "
            "ON CONFLICT (root_id, path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, "
            "ctime_ns = excluded.ctime_ns, inode = excluded.inode, device = excluded.device, "
            "listed_ns = excluded.listed_ns, crc = excluded.crc, data = excluded.data",
            [
                (
                    os.fsencode(stamp.path),
                    stamp.size_bytes,
                    stamp.mtime_ns,
                    stamp.ctime_ns,
                    stamp.inode,
                    stamp.device,
                    listed_ns,
                    checksum(texts[stamp.path]),
                    texts[stamp.path],
                    raw_root,
                )
                for stamp in stamps
                # A file that grew since it was listed is read again.
                if stamp.path in texts and len(texts[stamp.path]) == stamp.size_bytes
            ],
        )

    def pixels(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """SHA-256 of the decoded pixels by that of the file, of those known."""
        if self.connection is None:
            return {}
        try:
            found = {}
            decoder = self._decoder_id(self.connection)
            for digest in digests:
                row = self.connection.execute(
                    "SELECT pixels FROM pixels WHERE digest = ? AND decoder_id = ?", (digest, decoder)
                ).fetchone()
                if row is not None:
                    found[digest] = row[0]
            return found
        except sqlite3.Error as error:
            self._set_aside(error)
            return {}

    def keep_pixels(self, pixels: Mapping[bytes, bytes]) -> None:
        """Store what `pixels` gives."""
        if self.connection is None or not pixels:
            return
        versions = decoder_versions()
        self._stored("INSERT OR IGNORE INTO decoder (versions) VALUES (?)", [(versions,)])
        self._stored(
            "INSERT OR REPLACE INTO pixels (digest, decoder_id, pixels) "
            "SELECT ?, id, ? FROM decoder WHERE versions = ?",
            [(digest, found, versions) for digest, found in sorted(pixels.items())],
        )

    def pairs(self, method: str, pairs: Sequence[bytes]) -> dict[bytes, bytes]:
        """What a method found about pairs of contents, of those known. A pair is two digests, one behind the other."""
        if self.connection is None or not pairs:
            return {}
        found = {}
        try:
            for pair, key in zip(pairs, self._pair_keys(method, pairs), strict=True):
                row = self.connection.execute("SELECT result FROM pair WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[pair] = row[0]
        except sqlite3.Error as error:
            self._set_aside(error)
            return {}
        return found

    def keep_pairs(self, method: str, results: Mapping[bytes, bytes]) -> None:
        """Store what `pairs` gives."""
        if self.connection is None or not results:
            return
        rows = sorted(zip(self._pair_keys(method, list(results)), results.values(), strict=True))
        self._stored("INSERT OR REPLACE INTO pair (key, result) VALUES (?, ?)", rows)

    @staticmethod
    def _pair_keys(method: str, pairs: Sequence[bytes]) -> list[bytes]:
        start = hashlib.sha256(f"{decoder_versions()}/{method}/".encode())
        keys = []
        for pair in pairs:
            key = start.copy()
            key.update(pair)
            keys.append(key.digest()[:PAIR_KEY_BYTES])
        return keys

    def _stored(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows under the lock, or say why that was not possible."""
        if self.connection is None:
            return
        try:
            with locked(self.folder) as mine:
                if not mine:
                    self._off(message("another run kept the feature cache for 30 s; this run stores nothing"))
                    return
                with self.connection:
                    self.connection.execute("BEGIN IMMEDIATE")
                    self.connection.executemany(statement, rows)
        except (sqlite3.Error, OSError) as error:
            self._off(
                message("the feature cache could not be written ({reason}); this run stores nothing", reason=str(error))
            )

    def told(self) -> tuple[Message, ...]:
        """What there is to say about the cache so far."""
        if not self._damaged:
            return tuple(self.notices)
        damaged = message(
            Plural(
                "{n:count} damaged entry of the feature cache was measured again",
                "{n:count} damaged entries of the feature cache were measured again",
            ),
            n=len(self._damaged),
        )
        return (*self.notices, damaged)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    @staticmethod
    def _lasts(table: Table, row: int) -> bool:
        problem = table.unusable.get(row)
        if problem is not None:
            return problem.lasting and bool(problem.digest)
        return row not in table.failures

    def _fresh(
        self, connection: sqlite3.Connection, root: Path, stamps: Sequence[FileStamp]
    ) -> Iterator[tuple[int, bytes, int | None, int, bytes]]:
        """(row, digest, layout, crc, cell) of the files that did not change."""
        row_of = {stamp.path: row for row, stamp in enumerate(stamps)}
        rows = connection.execute(
            "SELECT file.path, file.size, mtime_ns, ctime_ns, inode, device, listed_ns, file.digest, layout_id, crc, "
            "cell FROM file JOIN root ON root.id = file.root_id "
            "JOIN content ON content.digest = file.digest AND content.decoder_id = ? WHERE root.path = ?",
            (self._decoder_id(connection), os.fsencode(root)),
        )
        for raw_path, size, mtime_ns, ctime_ns, inode, device, listed_ns, digest, layout, crc, cell in rows:
            path = os.fsdecode(raw_path)
            row = row_of.get(path)
            if row is None or mtime_ns + RACE_NS >= listed_ns:
                continue
            if stamps[row] == FileStamp(path, size, mtime_ns, ctime_ns, inode, device):
                yield row, digest, layout, crc, cell

    def _by_digest(
        self, connection: sqlite3.Connection, digests: Mapping[int, bytes]
    ) -> Iterator[tuple[int, bytes, int | None, int, bytes]]:
        decoder = self._decoder_id(connection)
        for row, digest in digests.items():
            found = connection.execute(
                "SELECT layout_id, crc, cell FROM content WHERE digest = ? AND decoder_id = ?", (digest, decoder)
            ).fetchone()
            if found is not None:
                yield row, digest, *found

    def _contents(
        self, connection: sqlite3.Connection, sizes: set[int], features: Sequence[Feature]
    ) -> frozenset[bytes]:
        decoder, usable = self._decoder_id(connection), self._usable_layouts(connection, features)
        found = set()
        for size in sorted(sizes):
            for digest, layout in connection.execute(
                "SELECT digest, layout_id FROM content WHERE size = ? AND decoder_id = ?", (size, decoder)
            ):
                if layout is None or layout in usable:
                    found.add(digest)
        return frozenset(found)

    def _take(self, entries: Iterator[tuple[int, bytes, int | None, int, bytes]], table: Table) -> None:
        """Put entries into their rows, as far as they are sound and have all figures."""
        assert self.connection is not None
        usable = self._usable_layouts(self.connection, table.features)
        while some := list(islice(entries, ROWS_AT_ONCE)):
            by_layout: dict[int, list[tuple[int, bytes, bytes]]] = {}
            for row, digest, layout, crc, cell in some:
                if layout is not None and layout not in usable:
                    continue
                if checksum(cell) != crc or len(digest) != DIGEST_BYTES:
                    self._damaged.add(digest)
                elif layout is None:
                    self._take_problem(row, digest, cell, table)
                else:
                    by_layout.setdefault(layout, []).append((row, digest, cell))
            for layout, entries_of in by_layout.items():
                rows, digests, cells = zip(*entries_of, strict=True)
                content = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
                try:
                    put_cells(cells_from(cells, usable[layout]), table, np.array(rows, dtype=np.int64), content)
                except DamagedCell:
                    self._damaged.update(digests)

    def _take_problem(self, row: int, digest: bytes, cell: bytes, table: Table) -> None:
        try:
            table.put(row, problem_of(cell, digest))
        except DamagedCell:
            self._damaged.add(digest)

    @staticmethod
    def _layouts(connection: sqlite3.Connection) -> dict[int, Layout]:
        found = {}
        for number, text in connection.execute("SELECT id, fields FROM layout"):
            with contextlib.suppress(DamagedCell):
                found[number] = Layout.read(text)
        return found

    def _usable_layouts(self, connection: sqlite3.Connection, features: Sequence[Feature]) -> dict[int, Layout]:
        wanted = Layout.of(features)
        return {number: layout for number, layout in self._layouts(connection).items() if layout.holds(wanted)}

    @staticmethod
    def _decoder_id(connection: sqlite3.Connection, *, make: bool = False) -> int:
        """The number of what measures here; -1 where nothing of it is stored."""
        versions = decoder_versions()
        if make:
            connection.execute("INSERT OR IGNORE INTO decoder (versions) VALUES (?)", (versions,))
        found = connection.execute("SELECT id FROM decoder WHERE versions = ?", (versions,)).fetchone()
        return int(found[0]) if found is not None else -1

    def _write(
        self,
        connection: sqlite3.Connection,
        root: Path,
        stamps: Sequence[FileStamp],
        table: Table,
        rows: Rows,
        listed_ns: int,
    ) -> None:
        digests = [table.content[row].tobytes() for row in rows.tolist()]
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR IGNORE INTO root (path) VALUES (?)", (os.fsencode(root),))
            (root_id,) = connection.execute("SELECT id FROM root WHERE path = ?", (os.fsencode(root),)).fetchone()
            decoder = self._decoder_id(connection, make=True)
            entries = self._cells(connection, decoder, table, rows)
            connection.executemany(
                "INSERT INTO content (digest, decoder_id, size, layout_id, crc, cell) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (digest, decoder_id) DO UPDATE SET layout_id = excluded.layout_id, crc = excluded.crc, "
                "cell = excluded.cell",
                [
                    (digest, decoder, stamps[row].size_bytes, *entries[row])
                    for row, digest in zip(rows.tolist(), digests, strict=True)
                    if row in entries
                ],
            )
            connection.executemany(
                "INSERT INTO file (root_id, path, size, mtime_ns, ctime_ns, inode, device, listed_ns, digest) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root_id, path) DO UPDATE SET size = excluded.size, "
                "mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, inode = excluded.inode, "
                "device = excluded.device, listed_ns = excluded.listed_ns, digest = excluded.digest",
                [
                    (
                        root_id,
                        os.fsencode(stamps[row].path),
                        stamps[row].size_bytes,
                        stamps[row].mtime_ns,
                        stamps[row].ctime_ns,
                        stamps[row].inode,
                        stamps[row].device,
                        listed_ns,
                        digest,
                    )
                    for row, digest in zip(rows.tolist(), digests, strict=True)
                ],
            )

    def _cells(
        self, connection: sqlite3.Connection, decoder: int, table: Table, rows: Rows
    ) -> dict[int, tuple[int | None, int, bytes]]:
        """(layout, crc, cell) by row. Rows whose content is stored with all their figures are left out."""
        found: dict[int, tuple[int | None, int, bytes]] = {}
        readable, own = [], Layout.of(table.features)
        for row in rows.tolist():
            problem = table.unusable.get(row)
            if problem is None:
                readable.append(row)
            else:
                cell = packed_problem(problem)
                found[row] = (None, checksum(cell), cell)
        layouts = self._layouts(connection)
        by_layout: dict[int, list[tuple[int, bytes]]] = {}
        fresh = []
        for row in readable:
            stored = connection.execute(
                "SELECT layout_id, crc, cell FROM content WHERE digest = ? AND decoder_id = ?",
                (table.content[row].tobytes(), decoder),
            ).fetchone()
            if stored is None or stored[0] not in layouts or checksum(stored[2]) != stored[1]:
                fresh.append(row)
            elif not layouts[stored[0]].holds(own):
                by_layout.setdefault(stored[0], []).append((row, stored[2]))
        self._add(connection, found, np.array(fresh, dtype=np.int64), table, own, None)
        for number, entries in by_layout.items():
            try:
                older = layouts[number], cells_from([cell for _, cell in entries], layouts[number])
            except DamagedCell:
                older = None
            self._add(connection, found, np.array([row for row, _ in entries], dtype=np.int64), table, own, older)
        return found

    @staticmethod
    def _add(
        connection: sqlite3.Connection,
        found: dict[int, tuple[int | None, int, bytes]],
        rows: Rows,
        table: Table,
        own: Layout,
        older: tuple[Layout, Cells] | None,
    ) -> None:
        """Pack rows, with what else an older cell of theirs holds."""
        if not len(rows):
            return
        layout, cells = own, packed_rows(own, table, rows)
        if older is not None:
            layout = own.with_fields_of(older[0])
            cells = joined(cells, older[1], layout) if layout != own else cells
        connection.execute("INSERT OR IGNORE INTO layout (fields) VALUES (?)", (layout.text(),))
        (number,) = connection.execute("SELECT id FROM layout WHERE fields = ?", (layout.text(),)).fetchone()
        for row, cell in zip(rows.tolist(), (cell.tobytes() for cell in cells), strict=True):
            found[row] = (number, checksum(cell), cell)

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
            connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
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
