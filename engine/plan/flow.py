"""The flow: from the dataset and its profile to a plan, with every branch that was taken and those that were not.

The order of the questions is fixed: captions, never, size, imbalance (or the steps of a policy), tags, regularization,
preservation, purpose. Weak randomization moves the distribution little and is on; everything stronger is a proposal.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from tagmetry.columns import Codes, Column, Mask
from tagmetry.dataset import Concept, Dataset, Folder
from tagmetry.messages import Message, Plural, message
from tagmetry.plan.arithmetic import imbalance, multipliers, whole_repeats
from tagmetry.plan.caps import edited_captions, tag_caps
from tagmetry.plan.conditions import NO_CONDITIONS, BalanceStep, Conditions
from tagmetry.plan.drawing import Draws, draws
from tagmetry.plan.figures import (
    exposures_after,
    never_trained,
    pictures,
    steps_plan,
    tag_exposures,
    trainer_view,
)
from tagmetry.plan.model import ConceptPlan, FolderPlan, ImagePlans, Plan, TagPlan, TraceStep
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.randomization import randomization
from tagmetry.plan.tag_noise import tag_noise
from tagmetry.plan.techniques import strata, techniques
from tagmetry.plan.weights import image_weights
from tagmetry.policy.expressions import Expression
from tagmetry.policy.kinds.figures import evaluated, facts_of
from tagmetry.trainers import Floats, kohya

IDENTITY: tuple[str, ...] = ("person", "character")
"""Purposes whose likeness suffers when a small set is balanced."""


@dataclass(slots=True)
class Flow:
    """What is known while the questions are asked."""

    dataset: Dataset
    options: BalanceOptions
    conditions: Conditions
    trace: list[TraceStep] = field(default_factory=list)
    advice: list[Message] = field(default_factory=list)
    why_not: Message | None = None
    """Why no concept is balanced; None where some are."""

    def step(
        self, node: str, question: Message, value: Message, taken: Message, *not_taken: Message, asked: bool = True
    ) -> None:
        self.trace.append(TraceStep(node, question, value, taken, not_taken, asked))

    @property
    def is_too_small(self) -> bool:
        return self.dataset.train.n < self.options.too_small

    @property
    def is_kohya(self) -> bool:
        return self.dataset.profile.trainer == kohya.TRAINER


def proposed_plan(
    dataset: Dataset,
    options: BalanceOptions,
    *,
    applied: bool,
    conditions: Conditions = NO_CONDITIONS,
    epochs: int | None = None,
    adjustments: Sequence[str] = (),
    cap_tags: bool = False,
) -> Plan:
    """The plan for a dataset. `applied` says that the user asked for it, by policy or by requesting an export.

    `epochs` is how many of them are trained as it is found, by default what a config says. `adjustments` are names that
    the plan carries; what they change is already in the options (`tagmetry.plan.adjustments`). `cap_tags` takes the
    caps on frequent tags by edited captions, which are then part of the plan.
    """
    flow = Flow(dataset, options, conditions)
    settings, why = randomization(flow.step, dataset, options)
    wanted = _multipliers(flow)
    tags, are_tags_good = _tag_caps(flow)
    whole = _whole(flow, wanted)
    folders = (*whole.folders, *_other_folders(flow, whole, wanted))
    _regularization(flow, wanted, folders, whole.scale)
    _preservation(flow, folders)
    if any(folder.role == "regularization" for folder in folders):
        settings["prior_loss_weight"] = _prior_loss_weight(flow)
        why["prior_loss_weight"] = message("1 is the trainer's own; less where regularization holds the concept back")
    _purpose(flow)
    if whole.scale > 1:
        flow.advice.append(
            message("one epoch is now {k:count} times as long: divide the number of epochs by {k:count}", k=whole.scale)
        )
    balanced = any(multiplier != 1.0 for multiplier in wanted.values())
    randomized = bool(settings.get("shuffle_caption"))
    view = trainer_view(dataset)
    before = exposures_after(dataset, dataset.repeats * _is_trained(dataset), view)
    after = exposures_after(dataset, _repeats_of(dataset, folders), view)
    lost = never_trained(dataset, view)
    concepts = tuple(_concepts(flow, wanted, folders, whole.scale, _PerImage(before, after, lost)))
    groups = strata(dataset)
    edited = edited_captions(dataset, tags, options.seed) if cap_tags else {}
    return Plan(
        technique="repeats" if balanced else "weak-randomization" if randomized else "none",
        trace=tuple(flow.trace),
        scale=whole.scale,
        settings=MappingProxyType(settings),
        settings_why=MappingProxyType(why),
        concepts=concepts,
        folders=folders,
        tags=tags,
        protected=_protected(dataset),
        advice=tuple(flow.advice),
        applied=applied,
        seed=options.seed,
        steps=steps_plan(
            dataset, before, after, view, scale=whole.scale, epochs=_epochs_told(dataset) if epochs is None else epochs
        ),
        tag_exposures=tag_exposures(dataset, before, after, edited),
        techniques=techniques(
            dataset,
            options,
            folders,
            tags,
            settings,
            groups,
            unbalanced=flow.why_not,
            are_tags_good=are_tags_good,
            edited=len(edited),
        ),
        strata=groups,
        images=_image_plans(dataset, options),
        adjustments=tuple(adjustments),
        edited=MappingProxyType({dataset.paths[row]: caption for row, caption in edited.items()}),
    )


def _epochs_told(dataset: Dataset) -> int | None:
    """The epochs that the trainer's config names."""
    told = None if dataset.config is None else dataset.config.value("max_train_epochs")
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def _multipliers(flow: Flow) -> dict[int, float]:
    """The wanted multiplier of each training concept by its number; 1 where nothing is balanced."""
    concepts, options = flow.dataset.training_concepts, flow.options
    forbidden = _never(flow)
    found = _by_steps(flow, forbidden) if flow.conditions.steps is not None else _by_size(flow, forbidden)
    if found is None:
        return {concept.number: 1.0 for concept in concepts}
    return {number: multiplier**options.strength for number, multiplier in found.items()}


