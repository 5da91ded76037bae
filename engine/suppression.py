"""What a suppression of the policy did in a run, for the rules that watch over suppressions."""

from dataclasses import dataclass

from tagmetry.finding import Location, Subject


@dataclass(frozen=True, slots=True)
class SuppressionUse:
    """One suppression with what it met.

    `shown` is its match in words, empty where it means all findings of the rule; `expires` a day as 2027-03-31 or "".
    `n_findings` findings fit it, about `n_subjects` different subjects. `n_judged` subjects were judged by the rule one
    by one; 0 where it judges the dataset as a whole. `was_judged` is false where the rule did not judge in this run.
    """

    rule: str
    reason: str
    shown: str
    expires: str
    is_expired: bool
    file: str
    line: int
    n_findings: int
    n_subjects: int
    n_judged: int
    was_judged: bool

    def subject(self) -> Subject:
        """The policy file; its path is not one of the dataset."""
        return Subject("config", self.file, identity=(self.file, f"suppressions/{self.rule}/{self.shown}"))

    @property
    def location(self) -> Location | None:
        return Location(self.line) if self.line else None
