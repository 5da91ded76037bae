"""What has to be the same on all images of a concept."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.columns import Codes, Column
from tagmetry.dataset import Dataset, Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, english, message
from tagmetry.options import option
from tagmetry.policy.expressions import Expression, Name
from tagmetry.policy.kinds.figures import column_of, evaluated
from tagmetry.policy.kinds.groups import attach_to_groups, group_placeholders, group_values
from tagmetry.policy.kinds.kind import EACH_CONCEPT, Definition, Field, Kind
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    max_others: float = option(
        0.0, "Share of the images that may have another value than most.", unit="share", low=0, high=1
    )


def _summary(definition: Definition) -> Message:
    return message("{value} that is not the same on all images.", value=_name(definition))


def _name(definition: Definition) -> str:
    value: Expression | Name = definition["value"]
    return value.name if isinstance(value, Name) else value.text


def _build(rule: Rule, definition: Definition) -> None:
    value: Expression | Name = definition["value"]
    name = _name(definition)

    def check(samples: Samples, subject: Subject, options: Options) -> Iterator[Finding]:
        counts = _counts(_column(value, samples.dataset).take(samples.rows))
        total = sum(n for _, n in counts)
        if not total:
            raise Skip("not-evaluated", value=name)
        n = total - counts[0][1]
        if n / total <= options.max_others:
            return
        yield rule.finding(
            subject,
            "differs",
            values=definition.values(
                value=lambda: name,
                found=lambda: tuple(f"{text} ({english().number(times)})" for text, times in counts),
                most=lambda: counts[0][0],
                n=lambda: n,
                total=lambda: total,
                share=lambda: n / total,
                limit=lambda: options.max_others,
                **group_values(subject),
            ),
            measured=Measurement("share of others", n / total, options.max_others, option="max_others", unit="share"),
        )

    attach_to_groups(rule, definition, check)


def _column(value: Expression | Name, dataset: Dataset) -> Column | Codes:
    return column_of(value, dataset) if isinstance(value, Name) else evaluated(value, dataset)


def _counts(column: Column | Codes) -> list[tuple[str, int]]:
    """Each value that is there as text with how often it is, the most frequent first."""
    if isinstance(column, Codes):
        codes, n = np.unique(column.codes[column.codes >= 0], return_counts=True)
        shown = [column.labels[code] for code in codes]
    else:
        values, n = np.unique(column.present(), return_counts=True)
        shown = [english().number(value.item()) for value in values]
    return sorted(zip(shown, n.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))


kind = Kind(
    name="consistency",
    doc="Concepts or datasets in whose training images a value is not the same everywhere. Images for which it is "
    "missing are not counted.",
    options=Options,
    fields=(
        Field("value", "value", "What has to agree: a name such as format, or an expression.", required=True),
        EACH_CONCEPT,
    ),
    placeholders=group_placeholders(
        value="text", found="text", most="text", n="count", total="count", share="percent", limit="percent"
    ),
    messages={"differs": "{value} is not the same on all images: {found}"},
    skips={"not-evaluated": "{value} is not known here"},
    summary=_summary,
    build=_build,
)
