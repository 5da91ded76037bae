"""Checked expressions: trees whose kinds agree and whose names are known. Nothing in them can fail any more."""

from dataclasses import dataclass
from typing import Any, Literal

from tagmetry.policy.expressions.functions import Function
from tagmetry.policy.expressions.kinds import BOOLEAN, NUMBER, TEXT, Kind
from tagmetry.policy.expressions.names import Name
from tagmetry.policy.expressions.patterns import TagPattern

Sign = Literal["+", "-", "*", "/"]
Comparator = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Written:
    """A number (float), text or truth that stands in the expression itself."""

    value: float | str | bool

    @property
    def kind(self) -> Kind:
        return {bool: BOOLEAN, float: NUMBER, str: TEXT}[type(self.value)]


@dataclass(frozen=True, slots=True)
class Read:
    name: Name

    @property
    def kind(self) -> Kind:
        return self.name.kind


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"

    @property
    def kind(self) -> Kind:
        return NUMBER


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: Sign
    left: "Node"
    right: "Node"

    @property
    def kind(self) -> Kind:
        return NUMBER


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"

    @property
    def kind(self) -> Kind:
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two parts or more."""

    word: Literal["and", "or"]
    parts: tuple["Node", ...]

    @property
    def kind(self) -> Kind:
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands of one sort; only numbers have an order."""

    comparator: Comparator
    left: "Node"
    right: "Node"

    @property
    def kind(self) -> Kind:
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Among:
    """`in` a list; the members are of the operand's sort."""

    operand: "Node"
    members: frozenset[float | str | bool]

    @property
    def kind(self) -> Kind:
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values or of an image's tags. `data` is what its written arguments were made into."""

    function: Function
    arguments: tuple["Node", ...]
    data: Any = None

    @property
    def kind(self) -> Kind:
        return self.function.result


@dataclass(frozen=True, slots=True)
class TagCall:
    """A function of an image's tags, looked for by these patterns."""

    function: Function
    patterns: tuple[TagPattern, ...]

    @property
    def kind(self) -> Kind:
        return self.function.result


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A figure over many images. `all_roles` is for arguments that ask for the role themselves.

    `other` is a second condition: of the images among which a share is meant, or the other one of two that go together.
    """

    function: Function
    argument: "Node"
    fraction: float
    all_roles: bool
    other: "Node | None" = None

    @property
    def kind(self) -> Kind:
        return NUMBER


Node = Written | Read | Negative | Arithmetic | Not | Logic | Compare | Among | Call | TagCall | Aggregate
