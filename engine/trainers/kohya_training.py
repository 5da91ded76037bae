"""What configs of sd-scripts say together: dataset config, `--config_file`, command line, and the GUI's JSON.

A value of the dataset config is looked up in the subset, the dataset, `[general]`, the options of the script, and the
trainer's default, in this order (`library/config_util.py`). A `--config_file` is flattened: sections mean nothing.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tagmetry.trainers.contract import ConfigProblem, KeyPath, LiteralKind, as_literal, has_kind
from tagmetry.trainers.kohya_arguments import ARGUMENTS
from tagmetry.trainers.kohya_config import SCHEMA, validate_dataset_config
from tagmetry.trainers.kohya_folders import parse_folder_name
from tagmetry.trainers.settings import (
    DATASET_SETTINGS,
    SUBSET_SETTINGS,
    ConfiguredDataset,
    ConfiguredSubset,
    Document,
    DocumentKind,
    Given,
    Place,
    PlacedProblem,
    TrainingConfig,
    placed,
)

Kind = Literal["int", "float", "bool", "str", "sides", "rates"]

_OPTIONS: Final[Mapping[str, tuple[str, Kind]]] = {
    # what falls back from the dataset config: option -> setting
    **{
        name: (name, "str")
        for name in (
            "caption_extension", "caption_separator", "secondary_separator", "caption_prefix", "caption_suffix",
            "keep_tokens_separator",
        )
    },
    **{
        name: (name, "bool")
        for name in (
            "enable_wildcard", "shuffle_caption", "color_aug", "flip_aug", "random_crop", "cache_info", "enable_bucket",
            "bucket_no_upscale", "masked_loss",
        )
    },
    **{
        name: (name, "int")
        for name in (
            "keep_tokens", "caption_dropout_every_n_epochs", "token_warmup_min", "min_bucket_reso", "max_bucket_reso",
            "bucket_reso_steps", "validation_seed", "network_dim", "max_token_length", "max_train_epochs",
            "max_train_steps", "gradient_accumulation_steps", "seed",
        )
    },
    **{
        name: (name, "float")
        for name in (
            "caption_dropout_rate", "caption_tag_dropout_rate", "token_warmup_step", "validation_split",
            "network_alpha", "learning_rate", "unet_lr", "prior_loss_weight",
        )
    },
    "dataset_repeats": ("num_repeats", "int"),
    "train_batch_size": ("batch_size", "int"),
    "resolution": ("resolution", "sides"),
    "text_encoder_lr": ("text_encoder_lr", "rates"),
    "network_module": ("network_module", "str"),
    "cache_latents": ("cache_latents", "bool"),
    "cache_latents_to_disk": ("cache_latents", "bool"),
    "cache_text_encoder_outputs": ("cache_text_encoder_outputs", "bool"),
    "cache_text_encoder_outputs_to_disk": ("cache_text_encoder_outputs", "bool"),
    # the GUI's own names
    "max_resolution": ("resolution", "sides"),
    "epoch": ("max_train_epochs", "int"),
    "sdxl_cache_text_encoder_outputs": ("cache_text_encoder_outputs", "bool"),
    "flux1_cache_text_encoder_outputs": ("cache_text_encoder_outputs", "bool"),
    "sd3_cache_text_encoder_outputs": ("cache_text_encoder_outputs", "bool"),
}  # fmt: skip

_DEFAULTS: Final[Mapping[str, Any]] = {
    "network_dim": 4,
    "network_alpha": 1.0,
    "learning_rate": 2.0e-6,
    "prior_loss_weight": 1.0,
    "cache_latents": False,
    "cache_text_encoder_outputs": False,
    "train_text_encoder": True,
    "max_train_steps": 1600,
    "gradient_accumulation_steps": 1,
    "masked_loss": False,
}
"""Of train_network.py and networks/lora.py, for what stands in no dataset config."""

_GUI_MARKS: Final = frozenset(
    {"LoRA_type", "max_resolution", "sdxl_cache_text_encoder_outputs", "num_cpu_threads_per_process"}
)
_GUI_UNSET: Final = ("max_train_epochs", "max_train_steps", "text_encoder_lr", "unet_lr", "epoch", "max_token_length")
"""Fields of the GUI in which 0 or nothing means that the option is not passed on."""

_SIGNS_OF_OPTIONS: Final = 2
_PATHS: Final = ("train_data_dir", "reg_data_dir", "in_json")


def config_kind(data: Mapping[str, Any], form: str) -> DocumentKind | None:
    """What a file with these keys is to sd-scripts; None for nothing. `form` is `toml`, `json` or `command`."""
    if form == "command":
        return "training"
    keys = set(data)
    datasets = data.get("datasets")
    if "general" in keys or isinstance(datasets, list):
        tables = [table for table in datasets if isinstance(table, Mapping)] if isinstance(datasets, list) else []
        foreign = {"image_directory", "image_jsonl_file", "video_directory", "video_jsonl_file"}
        if tables and not any("subsets" in table for table in tables) and any(foreign & set(table) for table in tables):
            return None
        return "dataset"
    flat = {key for value in data.values() if isinstance(value, Mapping) for key in value} | keys
    known = flat & (ARGUMENTS | _GUI_MARKS)
    if len(known) >= _SIGNS_OF_OPTIONS and len(known) * 2 >= len(flat):
        return "training"
    entries = list(data.values())
    if (
        form == "json"
        and entries
        and all(isinstance(entry, Mapping) and {"caption", "tags"} & set(entry) for entry in entries[:20])
    ):
        return "metadata"
    return None


def named_files(document: Document) -> tuple[Given, ...]:
    """Further configs that this one names, which the trainer reads as well."""
    if document.kind != "training":
        return ()
    options = _Options(document)
    found = []
    for key in ("dataset_config", "config_file"):
        path = options.path_of(key)
        if path is not None and isinstance(options.raw(key), str) and options.raw(key):
            found.append(Given(key, options.raw(key), key, document.place(path)))
    return tuple(found)


class _Options:
    """The options of a script as one table, from a config file with sections, a command line, or the GUI."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.is_gui = bool(_GUI_MARKS & set(document.data))
        self._found: dict[str, tuple[Any, KeyPath]] = {}
        for name, value in document.data.items():
            if isinstance(value, Mapping):
                self._found.update({key: (member, (name, key)) for key, member in value.items()})
            else:
                self._found[name] = (value, (name,))

    def raw(self, key: str) -> Any:
        return self._found.get(key, (None, ()))[0]

    def path_of(self, key: str) -> KeyPath | None:
        return self._found[key][1] if key in self._found else None

    def names(self) -> Iterator[str]:
        yield from self._found

    def given(self) -> tuple[dict[str, Given], list[ConfigProblem]]:
        """The settings by name, and the values that could not be understood."""
        found: dict[str, Given] = {}
        problems = []
        for key, (raw, path) in self._found.items():
            if key not in _OPTIONS or raw is None or raw == "":
                continue
            name, kind = _OPTIONS[key]
            if self.is_gui and key in _GUI_UNSET and str(raw) in ("0", "0.0", ""):
                continue
            try:
                value = _coerced(raw, kind)
            except (ValueError, TypeError):
                problems.append(ConfigProblem("wrong-value", path, {"key": key, "value": str(raw)[:60]}, stops=True))
                continue
            if kind == "bool" and name in found and not value:
                continue
            found[name] = Given(name, value, key, self.document.place(path))
        self._text_encoder(found)
        return found, problems

    def _text_encoder(self, found: dict[str, Given]) -> None:
        """Whether the text encoder is trained: an option forbids it, and the GUI where only the U-Net has a rate."""
        key = "network_train_unet_only"
        if self.raw(key) not in (None, False, "", 0):
            place = self.document.place(self._found[key][1])
            found["train_text_encoder"] = Given("train_text_encoder", False, key, place)
        elif self.is_gui and str(self.raw("text_encoder_lr")) in ("0", "0.0") and "unet_lr" in found:
            place = self.document.place(self._found["text_encoder_lr"][1])
            found["train_text_encoder"] = Given("train_text_encoder", False, "text_encoder_lr", place)