def _never(flow: Flow) -> bool:
    """Whether a condition of the policy forbids to balance."""
    conditions = flow.conditions.never
    if not conditions:
        return False
    facts = facts_of(flow.dataset)
    question = message("does the policy forbid to balance this dataset?")
    for condition in conditions:
        if condition.expression.value(facts):
            flow.why_not = message(
                "nothing is balanced: the policy says never where {condition}", condition=condition.expression.text
            )
            flow.step("never", question, figures(condition.expression, flow.dataset), flow.why_not)
            return True
    texts = tuple(condition.expression.text for condition in conditions)
    flow.step("never", question, message("none of these holds: {conditions}", conditions=texts), message("go on"))
    return False


def figures(expression: Expression, dataset: Dataset) -> Message:
    """The values that a condition about the whole dataset read."""
    facts = facts_of(dataset)
    shown = []
    for name in expression.read:
        if name.scope != "dataset":
            continue
        column = facts.column(name)
        shown.append(f"{name.name} = {_first(column)}")
    return message("{figures}", figures=tuple(shown)) if shown else message("it reads no figure")


def _first(column: Column | Codes) -> str:
    if isinstance(column, Codes):
        return column.label(0) if column.codes[0] >= 0 else "unknown"
    return f"{round(float(column.values[0]), 4):g}" if column.valid[0] else "unknown"


