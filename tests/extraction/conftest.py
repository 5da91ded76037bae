"""Small files and a look at what measuring makes of them."""

import zlib
from pathlib import Path

import pytest
from PIL import Image

from tagmetry.extraction.decoding import decoded
from tagmetry.extraction.limits import Limits
from tagmetry.extraction.records import Refused

PLUGINS = Path(__file__).parent / "plugin_path"


@pytest.fixture
def odd_features(monkeypatch):
    """A plugin's module as workers see one: on the import path, which they inherit."""
    monkeypatch.syspath_prepend(str(PLUGINS))
    import odd_features

    return odd_features


@pytest.fixture
def look():
    """Decodes bytes: (format, mode, stored size, frames) of a picture, or (kind/code, values) of a problem."""

    def look(data, *, suffix="", side_px=512, **limits):
        try:
            header = decoded(data, limits=Limits(**limits), side_px=side_px, suffix=suffix).header
        except Refused as refusal:
            problem = refusal.unusable
            return f"{problem.kind}/{problem.code}", dict(problem.values)
        return header.format, header.mode, (header.width, header.height), header.frames

    return look


@pytest.fixture
def gradient():
    """A picture without symmetry: red grows to the right, green downwards, a blue corner on top at the left."""

    def gradient(size=(24, 16)):
        picture = Image.new("RGB", size)
        width, height = size
        picture.putdata([(x * 255 // width, y * 255 // height, 0) for y in range(height) for x in range(width)])
        picture.paste((0, 0, 255), (0, 0, max(1, width // 4), max(1, height // 4)))
        return picture

    return gradient


@pytest.fixture
def png_of():
    """A PNG of raw chunks: (kind, content) pairs."""

    def png_of(*chunks):
        parts = [b"\x89PNG\r\n\x1a\n"]
        for kind, content in chunks:
            parts.append(len(content).to_bytes(4, "big") + kind + content)
            parts.append(zlib.crc32(kind + content).to_bytes(4, "big"))
        return b"".join(parts)

    return png_of
