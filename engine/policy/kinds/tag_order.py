"""The order in which captions name their tags."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask
from tagmetry.dataset import Samples
from tagmetry.messages import Message, message
from tagmetry.policy.kinds.kind import Definition, Kind, tags_option
from tagmetry.policy.kinds.metric import sample_values
from tagmetry.policy.kinds.tags import marked, need_captions
from tagmetry.profile import ROLES
from tagmetry.rule import Hits, Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    first: tuple[str, ...] = tags_option("Tags of which one opens the caption, where it has any of them.")
    tags: tuple[str, ...] = tags_option("Tags whose place is compared with those of before and after.")
    before: tuple[str, ...] = tags_option("Tags that stand behind all of `tags`.")
    after: tuple[str, ...] = tags_option("Tags that stand in front of all of `tags`.")


def _placeholders(definition: Definition) -> Mapping[str, str]:
    return dict.fromkeys(("path", "name", "concept", "role", "tag", "other"), "text")


def _summary(definition: Definition) -> Message:
    return message("Captions that name their tags in another order.")


def _build(rule: Rule, definition: Definition) -> None:
    def check(samples: Samples, options: Options) -> Iterator[Hits]:
        if not options.first and not (options.tags and (options.before or options.after)):
            raise Skip("no-tags")
        need_captions(samples)
        places = _Places(samples)
        if options.first:
            first, _ = places.ends(marked(options.first, samples.dataset))
            mask = np.asarray(first > 0)
            yield hits("not-first", samples, mask, places.names(first, mask), places.names(np.zeros_like(first), mask))
        if not options.tags:
            return
        tags = places.ends(marked(options.tags, samples.dataset))
        if options.before:
            others = places.ends(marked(options.before, samples.dataset))
            yield from in_order("not-before", samples, places, tags, others)
        if options.after:
            others = places.ends(marked(options.after, samples.dataset))
            yield from in_order("not-after", samples, places, others, tags)

    def in_order(key: str, samples: Samples, places: "_Places", front: "_Ends", behind: "_Ends") -> Iterator[Hits]:
        last_in_front, first_behind = front[1], behind[0]
        mask = np.asarray((last_in_front >= 0) & (first_behind >= 0) & (last_in_front > first_behind))
        yield hits(key, samples, mask, places.names(last_in_front, mask), places.names(first_behind, mask))

    def hits(key: str, samples: Samples, mask: Mask, tag: list[str], other: list[str]) -> Hits:
        values = definition.values(tag=lambda: tag, other=lambda: other, **sample_values(samples))
        return rule.hits(key, mask, values=values, about="caption", key=key)

    rule.roles = ROLES
    rule.each_sample(check)


_Ends = tuple[NDArray[np.int64], NDArray[np.int64]]


class _Places:
    """Where in their captions tags stand, counted from 0."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._tags = samples.dataset.captions.tags

    def ends(self, marks: Mask) -> _Ends:
        """Shape (n,) each: the place of the first and of the last of the marked tags, -1 without any."""
        tags = self._tags
        n_texts = len(tags)
        first, last = np.full(n_texts + 1, -1, dtype=np.int64), np.full(n_texts + 1, -1, dtype=np.int64)
        at = np.flatnonzero(marks[tags.ids]) if len(marks) else np.zeros(0, dtype=np.int64)
        owners = np.searchsorted(tags.starts, at, side="right") - 1
        places = at - tags.starts[owners]
        # Of several assignments to one place the last one stays.
        last[owners] = places
        first[owners[::-1]] = places[::-1]
        ids = self._samples.text_ids
        return first[ids], last[ids]

    def names(self, places: NDArray[np.int64], wanted: Mask) -> list[str]:
        """The tags at these places of the wanted samples' captions, as they are written."""
        names = self._samples.dataset.captions.names
        return [
            names[self._tags.row(int(text))[place]] if chosen else ""
            for text, place, chosen in zip(self._samples.text_ids, places, wanted.tolist(), strict=True)
        ]


kind = Kind(
    name="tag-order",
    doc="Captions that have one of the tags of first, but begin with another one; captions in which one of tags stands "
    "behind one of before or in front of one of after. Captions that lack the tags are not judged.",
    options=Options,
    one_of=(("first", "tags"), ("first", "before", "after")),
    placeholders=_placeholders,
    messages={
        "not-first": 'the caption begins with "{other}", and "{tag}" should come first',
        "not-before": '"{tag}" stands behind "{other}", and should stand in front of it',
        "not-after": '"{other}" stands in front of "{tag}", and should stand behind it',
    },
    skips={"no-tags": "no tags are given whose order could be judged"},
    summary=_summary,
    build=_build,
)
