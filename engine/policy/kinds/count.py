"""How many images meet a condition."""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.dataset import Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, message
from tagmetry.options import option
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, holds
from tagmetry.policy.kinds.groups import attach_to_groups, group_placeholders, group_values
from tagmetry.policy.kinds.kind import EACH_CONCEPT, Definition, Field, Kind
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    min: int | None = option(None, "Fewer images are reported.", unit="images", low=1)
    max: int | None = option(None, "More images are reported.", unit="images", low=0)


def _summary(definition: Definition) -> Message:
    if definition["of"].text == "true":
        return message("Too few or too many images.")
    return message("Too few or too many images that meet {condition}.", condition=definition["of"].text)


def _says(definition: Definition) -> tuple[str, str]:
    return ("few-of-all", "many-of-all") if definition["of"].text == "true" else ("few", "many")


def _build(rule: Rule, definition: Definition) -> None:
    condition: Expression = definition["of"]
    said = _says(definition)

    def check(samples: Samples, subject: Subject, options: Options) -> Iterator[Finding]:
        limits = [(key, limit) for key, limit in (("min", options.min), ("max", options.max)) if limit is not None]
        if not limits:
            raise Skip("no-limit")
        column = evaluated(condition, samples.dataset).take(samples.rows)
        if not column.valid.any():
            raise Skip("not-evaluated", condition=condition.text)
        n = int(holds(column).sum())
        for key, limit in limits:
            if not (n < limit if key == "min" else n > limit):
                continue
            yield rule.finding(
                subject,
                said[key == "max"],
                values=definition.values(
                    condition=lambda: condition.text,
                    n=lambda: n,
                    limit=lambda limit=limit: limit,  # type: ignore[misc]
                    **group_values(subject),
                ),
                measured=Measurement("images", n, limit, option=key, unit="images"),
                key=key,
            )

    attach_to_groups(rule, definition, check, condition)


kind = Kind(
    name="count",
    doc="Concepts or datasets in which fewer than min or more than max images meet a condition.",
    options=Options,
    fields=(Field("of", "condition", "Condition of one image that is counted.", default="true"), EACH_CONCEPT),
    one_of=(("min", "max"),),
    placeholders=group_placeholders(condition="text", limit="count", n="count"),
    messages={
        "few": "images that meet {condition}: {n}, fewer than {limit}",
        "many": "images that meet {condition}: {n}, more than {limit}",
        "few-of-all": "images: {n}, fewer than {limit}",
        "many-of-all": "images: {n}, more than {limit}",
    },
    skips={
        "no-limit": "neither min nor max is set",
        "not-evaluated": "it cannot be told which images meet {condition}",
    },
    says=_says,
    summary=_summary,
    build=_build,
)
