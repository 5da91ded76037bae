"""Sentences that the config takes apart at their commas.

What it finds
    Captions written as sentences together with shuffle_caption, tag dropout or keep_tokens above 0.

Why it matters
    Shuffled at the commas, "a woman in a red coat, standing on a bridge, holding a bag" becomes clauses in any order,
    and tag dropout takes some away. Models that read sentences learn from their order.

What to do
    Set shuffle_caption = false, keep_tokens = 0 and no tag dropout. The randomization is for lists of tags.

Known limits
    How captions are written is measured or declared for the whole set (profile.caption_style). Counts the captions
    with a comma, as the others have no parts. keep_tokens alone does nothing and is a note; tag dropout is judged
    along with the shuffling by Tagmetry's own choice.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import Finding, Measurement, NoOptions, Remedies, Rule, Severity, Skip, TrainerConfig, rows_of

rule = Rule(
    id="sentence-caption-shuffled",
    severity=Severity.WARNING,
    evidence="community",
    points_to=("prompt-sensitivity",),
    messages={
        "found": "{n:count} of {total:count} captions are sentences that {keys} takes apart at their commas",
        "kept": "{key} = {value} is for lists of tags, and the captions are sentences",
        "tags": "the captions are lists of tags",
    },
    remedies={
        "found": Remedies(training=("set shuffle_caption = false and caption_tag_dropout_rate = 0",)),
        "kept": Remedies(training=("set keep_tokens = 0",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    dataset = config.dataset
    if not dataset.samples.captioned.any():
        raise Skip("no-captions")
    if dataset.profile.caption_style != "sentences":
        raise Skip("tags")
    has_comma = np.fromiter(("," in text for text in dataset.captions.texts), dtype=bool)
    for name in ("shuffle_caption", "caption_tag_dropout_rate"):
        for given, parts in config.by_place(name):
            if not given.value:
                continue
            rows = rows_of(parts)
            ids = dataset.captions.text_of[rows]
            hit = (ids >= 0) & has_comma[np.maximum(ids, 0)]
            if hit.any():
                total = int((ids >= 0).sum())
                yield config.finding(
                    rule,
                    "found",
                    config.place_of(given, parts),
                    values={"n": int(hit.sum()), "total": total, "keys": given.key},
                    rows=rows[hit].tolist(),
                    measured=Measurement("caption_share", float(hit.sum() / total), unit="share"),
                    key=name,
                )
    for given, parts in config.by_place("keep_tokens"):
        if given.value and not given.is_default:
            yield config.finding(
                rule,
                "kept",
                config.place_of(given, parts),
                values={"key": given.key, "value": str(given.value)},
                rows=rows_of(parts).tolist(),
                severity=Severity.INFO,
                key="keep_tokens",
            )
