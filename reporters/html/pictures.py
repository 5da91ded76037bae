"""The pictures of the page: each stored once as a data URI, however often it is shown.

A place that shows a picture is an SVG `use` of the stored one. Unlike a repeated data URI that keeps the page small,
and unlike a background image it prints.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tagmetry.api import Report
from tagmetry.reporters.html.wording import path_text


@dataclass(frozen=True, slots=True)
class Picture:
    """One place that shows an image: `id` of the stored picture, empty without a thumbnail; width and height in px."""

    path: str
    id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Stored:
    id: str
    width: int
    height: int
    uri: str


class Pictures:
    """Hands out places for pictures and keeps what they show, in the order of the first use."""

    def __init__(self, report: Report) -> None:
        self._thumbnails: Mapping[str, bytes] = report.thumbnails
        self._side_px = report.thumbnail_px
        table = report.images
        self._rows = {path: row for row, path in enumerate(table.paths)}
        self._widths, self._heights = table.width.values, table.height.values
        self._known: dict[bytes, Stored] = {}

    def of(self, path: str) -> Picture:
        data = self._thumbnails.get(path, b"")
        kind = _media_type(data)
        width, height = self._shown_size(path)
        if not kind:
            return Picture(path_text(path), "", width, height)
        stored = self._known.get(data)
        if stored is None:
            uri = f"data:{kind};base64,{b64encode(data).decode('ascii')}"
            stored = self._known[data] = Stored(f"picture-{len(self._known) + 1}", width, height, uri)
        return Picture(path_text(path), stored.id, stored.width, stored.height)

    def number(self, path: str) -> int:
        """The number in the id of an image's picture, -1 without one."""
        return int(self.of(path).id.rpartition("-")[2] or -1)

    def thumbnail(self, path: str) -> bytes:
        """The picture itself, empty where there is none that a browser shows."""
        data = self._thumbnails.get(path, b"")
        return data if _media_type(data) else b""

    def is_stored(self, path: str) -> bool:
        """Whether the page itself holds the image's picture by now."""
        return self.thumbnail(path) in self._known

    def each(self, paths: Iterable[str]) -> tuple[Picture, ...]:
        return tuple(self.of(path) for path in paths)

    def is_image(self, path: str) -> bool:
        return path in self._rows

    def size(self, path: str) -> tuple[int, int] | None:
        """Width and height of an image in pixels, None for what is no readable image."""
        row = self._rows.get(path)
        return None if row is None else (int(self._widths[row]), int(self._heights[row]))

    def row(self, path: str) -> int | None:
        return self._rows.get(path)

    def stored(self) -> tuple[Stored, ...]:
        return tuple(self._known.values())

    def _shown_size(self, path: str) -> tuple[int, int]:
        """The size of the thumbnail: the image's shape, its longest side at most that of the report's thumbnails."""
        side = self._side_px
        width, height = self.size(path) or (side, side)
        scale = min(1.0, side / max(width, height, 1))
        return max(1, round(width * scale)), max(1, round(height * scale))


def _media_type(data: bytes) -> str:
    """The two formats that thumbnails come in, known by their first bytes; anything else is not shown."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/jpeg" if data[:3] == b"\xff\xd8\xff" else ""
