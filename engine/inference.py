"""What is inferred when no policy says it: roles, triggers, class words, caption style, trainer and resolution.

Everything here is a proposal with its basis, shown in the report; the profile always wins.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np

from tagmetry.columns import Rows
from tagmetry.dataset import Captions, ConceptInfo
from tagmetry.globs import matches_any
from tagmetry.layout import FolderReading, Reading
from tagmetry.messages import message
from tagmetry.profile import DeclaredConcept, Profile, Setting
from tagmetry.text import contains_word
from tagmetry.trainers.settings import Given, Place, TrainingConfig
from tagmetry.vocabulary import Vocabulary

_ROLE_FOLDERS: Final = (
    (re.compile(r"reg|(?s:reg_.*)|img_reg|regularization|regularisation|class_images"), "regularization"),
    (re.compile(r"val|validation|holdout"), "holdout"),
    (re.compile(r"preservation"), "preservation"),
)
TOKEN_LENGTHS: Final = (75, 150, 225)
RESOLUTIONS: Final = {"sd15": 512, "sdxl": 1024, "flux": 1024}

FIRST_TAG_SHARE: Final = 0.8
TRIGGER_SHARE: Final = 0.9
FOLDER_WORD_SHARE: Final = 0.6


def role_of(path: str, folder: FolderReading, roles: Mapping[str, tuple[str, ...]]) -> str:
    """An image's role: the profile's patterns, what the layout says, the usual folder names, else train."""
    for role, patterns in roles.items():
        if matches_any(patterns, path):
            return role
    return folder.role if folder.role is not None else _role_by_names(path.rpartition("/")[0])


@lru_cache(maxsize=1024)
def _role_by_names(folder: str) -> str:
    """The role that the names of a folder and those above it tell, the uppermost first."""
    for part in folder.split("/"):
        for form, role in _ROLE_FOLDERS:
            if form.fullmatch(part.casefold()):
                return role
    return "train"


def concept_name_of(path: str, folder: FolderReading, declared: Sequence[DeclaredConcept]) -> str:
    for concept in declared:
        if concept.match and matches_any(concept.match, path):
            return concept.name
    return folder.concept


def completed_profile(
    profile: Profile, reading: Reading, measured_style: str | None, config: TrainingConfig | None = None
) -> Profile:
    """The profile with what a trainer's config, the layout and the captions tell where nobody said it."""
    settings = dict(profile.settings)
    if config is not None:
        for name, given in told_by_config(config).items():
            if settings[name].value is None and given.place is not None:
                settings[name] = Setting(given.value, "trainer config", place=f"{given.place.file}:{given.place.line}")
    if settings["trainer"].value is None and reading.trainer is not None:
        basis = message("the layout {layout} is this trainer's", layout=reading.layout)
        settings["trainer"] = Setting(reading.trainer, "layout", basis=basis)
    base_model = settings["base_model"].value
    if settings["resolution"].value is None and base_model in RESOLUTIONS:
        basis = message("usual for the base model {model}", model=str(base_model))
        settings["resolution"] = Setting(RESOLUTIONS[str(base_model)], "inferred", basis=basis)
    if settings["caption_style"].value == "auto" and measured_style is not None:
        basis = message("measured on the captions' separators and words")
        settings["caption_style"] = Setting(measured_style, "inferred", basis=basis)
    return replace(profile, settings=MappingProxyType(settings))


def told_by_config(config: TrainingConfig) -> dict[str, Given]:
    """Keys of the profile that a config tells. Of several resolutions the largest; a shape counts by its area."""
    told = {}
    if config.files:
        told["trainer"] = Given("trainer", config.trainer, "trainer", Place(config.files[0]))
    sizes = [dataset.settings["resolution"] for dataset in config.datasets if "resolution" in dataset.settings]
    if sizes:
        largest = max(sizes, key=lambda given: given.value[0] * given.value[1])
        side = round(math.sqrt(largest.value[0] * largest.value[1]))
        told["resolution"] = replace(largest, value=side)
    batches = [dataset.settings["batch_size"] for dataset in config.datasets if "batch_size" in dataset.settings]
    if batches:
        told["batch_size"] = batches[0]
    length = config.settings.get("max_token_length")
    if length is not None and length.value in TOKEN_LENGTHS:
        told["max_token_length"] = length
    return {name: given for name, given in told.items() if name == "trainer" or _is_possible(name, given.value)}


