"""The dataset config of sd-scripts (`--dataset_config`): its schema as data, and what the trainer accepts of it.

From `library/config_util.py` (ConfigSanitizer, BlueprintGenerator, generate_dataset_group_by_blueprint) and the checks
of `library/train_util.py` that run before the first image is read.
"""

import difflib
import math
import ntpath
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tagmetry.trainers.contract import (
    NO_COMMAND_LINE,
    ConfigKey,
    ConfigProblem,
    KeyPath,
    LiteralKind,
    as_literal,
    has_kind,
    kind_of,
)
from tagmetry.trainers.kohya_buckets import BucketSettings

DatasetKind = Literal["dreambooth", "finetuning", "controlnet"]
Table = Mapping[str, Any]

KINDS: Final = frozenset({"dreambooth", "finetuning", "controlnet"})
_WITH_FOLDER: Final = frozenset({"dreambooth", "controlnet"})
_ALL_LEVELS: Final = frozenset({"general", "dataset", "subset"})
_UPPER_LEVELS: Final = frozenset({"general", "dataset"})
_SUBSET: Final = frozenset({"subset"})

INTERPOLATIONS: Final = ("lanczos", "nearest", "bilinear", "linear", "bicubic", "cubic", "area", "box")


def _dataset_key(literal: LiteralKind, default: Any, **limits: Any) -> ConfigKey:
    return ConfigKey(literal, _UPPER_LEVELS, default, KINDS, **limits)


def _any_level(literal: LiteralKind, default: Any, kinds: frozenset[str] = KINDS, **limits: Any) -> ConfigKey:
    return ConfigKey(literal, _ALL_LEVELS, default, kinds, **limits)


SCHEMA: Final[Mapping[str, ConfigKey]] = {
    # [general] and [[datasets]]
    "resolution": _dataset_key("int-or-pair", None),
    "batch_size": _dataset_key("int", 1),
    "enable_bucket": _dataset_key("bool", False),
    "min_bucket_reso": _dataset_key("int", 256, least=1),
    "max_bucket_reso": _dataset_key("int", 1024, least=1),
    "bucket_reso_steps": _dataset_key("int", 64),
    "bucket_no_upscale": _dataset_key("bool", False),
    "validation_split": _dataset_key("float", 0.0, least=0.0, most=1.0),
    "validation_seed": _dataset_key("int", None),
    "network_multiplier": _dataset_key("float", 1.0),
    # all three levels
    "num_repeats": _any_level("int", 1, least=1),
    "shuffle_caption": _any_level("bool", False),
    "caption_separator": _any_level("str", ","),
    "keep_tokens": _any_level("int", 0, least=0),
    "keep_tokens_separator": _any_level("str", None),
    "secondary_separator": _any_level("str", None),
    "enable_wildcard": _any_level("bool", False),
    "caption_prefix": _any_level("str", None),
    "caption_suffix": _any_level("str", None),
    "caption_dropout_rate": _any_level("number", 0.0, least=0.0, most=1.0),
    "caption_dropout_every_n_epochs": _any_level("int", 0, least=0),
    "caption_tag_dropout_rate": _any_level("number", 0.0, least=0.0, most=1.0),
    "token_warmup_min": _any_level("int", 1, least=0),
    "token_warmup_step": _any_level("number", 0, least=0),
    "color_aug": _any_level("bool", False),
    "flip_aug": _any_level("bool", False),
    "face_crop_aug_range": _any_level("float-pair", None, least=0.0),
    "random_crop": _any_level("bool", False),
    "resize_interpolation": _any_level("str", None, choices=INTERPOLATIONS),
    "custom_attributes": _any_level("table", None),
    "caption_extension": _any_level("str", ".caption", _WITH_FOLDER),
    "cache_info": _any_level("bool", False, _WITH_FOLDER),
    "class_tokens": _any_level("str", None, frozenset({"dreambooth"})),
    # [[datasets.subsets]]
    "image_dir": ConfigKey("str", _SUBSET, None, KINDS, required=_WITH_FOLDER),
    "is_reg": ConfigKey("bool", _SUBSET, False, frozenset({"dreambooth"})),
    "alpha_mask": ConfigKey("bool", _SUBSET, False, frozenset({"dreambooth", "finetuning"})),
    "metadata_file": ConfigKey("str", _SUBSET, None, frozenset({"finetuning"}), required=frozenset({"finetuning"})),
    "conditioning_data_dir": ConfigKey(
        "str", _SUBSET, None, frozenset({"controlnet"}), required=frozenset({"controlnet"})
    ),
}

