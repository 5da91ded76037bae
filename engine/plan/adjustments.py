"""Named changes to a plan, for what was seen in the samples of a training run; playbooks name the same ones.

Each one changes figures of the plan, so that the same flow makes the new plan and every exporter can write it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from tagmetry.messages import Message, message
from tagmetry.plan.options import BalanceOptions

HALF_WAY: Final = 0.5
FEWER_REPEATS: Final = 0.5
"""Half the repeats and as many epochs are half the steps, with a checkpoint at each half of the former way."""

MORE_REGULARIZATION: Final = 1.25
SOME_CAPTION_DROPOUT: Final = 0.03
"""Within the 0.02 to 0.05 that are advised; 0.1 and more warns."""

WEAK_TAG_DROPOUT: Final = 0.10
NO_MULTIPLIERS: Final = 0.0
ANY_DIFFERENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`does` is the change to the plan, `besides` what has to be done outside of it."""

    name: str
    does: Message
    besides: Message
    change: Callable[[BalanceOptions], BalanceOptions]


def _fewer_repeats(options: BalanceOptions) -> BalanceOptions:
    return replace(
        options, strength=options.strength * HALF_WAY, repeats_factor=min(options.repeats_factor, FEWER_REPEATS)
    )


def _weak_randomization(options: BalanceOptions) -> BalanceOptions:
    return replace(options, shuffle_tags=True, tag_dropout=max(options.tag_dropout, WEAK_TAG_DROPOUT))


def _more_regularization(options: BalanceOptions) -> BalanceOptions:
    return replace(
        _fewer_repeats(options),
        regularization_ratio=options.regularization_ratio * MORE_REGULARIZATION,
        evened_out_weight=max(options.evened_out_weight, MORE_REGULARIZATION),
    )


def _equal_exposure(options: BalanceOptions) -> BalanceOptions:
    return replace(options, imbalance=ANY_DIFFERENCE)


def _no_caption_dropout(options: BalanceOptions) -> BalanceOptions:
    return replace(options, caption_dropout=0.0, sentence_caption_dropout=0.0)


def _some_caption_dropout(options: BalanceOptions) -> BalanceOptions:
    return replace(options, caption_dropout=max(options.caption_dropout, SOME_CAPTION_DROPOUT))


def _multipliers_back(options: BalanceOptions) -> BalanceOptions:
    _, high = options.preservation_share
    return replace(
        options,
        strength=NO_MULTIPLIERS,
        repeats_factor=min(options.repeats_factor, FEWER_REPEATS),
        preservation_share=(high, high),
    )


_ALL: Final = (
    Adjustment(
        "fewer-repeats",
        message("half the repeats, multipliers half way back to 1"),
        message("repeats of 1 stay as they are: train fewer epochs there, and take an earlier checkpoint"),
        _fewer_repeats,
    ),
    Adjustment(
        "weak-randomization",
        message("tags shuffled, with a dropout of at least {rate:percent}", rate=WEAK_TAG_DROPOUT),
        message("text-encoder outputs cannot be cached then"),
        _weak_randomization,
    ),
    Adjustment(
        "more-regularization",
        message("half the repeats, multipliers half way back to 1, a quarter more regularization"),
        message(
            "sd-scripts shows regularization images 1 to 1 in any case, so there their loss weighs a quarter more "
            "(prior_loss_weight); more different images of the class help as well"
        ),
        _more_regularization,
    ),
    Adjustment(
        "equal-exposure",
        message("concepts are balanced however little they differ"),
        message("sets that are too small to balance stay as they are, and so do the steps of a policy"),
        _equal_exposure,
    ),
    Adjustment(
        "no-caption-dropout",
        message("caption dropout of 0"),
        message("images without captions count as dropout, too: give them some"),
        _no_caption_dropout,
    ),
    Adjustment(
        "some-caption-dropout",
        message("caption dropout of {rate:percent}", rate=SOME_CAPTION_DROPOUT),
        message("more than 5 % is not advised: the subject would come without being asked for"),
        _some_caption_dropout,
    ),
    Adjustment(
        "multipliers-back",
        message("half the repeats, multipliers back to 1, the largest share of preservation images"),
        message("without a folder of preservation images (real ones of what is to stay) only the repeats change"),
        _multipliers_back,
    ),
)

ADJUSTMENTS: Final[Mapping[str, Adjustment]] = MappingProxyType({one.name: one for one in _ALL})


def adjusted(options: BalanceOptions, names: Iterable[str]) -> BalanceOptions:
    """The options after these changes, each once. Raises KeyError for a name that is none."""
    for name in dict.fromkeys(names):
        options = ADJUSTMENTS[name].change(options)
    return options
