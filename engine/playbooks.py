"""Playbooks: from symptoms that a user saw after training, and what the data show, to advice in order. They are policy
data, so that teams and plugins can bring their own."""

from dataclasses import dataclass
from typing import Final

from tagmetry.finding import Evidence

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
class Advice:
    """One step: what to do, the rules whose findings speak for it, how sure it is, and what would change it.

    `adjust` names the change to the balance plan that it amounts to, "" where it is none.
    """

    do: str
    because: tuple[str, ...] = ()
    evidence: Evidence = "heuristic"
    unless: str = ""
    adjust: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """Advice for one symptom: `seen` is what the user sees, `signals` are rules whose findings are signs of it.

    `base_models` are those that it is about, empty for all. `data` comes before `training`, each in its order.
    `place` is where the policy says it.
    """

    symptom: str
    seen: str
    points_to: tuple[str, ...]
    signals: tuple[str, ...]
    data: tuple[Advice, ...]
    training: tuple[Advice, ...]
    base_models: tuple[str, ...] = ()
    place: str = ""

    def is_about(self, base_model: str | None) -> bool:
        return not self.base_models or base_model is None or base_model in self.base_models
