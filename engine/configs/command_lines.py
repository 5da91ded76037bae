"""A trainer's command line that stands in a file: `accelerate launch ... train_network.py --key=value`.

Scripts of shells (.sh), of Windows (.bat, .cmd), of PowerShell (.ps1), and plain notes (.txt). Plain assignments to
variables are followed; nothing is run, and what a shell would compute is not known here.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Shell = Literal["sh", "bat", "ps1", "txt"]
SHELLS: Final[Mapping[str, Shell]] = {".sh": "sh", ".bat": "bat", ".cmd": "bat", ".ps1": "ps1", ".txt": "txt"}

_CONTINUATIONS: Final[Mapping[Shell, str]] = {"sh": "\\", "bat": "^", "ps1": "`", "txt": "\\^`"}
_ASSIGNMENTS: Final[Mapping[Shell, re.Pattern[str]]] = {
    "sh": re.compile(r"^[ \t]*(?:export[ \t]+)?(\w+)=(.*)$", re.MULTILINE),
    "bat": re.compile(r"^[ \t]*@?set[ \t]+\"?(\w+)=([^\"\n]*)\"?[ \t]*$", re.MULTILINE | re.IGNORECASE),
    "ps1": re.compile(r"^[ \t]*\$((?:env:)?\w+)[ \t]*=[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE),
}
_COMMENT_LINE: Final[Mapping[Shell, re.Pattern[str]]] = {
    "sh": re.compile(r"[ \t]*\#[^\n]*"),
    "bat": re.compile(r"[ \t]*@?(?:rem\b|::)[^\n]*", re.IGNORECASE),
    "ps1": re.compile(r"[ \t]*\#[^\n]*"),
    "txt": re.compile(r"[ \t]*(?:\#|rem\b|::)[^\n]*", re.IGNORECASE),
}
_VARIABLE: Final = re.compile(r"\$\{((?:env:)?\w+)\}|\$((?:env:)?\w+)|%(\w+)%", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"(?:^|[\\/])(\w*train\w*|fine_tune)\.py$", re.IGNORECASE)
_ENDS: Final = ("&&", "||", ";", "|", "&")


@dataclass(frozen=True, slots=True)
class Argument:
    """One option as it was written: its name without dashes, its values, and its place. No values: a switch.

    `unknown` names a variable whose value the file does not tell.
    """

    key: str
    values: tuple[str, ...]
    line: int
    column: int
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The first command of a file that starts a training script."""

    script: str
    arguments: tuple[Argument, ...]
    line: int


@dataclass(slots=True)
class _Token:
    text: str
    offset: int
    literal: bool = False
    """In single quotes, where no variable is replaced."""


@dataclass(slots=True)
class _Scan:
    text: str
    shell: Shell
    at: int = 0
    tokens: list[_Token] = field(default_factory=list)


def command_line(text: str, shell: Shell) -> CommandLine | None:
    """The first training command of a script; None where there is none."""
    text = text.replace("\r\n", "\n")
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    variables = _variables(text, shell)
    for statement in _statements(text, shell):
        place = next((number for number, token in enumerate(statement) if _SCRIPT.search(token.text)), None)
        if place is None:
            continue
        script = _SCRIPT.search(statement[place].text)
        assert script is not None
        found = tuple(_arguments(statement[place + 1 :], variables, lines))
        return CommandLine(script[1], found, bisect_right(lines, statement[place].offset))
    return None


def _variables(text: str, shell: Shell) -> dict[str, str]:
    """Plain assignments; what a shell would have to compute is left out."""
    found = {}
    for known, pattern in _ASSIGNMENTS.items():
        if shell not in (known, "txt"):
            continue
        for match in pattern.finditer(text):
            value = match[2].strip()
            if not value.startswith(("$(", "`", "[", "@(")):
                quoted = re.match(r"""(["'])(.*?)\1""", value)
                plain = quoted[2] if quoted else re.split(r"[ \t]+#|;", value)[0].strip()
                found[match[1].lower()] = plain
    return found