_RENAMED: Final = {"train_batch_size": "batch_size", "dataset_repeats": "num_repeats"}
"""Names on the command line -> in the dataset config."""

COMMAND_LINE_KEYS: Final = frozenset(
    {
        *_RENAMED,
        "cache_latents",
        "cache_latents_to_disk",
        "cache_text_encoder_outputs",
        "cache_text_encoder_outputs_to_disk",
        "clip_skip",
        "debug_dataset",
        "dim_from_weights",
        "gradient_accumulation_steps",
        "gradient_checkpointing",
        "in_json",
        "learning_rate",
        "logging_dir",
        "loss_type",
        "lr_scheduler",
        "lr_warmup_steps",
        "masked_loss",
        "max_data_loader_n_workers",
        "max_grad_norm",
        "max_token_length",
        "max_train_epochs",
        "max_train_steps",
        "min_snr_gamma",
        "mixed_precision",
        "network_alpha",
        "network_args",
        "network_dim",
        "network_dropout",
        "network_module",
        "network_train_text_encoder_only",
        "network_train_unet_only",
        "network_weights",
        "noise_offset",
        "optimizer_args",
        "optimizer_type",
        "output_dir",
        "output_name",
        "persistent_data_loader_workers",
        "pretrained_model_name_or_path",
        "prior_loss_weight",
        "reg_data_dir",
        "sample_every_n_epochs",
        "sample_prompts",
        "save_every_n_epochs",
        "save_model_as",
        "save_precision",
        "scale_weight_norms",
        "sdpa",
        "seed",
        "skip_cache_check",
        "text_encoder_lr",
        "train_data_dir",
        "unet_lr",
        "v2",
        "v_parameterization",
        "vae",
        "vae_batch_size",
        "weighted_captions",
        "xformers",
    }
)
"""Options of the training command that people put into the dataset config, where they are refused."""

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_PATH_KEYS: Final = ("image_dir", "metadata_file", "conditioning_data_dir")


def literal(key: str, value: Any) -> Any:
    """The value in the type that the schema wants for this key: 0 as 0.0 for validation_split, 3.0 as 3 for repeats.

    Raises KeyError for an unknown key, ValueError for a value that cannot be written so.
    """
    return as_literal(value, SCHEMA[key].literal)


def validate_dataset_config(
    data: Table, *, controlnet: bool = False, command_line: Table = NO_COMMAND_LINE
) -> list[ConfigProblem]:
    """What the trainer says to this dataset config, in the order of the file.

    `controlnet` stands for scripts that take conditioning images (masked_loss, ControlNet). `command_line` holds
    options by their names in the config that apply where the file is silent. Where no problem `stops`, the trainer
    starts (given that folders and files are there).

    Structure: `not-a-table`, `not-a-list`, `no-datasets`, `mixed-subset-kinds`, `missing-key`,
    `unknown-key` (nearest), `command-line-key` (instead), `wrong-level` (level, levels), `wrong-kind` (kind),
    `wrong-type` (expected, found). Values that stop: `missing-resolution`, `resolution-not-positive`,
    `batch-size-not-positive`, `unknown-choice`,
    `steps-not-positive`, `min-below-steps`, `min-above-resolution`, `max-below-resolution`, `empty-separator`,
    `random-crop-with-conditioning`, `nothing-trained`. Values that are taken and mean something else:
    `no-subsets`, `repeats-below-one`, `duplicate-subset`, `folder-overrides`, `folder-again` (first), `out-of-range`
    (least, most), `bool-for-number`, `control-character`.
    """
    problems = list(_top_level(data))
    general = data.get("general", {})
    if isinstance(general, Mapping):
        problems += _level(general, "general", path=("general",), kind=None)
    else:
        problems.append(_not_a("table", ("general",), general))
        general = {}
    datasets = data.get("datasets", [])
    if not isinstance(datasets, list):
        problems.append(_not_a("list", ("datasets",), datasets))
        datasets = []
    elif not datasets:
        problems.append(ConfigProblem("no-datasets", ("datasets",)))
    readings = []
    for number, dataset in enumerate(datasets):
        path: KeyPath = ("datasets", number)
        if not isinstance(dataset, Mapping):
            problems.append(_not_a("table", path, dataset))
            continue
        reading = _Reading(dataset, general, command_line, path=path, controlnet=controlnet)
        problems += _structure(reading)
        problems += _values(reading)
        readings.append(reading)
    accepted = bool(readings) and not any(problem.stops for problem in problems)
    if accepted and not any(reading.trains() for reading in readings):
        problems.append(ConfigProblem("nothing-trained", ("datasets",)))
    return problems