def _by_size(flow: Flow, forbidden: bool) -> dict[int, float] | None:
    """The default questions: size, then imbalance. None where nothing is balanced."""
    dataset, options = flow.dataset, flow.options
    concepts, n = dataset.training_concepts, dataset.train.n
    exposures = [concept.exposure for concept in concepts]
    ratio = imbalance(exposures)
    size_question = message("are there enough images to balance (at least {limit:count})?", limit=options.too_small)
    ratio_question = message(
        "do the exposures of the concepts differ by more than {limit:number} times?", limit=options.imbalance
    )
    one = len(concepts) < 2
    ratio_value = (
        message("one concept") if one else message("largest over smallest: {ratio:number}", ratio=round(ratio, 2))
    )
    if forbidden:
        idle = message("not asked: the policy decides")
        flow.step("size", size_question, _size(dataset), idle, asked=False)
        flow.step("imbalance", ratio_question, ratio_value, idle, asked=False)
        return None
    light = n < options.light_below
    high = options.multiplier_high_light if light else options.multiplier_high
    branches = {
        "small": _too_small(flow),
        "light": message("balance lightly, multipliers up to {high:number}", high=options.multiplier_high_light),
        "full": message("balance in earnest, multipliers up to {high:number}", high=options.multiplier_high),
    }
    others = {
        "small": message("below {limit:count}: nothing would be balanced", limit=options.too_small),
        "light": message(
            "from {limit:count} on: lightly, multipliers up to {high:number}",
            limit=options.too_small,
            high=options.multiplier_high_light,
        ),
        "full": message(
            "from {limit:count} on: in earnest, multipliers up to {high:number}",
            limit=options.light_below,
            high=options.multiplier_high,
        ),
    }
    branch = "small" if flow.is_too_small else "light" if light else "full"
    not_taken = [text for name, text in others.items() if name != branch]
    flow.step("size", size_question, _size(dataset), branches[branch], *not_taken)
    if flow.is_too_small:
        flow.why_not = branches["small"]
        flow.step("imbalance", ratio_question, ratio_value, message("not asked: the set is too small"), asked=False)
        return None
    if one:
        flow.why_not = message("nothing to balance between concepts")
        flow.step("imbalance", ratio_question, ratio_value, flow.why_not)
        return None
    towards = message("repeats towards the median exposure of the concepts")
    if ratio <= options.imbalance:
        flow.why_not = message("left as it is")
        flow.step("imbalance", ratio_question, ratio_value, flow.why_not, towards)
        return None
    flow.step("imbalance", ratio_question, ratio_value, towards, message("up to that ratio: left as it is"))
    found = multipliers(exposures, low=options.multiplier_low, high=high)
    return {concept.number: multiplier for concept, multiplier in zip(concepts, found, strict=True)}


def _size(dataset: Dataset) -> Message:
    if dataset.effective_n == dataset.train.n:
        return message(Plural("{n:count} training image", "{n:count} training images"), n=dataset.train.n)
    return message(
        Plural(
            "{n:count} training images of {effective:count} picture",
            "{n:count} training images of {effective:count} different pictures",
            by="effective",
        ),
        n=dataset.train.n,
        effective=dataset.effective_n,
    )


def _too_small(flow: Flow) -> Message:
    if flow.dataset.profile.purpose in IDENTITY:
        return message("nothing is balanced: so few images would make a distribution of their own and shift a likeness")
    return message("nothing is balanced: so few images would make a distribution of their own")


def _by_steps(flow: Flow, forbidden: bool) -> dict[int, float] | None:
    """The steps of the policy, of which the first that holds decides. None where nothing is balanced."""
    steps = flow.conditions.steps or ()
    decided: BalanceStep | None = None
    facts = facts_of(flow.dataset)
    for step in steps:
        question = (
            message('step "{name}" of the policy: {condition}?', name=step.name, condition=step.when.text)
            if step.when is not None
            else message('step "{name}" of the policy: everything else', name=step.name)
        )
        value = figures(step.when, flow.dataset) if step.when is not None else message("it has no condition")
        if forbidden or decided is not None:
            idle = (
                message("not asked: the policy forbids to balance")
                if decided is None
                else message('not asked: step "{name}" decides', name=decided.name)
            )
            flow.step(f"step:{step.name}", question, value, idle, asked=False)
            continue
        holds = step.when is None or bool(step.when.value(facts))
        if holds:
            decided = step
        flow.step(f"step:{step.name}", question, value, _of_step(step) if holds else message("does not hold"))
    if forbidden:
        return None
    if decided is None or decided.multiplier is None:
        because = decided.because if decided is not None else ""
        flow.why_not = (
            message("nothing is balanced: {because}", because=because)
            if because
            else message("nothing is balanced: a step of the policy says so")
            if decided is not None
            else message("nothing is balanced: no step of the policy holds")
        )
        return None
    column = evaluated(decided.multiplier, flow.dataset)
    found = {}
    for concept in flow.dataset.training_concepts:
        factor = float(column.values[concept.number])
        if not column.valid[concept.number] or not math.isfinite(factor) or factor <= 0:
            flow.advice.append(
                message(
                    'the multiplier of step "{name}" gives no factor above 0 for {concept}, which keeps its repeats',
                    name=decided.name,
                    concept=concept.name,
                )
            )
            factor = 1.0
        found[concept.number] = factor
    if all(factor == 1.0 for factor in found.values()):
        flow.why_not = message("nothing is balanced: every multiplier of the step is 1")
    return found


