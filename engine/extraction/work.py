"""What is done with one file: measuring it, hashing its pixels, or making a thumbnail. The same code runs in workers
and, for `jobs=0`, in the calling process.
"""

import hashlib
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from PIL import Image, features

from tagmetry.extraction.decoding import Claim, Decoded, decoded
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.reading import read_file
from tagmetry.extraction.records import FeatureValue, Measured, Record, Refused, Unusable
from tagmetry.failures import reason_of
from tagmetry.feature import WORKING_SIDE_PX, Feature, Picture

T_co = TypeVar("T_co", covariant=True)

_STRIP_ROWS: Final = 256
_LARGEST_BYTE: Final = 255


class Work(Protocol[T_co]):
    """Something to do with each file. It travels to workers, so it carries names and no functions."""

    def prepare(self) -> None:
        """Import what is needed, so that the first file is not blamed for the time and memory that this takes."""

    def on(self, path: str, claim: Claim) -> T_co:
        """Raises MemoryError; everything else that a file can cause is part of the result."""


@dataclass(frozen=True, slots=True)
class FeaturePlace:
    """Where a worker finds a feature: the module that declares it at its top level, and its key."""

    module: str
    key: str

    def feature(self) -> Feature:
        """Raises whatever the import raises, or LookupError."""
        for candidate in vars(importlib.import_module(self.module)).values():
            if isinstance(candidate, Feature) and candidate.key == self.key:
                return candidate
        raise LookupError(f"{self.module} declares no feature {self.key} at its top level")


@dataclass(frozen=True, slots=True)
class Seen:
    """In place of a record: the content, which is known, so that the file was not decoded."""

    digest: bytes


@dataclass(slots=True)
class Measuring:
    """Reads, decodes and measures a file; one with a known content is only read. `contents` are SHA-256 digests."""

    root: Path
    limits: Limits
    places: tuple[FeaturePlace, ...]
    contents: frozenset[bytes] = frozenset()
    _features: tuple[tuple[str, Feature | str], ...] = field(default=(), init=False, repr=False)

    def prepare(self) -> None:
        self._features = tuple((place.key, _found(place)) for place in self.places)

    def prepare_with(self, wanted: Sequence[Feature]) -> None:
        """In the process that declared the features, nothing has to be looked up."""
        self._features = tuple((feature.key, feature) for feature in wanted)

    def on(self, path: str, claim: Claim) -> Record | Seen:
        digest = b""
        try:
            content = read_file(self.root, path, max_bytes=self.limits.max_bytes)
            digest = content.digest
            if digest in self.contents:
                return Seen(digest)
            picture = decoded(
                content.data,
                limits=self.limits,
                side_px=WORKING_SIDE_PX,
                suffix=PurePosixPath(path).suffix,
                claim=claim,
            )
        except Refused as refusal:
            problem = refusal.unusable
            return Unusable(problem.kind, problem.code, problem.values, digest, problem.lasting)
        return self._measured(digest, picture)

    def _measured(self, digest: bytes, picture: Decoded) -> Measured:
        shown = Picture(picture.header, picture.picture, picture.last, picture.lines, picture.lines_of_px)
        values: dict[str, FeatureValue] = {}
        failures: dict[str, str] = {}
        for key, feature in self._features:
            if isinstance(feature, str):
                failures[key] = feature
                continue
            try:
                assert feature.function is not None
                values[key] = plain_value(feature, feature.function(shown))
            except MemoryError:
                raise
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's feature may do anything
                failures[key] = reason_of(error, package=feature.module.partition(".")[0])
        return Measured(digest, picture.header, values, failures)


def _found(place: FeaturePlace) -> Feature | str:
    """The feature, or why it cannot be had."""
    try:
        return place.feature()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - importing a plugin runs its code
        return reason_of(error, package=place.module.partition(".")[0])


def plain_value(feature: Feature, value: Any) -> FeatureValue:
    """A feature's figure as plain numbers of its declared type and width; infinity becomes NaN, missing.

    Several figures of one byte each are bytes: as numbers they would take up to eight times the room.

    Raises TypeError or ValueError for a figure that breaks the declaration.
    """
    figures = np.asarray(value)
    if figures.dtype.kind not in "fiub" or figures.size != feature.width:
        raise TypeError(f"it gave {type(value).__name__} of {figures.size} figures, and declares {feature.width}")
    wanted = np.dtype(feature.dtype)
    if wanted.kind == "f":
        floats = [float(figure) if np.isfinite(figure) else float("nan") for figure in figures.reshape(-1)]
        return floats[0] if feature.width == 1 else tuple(floats)
    if figures.dtype.kind == "f":
        raise TypeError(f"it gave fractions, and declares {wanted}")
    if wanted == np.uint8 and feature.width > 1:
        if figures.min() < 0 or figures.max() > _LARGEST_BYTE:
            raise ValueError(f"it gave a number beyond {wanted}")
        return figures.astype(np.uint8).tobytes()
    numbers = [int(figure) for figure in figures.reshape(-1)]
    if wanted.kind in "iu" and any(not np.iinfo(wanted).min <= number <= np.iinfo(wanted).max for number in numbers):
        raise ValueError(f"it gave a number beyond {wanted}")
    return numbers[0] if feature.width == 1 else tuple(numbers)


@dataclass(frozen=True, slots=True)
class PixelHashing:
    """SHA-256 over the size as displayed and the RGB pixels at full size, row by row; None for an unusable file.

    Pixels are those of the one conversion: upright, eight bits, transparency laid on white. So a picture and its
    losslessly converted, re-oriented or palette-reduced copy have one digest if they look the same to the last bit.
    """

    root: Path
    limits: Limits

    def prepare(self) -> None:
        return

    def on(self, path: str, claim: Claim) -> bytes | None:
        picture = _picture(self.root, path, self.limits, None, claim)
        if picture is None:
            return None
        width, height = picture.size
        digest = hashlib.sha256(f"{width}x{height}:".encode())
        for top in range(0, height, _STRIP_ROWS):
            digest.update(picture.crop((0, top, width, min(top + _STRIP_ROWS, height))).tobytes())
        return digest.digest()


@dataclass(frozen=True, slots=True)
class ThumbnailMaking:
    """A small WebP (JPEG where Pillow has no WebP): upright, in sRGB, without metadata; None for an unusable file."""

    root: Path
    limits: Limits
    side_px: int

    def prepare(self) -> None:
        return

    def on(self, path: str, claim: Claim) -> bytes | None:
        picture = _picture(self.root, path, self.limits, self.side_px, claim)
        if picture is None:
            return None
        # A new picture: the decoded one may carry its profile and texts along.
        bare = Image.new("RGB", picture.size)
        bare.paste(picture)
        target = BytesIO()
        if features.check("webp"):
            bare.save(target, "WEBP", quality=60, method=4)
        else:
            bare.save(target, "JPEG", quality=70)
        return target.getvalue()


def _picture(root: Path, path: str, limits: Limits, side_px: int | None, claim: Claim) -> Image.Image | None:
    try:
        content = read_file(root, path, max_bytes=limits.max_bytes)
        return decoded(
            content.data,
            limits=limits,
            side_px=side_px,
            suffix=PurePosixPath(path).suffix,
            to_srgb=side_px is not None,
            claim=claim,
        ).upright
    except Refused:
        return None


def places_of(wanted: Sequence[Feature]) -> tuple[FeaturePlace, ...]:
    return tuple(FeaturePlace(feature.module, feature.key) for feature in wanted)
