"""What trainers do with a dataset: one module per trainer, pure functions on columns and plain values.

A new trainer is one file that offers what `contract.Trainer` names, and its line in `_MODULES`.
"""

import re
from collections.abc import Mapping
from fnmatch import translate
from types import MappingProxyType
from typing import Final

from tagmetry.trainers import everydream, kohya
from tagmetry.trainers.contract import (
    Buckets,
    CaptionSource,
    ConfigKey,
    ConfigProblem,
    Floats,
    Ints,
    KeyPath,
    LastBatch,
    LiteralKind,
    Trainer,
)
from tagmetry.trainers.settings import (
    ConfiguredDataset,
    ConfiguredSubset,
    Document,
    Given,
    Place,
    PlacedProblem,
    TrainingConfig,
)

__all__ = [
    "CONTROL_FILES",
    "TRAINERS",
    "Trainer",
    "is_control_file",
    "trainer",
    # shapes
    "Buckets",
    "CaptionSource",
    "ConfigKey",
    "ConfigProblem",
    "Floats",
    "Ints",
    "KeyPath",
    "LastBatch",
    "LiteralKind",
    # what a trainer's own files say
    "ConfiguredDataset",
    "ConfiguredSubset",
    "Document",
    "Given",
    "Place",
    "PlacedProblem",
    "TrainingConfig",
]

_MODULES: Final[tuple[Trainer, ...]] = (kohya, everydream)

TRAINERS: Final[Mapping[str, Trainer]] = MappingProxyType({module.TRAINER: module for module in _MODULES})

_OF_OTHERS: Final = (".aitk_size.json",)
"""Left in datasets by trainers that have no module here: ai-toolkit's cache of image sizes."""

CONTROL_FILES: Final = tuple(
    sorted({*_OF_OTHERS, *(pattern for module in _MODULES for pattern in module.CONTROL_FILES)})
)
"""Patterns of files that configure a trainer or are its caches: neither images nor captions, whoever trains."""


def trainer(name: str) -> Trainer:
    """The module of this name. Raises KeyError for a trainer that is not modelled."""
    return TRAINERS[name]


def is_control_file(name: str) -> bool:
    """Whether a file of this name, in any folder, belongs to some trainer. Case counts, as it does for them."""
    return _CONTROL_FILE.match(name) is not None


_CONTROL_FILE: Final = re.compile("|".join(translate(pattern) for pattern in CONTROL_FILES))
