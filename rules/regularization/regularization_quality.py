"""Regularization images that look otherwise than the training images, or are poor.

What it finds
    Compares all regularization images with all training images: how sharp they are, how bright and how coloured, how
    much contrast they have, and whether they are drawn or photographed. Reported is what differs in the
    middle by more than `deviations` robust standard deviations and so much that it can be seen. Also regularization
    sets of which more than `poor_share` are blurred or strongly compressed.

Why it matters
    The regularization set stands for what everything but the concept looks like. Smooth generated pictures beside
    sharp photographs teach the model to be smooth wherever the trigger is not, and part of that shows with it, too.

What to do
    Replace them by pictures that are made like the training images: photographs beside photographs, drawings beside
    drawings, in like light and of like quality.

Known limits
    Compares middles; single images are not named unless they are poor. Fewer than `min_images` on either side are too
    few to compare. A style is often trained against pictures that look otherwise on purpose: there only poor images are
    reported.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.api import (
    Dataset,
    Feature,
    Finding,
    Measurement,
    Plural,
    Remedies,
    Rule,
    Samples,
    Severity,
    Skip,
    option,
    robust_spread,
)
from tagmetry.features import brightness, contrast, crispness, hues, rendering, tile_sharpness


@dataclass(frozen=True, slots=True)
class Options:
    deviations: float = option(
        2.0,
        "Distance of the two middles, in robust standard deviations of the set that varies more, from which on they "
        "differ.",
        low=0.5,
    )
    poor_share: float = option(
        0.1,
        "Share of blurred or strongly compressed regularization images above which they are reported.",
        unit="share",
        low=0,
        high=1,
    )
    least_crispness: float = option(0.75, "Crispness below which an image is blurred (as in `blurry-image`).", low=0)
    least_quality: int = option(
        50, "Quality of a JPEG below which it is strongly compressed (as in `extreme-compression`).", low=1, high=100
    )
    min_images: int = option(
        8, "Fewer training or regularization images are not compared.", unit="images", low=3, high=100_000
    )


_FLOOR: Final = 0.1
"""Added before logarithms of sharpness, which may be 0."""

_REPLACE: Final = Remedies(
    data=("replace the regularization images by pictures made like the training images, in like light and quality",)
)

rule = Rule(
    id="regularization-quality",
    options=Options,
    severity=Severity.WARNING,
    evidence="community",
    points_to=("style-drift",),
    needs=(brightness, contrast, crispness, hues, rendering, tile_sharpness),
    messages={
        "smoother": (
            "the regularization images are smoother than the training images: fine detail of {reg:number} in the "
            "middle, against {train:number}"
        ),
        "sharper": (
            "the regularization images are sharper than the training images: fine detail of {reg:number} in the "
            "middle, against {train:number}"
        ),
        "drawn": "the regularization images are flat drawings, and the training images are not",
        "photographed": "the training images are flat drawings, and the regularization images are not",
        "brightness": (
            "the regularization images differ in light from the training images: {reg:number} of 255 in the middle, "
            "against {train:number}"
        ),
        "contrast": (
            "the regularization images differ in contrast from the training images: {reg:number} grey levels in the "
            "middle, against {train:number}"
        ),
        "colour": (
            "the regularization images differ in colour from the training images: {reg:number} mean chroma in the "
            "middle, against {train:number}"
        ),
        "poor": Plural(
            "{n:count} of the {total:count} regularization images is blurred or strongly compressed: {examples}",
            "{n:count} of the {total:count} regularization images are blurred or strongly compressed: {examples}",
        ),
        "no-regularization": "there are no regularization images",
        "too-few": (
            "{reg:count} regularization images and {train:count} training images are too few to compare; "
            "{limit:count} of each are needed"
        ),
    },
    remedies={
        **dict.fromkeys(("smoother", "sharper", "drawn", "photographed", "brightness", "contrast", "colour"), _REPLACE),
        "poor": Remedies(data=("take these out, or replace them by better copies: {examples}",)),
    },
)


@rule.whole_dataset
def check(dataset: Dataset, options: Options) -> Iterator[Finding]:
    reg, train = dataset.role("regularization"), dataset.train
    if not reg.n:
        raise Skip("no-regularization")
    if not train.n:
        raise Skip("no-training-images")
    yield from _poor(reg, options)
    if dataset.profile.purpose == "style":
        return
    if min(reg.n, train.n) < options.min_images:
        raise Skip("too-few", reg=reg.n, train=train.n, limit=options.min_images)
    kinds = _kinds(reg, train)
    if kinds is not None:
        yield _finding(dataset, kinds, _middle(reg, rendering), _middle(train, rendering), limit=None)
        # Drawings differ from photographs in all the rest as well.
        return
    for lower, higher, feature, least, on_ratios in (
        ("smoother", "sharper", tile_sharpness, 2.5, True),
        ("brightness", "brightness", brightness, 45.0, False),
        ("contrast", "contrast", contrast, 20.0, False),
        ("colour", "colour", hues, 0.03, False),
    ):
        apart, distance = _apart(reg, train, feature, on_ratios=on_ratios)
        if abs(distance) < options.deviations or abs(apart) < (np.log(least) if on_ratios else least):
            continue
        message = lower if apart < 0 else higher
        yield _finding(dataset, message, _middle(reg, feature), _middle(train, feature), limit=options.deviations)


_DRAWN: Final = 0.25
_PHOTOGRAPHED: Final = 0.1
"""The middles of `rendering` of flat drawings and of photographs (see `mixed-rendering`)."""


def _kinds(reg: Samples, train: Samples) -> str | None:
    drawn, taken = _middle(reg, rendering), _middle(train, rendering)
    if drawn >= _DRAWN and taken <= _PHOTOGRAPHED:
        return "drawn"
    return "photographed" if taken >= _DRAWN and drawn <= _PHOTOGRAPHED else None


def _figures(samples: Samples, feature: Feature) -> NDArray[np.float64]:
    """The figures that are there; of hues their sum, the mean chroma."""
    values = samples.values(feature).present().astype(np.float64)
    return np.asarray(values.sum(axis=1) if values.ndim > 1 else values)


def _middle(samples: Samples, feature: Feature) -> float:
    return robust_spread(_figures(samples, feature)).median


def _apart(reg: Samples, train: Samples, feature: Feature, *, on_ratios: bool) -> tuple[float, float]:
    """The difference of the two middles, plain and in deviations; of logarithms where ratios count."""
    of_reg, of_train = (_figures(samples, feature) for samples in (reg, train))
    if on_ratios:
        of_reg, of_train = np.log(of_reg + _FLOOR), np.log(of_train + _FLOOR)
    one, other = robust_spread(of_reg), robust_spread(of_train)
    apart = one.median - other.median
    scale = max(one.deviation, other.deviation)
    return apart, apart / scale if scale > 0 else float(np.sign(apart) * 1e9)


def _poor(reg: Samples, options: Options) -> Iterator[Finding]:
    crisp, quality = reg.values(crispness), reg.column("jpeg_quality")
    blurred = crisp.valid & (crisp.values < options.least_crispness)
    poor = blurred | (quality.valid & (quality.values < options.least_quality))
    share = float(poor.mean())
    if share <= options.poor_share:
        return
    subject = reg.dataset.subject(reg.rows[poor])
    yield rule.finding(
        subject,
        "poor",
        values={"n": int(poor.sum()), "total": reg.n, "examples": subject.paths},
        measured=Measurement("poor_share", share, options.poor_share, option="poor_share", unit="share"),
        key="poor",
    )


def _finding(dataset: Dataset, message: str, reg: float, train: float, *, limit: float | None) -> Finding:
    return rule.finding(
        dataset.subject(),
        message,
        values={"reg": reg, "train": train},
        measured=Measurement(f"regularization_{message}", reg, limit, option=None if limit is None else "deviations"),
        key=message,
    )
