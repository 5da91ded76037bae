"""An alpha unlike the rank.

What it finds
    A network_alpha below `least_ratio` of network_dim or above it (a warning), and one that only differs (a note).

Why it matters
    The LoRA is scaled by alpha divided by rank. A small alpha makes the same learning rate act more weakly, a large
    one more strongly; alphas unlike the rank are reported to have ended in NaN and black pictures.

What to do
    Set network_alpha to network_dim, or to half of it with a rate chosen for that.

Known limits
    sd-scripts takes 1 where no alpha is given, which then is the mismatch. The ratio is Tagmetry's own choice; many
    recipes use a half on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, TrainerConfig, option


@dataclass(frozen=True, slots=True)
class Options:
    least_ratio: float = option(0.5, "Alpha divided by rank below which it is a warning.", unit="ratio", low=0, high=1)


rule = Rule(
    id="network-alpha-mismatch",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("instability",),
    messages={
        "found": "network_alpha is {alpha} and network_dim {rank}: the LoRA acts at {ratio:number} of its strength",
        "default": (
            "network_alpha is not set and so 1, with network_dim {rank}: the LoRA acts at {ratio:number} of its "
            "strength"
        ),
    },
    remedies=Remedies(training=("set network_alpha to network_dim, or to half of it with a rate chosen for that",)),
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    alpha, rank = config.given("network_alpha"), config.given("network_dim")
    if rank.value <= 0 or alpha.value == rank.value or (alpha.is_default and rank.is_default):
        return
    ratio = alpha.value / rank.value
    is_far = ratio < options.least_ratio or ratio > 1
    yield config.finding(
        rule,
        "default" if alpha.is_default else "found",
        config.place_of(rank if alpha.is_default else alpha),
        values={"alpha": f"{alpha.value:g}", "rank": str(rank.value), "ratio": round(ratio, 3)},
        measured=Measurement("alpha_ratio", ratio, options.least_ratio, option="least_ratio", unit="ratio"),
        severity=None if is_far else Severity.INFO,
    )
