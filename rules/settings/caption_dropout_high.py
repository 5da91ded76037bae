"""Whole captions dropped too often.

What it finds
    A caption dropout rate above `info_limit` (a note: above the range that is proposed) or from `limit` on
    (a warning), and a dropout of whole epochs that comes to such a share. A rate above 1 drops every caption.

Why it matters
    An image without its caption teaches the empty prompt. A little of it can help short prompts; from a
    tenth on the LoRA tends to act without being asked, several concepts blur, and over-fitting is reported.

What to do
    Set it to 0, or to 0.02 to 0.05 where short prompts fail. Tag dropout and shuffling are the better means of balance.

Known limits
    With several `[[datasets]]` each place is judged by itself. EveryDream2 drops 0.04 unless told otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import (
    ConfigPart,
    Finding,
    Given,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Severity,
    TrainerConfig,
    option,
    rows_of,
)


@dataclass(frozen=True, slots=True)
class Options:
    info_limit: float = option(
        0.05, "Share of dropped captions above which it is a note.", unit="share", low=0, high=1, source="S0"
    )
    limit: float = option(
        0.1, "Share of dropped captions from which on it is a warning.", unit="share", low=0, high=1, source="S0"
    )


rule = Rule(
    id="caption-dropout-high",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity", "concept-bleed"),
    messages={
        "high": Plural(
            "{key} = {value} drops the caption of {n:count} image {share:percent} of the time",
            "{key} = {value} drops {share:percent} of the captions of {n:count} images",
        ),
        "epochs": Plural(
            "{key} = {value} drops the caption of {n:count} image in {share:percent} of the epochs",
            "{key} = {value} drops all captions in {share:percent} of the epochs, of {n:count} images",
        ),
        "impossible": Plural(
            "{key} = {value} is no share: the caption of {n:count} image is always dropped",
            "{key} = {value} is no share: every caption of {n:count} images is dropped",
        ),
    },
    remedies=Remedies(
        training=(
            "set it to 0, or to 0.02 to 0.05 where short prompts fail",
            "shuffle and drop tags instead: that balances without losing control",
        )
    ),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    for given, parts in config.by_place("caption_dropout_rate"):
        yield from _judged(config, given, parts, message="high", share=float(given.value), options=options)
    for given, parts in config.by_place("caption_dropout_every_n_epochs"):
        if given.value > 0:
            yield from _judged(config, given, parts, message="epochs", share=1 / given.value, options=options)


def _judged(
    config: TrainerConfig,
    given: Given,
    parts: tuple[ConfigPart, ...],
    *,
    message: str,
    share: float,
    options: Options,
) -> Iterator[Finding]:
    if share <= options.info_limit and share < options.limit:
        return
    rows = rows_of(parts)
    is_warning = share >= options.limit
    yield config.finding(
        rule,
        "impossible" if share > 1 else message,
        config.place_of(given, parts),
        values={"key": given.key, "value": f"{given.value:g}", "share": share, "n": len(rows)},
        rows=rows.tolist(),
        measured=Measurement(
            given.name,
            share,
            options.limit if is_warning else options.info_limit,
            option="limit" if is_warning else "info_limit",
            unit="share",
        ),
        severity=Severity.ERROR if share > 1 else None if is_warning else Severity.INFO,
    )
