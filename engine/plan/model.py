"""The balance plan as data: a proposal with the path that led to it. Exporters render it, nobody applies it unasked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.messages import Message

SettingValue = str | int | float | bool

TechniqueId = Literal[
    "hybrids", "repeats", "fractional-epochs", "tag-caps", "stratified", "image-weights", "curriculum"
]
TECHNIQUES: Final[tuple[TechniqueId, ...]] = (
    "hybrids",
    "repeats",
    "fractional-epochs",
    "tag-caps",
    "stratified",
    "image-weights",
    "curriculum",
)

TechniqueState = Literal["taken", "offered", "not-needed", "ruled-out"]
"""`taken`: part of the plan; `offered`: worked out, for trainers that can do it and users who ask for it;
`not-needed`: nothing in the data calls for it; `ruled-out`: it would do harm here."""


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One node of the decision flow: its id, the question, the figures it looked at, the branch taken and why.

    `not_taken` are the other branches. `asked` is false for a question that an earlier answer made idle.
    """

    node: str
    question: Message
    value: Message
    taken: Message
    not_taken: tuple[Message, ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class ConceptPlan:
    """Exposure of one concept per epoch, before and after. Exposures are images times repeats.

    `multiplier` is the wanted factor, `repeats_after` the whole number that a trainer takes, `residual` the
    relative error of the planned exposure against the wanted one (after dividing by the plan's scale).
    `drawn` is the exposure of an epoch of the old length where a trainer can draw parts of a folder.
    `per_picture_before` and `per_picture_after` count near-duplicates as one picture: how often an epoch shows it.
    `untrained` images are never trained, whatever their repeats.
    """

    name: str
    role: str
    n: int
    effective_n: int
    repeats_before: float
    multiplier: float
    repeats_after: int
    exposure_before: float
    exposure_after: float
    residual: float
    drawn: float = 0.0
    per_picture_before: float = 0.0
    per_picture_after: float = 0.0
    untrained: int = 0


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """One folder of images with the repeats before and after; a concept's folders keep their own repeats.

    `repeats_after` 0 says that whole repeats cannot express what is wanted. Where a trainer can draw parts of a
    folder, an epoch of the old length shows each image `whole` times, and `drawn` of them once more, chosen anew.
    `wanted` is that per image, before it was rounded to whole images.
    """

    path: str
    concept: str
    role: str
    n: int
    repeats_before: float
    repeats_after: int
    multiplier: float
    caption_suffix: str
    wanted: float = 1.0
    whole: int = 1
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class TagPlan:
    """A tag that the plan proposes to cap: shares of the concept's images before and after.

    `drop` is the chance with which one of its captions loses the tag. `fewer_draws` is the weight of its images that
    leads to the same share without an edit; None where no weight does, since every image has the tag.
    """

    tag: str
    concept: str
    share_before: float
    share_after: float
    form: str = ""
    n: int = 0
    drop: float = 0.0
    fewer_draws: float | None = None


@dataclass(frozen=True, slots=True)
class TagExposure:
    """How often an epoch shows a tag, and on which share of all training exposures, before and after."""

    tag: str
    before: float
    after: float
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True)
class EditedCaption:
    """A caption with the tags that were taken out of it."""

    text: str
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepsPlan:
    """Optimizer steps of one epoch before and after, and of `epochs` and `epochs_after` of them where known.

    `by_buckets` says that batches were counted per bucket by the trainer's rule, else they are exposures over batch
    size.
    """

    before: int
    after: int
    batch_size: int
    is_batch_size_known: bool
    by_buckets: bool
    epochs: int | None = None
    epochs_after: int | None = None


@dataclass(frozen=True, slots=True)
class TechniquePlan:
    """One way of balancing: whether the plan takes it, why, and its settings."""

    id: TechniqueId
    state: TechniqueState
    why: Message
    settings: Mapping[str, SettingValue] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Stratum:
    """A group of stratified sampling: `k` of its `n` images are drawn each epoch."""

    name: str
    n: int
    k: int


@dataclass(frozen=True, eq=False)
class ImagePlans:
    """Columns of shape (n,), one row per readable image in path order.

    `weight` is 1 for an ordinary image and 0 for one that is not trained; `stratum` numbers the plan's `strata`, -1
    for none; `difficulty` is the length of the caption in tokens, what a curriculum begins with is short.
    """

    weight: NDArray[np.float64]
    stratum: NDArray[np.int32]
    difficulty: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Plan:
    """`technique` is `none` (nothing is balanced), `weak-randomization` or `repeats`. `scale` is the k by which an
    epoch got longer. `settings` are settings in sd-scripts' names, with `settings_why` beside them.
    `protected` lists words that no dropout or cap may touch. `advice` is what the plan says besides.
    `techniques` has each technique once; `adjustments` are the changes to the plan that were asked for."""

    technique: str
    trace: tuple[TraceStep, ...]
    scale: int
    settings: Mapping[str, SettingValue]
    concepts: tuple[ConceptPlan, ...]
    folders: tuple[FolderPlan, ...]
    tags: tuple[TagPlan, ...] = ()
    protected: tuple[str, ...] = ()
    advice: tuple[Message, ...] = ()
    settings_why: Mapping[str, Message] = field(default_factory=lambda: MappingProxyType({}))
    applied: bool = False
    seed: int = 0
    steps: StepsPlan | None = None
    tag_exposures: tuple[TagExposure, ...] = ()
    techniques: tuple[TechniquePlan, ...] = ()
    strata: tuple[Stratum, ...] = ()
    images: ImagePlans | None = None
    adjustments: tuple[str, ...] = ()
    edited: Mapping[str, EditedCaption] = field(default_factory=lambda: MappingProxyType({}))
    """The captions that the caps change, by the path of the image; empty where the caps are only offered."""

    def in_all(self, concept: ConceptPlan) -> tuple[float, float] | None:
        """Exposures of a concept in the whole run, before and after; None where the epochs are not known."""
        steps = self.steps
        if steps is None or steps.epochs is None or steps.epochs_after is None:
            return None
        return concept.exposure_before * steps.epochs, concept.exposure_after * steps.epochs_after

    def technique_plan(self, id: TechniqueId) -> TechniquePlan | None:
        return next((one for one in self.techniques if one.id == id), None)