def _coerced(raw: Any, kind: Kind) -> Any:
    """A value of a command line, of the GUI or of TOML in the type of its option. Raises ValueError, TypeError."""
    match kind:
        case "int":
            return int(float(raw)) if isinstance(raw, str) else int(raw)
        case "float":
            return float(raw)
        case "bool":
            return raw.strip().lower() not in ("", "false", "0", "no") if isinstance(raw, str) else bool(raw)
        case "str":
            return str(raw)
        case "sides":
            parts = raw if isinstance(raw, list | tuple) else str(raw).split(",")
            sides = [int(part) for part in parts]
            if len(sides) not in (1, 2) or min(sides) < 1:
                raise ValueError(raw)
            return (sides[0], sides[-1])
        case "rates":
            parts = raw if isinstance(raw, list | tuple) else str(raw).replace(",", " ").split()
            return tuple(float(part) for part in parts)


def read_configs(
    documents: Sequence[Document], subfolders: Callable[[str], Sequence[str]], *, trainer: str, version: str
) -> TrainingConfig:
    """What the documents say together; `subfolders` gives the names of the folders in a folder as it is written.

    Of several dataset configs or several command lines the first counts.
    """
    by_kind: dict[str, Document] = {}
    for document in documents:
        by_kind.setdefault(document.kind, document)
    training, dataset = by_kind.get("training"), by_kind.get("dataset")
    options: dict[str, Given] = {}
    problems: list[PlacedProblem] = []
    for document in reversed([one for one in documents if one.kind == "training"]):
        # What is given on the command line stands before what its config file says.
        found, wrong = _Options(document).given()
        options = options | found
        problems += placed(document, [*document.text_problems, *wrong, *_unknown_options(document)])
    if dataset is not None:
        problems += _dataset_problems(dataset, options)
        datasets = tuple(_configured_datasets(dataset, options))
        problems += _ignored_folders(training) if training is not None else []
    elif training is not None:
        datasets = tuple(_datasets_of_folders(training, options, subfolders))
    else:
        metadata = by_kind["metadata"]
        subset = ConfiguredSubset(
            "metadata",
            metadata.place(()),
            folder=str(metadata.folder),
            metadata=metadata.file,
            settings=_subset_settings({}, {}),
        )
        datasets = (ConfiguredDataset(metadata.place(()), _dataset_settings({}, {}), (subset,)),)
    settings = {name: given for name, given in options.items() if name not in SUBSET_SETTINGS + DATASET_SETTINGS}
    if training is not None:
        for name, default in _DEFAULTS.items():
            if name not in settings and not (name == "max_train_steps" and "max_train_epochs" in settings):
                settings[name] = Given(name, default, name)
    return TrainingConfig(
        trainer=trainer,
        version=version,
        files=tuple(document.file for document in documents),
        settings=settings,
        datasets=datasets,
        problems=tuple(problems),
        tells_training=training is not None,
    )


