"""A caption of several lines, where the trainer reads one.

What it finds
    Captions with text on more than one line. For kohya it shows what comes after the first line,
    which is not read; for OneTrainer and SimpleTuner it notes that every line counts as a
    caption of its own.

Why it matters
    The lines that are not read are lost without a warning. Often they hold the better part: taggers and
    language models that write a heading first, or one tag per line.

What to do
    Join the lines, with commas between tags. Where the lines are meant as alternatives, turn on the trainer's
    own setting for it (kohya: `enable_wildcard`).

Known limits
    A trainer's own settings are not read here: with kohya's wildcards one line is drawn each time, and
    nothing is lost. Trainers that read the whole file are left alone. A caption whose first line is
    blank is reported by `missing-caption`.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagmetry.api import Hits, Mask, NoOptions, Plural, Remedies, Rule, Samples, Severity, Skip, TrainerConfig
from tagmetry.rules.captions.trainer_names import NAMES

_ONE_PER_LINE: Final = ("onetrainer", "simpletuner")

rule = Rule(
    id="multiline-caption",
    severity=Severity.WARNING,
    evidence="documented",
    points_to=("prompt-sensitivity",),
    messages={
        "first-line": "the caption of {path} has {n:count} lines, and {trainer} reads only the first; lost: {unread}",
        "each-line": "the caption of {path} has {n:count} lines, and {trainer} takes each as a caption of its own",
        "unknown-trainer": Plural(
            "one caption has several lines, which some trainers do not read: set profile.trainer or use --trainer",
            "{n:count} captions have several lines, which some trainers do not read: "
            "set profile.trainer or use --trainer",
        ),
    },
    remedies={
        "first-line": Remedies(
            data=("join the lines into one, with commas between tags",),
            training=("if the lines are alternatives, turn on enable_wildcard",),
        ),
        "each-line": Remedies(data=("if they are not meant as alternatives, join the lines into one",)),
    },
)


def _alternatives(samples: Samples) -> Mask:
    """Shape (n,): images for which the trainer's config takes the lines of a caption as alternatives."""
    dataset = samples.dataset
    found = np.zeros(dataset.n, dtype=bool)
    if dataset.config is not None:
        for part in TrainerConfig(dataset, dataset.config).parts:
            found[part.rows] |= bool(part.value("enable_wildcard"))
    return np.asarray(found[samples.rows])


@rule.each_sample
def check(samples: Samples, options: NoOptions) -> Iterator[Hits]:
    trainer = samples.dataset.profile.trainer
    captions = samples.dataset.captions
    n_lines = captions.n_lines[samples.rows]
    several = samples.captioned & (n_lines > 1) & ~_alternatives(samples)
    if not several.any():
        return
    if trainer is None:
        raise Skip("unknown-trainer", n=int(np.count_nonzero(several)))
    if trainer != "kohya" and trainer not in _ONE_PER_LINE:
        return
    yield rule.hits(
        "first-line" if trainer == "kohya" else "each-line",
        several,
        values={
            "path": samples.paths,
            "n": n_lines,
            "trainer": NAMES[trainer],
            "unread": [captions.unread.get(int(row), "") for row in samples.rows],
        },
        metric="caption_lines",
        measured=n_lines,
        limit=1,
        severity=None if trainer == "kohya" else Severity.INFO,
        about="caption",
    )
