"""How a record is packed into a cell: fixed structures with a checksum, never code.

A cell is a CRC-32 of the rest, the header as JSON with its length, then features as (number, kind, length, values).
Bytes, which may be many, have a longer length of their own behind it.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from tagmetry.extraction.records import FeatureValue, Measured, Record, Unusable
from tagmetry.feature import Header

_CRC: Final = struct.Struct("<I")
_LENGTH: Final = struct.Struct("<I")
_FEATURE: Final = struct.Struct("<IcH")
_LONGEST_HEADER: Final = 1 << 16


class DamagedCell(ValueError):
    """A cell whose checksum or structure is wrong."""


def packed(record: Record, numbers: Mapping[str, int]) -> bytes:
    """A record as bytes; `numbers` names features by small numbers."""
    if isinstance(record, Unusable):
        head = {"kind": record.kind, "code": record.code, "values": dict(record.values)}
        return _sealed(json.dumps(head, ensure_ascii=True).encode("ascii"), b"")
    head = {"header": asdict(record.header)}
    features = b"".join(_packed_feature(numbers[key], value) for key, value in sorted(record.features.items()))
    return _sealed(json.dumps(head, ensure_ascii=True).encode("ascii"), features)


def unpacked(cell: bytes, digest: bytes, keys: Mapping[int, str]) -> Record:
    """The record of a cell. Raises DamagedCell."""
    try:
        return _unpacked(cell, digest, keys)
    except (struct.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise DamagedCell(str(error)) from error


def _sealed(head: bytes, features: bytes) -> bytes:
    body = _LENGTH.pack(len(head)) + head + features
    return _CRC.pack(zlib.crc32(body)) + body


def _packed_feature(number: int, value: FeatureValue) -> bytes:
    if isinstance(value, bytes):
        return _FEATURE.pack(number, b"b", 0) + _LENGTH.pack(len(value)) + value
    if isinstance(value, tuple):
        return _FEATURE.pack(number, b"v", len(value)) + struct.pack(f"<{len(value)}d", *value)
    if isinstance(value, int):
        # Hashes need all 64 bits, which a float does not have.
        return _FEATURE.pack(number, b"q", 1) + struct.pack("<Q", value & 0xFFFFFFFFFFFFFFFF)
    return _FEATURE.pack(number, b"d", 1) + struct.pack("<d", value)


def _unpacked(cell: bytes, digest: bytes, keys: Mapping[int, str]) -> Record:
    (crc,) = _CRC.unpack_from(cell)
    body = cell[_CRC.size :]
    if zlib.crc32(body) != crc:
        raise DamagedCell("checksum")
    (length,) = _LENGTH.unpack_from(body)
    if length > _LONGEST_HEADER:
        raise DamagedCell("header length")
    head = json.loads(body[_LENGTH.size : _LENGTH.size + length])
    if "code" in head:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in head["values"].items()}
        return Unusable(head["kind"], head["code"], values, digest)
    features: dict[str, FeatureValue] = {}
    place = _LENGTH.size + length
    while place < len(body):
        number, kind, n = _FEATURE.unpack_from(body, place)
        place += _FEATURE.size
        if kind == b"b":
            (length,) = _LENGTH.unpack_from(body, place)
            start, place = place + _LENGTH.size, place + _LENGTH.size + length
            if place > len(body):
                raise DamagedCell("feature length")
            features[keys[number]] = body[start:place]
            continue
        if kind == b"q":
            (features[keys[number]],) = struct.unpack_from("<Q", body, place)
        elif kind == b"d":
            (features[keys[number]],) = struct.unpack_from("<d", body, place)
        elif kind == b"v":
            features[keys[number]] = struct.unpack_from(f"<{n}d", body, place)
        else:
            raise DamagedCell("feature kind")
        place += 8 * n
    return Measured(digest, Header(**head["header"]), features)
