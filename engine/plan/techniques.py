"""Each way of balancing and what becomes of it in a plan: taken, offered, not needed, or ruled out, with its settings.

The trainers' exporters say of each which they can express; for training loops of one's own all of them are in the
sampler plan of the output `torch`.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import Final

import numpy as np

from tagmetry.dataset import Dataset
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.model import FolderPlan, SettingValue, Stratum, TagPlan, TechniqueId, TechniquePlan, TechniqueState
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.tag_noise import noisy_captions

LONG_LIST: Final = 20
"""Tags of the median caption from which on a token warm-up is offered."""

WARM_UP_SHARE: Final = 0.2
"""Share of all training steps after which the curriculum has faded, and a token warm-up is over."""


def strata(dataset: Dataset) -> tuple[Stratum, ...]:
    """The training concepts as groups: from each as many images as it has, at most the median of them all."""
    sizes = [concept.n for concept in dataset.training_concepts]
    if not sizes:
        return ()
    target = max(1, math.floor(median(sizes)))
    return tuple(Stratum(concept.name, concept.n, min(concept.n, target)) for concept in dataset.training_concepts)


def techniques(
    dataset: Dataset,
    options: BalanceOptions,
    folders: Sequence[FolderPlan],
    caps: Sequence[TagPlan],
    settings: Mapping[str, SettingValue],
    groups: Sequence[Stratum],
    *,
    unbalanced: Message | None,
    are_tags_good: bool,
    edited: int,
) -> tuple[TechniquePlan, ...]:
    """All techniques. `unbalanced` says why no concept is balanced, None where some are; `edited` counts captions that
    caps changed."""
    too_small = dataset.train.n < options.too_small

    def one(id: TechniqueId, state: TechniqueState, why: Message, **values: SettingValue) -> TechniquePlan:
        return TechniquePlan(id, state, why, MappingProxyType(values))

    found = [_hybrids(settings)]
    if unbalanced is not None:
        state: TechniqueState = "ruled-out" if too_small else "not-needed"
        return (
            *found,
            one("repeats", state, unbalanced),
            one("fractional-epochs", state, unbalanced),
            _caps(caps, options, too_small=too_small, are_tags_good=are_tags_good, edited=edited),
            one("stratified", state, unbalanced),
            _weights(dataset, options, too_small=too_small),
            _curriculum(dataset, is_balanced=False, too_small=too_small, options=options),
        )
    train = [folder for folder in folders if folder.role == "train"]
    found.append(one("repeats", "taken", message("the exposures of the concepts are brought nearer to each other")))
    parts = [folder for folder in train if folder.wanted % 1]
    found.append(
        one(
            "fractional-epochs",
            "offered",
            message(
                Plural(
                    "{n:count} folder needs a part of its images per epoch; trainers that draw parts need no longer "
                    "epochs for it",
                    "{n:count} folders need a part of their images per epoch; trainers that draw parts need no longer "
                    "epochs for it",
                ),
                n=len(parts),
            ),
            seed=options.seed,
            floor=options.fraction_floor,
        )
        if parts
        else one("fractional-epochs", "not-needed", message("every folder needs whole repeats"))
    )
    found.append(_caps(caps, options, too_small=too_small, are_tags_good=are_tags_good, edited=edited))
    found.append(
        one(
            "stratified",
            "offered",
            message(
                "{k:count} of {n:count} images per epoch, at most {most:count} of a concept: an epoch gets shorter "
                "instead of longer",
                k=sum(group.k for group in groups),
                n=dataset.train.n,
                most=max(group.k for group in groups),
            ),
            seed=options.seed,
        )
    )
    found.append(_weights(dataset, options, too_small=too_small))
    found.append(_curriculum(dataset, is_balanced=True, too_small=too_small, options=options))
    return tuple(found)


def _hybrids(settings: Mapping[str, SettingValue]) -> TechniquePlan:
    values = MappingProxyType(dict(settings))
    if settings.get("shuffle_caption") or settings.get("caption_tag_dropout_rate"):
        return TechniquePlan("hybrids", "taken", message("the safest first step: captions vary a little"), values)
    if settings:
        return TechniquePlan("hybrids", "ruled-out", message("sentences are left as they are written"), values)
    return TechniquePlan("hybrids", "not-needed", message("there are no captions to vary"), values)


def _caps(
    caps: Sequence[TagPlan], options: BalanceOptions, *, too_small: bool, are_tags_good: bool, edited: int
) -> TechniquePlan:
    values: dict[str, SettingValue] = {
        "threshold": options.tag_cap_threshold,
        "cap_ratio": options.tag_cap_ratio,
        "seed": options.seed,
    }
    if too_small:
        return TechniquePlan("tag-caps", "ruled-out", message("so few captions are not thinned"))
    if not are_tags_good:
        return TechniquePlan("tag-caps", "ruled-out", message("the captions are no reliable tags"))
    if not caps:
        return TechniquePlan("tag-caps", "not-needed", message("no tag is frequent enough"))
    if edited:
        return TechniquePlan(
            "tag-caps",
            "taken",
            message(
                Plural("{n:count} caption loses a frequent tag", "{n:count} captions lose a frequent tag"), n=edited
            ),
            MappingProxyType(values),
        )
    return TechniquePlan(
        "tag-caps",
        "offered",
        message("only where words are needed that should not be; tag dropout is the safer means"),
        MappingProxyType(values),
    )


def _weights(dataset: Dataset, options: BalanceOptions, *, too_small: bool) -> TechniquePlan:
    copies = sum(len(group) for group in dataset.duplicates.near)
    noisy = int(noisy_captions(dataset.train).sum())
    if too_small:
        return TechniquePlan("image-weights", "ruled-out", message("so few images keep the same weight"))
    if not copies and not noisy:
        return TechniquePlan("image-weights", "not-needed", message("no copies and no noisy captions to weaken"))
    if not noisy:
        why = message(
            "{copies:count} images with near-duplicates would count for less; better is to thin them out", copies=copies
        )
    elif not copies:
        why = message(
            Plural(
                "{noisy:count} image with a noisy caption would count for less; better is to correct it",
                "{noisy:count} images with noisy captions would count for less; better is to correct them",
                by="noisy",
            ),
            noisy=noisy,
        )
    else:
        why = message(
            "{copies:count} images with near-duplicates and {noisy:count} with noisy captions would count for less; "
            "better is to thin them out and to correct them",
            copies=copies,
            noisy=noisy,
        )
    values: dict[str, SettingValue] = {
        "lowest": options.lowest_weight,
        "highest": options.highest_weight,
        "temperature": options.weight_temperature,
        "seed": options.seed,
    }
    return TechniquePlan("image-weights", "offered", why, MappingProxyType(values))


def _curriculum(dataset: Dataset, *, is_balanced: bool, too_small: bool, options: BalanceOptions) -> TechniquePlan:
    if too_small:
        return TechniquePlan("curriculum", "ruled-out", message("so few images are seen too often for an order"))
    lengths = dataset.captions.tags.lengths()
    ids = dataset.train.text_ids
    has = ids[ids >= 0]
    is_tags = dataset.profile.caption_style != "sentences"
    middle = float(np.median(lengths[has])) if len(has) and is_tags else 0.0
    if middle < LONG_LIST and not is_balanced:
        return TechniquePlan("curriculum", "not-needed", message("one level of concepts and no long tag lists"))
    values: dict[str, SettingValue] = {"tau_share": WARM_UP_SHARE, "seed": options.seed}
    if middle >= LONG_LIST:
        values |= {"token_warmup_min": max(1, int(middle) // 4), "token_warmup_step": WARM_UP_SHARE}
        why = message(
            "captions of {n:count} tags (median) could begin short and grow for the first {share:percent} of steps",
            n=int(middle),
            share=WARM_UP_SHARE,
        )
    else:
        why = message(
            "an even mix first, the natural one later, where concepts disturb each other; harder to judge than repeats"
        )
    return TechniquePlan("curriculum", "offered", why, MappingProxyType(values))
