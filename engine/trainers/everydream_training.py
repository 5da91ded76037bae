"""What EveryDream2trainer's train.json says, and the small files in its folders that set repeats and weights."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tagmetry.trainers import everydream
from tagmetry.trainers.contract import ConfigProblem, KeyPath, has_kind, kind_of
from tagmetry.trainers.settings import (
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

_OTHER_NAMES: Final = """
amp attn_type ckpt_every_n_minutes clip_grad_norm clip_skip disable_amp disable_textenc_training
disable_unet_training embedding_perturbation gpuid gradient_checkpointing logdir log_step loss_type lr
lr_decay_steps lr_scheduler lr_warmup_steps no_prepend_last no_save_ckpt optimizer_config plugins project_name
resume_ckpt run_name sample_prompts sample_steps save_ckpt_dir save_every_n_epochs save_ckpts_from_n_epochs
save_full_precision save_optimizer timestep_start timestep_end train_sampler wandb write_schedule
zero_frequency_noise_ratio enable_zero_terminal_snr load_settings_every_epoch min_snr_gamma ema_decay_rate
ema_strength_target ema_update_interval ema_device ema_sample_nonema_model ema_sample_ema_model ema_resume_model
pyramid_noise_discount notebook
"""
_OTHER_KEYS: Final = frozenset(_OTHER_NAMES.split())
"""Keys that do not concern the dataset."""

_SAME_AS: Final[Mapping[str, str]] = {
    "batch_size": "batch_size",
    "grad_accum": "gradient_accumulation_steps",
    "max_epochs": "max_train_epochs",
    "seed": "seed",
}
_SIGNS: Final = 3
_SHIPPED_VALIDATION: Final = "validation_default.json"
_OF_FILE: Final[Mapping[str, str]] = {
    "multiply": "num_repeats",
    "cond_dropout": "caption_dropout_rate",
    "flip_p": "flip_aug",
    "loss_scale": "loss_scale",
}
"""What folder files set -> setting."""


def config_kind(data: Mapping[str, Any], form: str) -> DocumentKind | None:
    """A train.json has `data_root`, or several of the keys that only this trainer has."""
    if form != "json":
        return None
    known = set(data) & (set(everydream.SETTINGS) | _OTHER_KEYS)
    return "training" if "data_root" in data or (len(known) >= _SIGNS and len(known) * 2 >= len(data)) else None


def configured(documents: Sequence[Document]) -> TrainingConfig:
    """One dataset with a part for each folder that `data_root` names. The first document counts."""
    document = documents[0]
    data = document.data

    def given(name: str, key: str, value: Any, default: Any) -> Given:
        is_told = data.get(key) is not None and has_kind(data[key], everydream.SETTINGS[key].literal)
        return Given(name, value if is_told else default, key, document.place((key,)) if is_told else None)

    side = data.get("resolution")
    square = side if isinstance(side, int) else everydream.SETTINGS["resolution"].default
    shared = {
        "caption_dropout_rate": given(
            "caption_dropout_rate",
            "cond_dropout",
            data.get("cond_dropout"),
            everydream.SETTINGS["cond_dropout"].default,
        ),
        "shuffle_caption": given("shuffle_caption", "shuffle_tags", data.get("shuffle_tags"), False),
        # The first part of a caption is its prompt, which is never moved.
        "keep_tokens": Given("keep_tokens", 1, "main prompt"),
        "num_repeats": Given("num_repeats", 1.0, "multiply"),
        "loss_scale": Given("loss_scale", 1.0, "loss_scale"),
        "flip_aug": Given("flip_aug", 0.0, "flip_p"),
        "caption_tag_dropout_rate": Given("caption_tag_dropout_rate", 0.0, "caption_tag_dropout_rate"),
    }
    roots = list(_roots(data.get("data_root"), ("data_root",)))
    subsets = tuple(
        ConfiguredSubset("tree", document.place(path), folder=folder, settings=shared) for folder, path in roots
    )
    settings = {
        name: given(name, key, data.get(key), everydream.SETTINGS[key].default) for key, name in _SAME_AS.items()
    }
    batch_size = settings.pop("batch_size")
    if data.get("disable_textenc_training") is True:
        place = document.place(("disable_textenc_training",))
        settings["train_text_encoder"] = Given("train_text_encoder", False, "disable_textenc_training", place)
    of_dataset = {
        "resolution": given("resolution", "resolution", (square, square), (512, 512)),
        "batch_size": batch_size,
        "enable_bucket": Given("enable_bucket", True, "aspect ratios"),
    }
    share = _validation_share(document, documents[1:])
    if share is not None:
        of_dataset["validation_split"] = share
    return TrainingConfig(
        trainer=everydream.TRAINER,
        version=everydream.VERSION,
        files=tuple(one.file for one in documents),
        settings=settings,
        datasets=(ConfiguredDataset(document.place(("data_root",)), of_dataset, subsets),),
        problems=placed(document, [*document.text_problems, *_problems(data)]),
    )


def named_files(document: Document) -> tuple[Given, ...]:
    """The settings of the validation, which stand in a file of their own."""
    name = document.data.get("validation_config")
    if document.kind != "training" or not isinstance(name, str):
        return ()
    return (Given("validation_config", name, "validation_config", document.place(("validation_config",))),)


def _validation_share(document: Document, others: Sequence[Document]) -> Given | None:
    """The share of the images that the validation takes out of the training; None where it takes none."""
    name = document.data.get("validation_config")
    if not isinstance(name, str):
        return None
    place = document.place(("validation_config",))
    if not others:
        if name.replace("\\", "/").rpartition("/")[2] != _SHIPPED_VALIDATION:
            return None
        return Given("validation_split", everydream.VALIDATION_SHARE, "validation_config", place)
    data = others[0].data
    if data.get("validate_training") is not True or data.get("val_split_mode") != "automatic":
        return None
    share = data.get("auto_split_proportion", everydream.VALIDATION_SHARE)
    return Given("validation_split", float(share), "validation_config", place) if has_kind(share, "number") else None


def _roots(value: Any, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    """The folders that `data_root` names: one, a list of them, or resolvers with paths."""
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, Mapping):
        if value.get("resolver") == "multi":
            yield from _roots(value.get("resolvers", []), (*path, "resolvers"))
        elif isinstance(value.get("path"), str):
            yield value["path"], (*path, "path")
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _roots(member, (*path, number))


def _problems(data: Mapping[str, Any]) -> Iterator[ConfigProblem]:
    """Values on which the trainer fails, and those that it never looks at."""
    for key, value in data.items():
        known = everydream.SETTINGS.get(key)
        if known is None:
            if key not in _OTHER_KEYS:
                names = sorted(_OTHER_KEYS | set(everydream.SETTINGS))
                nearest = difflib.get_close_matches(key, names, n=1, cutoff=0.8)
                if nearest:
                    yield ConfigProblem("unread-option", (key,), {"key": key, "nearest": nearest[0]}, stops=False)
        elif key == "data_root":
            if not any(True for _ in _roots(value, (key,))):
                yield ConfigProblem("no-data-root", (key,), {"found": kind_of(value)})
        elif value is None:
            continue
        elif not has_kind(value, known.literal):
            yield ConfigProblem("wrong-type", (key,), {"key": key, "expected": known.literal, "found": kind_of(value)})
        elif key in everydream.INEFFECTIVE_SETTINGS and value:
            yield ConfigProblem("ineffective", (key,), {"key": key, "value": value}, stops=False)
        elif key == "resolution" and everydream.table_side(value) is None:
            known_sides = tuple(str(side) for side in everydream.RESOLUTIONS)
            yield ConfigProblem("resolution-refused", (key,), {"value": value, "known": known_sides})
        elif isinstance(value, bool) and known.literal in ("int", "number"):
            yield ConfigProblem("bool-for-number", (key,), {"key": key, "value": value}, stops=False)
    if "data_root" not in data:
        yield ConfigProblem("no-data-root", ("data_root",), {"found": "null"})


def with_folder_settings(
    config: TrainingConfig | None, folders: Mapping[str, Mapping[str, Any]]
) -> TrainingConfig | None:
    """The config with one part for each folder that holds images, with what its control files set.

    `folders` gives the control files of each folder that holds images or lies above one, by name; keys are paths
    relative to the dataset, `.` for its root, parents before their children. Without a train.json only these files
    tell anything, and nothing is known where there are none.
    """
    if config is None and not any(folders.values()):
        return None
    whole = config if config is not None else _of_folders_alone()
    shared = whole.subsets[0].settings if whole.subsets else {}
    inherited: dict[str, everydream.Fields] = {}
    subsets = []
    problems: list[PlacedProblem] = list(whole.problems)
    for folder, files in folders.items():
        parent = inherited.get(folder.rpartition("/")[0] or ".", everydream.NOTHING)
        inherited[folder] = everydream.inherited_fields(parent if folder != "." else everydream.NOTHING, files)
        local = everydream.local_fields(files)
        place = next((subset.place for subset in whole.subsets if _holds(subset.located, folder)), None)
        if place is None and config is not None and whole.subsets:
            continue
        own = _settings_of(folder, inherited[folder].under(local), files, folders)
        subsets.append(
            ConfiguredSubset(
                "folder",
                place or Place(_named(folder, "multiply.txt")),
                folder=folder,
                settings={**shared, **own},
                located=(folder,),
            )
        )
        problems += _file_problems(folder, files)
    if not whole.datasets:
        return replace(whole, datasets=(ConfiguredDataset(Place("."), {}, tuple(subsets)),), problems=tuple(problems))
    missing = tuple(subset for subset in whole.subsets if not subset.located)
    first = replace(whole.datasets[0], subsets=(*missing, *subsets))
    return replace(whole, datasets=(first,), problems=tuple(problems))


def _of_folders_alone() -> TrainingConfig:
    return TrainingConfig(
        everydream.TRAINER, everydream.VERSION, files=(), settings={}, datasets=(), tells_training=False
    )


def _holds(roots: Sequence[str], folder: str) -> bool:
    return any(root in (".", folder) or folder.startswith(f"{root}/") for root in roots)


def _settings_of(
    folder: str,
    fields: "everydream.Fields",
    files: Mapping[str, Any],
    folders: Mapping[str, Mapping[str, Any]],
) -> dict[str, Given]:
    found = {}
    for key, name in _OF_FILE.items():
        value = getattr(fields, key)
        if value is not None:
            found[name] = Given(name, value, key, Place(_source(folder, key, files, folders)))
    if fields.shuffle_tags:
        source = _source(folder, "shuffle_tags", files, folders)
        found["shuffle_caption"] = Given("shuffle_caption", True, "shuffle_tags", Place(source))
    return found


def _source(folder: str, key: str, files: Mapping[str, Any], folders: Mapping[str, Mapping[str, Any]]) -> str:
    """The file that has the last word on a setting of a folder."""
    for name in reversed(everydream.LOCAL_FILES):
        content = files.get(name)
        if name == f"{key}.txt" and name in files:
            return _named(folder, name)
        if isinstance(content, Mapping) and key in content:
            return _named(folder, name)
    current = folder
    while True:
        for name in reversed(everydream.GLOBAL_FILES):
            content = folders.get(current, {}).get(name)
            if isinstance(content, Mapping) and key in content:
                return _named(current, name)
        if current == ".":
            return _named(folder, f"{key}.txt")
        current = current.rpartition("/")[0] or "."


def _file_problems(folder: str, files: Mapping[str, Any]) -> Iterator[PlacedProblem]:
    for name, content in sorted(files.items()):
        is_number = name.endswith(".txt") and name not in ("batch_id.txt", "shuffle_tags.txt")
        if is_number and isinstance(content, str) and everydream.number_in(content) is None:
            values = {"key": name.removesuffix(".txt"), "value": content.strip()[:40]}
            yield PlacedProblem("no-number", Place(_named(folder, name)), values)


def _named(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"
