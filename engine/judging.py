"""Judging: calling rules on what they ask for, and turning what they yield into findings."""

import math
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Dataset, Samples
from tagmetry.errors import PluginError
from tagmetry.failures import reason_of
from tagmetry.finding import Evidence, Finding, Location, Measurement, Severity, Subject, SubjectKind
from tagmetry.messages import Message, Plural, Template, Value, message, template_fields
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


def judged(rule: Rule, dataset: Dataset, options: Any, *, where: Mask | None = None) -> Judged:
    """Call one rule; whatever it raises stays its own failure.

    `where` has shape (n,) over all images and narrows down what a rule of scope `each_sample` is given.
    """
    findings: list[Finding] = []
    skipped: dict[str, Message] = {}
    n_judged = 0
    try:
        for call in _calls(rule, dataset, options, where):
            try:
                # One by one: what was found before a rule could not go on has been found.
                for finding in call:
                    findings.append(_checked(rule, finding))  # noqa: PERF401
            except Skip as skip:
                reason = rule.skip_message(skip)
                skipped.setdefault(reason.english(), reason)
                continue
            n_judged += 1
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin's rule may raise anything, sys.exit included
        return Judged(rule, (), (), 0, failure=reason_of(error, package=rule.module.partition(".")[0]))
    return Judged(rule, tuple(findings), tuple(skipped.values()), n_judged)


def findings_of(rule: Rule, dataset: Dataset, options: Any = None) -> list[Finding]:
    """The findings of one rule, with its default options where none are given. Raises what the rule raises."""
    options = rule.options() if options is None else options
    return [finding for call in _calls(rule, dataset, options) for finding in call]


def _calls(rule: Rule, dataset: Dataset, options: Any, where: Mask | None = None) -> Iterator[Iterator[Finding]]:
    """One iterator of findings per subject that the rule's scope walks over."""
    if rule.scope == "whole_dataset":
        yield _yielded(rule, dataset, options)
    elif rule.scope == "each_concept":
        concepts = dataset.concepts_of(*rule.roles)
        for concept in concepts:
            yield _yielded(rule, concept, options)
        if not concepts:
            yield _nothing_of(rule.roles)
    elif rule.scope == "each_sample":
        wanted = np.zeros(dataset.n, dtype=bool)
        for role in rule.roles:
            wanted |= dataset.roles.equals(role)
        samples = dataset.samples.where(wanted if where is None else wanted & where)
        if samples.n:
            yield _expanded(rule, samples, options)
        else:
            yield _skipping(Skip("nothing-chosen")) if wanted.any() else _nothing_of(rule.roles)
    else:
        # Configs of trainers are not read yet.
        yield _skipping(Skip("no-config"))


def _expanded(rule: Rule, samples: Samples, options: Any) -> Iterator[Finding]:
    for hits in _yielded(rule, samples, options):
        yield from expanded(rule, samples, hits)


def _nothing_of(roles: tuple[str, ...]) -> Iterator[Finding]:
    """A rule that was given nothing must not look like one that found nothing."""
    return _skipping(Skip("no-training-images") if "train" in roles else Skip("no-images-of", roles=roles))


def _skipping(skip: Skip) -> Iterator[Finding]:
    raise skip
    yield


def _yielded(rule: Rule, subject: Any, options: Any) -> Iterator[Any]:
    """What a check gives, which may be any iterable. It is called when the first one is asked for."""
    assert rule.check is not None, f"{rule.id} has no check"
    result: Any = rule.check(subject, options)
    if isinstance(result, str | bytes) or not isinstance(result, Iterable):
        raise _broken("the check gave {what}; it yields what it found", what=type(result).__name__)
    yield from result


