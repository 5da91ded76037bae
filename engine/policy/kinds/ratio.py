"""What share of some images meets a condition."""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.dataset import Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, Plural, message
from tagmetry.options import option
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, holds
from tagmetry.policy.kinds.groups import attach_to_groups, group_placeholders, group_values
from tagmetry.policy.kinds.kind import EACH_CONCEPT, Definition, Field, Kind
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    min: float | None = option(None, "Smaller shares are reported.", unit="share", low=0, high=1)
    max: float | None = option(None, "Larger shares are reported.", unit="share", low=0, high=1)
    min_images: int = option(1, "Fewer images that could be judged are not judged.", unit="images", low=1)


def _summary(definition: Definition) -> Message:
    return message(
        "Too small or too large a share of images that meet {condition}.", condition=definition["numerator"].text
    )


def _build(rule: Rule, definition: Definition) -> None:
    numerator: Expression = definition["numerator"]
    denominator: Expression = definition["denominator"]

    def check(samples: Samples, subject: Subject, options: Options) -> Iterator[Finding]:
        limits = [(key, limit) for key, limit in (("min", options.min), ("max", options.max)) if limit is not None]
        if not limits:
            raise Skip("no-limit")
        upper = evaluated(numerator, samples.dataset).take(samples.rows)
        among = holds(evaluated(denominator, samples.dataset).take(samples.rows)) & upper.valid
        n, total = int((holds(upper) & among).sum()), int(among.sum())
        if total < options.min_images:
            raise Skip("too-few", n=total, limit=options.min_images)
        share = n / total
        for key, limit in limits:
            if not (share < limit if key == "min" else share > limit):
                continue
            yield rule.finding(
                subject,
                "below" if key == "min" else "above",
                values=definition.values(
                    condition=lambda: numerator.text,
                    share=lambda: share,
                    n=lambda: n,
                    total=lambda: total,
                    limit=lambda limit=limit: limit,  # type: ignore[misc]
                    **group_values(subject),
                ),
                measured=Measurement("share", share, limit, option=key, unit="share"),
                key=key,
            )

    attach_to_groups(rule, definition, check, numerator, denominator)


kind = Kind(
    name="ratio",
    doc="Concepts or datasets in which the share of images that meet numerator, among those that meet denominator, is "
    "below min or above max. Images for which the numerator cannot be told are not counted.",
    options=Options,
    fields=(
        Field("numerator", "condition", "Condition of one image that is counted.", required=True),
        Field("denominator", "condition", "Condition of the images among which is counted.", default="true"),
        EACH_CONCEPT,
    ),
    one_of=(("min", "max"),),
    placeholders=group_placeholders(condition="text", share="percent", limit="percent", n="count", total="count"),
    messages={
        "below": "{share} of the images ({n} of {total}) meet {condition}, less than {limit}",
        "above": "{share} of the images ({n} of {total}) meet {condition}, more than {limit}",
    },
    skips={
        "no-limit": "neither min nor max is set",
        "too-few": Plural(
            "there is one image to judge, fewer than the {limit:count} needed",
            "there are {n:count} images to judge, fewer than the {limit:count} needed",
        ),
    },
    summary=_summary,
    build=_build,
)
