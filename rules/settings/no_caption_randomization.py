"""Tag lists that are trained word for word the same each time.

What it finds
    Training images whose tags keep their order and their number in every epoch: no shuffling, no tag dropout,
    no token warm-up. Captions of fewer than `min_tags` tags are not counted.

Why it matters
    A list that never varies is learned as a whole. Then the model answers to that wording and order
    alone, and pictures repeat. Shuffling and a little tag dropout cost nothing and move the distribution little.

What to do
    Switch on shuffle_caption with keep_tokens 1 (or as many parts as the trigger takes), and
    caption_tag_dropout_rate 0.10.

Known limits
    Only for tags: sentences lose their sense when parts move. It is silent where text-encoder outputs are
    cached, which forbids all this. The number of tags is Tagmetry's own choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Finding, Remedies, Rule, Severity, Skip, TrainerConfig, option
from tagmetry.rules.settings.caption_randomness import is_moved


@dataclass(frozen=True, slots=True)
class Options:
    min_tags: int = option(4, "Captions of fewer tags are not counted.", low=2, high=100)


rule = Rule(
    id="no-caption-randomization",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("prompt-sensitivity", "memorization"),
    messages={
        "found": (
            "{n:count} of {total:count} training images have the same list of tags each time: neither shuffle nor tag "
            "dropout is on"
        ),
        "cached": "text-encoder outputs are cached, which forbids randomized captions",
    },
    remedies=Remedies(training=("set shuffle_caption with keep_tokens 1, and caption_tag_dropout_rate 0.10",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    dataset = config.dataset
    if dataset.profile.caption_style == "sentences":
        raise Skip("sentence-captions")
    if config.value("cache_text_encoder_outputs"):
        raise Skip("cached")
    still = [part for part in config.training_parts if not is_moved(part)]
    n_tags = dataset.tag_presence.lengths()
    rows = sorted({int(row) for part in still for row in part.rows if n_tags[row] >= options.min_tags})
    if not rows:
        return
    total = len(np.unique(np.concatenate([part.rows for part in config.training_parts])))
    given = next((one for part in still if (one := part.given("shuffle_caption")) is not None), None)
    place = config.place_of(given, still) if given is not None else still[0].place
    yield config.finding(rule, "found", place, values={"n": len(rows), "total": total}, rows=rows)
