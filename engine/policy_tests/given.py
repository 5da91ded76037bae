"""What a case gives, as a dataset: its files lie in a folder of their own for a moment, its figures stand for pictures.

Captions and further files are read as those of any dataset are, so that folders' names, roles, concepts and trigger
words come about as they do in a run. Only the pictures are never made: their figures are those that the case names,
and which of them look alike is what it says.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from PIL import Image

from tagmetry.extraction.records import FeatureValue, FileStamp, Measured, Record, Unusable
from tagmetry.feature import Feature, Header, Picture
from tagmetry.features import phash, structure, view
from tagmetry.messages import message
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Problems
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy_tests.cases import IMAGE_KEYS, Case, ImageRow

ROOT_NAME: Final = "dataset"

_DRAWN_SIDE: Final = 96
_COARSE_SIDE: Final = 12
"""Patches of the drawn noise along a side: enough structure to be compared, and no two alike."""

_FORMATS: Final = {"jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tif": "TIFF",
                   "tiff": "TIFF", "avif": "AVIF"}  # fmt: skip
_SIDE: Final = 1024
_BYTES: Final = 500_000


@dataclass(frozen=True, slots=True)
class GivenImages:
    """The records of a case's images, in the place of what workers would have measured."""

    rows: Mapping[str, ImageRow]
    known: Mapping[str, Feature]
    """Features by the names that cases use."""

    def records(self, stamps: Sequence[FileStamp], features: Sequence[Feature]) -> list[Record]:
        """One record per file, in their order."""
        return [self._record(self.rows[stamp.path], features) for stamp in stamps]

    def pixel_digests(self, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        """Pixels are equal where the file is, and where a case says nothing of that they are not."""
        return dict.fromkeys(paths)

    def _record(self, row: ImageRow, features: Sequence[Feature]) -> Record:
        if row.unreadable:
            return Unusable("unreadable", "truncated", {"size": _BYTES}, digest=_digest(row.path))
        source = self._source(row)
        given = {self.known[name].key: value for name, (value, _) in row.figures.items()}
        figures: dict[str, FeatureValue] = dict(_seen(source, row).items())
        figures.update({key: _figure(value) for key, value in given.items()})
        wanted = {feature.key for feature in features}
        return Measured(
            _digest(source if row.copy_of else row.path),
            _header(self.rows[source] if row.copy_of else row),
            {key: value for key, value in figures.items() if key in wanted},
        )

    def _source(self, row: ImageRow) -> str:
        """The image whose picture this one shows; what a copy is like is what its original is like."""
        named = row.copy_of or row.like or row.mirror_of
        return self._source(self.rows[named]) if named and named != row.path else row.path


def feature_names(plugins: Plugins) -> dict[str, Feature]:
    """The features by the names that a case can use: plainly, or with the package of a plugin before it."""
    found: dict[str, Feature] = {}
    for feature in plugins.features.values():
        package = feature.module.partition(".")[0]
        if package != "tagmetry":
            found[f"{package}.{feature.name}"] = feature
        if package == "tagmetry" or feature.name not in found:
            found[feature.name] = feature
    return found


def check_images(case: Case, plugins: Plugins, problems: Problems) -> None:
    """What a case says of images that are not there, and of figures that nobody measures."""
    known = feature_names(plugins)
    rows = {row.path: row for row in case.images}
    told: set[tuple[int, int]] = set()
    for row in case.images:
        for name, (value, span) in row.figures.items():
            place = (span.line, span.column)
            if name not in known and place not in told:
                near = did_you_mean(name, (*IMAGE_KEYS, *known))
                way = (
                    message("did you mean '{near}'?", near=near)
                    if near
                    else message("features: {names}", names=", ".join(sorted(known)))
                )
                problems.add("test-form", message("there is no feature '{name}'", name=name), span, way)
                told.add(place)
            elif name in known and place not in told and not _fits(known[name], value):
                text = message("{name} has {n:count} figures per image", name=name, n=known[name].width)
                problems.add("test-form", text, span)
                told.add(place)
        for named in (row.copy_of, row.like, row.mirror_of):
            if named and named not in rows:
                near = did_you_mean(named, rows)
                help = message("did you mean '{near}'?", near=near) if near else None
                text = message(
                    "{path} is to look like {other}, which is no image of the case", path=row.path, other=named
                )
                problems.add("test-form", text, case.span, help)
            elif named and _leads_back(row, rows):
                text = message("{path} is to look like itself in the end", path=row.path)
                problems.add("test-form", text, case.span)


def _leads_back(row: ImageRow, rows: Mapping[str, ImageRow]) -> bool:
    seen = set()
    place: ImageRow | None = row
    while place is not None:
        if place.path in seen:
            return True
        seen.add(place.path)
        place = rows.get(place.copy_of or place.like or place.mirror_of)
    return False


def _fits(feature: Feature, value: Any) -> bool:
    return len(value) == feature.width if isinstance(value, tuple) else feature.width == 1


def _figure(value: Any) -> FeatureValue:
    return tuple(float(one) for one in value) if isinstance(value, tuple) else value


@contextmanager
def laid_out(case: Case) -> Iterator[Path]:
    """A folder with the case's files, gone afterwards. Images are there by name alone."""
    with TemporaryDirectory(prefix="tagmetry-test-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve() / ROOT_NAME
        root.mkdir()
        for row in case.images:
            path = root / row.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            if row.caption is not None:
                path.with_suffix(".txt").write_text(row.caption, encoding="utf-8", newline="\n")
        for name, text in case.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        yield root


def _digest(path: str) -> bytes:
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).digest()


def _header(row: ImageRow) -> Header:
    given = row.header
    suffix = row.path.rpartition(".")[2].lower()
    mode = given.get("mode", "RGBA" if given.get("has_alpha") else "RGB")
    return Header(
        format=given.get("format", _FORMATS.get(suffix, "PNG")),
        mode=mode,
        width=given.get("width", _SIDE),
        height=given.get("height", _SIDE),
        frames=given.get("frames", 1),
        has_alpha=given.get("has_alpha", False),
        exif_orientation=given.get("exif_orientation", 1),
        size_bytes=given.get("size_bytes", _BYTES),
    )


def _seen(source: str, row: ImageRow) -> dict[str, FeatureValue]:
    """What duplicates are recognized by, of a picture that is nobody else's."""
    image = _drawn(source)
    if row.mirror_of:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = Picture(_header(row), image)
    found: dict[str, FeatureValue] = {}
    for feature in (phash, structure, view):
        assert feature.function is not None
        value = feature.function(picture)
        found[feature.key] = value.tobytes() if isinstance(value, np.ndarray) else value
    return found


def _drawn(source: str) -> Image.Image:
    random = np.random.default_rng(int.from_bytes(_digest(source)[:8], "little"))
    noise = random.integers(0, 256, (_COARSE_SIDE, _COARSE_SIDE), dtype=np.uint8)
    coarse = Image.fromarray(noise, "L").resize((_DRAWN_SIDE, _DRAWN_SIDE), Image.Resampling.BICUBIC)
    return coarse.convert("RGB")
