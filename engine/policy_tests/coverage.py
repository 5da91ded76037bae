"""What of a policy no case touched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tagmetry.plugins import Plugins
from tagmetry.policy.flags import COMMAND_LINE
from tagmetry.policy.form import rule_named
from tagmetry.policy.match import Match
from tagmetry.policy.model import Policy
from tagmetry.policy_tests.running import CaseResult

PartKind = Literal["rule", "override", "suppression", "playbook"]


@dataclass(frozen=True, slots=True)
class Part:
    """A rule, an override, a suppression or a playbook, and where the policy speaks of it."""

    kind: PartKind
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The parts that the policy's own files speak of, and those among them that no case touched."""

    n_parts: int
    untouched: tuple[Part, ...]


def coverage_of(results: Iterable[CaseResult], plugins: Plugins) -> Coverage:
    """What the cases of one policy touched. Built-in policies are not the user's to test.

    A rule is touched when it found something in a case, or when a case says what becomes of it; an override when a
    case has something that it is about; a suppression when it accepted a finding; a playbook when a case says what is
    diagnosed.
    """
    found = list(results)
    if not found:
        return Coverage(0, ())
    policy = found[0].policy
    parts = list(dict.fromkeys(_parts(policy, plugins)))
    touched = {part for one in found for part in _touched(one, parts, plugins)}
    return Coverage(len(parts), tuple(part for part in parts if part not in touched))


def _parts(policy: Policy, plugins: Plugins) -> Iterator[Part]:
    own = [layer for layer in policy.layers if layer.source not in plugins.policies and layer.source != COMMAND_LINE]
    for layer in own:
        for defined in layer.defined:
            yield Part("rule", defined.rule.id, defined.place)
        known = {defined.rule.id for defined in layer.defined}
        for patch in layer.rules:
            if not patch.says_something:
                continue
            if patch.match is not None:
                yield Part("override", patch.match.shown(), patch.place)
            elif patch.rule not in known:
                known.add(patch.rule)
                yield Part("rule", patch.rule, patch.place)
        for suppression in layer.suppressions:
            yield Part("suppression", suppression.rule, suppression.place)
        for book in layer.playbooks:
            yield Part("playbook", book.symptom, book.place)


def _touched(result: CaseResult, parts: Iterable[Part], plugins: Plugins) -> Iterator[Part]:
    report = result.report
    if report is None:
        return
    named = {rule.id for name in result.case.named_rules if (rule := rule_named(name, plugins)) is not None}
    rules = named | {one.rule for one in report.findings}
    accepted = {one.suppressed_by.place for one in report.findings if one.suppressed_by is not None}
    matches = {
        patch.place: patch.match for layer in result.policy.layers for patch in layer.rules if patch.match is not None
    }
    for part in parts:
        if (
            (part.kind == "rule" and part.name in rules)
            or (part.kind == "suppression" and part.place in accepted)
            or (part.kind == "playbook" and part.name in {one.symptom for one in result.case.diagnosis})
            or (part.kind == "override" and _is_met(matches[part.place], result))
        ):
            yield part


def _is_met(match: Match, result: CaseResult) -> bool:
    assert result.report is not None
    dataset = result.report.dataset_view
    if dataset is None:
        return False
    names = [info.name for info in dataset.concept_infos]
    return any(
        match.meets(path=path, concept=names[dataset.concept_of[row]], role=dataset.roles.label(row))
        for row, path in enumerate(dataset.paths)
    )
