"""From symptoms and findings to advice in order, by the policy's playbooks. Nothing is measured here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.messages import english, message
from tagmetry.playbooks import Advice, Playbook
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.report import Report, ReportedFinding, RuleOutcome

MOST_PATHS: Final = 200
"""Images that are named for one piece of advice."""


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

    Without findings the advice follows from the symptom alone.
    """

    advice: Advice
    findings: tuple[ReportedFinding, ...]
    paths: tuple[str, ...]
    n_paths: int


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """A playbook opened on a report. `observed` says whether somebody reported the symptom.

    `signals` are the rules among its signs that found something, the worst first; `not_judged` those that could not.
    """

    playbook: Playbook
    observed: bool
    signals: tuple[Signal, ...]
    not_judged: tuple[RuleOutcome, ...]
    data: tuple[Step, ...]
    training: tuple[Step, ...]


def diagnose(report: Report, playbooks: Sequence[Playbook], symptoms: Collection[str]) -> tuple[Diagnosed, ...]:
    """What the playbooks of these symptoms advise; without symptoms, of all whose signs are in the data as warnings.

    The symptoms come in the playbooks' order; without any, the playbook with the gravest signs comes first. Raises
    UsageError for a symptom that no playbook is about.
    """
    check_symptoms(playbooks, symptoms)
    by_rule: dict[str, list[ReportedFinding]] = {}
    for finding in report.findings:
        if finding.status == "open":
            by_rule.setdefault(finding.rule, []).append(finding)
    outcomes = {line.rule: line for line in report.rules}
    images = frozenset(report.images.paths)
    if symptoms:
        return tuple(
            _opened(book, by_rule, outcomes, images, observed=True) for book in playbooks if book.symptom in symptoms
        )
    setting = report.policy.profile.get("base_model")
    base_model = str(setting.value) if setting is not None and setting.value is not None else None
    opened = [
        _opened(book, by_rule, outcomes, images, observed=False) for book in playbooks if book.is_about(base_model)
    ]
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


def _gravity(one: Diagnosed) -> tuple[int, int]:
    """Playbooks with more signs that are errors come first, then those with more that are warnings."""
    severities = [signal.severity for signal in one.signals]
    return -severities.count(Severity.ERROR), -severities.count(Severity.WARNING)


def _opened(
    book: Playbook,
    by_rule: Mapping[str, Sequence[ReportedFinding]],
    outcomes: Mapping[str, RuleOutcome],
    images: Collection[str],
    *,
    observed: bool,
) -> Diagnosed:
    signals = [Signal(rule, tuple(by_rule[rule])) for rule in book.signals if rule in by_rule]
    return Diagnosed(
        book,
        observed,
        signals=tuple(sorted(signals, key=lambda signal: -signal.severity)),
        not_judged=tuple(
            outcomes[rule]
            for rule in book.signals
            if rule in outcomes and outcomes[rule].outcome in ("skipped", "failed")
        ),
        data=tuple(_step(advice, by_rule, images) for advice in book.data),
        training=tuple(_step(advice, by_rule, images) for advice in book.training),
    )


def _step(advice: Advice, by_rule: Mapping[str, Sequence[ReportedFinding]], images: Collection[str]) -> Step:
    findings = [finding for rule in advice.because for finding in by_rule.get(rule, ())]
    findings.sort(key=lambda finding: -finding.severity)
    named = dict.fromkeys(path for finding in findings for path in finding.subject.paths)
    # A caption's finding names its file and its image; what could not be read is no image, and is named as it is.
    paths = tuple(path for path in named if path in images) or tuple(named)
    return Step(advice, tuple(findings), paths[:MOST_PATHS], len(paths))


def as_data(diagnosed: Sequence[Diagnosed], symptoms: Collection[str]) -> dict[str, Any]:
    """For JSON, in English."""
    say = english()
    return {
        "format": "tagmetry-diagnosis/1",
        "symptoms": sorted(symptoms),
        "from_signals_alone": not symptoms,
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
        "evidence": step.advice.evidence,
        "unless": step.advice.unless,
        "adjust": step.advice.adjust or None,
        "because": [
            {"rule": one.rule, "fingerprint": one.fingerprint, "message": one.message.english()}
            for one in step.findings
        ],
        "paths": list(step.paths),
        "n_paths": step.n_paths,
    }
