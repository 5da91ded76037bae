"""Findings for files that could not be used: one for each problem that the engine met."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tagmetry.api import Dataset, FileProblem, Finding, Location, ProblemKind, Rule, Value, template_fields

OTHER: Final = "other"
"""Message for what a layout of another plugin may report without a text of ours; over `path` and `code`."""


def _code(problem: FileProblem) -> str:
    return problem.code


def findings_for(
    rule: Rule, dataset: Dataset, kind: ProblemKind, *, message_of: Callable[[FileProblem], str] = _code
) -> Iterator[Finding]:
    """One finding per problem of the kind. Its message is that of the problem's code, or else `OTHER`."""
    for problem in dataset.problems(kind):
        values: dict[str, Value] = {**problem.values, "path": problem.path, "code": problem.code}
        if problem.line:
            values["line"] = problem.line
        # The name in a line of a manifest tells it from other lines, wherever the line moves.
        name = problem.values.get("name")
        message = message_of(problem)
        yield rule.finding(
            problem.subject(),
            message if _is_sayable(rule, message, values) else OTHER,
            values=values,
            key=name if isinstance(name, str) else "",
            location=Location(problem.line) if problem.line else None,
        )


def _is_sayable(rule: Rule, message: str, values: Mapping[str, Value]) -> bool:
    """Whether the rule has such a message, and the message its values."""
    template = rule.messages.get(message)
    return template is not None and set(template_fields(template)) <= set(values)
