"""On what share of the images a tag has to be."""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.dataset import Samples
from tagmetry.finding import Finding, Measurement, Subject
from tagmetry.messages import Message, Plural, message
from tagmetry.options import option
from tagmetry.policy.kinds.groups import attach_to_groups, group_placeholders, group_values
from tagmetry.policy.kinds.kind import EACH_CONCEPT, Definition, Kind, tags_option
from tagmetry.policy.kinds.tags import holding, listed, marked, need_captions
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    tags: tuple[str, ...] = tags_option("The tags, each judged for itself; `*_hair` is one that any of them meets.")
    min: float | None = option(None, "Smaller shares of the captions are reported.", unit="share", low=0, high=1)
    max: float | None = option(None, "Larger shares of the captions are reported.", unit="share", low=0, high=1)
    min_images: int = option(1, "Fewer captions are not judged.", unit="images", low=1)


def _summary(definition: Definition) -> Message:
    return message("Tags on too few or too many captions.")


def _build(rule: Rule, definition: Definition) -> None:
    def check(samples: Samples, subject: Subject, options: Options) -> Iterator[Finding]:
        if not options.tags:
            raise Skip("no-tags")
        if options.min is None and options.max is None:
            raise Skip("no-limit")
        need_captions(samples)
        total = int((samples.text_ids >= 0).sum())
        if total < options.min_images:
            raise Skip("too-few", n=total, limit=options.min_images)
        for tag in listed(options.tags):
            n = int(holding(marked((tag,), samples.dataset), samples).sum())
            yield from judged(subject, tag, options, n=n, total=total)

    def judged(subject: Subject, tag: str, options: Options, *, n: int, total: int) -> Iterator[Finding]:
        share = n / total
        for key, limit in (("min", options.min), ("max", options.max)):
            if limit is None or not (share < limit if key == "min" else share > limit):
                continue
            yield rule.finding(
                subject,
                "rare" if key == "min" else "frequent",
                values=definition.values(
                    tag=lambda: tag,
                    share=lambda: share,
                    n=lambda: n,
                    total=lambda: total,
                    limit=lambda limit=limit: limit,  # type: ignore[misc]
                    **group_values(subject),
                ),
                measured=Measurement("frequency", share, limit, option=key, unit="share"),
                key=f"{key}:{tag}",
            )

    attach_to_groups(rule, definition, check)


kind = Kind(
    name="tag-frequency",
    doc="Tags on fewer than min or more than max of the captions of a concept or of the dataset. Training images "
    "without a caption are not counted.",
    options=Options,
    fields=(EACH_CONCEPT,),
    one_of=(("tags",), ("min", "max")),
    placeholders=group_placeholders(tag="text", share="percent", limit="percent", n="count", total="count"),
    messages={
        "rare": '"{tag}" is on {share} of the captions ({n} of {total}), less than {limit}',
        "frequent": '"{tag}" is on {share} of the captions ({n} of {total}), more than {limit}',
    },
    skips={
        "no-tags": "no tags are given",
        "no-limit": "neither min nor max is set",
        "too-few": Plural(
            "there is one caption, fewer than the {limit:count} needed",
            "there are {n:count} captions, fewer than the {limit:count} needed",
        ),
    },
    summary=_summary,
    build=_build,
)
