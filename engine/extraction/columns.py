"""From records to columns: one array per fact, no object per image."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Mask, codes_of
from tagmetry.extraction.records import Measured, Record
from tagmetry.feature import Feature, Header

DIGEST_BYTES: Final = 32
_TURNED_ON_ITS_SIDE: Final = 5
"""EXIF orientations from this one on swap width and height."""


@dataclass(frozen=True, slots=True)
class FeatureFailure:
    """A feature whose own code gave no figure for `n` images; `reason` is the first one's."""

    key: str
    n: int
    reason: str


def columns_of(
    records: Sequence[Record], features: Sequence[Feature]
) -> tuple[Mask, NDArray[np.uint8], dict[str, Column | Codes]]:
    """Columns over all records, in their order: which are readable, their SHA-256, and the figures by name.

    Shapes (n,), (n, 32) and (n,) or (n, width). Rows of unusable files are zero and invalid (code -1). Names are
    `width` and `height` in pixels as displayed, `format`, `mode`, `frames`, `has_alpha`, `exif_orientation`,
    `size_bytes`, `bit_depth`, `jpeg_quality`, `colour_profile`, `generator`, and the key of each feature.
    """
    readable = np.fromiter((isinstance(record, Measured) for record in records), dtype=bool, count=len(records))
    rows = np.flatnonzero(readable)
    columns = _header_columns(records, rows, readable)
    for feature in features:
        columns[feature.key] = _feature_column(feature, records, rows)
    return readable, _content(records, rows), columns


def feature_failures(records: Sequence[Record]) -> tuple[FeatureFailure, ...]:
    """The features that failed on some image, by key: a run that needed them is incomplete."""
    counts: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for record in _measured(records):
        for key, reason in record.failures.items():
            counts[key] = counts.get(key, 0) + 1
            reasons.setdefault(key, reason)
    return tuple(FeatureFailure(key, counts[key], reasons[key]) for key in sorted(counts))


def _measured(records: Sequence[Record]) -> Iterator[Measured]:
    return (record for record in records if isinstance(record, Measured))


def _headers(records: Sequence[Record]) -> Iterator[Header]:
    return (record.header for record in _measured(records))


def _content(records: Sequence[Record], rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    content = np.zeros((len(records), DIGEST_BYTES), dtype=np.uint8)
    digests = b"".join(record.digest for record in _measured(records))
    content[rows] = np.frombuffer(digests, dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    return content


def _header_columns(records: Sequence[Record], rows: NDArray[np.int64], readable: Mask) -> dict[str, Column | Codes]:
    n = len(rows)

    def numbers(figures: Iterator[Any], dtype: Any) -> Column:
        values = np.zeros(len(records), dtype=dtype)
        values[rows] = np.fromiter(figures, dtype=dtype, count=n)
        return Column(values, readable)

    orientation = numbers((header.exif_orientation for header in _headers(records)), np.int8)
    width = numbers((header.width for header in _headers(records)), np.int64)
    height = numbers((header.height for header in _headers(records)), np.int64)
    quality = numbers((header.jpeg_quality for header in _headers(records)), np.int8)
    swapped = orientation.values >= _TURNED_ON_ITS_SIDE
    return {
        "width": Column(np.where(swapped, height.values, width.values), readable),
        "height": Column(np.where(swapped, width.values, height.values), readable),
        "format": codes_of([record.header.format if isinstance(record, Measured) else None for record in records]),
        "mode": codes_of([record.header.mode if isinstance(record, Measured) else None for record in records]),
        "frames": numbers((header.frames for header in _headers(records)), np.int32),
        "has_alpha": numbers((header.has_alpha for header in _headers(records)), np.bool_),
        "exif_orientation": orientation,
        "size_bytes": numbers((header.size_bytes for header in _headers(records)), np.int64),
        "bit_depth": numbers((header.bit_depth for header in _headers(records)), np.int8),
        "jpeg_quality": Column(quality.values, quality.values > 0),
        "colour_profile": codes_of(
            [record.header.colour_profile if isinstance(record, Measured) else None for record in records]
        ),
        "generator": codes_of(
            [record.header.generator if isinstance(record, Measured) else None for record in records]
        ),
    }


def _feature_column(feature: Feature, records: Sequence[Record], rows: NDArray[np.int64]) -> Column:
    dtype = np.dtype(feature.dtype)
    has = np.fromiter((feature.key in record.features for record in _measured(records)), dtype=bool, count=len(rows))
    figures = [record.features[feature.key] for record in _measured(records) if feature.key in record.features]
    shape = (len(records),) if feature.width == 1 else (len(records), feature.width)
    values = np.zeros(shape, dtype=dtype)
    valid = np.zeros(len(records), dtype=bool)
    if not figures:
        return Column(values, valid)
    there = rows[has]
    if dtype == np.uint8 and feature.width > 1:
        for row, figure in zip(there, figures, strict=True):
            assert isinstance(figure, bytes)
            values[row] = np.frombuffer(figure, dtype=np.uint8)
        valid[there] = True
        return Column(values, valid)
    found = np.array(figures, dtype=dtype).reshape(len(figures), *shape[1:])
    whole = np.ones(len(figures), dtype=bool)
    if dtype.kind == "f":
        whole = np.isfinite(found) if feature.width == 1 else np.isfinite(found).all(axis=1)
    values[there] = found
    valid[there] = whole
    return Column(values, valid)
