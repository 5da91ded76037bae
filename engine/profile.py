"""The profile: what this dataset is and what it is for, with the origin of every value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.duplicates.decision import STRICTNESS
from tagmetry.messages import Message
from tagmetry.options import option, options_of

Origin = Literal["flag", "environment", "policy", "trainer config", "layout", "inferred", "default"]

BASE_MODELS: Final = ("sd15", "sdxl", "flux")
PURPOSES: Final = ("character", "person", "style", "fashion", "object", "concept")
TRAINERS: Final = (
    "kohya",
    "everydream",
    "onetrainer",
    "ai-toolkit",
    "musubi",
    "diffusion-pipe",
    "simpletuner",
    "diffusers",
)
ROLES: Final = ("train", "regularization", "preservation", "holdout", "earlier")
CAPTION_STYLES: Final = ("tags", "sentences", "auto")


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """The plain keys of a policy's `profile`. `concepts` and `roles` are structured and read apart from these."""

    base_model: str | None = option(None, "The model that will be trained on.", choices=BASE_MODELS)
    purpose: str | None = option(None, "What the LoRA is for.", choices=PURPOSES)
    trainer: str | None = option(None, "The program that will train.", choices=TRAINERS)
    resolution: int | None = option(None, "Training resolution (the side of the square).", unit="px", low=64, high=8192)
    batch_size: int | None = option(None, "Images per training step.", low=1, high=4096)
    caption_style: str = option("auto", "How captions are written; `auto` measures it.", choices=CAPTION_STYLES)
    max_token_length: int | None = option(
        None,
        "CLIP tokens that the trainer reads of a caption; 75 when unset.",
        unit="tokens",
        low=75,
        high=225,
        source="trainer",
    )
    t5_max_token_length: int | None = option(
        None,
        "T5 tokens that the trainer reads of a caption for Flux; 512 when unset. FLUX.1 schnell has 256.",
        unit="tokens",
        low=64,
        high=1024,
        source="trainer",
    )
    near_duplicate_likeness: float = option(
        STRICTNESS.agreement,
        "Likeness from which on two images, laid on each other, count as one picture: the least of the correlation of "
        "their details and the share of their parts that agree. Measured by tests/benchmarks/near_duplicates.py.",
        unit="share",
        low=0.7,
        high=0.99,
    )
    near_duplicate_least_structure: float = option(
        2.0,
        "Grey levels of structure below which a picture is compared exactly only: a blank page is like any other.",
        low=0,
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """One value with where it comes from: `place` is a file and line, `basis` what an inference stands on."""

    value: Any
    origin: Origin = "default"
    place: str = ""
    basis: Message | None = None


@dataclass(frozen=True, slots=True)
class DeclaredConcept:
    """A concept as a policy declares it; None leaves a value to inference."""

    name: str
    match: tuple[str, ...] = ()
    trigger: str | None = None
    class_word: str | None = None
    core_tags: tuple[str, ...] = ()
    expected_fusion: tuple[str, ...] = ()
    """Words that the trigger is meant to bring along although they are no part of the concept's core."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings by key (the fields of `ProfileOptions`), declared concepts, and role patterns."""

    settings: Mapping[str, Setting]
    concepts: tuple[DeclaredConcept, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def value(self, key: str) -> Any:
        return self.settings[key].value

    def origin_of(self, key: str) -> str:
        """Where a value comes from: the place that set it, or the source of its default."""
        return self.settings[key].place or options_of(ProfileOptions)[key].info.source

    @property
    def base_model(self) -> str | None:
        value: str | None = self.value("base_model")
        return value

    @property
    def purpose(self) -> str | None:
        value: str | None = self.value("purpose")
        return value

    @property
    def trainer(self) -> str | None:
        value: str | None = self.value("trainer")
        return value

    @property
    def resolution(self) -> int | None:
        value: int | None = self.value("resolution")
        return value

    @property
    def batch_size(self) -> int | None:
        value: int | None = self.value("batch_size")
        return value

    @property
    def caption_style(self) -> str:
        """`tags` or `sentences`, once measured or declared."""
        return str(self.value("caption_style"))

    @property
    def max_token_length(self) -> int | None:
        value: int | None = self.value("max_token_length")
        return value

    @property
    def t5_max_token_length(self) -> int | None:
        value: int | None = self.value("t5_max_token_length")
        return value

    @property
    def near_duplicate_likeness(self) -> float:
        return float(self.value("near_duplicate_likeness"))

    @property
    def near_duplicate_least_structure(self) -> float:
        return float(self.value("near_duplicate_least_structure"))
