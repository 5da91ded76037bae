"""From symptoms and findings to advice in order, by the policy's playbooks. Nothing is measured here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.layouts.pairing import is_image_name
from tagmetry.messages import english, message
from tagmetry.playbooks import Advice, Playbook, Sign
from tagmetry.policy.expressions import Facts
from tagmetry.policy.kinds.figures import facts_of
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.report import Report, ReportedFinding, RuleOutcome

MOST_PATHS: Final = 200
"""Images that are named for one piece of advice."""

Standing = Literal["found", "open", "not-judged", "clean", "not-needed"]

_RANK: Final[Mapping[Standing, int]] = {"found": 0, "open": 0, "not-judged": 1, "clean": 2, "not-needed": 3}
"""Steps to be taken come first, then what could not be judged, what was looked into in vain, and what is not needed."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that found something: a sign of the symptom."""

    rule: str
    findings: tuple[ReportedFinding, ...]

    @property
    def severity(self) -> Severity:
        return max(one.severity for one in self.findings)


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of advice with the findings behind it, the worst first, and the images that they name.

    `standing` is `found` with findings behind it; `open` where it follows from the symptom alone; `not-judged` where
    half or more of its rules could not judge; `clean` where they looked and found nothing, so that there is nothing to
    do; `not-needed` where its condition does not hold. `clean` lists the rules that looked and found nothing,
    `not_judged` those that could not.
    """

    advice: Advice
    standing: Standing
    findings: tuple[ReportedFinding, ...]
    paths: tuple[str, ...]
    n_paths: int
    clean: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()

    @property
    def is_to_do(self) -> bool:
        return self.standing in ("found", "open")


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """A playbook opened on a report. `observed` says whether somebody reported the symptom.

    `signals` are the rules among its signs that found something, the worst first; `not_judged` those that could not.
    The steps keep the playbook's order, but what is not to be done comes last. Where nobody reported the symptom, only
    steps with findings are there.
    """

    playbook: Playbook
    observed: bool
    signals: tuple[Signal, ...]
    not_judged: tuple[RuleOutcome, ...]
    data: tuple[Step, ...]
    training: tuple[Step, ...]

    @property
    def changes(self) -> tuple[str, ...]:
        """The changes to the balance plan that its steps amount to, in their order."""
        steps = [step for step in (*self.data, *self.training) if step.is_to_do]
        return tuple(dict.fromkeys(step.advice.adjust for step in steps if step.advice.adjust))


def diagnose(report: Report, playbooks: Sequence[Playbook], symptoms: Collection[str]) -> tuple[Diagnosed, ...]:
    """What the playbooks of these symptoms advise; without symptoms, of all whose signs are in the data as warnings.

    The symptoms come in the playbooks' order; without any, the playbook with the gravest signs comes first. Raises
    UsageError for a symptom that no playbook is about.
    """
    check_symptoms(playbooks, symptoms)
    seen = _Seen.of(report)
    if symptoms:
        return tuple(_opened(book, seen, observed=True) for book in playbooks if book.symptom in symptoms)
    setting = report.policy.profile.get("base_model")
    base_model = str(setting.value) if setting is not None and setting.value is not None else None
    opened = [_opened(book, seen, observed=False) for book in playbooks if book.is_about(base_model)]
    grave = [one for one in opened if any(signal.severity >= Severity.WARNING for signal in one.signals)]
    return tuple(sorted(grave, key=_gravity))


def check_symptoms(playbooks: Sequence[Playbook], symptoms: Collection[str]) -> None:
    """Raises UsageError for a symptom that no playbook is about."""
    known = {book.symptom: book for book in playbooks}
    for symptom in symptoms:
        if symptom not in known:
            near = did_you_mean(symptom, known)
            raise UsageError(
                message("there is no playbook for the symptom {symptom}", symptom=symptom),
                message("did you mean {near}?", near=near)
                if near
                else message("symptoms: {known}", known=", ".join(known)),
            )


def only_base_model(playbooks: Sequence[Playbook], symptoms: Collection[str]) -> str | None:
    """The one base model that these symptoms are about; None where they are about any, or about several."""
    named = {model for book in playbooks if book.symptom in symptoms for model in book.base_models}
    return named.pop() if len(named) == 1 else None


def errors_besides(report: Report, diagnosed: Iterable[Diagnosed]) -> dict[str, int]:
    """The errors of the report that no sign of these playbooks is among, as rule -> number of findings."""
    told = {signal.rule for one in diagnosed for signal in one.signals}
    found: dict[str, int] = {}
    for finding in report.findings:
        if finding.status == "open" and finding.severity is Severity.ERROR and finding.rule not in told:
            found[finding.rule] = found.get(finding.rule, 0) + 1
    return found


def _gravity(one: Diagnosed) -> tuple[int, int]:
    """Playbooks with more signs that are errors come first, then those with more that are warnings."""
    severities = [signal.severity for signal in one.signals]
    return -severities.count(Severity.ERROR), -severities.count(Severity.WARNING)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A report as playbooks look at it: open findings by rule, outcomes by rule, images, and facts for conditions."""

    by_rule: Mapping[str, Sequence[ReportedFinding]]
    outcomes: Mapping[str, RuleOutcome]
    images: frozenset[str]
    facts: Facts | None

    @classmethod
    def of(cls, report: Report) -> "_Seen":
        by_rule: dict[str, list[ReportedFinding]] = {}
        for finding in report.findings:
            if finding.status == "open":
                by_rule.setdefault(finding.rule, []).append(finding)
        dataset = report.dataset_view
        return cls(
            by_rule,
            {line.rule: line for line in report.rules},
            frozenset(report.images.paths),
            facts_of(dataset) if dataset is not None else None,
        )

    def findings(self, signs: Iterable[Sign]) -> tuple[ReportedFinding, ...]:
        """What is among these signs, each finding once."""
        found = (one for sign in signs for one in self.by_rule.get(sign.rule, ()) if sign.is_of(one))
        return tuple({one.fingerprint: one for one in found}.values())

    def not_judged(self, signs: Iterable[Sign]) -> tuple[RuleOutcome, ...]:
        lines = [self.outcomes[rule] for rule in _rules(signs) if rule in self.outcomes]
        return tuple(line for line in lines if line.outcome in ("skipped", "failed"))

    def clean(self, signs: Iterable[Sign]) -> tuple[str, ...]:
        """Rules that looked and found none of these; of a rule that is switched off nothing is known."""
        found = {one.rule for one in self.findings(signs)}
        judged = [rule for rule in _rules(signs) if rule not in found and rule in self.outcomes]
        return tuple(rule for rule in judged if self.outcomes[rule].outcome in ("clean", "found"))

    def holds(self, advice: Advice) -> bool:
        """Whether the step is for this dataset; a condition about what is not known does not speak against it."""
        return advice.when is None or self.facts is None or advice.when.value(self.facts) is not False


