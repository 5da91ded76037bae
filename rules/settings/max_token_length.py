"""A token limit that is larger than the captions need, or too small for them.

What it finds
    A limit above 75 while no caption needs it, captions longer than the limit, a limit that the trainer does not
    take, and a limit that Flux does not look at.

Why it matters
    Beyond 75 tokens a caption is cut into several pieces and put together again, which programs that
    generate pictures do in different ways. What lies beyond the limit is not read at all.

What to do
    Leave it at 75 and shorten the captions. Raise it only where the long ones cannot be shortened.

Known limits
    Judged where the training config or the command line is given. `caption-too-long` names each caption and the words
    that it loses.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Finding, Measurement, NoOptions, Remedies, Rule, Severity, Skip, TrainerConfig, Value

_WINDOW: Final = 75
_TAKEN: Final = (75, 150, 225)

rule = Rule(
    id="max-token-length",
    severity=Severity.INFO,
    evidence="documented",
    points_to=("prompt-sensitivity", "instability"),
    messages={
        "longer": "{key} = {value}, and the longest caption has {longest:tokens}: 75 is enough",
        "shorter": "{key} = {value}, and {n:count} of {total:count} captions are longer, up to {longest:tokens}",
        "refused": "{key} = {value} is none of 75, 150 and 225: the trainer does not take it",
        "unused": "{key} = {value} does nothing for Flux, whose T5 has a limit of its own",
    },
    remedies={
        "longer": Remedies(training=("leave max_token_length out",)),
        "shorter": Remedies(
            data=("shorten the captions",), training=("raise max_token_length only if that is not enough",)
        ),
        "refused": Remedies(training=("set 150 or 225, or leave it out",)),
        "unused": Remedies(training=("leave it out; t5xxl_max_token_length is Flux's",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if config.trainer == "everydream":
        raise Skip("trainer-lacks-it")
    if not config.told.tells_training:
        raise Skip("not-in-config", key="max_token_length")
    given = config.told.settings.get("max_token_length")
    if given is None:
        return
    place, limit = config.place_of(given), int(given.value)
    values: dict[str, Value] = {"key": given.key, "value": str(limit)}
    if limit not in _TAKEN:
        yield config.finding(rule, "refused", place, values=values, severity=Severity.ERROR)
        return
    if config.dataset.profile.base_model == "flux":
        yield config.finding(rule, "unused", place, values=values)
        return
    train = config.dataset.train
    tokens = train.tokens
    if not tokens.valid.any():
        raise Skip("no-captions")
    longest = int(tokens.present().max())
    too_long = np.asarray(tokens.valid & (tokens.values > limit))
    measured = Measurement("tokens", longest, limit, unit="tokens")
    if too_long.any():
        values |= {
            "n": int(too_long.sum()),
            "total": int(tokens.valid.sum()),
            "longest": longest,
        }
        rows = train.rows[too_long].tolist()
        yield config.finding(rule, "shorter", place, values=values, rows=rows, measured=measured)
    elif limit > _WINDOW and longest <= _WINDOW and config.dataset.captions.tokens_exact:
        yield config.finding(rule, "longer", place, values={**values, "longest": longest}, measured=measured)
