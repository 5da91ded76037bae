"""What a policy's `balance` says in expressions: its own steps, when never to balance, when tags count as good."""

from dataclasses import dataclass
from typing import Final

from tagmetry.policy.expressions import Expression

STEP_KEYS: Final = ("name", "when", "action", "multiplier", "because")


@dataclass(frozen=True, slots=True)
class Condition:
    """A truth about the whole dataset, and the place in a policy where it stands."""

    expression: Expression
    place: str = ""


@dataclass(frozen=True, slots=True)
class BalanceStep:
    """One step of a policy's flow. The first step that holds decides.

    `when` None always holds. `multiplier` is one figure per concept; None leaves all concepts alone.
    """

    name: str
    when: Expression | None
    multiplier: Expression | None
    because: str = ""
    place: str = ""

    def as_data(self) -> dict[str, str]:
        """The step as it stands in a policy file."""
        data = {"name": self.name}
        if self.when is not None:
            data["when"] = self.when.text
        if self.multiplier is None:
            data["action"] = "none"
        else:
            data["multiplier"] = self.multiplier.text
        return data | ({"because": self.because} if self.because else {})


@dataclass(frozen=True, slots=True)
class Conditions:
    """`steps` take the place of the questions of size and imbalance; None leaves those as they are."""

    steps: tuple[BalanceStep, ...] | None = None
    never: tuple[Condition, ...] = ()
    tags_good: Condition | None = None


NO_CONDITIONS: Final = Conditions()