def _not_a(kind: str, path: KeyPath, value: object) -> ConfigProblem:
    return ConfigProblem(f"not-a-{kind}", path, {"found": kind_of(value)})


def _top_level(data: Table) -> Iterator[ConfigProblem]:
    for key in data:
        if key not in ("general", "datasets"):
            yield _foreign(key, (key,), level="top", candidates=("general", "datasets"))


def _foreign(key: str, path: KeyPath, *, level: str, candidates: Sequence[str]) -> ConfigProblem:
    """A key that is not legal in this table: of another level, of the command line, or of nowhere."""
    if key in SCHEMA:
        levels = tuple(sorted(SCHEMA[key].levels))
        return ConfigProblem("wrong-level", path, {"key": key, "level": level, "levels": levels})
    if key in COMMAND_LINE_KEYS:
        return ConfigProblem("command-line-key", path, {"key": key, "instead": _RENAMED.get(key, "")})
    nearest = difflib.get_close_matches(str(key), candidates, n=1, cutoff=0.75)
    return ConfigProblem("unknown-key", path, {"key": key, "nearest": nearest[0] if nearest else ""})


def _level(table: Table, level: str, *, path: KeyPath, kind: str | None) -> Iterator[ConfigProblem]:
    """Keys and types of one table. `kind` None is [general], where keys of every kind of dataset are legal."""
    candidates = [name for name, key in SCHEMA.items() if level in key.levels]
    for name, value in table.items():
        here = (*path, name)
        if level == "dataset" and name == "subsets":
            continue
        key = SCHEMA.get(name)
        if key is None or level not in key.levels:
            yield _foreign(name, here, level=level, candidates=candidates)
        elif kind is not None and kind not in key.kinds:
            yield ConfigProblem("wrong-kind", here, {"key": name, "kind": kind})
        elif not has_kind(value, key.literal):
            found = kind_of(value)
            yield ConfigProblem("wrong-type", here, {"key": name, "expected": key.literal, "found": found})
        else:
            yield from _advice(name, key, value, path=here)


def _advice(name: str, key: ConfigKey, value: Any, *, path: KeyPath) -> Iterator[ConfigProblem]:
    """What is taken without a word and hardly meant."""
    numbers = value if isinstance(value, list | tuple) else [value]
    if key.literal in ("int", "number", "int-or-pair") and any(isinstance(number, bool) for number in numbers):
        yield ConfigProblem("bool-for-number", path, {"key": name, "value": value}, stops=False)
    elif name == "num_repeats" and value < 1:
        yield ConfigProblem("repeats-below-one", path, {"value": value}, stops=False)
    elif (key.least is not None or key.most is not None) and not all(_in_range(number, key) for number in numbers):
        values = {"key": name, "value": value, "least": key.least, "most": key.most}
        yield ConfigProblem("out-of-range", path, values, stops=False)
    if name in _PATH_KEYS and _CONTROLS.search(value):
        yield ConfigProblem("control-character", path, {"key": name, "value": value}, stops=False)


def _in_range(number: float, key: ConfigKey) -> bool:
    least = -math.inf if key.least is None else key.least
    most = math.inf if key.most is None else key.most
    return least <= number <= most