def _of_step(step: BalanceStep) -> Message:
    if step.multiplier is None:
        if step.because:
            return message("holds: nothing is balanced, because: {because}", because=step.because)
        return message("holds: nothing is balanced")
    if step.because:
        return message(
            "holds: multiplier {multiplier}, because: {because}", multiplier=step.multiplier.text, because=step.because
        )
    return message("holds: multiplier {multiplier}", multiplier=step.multiplier.text)


def _tag_caps(flow: Flow) -> tuple[tuple[TagPlan, ...], bool]:
    """The caps that are proposed, and whether the tags can be relied on."""
    dataset, options, good = flow.dataset, flow.options, flow.conditions.tags_good
    if dataset.profile.caption_style == "sentences" or not dataset.train.captioned.any():
        return (), False
    noise = tag_noise(dataset.train)
    if good is None:
        is_good = noise <= options.tags_good
        question = message("are the tags reliable (noise at most {limit:percent})?", limit=options.tags_good)
        value = message("{noise:percent} of the captions are noisy", noise=noise)
    else:
        is_good = bool(good.expression.value(facts_of(dataset)))
        question = message("are the tags reliable ({condition}, says the policy)?", condition=good.expression.text)
        value = figures(good.expression, dataset)
    no_cap = message("no cap on frequent tags: it would take good captions away")
    if flow.is_too_small:
        flow.step("tags", question, value, message("not asked: the set is too small"), asked=False)
        return (), is_good
    if not is_good:
        flow.step("tags", question, value, no_cap, message("reliable: frequent tags could be capped"))
        return (), False
    caps = tag_caps(dataset, options)
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
    unreliable = message("unreliable: no cap, since it would take good captions away")
    flow.step("tags", question, value, taken, unreliable)
    return caps, True


@dataclass(frozen=True, slots=True)
class _Whole:
    """The training folders at one scale, and their exposure per epoch: of the new length, and of the old one."""

    folders: tuple[FolderPlan, ...]
    scale: int
    exposure: int
    drawn: int


def _whole(flow: Flow, wanted: Mapping[int, float]) -> _Whole:
    """Whole repeats of the training folders, at one scale for the whole set."""
    dataset, options = flow.dataset, flow.options
    folders = _folders_of(dataset, "train")
    targets = [wanted[folder.concept] * folder.repeats for folder in folders]
    whole = whole_repeats(targets, largest_scale=options.largest_scale, error=options.scale_error)
    plans = []
    less = options.repeats_factor
    for folder, found, planned in zip(folders, targets, whole.repeats, strict=True):
        target, repeats = _lessened(found, less), math.floor(_lessened(planned, less) + 0.5)
        # A multiplier below 0 or of 0, as EveryDream2 can have it, leaves a folder out.
        exact = draws(folder.n, target, floor=options.fraction_floor) if target > 0 else Draws(0, 0)
        plans.append(
            _folder_plan(dataset, folder, repeats, exact, multiplier=wanted[folder.concept], wanted=max(target, 0.0))
        )
    return _Whole(
        folders=tuple(plans),
        scale=whole.scale,
        exposure=sum(plan.n * plan.repeats_after for plan in plans),
        drawn=sum(plan.n * plan.whole + plan.drawn for plan in plans),
    )


