"""The default flow: from the dataset and its profile to a plan, with every branch that was taken.

The order of the questions is fixed: caption style, size, number of concepts, imbalance, tags, regularization, purpose.
Weak randomization moves the distribution little and is on; everything stronger is a proposal.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tagmetry.dataset import Concept, Dataset, Folder
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.arithmetic import imbalance, multipliers, whole_repeats
from tagmetry.plan.model import ConceptPlan, FolderPlan, Plan, SettingValue, TagPlan, TraceStep
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.tag_noise import tag_noise
from tagmetry.text.normal_form import normal_form
from tagmetry.trainers import kohya

SMALLEST_JUDGED_CONCEPT = 10
"""Concepts smaller than this have no tag frequencies worth capping."""


@dataclass(slots=True)
class _Flow:
    dataset: Dataset
    options: BalanceOptions
    trace: list[TraceStep]
    advice: list[Message]

    def step(self, node: str, question: Message, value: Message, taken: Message) -> None:
        self.trace.append(TraceStep(node, question, value, taken))


def proposed_plan(dataset: Dataset, options: BalanceOptions, *, applied: bool) -> Plan:
    """The plan for a dataset. `applied` says that the user asked for it, by policy or by requesting an export."""
    flow = _Flow(dataset, options, [], [])
    settings, why = _randomization(flow)
    wanted = _multipliers(flow)
    tags = _tag_caps(flow)
    concepts, folders, scale = _repeats(flow, wanted)
    _regularization(flow, wanted, concepts)
    if any(concept.role == "regularization" for concept in concepts):
        settings["prior_loss_weight"] = options.prior_loss_weight
        why["prior_loss_weight"] = message("1 is the trainer's own; less where regularization holds the concept back")
    _purpose(flow)
    balanced = any(multiplier != 1.0 for multiplier in wanted.values())
    if scale > 1:
        flow.advice.append(
            message("one epoch is now {k:count} times as long: divide the number of epochs by {k:count}", k=scale)
        )
    randomized = bool(settings.get("shuffle_caption"))
    technique = "repeats" if balanced else "weak-randomization" if randomized else "none"
    return Plan(
        technique=technique,
        trace=tuple(flow.trace),
        scale=scale,
        settings=MappingProxyType(settings),
        settings_why=MappingProxyType(why),
        concepts=concepts,
        folders=folders,
        tags=tags,
        protected=_protected(dataset),
        advice=tuple(flow.advice),
        applied=applied,
    )


def _randomization(flow: _Flow) -> tuple[dict[str, SettingValue], dict[str, Message]]:
    profile, options = flow.dataset.profile, flow.options
    question = message("are the captions tags or sentences?")
    if not flow.dataset.train.captioned.any():
        flow.step(
            "captions", question, message("no captions"), message("no randomization: there is nothing to shuffle")
        )
        return {}, {}
    if profile.caption_style == "sentences":
        flow.step(
            "captions",
            question,
            message("sentences"),
            message("no shuffle and no tag dropout: a sentence has an order"),
        )
        off: dict[str, SettingValue] = {
            "shuffle_caption": False,
            "keep_tokens": 0,
            "caption_tag_dropout_rate": 0.0,
            "caption_dropout_rate": 0.0,
        }
        reason = message("sentences lose their meaning when parts are moved or dropped")
        return off, dict.fromkeys(off, reason)
    style = profile.purpose == "style"
    dropout = options.style_tag_dropout if style else options.tag_dropout
    keep = _keep_tokens(flow.dataset.training_concepts)
    flow.step(
        "captions",
        question,
        message("tags"),
        message(
            Plural(
                "weak randomization: shuffle, tag dropout {rate:percent}, the first tag kept",
                "weak randomization: shuffle, tag dropout {rate:percent}, the first {keep:count} tags kept",
                by="keep",
            ),
            rate=dropout,
            keep=keep,
        ),
    )
    settings: dict[str, SettingValue] = {
        "shuffle_caption": True,
        "keep_tokens": keep,
        "caption_tag_dropout_rate": dropout,
        "caption_dropout_rate": options.caption_dropout,
        "cache_text_encoder_outputs": False,
    }
    why = {
        "shuffle_caption": message("a fixed order is learned as such"),
        "keep_tokens": message("the trigger and class word stay in front, where shuffle and dropout leave them alone"),
        "caption_tag_dropout_rate": message(
            "no tag is then always there; for a style up to {rate:percent}", rate=options.style_tag_dropout
        ),
        "caption_dropout_rate": message("0; 0.02 to 0.05 only where short prompts fail"),
        "cache_text_encoder_outputs": message(
            "captions that change cannot be cached: training takes longer and more memory, and learns better"
        ),
    }
    return settings, why


def _keep_tokens(concepts: Sequence[Concept]) -> int:
    """How many leading tags are trigger and class word, in most captions of the concept that needs most; at least 1."""
    needed = 1
    for concept in concepts:
        words = {normal_form(word) for word in (concept.trigger, concept.class_word) if word}
        captions = concept.dataset.captions
        texts = concept.text_ids[concept.text_ids >= 0]
        if not words or not len(texts):
            continue
        lengths: Counter[int] = Counter()
        for text, n in zip(*np.unique(texts, return_counts=True), strict=True):
            leading = 0
            for tag in captions.tags.row(int(text)):
                if captions.forms[tag] not in words:
                    break
                leading += 1
            lengths[leading] += int(n)
        usual = max(lengths, key=lambda length: (lengths[length], -length))
        needed = max(needed, usual)
    return needed


def _multipliers(flow: _Flow) -> dict[int, float]:
    """The wanted multiplier of each training concept by its number; 1 where nothing is balanced."""
    concepts, options = flow.dataset.training_concepts, flow.options
    n = flow.dataset.train.n
    nothing = {concept.number: 1.0 for concept in concepts}
    size = message(Plural("{n:count} training image", "{n:count} training images"), n=n)
    if n < options.too_small:
        flow.step(
            "size",
            message("are there enough images to balance (at least {limit:count})?", limit=options.too_small),
            size,
            message("nothing is balanced: so few images would make a distribution of their own"),
        )
        return nothing
    light = n < options.light_below
    high = options.multiplier_high_light if light else options.multiplier_high
    taken = (
        message("balance lightly, multipliers up to {high:number}", high=high)
        if light
        else message("balance in earnest, multipliers up to {high:number}", high=high)
    )
    flow.step(
        "size",
        message("are there enough images to balance (at least {limit:count})?", limit=options.too_small),
        size,
        taken,
    )
    exposures = [concept.exposure for concept in concepts]
    ratio = imbalance(exposures)
    question = message(
        "do the exposures of the concepts differ by more than {limit:number} times?", limit=options.imbalance
    )
    if len(concepts) < 2:
        flow.step("imbalance", question, message("one concept"), message("nothing to balance between concepts"))
        return nothing
    figures = message("largest over smallest: {ratio:number}", ratio=round(ratio, 2))
    if ratio <= options.imbalance:
        flow.step("imbalance", question, figures, message("left as it is"))
        return nothing
    flow.step("imbalance", question, figures, message("repeats towards the median exposure of the concepts"))
    found = multipliers(exposures, low=options.multiplier_low, high=high)
    return {concept.number: multiplier for concept, multiplier in zip(concepts, found, strict=True)}


def _tag_caps(flow: _Flow) -> tuple[TagPlan, ...]:
    dataset, options = flow.dataset, flow.options
    if dataset.profile.caption_style == "sentences" or not dataset.train.captioned.any():
        return ()
    if dataset.train.n < options.too_small:
        return ()
    noise = tag_noise(dataset.train)
    question = message("are the tags reliable (noise at most {limit:percent})?", limit=options.tags_good)
    value = message("{noise:percent} of the captions are noisy", noise=noise)
    if noise > options.tags_good:
        flow.step("tags", question, value, message("no cap on frequent tags: it would take good captions away"))
        return ()
    caps = tuple(
        TagPlan(tag=tag.name, concept=concept.name, share_before=tag.share, share_after=options.tag_cap_ratio)
        for concept in dataset.training_concepts
        if concept.n >= SMALLEST_JUDGED_CONCEPT
        for tag in concept.tag_frequencies()
        if tag.share >= options.tag_cap_threshold
        and not concept.is_own_word(tag.form)
        and not dataset.vocabulary.is_protected(tag.form)
    )
    taken = (
        message(
            Plural(
                "{n:count} frequent tag could be capped at {cap:percent}; tag dropout is the safer means",
                "{n:count} frequent tags could be capped at {cap:percent}; tag dropout is the safer means",
            ),
            n=len(caps),
            cap=options.tag_cap_ratio,
        )
        if caps
        else message("no tag is frequent enough for a cap")
    )
    flow.step("tags", question, value, taken)
    return caps


def _repeats(flow: _Flow, wanted: Mapping[int, float]) -> tuple[tuple[ConceptPlan, ...], tuple[FolderPlan, ...], int]:
    """Whole repeats per folder, at one scale for the whole set; regularization folders follow the training exposure."""
    dataset, options = flow.dataset, flow.options
    folders = [
        folder for folder in dataset.folders if folder.n and dataset.concept_infos[folder.concept].role == "train"
    ]
    targets = [wanted[folder.concept] * folder.repeats for folder in folders]
    whole = whole_repeats(targets, largest_scale=options.largest_scale, error=options.scale_error)
    after = {folder.path: number for folder, number in zip(folders, whole.repeats, strict=True)}
    train_exposure = sum(folder.n * after[folder.path] for folder in folders)
    reg = [
        folder
        for folder in dataset.folders
        if folder.n and dataset.concept_infos[folder.concept].role == "regularization"
    ]
    after.update(_regularization_repeats(flow, reg, train_exposure))
    plans = tuple(
        FolderPlan(
            path=folder.path,
            concept=dataset.concept_infos[folder.concept].name,
            role=dataset.concept_infos[folder.concept].role,
            n=folder.n,
            repeats_before=folder.repeats,
            repeats_after=after[folder.path],
            multiplier=wanted.get(folder.concept, 1.0),
            caption_suffix=folder.caption_suffixes[0] if folder.caption_suffixes else "",
        )
        for folder in (*folders, *reg)
    )
    concepts = []
    for concept in dataset.concepts_of("train", "regularization"):
        exposure_before, exposure_after = _exposures(flow, concept, after, train_exposure)
        target = concept.exposure * wanted.get(concept.number, 1.0) * whole.scale
        residual = exposure_after / target - 1 if concept.role == "train" and target else 0.0
        concepts.append(
            ConceptPlan(
                name=concept.name,
                role=concept.role,
                n=concept.n,
                effective_n=effective_n(dataset, concept),
                repeats_before=concept.repeats,
                multiplier=wanted.get(concept.number, 1.0),
                repeats_after=_mean_repeats(concept, after),
                exposure_before=exposure_before,
                exposure_after=exposure_after,
                residual=residual,
            )
        )
    return tuple(concepts), plans, whole.scale


def _regularization_repeats(flow: _Flow, folders: Sequence[Folder], train_exposure: int) -> dict[str, int]:
    """Repeats of the regularization folders: never above the training exposure, as near to the wanted ratio as whole
    repeats get. Left as found on sets that are too small to balance; 1 for kohya, which evens them out by itself."""
    n = sum(folder.n for folder in folders)
    if flow.dataset.train.n < flow.options.too_small:
        return {folder.path: max(1, math.floor(folder.repeats + 0.5)) for folder in folders}
    if flow.dataset.profile.trainer == kohya.TRAINER or not n:
        return {folder.path: 1 for folder in folders}
    repeats = max(1, math.floor(train_exposure * flow.options.regularization_ratio / n))
    return {folder.path: repeats for folder in folders}


def _exposures(flow: _Flow, concept: Concept, after: Mapping[str, int], train_exposure: int) -> tuple[float, float]:
    """Exposures per epoch before and after. kohya draws regularization images until they equal the training ones."""
    planned = float(sum(folder.n * after[folder.path] for folder in concept.folders if folder.path in after))
    if concept.role != "regularization" or flow.dataset.profile.trainer != kohya.TRAINER:
        return concept.exposure, planned
    share = concept.exposure / sum(other.exposure for other in flow.dataset.concepts_of("regularization"))
    before = sum(other.exposure for other in flow.dataset.training_concepts)
    return before * share, train_exposure * share


def _mean_repeats(concept: Concept, after: Mapping[str, int]) -> int:
    """The planned repeats of a concept's folders, as one number for the tables."""
    total = sum(folder.n * after[folder.path] for folder in concept.folders if folder.path in after)
    return max(1, math.floor(total / concept.n + 0.5)) if concept.n else 1


