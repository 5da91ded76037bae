"""Judging: calling rules on what they ask for, and turning what they yield into findings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagmetry.dataset import Dataset, Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, Value, message, template_fields
from tagmetry.rule import Hits, Rule, Skip


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule said: its findings, and why it could not judge where it could not.

    `failure` is set when the rule broke; its findings are then empty. `skipped` lists the distinct reasons;
    `n_judged` counts the subjects (concepts, or 1) that were judged.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    skipped: tuple[Message, ...]
    n_judged: int
    failure: str = ""


_FAILED: Final = "{kind}: {reason}"


def judged(rule: Rule, dataset: Dataset, options: Any) -> Judged:
    """Call one rule; whatever it raises stays its own failure."""
    findings: list[Finding] = []
    skipped: dict[str, Message] = {}
    n_judged = 0
    try:
        for call in _calls(rule, dataset, options):
            try:
                found = list(call)
            except Skip as skip:
                reason = rule.skip_message(skip)
                skipped.setdefault(reason.english(), reason)
                continue
            n_judged += 1
            findings.extend(found)
        for finding in findings:
            _check(rule, finding)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin's rule may raise anything, sys.exit included
        return Judged(rule, (), (), 0, failure=_reason(error))
    return Judged(rule, tuple(findings), tuple(skipped.values()), n_judged)


def findings_of(rule: Rule, dataset: Dataset, options: Any = None) -> list[Finding]:
    """The findings of one rule, with its default options where none are given. Raises what the rule raises."""
    options = rule.options() if options is None else options
    return [finding for call in _calls(rule, dataset, options) for finding in call]


def _calls(rule: Rule, dataset: Dataset, options: Any) -> Iterator[Iterator[Finding]]:
    """One iterator of findings per subject that the rule's scope walks over."""
    assert rule.check is not None, f"{rule.id} has no check"
    if rule.scope == "whole_dataset":
        yield rule.check(dataset, options)
    elif rule.scope == "each_concept":
        for concept in dataset.concepts_of(*rule.roles):
            yield rule.check(concept, options)
    elif rule.scope == "each_sample":
        wanted = np.zeros(dataset.n, dtype=bool)
        for role in rule.roles:
            wanted |= dataset.roles.equals(role)
        samples = dataset.samples.where(wanted)
        yield (finding for hits in rule.check(samples, options) for finding in expanded(rule, samples, hits))


def expanded(rule: Rule, samples: Samples, hits: Hits) -> Iterator[Finding]:
    """One finding per hit sample, in row order."""
    if hits.mask.shape != (samples.n,):
        raise ValueError(f"{rule.id}: a mask of shape {hits.mask.shape} for {samples.n} samples")
    subject_of = samples.dataset.caption if hits.about == "caption" else samples.dataset.sample
    for place in np.flatnonzero(hits.mask):
        yield rule.finding(
            _subject(subject_of, int(samples.rows[place])),
            hits.message,
            values={name: _at(value, int(place), samples.n) for name, value in hits.values.items()},
            measured=_measurement(hits, int(place), samples.n),
            severity=hits.severity,
            key=hits.key,
            evidence=hits.evidence,
        )


def _subject(subject_of: Any, row: int) -> Subject:
    subject: Subject = subject_of(row)
    return subject


def _measurement(hits: Hits, place: int, n: int) -> Measurement | None:
    if hits.metric is None or hits.measured is None:
        return None
    value = _at(hits.measured, place, n)
    return Measurement(hits.metric, float(value), hits.limit, option=hits.option, unit=hits.unit)


def _at(value: Any, place: int, n: int) -> Any:
    """One sample's part of a value: arrays and lists of n hold one per sample, everything else is for all."""
    if isinstance(value, np.ndarray) or (isinstance(value, list) and len(value) == n):
        value = value[place]
    return value.item() if isinstance(value, np.generic) else value


def _check(rule: Rule, finding: Finding) -> None:
    """The contract between a finding and its rule's texts, so that nothing breaks when it is shown."""
    template = rule.messages[finding.message]
    wanted = set(template_fields(template))
    remedies = rule.remedies_for(finding.message)
    for text in (*remedies.data, *remedies.training):
        wanted |= set(template_fields(text))
    missing = wanted - set(finding.values)
    if missing:
        raise ValueError(f"the finding {finding.message!r} lacks the values {sorted(missing)}")
    for name, value in finding.values.items():
        if not _is_value(value):
            raise TypeError(f"the value {name!r} is a {type(value).__name__}")


def _is_value(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(member, str) for member in value)
    return isinstance(value, str | int | float | bool)


def _reason(error: BaseException) -> str:
    text = str(error).split("\n")[0]
    return message(_FAILED, kind=type(error).__name__, reason=text or "no reason given").english()
