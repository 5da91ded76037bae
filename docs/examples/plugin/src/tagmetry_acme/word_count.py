"""A kind of rules that policies define: how many words a caption has.

The rules themselves are written by whoever keeps a dataset, without code:

    define:
      house/short-captions: {kind: acme/word-count, min: 4}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Definition, Hits, Kind, Message, Rule, Samples, Skip, message, option

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Options:
    """What policies that build on the defining one may still change."""

    min: int | None = option(None, "Fewer words are reported.", unit="words", low=1)
    max: int | None = option(None, "More words are reported.", unit="words", low=1)


def summary(definition: Definition) -> Message:
    return message("Captions with too few or too many words.")


def placeholders(definition: Definition) -> Mapping[str, str]:
    """What messages can name, those that the policy writes among them, and how each is shown."""
    return {"n": "count", "limit": "count"}


def build(rule: Rule, definition: Definition) -> None:
    """Give the rule its check, as a rule of a module has it."""

    def check(samples: Samples, options: Options) -> Iterator[Hits]:
        has = samples.text_ids >= 0
        if not has.any():
            raise Skip("no-captions")
        of_text = np.array([len(WORD.findall(text)) for text in samples.dataset.captions.texts])
        n = np.where(has, of_text[samples.text_ids], 0)
        for key, limit, beyond in (("few", options.min, np.less), ("many", options.max, np.greater)):
            if limit is not None:
                yield rule.hits(
                    key,
                    has & beyond(n, limit),
                    values=definition.values(n=lambda: n, limit=lambda limit=limit: limit),  # type: ignore[misc]
                    metric="words",
                    measured=n,
                    limit=limit,
                    option="min" if key == "few" else "max",
                    unit="words",
                    about="caption",
                    key=key,
                )

    rule.each_sample(check)


kind = Kind(
    name="acme/word-count",
    doc="Captions with fewer than min or more than max words. Images without a caption are not judged.",
    options=Options,
    one_of=(("min", "max"),),
    summary=summary,
    placeholders=placeholders,
    messages={
        "few": "the caption has {n} words, fewer than {limit}",
        "many": "the caption has {n} words, more than {limit}",
    },
    build=build,
)
