"""Signs of a caption language that the config does not switch on.

What it finds
    Choices in braces such as `{red|blue}` while enable_wildcard is off; the sign for kept tokens (`|||`, or what
    keep_tokens_separator says) where nothing is shuffled or dropped, or the setting is missing; and a secondary
    separator (`;;;`) that is not set.

Why it matters
    They stand in the caption as text then: the model is trained on the braces and strokes themselves.

What to do
    Switch the setting on, or take the signs out of the captions.

Known limits
    Braces without a stroke between are taken for text. Of secondary separators only `;;;` is known without a
    setting.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import (
    ConfigPart,
    Finding,
    Mask,
    Measurement,
    NoOptions,
    Remedies,
    Rule,
    Severity,
    Skip,
    TrainerConfig,
)
from tagmetry.rules.settings.caption_randomness import is_moved

_CHOICE: Final = re.compile(r"\{[^{}|]*\|[^{}]*\}")
_KEPT: Final = "|||"
_SECONDARY: Final = ";;;"

rule = Rule(
    id="separator-left-in-caption",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "wildcard": (
            "{n:count} of {total:count} captions offer choices in braces, and enable_wildcard is off: the braces are "
            "trained as text"
        ),
        "kept": (
            '{n:count} of {total:count} captions hold "{sign}", which stays in them, for nothing is shuffled or dropped'
        ),
        "kept-unset": (
            '{n:count} of {total:count} captions hold "{sign}", which stays in them, for keep_tokens_separator is not '
            "set"
        ),
        "secondary": (
            '{n:count} of {total:count} captions hold "{sign}", which stays in them, for secondary_separator is not set'
        ),
    },
    remedies={
        "wildcard": Remedies(training=("set enable_wildcard = true",), data=("or write one choice",)),
        "kept": Remedies(data=('take "{sign}" out',), training=("or set shuffle_caption = true",)),
        "kept-unset": Remedies(training=('set keep_tokens_separator = "{sign}"',)),
        "secondary": Remedies(training=('set secondary_separator = "{sign}"',)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if config.trainer != "kohya":
        raise Skip("trainer-lacks-it")
    captions = config.dataset.captions
    texts = captions.texts
    choice = np.fromiter((_CHOICE.search(text) is not None for text in texts), dtype=bool, count=len(texts))
    for part in config.parts:
        if not part.value("enable_wildcard"):
            yield from _told(config, part, "wildcard", choice, "{|}")
        mark = part.value("keep_tokens_separator")
        if mark and not is_moved(part):
            yield from _told(config, part, "kept", _holding(captions.texts, str(mark)), str(mark))
        elif not mark:
            yield from _told(config, part, "kept-unset", _holding(captions.texts, _KEPT), _KEPT)
        if not part.value("secondary_separator"):
            yield from _told(config, part, "secondary", _holding(captions.texts, _SECONDARY), _SECONDARY)


def _holding(texts: tuple[str, ...], sign: str) -> Mask:
    return np.fromiter((sign in text for text in texts), dtype=bool, count=len(texts))


def _told(config: TrainerConfig, part: ConfigPart, message: str, holding: Mask, sign: str) -> Iterator[Finding]:
    ids = config.dataset.captions.text_of[part.rows]
    has = ids >= 0
    hit = has & (holding[np.maximum(ids, 0)] if len(holding) else np.zeros(len(ids), dtype=bool))
    if not hit.any():
        return
    share = float(hit.sum() / has.sum())
    yield config.finding(
        rule,
        message,
        part.place,
        values={"n": int(hit.sum()), "total": int(has.sum()), "sign": sign},
        rows=part.rows[hit].tolist(),
        measured=Measurement("caption_share", share, unit="share"),
        key=message,
    )
