"""The contract of a kind: what a definition says, and how a rule is made from it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.messages import Message, Template, visible
from tagmetry.options import NoOptions, OptionError, option
from tagmetry.policy.expressions.patterns import PatternError, tag_pattern
from tagmetry.rule import Rule

Sort = Literal["condition", "number", "value", "regex", "swap", "choice", "group", "tags"]
"""What a field takes. Conditions, numbers and values are expressions; `value` is a name of any kind or a number."""

Each = Literal["image", "concept", "dataset"]
"""About whom a rule speaks."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a definition says once and for all. What later layers may change is an option of the kind instead."""

    name: str
    sort: Sort
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked definition: `given` holds each field as what it was made into, None where it was left out.

    `wanted` are the placeholders that its messages hold, so that no others have to be filled.
    """

    id: str
    given: Mapping[str, Any]
    wanted: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        return self.given[name]

    @property
    def each(self) -> Each:
        each: Each = self.given.get("each", "image")
        return each

    def values(self, **makers: Callable[[], Any]) -> dict[str, Any]:
        """Those values that the messages want, each made by its function."""
        return {name: make() for name, make in makers.items() if name in self.wanted}


FIGURE: Final = "figure"
"""The kind of a placeholder that is shown in the unit of what is measured."""


def _number_shown(definition: Definition) -> str:
    return "number"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rules.

    `messages` have the placeholders of `placeholders` without their kinds; a policy's own text stands for all of
    them. `skips` are reasons not to judge. Of each of `one_of` a definition holds at least one, of each of
    `not_both` at most one. `build` gives the rule its check.
    """

    name: str
    doc: str
    build: Callable[[Rule, Definition], None]
    summary: Callable[[Definition], Message]
    messages: Mapping[str, str]
    placeholders: Callable[[Definition], Mapping[str, str]]
    options: type = NoOptions
    fields: tuple[Field, ...] = ()
    skips: Mapping[str, Template] = field(default_factory=lambda: MappingProxyType({}))
    one_of: tuple[tuple[str, ...], ...] = ()
    not_both: tuple[tuple[str, str], ...] = ()
    figure: Callable[[Definition], str] = _number_shown
    says: Callable[[Definition], Collection[str]] | None = None
    """Which of the messages a definition can say, where that depends on it."""

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


EACH: Final = Field(
    "each",
    "choice",
    "About whom it speaks.",
    choices=("image", "concept", "dataset"),
    default="image",
)
EACH_CONCEPT: Final = Field(
    "each",
    "choice",
    "Whether each training concept is judged for itself, or all training images together.",
    choices=("concept", "dataset"),
    default="concept",
)


def _check_tag(written: str) -> None:
    try:
        tag_pattern(written)
    except PatternError as error:
        raise OptionError(error.text) from error


def tags_option(doc: str) -> Any:
    """An option that lists tags, with `*` at their ends for any text."""
    return option((), doc, check=_check_tag)


def described(kind: Kind, written: Mapping[str, Any], *, summary: str, place: str, because: str) -> str:
    """The documentation of a rule, in the form of a docstring."""
    sections = [_line(summary), f"What it finds\n    {kind.doc}\n\n{_indented(_listed(written, place))}"]
    if because:
        sections.append("Why it matters\n" + _indented([_line(because)]))
    return "\n\n".join(sections)


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def _listed(written: Mapping[str, Any], place: str) -> Iterator[str]:
    yield f"Defined in {place}:"
    yield ""
    for key, value in written.items():
        yield f"- {key}: {_line(_shown(value))}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} -> {_shown(member)}" for key, member in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _indented(lines: Any) -> str:
    return "\n".join(f"    {line}" if line else "" for text in lines for line in text.split("\n"))
