"""From what was named on the command line to folders that are listed, and what the configs among it say.

Paths in a config count as the trainer takes them: relative ones from the folder where it is started. Nobody knows that
folder here, so the current one is tried first, then the config's own. A dataset that was moved, or that a Windows path
names on another system, is found below a folder that is given besides.
"""

import ntpath
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from tagmetry.configs.documents import CONFIG_SUFFIXES, Read, read_config, read_plain_json, shown_names
from tagmetry.errors import UsageError
from tagmetry.layouts.pairing import is_image_name
from tagmetry.layouts.tree import dataset_root
from tagmetry.messages import Message, message
from tagmetry.trainers import TRAINERS
from tagmetry.trainers.settings import ConfiguredSubset, PlacedProblem, TrainingConfig

_MOST_DOCUMENTS: Final = 12


@dataclass(frozen=True, slots=True)
class Sources:
    """What is audited: the folders to be listed below `root`, and the configs as one.

    `claimed` are configs that lie inside the root. `metadata` gives for each metadata file as it is written the file
    that was found.
    """

    root: Path
    folders: tuple[Path, ...]
    config: TrainingConfig | None = None
    claimed: tuple[str, ...] = ()
    metadata: dict[str, Path] | None = None


def sources_of(paths: Sequence[Path]) -> Sources:
    """Raises UsageError for a path that is neither a folder nor a config, and where no folder is found at all."""
    for path in paths:
        if path.suffix.lower() in CONFIG_SUFFIXES and not path.exists():
            raise UsageError(
                message("there is no file {path}", path=str(path)),
                message("give a folder of images, or a trainer's config"),
            )
    files = [path for path in paths if path.is_file()]
    given = [path for path in paths if path not in files]
    if not files:
        root, folders = dataset_root(given)
        return Sources(root, folders)
    known = dataset_root(given)[1] if given else ()
    read, config_paths, missing = _all_read(files, known)
    finder = _Finder(known, read[0].document.folder)
    module = TRAINERS[read[0].trainer]
    config = module.configured([one.document for one in read], finder.subfolders)
    config = replace(config, problems=(*config.problems, *missing))
    config, found, metadata = _located(config, finder)
    if not found and not known:
        raise _nothing_there(config)
    root, folders = dataset_root([*known, *found])
    config = _relative_to(root, config)
    claimed = tuple(path.relative_to(root).as_posix() for path in config_paths if root == path or root in path.parents)
    return Sources(root, folders, config, claimed, metadata)


def _all_read(files: Sequence[Path], given: Sequence[Path]) -> tuple[list[Read], list[Path], list[PlacedProblem]]:
    """The configs named on the command line, those that they name, and what is named and not there."""
    resolved = [path.resolve() for path in files]
    read = [read_config(path, shown=name) for path, name in zip(resolved, shown_names(resolved), strict=True)]
    first = read[0]
    for one in read[1:]:
        if one.trainer != first.trainer:
            raise UsageError(
                message(
                    "{one} and {other} belong to different trainers", one=first.document.file, other=one.document.file
                ),
                message("check them one by one"),
            )
    number = 0
    missing: list[PlacedProblem] = []
    while number < len(read) < _MOST_DOCUMENTS:
        document = read[number].document
        for named in TRAINERS[first.trainer].named_files(document):
            path = _Finder(given, document.folder).file(str(named.value))
            if path is None and named.place is not None:
                values = {"key": named.key, "path": str(named.value)}
                missing.append(PlacedProblem("config-missing", named.place, values, stops=True))
            if path is None or path in resolved:
                continue
            resolved.append(path)
            read.append(_read_named(path, first.trainer))
        number += 1
    kinds = [one.document.kind for one in read]
    if kinds.count("dataset") > 1:
        two = [one.document.file for one in read if one.document.kind == "dataset"][:2]
        raise UsageError(
            message("{one} and {other} are two dataset configs", one=two[0], other=two[1]),
            message("check them one by one"),
        )
    if first.trainer == "everydream" or "dataset" in kinds:
        # Without its settings of the validation the trainer goes on; of a dataset config one is enough.
        missing = []
    return read, resolved, missing


def _read_named(path: Path, trainer: str) -> Read:
    if trainer == "everydream":
        # The settings of its validation look like nothing else.
        return Read(read_plain_json(path), trainer)
    return read_config(path)


@dataclass(slots=True)
class _Finder:
    """Finds what a config names: where it says, from the current folder, beside the config, below given folders."""

    given: Sequence[Path]
    beside: Path

    def folder(self, text: str) -> Path | None:
        return self._found(text, Path.is_dir)

    def file(self, text: str) -> Path | None:
        return self._found(text, Path.is_file)

    def subfolders(self, text: str) -> tuple[str, ...]:
        folder = self.folder(text)
        if folder is None:
            return ()
        try:
            with os.scandir(folder) as listing:
                return tuple(
                    sorted(entry.name for entry in listing if entry.is_dir() and not entry.name.startswith("."))
                )
        except OSError:
            return ()

    def _found(self, text: str, is_there: Callable[[Path], bool]) -> Path | None:
        for path in self._candidates(text):
            try:
                if is_there(path):
                    return path.resolve(strict=True)
            except (OSError, ValueError, RuntimeError):
                continue
        return None

    def _candidates(self, text: str) -> list[Path]:
        if not text or "\0" in text:
            return []
        found = []
        if os.name == "nt" or not is_windows_path(text):
            # Joined to an absolute path, that path alone remains.
            found = [Path.cwd() / text, self.beside / text]
        parts = PureWindowsPath(text).parts if is_windows_path(text) else PurePosixPath(text).parts
        names = [part for part in parts if part not in (PureWindowsPath(text).anchor, "/", ".", "..")]
        for root in self.given:
            for first in range(len(names)):
                found.append(root.joinpath(*names[first:]))
                if names[first] == root.name:
                    found.append(root.joinpath(*names[first + 1 :]))
        return found


