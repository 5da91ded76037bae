"""Augmentation that destroys what the set should teach, or that the trainer refuses.

What it finds
    Colour or crop augmentation together with cached latents, at which sd-scripts stops (an error). Flipping of images
    whose captions name left or right or writing, and of images that lie in the set mirrored as well. Colour
    augmentation where the colours belong to what is taught: a style, a character, clothes.

Why it matters
    Flipped, a picture tagged "looking to the left" teaches the opposite, and writing is learned mirrored. Shifted
    colours even out a leaning of the set, and take from it the palette that it is about.

What to do
    Switch the augmentation off for these images.

Known limits
    Reads English words and tags for left, right and writing. Whether colour belongs to the concept is told by the
    profile's purpose. How many images must be concerned is Tagmetry's own choice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagmetry.api import (
    ConfigPart,
    Finding,
    Given,
    Measurement,
    Plural,
    Remedies,
    Rows,
    Rule,
    Severity,
    TrainerConfig,
    Value,
    option,
    rows_of,
)


@dataclass(frozen=True, slots=True)
class Options:
    sided_share: float = option(
        0.05,
        "Share of the flipped images with sides or writing in their captions from which on it is reported.",
        unit="share",
        low=0,
        high=1,
    )


_SIDED: Final = re.compile(
    r"\b(?:left|right|asymmetrical|text|watermark|signature|logo|sign|letters?|writing|lettering|speech bubble)\b"
)
_COLOURED: Final = ("style", "character", "fashion")

rule = Rule(
    id="augmentation-conflict",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("style-drift", "memorization"),
    messages={
        "stops": "{keys} does not go with {cache}: the trainer stops before the first step",
        "sided": (
            "{key} mirrors {n:count} of {total:count} images whose captions name sides or writing, such as {words}"
        ),
        "mirrored": "{key} mirrors {n:count} images that lie in the set mirrored already: both sides are shown twice",
        "colour": Plural(
            "{key} shifts the colours of {n:count} image, and colours belong to a {purpose}",
            "{key} shifts the colours of {n:count} images, and colours belong to a {purpose}",
        ),
    },
    remedies={
        "stops": Remedies(training=("switch one of the two off",)),
        "sided": Remedies(training=("switch it off, or train these images in a subset without it",)),
        "mirrored": Remedies(data=("remove the mirrored copies",), training=("or switch it off",)),
        "colour": Remedies(training=("switch it off",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    yield from _refused(config)
    for given, parts in config.by_place("flip_aug"):
        if given.value:
            yield from _flipped(config, given, parts, options)
    purpose = config.dataset.profile.purpose
    for given, parts in config.by_place("color_aug"):
        if given.value and purpose in _COLOURED:
            rows = rows_of(parts)
            values: dict[str, Value] = {"key": given.key, "n": len(rows), "purpose": str(purpose)}
            place = config.place_of(given, parts)
            yield config.finding(rule, "colour", place, values=values, rows=rows.tolist(), key="colour")


def _refused(config: TrainerConfig) -> Iterator[Finding]:
    cache = config.told.settings.get("cache_latents")
    if cache is None or not cache.value:
        return
    for name in ("color_aug", "random_crop"):
        for given, parts in config.by_place(name):
            if given.value:
                yield config.finding(
                    rule,
                    "stops",
                    config.place_of(given, parts),
                    values={"keys": given.key, "cache": cache.key},
                    rows=rows_of(parts).tolist(),
                    severity=Severity.ERROR,
                    evidence="documented",
                    key=name,
                )


def _flipped(config: TrainerConfig, given: Given, parts: tuple[ConfigPart, ...], options: Options) -> Iterator[Finding]:
    rows = rows_of(parts)
    sided, words = _sided(config, rows)
    if len(rows) and len(sided) and len(sided) / len(rows) >= options.sided_share:
        share = len(sided) / len(rows)
        yield config.finding(
            rule,
            "sided",
            config.place_of(given, parts),
            values={"key": given.key, "n": len(sided), "total": len(rows), "words": words},
            rows=sided.tolist(),
            measured=Measurement("sided_share", share, options.sided_share, option="sided_share", unit="share"),
            key="sided",
        )
    inside = set(rows.tolist())
    copies = sorted({row for group in config.dataset.duplicates.mirrored for row in group if row in inside})
    if copies:
        values: dict[str, Value] = {"key": given.key, "n": len(copies)}
        yield config.finding(
            rule, "mirrored", config.place_of(given, parts), values=values, rows=copies, key="mirrored"
        )


def _sided(config: TrainerConfig, rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """The rows whose captions name sides or writing, and the words found, the most frequent first."""
    captions = config.dataset.captions
    ids = captions.text_of[rows]
    found = {int(text): _SIDED.findall(captions.texts[text].lower().replace("_", " ")) for text in set(ids[ids >= 0])}
    hit = np.array([bool(found.get(int(text))) for text in ids], dtype=bool)
    counts: dict[str, int] = {}
    for words in found.values():
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return rows[hit], tuple(sorted(counts, key=lambda word: (-counts[word], word)))