def _is_possible(name: str, value: object) -> bool:
    """Whether the profile takes the value; what it does not take is told by the rules about configs."""
    low, high = {"resolution": (64, 8192), "batch_size": (1, 4096)}.get(name, (0, 10**6))
    return isinstance(value, int) and low <= value <= high


@dataclass(frozen=True, slots=True)
class ConceptRows:
    """A concept before its words are known: its rows, and the hints of the folders it came from."""

    name: str
    role: str
    rows: Rows
    trigger_hint: str | None
    class_hint: str | None
    declared: DeclaredConcept | None


def concept_info(concept: ConceptRows, captions: Captions, vocabulary: Vocabulary) -> ConceptInfo:
    """Trigger, class word and core tags of a concept with their origins."""
    info = ConceptInfo(concept.name, concept.role)
    declared = concept.declared
    if declared is not None:
        info = replace(info, core_tags=declared.core_tags, expected_fusion=declared.expected_fusion, declared=True)
    if declared is not None and declared.class_word is not None:
        info = replace(info, class_word=declared.class_word, class_word_origin="policy")
    elif concept.class_hint is not None:
        info = replace(info, class_word=concept.class_hint, class_word_origin="layout")
    if concept.role != "train":
        return info
    if declared is not None and declared.trigger is not None:
        return replace(info, trigger=declared.trigger, trigger_origin="policy")
    first = _first_tag(concept.rows, captions, vocabulary)
    if first is not None:
        word, first_share, share = first
        basis = message(
            "first in {first:percent} of the captions, on {share:percent} of them, and no general tag",
            first=first_share,
            share=share,
        )
        return replace(info, trigger=word, trigger_origin="inferred", trigger_basis=basis)
    if concept.trigger_hint is not None:
        share = _share_with_word(concept.rows, captions, concept.trigger_hint)
        if share >= FOLDER_WORD_SHARE:
            basis = message("first word of the folder's name, in {share:percent} of the captions", share=share)
            return replace(info, trigger=concept.trigger_hint, trigger_origin="inferred", trigger_basis=basis)
    return info


def _first_tag(rows: Rows, captions: Captions, vocabulary: Vocabulary) -> tuple[str, float, float] | None:
    """The tag that calls the concept by its place: (tag, share of captions it leads, share of captions with it)."""
    text_of = captions.text_of[rows]
    texts: Rows = text_of[text_of >= 0].astype(np.int64)
    tags = captions.tags
    if not len(texts):
        return None
    filled = texts[tags.lengths()[texts] > 0]
    if not len(filled):
        return None
    firsts = tags.ids[tags.starts[filled]]
    counts = np.bincount(firsts, minlength=len(captions.forms))
    leader = int(np.argmax(counts))
    first_share = float(counts[leader]) / len(texts)
    if first_share < FIRST_TAG_SHARE:
        return None
    chosen = tags.take(texts)
    holding = np.unique(chosen.owners()[chosen.ids == leader])
    share = len(holding) / len(texts)
    form = captions.forms[leader]
    if share < TRIGGER_SHARE or vocabulary.is_general(form) or vocabulary.is_quality_word(form):
        return None
    return captions.names[leader], first_share, share


def _share_with_word(rows: Rows, captions: Captions, word: str) -> float:
    texts = captions.text_of[rows]
    texts = texts[texts >= 0]
    if not len(texts):
        return 0.0
    distinct, counts = np.unique(texts, return_counts=True)
    holding = sum(int(n) for text, n in zip(distinct, counts, strict=True) if contains_word(captions.texts[text], word))
    return holding / len(texts)
