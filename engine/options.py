"""Options: the settings of a rule, a reporter or a part of the engine, declared as a frozen dataclass.

    @dataclass(frozen=True, slots=True)
    class Options:
        limit: float = option(0.9, "Share of the images from which on a tag is reported.",
                              unit="share", low=0, high=1, source="S0")

From the declaration come validation, the JSON Schema, the manual's tables and the origin shown beside a limit.
"""

import dataclasses
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tagmetry.messages import Message, message

UNITS: Final = (
    "share",
    "px",
    "bits",
    "tokens",
    "images",
    "bytes",
    "bytes_per_pixel",
    "ratio",
    "seconds",
    "words",
)

_LONGEST_NUMBER: Final = 400
"""Characters of a number written as text; the largest float has 309 digits."""

Status = Literal["stable", "preview", "deprecated"]
"""`preview` may still change, `deprecated` will be removed; until then both work."""

Source = Literal["S0", "S1", "S2", "trainer", "tagmetry", "plugin"]
"""Where a default comes from: the three source documents, a trainer's code, or the choice of who wrote the rule."""


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """What is known of an option besides its name, type and default."""

    doc: str
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None
    source: Source = "tagmetry"
    check: Callable[[Any], None] | None = None
    status: Status = "stable"
    since: str = ""
    """The version from which on the status holds."""
    replaced_by: str = ""
    """The option that takes the place of a deprecated one."""
    aliases: tuple[str, ...] = ()
    """Former names, which policies and flags may still use."""


@dataclass(frozen=True, slots=True)
class Option:
    """One declared option: its name, annotated type, default and facts."""

    name: str
    type: Any
    default: Any
    info: OptionInfo


class OptionError(ValueError):
    """A value that an option does not take."""

    def __init__(self, text: Message) -> None:
        super().__init__(text.english())
        self.text = text