def _statements(text: str, shell: Shell) -> Iterator[list[_Token]]:
    """The commands of a script as tokens, comments left out."""
    scan = _Scan(text, shell)
    at_line_start = True
    while scan.at < len(text):
        if at_line_start and (comment := _COMMENT_LINE[shell].match(text, scan.at)):
            scan.at = comment.end()
            continue
        sign = text[scan.at]
        at_line_start = False
        if sign == "\n":
            scan.at += 1
            at_line_start = True
            if not re.compile(r"[ \t]*--\w").match(text, scan.at) and scan.tokens:
                yield scan.tokens
                scan.tokens = []
        elif _is_continued(scan):
            scan.at = text.index("\n", scan.at) + 1
            at_line_start = True
        elif sign in " \t":
            scan.at += 1
        elif text.startswith(_ENDS, scan.at) and shell != "txt":
            scan.at += 1
            if scan.tokens:
                yield scan.tokens
                scan.tokens = []
        else:
            scan.tokens.append(_token(scan))
    if scan.tokens:
        yield scan.tokens


def _is_continued(scan: _Scan) -> bool:
    """Whether a sign stands here that joins the next line to this one."""
    if scan.text[scan.at] not in _CONTINUATIONS[scan.shell]:
        return False
    return re.compile(r".[ \t]*\n").match(scan.text, scan.at) is not None


def _token(scan: _Scan) -> _Token:
    start, parts, literal = scan.at, [], False
    text, ends = scan.text, () if scan.shell == "txt" else (";", "|", "&")
    while scan.at < len(text):
        sign = text[scan.at]
        if sign in " \t\n" or sign in ends or _is_continued(scan):
            break
        if sign == '"' or (sign == "'" and scan.shell != "bat"):
            literal |= sign == "'"
            end = text.find(sign, scan.at + 1)
            while scan.shell == "sh" and sign == '"' and end > 0 and text[end - 1] == "\\":
                end = text.find(sign, end + 1)
            end = len(text) if end < 0 else end
            inside = text[scan.at + 1 : end]
            parts.append(re.sub(r'\\(["\\$`])', r"\1", inside) if scan.shell == "sh" and sign == '"' else inside)
            scan.at = end + 1
        elif sign == "\\" and scan.shell == "sh" and scan.at + 1 < len(text):
            parts.append(text[scan.at + 1])
            scan.at += 2
        else:
            parts.append(sign)
            scan.at += 1
    return _Token("".join(parts), start, literal)


def _arguments(tokens: list[_Token], variables: Mapping[str, str], lines: list[int]) -> Iterator[Argument]:
    number = 0
    while number < len(tokens):
        token = tokens[number]
        number += 1
        if not token.text.startswith("--") or len(token.text) < 3:
            continue
        key, equals, first = token.text[2:].partition("=")
        written = [_Token(first, token.offset, token.literal)] if equals else []
        while not equals and number < len(tokens) and not tokens[number].text.startswith("--"):
            written.append(tokens[number])
            number += 1
        line = bisect_right(lines, token.offset)
        values, unknown = [], ""
        for one in written:
            value, missing = (one.text, "") if one.literal else _filled(one.text, variables)
            values.append(value)
            unknown = unknown or missing
        yield Argument(key, tuple(values), line, token.offset - lines[line - 1] + 1, unknown)


def _filled(text: str, variables: Mapping[str, str], depth: int = 0) -> tuple[str, str]:
    """The text with its variables replaced, and the name of one that is not known."""
    unknown = ""

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        name = match[1] or match[2] or match[3]
        if name.lower() not in variables or depth > len(variables):
            unknown = unknown or name
            return match[0]
        inner, missing = _filled(variables[name.lower()], variables, depth + 1)
        unknown = unknown or missing
        return inner

    return _VARIABLE.sub(value, text), unknown
