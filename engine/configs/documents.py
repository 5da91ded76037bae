"""Trainers' config files read from disk: TOML, JSON, and command lines in scripts, as data with places."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tagmetry.configs.command_lines import SHELLS, Argument, command_line
from tagmetry.configs.places import Places, json_places, toml_places
from tagmetry.errors import UsageError
from tagmetry.messages import message
from tagmetry.trainers import TRAINERS, ConfigProblem, KeyPath
from tagmetry.trainers.old_toml import toml_text_problems
from tagmetry.trainers.settings import Document

LARGEST_CONFIG_BYTES: Final = 1 << 24
DEEPEST: Final = 60
CONFIG_SUFFIXES: Final = (".toml", ".json", *SHELLS)

_OTHERS: Final[Mapping[str, frozenset[str]]] = {
    "musubi": frozenset({"image_directory", "image_jsonl_file", "video_directory", "video_jsonl_file"}),
    "diffusion-pipe": frozenset({"directory", "resolutions", "enable_ar_bucket"}),
    "ai-toolkit": frozenset({"job", "process", "folder_path"}),
    "onetrainer": frozenset({"concept_file_name", "training_method", "balancing"}),
    "simpletuner": frozenset({"instance_data_dir", "cache_dir_vae", "caption_strategy"}),
}
"""Trainers that are not modelled yet, by keys that give their configs away."""


@dataclass(frozen=True, slots=True)
class Read:
    """A config with the trainer that reads it."""

    document: Document
    trainer: str


def read_config(path: Path, *, shown: str | None = None) -> Read:
    """One config. Raises UsageError, with file and line, for a file that is none or cannot be read."""
    file = path.name if shown is None else shown
    suffix = path.suffix.lower()
    if suffix not in CONFIG_SUFFIXES:
        raise UsageError(
            message("{path} is a file, and neither a folder nor a trainer's config", path=str(path)),
            message("give the folder that holds the images, or a config: {suffixes}", suffixes=CONFIG_SUFFIXES),
        )
    return parsed_config(_text(path, file), file=file, suffix=suffix, folder=path.parent)


def parsed_config(text: str, *, file: str, suffix: str, folder: Path) -> Read:
    """A config's text with the trainer that reads it. Raises UsageError."""
    if suffix == ".toml":
        data, places, problems = _toml(text, file)
        form = "toml"
    elif suffix == ".json":
        data, places, problems = _json(text, file)
        form = "json"
    else:
        data, places, problems = _command(text, suffix, file)
        form = "command"
    for name, trainer in TRAINERS.items():
        kind = trainer.config_kind(data, form)
        if kind is not None:
            document = Document(file, folder, data, places, kind, tuple(problems))
            return Read(document, name)
    raise _unknown(file, data)


def _unknown(file: str, data: Mapping[str, Any]) -> UsageError:
    keys = set(_keys(data, depth=4))
    for name, signs in _OTHERS.items():
        if keys & signs:
            return UsageError(
                message("{file} looks like a config of {trainer}, which is not modelled yet", file=file, trainer=name),
                message("give the folder that holds the images, with --trainer {trainer}", trainer=name),
            )
    return UsageError(
        message("{file} is no config of a trainer that is known here", file=file),
        message(
            "known are: dataset configs, --config_file and command lines of sd-scripts, the GUI's JSON, fine-tuning "
            "metadata, and EveryDream's train.json"
        ),
    )


def _keys(value: Any, *, depth: int) -> set[str]:
    found: set[str] = set()
    if depth and isinstance(value, Mapping):
        for key, member in value.items():
            found |= {str(key)} | _keys(member, depth=depth - 1)
    elif depth and isinstance(value, list):
        for member in value[:20]:
            found |= _keys(member, depth=depth - 1)
    return found


