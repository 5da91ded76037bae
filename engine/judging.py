"""Judging: calling rules on what they ask for, and turning what they yield into findings."""

import math
import operator
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.errors import PluginError
from tagmetry.failures import reason_of
from tagmetry.finding import Evidence, Finding, Location, Measurement, Severity, Subject, SubjectKind
from tagmetry.messages import Message, Plural, Template, Value, message, template_fields
from tagmetry.policy.conditions import chosen, not_called
from tagmetry.policy.match import Masks, Match, groups_by_matches
from tagmetry.policy.model import EffectiveRule, RuleInParts
from tagmetry.rule import COMMON_SKIPS, Hits, Rule, Skip
from tagmetry.suppression import SuppressionUse
from tagmetry.trainer_config import TrainerConfig

Members = TypeVar("Members")


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """What a rule said about one part of the dataset, with its severity and options there.

    `n` counts what was judged one by one: images or concepts, or 1 for the dataset as a whole.
    """

    settled: EffectiveRule
    findings: tuple[Finding, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule said: its findings, and why it could not judge where it could not.

    `failure` is set when the rule broke; its findings are then empty. `skipped` lists the distinct reasons;
    `n_judged` counts the calls (parts, concepts, or 1) that were judged. `parts` holds the same findings by what
    the rule was told; without any, one setting holds for all.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    skipped: tuple[Message, ...]
    n_judged: int
    failure: str = ""
    parts: tuple[JudgedPart, ...] = ()


def judged(rule: Rule, dataset: Dataset, options: Any, *, where: Mask | None = None) -> Judged:
    """Call one rule with one set of options; whatever it raises stays its own failure.

    `where` has shape (n,) over all images and narrows down what a rule of scope `each_sample` is given.
    """
    return _judged(rule, [_narrowed(_Part(None, options, _subject_of(rule, dataset)), where)])


def judged_in_parts(rule: RuleInParts, dataset: Dataset, masks: Masks) -> Judged:
    """Call one rule once for each part of the dataset for which it was told the same."""
    return _judged(rule.rule, _parts(rule, dataset, masks))


def judged_suppressions(rule: EffectiveRule, uses: Sequence[SuppressionUse]) -> Judged:
    """Call a rule of scope `each_suppression` with each of them."""
    return _judged(rule.rule, [_Part(rule, rule.options, _Uses(tuple(uses)))])


@dataclass(frozen=True, slots=True)
class _Uses:
    suppressions: tuple[SuppressionUse, ...]


@dataclass(frozen=True, slots=True)
class _Configs:
    configs: tuple[TrainerConfig, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a rule is called with: options, and the part of the dataset that they hold for."""

    settled: EffectiveRule | None
    options: Any
    subject: Samples | tuple[Concept, ...] | Dataset | _Uses | _Configs | None
    not_called: Message | None = None

    @property
    def is_empty(self) -> bool:
        subject = self.subject
        return not subject if isinstance(subject, tuple) else isinstance(subject, Samples) and not subject.n


def _judged(rule: Rule, parts: Sequence[_Part]) -> Judged:
    skipped: dict[str, Message] = {}
    found: list[JudgedPart] = []
    findings: list[Finding] = []
    n_judged = 0
    try:
        for part in parts:
            first, n = len(findings), 0
            if part.not_called is not None:
                skipped.setdefault(part.not_called.english(), part.not_called)
            for size, call in _calls(rule, part):
                try:
                    # One by one: what was found before a rule could not go on has been found.
                    for finding in call:
                        findings.append(_checked(rule, finding))  # noqa: PERF401
                except Skip as skip:
                    reason = rule.skip_message(skip)
                    skipped.setdefault(reason.english(), reason)
                    continue
                n_judged += 1
                n += size
            if part.settled is not None:
                found.append(JudgedPart(part.settled, tuple(findings[first:]), n))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin's rule may raise anything, sys.exit included
        return Judged(rule, (), (), 0, failure=reason_of(error, package=rule.module.partition(".")[0]))
    return Judged(rule, tuple(findings), tuple(skipped.values()), n_judged, parts=tuple(found))


def findings_of(rule: Rule, dataset: Dataset, options: Any = None) -> list[Finding]:
    """The findings of one rule, with its default options where none are given. Raises what the rule raises."""
    part = _Part(None, rule.options() if options is None else options, _subject_of(rule, dataset))
    return [finding for _, call in _calls(rule, part) for finding in call]


def _subject_of(rule: Rule, dataset: Dataset) -> Samples | tuple[Concept, ...] | Dataset | _Configs | None:
    """All that a rule looks at: the images or concepts of its roles, the dataset, or its trainer's configs."""
    if rule.scope == "whole_dataset":
        return dataset
    if rule.scope == "each_concept":
        return dataset.concepts_of(*rule.roles)
    if rule.scope == "each_sample":
        wanted = np.zeros(dataset.n, dtype=bool)
        for role in rule.roles:
            wanted |= dataset.roles.equals(role)
        return dataset.samples.where(wanted)
    if rule.scope == "each_config":
        return _Configs(() if dataset.config is None else (TrainerConfig(dataset, dataset.config),))
    return None


def _parts(rule: RuleInParts, dataset: Dataset, masks: Masks) -> list[_Part]:
    """The parts in which the rule is enabled. Where it is in none, one part without anything in it."""
    subject = _subject_of(rule.rule, dataset)
    if isinstance(subject, Samples) and subject.n:
        matches = rule.matches
        parted = groups_by_matches((masks.of(match)[subject.rows] for match in matches), subject.n)
        masked = _merged([(rule.where([matches[place] for place in met]), mask) for met, mask in parted], np.logical_or)
        found = [_part(settled, subject.where(mask), dataset) for settled, mask in masked if settled.enabled]
    elif isinstance(subject, tuple) and subject:
        told = [(rule.where(_met_by(rule, concept)), (concept,)) for concept in subject]
        found = [
            _part(settled, concepts, dataset) for settled, concepts in _merged(told, operator.add) if settled.enabled
        ]
    else:
        return [_part(rule.whole, subject, dataset)]
    return found or [_Part(None, None, None)]


def _part(
    settled: EffectiveRule, subject: Samples | tuple[Concept, ...] | Dataset | _Configs | None, dataset: Dataset
) -> _Part:
    """A part as the policy's conditions leave it: `when` may leave out all of it, `where` some of its images."""
    part = _Part(settled, settled.options, subject, not_called(settled, dataset))
    return part if part.not_called is not None else _narrowed(part, chosen(settled, dataset))


def _narrowed(part: _Part, where: Mask | None) -> _Part:
    if where is None or part.is_empty or not isinstance(part.subject, Samples):
        return part
    subject = part.subject.where(where[part.subject.rows])
    reason = None if subject.n else message(COMMON_SKIPS["nothing-chosen"])
    return replace(part, subject=subject, not_called=reason)


def _met_by(rule: RuleInParts, concept: Concept) -> list[Match]:
    return [match for match in rule.matches if match.meets(path=None, concept=concept.name, role=concept.role)]


def _merged(
    groups: Iterable[tuple[EffectiveRule, Members]], both: Callable[[Members, Members], Members]
) -> list[tuple[EffectiveRule, Members]]:
    """The groups with those put together that were told the same, in the order of their first."""
    found: list[tuple[EffectiveRule, Members]] = []
    for settled, members in groups:
        place = next((place for place, (known, _) in enumerate(found) if known == settled), None)
        if place is None:
            found.append((settled, members))
        else:
            found[place] = (settled, both(found[place][1], members))
    return found


def _calls(rule: Rule, part: _Part) -> Iterator[tuple[int, Iterator[Finding]]]:
    """What the rule says about a part, call by call, each with the number of subjects that it is about."""
    subject = part.subject
    if part.not_called is not None:
        return
    if isinstance(subject, Dataset):
        yield 1, _yielded(rule, subject, part.options)
    elif isinstance(subject, _Uses):
        for use in subject.suppressions:
            yield 1, _yielded(rule, use, part.options)
    elif part.is_empty:
        yield 0, _nothing_of(rule.roles)
    elif isinstance(subject, tuple):
        for concept in subject:
            yield 1, _yielded(rule, concept, part.options)
    elif isinstance(subject, Samples):
        yield subject.n, _expanded(rule, subject, part.options)
    elif isinstance(subject, _Configs) and subject.configs:
        for config in subject.configs:
            yield 1, _yielded(rule, config, part.options)
    elif isinstance(subject, _Configs):
        yield 0, _skipping(Skip("no-config"))
    else:
        yield 0, _skipping(Skip("off-here"))


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
    return Measurement(hits.metric, float(value), hits.limit, option=hits.option, unit=hits.unit, origin=hits.origin)


def _at(value: Any, place: int, n: int) -> Any:
    """One sample's part of a value: arrays and lists of n hold one per sample, everything else is for all."""
    if isinstance(value, np.ndarray) or (isinstance(value, list) and len(value) == n):
        value = value[place]
    return value.item() if isinstance(value, np.generic) else value


_KINDS: Final = typing.get_args(SubjectKind)
_EVIDENCE: Final = (None, *typing.get_args(Evidence))


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
    if not isinstance(finding.key, str) or finding.evidence not in _EVIDENCE:
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
    if subject.kind not in _KINDS:
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
