"""A condition that has to hold."""

from collections.abc import Iterator, Mapping

import numpy as np

from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.finding import Finding
from tagmetry.messages import Message, message
from tagmetry.options import NoOptions
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, facts_of
from tagmetry.policy.kinds.kind import EACH, Definition, Field, Kind
from tagmetry.policy.kinds.metric import about, attach, sample_values
from tagmetry.rule import Hits, Rule, Skip


def _placeholders(definition: Definition) -> Mapping[str, str]:
    return {"assert": "text"} | about(definition)


def _summary(definition: Definition) -> Message:
    return message("What does not meet the condition: {condition}", condition=definition["assert"].text)


def _build(rule: Rule, definition: Definition) -> None:
    condition: Expression = definition["assert"]
    text = {"assert": lambda: condition.text}

    def of_sample(samples: Samples, options: NoOptions) -> Iterator[Hits]:
        column = evaluated(condition, samples.dataset).take(samples.rows)
        if not column.valid.any():
            raise Skip("not-evaluated", condition=condition.text)
        failing = column.valid & ~column.values.astype(bool)
        yield rule.hits("fails", np.asarray(failing), values=definition.values(**text, **sample_values(samples)))

    def of_concept(concept: Concept, options: NoOptions) -> Iterator[Finding]:
        column = evaluated(condition, concept.dataset)
        if not column.valid[concept.number]:
            raise Skip("not-evaluated", condition=condition.text)
        if not column.values[concept.number]:
            values = definition.values(**text, name=lambda: concept.name, concept=lambda: concept.name)
            yield rule.finding(concept.subject(), "fails", values=values)

    def of_dataset(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
        value = condition.value(facts_of(dataset))
        if value is None:
            raise Skip("not-evaluated", condition=condition.text)
        if not value:
            subject = dataset.subject()
            yield rule.finding(subject, "fails", values=definition.values(**text, name=lambda: subject.name))

    attach(rule, definition, of_sample, of_concept, of_dataset)


kind = Kind(
    name="predicate",
    doc="Images, concepts or a dataset that fail a condition. Where it cannot be told, nothing is judged.",
    fields=(Field("assert", "condition", "The condition that has to hold.", required=True), EACH),
    placeholders=_placeholders,
    messages={"fails": "the condition does not hold: {assert}"},
    skips={"not-evaluated": "it cannot be told whether {condition}"},
    summary=_summary,
    build=_build,
)
