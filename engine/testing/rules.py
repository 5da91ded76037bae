"""Rules called as a run calls them, and what they said in forms that read well in a test."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tagmetry.dataset import Dataset
from tagmetry.finding import Finding
from tagmetry.judging import Judged, judged
from tagmetry.messages import Message, read_catalogue
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import Problems
from tagmetry.policy.kinds.defining import Around, read_definitions
from tagmetry.policy.kinds.kind import Kind
from tagmetry.policy.yaml_reader import read_yaml
from tagmetry.rule import Rule


def judge(rule: Rule, data: Dataset, **options: Any) -> Judged:
    """What the engine makes of the rule on the dataset; options are given as in a policy's Python form.

    Fails for a rule that breaks, and for a remedy that a finding's values do not fill.
    """
    unknown = set(options) - set(options_of(rule.options))
    assert not unknown, f"{rule.id} has no option {sorted(unknown)}"
    said = judged(rule, data, rule.options(**options))
    assert not said.failure, said.failure
    for found in said.findings:
        for text in _remedies(rule, found):
            text.english()
    return said


def findings(rule: Rule, data: Dataset, **options: Any) -> list[Finding]:
    """The rule's findings, which stand all the checks of the engine; fails where the rule could not judge at all."""
    said = judge(rule, data, **options)
    assert said.n_judged or not said.skipped, "skipped: " + "; ".join(reason.english() for reason in said.skipped)
    return list(said.findings)


def skips(rule: Rule, data: Dataset, **options: Any) -> list[str]:
    """The English reasons for which the rule did not judge."""
    return [reason.english() for reason in judge(rule, data, **options).skipped]


def subjects(found: Sequence[Finding]) -> list[str]:
    """The subjects in the order found: a name, and for tags and pairs `concept: name`."""
    return [
        f"{finding.subject.identity[0]}: {finding.subject.name}"
        if finding.subject.kind in ("tag", "pair")
        else finding.subject.name
        for finding in found
    ]


def texts(rule: Rule, found: Sequence[Finding]) -> list[str]:
    """The English messages of findings."""
    return [Message(rule.messages[finding.message], finding.values).english() for finding in found]


def severities(rule: Rule, found: Sequence[Finding]) -> list[str]:
    """The severity of each finding where no policy says anything else: `error`, `warning`, `info`."""
    return [(rule.severity if finding.severity is None else finding.severity).label for finding in found]


def remedies(rule: Rule, finding: Finding) -> list[str]:
    """The English remedies of a finding, those for the data first."""
    return [text.english() for text in _remedies(rule, finding)]


def figures(found: Sequence[Finding]) -> list[tuple[str, float, float | None, str | None, str | None]]:
    """What was measured: metric, value, limit, option, unit."""
    measured = [finding.measured for finding in found]
    return [(part.metric, part.value, part.limit, part.option, part.unit) for part in measured if part is not None]


def defined(kind: Kind, /, **written: Any) -> Rule:
    """The rule that a policy makes from a kind with these fields and options. Raises PolicyError for what is wrong.

    What stands there for an option is checked; the rule is called with options of its own, as any other.
    """
    text = json.dumps({"name": "test/policy", "define": {"test/rule": {"kind": kind.name, **written}}})
    plugins = load_plugins(foreign=False)
    around = Around(replace(plugins, kinds={**plugins.kinds, kind.name: kind}), (), tuple)
    problems = Problems()
    root = read_yaml(text, file="test.yaml", problems=problems)
    rules, _ = read_definitions(root, label="test.yaml", numbered=True, around=around, problems=problems)
    problems.raise_if_any()
    return rules[0].rule


def untranslated(po: bytes, *rules: Rule) -> list[str]:
    """The English texts of rules, titles and remedies among them, that a .po catalogue lacks. Sorted."""
    known = read_catalogue(po)
    wanted = {text if isinstance(text, str) else text.one for rule in rules for text in (rule.title, *rule.texts())}
    return sorted(wanted - set(known))


def _remedies(rule: Rule, finding: Finding) -> Iterator[Message]:
    of_message = rule.remedies_for(finding.message)
    for template in (*of_message.data, *of_message.training):
        yield Message(template, finding.values)
