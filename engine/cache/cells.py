"""How what is known of a content is packed into a cell: fixed structures, never code.

A readable image is one structure of numpy: header facts, then figures. Its layout, which names the fields, stands once
for all cells that share it, so that a hundred thousand cells become columns at once. A file that gave no image is JSON.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Rows
from tagmetry.extraction.records import Unusable
from tagmetry.extraction.table import Table
from tagmetry.feature import Feature, Header

TEXT_BYTES: Final = 64
"""Room for a text of the header; they are names of formats and the like."""

_MOST_FIELDS: Final = 1000
_HEADER: Final[dict[Any, str]] = {int: "<i8", bool: "|b1", str: f"|S{TEXT_BYTES}"}

Cells = NDArray[Any]
"""Structures of one layout, shape (k,)."""


class DamagedCell(ValueError):
    """A cell or layout whose checksum or structure is wrong."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a structure: (name, type, width), those of the header by name, then features by key."""

    fields: tuple[tuple[str, str, int], ...]

    @classmethod
    def of(cls, features: Sequence[Feature]) -> Self:
        """The header as this version knows it, and these features."""
        header = tuple((f"header:{field.name}", _HEADER[field.type], 1) for field in fields(Header))
        by_key = sorted((feature.key, np.dtype(feature.dtype).newbyteorder("<").str, feature.width)
                        for feature in features)  # fmt: skip
        return cls((*header, *by_key))

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises DamagedCell."""
        try:
            found = tuple((str(name), np.dtype(kind).str, int(width)) for name, kind, width in json.loads(text))
        except (ValueError, TypeError) as error:
            raise DamagedCell(f"layout: {error}") from error
        if len(found) > _MOST_FIELDS or any("O" in kind or width < 1 for _, kind, width in found):
            raise DamagedCell("layout")
        return cls(found)

    def text(self) -> str:
        return json.dumps(self.fields, ensure_ascii=True, separators=(",", ":"))

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype([(name, kind, (width,)) if width > 1 else (name, kind) for name, kind, width in self.fields])

    def holds(self, other: "Layout") -> bool:
        """Whether everything that the other names is here, in the same form, and headers are the same."""
        return set(other.fields) <= set(self.fields) and self._header == other._header

    @property
    def _header(self) -> tuple[tuple[str, str, int], ...]:
        return tuple(field for field in self.fields if field[0].startswith("header:"))

    def with_fields_of(self, other: "Layout") -> "Layout":
        """This layout and behind it what only the other has; this one where the headers differ."""
        if self._header != other._header:
            return self
        names = {name for name, _, _ in self.fields}
        return Layout((*self.fields, *(field for field in other.fields if field[0] not in names)))


def packed_rows(layout: Layout, table: Table, rows: Rows) -> Cells:
    """The readable rows of a table as structures. The layout is that of the table's features."""
    cells = np.zeros(len(rows), dtype=layout.dtype)
    for name, column in table.header.items():
        if name in table.labels:
            texts = [text.encode("ascii") for text in table.labels[name]]
            assert all(len(text) <= TEXT_BYTES for text in texts)
            cells[f"header:{name}"] = np.array(texts or [b""])[column[rows]]
        else:
            cells[f"header:{name}"] = column[rows]
    for key, column in table.figures.items():
        cells[key] = column[rows]
    return cells


def put_cells(cells: Cells, table: Table, rows: Rows, content: NDArray[np.uint8]) -> None:
    """Take structures of a layout that holds all features of the table into its rows."""
    columns: dict[str, NDArray[Any]] = {key: cells[key] for key in table.figures}
    for name in table.header:
        column = cells[f"header:{name}"]
        if name in table.labels:
            texts, place = np.unique(column, return_inverse=True)
            codes = np.array([table.code(name, text.decode("ascii")) for text in texts.tolist()], dtype=np.int32)
            columns[name] = codes[place]
        else:
            columns[name] = column
    table.put_many(rows, content, columns)


def joined(newer: Cells, older: Cells, layout: Layout) -> Cells:
    """The same contents in a layout with the fields of both; the newer figures where both have them."""
    cells = np.zeros(len(newer), dtype=layout.dtype)
    for source in (older, newer):
        assert source.dtype.names is not None
        for name in source.dtype.names:
            cells[name] = source[name]
    return cells


def cells_from(parts: Sequence[bytes], layout: Layout) -> Cells:
    """Raises DamagedCell for a cell of another length than its layout's."""
    dtype = layout.dtype
    if any(len(part) != dtype.itemsize for part in parts):
        raise DamagedCell("length")
    return np.frombuffer(b"".join(parts), dtype=dtype)


def checksum(cell: bytes) -> int:
    return zlib.crc32(cell)


def packed_problem(problem: Unusable) -> bytes:
    head = {"kind": problem.kind, "code": problem.code, "values": dict(problem.values)}
    return json.dumps(head, ensure_ascii=True).encode("ascii")


def problem_of(cell: bytes, digest: bytes) -> Unusable:
    """Raises DamagedCell."""
    try:
        head = json.loads(cell)
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in head["values"].items()}
        return Unusable(head["kind"], head["code"], values, digest)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedCell(str(error)) from error
