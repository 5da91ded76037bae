"""Tags that captions must have, and tags that they must not have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Samples
from tagmetry.messages import Message, message
from tagmetry.policy.kinds.kind import Definition, Kind, tags_option
from tagmetry.policy.kinds.metric import sample_values
from tagmetry.policy.kinds.tags import holding, listed, marked, names_held, need_captions
from tagmetry.profile import ROLES
from tagmetry.rule import Hits, Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    require: tuple[str, ...] = tags_option("Tags that every caption has; of `*_hair` one is enough.")
    forbid: tuple[str, ...] = tags_option("Tags that no caption has.")


def _placeholders(definition: Definition) -> Mapping[str, str]:
    return dict.fromkeys(("path", "name", "concept", "role", "tags"), "text")


def _summary(definition: Definition) -> Message:
    return message("Captions that lack a required tag or have a forbidden one.")


def _build(rule: Rule, definition: Definition) -> None:
    def check(samples: Samples, options: Options) -> Iterator[Hits]:
        if not options.require and not options.forbid:
            raise Skip("no-tags")
        need_captions(samples)
        has_caption = samples.text_ids >= 0
        subject = sample_values(samples)
        if options.forbid:
            marks = marked(options.forbid, samples.dataset)
            mask = np.asarray(has_caption & holding(marks, samples))
            yield rule.hits(
                "forbidden",
                mask,
                values=definition.values(tags=lambda: names_held(marks, samples, mask), **subject),
                about="caption",
                key="forbidden",
            )
        if options.require:
            lacking = _lacking(samples, options.require)
            lacks = np.fromiter((bool(tags) for tags in lacking), dtype=bool, count=samples.n)
            yield rule.hits(
                "missing",
                np.asarray(has_caption & lacks),
                values=definition.values(tags=lambda: lacking, **subject),
                about="caption",
                key="missing",
            )

    rule.roles = ROLES
    rule.each_sample(check)


def _lacking(samples: Samples, required: tuple[str, ...]) -> list[tuple[str, ...]]:
    names = listed(required)
    has = [holding(marked((tag,), samples.dataset), samples) for tag in names]
    if not has:
        return [()] * samples.n
    lacks = ~np.stack(has, axis=1)
    nothing: tuple[str, ...] = ()
    some: Mask = np.asarray(lacks.any(axis=1))
    return [
        tuple(name for name, absent in zip(names, row, strict=True) if absent) if one else nothing
        for row, one in zip(lacks, some, strict=True)
    ]


kind = Kind(
    name="tag-set",
    doc="Captions that lack a required tag or have a forbidden one. Images without a caption are not judged.",
    options=Options,
    one_of=(("require", "forbid"),),
    placeholders=_placeholders,
    messages={
        "forbidden": "the caption has tags that are not wanted here: {tags}",
        "missing": "the caption lacks tags: {tags}",
    },
    skips={"no-tags": "no tags are required or forbidden"},
    summary=_summary,
    build=_build,
)