def _unknown_options(document: Document) -> Iterator[ConfigProblem]:
    """Names that no script has and that are nearly those of an option. Forks have more, so that only slips are told."""
    options = _Options(document)
    if options.is_gui:
        return
    for key in options.names():
        if key in ARGUMENTS or key in _OPTIONS or key in _PATHS:
            continue
        nearest = difflib.get_close_matches(key, sorted(ARGUMENTS), n=1, cutoff=0.8)
        path = options.path_of(key)
        if nearest and path is not None:
            yield ConfigProblem("unread-option", path, {"key": key, "nearest": nearest[0]}, stops=False)


def _ignored_folders(document: Document) -> list[PlacedProblem]:
    """Folders that the options name beside a dataset config, which takes their place."""
    options = _Options(document)
    found = []
    for key in _PATHS:
        path = options.path_of(key)
        if path is not None and options.raw(key):
            found.append(ConfigProblem("folder-ignored", path, {"key": key}, stops=False))
    return list(placed(document, found))


def _dataset_problems(document: Document, options: Mapping[str, Given]) -> list[PlacedProblem]:
    masked = options.get("masked_loss")
    command_line = {
        name: list(given.value) if name == "resolution" else given.value
        for name, given in options.items()
        if name in SCHEMA and name not in ("validation_split",)
    }
    found = validate_dataset_config(document.data, controlnet=bool(masked and masked.value), command_line=command_line)
    return [*placed(document, document.text_problems), *placed(document, found)]


@dataclass(frozen=True, slots=True)
class _Level:
    """A table of the dataset config and where it stands."""

    table: Mapping[str, Any]
    path: KeyPath


def _configured_datasets(document: Document, options: Mapping[str, Given]) -> Iterator[ConfiguredDataset]:
    general = document.data.get("general")
    upper = [_Level(general, ("general",))] if isinstance(general, Mapping) else []
    datasets = document.data.get("datasets")
    for number, table in enumerate(datasets if isinstance(datasets, list) else []):
        if not isinstance(table, Mapping):
            continue
        path: KeyPath = ("datasets", number)
        levels = [_Level(table, path), *upper]
        subsets = table.get("subsets")
        found = []
        for place, subset in enumerate(subsets if isinstance(subsets, list) else []):
            if isinstance(subset, Mapping):
                found.append(
                    _configured_subset(document, [_Level(subset, (*path, "subsets", place)), *levels], options)
                )
        yield ConfiguredDataset(
            document.place(path), _looked_up(document, DATASET_SETTINGS, levels, options), tuple(found)
        )


