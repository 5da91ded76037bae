"""What the Python package `toml` 0.10.2 cannot read, or reads otherwise than it is meant.

sd-scripts and its relatives read their configs with it. It knows no arrays of mixed types, and it takes some strings
apart by their quotes and escapes after the fact. Found by comparing it with `tomllib` on generated texts.
"""

import bisect
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from tagmetry.trainers.contract import ConfigProblem, KeyPath

_ESCAPED_CONTROLS = re.compile(r"[\x00-\x07\x0b\x0e-\x1f\x7f]")
"""Characters that TOML writers spell as \\uXXXX."""

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
  | (?P<long_basic> \"\"\" (?: \\. | [^\\] )*? \"{3,5} )
  | (?P<long_literal> ''' .*? '{3,5} )
  | (?P<basic> " (?: \\[^\n] | [^"\\\n] )* " )
  | (?P<literal> ' [^'\n]* ' )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_PLAIN_ESCAPES: Final = 'btnfr"\\'
_BYTE_ORDER_MARK: Final = "\ufeff"


def path_problems(path: str, *, literal: bool = False) -> tuple[str, ...]:
    """Why this text cannot stand in a config: codes, empty if it can.

    As a basic string ("...", back-slashes escaped): `unpaired-surrogate` (a file name that is no Unicode),
    `leading-quotes` (read as the start of a long string), `escape-clash` (a control character beside a literal
    \\u). As a literal string ('...'): `single-quote`, `line-break`, `control-character`, `unpaired-surrogate`.
    """
    problems = []
    if _SURROGATES.search(path):
        problems.append("unpaired-surrogate")
    if literal:
        if "'" in path:
            problems.append("single-quote")
        if "\n" in path or "\r" in path:
            problems.append("line-break")
        if _CONTROLS.search(path.replace("\n", "").replace("\r", "")):
            problems.append("control-character")
        return tuple(problems)
    if path == '"' or path.startswith('""'):
        problems.append("leading-quotes")
    if "\\u" in path and _ESCAPED_CONTROLS.search(path):
        problems.append("escape-clash")
    return tuple(problems)


def toml_text_problems(text: str) -> list[ConfigProblem]:
    """What keeps this config from being read, or from being read as TOML 1.0 means it.

    Codes: `byte-order-mark`; `backslash-in-string` (line, column, escape: a Windows path in double quotes);
    `string-misread` (line, column, or at its key: quotes at an edge, a back-slash before u, a list's text that begins
    with a comma); `syntax` (detail: the words of `tomllib`); `mixed-array` (kinds, at its key).
    """
    problems = []
    if text.startswith(_BYTE_ORDER_MARK):
        problems.append(ConfigProblem("byte-order-mark", values={"line": 1, "column": 1}))
        text = text.removeprefix(_BYTE_ORDER_MARK)
    in_strings = list(_string_problems(text))
    problems += in_strings
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if not any(problem.code == "backslash-in-string" for problem in in_strings):
            problems.append(ConfigProblem("syntax", values={"detail": str(error)}))
        return problems
    return problems + list(_array_problems(data, ()))


def _string_problems(text: str) -> Iterator[ConfigProblem]:
    lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(offset: int) -> dict[str, int]:
        line = bisect.bisect_right(lines, offset)
        return {"line": line, "column": offset - lines[line - 1] + 1}

    for token in _TOKEN.finditer(text):
        if token.lastgroup in ("long_basic", "long_literal"):
            inside = token.group()[3:-3]
            if inside[:1] == token.group()[0] or inside[-1:] == token.group()[0]:
                yield ConfigProblem("string-misread", values=place(token.start()))
        if token.lastgroup not in ("basic", "long_basic"):
            continue
        quotes = 1 if token.lastgroup == "basic" else 3
        content, start = token.group()[quotes:-quotes], token.start() + quotes
        escapes = list(_ESCAPE.finditer(content))
        for escape in escapes:
            if not _is_known(escape.group(), long=quotes == 3):
                yield ConfigProblem(
                    "backslash-in-string",
                    values={**place(start + escape.start()), "escape": escape.group()},
                )
        spelled = {escape.group()[:2] for escape in escapes}
        has_escaped_backslash_u = any(
            escape.group() == "\\\\" and content[escape.end() : escape.end() + 1] in ("u", "U") for escape in escapes
        )
        leads_with_quotes = quotes == 1 and (content == '\\"' or content.startswith('\\"\\"'))
        if leads_with_quotes or (has_escaped_backslash_u and spelled & {"\\u", "\\U"}):
            yield ConfigProblem("string-misread", values=place(token.start()), stops=False)


def _is_known(escape: str, *, long: bool) -> bool:
    if len(escape) > 2:
        return True
    return escape[1] in _PLAIN_ESCAPES or (long and escape[1] in "\n \t\r")


def _array_problems(value: Any, path: KeyPath) -> Iterator[ConfigProblem]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _array_problems(member, (*path, key))
    if isinstance(value, list):
        kinds = sorted({_array_kind(member) for member in value})
        if len(kinds) > 1:
            yield ConfigProblem("mixed-array", path, {"kinds": tuple(kinds)})
        for number, member in enumerate(value):
            if isinstance(member, str) and member.lstrip().startswith(","):
                yield ConfigProblem("string-misread", (*path, number), stops=False)
            yield from _array_problems(member, (*path, number))


def _array_kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "table"
    if isinstance(value, list):
        return "list"
    if isinstance(value, datetime | date | time):
        return "date"
    return {bool: "bool", int: "int", float: "float"}.get(type(value), "str")
