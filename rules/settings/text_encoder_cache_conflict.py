"""Cached text-encoder outputs together with captions that should change.

What it finds
    Caching of text-encoder outputs together with settings that change captions from one time to the next:
    shuffling, dropout, token warm-up, at which the trainer stops (an error); and prefixes, suffixes,
    wildcards and separators, which then silently do nothing (a warning). With SDXL also a text encoder
    that is to be trained while its outputs are cached (an error).

Why it matters
    The cache holds one result per image, made from the caption as it was stored. What should differ
    cannot: sd-scripts refuses the four settings that it tests for, and says nothing about the others.

What to do
    Choose one of the two. Randomized captions teach the model better; the cache saves memory and time.
    With the cache, write into the caption files what a prefix or suffix would add.

Known limits
    Needs the training config or the command line, where caching is switched on.
"""

from collections.abc import Iterator

from tagmetry.api import ConfigPart, Finding, Given, NoOptions, Remedies, Rule, Severity, TrainerConfig
from tagmetry.rules.settings.caption_randomness import LOST_WITH_CACHE, REFUSED_BY_CACHE, set_of

_CHOOSE = Remedies(training=("choose one: randomized captions (better learning) or the cache (speed)",))

rule = Rule(
    id="text-encoder-cache-conflict",
    severity=Severity.ERROR,
    evidence="documented",
    messages={
        "stops": "{cache} does not go with {keys}: the trainer stops before the first step",
        "ignored": "with {cache} the trainer silently ignores {keys}: the stored captions are encoded as they are",
        "trained": "{cache} keeps SDXL's text encoders from being trained: the trainer stops",
    },
    remedies={
        "stops": _CHOOSE,
        "ignored": Remedies(
            data=("write into the caption files what should stand in every caption",),
            training=("or switch the cache off",),
        ),
        "trained": Remedies(training=("set network_train_unet_only, or switch the cache off",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    cache = config.given("cache_text_encoder_outputs")
    if not cache.value:
        return
    for message, names, severity in (
        ("stops", REFUSED_BY_CACHE, None),
        ("ignored", LOST_WITH_CACHE, Severity.WARNING),
    ):
        found: dict[str, tuple[Given, list[ConfigPart]]] = {}
        for part in config.parts:
            for given in set_of(part, names):
                found.setdefault(given.name, (given, []))[1].append(part)
        if found:
            first, _ = next(iter(found.values()))
            rows = sorted({int(row) for _, parts in found.values() for part in parts for row in part.rows})
            yield config.finding(
                rule,
                message,
                config.place_of(first),
                values={"cache": cache.key, "keys": tuple(sorted(given.key for given, _ in found.values()))},
                rows=rows,
                severity=severity,
                key=message,
            )
    if config.dataset.profile.base_model == "sdxl" and config.value("train_text_encoder"):
        yield config.finding(rule, "trained", config.place_of(cache), values={"cache": cache.key}, key="trained")
