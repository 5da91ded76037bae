"""How many tags of a group a caption may and must have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Dataset, Samples
from tagmetry.messages import Message, message
from tagmetry.options import option
from tagmetry.policy.kinds.kind import Definition, Field, Kind, tags_option
from tagmetry.policy.kinds.metric import sample_values
from tagmetry.policy.kinds.tags import counted, marked, names_held, need_captions
from tagmetry.profile import ROLES
from tagmetry.rule import Hits, Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    tags: tuple[str, ...] = tags_option("The tags of the group, where it is none of the vocabulary.")
    at_most: int | None = option(None, "More different ones of them in a caption are reported.", low=0)
    at_least: int | None = option(None, "Fewer different ones of them in a caption are reported.", low=1)


def _placeholders(definition: Definition) -> Mapping[str, str]:
    return {
        **dict.fromkeys(("path", "name", "concept", "role", "tags", "group"), "text"),
        **dict.fromkeys(("n", "limit"), "count"),
    }


def _summary(definition: Definition) -> Message:
    if definition["group"]:
        return message("Captions with too many or too few tags of the group {group}.", group=definition["group"])
    return message("Captions with too many or too few tags of a group.")


def _build(rule: Rule, definition: Definition) -> None:
    group: str | None = definition["group"]

    def check(samples: Samples, options: Options) -> Iterator[Hits]:
        if options.at_most is None and options.at_least is None:
            raise Skip("no-limit")
        need_captions(samples)
        dataset = samples.dataset
        marks = _of_group(group, dataset) if group else marked(options.tags, dataset)
        n = counted(marks, samples)
        has_caption = samples.text_ids >= 0
        for key, limit in (("too-many", options.at_most), ("too-few", options.at_least)):
            if limit is None:
                continue
            mask = np.asarray(has_caption & (n > limit if key == "too-many" else n < limit))
            values = definition.values(
                tags=lambda mask=mask: names_held(marks, samples, mask),  # type: ignore[misc]
                group=lambda: group or ", ".join(options.tags),
                n=lambda: n,
                limit=lambda limit=limit: limit,  # type: ignore[misc]
                **sample_values(samples),
            )
            yield rule.hits(
                key,
                mask,
                values=values,
                about="caption",
                metric="tags of the group",
                measured=n.astype(np.float64),
                limit=limit,
                option="at_most" if key == "too-many" else "at_least",
                key=key,
            )

    rule.roles = ROLES
    rule.each_sample(check)


def _of_group(group: str, dataset: Dataset) -> Mask:
    """The tags of a group or an exclusive set."""
    vocabulary, forms = dataset.vocabulary, dataset.captions.forms
    inside = {
        number
        for number, form in enumerate(forms)
        if vocabulary.in_group(form, group) or group in vocabulary.exclusive_sets_of(form)
    }
    marks = np.zeros(len(forms), dtype=bool)
    marks[sorted(inside)] = True
    return marks


kind = Kind(
    name="tag-group",
    doc="Captions with more than at_most or fewer than at_least different tags of a group. The group is a list of tags "
    "or one of the vocabulary. Images without a caption are not judged.",
    options=Options,
    fields=(Field("group", "group", "A group or an exclusive set of the vocabulary."),),
    one_of=(("tags", "group"), ("at_most", "at_least")),
    not_both=(("tags", "group"),),
    placeholders=_placeholders,
    messages={
        "too-many": "of these tags a caption should have at most {limit}: {tags}",
        "too-few": "of these tags a caption should have at least {limit}, and it has {n}: {group}",
    },
    skips={"no-limit": "neither at_most nor at_least is set"},
    summary=_summary,
    build=_build,
)
