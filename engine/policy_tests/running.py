"""Running a case: the policy judges the inline dataset, and what it says is held against what is expected."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagmetry.diagnosis import diagnose
from tagmetry.errors import UsageError
from tagmetry.globs import matches
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.as_data import plan_as_data
from tagmetry.playbooks import Playbook
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Diagnostic, Problems, Span
from tagmetry.policy.flags import flag_layer, with_flags
from tagmetry.policy.form import rule_named
from tagmetry.policy.loader import playbooks_of
from tagmetry.policy.model import Policy
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode
from tagmetry.policy_tests.cases import Case, Expected, ExpectedDiagnosis, ExpectedFinding, expected
from tagmetry.policy_tests.given import GivenImages, check_images, feature_names, laid_out
from tagmetry.report import Report, ReportedFinding
from tagmetry.runner import Request, run

SHOWN: Final = 6
"""Findings that a failure lists at most."""


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """What was not as expected, at its place in the case, and what was found instead, in English."""

    problem: Diagnostic
    found: tuple[str, ...] = ()
    n_found: int = 0

    def as_data(self) -> dict[str, Any]:
        return {**self.problem.as_data(), "found": list(self.found)}


class _Failures:
    def __init__(self) -> None:
        self.all: list[CaseFailure] = []

    def add(
        self,
        code: str,
        text: Message,
        span: Span,
        help: Message | None = None,
        *,
        found: Sequence[ReportedFinding] = (),
    ) -> None:
        told = tuple(_told(one) for one in found[:SHOWN])
        self.all.append(CaseFailure(Diagnostic(code, text, span, help), told, len(found)))


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case: nothing in `failures` means that all was as expected."""

    case: Case
    policy: Policy
    report: Report | None
    failures: tuple[CaseFailure, ...]


def run_case(case: Case, policy: Policy, plugins: Plugins) -> CaseResult:
    """Judge a case's dataset. Raises PolicyError for a case that speaks of rules, figures or images that are not there.

    `plugins` hold the rules that the policy defines.
    """
    problems = Problems()
    check_images(case, plugins, problems)
    _check_rules(case, plugins, problems)
    books = playbooks_of(policy, plugins) if case.diagnosis else ()
    _check_symptoms(case, books, problems)
    try:
        layer, _ = flag_layer(plugins, profile=case.profile, settings=case.settings)
        policy = with_flags(policy, layer, plugins)
    except UsageError as error:
        problems.add("test-form", error.text, case.span, error.help)
    problems.raise_if_any()
    images = GivenImages({row.path: row for row in case.images}, feature_names(plugins))
    found = _Failures()
    with laid_out(case) as root:
        try:
            report = run(Request((root,), policy, plugins, today=case.today, given=images))
        except UsageError as error:
            found.add("test-not-audited", error.text, case.span, error.help)
            return CaseResult(case, policy, None, tuple(found.all))
    _compare(case, report, plugins, found)
    for wanted in case.diagnosis:
        _compare_diagnosis(wanted, report, books, found)
    return CaseResult(case, policy, report, tuple(found.all))


def _check_rules(case: Case, plugins: Plugins, problems: Problems) -> None:
    named = [(one.rule, one.span) for one in case.findings] + [(rule, at.span) for rule, at in case.outcomes.items()]
    for rule, span in named:
        if rule_named(rule, plugins) is None:
            help = plugins.way_out(rule, plugins.rules, message("tagmetry rules lists the rules"))
            problems.add("policy-unknown-rule", message("unknown rule '{rule}'", rule=rule), span, help)


def _check_symptoms(case: Case, books: Sequence[Playbook], problems: Problems) -> None:
    known = [book.symptom for book in books]
    for one in case.diagnosis:
        if one.symptom not in known:
            near = did_you_mean(one.symptom, known)
            problems.add(
                "policy-unknown-symptom",
                message("there is no playbook for the symptom {symptom}", symptom=one.symptom),
                one.span,
                message("did you mean {near}?", near=near)
                if near
                else message("symptoms: {known}", known=", ".join(known)),
            )


