"""A trigger word that is shuffled or dropped like any other tag.

What it finds
    Shuffling or tag dropout while keep_tokens (or a separator for kept tokens) does not cover the trigger of a concept,
    with the number of parts that would have to be kept.

Why it matters
    The trigger is what calls the concept. When it wanders through the caption or is missing every tenth
    time, it binds more weakly, and other tags take over its part.

What to do
    Put the trigger first in every caption and set keep_tokens to the parts that it takes: 1 for `sks`, 2 for
    `sks, woman`.

Known limits
    Only where a trigger is declared or was inferred. With EveryDream2 the part before the first comma always
    stays, and keep_tags does nothing.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import (
    Concept,
    ConfigPart,
    Finding,
    Measurement,
    NoOptions,
    Remedies,
    Rule,
    Severity,
    Skip,
    TrainerConfig,
)
from tagmetry.rules.settings.caption_randomness import is_moved, separator_of
from tagmetry.trainers import kohya

rule = Rule(
    id="trigger-not-kept",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "found": (
            'the trigger "{trigger}" is shuffled or dropped in {n:count} of {total:count} captions of {concept}: '
            "{key} = {kept}, and {needed:count} would be needed"
        ),
        "first": (
            'the trigger "{trigger}" is shuffled in {n:count} of {total:count} captions of {concept}: only what stands '
            "before the first comma is kept"
        ),
    },
    remedies={
        "found": Remedies(
            data=("put the trigger first in every caption",), training=("set keep_tokens to {needed:count}",)
        ),
        "first": Remedies(data=("put the trigger first in every caption",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if not any(concept.trigger for concept in config.dataset.training_concepts):
        raise Skip("no-trigger")
    for part in config.training_parts:
        if not is_moved(part):
            continue
        for concept in part.concepts:
            if concept.role == "train" and concept.trigger:
                yield from _judged(config, part, concept, concept.trigger)


def _judged(config: TrainerConfig, part: ConfigPart, concept: Concept, trigger: str) -> Iterator[Finding]:
    captions = config.dataset.captions
    rows = np.intersect1d(part.rows, concept.rows)
    rows = rows[captions.text_of[rows] >= 0]
    ids, which = np.unique(captions.text_of[rows], return_inverse=True)
    given = part.given("keep_tokens")
    kept = int(given.value) if given is not None else 0
    mark = part.value("keep_tokens_separator")
    separator = separator_of(part)
    texts = [captions.texts[text] for text in ids]
    heads = [text.partition(mark)[0] if mark and mark in text else text for text in texts]
    needed = kohya.parts_to_keep(heads, trigger, separator=separator)
    # Where the mark stands in a caption, all before it is kept, however many parts that are.
    marked = np.array([bool(mark) and mark in text for text in texts], dtype=bool)
    whole = kohya.parts_to_keep(texts, trigger, separator=separator)
    moved = np.where(marked, (whole > 0) & (needed == 0), needed > kept)
    hit = rows[moved[which.reshape(-1)]] if len(rows) else rows
    if not len(hit):
        return
    most = int(np.max(np.where(marked, whole, needed)[moved]))
    is_fixed = given is not None and given.is_default and config.trainer == "everydream"
    place = config.place_of(given, (part,)) if given is not None else part.place
    if given is None or given.is_default:
        moving = next(
            (one for name in ("shuffle_caption", "caption_tag_dropout_rate", "token_warmup_step")
             if (one := part.subset.settings.get(name)) is not None and one.value and not one.is_default),
            None,
        )  # fmt: skip
        place = config.place_of(moving, (part,)) if moving is not None else part.place
    yield config.finding(
        rule,
        "first" if is_fixed else "found",
        place,
        values={
            "trigger": trigger,
            "n": len(hit),
            "total": len(rows),
            "concept": concept.name,
            "key": given.key if given is not None else "keep_tokens",
            "kept": str(kept),
            "needed": most,
        },
        rows=hit.tolist(),
        measured=Measurement("keep_tokens", kept),
        key=concept.name,
    )