@dataclass(frozen=True, slots=True)
class _Reading:
    """One dataset with the tables that its values fall back to."""

    dataset: Table
    general: Table
    command_line: Table
    path: KeyPath
    controlnet: bool

    def subsets(self) -> list[tuple[KeyPath, Table]]:
        subsets = self.dataset.get("subsets", [])
        if not isinstance(subsets, list):
            return []
        return [
            ((*self.path, "subsets", number), subset)
            for number, subset in enumerate(subsets)
            if isinstance(subset, Mapping)
        ]

    def kind(self) -> DatasetKind | None:
        """None for a mixture, which is refused. The trainer asks in this order, also where there are no subsets."""
        tables = [subset for _, subset in self.subsets()]
        if self.controlnet and all("conditioning_data_dir" in subset for subset in tables):
            return "controlnet"
        if all("metadata_file" in subset for subset in tables):
            return "finetuning"
        if all("metadata_file" not in subset for subset in tables):
            return "dreambooth"
        return None

    def value(self, key: str, subset: Table | None = None, subset_path: KeyPath = ()) -> tuple[Any, KeyPath]:
        """The value that counts and where it stands; null falls through, false and 0 do not.

        A value of the wrong type counts as unset: it has been reported.
        """
        places = [
            (self.dataset, (*self.path, key)),
            (self.general, ("general", key)),
            (self.command_line, (*self.path, key)),
        ]
        if subset is not None:
            places.insert(0, (subset, (*subset_path, key)))
        for table, path in places:
            value = table.get(key)
            if value is not None:
                if not has_kind(value, SCHEMA[key].literal):
                    break
                return value, path
        return SCHEMA[key].default, (*(subset_path or self.path), key)

    def trains(self) -> bool:
        split = self.value("validation_split")[0]
        # At 1 all images are for validation. Beyond that there is no validation, and yet images are cut off.
        if self.kind() != "finetuning" and (split == 1.0 or split >= 2.0):
            return False
        return any(not subset.get("is_reg") for _, subset, is_first in self.named_folders() if is_first)

    def folder_key(self) -> str:
        """What two subsets must not share."""
        return "metadata_file" if self.kind() == "finetuning" else "image_dir"

    def named_folders(self) -> Iterator[tuple[KeyPath, Table, bool]]:
        """Subsets with a folder and repeats, and whether each is the first with this very text: others are ignored."""
        texts = set()
        key = self.folder_key()
        for path, subset in self.subsets():
            folder = subset.get(key)
            if isinstance(folder, str) and self.value("num_repeats", subset, path)[0] >= 1:
                yield path, subset, folder not in texts
                texts.add(folder)


def _structure(reading: _Reading) -> Iterator[ConfigProblem]:
    raw = reading.dataset.get("subsets", [])
    if not isinstance(raw, list):
        yield _not_a("list", (*reading.path, "subsets"), raw)
    elif not raw:
        yield ConfigProblem("no-subsets", (*reading.path, "subsets"), stops=False)
    else:
        for number, subset in enumerate(raw):
            if not isinstance(subset, Mapping):
                yield _not_a("table", (*reading.path, "subsets", number), subset)
    kind = reading.kind()
    if kind is None:
        yield ConfigProblem("mixed-subset-kinds", reading.path)
    yield from _level(reading.dataset, "dataset", path=reading.path, kind=kind)
    for path, subset in reading.subsets():
        own_kind = kind or ("finetuning" if "metadata_file" in subset else "dreambooth")
        for name, key in SCHEMA.items():
            if own_kind in key.required and name not in subset:
                yield ConfigProblem("missing-key", (*path, name), {"key": name})
        yield from _level(subset, "subset", path=path, kind=own_kind)


