"""What a trainer's own configuration says: values with the place where they stand, and the images they hold for.

One vocabulary for all trainers: settings have the names of sd-scripts, which has the most of them. Each trainer's
module maps its own keys onto these names; `Given.key` keeps the word that the user wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from tagmetry.trainers.contract import ConfigProblem, KeyPath

SubsetSetting = Literal[
    "num_repeats",
    "class_tokens",
    "caption_extension",
    "caption_separator",
    "secondary_separator",
    "caption_prefix",
    "caption_suffix",
    "enable_wildcard",
    "shuffle_caption",
    "keep_tokens",
    "keep_tokens_separator",
    "caption_dropout_rate",
    "caption_dropout_every_n_epochs",
    "caption_tag_dropout_rate",
    "token_warmup_min",
    "token_warmup_step",
    "color_aug",
    "flip_aug",
    "random_crop",
    "face_crop_aug_range",
    "cache_info",
    "loss_scale",
    "epoch_fraction",
]
"""What may differ from one part of the images to the next.

`flip_aug` and `shuffle_caption` are true or false, or a share of the draws; `epoch_fraction` is the share of the images
that an epoch draws at random, where the trainer takes fractions of repeats.
"""

DatasetSetting = Literal[
    "resolution",
    "batch_size",
    "enable_bucket",
    "min_bucket_reso",
    "max_bucket_reso",
    "bucket_reso_steps",
    "bucket_no_upscale",
    "validation_split",
    "validation_seed",
]
"""What holds for all images that share batches. `resolution` is (width, height)."""

TrainingSetting = Literal[
    "network_module",
    "network_dim",
    "network_alpha",
    "learning_rate",
    "unet_lr",
    "text_encoder_lr",
    "train_text_encoder",
    "max_token_length",
    "prior_loss_weight",
    "cache_latents",
    "cache_text_encoder_outputs",
    "max_train_epochs",
    "max_train_steps",
    "gradient_accumulation_steps",
    "seed",
    "masked_loss",
]
"""What holds for the whole training. `text_encoder_lr` is a tuple with one rate per text encoder, or one for all."""

SettingName = SubsetSetting | DatasetSetting | TrainingSetting

SUBSET_SETTINGS: Final[tuple[str, ...]] = get_args(SubsetSetting)
DATASET_SETTINGS: Final[tuple[str, ...]] = get_args(DatasetSetting)
TRAINING_SETTINGS: Final[tuple[str, ...]] = get_args(TrainingSetting)

SubsetKind = Literal["folder", "tree", "metadata"]
"""Images that lie directly in a folder; in a folder at any depth; those that a metadata file lists."""

DocumentKind = Literal["dataset", "training", "metadata", "folder-settings"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file as it is shown, line and column from 1, and the keys that lead to it."""

    file: str
    line: int = 1
    column: int = 1
    key_path: KeyPath = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A value that counts, under the name of its setting. `key` is the trainer's word; without a `place` it is the
    trainer's default."""

    name: str
    value: Any
    key: str
    place: Place | None = None

    @property
    def is_default(self) -> bool:
        return self.place is None


@dataclass(frozen=True, slots=True)
class Document:
    """One config file as data. `places` has line and column of keys, counted from 1.

    `folder` is where it lies, from which `file` is shown; `text_problems` are what its trainer's own reader stumbles
    over.
    """

    file: str
    folder: Path
    data: Mapping[str, Any]
    places: Mapping[KeyPath, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    kind: DocumentKind = "training"
    text_problems: tuple[ConfigProblem, ...] = ()

    def place(self, key_path: KeyPath) -> Place:
        """Where a key stands, or the nearest table around it that has a place."""
        for length in range(len(key_path), 0, -1):
            if (found := self.places.get(key_path[:length])) is not None:
                return Place(self.file, *found, key_path)
        return Place(self.file, 1, 1, key_path)


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem of a config at its place, with the images that it concerns as paths relative to the dataset."""

    code: str
    place: Place
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    stops: bool = False
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfiguredSubset:
    """A part of the images that a config names, with all settings that count for it, defaults included.

    `folder` is the text in the config. `located` are the folders that were found for it, relative to the dataset's
    root; none before they were looked for, and where there is none.
    """

    kind: SubsetKind
    place: Place
    folder: str | None = None
    metadata: str | None = None
    settings: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    is_regularization: bool = False
    located: tuple[str, ...] = ()
    is_named: bool = False
    """Made by the trainer from a folder's name."""

    def value(self, name: SubsetSetting) -> Any:
        given = self.settings.get(name)
        return None if given is None else given.value


@dataclass(frozen=True, slots=True)
class ConfiguredDataset:
    """Images that are batched together."""

    place: Place
    settings: Mapping[str, Given]
    subsets: tuple[ConfiguredSubset, ...]

    def value(self, name: DatasetSetting) -> Any:
        given = self.settings.get(name)
        return None if given is None else given.value


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything that was told about one training.

    `settings` are those of the whole training; where `tells_training` is false, only the part about images was given,
    and a setting that is not there may stand elsewhere.
    """

    trainer: str
    version: str
    files: tuple[str, ...]
    settings: Mapping[str, Given]
    datasets: tuple[ConfiguredDataset, ...]
    problems: tuple[PlacedProblem, ...] = ()
    tells_training: bool = True

    @property
    def subsets(self) -> tuple[ConfiguredSubset, ...]:
        return tuple(subset for dataset in self.datasets for subset in dataset.subsets)

    def value(self, name: TrainingSetting) -> Any:
        given = self.settings.get(name)
        return None if given is None else given.value


def placed(document: Document, problems: Sequence[ConfigProblem]) -> tuple[PlacedProblem, ...]:
    """Problems with their places. A problem that knows its own line and column keeps them."""
    found = []
    for problem in problems:
        place = document.place(problem.key_path)
        if "line" in problem.values:
            place = Place(
                document.file, int(problem.values["line"]), int(problem.values.get("column", 1)), problem.key_path
            )
        values = dict(problem.values)
        if "first" in values:
            values["first_line"] = document.place(values.pop("first")).line
        found.append(PlacedProblem(problem.code, place, values, problem.stops))
    return tuple(found)