def _compare(case: Case, report: Report, plugins: Plugins, found: _Failures) -> None:
    ids = {name: rule.id for name in case.named_rules if (rule := rule_named(name, plugins)) is not None}
    outcomes = {one.rule: one for one in report.rules}
    for name in dict.fromkeys(one.rule for one in case.findings):
        wanted = [one for one in case.findings if one.rule == name]
        actual = [one for one in report.findings if one.rule == ids[name]]
        _compare_findings(ids[name], wanted, actual, report, outcomes, found)
    for name, told in case.outcomes.items():
        outcome = outcomes[ids[name]]
        if outcome.outcome != told.value:
            text = message(
                "{rule} was to be {expected}, and it is {actual}",
                rule=name,
                expected=str(told.value),
                actual=outcome.outcome,
            )
            said = [one for one in report.findings if one.rule == ids[name]]
            found.add("test-outcome", text, told.span, None if said else _why(outcome.reason), found=said)
    if case.nothing_else:
        others = [one for one in report.findings if one.rule not in ids.values()]
        if others:
            text = message(
                Plural(
                    "{n:count} finding of a rule that the case does not name",
                    "{n:count} findings of rules that the case does not name",
                ),
                n=len(others),
            )
            found.add("test-finding-unexpected", text, case.span, found=others)
    _compare_gate(case, report, found)
    for key, value in case.metrics.items():
        _compare_metric(key, value, report.metrics, found)
    if case.plan is not None:
        _compare_data(case.plan, plan_as_data(report.plan), "plan", found)


def _compare_gate(case: Case, report: Report, found: _Failures) -> None:
    gate = "pass" if report.exit_code == 0 else "fail"
    if case.gate is not None and gate != case.gate.value:
        open_ones = [one for one in report.findings if one.status == "open"]
        text = (
            message("the gate was to stop this dataset, and it lets it pass")
            if gate == "pass"
            else message("the gate was to let this dataset pass, and it stops it")
        )
        found.add("test-gate", text, case.gate.span, found=open_ones)
    if case.verdict is not None and report.summary.verdict != case.verdict.value:
        text = message("the verdict is {actual}", actual=report.summary.verdict)
        found.add("test-verdict", text, case.verdict.span, found=report.findings)


# Findings


def _compare_findings(
    rule_id: str,
    wanted: Sequence[ExpectedFinding],
    actual: Sequence[ReportedFinding],
    report: Report,
    outcomes: Mapping[str, Any],
    found: _Failures,
) -> None:
    """Each expected finding has to have one of its own, and none may be left over."""
    slots = [one for one in wanted for _ in range(one.n)]
    of_slot = _paired([[place for place, one in enumerate(actual) if _fits(slot, one, report)] for slot in slots])
    left = [one for place, one in enumerate(actual) if place not in of_slot]
    missing = Counter(slot.span for slot, place in zip(slots, of_slot, strict=True) if place is None)
    for one in wanted:
        if (n := missing[one.span]) == 0:
            continue
        kin = [finding for finding in left if _kinship(one, finding, report)]
        if n == 1 and len(kin) == 1:
            text = message(
                "{rule} found it, but {difference}", rule=one.rule, difference="; ".join(_differences(one, kin[0]))
            )
        else:
            text = message(
                Plural(
                    "{rule}: an expected finding is not there",
                    "{rule}: {n:count} of the expected findings are not there",
                ),
                rule=one.rule,
                n=n,
            )
        outcome = outcomes.get(rule_id)
        why = _why(outcome.reason if outcome is not None else None)
        found.add("test-finding-missing", text, one.span, None if actual else why, found=kin or left or actual)
    if left and not missing:
        text = message(
            Plural("{rule} found something more", "{rule} found {n:count} things more"),
            rule=wanted[0].rule,
            n=len(left),
        )
        found.add("test-finding-unexpected", text, wanted[0].span, found=left)


