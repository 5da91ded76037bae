"""The balance plan as data: a proposal with the path that led to it. Exporters render it, nobody applies it unasked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tagmetry.messages import Message

SettingValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One node of the decision flow: its id, the question, the figures it looked at, the branch taken and why."""

    node: str
    question: Message
    value: Message
    taken: Message


@dataclass(frozen=True, slots=True)
class ConceptPlan:
    """Exposure of one concept per epoch, before and after. Exposures are images times repeats.

    `multiplier` is the wanted factor, `repeats_after` the whole number that a trainer takes, `residual` the
    relative error of the planned exposure against the wanted one (after dividing by the plan's scale).
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


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """One folder of images with the repeats before and after; a concept's folders keep their own repeats."""

    path: str
    concept: str
    role: str
    n: int
    repeats_before: float
    repeats_after: int
    multiplier: float
    caption_suffix: str


@dataclass(frozen=True, slots=True)
class TagPlan:
    """A tag that the plan proposes to cap: shares of the images before and after."""

    tag: str
    concept: str
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`technique` is `none` (nothing is balanced), `weak-randomization` or `repeats`. `scale` is the k by which an
    epoch got longer. `settings` are settings in sd-scripts' names, with `settings_why` beside them.
    `protected` lists words that no dropout or cap may touch. `advice` is what the plan says besides."""

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