def is_windows_path(text: str) -> bool:
    return "\\" in text or bool(ntpath.splitdrive(text)[0])


def _located(config: TrainingConfig, finder: _Finder) -> tuple[TrainingConfig, list[Path], dict[str, Path]]:
    """The config with absolute paths of the folders found, those folders, and the metadata files found."""
    found: list[Path] = []
    metadata: dict[str, Path] = {}
    problems = list(config.problems)
    datasets = []
    for dataset in config.datasets:
        subsets = []
        for subset in dataset.subsets:
            if subset.metadata is not None and (file := finder.file(subset.metadata)) is not None:
                metadata[subset.metadata] = file
            elif subset.metadata is not None:
                problems.append(PlacedProblem("metadata-missing", subset.place, {"path": subset.metadata}, stops=True))
            folder = finder.folder(subset.folder) if subset.folder is not None else None
            if folder is not None:
                # Of named folders the one around them is what the config names.
                found.append(folder.parent if subset.is_named else folder)
                subset = replace(subset, located=(str(folder),))
                if subset.kind == "tree" and config.trainer == "kohya":
                    values = {"path": subset.folder}
                    problems.append(PlacedProblem("no-numbered-folders", subset.place, values, stops=True))
            elif subset.folder is not None:
                problems.append(_missing(subset, is_everydream=config.trainer == "everydream"))
            subsets.append(subset)
        datasets.append(replace(dataset, subsets=tuple(subsets)))
    problems += _unnamed(config, found)
    return replace(config, datasets=tuple(datasets), problems=tuple(problems)), found, metadata


def _missing(subset: ConfiguredSubset, *, is_everydream: bool) -> PlacedProblem:
    if is_everydream and str(subset.folder).lower().endswith(".json"):
        return PlacedProblem("list-unread", subset.place, {"path": str(subset.folder)})
    code = "folder-on-windows" if os.name != "nt" and is_windows_path(str(subset.folder)) else "folder-missing"
    return PlacedProblem(code, subset.place, {"path": str(subset.folder)}, stops=is_everydream)


def _unnamed(config: TrainingConfig, found: Sequence[Path]) -> list[PlacedProblem]:
    """Folders with images beside the folders that a config names. Only where those lie together in one folder."""
    kinds = {subset.kind for subset in config.subsets}
    parents = {folder.parent for folder in found}
    if kinds != {"folder"} or len(parents) != 1 or len(set(found)) < 2 or any(s.is_named for s in config.subsets):
        return []
    (parent,) = parents
    left = []
    n = 0
    try:
        with os.scandir(parent) as listing:
            beside = sorted(entry.name for entry in listing if entry.is_dir(follow_symlinks=False))
        for name in beside:
            if name.startswith(".") or parent / name in found:
                continue
            with os.scandir(parent / name) as listing:
                images = sum(1 for entry in listing if is_image_name(entry.name))
            if images:
                left.append(name)
                n += images
    except OSError:
        return []
    if not left:
        return []
    return [PlacedProblem("folders-unnamed", config.datasets[0].place, {"n": n, "folders": tuple(left)})]


def _relative_to(root: Path, config: TrainingConfig) -> TrainingConfig:
    def relative(path: str) -> str:
        return Path(path).relative_to(root).as_posix()

    return replace(
        config,
        datasets=tuple(
            replace(
                dataset,
                subsets=tuple(
                    replace(subset, located=tuple(relative(path) for path in subset.located))
                    for subset in dataset.subsets
                ),
            )
            for dataset in config.datasets
        ),
    )


def _nothing_there(config: TrainingConfig) -> UsageError:
    """No folder of the config is here: say which, where it is named, and what to do."""
    missing = [subset for subset in config.subsets if subset.folder is not None]
    files = ", ".join(config.files)
    for problem in config.problems:
        if problem.code == "config-missing":
            return UsageError(
                message(
                    "{file}:{line}: the file {path} is not here",
                    file=problem.place.file,
                    line=str(problem.place.line),
                    path=str(problem.values["path"]),
                ),
                message("give it as well, or the folder of the images: tagmetry check {files} FILE", files=files),
            )
    if not missing:
        return UsageError(
            message("{files} names no folder with images", files=files),
            message("give the folder as well: tagmetry check FOLDER {files}", files=files),
        )
    first = missing[0]
    if config.trainer == "everydream" and str(first.folder).lower().endswith(".json"):
        return UsageError(
            message(
                "{file}:{line}: lists of images in JSON ({path}) are not read yet",
                file=first.place.file,
                line=str(first.place.line),
                path=str(first.folder),
            ),
            message("give the folder that holds the images as well: tagmetry check FOLDER {files}", files=files),
        )
    text: Message = message(
        "{file}:{line}: the folder {folder} is not here",
        file=first.place.file,
        line=str(first.place.line),
        folder=str(first.folder),
    )
    return UsageError(
        text,
        message(
            "give the folder that holds the images as well: tagmetry check FOLDER {files}; relative paths are looked "
            "for from the current folder and from the config's own",
            files=files,
        ),
    )


def policy_paths(sources: Sources, paths: Sequence[Path]) -> list[Path]:
    """Where a policy is looked for: from a config upward, unless it lies in the dataset, whose files are data."""
    found = []
    for path in paths:
        real = path.resolve()
        is_inside = path.is_file() and (sources.root == real.parent or sources.root in real.parents)
        found.append(sources.root if is_inside else path)
    return found
