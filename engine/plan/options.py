"""The figures of the default balance flow; a policy's `balance` changes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tagmetry.options import option


@dataclass(frozen=True, slots=True)
class BalanceOptions:
    """Every limit and target of the flow. The keys of a policy's `balance` map to these by `POLICY_KEYS`."""

    too_small: int = option(
        30, "Fewer training images than this are never balanced.", unit="images", low=0, source="S0"
    )
    light_below: int = option(
        200, "Below this many training images only a light multiplier is proposed.", unit="images", low=0, source="S0"
    )
    imbalance: float = option(
        2.0,
        "Concepts are balanced when their exposures differ by more than this factor.",
        unit="ratio",
        low=1,
        source="S0",
    )
    multiplier_low: float = option(
        0.5, "Smallest multiplier of a concept.", unit="ratio", low=0.01, high=1, source="S0"
    )
    multiplier_high_light: float = option(
        2.0, "Largest multiplier on sets below `light_below`.", unit="ratio", low=1, source="S0"
    )
    multiplier_high: float = option(3.0, "Largest multiplier of a concept.", unit="ratio", low=1, source="S0")
    largest_scale: int = option(
        10, "Largest factor by which an epoch may grow to reach whole repeats.", low=1, high=100
    )
    scale_error: float = option(
        0.05, "A scale with at most this relative error is good enough.", unit="share", low=0, high=1
    )
    tags_good: float = option(
        0.10, "Tags count as good up to this share of captions with tag noise.", unit="share", low=0, high=1
    )
    tag_cap_threshold: float = option(
        0.9,
        "Tags on at least this share of a concept's images may be capped.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )
    tag_cap_ratio: float = option(0.8, "Share that a capped tag keeps.", unit="share", low=0, high=1, source="S0")
    regularization_ratio: float = option(
        1.0, "Exposure of the regularization images per exposure of training images.", unit="ratio", low=0, source="S0"
    )
    prior_loss_weight: float = option(1.0, "Weight of the regularization images' loss.", low=0, source="S0")
    tag_dropout: float = option(
        0.10, "Tag dropout of the weak randomization.", unit="share", low=0, high=1, source="S0"
    )
    style_tag_dropout: float = option(
        0.20, "Tag dropout where the purpose is a style.", unit="share", low=0, high=1, source="S0"
    )
    caption_dropout: float = option(
        0.0, "Caption dropout of the weak randomization.", unit="share", low=0, high=1, source="S0"
    )
    apply: bool = option(False, "The plan counts as accepted, also where no trainer config is asked for.")
    shuffle_tags: bool = option(True, "Tag captions are shuffled by the weak randomization.", source="S0")
    keep_tokens: int | None = option(
        None,
        "Leading tags that shuffle and dropout leave alone; `auto` counts the tags of trigger and class word.",
        low=0,
        source="S0",
    )
    sentence_shuffle: bool = option(False, "Sentence captions are shuffled at their commas.", source="S2")
    sentence_keep_tokens: int = option(0, "Leading parts of a sentence caption that stay in front.", low=0, source="S2")
    sentence_tag_dropout: float = option(
        0.0, "Dropout of the parts of sentence captions.", unit="share", low=0, high=1, source="S2"
    )
    sentence_caption_dropout: float = option(
        0.0, "Caption dropout for sentence captions.", unit="share", low=0, high=1, source="S2"
    )
    fraction_floor: float = option(
        0.3,
        "Least share of a training folder that an epoch shows where only a part of it is drawn.",
        unit="share",
        low=0,
        high=1,
        source="S0",
    )
    preservation_share: tuple[float, ...] = option(
        (0.25, 0.5),
        "Exposures of preservation images per exposure of training images: from the first to the second, which is "
        "taken where repeats are raised.",
        unit="share",
        low=0,
        high=4,
        source="S0",
    )
    strength: float = option(
        1.0,
        "How far multipliers go from 1 towards what the flow wants: 0 leaves them at 1.",
        unit="share",
        low=0,
        high=1,
    )
    repeats_factor: float = option(
        1.0,
        "Factor on the repeats of the training folders besides the multipliers; what is shown once stays.",
        unit="ratio",
        low=0.1,
        high=1,
    )
    evened_out_weight: float = option(
        1.0,
        "Factor on prior_loss_weight where a trainer evens out the exposure of regularization images by itself.",
        unit="ratio",
        low=0.1,
        high=10,
    )
    lowest_weight: float = option(0.5, "Least weight of an image.", unit="ratio", low=0.01, high=1, source="S0")
    highest_weight: float = option(2.0, "Greatest weight of an image.", unit="ratio", low=1, high=100, source="S0")
    weight_temperature: float = option(
        2.0, "Weights are raised to 1 over this: 1 takes them as they are, more evens them out.", low=1, high=100
    )
    seed: int = option(0, "Number that every random choice of the plan starts from.", low=0, high=2**31 - 1)


KEEP_TOKENS: Final = "keep_tokens"
"""Written as `auto` in a policy where it is None."""

PRESERVATION_SHARE: Final = "preservation_share"
"""A pair."""

POLICY_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "apply": "apply",
        "tag_cap.threshold": "tag_cap_threshold",
        "tag_cap.cap_ratio": "tag_cap_ratio",
        "regularization.target_ratio": "regularization_ratio",
        "regularization.prior_loss_weight": "prior_loss_weight",
        "randomization.tags.caption_tag_dropout_rate": "tag_dropout",
        "randomization.tags.caption_dropout_rate": "caption_dropout",
        "randomization.style.caption_tag_dropout_rate": "style_tag_dropout",
        "randomization.tags.shuffle_caption": "shuffle_tags",
        "randomization.tags.keep_tokens": KEEP_TOKENS,
        "randomization.sentences.shuffle_caption": "sentence_shuffle",
        "randomization.sentences.keep_tokens": "sentence_keep_tokens",
        "randomization.sentences.caption_tag_dropout_rate": "sentence_tag_dropout",
        "randomization.sentences.caption_dropout_rate": "sentence_caption_dropout",
        "fraction_floor": "fraction_floor",
        "preservation.share": PRESERVATION_SHARE,
        "weights.lowest": "lowest_weight",
        "weights.highest": "highest_weight",
        "weights.temperature": "weight_temperature",
        "seed": "seed",
    }
)
"""Dotted key of a policy's `balance` -> option."""
