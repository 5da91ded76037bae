"""Images that are shown very often in the whole training.

What it finds
    Training images with more than `limit` exposures in all: repeats times epochs, or the steps that the config
    sets. Near-duplicates count together, as they are one picture to the model.

Why it matters
    What is shown hundreds of times is learned by heart: composition, background and grain come back in every picture. A
    concept at a high multiplier also bleeds into others.

What to do
    Fewer epochs or repeats, or an earlier checkpoint. The higher the repeats, the more regularization or
    preservation images. Shuffling and tag dropout soften it.

Known limits
    No source gives a figure: the limit is Tagmetry's own choice, and learning rate and rank shift it. Needs a config
    that tells epochs or steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tagmetry.api import Finding, Given, Measurement, Remedies, Rule, Severity, Skip, TrainerConfig, option, preview_of
from tagmetry.trainers import TRAINERS


@dataclass(frozen=True, slots=True)
class Options:
    limit: int = option(400, "Exposures of one picture in all above which it is reported.", low=1)


rule = Rule(
    id="over-exposure",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("memorization", "concept-bleed"),
    messages={
        "found": (
            "{n:count} of {total:count} training images are shown more than {limit:count} times, up to {most:count}: "
            "{per_epoch:number} per epoch in {epochs:number} epochs"
        ),
        "no-length": "the config tells neither epochs nor steps",
    },
    remedies=Remedies(
        training=(
            "train fewer epochs, or take an earlier checkpoint",
            "add regularization images; shuffle and drop tags",
        )
    ),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    dataset = config.dataset
    if dataset.profile.trainer not in TRAINERS:
        raise Skip("trainer-not-modelled")
    preview = preview_of(dataset)
    epochs, told = _epochs(config, preview.steps_per_epoch)
    is_train = dataset.roles.equals("train") & preview.trained
    if not is_train.any():
        raise Skip("no-training-images")
    per_epoch = preview.exposures.copy()
    for group in dataset.duplicates.near:
        rows = list(group)
        per_epoch[rows] = preview.exposures[rows].sum()
    in_all = per_epoch * epochs
    hit = is_train & (in_all > options.limit)
    if not hit.any():
        return
    most = float(in_all[hit].max())
    yield config.finding(
        rule,
        "found",
        config.place_of(told),
        values={
            "n": int(hit.sum()),
            "total": int(is_train.sum()),
            "limit": options.limit,
            "most": round(most),
            "per_epoch": round(float(per_epoch[hit].max()), 2),
            "epochs": round(epochs, 1),
        },
        rows=np.flatnonzero(hit).tolist(),
        measured=Measurement("exposures", most, options.limit, option="limit"),
    )


def _epochs(config: TrainerConfig, steps_per_epoch: int | None) -> tuple[float, Given]:
    """How many epochs are trained, and where it is told. Epochs stand before steps, as they do for the trainers."""
    epochs = config.told.settings.get("max_train_epochs")
    if epochs is not None:
        return float(epochs.value), epochs
    steps = config.told.settings.get("max_train_steps")
    if steps is None or not steps_per_epoch:
        raise Skip("no-length")
    return steps.value / steps_per_epoch, steps