def _paired(candidates: Sequence[Sequence[int]]) -> list[int | None]:
    """For each slot one of its candidates, no one twice, as many slots filled as can be (augmenting paths)."""
    slot_of: dict[int, int] = {}

    def placed(slot: int, seen: set[int]) -> bool:
        for place in candidates[slot]:
            if place in seen:
                continue
            seen.add(place)
            if place not in slot_of or placed(slot_of[place], seen):
                slot_of[place] = slot
                return True
        return False

    for slot, places in enumerate(candidates):
        free = next((place for place in places if place not in slot_of), None)
        if free is not None:
            slot_of[free] = slot
        else:
            placed(slot, set())
    found: list[int | None] = [None] * len(candidates)
    for place, slot in slot_of.items():
        found[slot] = place
    return found


def _fits(wanted: ExpectedFinding, actual: ReportedFinding, report: Report) -> bool:
    return _kinship(wanted, actual, report) and not any(_differences(wanted, actual))


def _differences(wanted: ExpectedFinding, actual: ReportedFinding) -> Iterator[str]:
    """What a finding about the right thing says otherwise, in English."""
    limit = actual.measured.limit if actual.measured is not None else None
    said = actual.message.english()
    pairs = (
        ("severity", wanted.severity, actual.severity.label, actual.severity.label == wanted.severity),
        ("status", wanted.status, actual.status, actual.status == wanted.status),
        (
            "limit",
            wanted.limit,
            limit,
            limit is not None and wanted.limit is not None and _is_close(limit, wanted.limit),
        ),
        ("origin", wanted.origin, actual.limit_origin, _origin_fits(actual.limit_origin, wanted.origin or "")),
        ("says", wanted.says, said, (wanted.says or "") in said),
    )
    for name, expectation, is_, agrees in pairs:
        if expectation is not None and not agrees:
            text = message(
                "{what} is {actual}, not {expected}", what=name, actual=_plain(is_), expected=_plain(expectation)
            )
            yield text.english()


def _kinship(wanted: ExpectedFinding, actual: ReportedFinding, report: Report) -> bool:
    """Whether a finding is about what was meant, whatever it says."""
    subject = actual.subject
    return (
        (wanted.path is None or any(matches(wanted.path, path) for path in subject.paths))
        and (wanted.concept is None or wanted.concept in _concepts(actual, report))
        and (wanted.about is None or wanted.about == subject.name)
    )


def _concepts(finding: ReportedFinding, report: Report) -> Collection[str]:
    subject = finding.subject
    if subject.kind in ("concept", "tag", "pair"):
        return (subject.identity[0],)
    dataset = report.dataset_view
    if dataset is None:
        return ()
    row_of = {path: row for row, path in enumerate(dataset.paths)}
    rows = [row_of[path] for path in subject.paths if path in row_of]
    return {dataset.concept_infos[dataset.concept_of[row]].name for row in rows}


def _origin_fits(actual: str, wanted: str) -> bool:
    """A file may be named without its folder, and without its line, which every comment above it changes."""
    file = actual.rpartition(":")[0]
    return actual == wanted or file == wanted or file.endswith(f"/{wanted}")


def _told(finding: ReportedFinding) -> str:
    place = finding.subject.paths[0] if finding.subject.kind in ("sample", "caption") else finding.subject.name
    status = "" if finding.status == "open" else f", {finding.status}"
    return f"{finding.severity.label}{status} [{finding.rule}] {place}: {finding.message.english()}"


def _why(reason: Message | None) -> Message:
    if reason is None:
        return message("the rule found nothing")
    return message("the rule did not judge: {reason}", reason=reason.english())


# Diagnoses


