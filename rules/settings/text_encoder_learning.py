"""A text encoder that learns as fast as the U-Net from few pictures.

What it finds
    A text encoder trained at least at the U-Net's rate with fewer than `small_set` different training images; and
    with SDXL one rate for its two text encoders.

Why it matters
    The text encoder is where words get their meaning. Trained hard on few pictures it bends the class word and its
    neighbours, so that the concept leaks into other prompts and the pictures are learned by heart.

What to do
    Train the U-Net first and the text encoder more weakly, at a half to a tenth of its rate, or not at all. For
    SDXL give two rates.

Known limits
    Compares the rates alone, not optimizers that find rates themselves. What counts as a small set is Tagmetry's own
    choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, Skip, TrainerConfig, Value, option


@dataclass(frozen=True, slots=True)
class Options:
    small_set: int = option(50, "Different training images below which a set is small.", unit="images", low=1)


rule = Rule(
    id="text-encoder-learning",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("concept-bleed", "memorization"),
    messages={
        "as-fast": (
            "the text encoder learns at {rate}, the U-Net at {unet}, from {n:count} different pictures: it is bent "
            "as hard as the picture part"
        ),
        "one-rate": "both text encoders of SDXL learn at the one rate {rate}: the larger one bends more easily",
        "own-rate": "the optimizer finds its rates itself",
    },
    remedies={
        "as-fast": Remedies(
            training=("set text_encoder_lr to a half or a tenth of unet_lr, or train the U-Net alone",)
        ),
        "one-rate": Remedies(training=("give two rates, the one for the larger text encoder lower",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    trained = config.given("train_text_encoder")
    if not trained.value:
        return
    base = config.given("learning_rate")
    unet = config.told.settings.get("unet_lr") or base
    encoder = config.told.settings.get("text_encoder_lr")
    rates = tuple(encoder.value) if encoder is not None and encoder.value else (base.value,)
    if base.value >= 0.1 or unet.value >= 0.1:
        # Prodigy and its kin are given 1 and scale it themselves.
        raise Skip("own-rate")
    if max(rates) <= 0:
        return
    place = config.place_of(encoder if encoder is not None and not encoder.is_default else unet)
    n = config.dataset.effective_n
    values: dict[str, Value] = {"rate": ", ".join(f"{rate:g}" for rate in rates), "unet": f"{unet.value:g}", "n": n}
    if max(rates) >= unet.value and n < options.small_set:
        yield config.finding(
            rule,
            "as-fast",
            place,
            values=values,
            measured=Measurement("effective_n", n, options.small_set, option="small_set", unit="images"),
            key="as-fast",
        )
    if config.dataset.profile.base_model == "sdxl" and len(rates) == 1:
        yield config.finding(rule, "one-rate", place, values=values, severity=Severity.INFO, key="one-rate")