def expanded(rule: Rule, samples: Samples, hits: Hits) -> Iterator[Finding]:
    """One finding per hit sample, in row order."""
    if not isinstance(hits, Hits):
        raise _broken("the check yielded {what}; a rule of scope each_sample yields Hits", what=type(hits).__name__)
    mask = np.asarray(hits.mask, dtype=bool)
    _check_shapes(samples.n, {**hits.values, "mask": mask, "measured": hits.measured})
    subject_of = samples.dataset.caption if hits.about == "caption" else samples.dataset.sample
    for place in np.flatnonzero(mask):
        yield rule.finding(
            _subject(subject_of, int(samples.rows[place])),
            hits.message,
            values={name: _at(value, int(place), samples.n) for name, value in hits.values.items()},
            measured=_measurement(hits, int(place), samples.n),
            severity=hits.severity,
            key=hits.key,
            evidence=hits.evidence,
        )


def _check_shapes(n: int, columns: Mapping[str, Any]) -> None:
    """Arrays hold one value per sample that the rule was given, not per image of the dataset."""
    for name, column in columns.items():
        if isinstance(column, np.ndarray) and column.shape != (n,):
            raise _broken(
                "{name} has the shape {shape}; the rule was given {n:count} samples",
                name=name,
                shape=str(column.shape),
                n=n,
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


def _checked(rule: Rule, finding: Any) -> Finding:
    """The contract of a finding, so that nothing breaks when it is sorted, shown or written as JSON."""
    if not isinstance(finding, Finding):
        raise _broken("the check yielded {what}; it yields findings", what=type(finding).__name__)
    if finding.rule != rule.id or finding.message not in rule.messages:
        raise _broken("a finding {message} of {rule} is none of its own", message=finding.message, rule=finding.rule)
    missing = sorted(_wanted(rule, finding.message) - finding.values.keys())
    if missing:
        raise _broken("the finding {message} lacks the values {names}", message=finding.message, names=tuple(missing))
    for name, value in finding.values.items():
        if not _is_value(value):
            raise _broken("the value {name} is {shown}", name=name, shown=_described(value))
    _check_subject(finding.subject)
    if finding.measured is not None:
        for name, figure in (("value", finding.measured.value), ("limit", finding.measured.limit)):
            if not _is_figure(figure) and not (name == "limit" and figure is None):
                raise _broken("the {name} of a measurement is {shown}", name=name, shown=_described(figure))
    for name, part, kind in (("severity", finding.severity, Severity), ("location", finding.location, Location)):
        if part is Severity.OFF or (part is not None and not isinstance(part, kind)):
            raise _broken("the {name} of a finding is {shown}", name=name, shown=_described(part))
    if not isinstance(finding.key, str) or finding.evidence not in (None, *typing.get_args(Evidence)):
        raise _broken("a finding's key is a text, and its evidence one of {known}", known=typing.get_args(Evidence))
    return finding


@lru_cache(maxsize=1024)
def _wanted(rule: Rule, key: str) -> frozenset[str]:
    """The values that the message and its remedies ask for."""
    remedies = rule.remedies_for(key)
    return frozenset().union(*(_fields(text) for text in (rule.messages[key], *remedies.data, *remedies.training)))


def _fields(template: Template) -> set[str]:
    fields = set(template_fields(template))
    return fields | {template.by} if isinstance(template, Plural) else fields


def _check_subject(subject: Any) -> None:
    if not isinstance(subject, Subject):
        raise _broken("the subject of a finding is {shown}", shown=_described(subject))
    if subject.kind not in typing.get_args(SubjectKind):
        raise _broken("the kind of a subject is none of {known}", known=", ".join(typing.get_args(SubjectKind)))
    for texts in ((subject.name,), subject.identity, subject.paths):
        if not isinstance(texts, tuple) or not all(isinstance(text, str) for text in texts):
            raise _broken("a subject's name is a text, and its identity and paths are tuples of texts")


def _is_value(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(member, str) for member in value)
    return isinstance(value, str) or _is_figure(value)


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _described(value: Any) -> str:
    return str(value) if isinstance(value, float) else type(value).__name__


def _broken(template: str, **values: Value) -> PluginError:
    """A rule that breaks its contract; told to its author."""
    text: Message = message(template, **values)
    return PluginError(text)