def _lessened(repeats: float, factor: float) -> float:
    """Fewer repeats, but no image that was shown once in an epoch less than that."""
    return max(min(repeats, 1.0), repeats * factor)


def _folders_of(dataset: Dataset, role: str) -> list[Folder]:
    return [folder for folder in dataset.folders if folder.n and dataset.concept_infos[folder.concept].role == role]


def _folder_plan(
    dataset: Dataset, folder: Folder, repeats: int, exact: Draws, *, multiplier: float, wanted: float
) -> FolderPlan:
    info = dataset.concept_infos[folder.concept]
    return FolderPlan(
        path=folder.path,
        concept=info.name,
        role=info.role,
        n=folder.n,
        repeats_before=folder.repeats,
        repeats_after=repeats,
        multiplier=multiplier,
        caption_suffix=folder.caption_suffixes[0] if folder.caption_suffixes else "",
        wanted=wanted,
        whole=exact.whole,
        drawn=exact.drawn,
    )


def _other_folders(flow: Flow, train: _Whole, wanted: Mapping[int, float]) -> list[FolderPlan]:
    """The folders of regularization and of preservation images, whose exposure follows the training images'."""
    dataset, options = flow.dataset, flow.options
    reg = _folders_of(dataset, "regularization")
    n_reg = sum(folder.n for folder in reg)
    plans = []
    for folder in reg:
        repeats = _regularization_repeats(flow, folder, n_reg, train.exposure)
        ratio = 1.0 if flow.is_kohya else options.regularization_ratio
        as_found = flow.is_too_small and not flow.is_kohya
        per_image = folder.repeats if as_found else train.drawn * ratio / n_reg
        exact = draws(folder.n, per_image)
        plans.append(_folder_plan(dataset, folder, repeats, exact, multiplier=1.0, wanted=per_image))
    kept = _folders_of(dataset, "preservation")
    n_kept = sum(folder.n for folder in kept)
    low, high = options.preservation_share
    share = high if any(multiplier > 1 for multiplier in wanted.values()) else low
    for folder in kept:
        per_image = train.drawn * share / n_kept
        repeats = math.floor(train.exposure * share / n_kept + 0.5)
        if repeats * n_kept > high * train.exposure:
            # Too much of what is to stay as it is would keep the rest from being learned.
            repeats -= 1
        exact = draws(folder.n, per_image) if per_image > 0 else Draws(0, 0)
        plans.append(_folder_plan(dataset, folder, repeats, exact, multiplier=1.0, wanted=per_image))
    return plans


def _regularization_repeats(flow: Flow, folder: Folder, n: int, train_exposure: int) -> int:
    """Repeats of a regularization folder: never above the training exposure, as near to the wanted ratio as whole
    repeats get. Left as found on sets that are too small to balance; 1 for kohya, which evens them out by itself."""
    if flow.is_too_small:
        return max(1, math.floor(folder.repeats + 0.5))
    if flow.is_kohya:
        return 1
    return max(1, math.floor(train_exposure * flow.options.regularization_ratio / n))


def _is_trained(dataset: Dataset) -> Floats:
    """Shape (n,): 1 for images that are trained as they are found, 0 for those held out or kept for preservation."""
    trained = dataset.roles.equals("train") | dataset.roles.equals("regularization")
    return trained.astype(np.float64)


