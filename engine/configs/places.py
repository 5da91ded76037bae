"""Where the keys of a TOML or JSON file stand: an index of our own beside what `tomllib` and `json` make of the text.

Only for texts that those have read without complaint. Both indexes are compared with them in the tests.
"""

import json
import re
from bisect import bisect_right
from typing import Final

from tagmetry.trainers import KeyPath

Places = dict[KeyPath, tuple[int, int]]
"""Path of keys and list positions -> line and column from 1, of the key or of the list's member."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TOML_SPACE: Final = re.compile(r"(?:[ \t\r\n]+|\#[^\n]*)*")
_BLANKS: Final = re.compile(r"[ \t]*")
_TOML_SCALAR: Final = re.compile(r"[^,\]}\#\n]+")
_TOML_STRING: Final = re.compile(
    r"""
    \"{3} (?: \\. | [^\\] )*? \"{3,5} | '{3} .*? '{3,5} | " (?: \\. | [^"\\\n] )* " | ' [^'\n]* '
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE: Final = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\btnfr]))')
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_JSON_SPACE: Final = re.compile(r"[ \t\r\n]*")
_JSON_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_JSON_SCALAR: Final = re.compile(r"[^,\]}\s]+")


class _Text:
    """A text that is read from front to back, with the places of offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.places: Places = {}

    def mark(self, path: KeyPath, offset: int) -> None:
        line = bisect_right(self._lines, offset)
        self.places.setdefault(path, (line, offset - self._lines[line - 1] + 1))

    def skip(self, form: re.Pattern[str]) -> str:
        """Pass over what matches here, if anything, and give it."""
        match = form.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def next_is(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)


def toml_places(text: str) -> Places:
    """The places of all keys, tables and members of lists."""
    source = _Text(text)
    newest: dict[KeyPath, int] = {}
    table: KeyPath = ()
    while True:
        source.skip(_TOML_SPACE)
        if source.at >= len(text):
            return source.places
        if source.next_is("["):
            table = _header(source, newest)
        else:
            _pair(source, table)


def _header(source: _Text, newest: dict[KeyPath, int]) -> KeyPath:
    """Read `[a.b]` or `[[a.b]]`; the path of the table that follows."""
    start = source.at
    is_list = source.next_is("[[")
    source.at += 2 if is_list else 1
    path: KeyPath = ()
    keys = [key for key, _ in _keys(source)]
    for number, key in enumerate(keys):
        path = (*path, key)
        source.mark(path, start)
        if number < len(keys) - 1 and path in newest:
            path = (*path, newest[path])
    if is_list:
        newest[path] = newest.get(path, -1) + 1
        path = (*path, newest[path])
        source.mark(path, start)
    source.skip(_BLANKS)
    source.at += 2 if is_list else 1
    return path


def _keys(source: _Text) -> list[tuple[str, int]]:
    """The parts of a dotted key with their offsets."""
    found = []
    while True:
        source.skip(_BLANKS)
        start = source.at
        bare = source.skip(_BARE_KEY)
        found.append((bare or _plain(source.skip(_TOML_STRING)), start))
        source.skip(_BLANKS)
        if not source.next_is("."):
            return found
        source.at += 1


def _plain(quoted: str) -> str:
    """The text of a quoted key."""
    inside = quoted[1:-1]
    if quoted.startswith("'"):
        return inside
    return _ESCAPE.sub(lambda found: _ESCAPED[found[3]] if found[3] else chr(int(found[1] or found[2], 16)), inside)


def _pair(source: _Text, table: KeyPath) -> None:
    path = table
    for key, offset in _keys(source):
        path = (*path, key)
        source.mark(path, offset)
    source.skip(_BLANKS)
    source.at += 1
    source.skip(_BLANKS)
    _toml_value(source, path)


def _toml_value(source: _Text, path: KeyPath) -> None:
    if source.next_is("["):
        source.at += 1
        number = 0
        while True:
            source.skip(_TOML_SPACE)
            if source.next_is("]"):
                break
            source.mark((*path, number), source.at)
            _toml_value(source, (*path, number))
            number += 1
            source.skip(_TOML_SPACE)
            source.at += source.next_is(",")
        source.at += 1
    elif source.next_is("{"):
        source.at += 1
        while True:
            source.skip(_TOML_SPACE)
            if source.next_is("}"):
                break
            _pair(source, path)
            source.skip(_TOML_SPACE)
            source.at += source.next_is(",")
        source.at += 1
    elif not source.skip(_TOML_STRING):
        source.skip(_TOML_SCALAR)


def json_places(text: str) -> Places:
    """The places of all keys and members of lists. Of a key that stands twice, the first."""
    source = _Text(text)
    _json_value(source, ())
    return source.places


def _json_value(source: _Text, path: KeyPath) -> None:
    source.skip(_JSON_SPACE)
    if source.next_is("{") or source.next_is("["):
        is_list, closing = source.next_is("["), "]" if source.next_is("[") else "}"
        source.at += 1
        number = 0
        while True:
            source.skip(_JSON_SPACE)
            if source.next_is(closing):
                break
            start = source.at
            key = number if is_list else _json_text(source.skip(_JSON_STRING))
            source.mark((*path, key), start)
            if not is_list:
                source.skip(_JSON_SPACE)
                source.at += 1
            _json_value(source, (*path, key))
            number += 1
            source.skip(_JSON_SPACE)
            source.at += source.next_is(",")
        source.at += 1
    elif not source.skip(_JSON_STRING):
        source.skip(_JSON_SCALAR)


def _json_text(quoted: str) -> str:
    text: str = json.loads(quoted, strict=False)
    return text
