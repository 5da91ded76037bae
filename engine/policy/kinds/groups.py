"""Rules that speak of many images at once: of each training concept, or of all training images together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.finding import Finding, Subject
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import judged_samples
from tagmetry.policy.kinds.kind import Definition
from tagmetry.rule import Rule, Skip

GroupCheck = Callable[[Samples, Subject, Any], Iterator[Finding]]
"""From some images, what they are, and the options, to findings."""


def attach_to_groups(rule: Rule, definition: Definition, check: GroupCheck, *expressions: Expression) -> None:
    """Give a rule a check of each concept or of the whole; of all roles where one of the expressions names `role`."""

    def of_concept(concept: Concept, options: Any) -> Iterator[Finding]:
        yield from check(concept, concept.subject(), options)

    def of_dataset(dataset: Dataset, options: Any) -> Iterator[Finding]:
        samples = judged_samples(dataset, *expressions)
        if not samples.n:
            raise Skip("no-training-images")
        yield from check(samples, dataset.subject(), options)

    if definition.each == "concept":
        rule.each_concept(of_concept)
    else:
        rule.whole_dataset(of_dataset)


def group_placeholders(**own: str) -> Callable[[Definition], Mapping[str, str]]:
    def placeholders(definition: Definition) -> Mapping[str, str]:
        return {**own, "name": "text"} | ({"concept": "text"} if definition.each == "concept" else {})

    return placeholders


def group_values(subject: Subject) -> dict[str, Callable[[], Any]]:
    return {"name": lambda: subject.name, "concept": lambda: subject.name}