def effective_n(dataset: Dataset, concept: Concept) -> int:
    """Images of a concept with one per near-duplicate group."""
    return int(dataset.effective_sizes[concept.number])


def _regularization(flow: _Flow, wanted: Mapping[int, float], concepts: Sequence[ConceptPlan]) -> None:
    question = message("are there regularization images?")
    reg = [concept for concept in concepts if concept.role == "regularization"]
    raised = any(multiplier > 1 for multiplier in wanted.values())
    if reg:
        train = sum(concept.exposure_after for concept in concepts if concept.role == "train")
        exposure = sum(concept.exposure_after for concept in reg)
        flow.step(
            "regularization",
            question,
            message(
                "{reg:count} regularization exposures against {train:count} of training",
                reg=int(exposure),
                train=int(train),
            ),
            _regularization_taken(flow),
        )
        return
    if not raised:
        flow.step(
            "regularization", question, message("none"), message("watch samples for bleeding, drift and over-fitting")
        )
        return
    flow.step("regularization", question, message("none"), message("some are proposed, since repeats are raised"))
    flow.advice.append(
        message(
            "repeats are raised without regularization images: add some of the class, and stop at an early checkpoint"
        )
    )


def _regularization_taken(flow: _Flow) -> Message:
    weight = flow.options.prior_loss_weight
    if flow.dataset.profile.trainer == kohya.TRAINER:
        return message(
            "1 to 1, since sd-scripts repeats or leaves out regularization images until they equal the training "
            "images; prior_loss_weight {weight:number}",
            weight=weight,
        )
    if flow.dataset.train.n < flow.options.too_small:
        return message("left as found; prior_loss_weight {weight:number}", weight=weight)
    return message("near 1 to 1, prior_loss_weight {weight:number}", weight=weight)


def _purpose(flow: _Flow) -> None:
    purpose = flow.dataset.profile.purpose
    if purpose == "style" and flow.dataset.profile.caption_style != "sentences":
        flow.step(
            "purpose",
            message("what is the LoRA for?"),
            message("a style"),
            message("tag dropout up to {rate:percent}", rate=flow.options.style_tag_dropout),
        )


def _protected(dataset: Dataset) -> tuple[str, ...]:
    words = {
        word
        for concept in dataset.training_concepts
        for word in (concept.trigger, concept.class_word, *concept.info.core_tags)
        if word
    }
    return tuple(sorted(words | set(dataset.vocabulary.protected)))
