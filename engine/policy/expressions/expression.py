"""An expression from its text to its values."""

from dataclasses import dataclass
from typing import Literal

from tagmetry.columns import Column, Rows
from tagmetry.feature import Feature
from tagmetry.policy.expressions.checking import Checker
from tagmetry.policy.expressions.evaluation import Evaluator
from tagmetry.policy.expressions.facts import Facts
from tagmetry.policy.expressions.mistakes import Mistakes
from tagmetry.policy.expressions.names import Name, Registry, Scope
from tagmetry.policy.expressions.parsing import parse
from tagmetry.policy.expressions.program import Node


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `names` are all names that it reads, in alphabetical order; `tags` is among them where it
    asks for tags. `needs` are the features that have to be measured before it can be evaluated.
    """

    text: str
    scope: Scope
    kind: Literal["boolean", "number"]
    names: tuple[str, ...]
    needs: tuple[Feature, ...]
    program: Node
    read: tuple[Name, ...]

    def evaluate(self, facts: Facts, rows: Rows | None = None) -> Column:
        """The values with what is missing: one per image, one per concept (by its number), or a single one.

        `rows` picks images and is for scope row only. A truth that is missing is false among the values, so that
        `values` is what the expression selects and `~valid` what was not evaluated; a missing number is zero there.
        Raises KeyError if a feature of `needs` is not among the dataset's columns.
        """
        if rows is not None and self.scope != "row":
            raise ValueError(f"an expression of scope {self.scope} has no rows to pick")
        return Evaluator(facts, self.scope, rows).evaluated(self.program)

    def value(self, facts: Facts) -> bool | float | None:
        """The one value of an expression about the whole dataset or a risk; None where it is missing."""
        if self.scope not in ("dataset", "risk"):
            raise ValueError(f"an expression of scope {self.scope} has many values")
        column = self.evaluate(facts)
        if not column.valid[0]:
            return None
        return bool(column.values[0]) if self.kind == "boolean" else float(column.values[0])

    def missing(self, facts: Facts) -> tuple[str, ...]:
        """The figures of the whole and values of the profile that it reads and that are not known.

        What to tell a user whose expression gave no answer.
        """
        evaluator = Evaluator(facts, self.scope)
        return tuple(name.name for name in self.read if name.scope == "dataset" and evaluator.is_missing(name))


def compile_expression(text: str, registry: Registry, *, want: Literal["boolean", "number"] = "boolean") -> Expression:
    """Read and check an expression of the registry's scope. Raises ExpressionError with all that is wrong."""
    mistakes = Mistakes(text)
    checker = Checker(parse(text, mistakes), registry, mistakes)
    program = checker.checked(want)
    mistakes.raise_if_any()
    assert program is not None
    read = tuple(name for _, name in sorted(checker.names.items()))
    needs = {name.feature.key: name.feature for name in read if name.feature is not None}
    return Expression(
        text=text,
        scope=registry.scope,
        kind=want,
        names=tuple(name.name for name in read),
        needs=tuple(feature for _, feature in sorted(needs.items())),
        program=program,
        read=read,
    )