def _text(path: Path, file: str) -> str:
    try:
        with path.open("rb") as opened:
            data = opened.read(LARGEST_CONFIG_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(message("{file} cannot be read: {reason}", file=file, reason=reason)) from error
    if len(data) > LARGEST_CONFIG_BYTES:
        raise UsageError(message("{file} is larger than {limit:bytes}", file=file, limit=LARGEST_CONFIG_BYTES))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if path.suffix.lower() in (".bat", ".cmd", ".ps1"):
            # Windows scripts are written in the code page of the system; only paths can hold more than ASCII.
            return data.decode("cp932", errors="replace")
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(
            message("{file}:{line}: this is not UTF-8", file=file, line=str(line)), message("save the file as UTF-8")
        ) from error


Parsed = tuple[dict[str, Any], Places, list[ConfigProblem]]


def _toml(text: str, file: str) -> Parsed:
    problems = toml_text_problems(text)
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise _toml_error(problems, str(error), file) from error
    if _depth(data) > DEEPEST:
        raise UsageError(message("{file}: tables and lists lie too deep within each other", file=file))
    return data, toml_places(text.removeprefix("\ufeff").replace("\r\n", "\n")), problems


def _toml_error(problems: Sequence[ConfigProblem], reason: str, file: str) -> UsageError:
    for problem in problems:
        if problem.code == "backslash-in-string":
            return UsageError(
                message(
                    "{file}:{line}:{column}: {escape} means nothing in double quotes, and the trainer stops here",
                    file=file,
                    line=str(problem.values["line"]),
                    column=str(problem.values["column"]),
                    escape=problem.values["escape"],
                ),
                message("write Windows paths in single quotes ('C:\\data'), or with forward slashes"),
            )
    return UsageError(message("{file}: this is no valid TOML: {reason}", file=file, reason=reason))


def _json(text: str, file: str) -> Parsed:
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        place = {"line": str(error.lineno), "column": str(error.colno)}
        text_of = message(
            "{file}:{line}:{column}: this is no valid JSON: {reason}", file=file, reason=error.msg, **place
        )
        raise UsageError(text_of) from error
    except (RecursionError, ValueError) as error:
        raise UsageError(message("{file} cannot be read as JSON", file=file)) from error
    if not isinstance(data, dict):
        raise _unknown(file, {"": data})
    if _depth(data) > DEEPEST:
        raise UsageError(message("{file}: tables and lists lie too deep within each other", file=file))
    problems = [ConfigProblem("byte-order-mark", values={"line": 1, "column": 1})] if text.startswith("\ufeff") else []
    return data, json_places(text.removeprefix("\ufeff").replace("\r\n", "\n")), problems


def _depth(value: Any) -> int:
    """Levels of tables and lists within each other, counted up to a little over the limit."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        members = [one for one in level if isinstance(one, dict | list)]
        level = [part for one in members for part in (one.values() if isinstance(one, dict) else one)]
        depth += bool(members)
        if not members:
            break
    return depth


def _command(text: str, suffix: str, file: str) -> Parsed:
    found = command_line(text.removeprefix("\ufeff"), SHELLS[suffix])
    if found is None:
        raise UsageError(
            message("{file} starts no training script", file=file),
            message("looked for a line such as: accelerate launch train_network.py --dataset_config=..."),
        )
    data: dict[str, Any] = {}
    places: Places = {}
    problems = []
    for argument in found.arguments:
        path: KeyPath = (argument.key,)
        places[path] = (argument.line, argument.column)
        if argument.unknown:
            values = {"key": argument.key, "variable": argument.unknown}
            problems.append(ConfigProblem("unknown-variable", path, values, stops=False))
            continue
        data[argument.key] = _argument_value(argument)
    if found.script.lower().startswith("sdxl"):
        data.setdefault("sdxl", True)
    return data, places, problems


def _argument_value(argument: Argument) -> Any:
    if not argument.values:
        return True
    return argument.values[0] if len(argument.values) == 1 else list(argument.values)


def shown_names(paths: Sequence[Path]) -> list[str]:
    """A short name for each file: its own, or with its folder's where several are of one name."""
    names = [path.name for path in paths]
    return [f"{path.parent.name}/{path.name}" if names.count(path.name) > 1 else path.name for path in paths]


def read_plain_json(path: Path) -> Document:
    """A JSON file that a train.json names. Raises UsageError."""
    data, places, problems = _json(_text(path, path.name), path.name)
    return Document(path.name, path.parent, data, places, "training", tuple(problems))
