"""The folder report's data beside its page: scripts that hand over what the page asks for.

A page from a file may not fetch its neighbours, but it may load them as scripts.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from tagmetry.api import File, Report
from tagmetry.reporters.html.pictures import Pictures

DATA_SCRIPT: Final = "data/images.js"
CHUNK: Final = 1000
"""Images whose pictures come with one script; about 2 MB, which a browser takes in within some 20 ms."""


def taken(name: str, value: str | list[str]) -> str:
    """A script that hands a value over; ASCII letters only, so that no character can end it."""
    return f"tagmetryTake({json.dumps(name)}, {json.dumps(value)});\n"


def picture_chunks(report: Report, pictures: Pictures) -> Iterator[File]:
    """The pictures by the row of their image, "" where the page has it already or there is none."""
    paths = report.images.paths
    for number, start in enumerate(range(0, len(paths), CHUNK)):
        letters = [
            "" if pictures.is_stored(path) else b64encode(pictures.thumbnail(path)).decode("ascii")
            for path in paths[start : start + CHUNK]
        ]
        yield File(f"data/pictures-{number}.js", taken(f"pictures-{number}", letters))
