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
    }
)
"""Dotted key of a policy's `balance` -> option."""