def _compare_diagnosis(wanted: ExpectedDiagnosis, report: Report, books: Sequence[Playbook], found: _Failures) -> None:
    (one,) = diagnose(report, books, [wanted.symptom])
    signs = [finding for signal in one.signals for finding in signal.findings]

    def differs(what: str, expectation: Collection[str], actual: Collection[str]) -> None:
        if set(expectation) != set(actual):
            text = message(
                "{symptom}: {what} are {actual}, not {expected}",
                symptom=wanted.symptom,
                what=what,
                actual=", ".join(actual) or "-",
                expected=", ".join(expectation) or "-",
            )
            found.add("test-diagnosis", text, wanted.span, found=signs)

    if wanted.signs is not None:
        differs("signs", wanted.signs, [signal.rule for signal in one.signals])
    if wanted.changes is not None:
        differs("changes", wanted.changes, one.changes)
    to_do = [step for step in (*one.data, *one.training) if step.is_to_do]
    if wanted.first is not None:
        differs("first", [wanted.first], [step.advice.do for step in to_do[:1]])
    if wanted.images is not None:
        named = dict.fromkeys(path for step in to_do for path in step.paths)
        unmatched = [path for path in named if not any(matches(pattern, path) for pattern in wanted.images)]
        idle = [pattern for pattern in wanted.images if not any(matches(pattern, path) for path in named)]
        if unmatched or idle:
            differs("images", wanted.images, [*unmatched, *(path for path in named if path not in unmatched)])
    if wanted.warned is not None:
        warned = [other.playbook.symptom for other in diagnose(report, books, ())]
        if (wanted.symptom in warned) != wanted.warned:
            text = (
                message("{symptom} was to be warned of in advance, and it is not", symptom=wanted.symptom)
                if wanted.warned
                else message("{symptom} was not to be warned of in advance, and it is", symptom=wanted.symptom)
            )
            found.add("test-diagnosis", text, wanted.span, found=signs)


# Figures and plans


def _compare_metric(key: str, wanted: Expected, metrics: Mapping[str, float], found: _Failures) -> None:
    if key not in metrics:
        near = did_you_mean(key, metrics)
        help = message("did you mean '{near}'?", near=near) if near else None
        found.add("test-metric", message("the dataset has no figure '{key}'", key=key), wanted.span, help)
    elif not _agrees(wanted, metrics[key]):
        text = message("{key} is {actual}", key=key, actual=_plain(metrics[key]))
        found.add("test-metric", text, wanted.span)


def _compare_data(wanted: Node, actual: Any, path: str, found: _Failures) -> None:
    """What is written has to be there, and nothing else is looked at. Lists of named things go by their names."""
    if isinstance(wanted, MappingNode):
        if isinstance(actual, list):
            actual = {str(one.get("name", one.get("tag", one.get("node")))): one for one in actual}
        if not isinstance(actual, Mapping):
            found.add("test-plan", message("{key} is {actual}", key=path, actual=str(actual)), wanted.span)
            return
        for key, node in wanted.items:
            if key.text in actual:
                _compare_data(node, actual[key.text], f"{path}.{key.text}", found)
                continue
            near = did_you_mean(key.text, actual)
            names = ", ".join(map(str, actual)) or "-"
            help = (
                message("did you mean '{near}'? There are: {names}", near=near, names=names)
                if near
                else message("there are: {names}", names=names)
            )
            found.add("test-plan", message("{key} is not there", key=f"{path}.{key.text}"), key.span, help)
        return
    if isinstance(wanted, SequenceNode):
        values = [node.value for node in wanted.items if isinstance(node, ScalarNode)]
        if values != actual:
            found.add("test-plan", message("{key} is {actual}", key=path, actual=str(actual)), wanted.span)
        return
    if not _agrees(expected(wanted), actual):
        found.add("test-plan", message("{key} is {actual}", key=path, actual=_plain(actual)), wanted.span)


def _agrees(wanted: Expected, actual: Any) -> bool:
    if isinstance(wanted.value, bool) or isinstance(actual, bool) or not isinstance(wanted.value, int | float):
        return bool(wanted.value == actual)
    if not isinstance(actual, int | float):
        return False
    if wanted.decimals is not None:
        return bool(abs(actual - wanted.value) <= 0.5 * 10**-wanted.decimals + 1e-9)
    return _is_close(actual, wanted.value)


def _is_close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)