def option(
    default: Any,
    doc: str,
    *,
    unit: str | None = None,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | None = None,
    source: Source = "tagmetry",
    check: Callable[[Any], None] | None = None,
    status: Status = "stable",
    since: str = "",
    replaced_by: str = "",
    aliases: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that is an option. `low` and `high` are inclusive.

    `check` raises OptionError for a value that type and range alone do not refuse; of a list it gets each member.
    A deprecated option names the version `since` which it is one, and the option that it is `replaced_by` if there
    is one; `aliases` are former names.
    """
    if unit is not None and unit not in UNITS:
        raise ValueError(f"unknown unit {unit!r}")
    if status not in typing.get_args(Status):
        raise ValueError(f"unknown status {status!r}")
    if status == "deprecated" and not since:
        raise ValueError("a deprecated option says since when")
    info = OptionInfo(
        doc=doc,
        unit=unit,
        low=low,
        high=high,
        choices=choices,
        source=source,
        check=check,
        status=status,
        since=since,
        replaced_by=replaced_by,
        aliases=aliases,
    )
    return dataclasses.field(default=default, metadata={"option": info})


@dataclass(frozen=True, slots=True)
class NoOptions:
    """For rules and reporters without settings."""


def options_of(cls: type) -> dict[str, Option]:
    """The options of a dataclass, in the order of declaration."""
    hints = typing.get_type_hints(cls)
    found: dict[str, Option] = {}
    for field in dataclasses.fields(cls):
        info = field.metadata.get("option")
        if not isinstance(info, OptionInfo):
            raise TypeError(f"{cls.__qualname__}.{field.name} is not declared with option(...)")
        found[field.name] = Option(field.name, hints[field.name], field.default, info)
    return found


def option_named(known: Mapping[str, Option], name: str) -> Option | None:
    """The option with a name or a former name."""
    found = known.get(name)
    return found or next((option for option in known.values() if name in option.info.aliases), None)


def coerced(known: Option, value: Any) -> Any:
    """The value as the option's type, from YAML, JSON or a command line.

    Shares take `15%` as well as 0.15; texts that read as the wanted number are taken, since command lines
    give texts. Raises OptionError.
    """
    optional, wanted = without_none(known.type)
    if value is None:
        if optional:
            return None
        raise _wrong_type(known, value)
    origin = typing.get_origin(wanted)
    if origin is tuple:
        members = value if isinstance(value, list | tuple) else [value]
        element = typing.get_args(wanted)[0]
        inner = Option(known.name, element, None, known.info)
        return tuple(coerced(inner, member) for member in members)
    return _in_range(known, _scalar(known, wanted, value))


def built(cls: type, values: Mapping[str, Any]) -> Any:
    """An instance of an options dataclass from already coerced values."""
    return cls(**values)


def without_none(annotation: Any) -> tuple[bool, Any]:
    """Whether an annotation allows None, and the annotation without it."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return True, members[0]
    return False, annotation


def _scalar(known: Option, wanted: Any, value: Any) -> Any:
    if wanted is bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
    elif wanted is str:
        if isinstance(value, str):
            return value
        if not isinstance(value, bool) and isinstance(value, int | float) and _is_float(value):
            return str(value)
    elif wanted in (int, float) and not isinstance(value, bool):
        number = _number(known, value)
        if number is not None and _is_float(number) and (wanted is float or float(number).is_integer()):
            return wanted(number)
    raise _wrong_type(known, value)


def _is_float(number: float) -> bool:
    """Whether a number is finite and no int that is larger than every float."""
    return abs(number) <= sys.float_info.max


def _number(known: Option, value: Any) -> float | int | None:
    """The number that a value is or reads as; None for what is none."""
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if known.info.unit == "share" and text.endswith(("%", "％")):
        # Division keeps 15% at exactly the 0.15 that a user would have written.
        number = _plain_number(text[:-1].strip())
        return None if number is None else number / 100
    return _plain_number(text)


def _plain_number(text: str) -> float | int | None:
    if len(text) > _LONGEST_NUMBER:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _in_range(known: Option, value: Any) -> Any:
    info = known.info
    if info.choices is not None and value not in info.choices:
        raise OptionError(
            message(
                "{option} is {value}; it takes {choices}",
                option=known.name,
                value=_shown(value),
                choices=", ".join(info.choices),
            )
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        if info.low is not None and value < info.low:
            raise OptionError(
                message(
                    "{option} is {value}; the smallest value is {low:number}",
                    option=known.name,
                    value=_shown(value),
                    low=info.low,
                )
            )
        if info.high is not None and value > info.high:
            text = "{option} is {value}; the largest value is {high:number}"
            if info.unit == "share" and 1 < value <= 100:
                text = "{option} is {value}; the largest value is {high:number} (did you mean {value}%?)"
            raise OptionError(message(text, option=known.name, value=_shown(value), high=info.high))
    if info.check is not None:
        info.check(value)
    return value


def type_name(known: Option) -> str:
    """The option's type in words of the manual: `number`, `whole number`, `true or false`, `text`, `list of ...`."""
    optional, wanted = without_none(known.type)
    names = {bool: "true or false", int: "whole number", float: "number", str: "text"}
    if known.info.choices is not None:
        name = "one of " + ", ".join(known.info.choices)
    elif typing.get_origin(wanted) is tuple:
        name = "list of " + names[typing.get_args(wanted)[0]]
    else:
        name = names[wanted]
        if known.info.unit == "share":
            name = "share (0.15 or 15%)"
    return f"{name} or null" if optional else name


def _wrong_type(known: Option, value: Any) -> OptionError:
    return OptionError(
        message(
            "{option} is {value}; it takes: {wanted}",
            option=known.name,
            value=_shown(value),
            wanted=type_name(known),
        )
    )


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return str(value)[:80]
    except ValueError:  # an int of more digits than Python writes down
        return "a number of thousands of digits"
