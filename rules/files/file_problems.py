"""Findings for files that could not be used: one for each problem that the engine met."""

from collections.abc import Iterator, Mapping
from typing import Final

from tagmetry.api import Dataset, Finding, Location, ProblemKind, Rule, Value, template_fields

OTHER: Final = "other"
"""Message for what a layout of another plugin may report without a text of ours; over `path` and `code`."""


def findings_for(rule: Rule, dataset: Dataset, kind: ProblemKind) -> Iterator[Finding]:
    """One finding per problem of the kind. The problem's code is a message of the rule, or else `OTHER` is."""
    for problem in dataset.problems(kind):
        values: dict[str, Value] = {**problem.values, "path": problem.path, "code": problem.code}
        if problem.line:
            values["line"] = problem.line
        # The name in a line of a manifest tells it from other lines, wherever the line moves.
        name = problem.values.get("name")
        yield rule.finding(
            problem.subject(),
            problem.code if _is_sayable(rule, problem.code, values) else OTHER,
            values=values,
            key=name if isinstance(name, str) else "",
            location=Location(problem.line) if problem.line else None,
        )


def _is_sayable(rule: Rule, code: str, values: Mapping[str, Value]) -> bool:
    """Whether the rule has a text for the code, and the text its values."""
    template = rule.messages.get(code)
    return template is not None and set(template_fields(template)) <= set(values)