def _rules(signs: Iterable[Sign]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sign.rule for sign in signs))


def _opened(book: Playbook, seen: _Seen, *, observed: bool) -> Diagnosed:
    by_rule: dict[str, list[ReportedFinding]] = {}
    for finding in seen.findings(book.signals):
        by_rule.setdefault(finding.rule, []).append(finding)
    signals = [Signal(rule, tuple(findings)) for rule, findings in by_rule.items()]
    return Diagnosed(
        book,
        observed,
        signals=tuple(sorted(signals, key=lambda signal: -signal.severity)),
        not_judged=seen.not_judged(book.signals),
        data=_steps(book.data, seen, observed=observed),
        training=_steps(book.training, seen, observed=observed),
    )


def _steps(advised: Iterable[Advice], seen: _Seen, *, observed: bool) -> tuple[Step, ...]:
    steps = sorted((_step(advice, seen) for advice in advised), key=_urgency)
    return tuple(step for step in steps if observed or step.standing == "found")


def _urgency(step: Step) -> tuple[int, bool]:
    """Among the steps to be taken, those that only notes speak for come last."""
    return _RANK[step.standing], bool(step.findings) and step.findings[0].severity < Severity.WARNING


def _step(advice: Advice, seen: _Seen) -> Step:
    clean, not_judged = seen.clean(advice.because), seen.not_judged(advice.because)
    findings = tuple(sorted(seen.findings(advice.because), key=lambda finding: -finding.severity))
    standing: Standing = "open"
    if not seen.holds(advice):
        standing, findings = "not-needed", ()
    elif findings:
        standing = "found"
    elif not advice.anyway and (clean or not_judged):
        standing = "clean" if len(clean) > len(not_judged) else "not-judged"
    paths = _images(findings, seen.images)
    return Step(
        advice, standing, findings, paths[:MOST_PATHS], len(paths), clean, tuple(line.rule for line in not_judged)
    )


def _images(findings: Iterable[ReportedFinding], images: Collection[str]) -> tuple[str, ...]:
    """The images that findings are about. A caption's finding names its file and its image."""
    found: dict[str, None] = {}
    for finding in findings:
        paths = finding.subject.paths
        of_images = [path for path in paths if path in images]
        # What could not be read is no image of the dataset, and is named all the same.
        found |= dict.fromkeys(of_images or (path for path in paths if is_image_name(path)))
    return tuple(found)


def as_data(
    diagnosed: Sequence[Diagnosed], symptoms: Collection[str], besides: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """For JSON, in English. `besides` are errors that belong to no symptom, as `errors_besides` counts them."""
    say = english()
    return {
        "format": "tagmetry-diagnosis/1",
        "symptoms": sorted(symptoms),
        "from_signals_alone": not symptoms,
        "errors_besides": [{"rule": rule, "n": n} for rule, n in (besides or {}).items()],
        "changes": list(dict.fromkeys(name for one in diagnosed for name in one.changes)),
        "playbooks": [
            {
                "symptom": one.playbook.symptom,
                "seen": one.playbook.seen,
                "observed": one.observed,
                "points_to": list(one.playbook.points_to),
                "signals": [
                    {
                        "rule": signal.rule,
                        "severity": signal.severity.label,
                        "findings": [finding.fingerprint for finding in signal.findings],
                    }
                    for signal in one.signals
                ],
                "not_judged": [
                    {"rule": line.rule, "reason": say.render(line.reason) if line.reason is not None else ""}
                    for line in one.not_judged
                ],
                "data": [_step_data(step) for step in one.data],
                "training": [_step_data(step) for step in one.training],
                "origin": one.playbook.place,
            }
            for one in diagnosed
        ],
    }


def _step_data(step: Step) -> dict[str, Any]:
    return {
        "do": step.advice.do,
        "standing": step.standing,
        "evidence": step.advice.evidence,
        "unless": step.advice.unless,
        "adjust": step.advice.adjust or None,
        "because": [
            {"rule": one.rule, "fingerprint": one.fingerprint, "message": one.message.english()}
            for one in step.findings
        ],
        "clean": list(step.clean),
        "not_judged": list(step.not_judged),
        "paths": list(step.paths),
        "n_paths": step.n_paths,
    }
