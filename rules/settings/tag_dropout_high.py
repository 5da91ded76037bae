"""Tags dropped so often that captions lose their sense.

What it finds
    A tag dropout rate above `limit`. A rate of 1 or more drops every tag that is not kept.

Why it matters
    Tag dropout keeps a model from leaning on fixed lists. Beyond a quarter of the tags, what the picture shows
    and what the caption says drift apart, and prompts lose their grip.

What to do
    0.05 to 0.15, starting with 0.10; for a style up to 0.20. Keep the trigger with keep_tokens.

Known limits
    0.25 is reported in use by experts. Judges the rate alone, not how long the captions are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Plural, Remedies, Rule, Severity, TrainerConfig, option, rows_of


@dataclass(frozen=True, slots=True)
class Options:
    limit: float = option(
        0.25, "Share of dropped tags above which it is reported.", unit="share", low=0, high=1, source="S0"
    )


rule = Rule(
    id="tag-dropout-high",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity",),
    messages={
        "found": Plural(
            "{key} = {value} drops {share:percent} of the tags of {n:count} image that are not kept",
            "{key} = {value} drops {share:percent} of the tags of {n:count} images that are not kept",
        ),
        "impossible": Plural(
            "{key} = {value} drops every tag of {n:count} image that is not kept",
            "{key} = {value} drops every tag of {n:count} images that is not kept",
        ),
    },
    remedies=Remedies(training=("set it to 0.05 to 0.15, beginning with 0.10; for a style up to 0.20",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    for given, parts in config.by_place("caption_tag_dropout_rate"):
        share = float(given.value)
        if share <= options.limit:
            continue
        rows = rows_of(parts)
        yield config.finding(
            rule,
            "found" if share < 1 else "impossible",
            config.place_of(given, parts),
            values={"key": given.key, "value": f"{given.value:g}", "share": share, "n": len(rows)},
            rows=rows.tolist(),
            measured=Measurement(given.name, share, options.limit, option="limit", unit="share"),
            severity=Severity.ERROR if share >= 1 else None,
        )