def _repeats_of(dataset: Dataset, folders: Sequence[FolderPlan]) -> Floats:
    """Shape (n,): the planned whole repeats of each image; 0 for images that are not trained."""
    after = {folder.path: folder.repeats_after for folder in folders}
    of_folder = np.array([after.get(folder.path, 0) for folder in dataset.folders], dtype=np.float64)
    if not len(of_folder):
        return np.zeros(dataset.n, dtype=np.float64)
    kept = _is_trained(dataset) + dataset.roles.equals("preservation")
    return np.asarray(of_folder[dataset.folder_of] * kept, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _PerImage:
    """Columns of shape (n,): exposures per epoch, and whether the trainer never trains the image."""

    before: Floats
    after: Floats
    lost: Mask


def _concepts(
    flow: Flow, wanted: Mapping[int, float], folders: Sequence[FolderPlan], scale: int, images: _PerImage
) -> Iterator[ConceptPlan]:
    dataset = flow.dataset
    by_path = {folder.path: folder for folder in folders}
    train_after = sum(folder.n * folder.repeats_after for folder in folders if folder.role == "train")
    for concept in dataset.concepts_of("train", "regularization", "preservation"):
        plans = [by_path[folder.path] for folder in concept.folders if folder.path in by_path]
        exposure_before, exposure_after = _exposures(flow, concept, plans, train_after)
        multiplier = wanted.get(concept.number, 1.0)
        repeats = concept.repeats * multiplier
        less = _lessened(repeats, flow.options.repeats_factor) / repeats if repeats > 0 else 1.0
        target = concept.exposure * multiplier * scale * less
        distinct = max(1, pictures(dataset, concept))
        yield ConceptPlan(
            name=concept.name,
            role=concept.role,
            n=concept.n,
            effective_n=pictures(dataset, concept),
            repeats_before=concept.repeats,
            multiplier=multiplier,
            repeats_after=_mean_repeats(concept, plans),
            exposure_before=exposure_before,
            exposure_after=exposure_after,
            residual=exposure_after / target - 1 if concept.role == "train" and target else 0.0,
            drawn=float(sum(plan.n * plan.whole + plan.drawn for plan in plans)),
            per_picture_before=float(images.before[concept.rows].sum()) / distinct,
            per_picture_after=float(images.after[concept.rows].sum()) / distinct,
            untrained=int(images.lost[concept.rows].sum()),
        )


def _exposures(flow: Flow, concept: Concept, plans: Sequence[FolderPlan], train_exposure: int) -> tuple[float, float]:
    """Exposures per epoch before and after. kohya draws regularization images until they equal the training ones."""
    planned = float(sum(plan.n * plan.repeats_after for plan in plans))
    if concept.role == "preservation":
        return 0.0, planned
    if concept.role != "regularization" or not flow.is_kohya:
        return concept.exposure, planned
    share = concept.exposure / sum(other.exposure for other in flow.dataset.concepts_of("regularization"))
    before = sum(other.exposure for other in flow.dataset.training_concepts)
    return before * share, train_exposure * share


def _mean_repeats(concept: Concept, plans: Sequence[FolderPlan]) -> int:
    """The planned repeats of a concept's folders, as one number for the tables."""
    total = sum(plan.n * plan.repeats_after for plan in plans)
    least = 0 if concept.role == "preservation" else 1
    return max(least, math.floor(total / concept.n + 0.5)) if concept.n else least


def _regularization(flow: Flow, wanted: Mapping[int, float], folders: Sequence[FolderPlan], scale: int) -> None:
    question = message("are there regularization images?")
    reg = [folder for folder in folders if folder.role == "regularization"]
    raised = any(multiplier > 1 for multiplier in wanted.values())
    others = {
        "some": message("with some: shown as often as the training images, near 1 to 1"),
        "raised": message("without any and with repeats raised: some would be proposed"),
        "watch": message("without any: samples would be watched for bleeding, drift and over-fitting"),
    }
    if reg:
        train = sum(folder.n * folder.repeats_after for folder in folders if folder.role == "train")
        shown = train if flow.is_kohya else sum(folder.n * folder.repeats_after for folder in reg)
        flow.step(
            "regularization",
            question,
            message("{reg:count} regularization exposures against {train:count} of training", reg=shown, train=train),
            _regularization_taken(flow),
            others["raised"] if raised else others["watch"],
        )
        return
    if not raised:
        flow.step(
            "regularization",
            question,
            message("none"),
            message("watch samples for bleeding, drift and over-fitting"),
            others["some"],
        )
        return
    flow.step(
        "regularization",
        question,
        message("none"),
        message("some are proposed, since repeats are raised"),
        others["some"],
    )
    if any(folder.role == "preservation" for folder in folders):
        return
    flow.advice.append(
        message(
            "repeats are raised without regularization images: add some of the class, and stop at an early checkpoint"
        )
    )
    n = sum(folder.n for folder in folders if folder.role == "train")
    flow.advice.append(
        message(
            Plural(
                "to begin with, about {n:count} real image of the class, captioned like yours without the trigger; "
                "save a checkpoint every epoch and compare them",
                "to begin with, about {n:count} real images of the class, captioned like yours without the trigger; "
                "save a checkpoint every epoch and compare them",
            ),
            n=n,
        )
    )


def _prior_loss_weight(flow: Flow) -> float:
    """What regularization weighs; where its exposure is out of reach, the weight stands for more of it."""
    options = flow.options
    return options.prior_loss_weight * (options.evened_out_weight if flow.is_kohya else 1.0)


def _regularization_taken(flow: Flow) -> Message:
    weight = _prior_loss_weight(flow)
    if flow.is_kohya:
        return message(
            "1 to 1, since sd-scripts repeats or leaves out regularization images until they equal the training "
            "images; prior_loss_weight {weight:number}",
            weight=weight,
        )
    if flow.is_too_small:
        return message("left as found; prior_loss_weight {weight:number}", weight=weight)
    ratio = flow.options.regularization_ratio
    if ratio != 1:
        return message("{ratio:number} to 1, prior_loss_weight {weight:number}", ratio=ratio, weight=weight)
    return message("near 1 to 1, prior_loss_weight {weight:number}", weight=weight)


def _preservation(flow: Flow, folders: Sequence[FolderPlan]) -> None:
    kept = [folder for folder in folders if folder.role == "preservation"]
    if not kept:
        return
    train = sum(folder.n * folder.whole + folder.drawn for folder in folders if folder.role == "train")
    drawn = sum(folder.n * folder.whole + folder.drawn for folder in kept)
    low, high = flow.options.preservation_share
    flow.step(
        "preservation",
        message("are there preservation images?"),
        message(Plural("{n:count} image", "{n:count} images"), n=sum(folder.n for folder in kept)),
        message(
            "{drawn:count} of them drawn anew per epoch, {share:percent} of the training exposures",
            drawn=drawn,
            share=drawn / train if train else 0.0,
        ),
        message(
            "{low:percent} where no repeats are raised, {high:percent} where some are",
            low=low,
            high=high,
        ),
    )


def _purpose(flow: Flow) -> None:
    purpose = flow.dataset.profile.purpose
    if purpose == "style" and flow.dataset.profile.caption_style != "sentences":
        flow.step(
            "purpose",
            message("what is the LoRA for?"),
            message("a style"),
            message("tag dropout up to {rate:percent}", rate=flow.options.style_tag_dropout),
            message("for anything else: {rate:percent}", rate=flow.options.tag_dropout),
        )


def _protected(dataset: Dataset) -> tuple[str, ...]:
    words = {
        word
        for concept in dataset.training_concepts
        for word in (concept.trigger, concept.class_word, *concept.info.intended)
        if word
    }
    return tuple(sorted(words | set(dataset.vocabulary.protected)))


def _image_plans(dataset: Dataset, options: BalanceOptions) -> ImagePlans:
    is_trained = _is_trained(dataset) + dataset.roles.equals("preservation")
    concepts = dataset.training_concepts
    number = np.full(len(dataset.concept_infos), -1, dtype=np.int32)
    for place, concept in enumerate(concepts):
        number[concept.number] = place
    tokens = dataset.samples.tokens
    return ImagePlans(
        weight=image_weights(dataset, options) * is_trained,
        stratum=number[dataset.concept_of] if len(number) else np.full(dataset.n, -1, dtype=np.int32),
        difficulty=np.where(tokens.valid, tokens.values, 0).astype(np.int32),
    )
