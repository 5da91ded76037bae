"""Validation images that are trained as well.

What it finds
    A validation_split without validation_seed, with which sd-scripts draws the two parts from different shuffles; and
    a split that with a seed still shares an image, for both parts are rounded up.

Why it matters
    The loss on images that are trained looks good whatever is learned. The validation then tells nothing.

What to do
    Set validation_seed, and choose a split of which n images make a whole number.

Known limits
    Without a seed the number is what chance gives on average.
"""

from collections.abc import Iterator

from tagmetry.api import (
    ConfigPart,
    Finding,
    Measurement,
    NoOptions,
    Place,
    Remedies,
    Rule,
    Severity,
    Skip,
    TrainerConfig,
)
from tagmetry.trainers import kohya

rule = Rule(
    id="validation-images-trained",
    severity=Severity.WARNING,
    evidence="documented",
    messages={
        "no-seed": (
            "validation_split without validation_seed: about {n:count} of {total:count} validation images are trained "
            "as well"
        ),
        "rounded": (
            "validation_split {split} of {images:count} images shares {n:count} of {total:count} validation images "
            "with the training"
        ),
        "everything": "validation_split {split} leaves nothing to train",
        "no-split": "no images are held out for validation",
    },
    remedies={
        "no-seed": Remedies(training=("set validation_seed",)),
        "rounded": Remedies(training=("choose a split of which the images of each folder make a whole number",)),
        "everything": Remedies(training=("set a share between 0 and 1",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if config.trainer != "kohya":
        raise Skip("trainer-lacks-it")
    found = False
    for split, of_dataset, _ in config.of_datasets("validation_split"):
        share = float(split.value)
        if share <= 0:
            continue
        found = True
        parts = [part for part in config.training_parts if part.of_dataset is of_dataset]
        place = config.place_of(split)
        if share >= 1:
            yield config.finding(rule, "everything", place, values={"split": f"{share:g}"}, severity=Severity.ERROR)
        elif of_dataset.value("validation_seed") is None:
            yield from _unseeded(config, parts, share, place=config.place_of(split))
        else:
            for part in parts:
                divided = kohya.validation_split(len(part.rows), share)
                if divided.shared:
                    yield config.finding(
                        rule,
                        "rounded",
                        place,
                        values={
                            "split": f"{share:g}",
                            "images": len(part.rows),
                            "n": divided.shared,
                            "total": divided.validation,
                        },
                        rows=part.rows.tolist(),
                        key=part.title,
                    )
    if not found:
        raise Skip("no-split")


def _unseeded(config: TrainerConfig, parts: list[ConfigPart], share: float, *, place: Place) -> Iterator[Finding]:
    divided = [kohya.validation_split(len(part.rows), share) for part in parts]
    held = sum(one.validation for one in divided)
    # Each validation image is among the trained ones as often as any image is.
    both = sum(
        one.validation * one.train / len(part.rows) for one, part in zip(divided, parts, strict=True) if len(part.rows)
    )
    if held:
        yield config.finding(
            rule,
            "no-seed",
            place,
            values={"n": round(both), "total": held},
            measured=Measurement("trained_share", both / held, unit="share"),
        )
