"""The figures of all files as they come in: columns of a known length, no object per image.

A record is taken apart when it arrives and forgotten. What is kept of an image is one number per figure and the bytes
of its views; only files that gave no image keep their record, since they are few.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Mask, Rows, codes_of
from tagmetry.extraction.records import FeatureValue, Measured, Record, Unusable
from tagmetry.feature import Feature, Header

DIGEST_BYTES: Final = 32
_TURNED_ON_ITS_SIDE: Final = 5
"""EXIF orientations from this one on swap width and height."""

_OPEN, _READABLE, _UNUSABLE = range(3)


@dataclass(frozen=True, slots=True)
class FeatureFailure:
    """A feature whose own code gave no figure for `n` images; `reason` is the first one's in the order of rows."""

    key: str
    n: int
    reason: str


class Table:
    """What was measured of n files, by row. A row is open until its record is put or copied.

    `content` is SHA-256, uint8 (n, 32). `header` and `features` hold an array each by name and by key, of shape (n,)
    or (n, width); texts of the header are codes into `labels`. Rows of unusable files are zero.
    """

    def __init__(self, n: int, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.content: NDArray[np.uint8] = np.zeros((n, DIGEST_BYTES), dtype=np.uint8)
        self.header = {field.name: np.zeros(n, dtype=_HEADER_TYPES[field.type]) for field in fields(Header)}
        self.labels: dict[str, dict[str, int]] = {field.name: {} for field in fields(Header) if field.type is str}
        # Pages of memory that nobody writes to are not taken from the system.
        self.figures = {feature.key: np.zeros(_shape(n, feature), dtype=feature.dtype) for feature in features}
        self.unusable: dict[int, Unusable] = {}
        self.failures: dict[int, dict[str, str]] = {}
        """Row -> feature key -> why its code gave no figure."""
        self._missing: dict[str, set[int]] = {}
        self._state = np.zeros(n, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._state)

    @property
    def readable(self) -> Mask:
        return np.asarray(self._state == _READABLE)

    @property
    def open(self) -> Rows:
        """The rows of which nothing is known yet, ascending."""
        return np.flatnonzero(self._state == _OPEN)

    def put(self, row: int, record: Record) -> None:
        """Take in the record of an open row."""
        if record.digest:
            self.content[row] = np.frombuffer(record.digest, dtype=np.uint8)
        if isinstance(record, Unusable):
            self.unusable[row] = record
            self._state[row] = _UNUSABLE
            return
        for name, column in self.header.items():
            value = getattr(record.header, name)
            column[row] = self.code(name, value) if name in self.labels else value
        for feature in self.features:
            figure = record.features.get(feature.key)
            if figure is None:
                self._missing.setdefault(feature.key, set()).add(row)
                continue
            self.figures[feature.key][row] = np.frombuffer(figure, np.uint8) if isinstance(figure, bytes) else figure
        if record.failures:
            self.failures[row] = dict(record.failures)
        self._state[row] = _READABLE

    def put_many(self, rows: Rows, content: NDArray[np.uint8], columns: dict[str, NDArray[Any]]) -> None:
        """Take in many readable rows at once: arrays by header name and feature key, texts as codes of this table."""
        self.content[rows] = content
        for name, column in (*self.header.items(), *self.figures.items()):
            column[rows] = columns[name]
        self._state[rows] = _READABLE

    def code(self, name: str, text: str) -> int:
        """The number that stands for a text of the header."""
        numbers = self.labels[name]
        return numbers.setdefault(text, len(numbers))

    def record(self, row: int) -> Record:
        """The record of a row that is not open, as it was put; without the figures that it did not have."""
        if row in self.unusable:
            return self.unusable[row]
        texts = {name: list(numbers) for name, numbers in self.labels.items()}
        facts = {
            name: texts[name][column[row]] if name in texts else column[row].item()
            for name, column in self.header.items()
        }
        figures = {
            feature.key: _plain(feature, self.figures[feature.key][row])
            for feature in self.features
            if row not in self._missing.get(feature.key, ())
        }
        return Measured(self.content[row].tobytes(), Header(**facts), figures, self.failures.get(row, {}))

    def closed(self) -> tuple[Rows, NDArray[np.uint8], dict[str, Column | Codes]]:
        """The readable rows, ascending, and of these alone the content and the columns; see `columns`.

        The columns take over the table's memory, since views of a million pictures must not be there twice. Afterwards
        the table only tells which rows are readable, unusable and failed.
        """
        columns, readable = self.columns(), self.readable
        rows = np.flatnonzero(readable).astype(np.int64)
        self.figures.clear()
        self.header.clear()
        if len(rows) == len(readable):
            return rows, self.content, columns
        for name in list(columns):
            column = columns.pop(name)
            if isinstance(column, Codes):
                columns[name] = column.take(rows)
            else:
                columns[name] = Column(_moved_up(column.values, rows), column.valid[rows])
        return rows, _moved_up(self.content, rows), columns

    def columns(self) -> dict[str, Column | Codes]:
        """Columns by name: facts of the header, width and height as displayed, and features by key.

        They are views where that is possible: a table is not written to any more once somebody reads it.
        """
        readable = self.readable
        turned = self.header["exif_orientation"] >= _TURNED_ON_ITS_SIDE
        width, height = self.header["width"], self.header["height"]
        found: dict[str, Column | Codes] = {}
        for name, column in self.header.items():
            if name in self.labels:
                found[name] = self._codes(name, readable)
            else:
                found[name] = Column(column, readable)
        # Files of other formats have none.
        found["jpeg_quality"] = Column(self.header["jpeg_quality"], readable & (self.header["jpeg_quality"] > 0))
        found["width"] = Column(np.where(turned, height, width), readable)
        found["height"] = Column(np.where(turned, width, height), readable)
        for feature in self.features:
            found[feature.key] = self._feature_column(feature, readable)
        return found

    def feature_failures(self) -> tuple[FeatureFailure, ...]:
        """The features that failed on some image, by key: a run that needed them is incomplete."""
        counts: dict[str, int] = {}
        reasons: dict[str, str] = {}
        for row in sorted(self.failures):
            for key, reason in self.failures[row].items():
                counts[key] = counts.get(key, 0) + 1
                reasons.setdefault(key, reason)
        return tuple(FeatureFailure(key, counts[key], reasons[key]) for key in sorted(counts))

    def _codes(self, name: str, readable: Mask) -> Codes:
        texts = list(self.labels[name])
        numbers = self.header[name]
        used = [texts[code] for code in np.unique(numbers[readable])]
        ordered = codes_of(sorted(used))
        place = np.full(max(1, len(texts)), -1, dtype=np.int32)
        for code, label in enumerate(ordered.labels):
            place[self.labels[name][label]] = code
        return Codes(np.where(readable, place[numbers], -1).astype(np.int32), ordered.labels)

    def _feature_column(self, feature: Feature, readable: Mask) -> Column:
        values = self.figures[feature.key]
        valid = readable.copy()
        valid[list(self._missing.get(feature.key, ()))] = False
        if values.dtype.kind == "f":
            there = np.isfinite(values)
            valid &= there if feature.width == 1 else there.all(axis=1)
        return Column(values, valid)


_MOVED_TOGETHER: Final = 4096


def _moved_up(values: NDArray[Any], rows: Rows) -> NDArray[Any]:
    """The given rows, ascending, brought to the front in place, and nothing behind them."""
    for start in range(0, len(rows), _MOVED_TOGETHER):
        some = rows[start : start + _MOVED_TOGETHER]
        values[start : start + len(some)] = values[some]
    return values[: len(rows)]


# Codes of texts are as wide as those of `Codes`.
_HEADER_TYPES: Final[dict[Any, Any]] = {int: np.int64, bool: np.bool_, str: np.int32}


def _shape(n: int, feature: Feature) -> tuple[int, ...]:
    return (n,) if feature.width == 1 else (n, feature.width)


def _plain(feature: Feature, figure: Any) -> FeatureValue:
    if feature.width == 1:
        value: FeatureValue = figure.item()
        return value
    return figure.tobytes() if figure.dtype == np.uint8 else tuple(figure.tolist())


def table_of(records: Sequence[Record], features: Sequence[Feature]) -> Table:
    """The table that these records fill, in their order."""
    table = Table(len(records), features)
    for row, record in enumerate(records):
        table.put(row, record)
    return table
