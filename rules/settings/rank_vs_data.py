"""A rank that is large for few pictures, or small for many.

What it finds
    A network_dim above `large_rank` with fewer than `small_set` different training images, and one of at most
    `small_rank` with `large_set` or more.

Why it matters
    A large rank has room to store a few pictures whole, with grain and background. A very small one may have
    too little for many pictures, and the features stay vague.

What to do
    Lower the rank for a small set, raise it for a large one. The pictures decide more than the rank.

Known limits
    An estimate: no source gives figures, so that all four limits are Tagmetry's own choice. Near-duplicates count
    once. Judges plain LoRA (networks.lora and its kin); ranks of LyCORIS methods mean something else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tagmetry.api import Finding, Measurement, Remedies, Rule, Severity, Skip, TrainerConfig, Value, option


@dataclass(frozen=True, slots=True)
class Options:
    large_rank: int = option(64, "Rank above which a small set is reported.", low=1)
    small_set: int = option(30, "Different training images below which a set is small.", unit="images", low=1)
    small_rank: int = option(4, "Rank up to which a large set is reported.", low=1)
    large_set: int = option(200, "Different training images from which on a set is large.", unit="images", low=1)


rule = Rule(
    id="rank-vs-data",
    options=Options,
    severity=Severity.WARNING,
    evidence="heuristic",
    points_to=("memorization", "identity-collapse"),
    messages={
        "large": "{key} = {rank} is much for {n:count} different pictures: there is room to store them whole",
        "small": "{key} = {rank} is little for {n:count} different pictures: features may stay vague",
        "default": "network_dim is not set, so it is {rank}, little for {n:count} different pictures",
        "other-module": "the rank of {module} means something else than that of a LoRA",
    },
    remedies={
        "large": Remedies(training=("lower it, to 8 to 32 for a small set",)),
        "small": Remedies(training=("raise it, to 16 to 64",)),
        "default": Remedies(training=("set network_dim",)),
    },
)


@rule.each_config
def check(config: TrainerConfig, options: Options) -> Iterator[Finding]:
    rank = config.given("network_dim")
    module = config.value("network_module")
    if isinstance(module, str) and "lora" not in module.lower():
        raise Skip("other-module", module=module)
    n = config.dataset.effective_n
    if not n:
        raise Skip("no-training-images")
    values: dict[str, Value] = {"key": rank.key, "rank": str(rank.value), "n": n}
    place = config.place_of(rank)
    if rank.value > options.large_rank and n < options.small_set:
        measured = Measurement("network_dim", rank.value, options.large_rank, option="large_rank")
        yield config.finding(rule, "large", place, values=values, measured=measured)
    elif rank.value <= options.small_rank and n >= options.large_set:
        measured = Measurement("network_dim", rank.value, options.small_rank, option="small_rank")
        yield config.finding(rule, "default" if rank.is_default else "small", place, values=values, measured=measured)
