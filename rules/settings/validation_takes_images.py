"""Images that a validation takes out of the training.

What it finds
    A validation_config of EveryDream2 that takes a share of the training images away, as the file that comes with the
    trainer does, with how many they are.

Why it matters
    Of a small set every picture counts: of 20 images the usual 15 % takes 3, drawn at random, and they are
    never trained.

What to do
    Set validation_config to null, or validate on images of its own (val_split_mode manual).

Known limits
    The share is read from the file that is named; where it is not found and has the shipped name, 15 % is assumed.
    sd-scripts holds nothing back unless it is told to.
"""

from collections.abc import Iterator

from tagmetry.api import Finding, Measurement, NoOptions, Remedies, Rule, Severity, Skip, TrainerConfig
from tagmetry.trainers import everydream

rule = Rule(
    id="validation-takes-images",
    severity=Severity.INFO,
    evidence="documented",
    messages={
        "found": "{n:count} of {total:count} images will never be trained: {key} holds them out for validation",
        "none": "no images are held out for validation",
    },
    remedies=Remedies(training=("set validation_config to null, or name a folder of its own for the validation",)),
)


@rule.each_config
def check(config: TrainerConfig, options: NoOptions) -> Iterator[Finding]:
    if config.trainer != "everydream":
        raise Skip("trainer-lacks-it")
    shares = [(given, rows) for given, _, rows in config.of_datasets("validation_split") if given.value > 0]
    if not shares:
        raise Skip("none")
    for given, rows in shares:
        n = everydream.validation_count(len(rows), float(given.value)) if len(rows) else 0
        if n:
            yield config.finding(
                rule,
                "found",
                config.place_of(given),
                values={"key": given.key, "n": n, "total": len(rows)},
                measured=Measurement("validation_share", n / len(rows), unit="share"),
            )
