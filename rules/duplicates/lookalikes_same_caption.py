"""Several look-alike images that share one caption.

What it finds
    Groups of near-duplicates in which `min_images` or more different pictures have the same caption, word for
    word. Exact copies count as one picture.

Why it matters
    One caption that leads to many nearly equal pictures is the straightest way to a picture learned by heart,
    and such dense spots are also reported to unsettle the training.

What to do
    Thin the group first. In what stays, say in each caption what differs: expression, pose, crop, light.

Known limits
    Only groups of near-duplicates are looked at. Where all captions of a concept are alike,
    `template-captions` speaks of them as well.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, Remedies, Rule, Severity, Skip, cut, option


@dataclass(frozen=True, slots=True)
class Options:
    min_images: int = option(
        3,
        "Different pictures of one group that share a caption, from which on it is reported.",
        unit="images",
        low=2,
        high=1000,
    )


_SHOWN: Final = 120

rule = Rule(
    id="lookalikes-same-caption",
    options=Options,
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("instability", "memorization"),
    messages={
        "found": '{n:count} look-alike images share the caption "{caption}": {paths}',
    },
    remedies=Remedies(data=("thin them, {keeper} first to be kept; say in the captions of the others what differs",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    if not dataset.train.captioned.any():
        raise Skip("no-captions")
    alike, text_of = dataset.duplicates, dataset.captions.text_of
    picture_of = {row: rows[0] for rows in alike.exact for row in rows}
    for rows in alike.near:
        by_text: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            if text_of[row] >= 0 and dataset.captions.texts[text_of[row]].strip():
                by_text[int(text_of[row])].append(row)
        for text, sharing in sorted(by_text.items()):
            n = len({picture_of.get(row, row) for row in sharing})
            if n < options.min_images:
                continue
            yield rule.finding(
                dataset.cluster("near", rows),
                "found",
                values={
                    "n": n,
                    "caption": cut(dataset.captions.texts[text], _SHOWN),
                    "paths": tuple(dataset.paths[row] for row in sharing),
                    "keeper": dataset.paths[alike.keepers[rows]],
                },
                measured=Measurement("images_per_caption", n, options.min_images, option="min_images", unit="images"),
                key=dataset.digest(sharing[0]),
            )
