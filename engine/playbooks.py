"""Playbooks: from symptoms that a user saw after training, and what the data show, to advice in order. They are policy
data, so that teams and plugins can bring their own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tagmetry.finding import Evidence
from tagmetry.policy.expressions import Expression
from tagmetry.report import ReportedFinding

ADJUSTMENTS: Final = (
    "fewer-repeats",
    "weak-randomization",
    "more-regularization",
    "equal-exposure",
    "no-caption-dropout",
    "some-caption-dropout",
    "multipliers-back",
)
"""Changes to the balance plan that a piece of advice can name."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Findings of a rule, or only those with one of its messages: in a policy `rank-vs-data`, or `rank-vs-data.large`,
    for a rule can find that something is too much or too little, and the advice is not the same."""

    rule: str
    message_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.rule}.{self.message_id}" if self.message_id else self.rule

    def is_of(self, finding: ReportedFinding) -> bool:
        return finding.rule == self.rule and self.message_id in ("", finding.message_id)


@dataclass(frozen=True, slots=True)
class Advice:
    """One step: what to do, the findings that speak for it, how sure it is, and what would change it.

    `when` is a condition about the whole dataset; where it is known not to hold, the step is not needed, as `unless`
    says in words. `anyway` stands for a step that follows from the symptom also where its rules find nothing. `adjust`
    names the change to the balance plan that it amounts to, "" where it is none.
    """

    do: str
    because: tuple[Sign, ...] = ()
    evidence: Evidence = "heuristic"
    unless: str = ""
    adjust: str = ""
    when: Expression | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Playbook:
    """Advice for one symptom: `seen` is what the user sees, `signals` are findings that are signs of it.

    `base_models` are those that it is about, empty for all. `data` comes before `training`, each in its order.
    `place` is where the policy says it. One that `adds` is no playbook by itself: its signs and steps come after those
    of the playbook of its symptom.
    """

    symptom: str
    seen: str
    points_to: tuple[str, ...]
    signals: tuple[Sign, ...]
    data: tuple[Advice, ...]
    training: tuple[Advice, ...]
    base_models: tuple[str, ...] = ()
    place: str = ""
    adds: bool = False

    def is_about(self, base_model: str | None) -> bool:
        return not self.base_models or base_model is None or base_model in self.base_models


def merged(books: Iterable[Playbook]) -> tuple[Playbook, ...]:
    """One playbook for each symptom: a later one takes an earlier one's place, or adds to it if it says so."""
    found: dict[str, Playbook] = {}
    for book in books:
        earlier = found.get(book.symptom)
        found[book.symptom] = _extended(earlier, book) if book.adds and earlier is not None else book
    return tuple(found.values())


def _extended(earlier: Playbook, more: Playbook) -> Playbook:
    return replace(
        earlier,
        seen=more.seen or earlier.seen,
        points_to=tuple(dict.fromkeys((*earlier.points_to, *more.points_to))),
        signals=tuple(dict.fromkeys((*earlier.signals, *more.signals))),
        data=(*earlier.data, *more.data),
        training=(*earlier.training, *more.training),
        base_models=more.base_models or earlier.base_models,
        place=more.place,
    )
