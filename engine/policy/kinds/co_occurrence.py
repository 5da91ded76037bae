"""How often tags come together."""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.dataset import Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, Plural, message
from tagmetry.options import option
from tagmetry.policy.kinds.groups import attach_to_groups, group_placeholders, group_values
from tagmetry.policy.kinds.kind import EACH_CONCEPT, Definition, Field, Kind, tags_option
from tagmetry.policy.kinds.tags import holding, listed, marked, need_captions
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    of: tuple[str, ...] = tags_option("The tag, or several of which a caption has at least one.")
    max_share: float | None = option(None, "Larger shares of those captions are reported.", unit="share", low=0, high=1)
    min_share: float | None = option(
        None, "Smaller shares of those captions are reported.", unit="share", low=0, high=1
    )
    min_support: int = option(5, "Fewer captions with the tag are not judged.", unit="images", low=1)


def _summary(definition: Definition) -> Message:
    return message("{tags} beside another tag too often or too seldom.", tags=tuple(definition["with"]))


def _build(rule: Rule, definition: Definition) -> None:
    others = listed(definition["with"])

    def check(samples: Samples, subject: Subject, options: Options) -> Iterator[Finding]:
        if not options.of:
            raise Skip("no-tags")
        if options.max_share is None and options.min_share is None:
            raise Skip("no-limit")
        need_captions(samples)
        having = samples.where(holding(marked(options.of, samples.dataset), samples))
        if having.n < options.min_support:
            raise Skip("too-few", n=having.n, limit=options.min_support)
        for other in others:
            n = int(holding(marked((other,), samples.dataset), having).sum())
            yield from judged(subject, other, options, n=n, total=having.n)

    def judged(subject: Subject, other: str, options: Options, *, n: int, total: int) -> Iterator[Finding]:
        share = n / total
        for key, limit in (("max_share", options.max_share), ("min_share", options.min_share)):
            if limit is None or not (share > limit if key == "max_share" else share < limit):
                continue
            yield rule.finding(
                subject,
                "often" if key == "max_share" else "seldom",
                values=definition.values(
                    of=lambda: ", ".join(listed(options.of)),
                    tag=lambda: other,
                    share=lambda: share,
                    n=lambda: n,
                    total=lambda: total,
                    limit=lambda limit=limit: limit,  # type: ignore[misc]
                    **group_values(subject),
                ),
                measured=Measurement("share together", share, limit, option=key, unit="share"),
                key=f"{key}:{other}",
            )

    attach_to_groups(rule, definition, check)


kind = Kind(
    name="co-occurrence",
    doc="Tags that are on more than max_share or less than min_share of the captions that have another tag.",
    options=Options,
    fields=(
        Field("with", "tags", "The tags that are looked for beside it, each judged for itself.", required=True),
        Field(
            "each",
            "choice",
            EACH_CONCEPT.doc,
            choices=("concept", "dataset"),
            default="dataset",
        ),
    ),
    one_of=(("of",), ("max_share", "min_share")),
    placeholders=group_placeholders(of="text", tag="text", share="percent", limit="percent", n="count", total="count"),
    messages={
        "often": '"{tag}" is on {share} of the captions with "{of}" ({n} of {total}), more than {limit}',
        "seldom": '"{tag}" is on {share} of the captions with "{of}" ({n} of {total}), less than {limit}',
    },
    skips={
        "no-tags": "no tag is given beside which others are looked for",
        "no-limit": "neither max_share nor min_share is set",
        "too-few": Plural(
            "there is one caption with the tag, fewer than the {limit:count} needed",
            "there are {n:count} captions with the tag, fewer than the {limit:count} needed",
        ),
    },
    summary=_summary,
    build=_build,
)