def _values(reading: _Reading) -> Iterator[ConfigProblem]:
    resolution, path = reading.value("resolution")
    if resolution is None:
        if not any("resolution" in table for table in (reading.dataset, reading.general)):
            yield ConfigProblem("missing-resolution", path)
    elif min(resolution if isinstance(resolution, list | tuple) else [resolution]) < 1:
        yield ConfigProblem("resolution-not-positive", path, {"value": resolution})
    else:
        yield from _bucket_faults(reading, resolution)
    batch_size, path = reading.value("batch_size")
    if batch_size < 1:
        yield ConfigProblem("batch-size-not-positive", path, {"value": batch_size})
    interpolation, path = reading.value("resize_interpolation")
    if interpolation is not None and interpolation not in INTERPOLATIONS:
        yield _unknown_choice(path, interpolation, stops=True)
    kind = reading.kind()
    for subset_path, subset in reading.subsets():
        yield from _subset_values(reading, subset, subset_path, kind=kind)
    yield from _repeated_folders(reading)


def _bucket_faults(reading: _Reading, resolution: Any) -> Iterator[ConfigProblem]:
    width, height = resolution if isinstance(resolution, list | tuple) else (resolution, resolution)
    keys = ("enable_bucket", "min_bucket_reso", "max_bucket_reso", "bucket_reso_steps", "bucket_no_upscale")
    settings = BucketSettings((width, height), **{key: reading.value(key)[0] for key in keys})
    match fault := settings.fault():
        case None:
            return
        case "steps-not-positive":
            key = "bucket_reso_steps"
        case "max-below-resolution":
            key = "max_bucket_reso"
        case _:
            key = "min_bucket_reso"
    value, path = reading.value(key)
    values = {
        "value": value,
        "width": width,
        "height": height,
        "steps": settings.bucket_reso_steps,
    }
    yield ConfigProblem(fault, path, values)


def _unknown_choice(path: KeyPath, value: str, *, stops: bool) -> ConfigProblem:
    values = {"key": "resize_interpolation", "value": value, "choices": INTERPOLATIONS}
    return ConfigProblem("unknown-choice", path, values, stops)


def _subset_values(
    reading: _Reading, subset: Table, path: KeyPath, *, kind: DatasetKind | None
) -> Iterator[ConfigProblem]:
    def value(key: str) -> Any:
        return reading.value(key, subset, path)[0]

    interpolation = subset.get("resize_interpolation")
    if isinstance(interpolation, str) and interpolation not in INTERPOLATIONS:
        yield _unknown_choice((*path, "resize_interpolation"), interpolation, stops=False)
    splits = value("shuffle_caption") or value("token_warmup_step") > 0 or value("caption_tag_dropout_rate") > 0
    if value("caption_separator") == "" and splits:
        yield ConfigProblem("empty-separator", reading.value("caption_separator", subset, path)[1])
    if kind == "controlnet" and value("random_crop"):
        yield ConfigProblem("random-crop-with-conditioning", reading.value("random_crop", subset, path)[1])


def _repeated_folders(reading: _Reading) -> Iterator[ConfigProblem]:
    """The same folder in several subsets of one dataset.

    The same text: the later subset is ignored. With a slash more at its end: the later subset's settings replace
    the earlier ones, image by image, while both count for regularization. Spelled otherwise: both are trained.
    """
    key = reading.folder_key()
    texts: dict[str, KeyPath] = {}
    trimmed: dict[str, KeyPath] = {}
    normal: dict[str, KeyPath] = {}
    for path, subset, is_first in reading.named_folders():
        folder = subset[key]
        here = (*path, key)
        if not is_first:
            yield ConfigProblem("duplicate-subset", here, {"first": texts[folder]}, stops=False)
            continue
        shorter = folder.rstrip("/\\" if _is_windows(folder) else "/") or folder
        if key == "image_dir" and shorter in trimmed:
            yield ConfigProblem("folder-overrides", here, {"first": trimmed[shorter]}, stops=False)
        elif _normal_path(folder) in normal:
            yield ConfigProblem("folder-again", here, {"first": normal[_normal_path(folder)]}, stops=False)
        texts[folder] = here
        trimmed.setdefault(shorter, here)
        normal.setdefault(_normal_path(folder), here)


def _normal_path(path: str) -> str:
    """One spelling per folder; paths that look like Windows are compared as Windows does."""
    if _is_windows(path):
        return ntpath.normcase(ntpath.normpath(path))
    return posixpath.normpath(path)


def _is_windows(path: str) -> bool:
    return "\\" in path or bool(ntpath.splitdrive(path)[0])
