"""Levels of risk per failure mode, from the findings that point there, as the policy's `risks` say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from tagmetry.dataset import Dataset
from tagmetry.finding import FAILURE_MODES, Severity
from tagmetry.policy.expressions import Expression, Facts, FindingCounts, Registry, compile_expression
from tagmetry.policy.kinds.figures import facts_of
from tagmetry.policy.model import Told
from tagmetry.report import ReportedFinding, Risk

Level = Literal["high", "medium"]

RISKS: Final[Mapping[str, str]] = {"high": "errors >= 1 or warnings >= 3", "medium": "warnings >= 1"}
"""The conditions of the levels where a policy says none, the highest first."""


def risks(
    findings: Sequence[ReportedFinding], dataset: Dataset, told: Mapping[tuple[str, str], Told] | None = None
) -> tuple[Risk, ...]:
    """Per failure mode a level from the open findings that point there, by the policy's conditions `told`.

    A mode to which nothing points is not listed. It is a risk that the data carry, not a symptom that was seen.
    """
    facts = facts_of(dataset)
    found = []
    for mode in FAILURE_MODES:
        pointing = [one for one in findings if mode in one.points_to and one.status == "open"]
        if not pointing:
            continue
        counts = Counter(one.severity for one in pointing)
        seen = facts.with_counts(FindingCounts(counts[Severity.ERROR], counts[Severity.WARNING], counts[Severity.INFO]))
        because = tuple(one.fingerprint for one in pointing)
        found.append(_risk(mode, because, _conditions(mode, told or {}), seen))
    return tuple(found)


def _conditions(mode: str, told: Mapping[tuple[str, str], Told]) -> Iterator[tuple[Level, Expression, str]]:
    """The conditions of a mode's levels with their places, the highest level first."""
    own = any(known == mode for known, _ in told)
    levels: tuple[Level, ...] = ("high", "medium")
    for level in levels:
        if (mode, level) in told:
            condition: Expression = told[mode, level].value
            yield level, condition, told[mode, level].place
        elif not own:
            yield level, compile_expression(RISKS[level], Registry("risk", ()), want="boolean"), ""


def _risk(
    mode: str,
    because: tuple[str, ...],
    conditions: Iterable[tuple[Level, Expression, str]],
    facts: Facts,
) -> Risk:
    for level, condition, place in conditions:
        if condition.value(facts):
            return Risk(mode, level, because, condition.text, place)
    return Risk(mode, "low", because)
