"""Named changes to a plan, for what was seen in the samples of a training run.

Each one changes figures of the plan, so that the same flow makes the new plan and every exporter can write it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from tagmetry.messages import Message, message
from tagmetry.plan.options import BalanceOptions

HALF_WAY: Final = 0.5
MORE_REGULARIZATION: Final = 1.25
SOME_CAPTION_DROPOUT: Final = 0.03
"""Within the 0.02 to 0.05 that are advised; 0.1 and more warns."""

NO_MULTIPLIERS: Final = 0.0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`seen` is the symptom, `does` the change, `besides` what has to be done outside of the plan."""

    name: str
    seen: Message
    does: Message
    besides: Message
    change: Callable[[BalanceOptions], BalanceOptions]


def _less_drift(options: BalanceOptions) -> BalanceOptions:
    return replace(
        options,
        strength=options.strength * HALF_WAY,
        regularization_ratio=options.regularization_ratio * MORE_REGULARIZATION,
    )


def _short_prompts(options: BalanceOptions) -> BalanceOptions:
    return replace(options, caption_dropout=max(options.caption_dropout, SOME_CAPTION_DROPOUT))


def _less_bleeding(options: BalanceOptions) -> BalanceOptions:
    _, high = options.preservation_share
    return replace(options, strength=NO_MULTIPLIERS, preservation_share=(high, high))


_ALL: Final = (
    Adjustment(
        "less-drift",
        message("the class word alone gives your subject"),
        message("multipliers half way back to 1, a quarter more regularization"),
        message("stop earlier, too; sd-scripts keeps regularization at 1 to 1, so add more images of the class there"),
        _less_drift,
    ),
    Adjustment(
        "short-prompts",
        message("short prompts do not show your subject"),
        message("caption dropout of {rate:percent}", rate=SOME_CAPTION_DROPOUT),
        message("more than 5 % is not advised: the subject would come without being asked for"),
        _short_prompts,
    ),
    Adjustment(
        "less-bleeding",
        message("style or faces leak into other prompts"),
        message("multipliers back to 1, the largest share of preservation images"),
        message("without a folder of preservation images (real ones of what is to stay) only the multipliers change"),
        _less_bleeding,
    ),
)

ADJUSTMENTS: Final[Mapping[str, Adjustment]] = MappingProxyType({one.name: one for one in _ALL})


def adjusted(options: BalanceOptions, names: Iterable[str]) -> BalanceOptions:
    """The options after these changes, each once. Raises KeyError for a name that is none."""
    for name in dict.fromkeys(names):
        options = ADJUSTMENTS[name].change(options)
    return options
