"""A figure that has to lie within limits."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, cut, message
from tagmetry.options import UNITS, option
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, facts_of
from tagmetry.policy.kinds.kind import EACH, FIGURE, Definition, Field, Kind
from tagmetry.policy.kinds.tags import concept_names
from tagmetry.profile import ROLES
from tagmetry.rule import Hits, Rule, Skip

LONGEST_NAME: Final = 80
"""Characters of an expression that name it in a report."""


@dataclass(frozen=True, slots=True)
class Options:
    min: float | None = option(None, "What is smaller is reported.")
    max: float | None = option(None, "What is larger is reported.")


_SHOWN: Final[Mapping[str, str]] = {
    "px": "px",
    "bits": "bits",
    "tokens": "tokens",
    "bytes": "bytes",
    "share": "percent",
}


def _unit(definition: Definition) -> str | None:
    """The unit of a metric that is a plain name; what is computed has one that nobody knows."""
    metric: Expression = definition["metric"]
    if len(metric.read) != 1 or metric.read[0].name != metric.text.strip():
        return None
    unit = metric.read[0].unit
    return unit if unit in UNITS else None


def _figure(definition: Definition) -> str:
    return _SHOWN.get(_unit(definition) or "", "number")


def _placeholders(definition: Definition) -> Mapping[str, str]:
    own = {"metric": "text", "actual": FIGURE, "limit": FIGURE, "min": FIGURE, "max": FIGURE}
    return own | about(definition)


def about(definition: Definition) -> dict[str, str]:
    """The placeholders that name the subject."""
    names = {"image": ("name", "path", "concept", "role"), "concept": ("name", "concept"), "dataset": ("name",)}
    return dict.fromkeys(names[definition.each], "text")


def sample_values(samples: Samples) -> dict[str, Callable[[], Any]]:
    """What names each image, by placeholder."""
    roles = samples.dataset.roles
    return {
        "name": lambda: samples.paths,
        "path": lambda: samples.paths,
        "concept": lambda: concept_names(samples),
        "role": lambda: [roles.label(int(row)) for row in samples.rows],
    }


def _summary(definition: Definition) -> Message:
    return message("{metric} outside the limits.", metric=_name(definition))


def _name(definition: Definition) -> str:
    return cut(str(definition["metric"].text), LONGEST_NAME)


def _build(rule: Rule, definition: Definition) -> None:
    metric: Expression = definition["metric"]
    name, unit = _name(definition), _unit(definition)

    def of_sample(samples: Samples, options: Options) -> Iterator[Hits]:
        limits = _limits(options)
        column = evaluated(metric, samples.dataset).take(samples.rows)
        if not column.valid.any():
            raise Skip("not-evaluated", metric=name)
        for key, option_name, limit in limits:
            outside = column.values < limit if key == "below" else column.values > limit
            mask = column.valid & outside
            # A plain list is one per image only if it is as long as they are.
            values = definition.values(
                metric=lambda: name,
                actual=lambda: column.values,
                limit=lambda limit=limit: limit,  # type: ignore[misc]
                min=lambda: _shown(options.min),
                max=lambda: _shown(options.max),
                **sample_values(samples),
            )
            yield rule.hits(
                key,
                mask,
                values=values,
                metric=name,
                measured=np.asarray(column.values, dtype=np.float64),
                limit=limit,
                option=option_name,
                unit=unit,
                key=key,
            )

    def found(subject: Subject, value: float, options: Options) -> Iterator[Finding]:
        for key, option_name, limit in _limits(options):
            if value < limit if key == "below" else value > limit:
                yield rule.finding(
                    subject,
                    key,
                    values=definition.values(
                        metric=lambda: name,
                        actual=lambda: value,
                        limit=lambda limit=limit: limit,  # type: ignore[misc]
                        min=lambda: _shown(options.min),
                        max=lambda: _shown(options.max),
                        name=lambda: subject.name,
                        concept=lambda: subject.name,
                    ),
                    measured=Measurement(name, value, limit, option=option_name, unit=unit),
                    key=key,
                )

    def of_concept(concept: Concept, options: Options) -> Iterator[Finding]:
        _limits(options)
        column = evaluated(metric, concept.dataset)
        if not column.valid[concept.number]:
            raise Skip("not-evaluated", metric=name)
        yield from found(concept.subject(), float(column.values[concept.number]), options)

    def of_dataset(dataset: Dataset, options: Options) -> Iterator[Finding]:
        _limits(options)
        value = metric.value(facts_of(dataset))
        if value is None:
            raise Skip("not-evaluated", metric=name)
        yield from found(dataset.subject(), float(value), options)

    attach(rule, definition, of_sample, of_concept, of_dataset)


def attach(
    rule: Rule,
    definition: Definition,
    of_sample: Callable[[Samples, Any], Iterator[Hits]],
    of_concept: Callable[[Concept, Any], Iterator[Finding]],
    of_dataset: Callable[[Dataset, Any], Iterator[Finding]],
) -> None:
    """Give a rule the check that its `each` asks for. Images are those of every role; `where` chooses among them."""
    if definition.each == "image":
        rule.roles = ROLES
        rule.each_sample(of_sample)
    elif definition.each == "concept":
        rule.each_concept(of_concept)
    else:
        rule.whole_dataset(of_dataset)


def _limits(options: Options) -> list[tuple[str, str, float]]:
    """(message, option, limit) of each that is set. Raises Skip without any."""
    pairs = (("below", "min", options.min), ("above", "max", options.max))
    found = [(key, name, limit) for key, name, limit in pairs if limit is not None]
    if not found:
        raise Skip("no-limit")
    return found


def _shown(limit: float | None) -> float | str:
    return "-" if limit is None else limit


NOT_EVALUATED: Final = "{metric} is not known here"

kind = Kind(
    name="metric",
    doc="Images, concepts or a dataset for which a figure is below min or above max. What has no figure is not judged.",
    options=Options,
    fields=(Field("metric", "number", "The figure: a name or an expression that gives a number.", required=True), EACH),
    one_of=(("min", "max"),),
    placeholders=_placeholders,
    figure=_figure,
    messages={
        "below": "{metric} is {actual}, below {limit}",
        "above": "{metric} is {actual}, above {limit}",
    },
    skips={"not-evaluated": NOT_EVALUATED, "no-limit": "neither min nor max is set"},
    summary=_summary,
    build=_build,
)