def _configured_subset(document: Document, levels: Sequence[_Level], options: Mapping[str, Given]) -> ConfiguredSubset:
    own = levels[0]
    folder, metadata = own.table.get("image_dir"), own.table.get("metadata_file")
    return ConfiguredSubset(
        kind="metadata" if isinstance(metadata, str) else "folder",
        place=document.place((*own.path, "image_dir") if "image_dir" in own.table else own.path),
        folder=folder if isinstance(folder, str) else None,
        metadata=metadata if isinstance(metadata, str) else None,
        settings=_looked_up(document, SUBSET_SETTINGS, levels, options),
        is_regularization=own.table.get("is_reg") is True,
    )


def _looked_up(
    document: Document, names: Sequence[str], levels: Sequence[_Level], options: Mapping[str, Given]
) -> dict[str, Given]:
    """Each setting where it is found first."""
    found = {}
    for name in names:
        key = SCHEMA.get(name)
        if key is None:
            continue
        given = options.get(name)
        for level in levels:
            value = _meant(level.table.get(name), key.literal)
            if value is not None and not (name == "resolution" and min(_sides(value)) < 1):
                given = Given(name, _value(name, value), name, document.place((*level.path, name)))
                break
        if given is not None:
            found[name] = given
        elif key.default is not None:
            found[name] = Given(name, key.default, name)
    return found


def _meant(value: Any, literal: LiteralKind) -> Any:
    """The value in the type of its key. One of another type is reported; where it is plain what was meant, that counts,
    so that one slip has one finding. None counts as unset."""
    if value is None or has_kind(value, literal):
        return value
    try:
        return as_literal(value, literal)
    except (ValueError, TypeError):
        return None


def _value(name: str, value: Any) -> Any:
    return _sides(value) if name == "resolution" else value


def _sides(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _subset_settings(own: Mapping[str, Given], options: Mapping[str, Given]) -> dict[str, Given]:
    """Of a subset that stands in no dataset config: what the folder's name says, the options, the defaults."""
    return _without_tables(SUBSET_SETTINGS, own, options)


def _dataset_settings(own: Mapping[str, Given], options: Mapping[str, Given]) -> dict[str, Given]:
    return _without_tables(DATASET_SETTINGS, own, options)


def _without_tables(names: Sequence[str], own: Mapping[str, Given], options: Mapping[str, Given]) -> dict[str, Given]:
    found = {}
    for name in names:
        given = own.get(name) or options.get(name)
        default = SCHEMA[name].default if name in SCHEMA else None
        if given is not None:
            found[name] = given
        elif default is not None:
            found[name] = Given(name, default, name)
    return found


def _datasets_of_folders(
    document: Document, options: Mapping[str, Given], subfolders: Callable[[str], Sequence[str]]
) -> Iterator[ConfiguredDataset]:
    """The dataset that options name without a dataset config: `N_name` folders, or a metadata file."""
    table = _Options(document)
    metadata = table.raw("in_json")
    subsets: list[ConfiguredSubset] = []
    paths = {key: path for key in _PATHS if (path := table.path_of(key)) is not None and table.raw(key)}
    if isinstance(metadata, str) and "in_json" in paths:
        folder = table.raw("train_data_dir")
        subsets.append(
            ConfiguredSubset(
                "metadata",
                document.place(paths["in_json"]),
                folder=folder if isinstance(folder, str) else None,
                metadata=metadata,
                settings=_subset_settings({}, options),
            )
        )
    else:
        for key in ("train_data_dir", "reg_data_dir"):
            folder = table.raw(key)
            if key in paths and isinstance(folder, str):
                place = document.place(paths[key])
                subsets += _named_subsets(folder, subfolders(folder), place, options, is_reg=key == "reg_data_dir")
    if paths:
        yield ConfiguredDataset(
            document.place(next(iter(paths.values()))), _dataset_settings({}, options), tuple(subsets)
        )


def _named_subsets(
    folder: str, names: Sequence[str], place: Place, options: Mapping[str, Given], *, is_reg: bool
) -> Iterator[ConfiguredSubset]:
    numbered = {name: named for name in sorted(names) if (named := parse_folder_name(name)) is not None}
    if not numbered:
        # The trainer finds no data and stops. Its images are audited all the same, at any depth.
        yield ConfiguredSubset("tree", place, folder, settings=_subset_settings({}, options), is_regularization=is_reg)
    for name, named in numbered.items():
        own = {
            "num_repeats": Given("num_repeats", named.repeats, name, place),
            "class_tokens": Given("class_tokens", named.class_tokens, name, place),
        }
        yield ConfiguredSubset(
            "folder",
            place,
            folder=f"{folder.rstrip('/')}/{name}",
            settings=_subset_settings(own, options),
            is_regularization=is_reg,
            is_named=True,
        )
