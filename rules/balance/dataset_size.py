"""How the number of training images compares with what is reported to work.

What it finds
    For Flux, the band that the number of training images falls into: five to ten, around twenty,
    thirty to fifty, sixty and more. Inside a band it is a note, below the lowest band a warning,
    and between the bands nothing is said. For other base models no bands are known, which is noted.

Why it matters
    With a handful of images results change from one training to the next. With many, each further
    image brings little and repeats what the others show.

What to do
    Remove bad images before adding any: ten good and even pictures do better than forty mixed ones.

Known limits
    The bands are the experience of one practitioner with Flux, whose own sets have ten to twenty
    images. More images are worth their number only if they are even in quality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Dataset, Finding, Measurement, Plural, Remedies, Rule, Severity, Skip, option


@dataclass(frozen=True, slots=True)
class Options:
    unstable_from: int = option(5, "Flux: the lowest band begins here.", unit="images", low=1, source="S2")
    unstable_to: int = option(10, "Flux: the lowest band ends here.", unit="images", low=1, source="S2")
    efficient_from: int = option(15, "Flux: the most efficient band begins here.", unit="images", low=1, source="S2")
    efficient_to: int = option(25, "Flux: the most efficient band ends here.", unit="images", low=1, source="S2")
    best_from: int = option(30, "Flux: the band of best quality begins here.", unit="images", low=1, source="S2")
    best_to: int = option(50, "Flux: the band of best quality ends here.", unit="images", low=1, source="S2")
    little_gain_from: int = option(60, "Flux: more than this adds little.", unit="images", low=1, source="S2")


BASE_MODEL_NAMES: Final = {"sd15": "SD1.5", "sdxl": "SDXL"}

_BETTER_FIRST: Final = "remove bad images before adding any"

rule = Rule(
    id="dataset-size",
    options=Options,
    severity=Severity.INFO,
    evidence="community",
    points_to=("identity-collapse", "memorization"),
    messages={
        "too-few": Plural(
            "one training image is fewer than the smallest sets reported for Flux, which have {limit:count}",
            "{n:count} training images are fewer than the smallest sets reported for Flux, which have {limit:count}",
        ),
        "unstable": (
            "{n:count} training images: on Flux, sets of {low:count} to {high:count} are reported to give results "
            "that change from one training to the next"
        ),
        "efficient": (
            "{n:count} training images: on Flux, sets of {low:count} to {high:count} are reported as the most efficient"
        ),
        "best": (
            "{n:count} training images: on Flux, sets of {low:count} to {high:count} are reported to give "
            "the best quality if the images are even"
        ),
        "little-gain": (
            "{n:count} training images: on Flux, {low:count} and more are reported to add little but repetition"
        ),
        "no-band": Plural(
            "one training image; for {base_model} no guide values are known",
            "{n:count} training images; for {base_model} no guide values are known",
        ),
    },
    remedies={
        "too-few": Remedies(data=("add images of the same quality, up to about {efficient:count}",)),
        "unstable": Remedies(data=(_BETTER_FIRST, "then add some of the same quality, up to about {efficient:count}")),
        "best": Remedies(data=(_BETTER_FIRST,)),
        "little-gain": Remedies(data=("leave out the weakest images and those that show nothing new",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    n, base_model = dataset.train.n, dataset.profile.base_model
    if not n:
        raise Skip("no-training-images")
    if base_model is None:
        raise Skip("no-base-model")
    if base_model != "flux":
        shown = BASE_MODEL_NAMES.get(base_model, base_model)
        yield rule.finding(dataset.subject(), "no-band", values={"n": n, "base_model": shown})
        return
    values = {"n": n, "limit": options.unstable_from, "efficient": options.efficient_from}
    if n < options.unstable_from:
        measured = Measurement("n_train", n, options.unstable_from, option="unstable_from", unit="images")
        yield rule.finding(dataset.subject(), "too-few", values=values, measured=measured, severity=Severity.WARNING)
    for key, low, high, option_name in _bands(options):
        if low <= n and (high is None or n <= high):
            measured = Measurement("n_train", n, low, option=option_name, unit="images")
            values |= {"low": low} if high is None else {"low": low, "high": high}
            yield rule.finding(dataset.subject(), key, values=values, measured=measured)


def _bands(options: Options) -> tuple[tuple[str, int, int | None, str], ...]:
    """Message, first and last number of images (None without end), and the option that is held against."""
    return (
        ("unstable", options.unstable_from, options.unstable_to, "unstable_from"),
        ("efficient", options.efficient_from, options.efficient_to, "efficient_from"),
        ("best", options.best_from, options.best_to, "best_from"),
        ("little-gain", options.little_gain_from, None, "little_gain_from"),
    )
