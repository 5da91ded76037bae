"""The dataset that a config names: from a listing and the config to images, captions, folders and roles."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from tagmetry.configs.sources import Sources
from tagmetry.dataset import Excluded
from tagmetry.errors import UsageError
from tagmetry.layout import FolderReading, Reading
from tagmetry.layouts import everydream_tree, kohya_folders, plain_folders
from tagmetry.layouts.pairing import Sorting, folder_of, folder_titles, leave_out, sorted_files
from tagmetry.layouts.tree import Tree
from tagmetry.messages import message
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.profile import Profile
from tagmetry.trainers import TRAINERS, everydream, kohya
from tagmetry.trainers.settings import ConfiguredSubset, PlacedProblem, TrainingConfig

LAYOUT: Final = "trainer-config"
LARGEST_METADATA_BYTES: Final = 1 << 30
_LARGEST_SETTING_BYTES: Final = 1 << 16
_SHOWN_KEYS: Final = 5
_DEFAULT_REPEATS: Final = 1.0


def configured_reading(tree: Tree, profile: Profile, sources: Sources) -> tuple[Reading, TrainingConfig] | None:
    """What the config says the dataset is, and the config with what came out on the way. None: it names no images."""
    config = sources.config
    if config is None or not any(subset.located for subset in config.subsets):
        return None
    if config.trainer == everydream.TRAINER:
        found = everydream_tree.layout.read(tree, profile), config
    elif any(subset.kind == "tree" for subset in config.subsets):
        reading = plain_folders.layout.read(tree, profile)
        found = replace(reading, trainer=config.trainer), config
    else:
        found = _KohyaReading(tree, config, sources.metadata or {}).read()
    return found


def line_by_line(config: TrainingConfig | None) -> frozenset[str]:
    """The folders of the config in whose caption files every line is a caption of its own (wildcards)."""
    if config is None or config.trainer != kohya.TRAINER:
        return frozenset()
    return frozenset(path for subset in config.subsets if subset.value("enable_wildcard") for path in subset.located)


def with_control_files(
    config: TrainingConfig | None, tree: Tree, reading: Reading, trainer: str
) -> TrainingConfig | None:
    """The config with what the trainer's control files in the dataset set; for EveryDream also where there is none."""
    if trainer != everydream.TRAINER:
        return config
    folders: dict[str, dict[str, Any]] = {}
    for folder in reading.folders:
        above = ["."] + ["/".join(folder.path.split("/")[: n + 1]) for n in range(folder.path.count("/") + 1)]
        for path in above if folder.path != "." else ["."]:
            folders.setdefault(path, {})
    names = frozenset((*everydream.GLOBAL_FILES, *everydream.LOCAL_FILES))
    for folder_path, files in folders.items():
        for name in tree.files_in.get(folder_path, ()):
            if name in names:
                files[name] = _setting(tree, name if folder_path == "." else f"{folder_path}/{name}")
    with_images = {folder.path for folder in reading.folders}
    config = TRAINERS[trainer].with_folder_settings(
        config, dict(sorted(folders.items(), key=lambda item: _depth(item[0])))
    )
    if config is None:
        return None
    datasets = tuple(
        replace(dataset, subsets=tuple(part for part in dataset.subsets if _is_used(part, with_images)))
        for dataset in config.datasets
    )
    return replace(config, datasets=datasets)


def _is_used(subset: ConfiguredSubset, with_images: set[str]) -> bool:
    return not subset.located or subset.located[0] in with_images


def _depth(path: str) -> tuple[int, str]:
    return (0 if path == "." else path.count("/") + 1, path)


def _setting(tree: Tree, path: str) -> Any:
    """A control file's text, or the mapping of a YAML file; an empty one for what cannot be read."""
    try:
        data = tree.read_bytes(path, _LARGEST_SETTING_BYTES)
    except OSError:
        return ""
    if not path.endswith((".yaml", ".yml")):
        return everydream.decode_text(data)
    try:
        return to_data(read_yaml(data, file=path))
    except PolicyError:
        return {}


@dataclass(slots=True)
class _KohyaReading:
    """sd-scripts: images that lie directly in the folders of subsets, or that a metadata file lists."""

    tree: Tree
    config: TrainingConfig
    metadata: Mapping[str, Path]
    problems: list[PlacedProblem] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """Image -> caption of a metadata file."""

    def read(self) -> tuple[Reading, TrainingConfig]:
        subsets: dict[str, ConfiguredSubset] = {}
        for subset in self.config.subsets:
            for folder in subset.located:
                subsets.setdefault(folder, subset)
        sorting = sorted_files(self.tree)
        unread = {folder_of(path) for path in self.tree.paths} - set(subsets)
        is_named = any(subset.is_named for subset in subsets.values())
        if is_named:
            text = message("kohya trains only what lies directly in a folder named N_name")
            leave_out(sorting, frozenset(unread), id="not-in-a-kohya-folder", text=text)
        else:
            text = message("the config names no folder in which this file lies")
            leave_out(sorting, frozenset(unread), id="not-in-the-config", text=text)
        for folder, subset in subsets.items():
            self._other_captions(sorting, folder, subset)
            if subset.metadata is not None:
                self._listed(sorting, folder, subset)
        by_folder: dict[str, list[str]] = {folder: [] for folder in subsets}
        for image in sorted(sorting.images):
            by_folder[folder_of(image)].append(image)
        files, used = {}, set()
        for folder, subset in subsets.items():
            if subset.metadata is None:
                files.update(self._captions(sorting, by_folder[folder], subset))
                used |= {file for file in files.values() if file is not None}
            elif not by_folder[folder]:
                self._empty(folder, subset)
        for folder, subset in subsets.items():
            if subset.metadata is None and not by_folder[folder]:
                self._empty(folder, subset)
        return self._reading(sorting, subsets, by_folder, files, used)

    def _reading(
        self,
        sorting: Sorting,
        subsets: Mapping[str, ConfiguredSubset],
        by_folder: Mapping[str, list[str]],
        files: Mapping[str, str | None],
        used: set[str],
    ) -> tuple[Reading, TrainingConfig]:
        folders = sorted(folder for folder, images in by_folder.items() if images)
        order = {folder: number for number, folder in enumerate(folders)}
        titles = folder_titles(self.tree, folders)
        images = sorted(image for of_folder in by_folder.values() for image in of_folder)
        orphans = []
        for of_stem in sorting.captions.values():
            for path in of_stem.values():
                if path in used:
                    continue
                if any(other in used for other in of_stem.values()):
                    text = message("another ending is read as the caption here")
                    self.excluded.append(Excluded(path, "second-caption", text))
                elif subsets[folder_of(path)].metadata is not None:
                    text = message("captions are read from the metadata file here")
                    self.excluded.append(Excluded(path, "not-the-manifest", text))
                else:
                    orphans.append(path)
        reading = Reading(
            layout=LAYOUT,
            images=tuple(images),
            folder_of=tuple(order[folder_of(image)] for image in images),
            folders=tuple(self._folder(folder, subsets[folder], titles[folder]) for folder in folders),
            caption_files=tuple(files.get(image) for image in images),
            caption_texts=tuple(self.texts.get(image) for image in images),
            orphan_captions=tuple(sorted(orphans)),
            excluded=tuple(
                sorted((*self.tree.excluded, *sorting.excluded, *self.excluded), key=lambda entry: entry.path)
            ),
            problems=self.tree.problems,
            trainer=self.config.trainer,
        )
        return reading, replace(self.config, problems=(*self.config.problems, *self.problems))

    def _folder(self, folder: str, subset: ConfiguredSubset, title: str) -> FolderReading:
        feeding = [one for one in self.config.subsets if folder in one.located and (one.value("num_repeats") or 0) >= 1]
        repeats = sum(one.value("num_repeats") for one in _first_per_text(feeding, self.config))
        tokens = subset.value("class_tokens")
        reading = kohya_folders.reading_of(folder, 1, tokens if isinstance(tokens, str) else "")
        return replace(
            reading,
            concept=tokens if isinstance(tokens, str) and tokens else title,
            repeats=float(repeats) or _DEFAULT_REPEATS,
            role="regularization" if subset.is_regularization else "train",
        )

    def _other_captions(self, sorting: Sorting, folder: str, subset: ConfiguredSubset) -> None:
        """Captions of an ending of the config's own, which nobody else takes for captions."""
        suffix = _extension(subset)
        if suffix in (".txt", ".caption", ""):
            return
        kept = []
        for entry in sorting.excluded:
            if entry.id == "other-file" and folder_of(entry.path) == folder and entry.path.endswith(suffix):
                sorting.captions.setdefault(entry.path[: -len(suffix)], {})[suffix] = entry.path
            else:
                kept.append(entry)
        sorting.excluded = kept

    def _captions(self, sorting: Sorting, images: list[str], subset: ConfiguredSubset) -> dict[str, str | None]:
        """The caption file of each image. Where not one has the config's ending, those of another are audited."""
        suffix = _extension(subset)
        by_suffix = {
            ending: self._with_ending(sorting, images, ending) for ending in dict.fromkeys((suffix, ".txt", ".caption"))
        }
        chosen = by_suffix[suffix]
        if any(chosen.values()) or not images:
            return chosen
        for ending, found in by_suffix.items():
            named = [image for image, file in found.items() if file is not None]
            if named:
                given = subset.settings.get("caption_extension")
                place = given.place if given is not None and given.place is not None else subset.place
                values = {"n": len(named), "total": len(images), "extension": suffix, "found": ending}
                self.problems.append(PlacedProblem("captions-elsewhere", place, values, paths=tuple(named)))
                return found
        return chosen

    def _with_ending(self, sorting: Sorting, images: list[str], suffix: str) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for image in images:
            stem = image[: -len(PurePosixPath(image).suffix)]
            file = sorting.captions.get(stem, {}).get(suffix)
            name = stem.rpartition("/")[2]
            if file is None and name.count("_") >= kohya.FACE_PARTS and not name.startswith("_"):
                # Left from face cropping: a name with four more parts takes the caption of the one without them.
                file = sorting.captions.get("_".join(stem.split("_")[: -kohya.FACE_PARTS]), {}).get(suffix)
            found[image] = file
        return found

    def _empty(self, folder: str, subset: ConfiguredSubset) -> None:
        path = subset.folder if subset.folder is not None else folder
        self.problems.append(PlacedProblem("folder-empty", subset.place, {"path": path}))

    def _listed(self, sorting: Sorting, folder: str, subset: ConfiguredSubset) -> None:
        """Captions from a metadata file; images that it does not list are left out."""
        file = self.metadata.get(str(subset.metadata))
        if file is None:
            return
        root = Path(self.tree.root)
        if root in file.parents:
            path = file.relative_to(root).as_posix()
            sorting.excluded = [entry for entry in sorting.excluded if entry.path != path]
            self.excluded.append(Excluded(path, "manifest", message("manifest, read for its captions")))
        present = {image for image in sorting.images if folder_of(image) == folder}
        separator, wildcard = subset.value("caption_separator") or ",", bool(subset.value("enable_wildcard"))
        missing = []
        for key, entry in _entries(file):
            image = _image_of(key, folder, root)
            if image not in present:
                missing.append(key)
                continue
            caption, tags = entry.get("caption"), entry.get("tags")
            self.texts[image] = kohya.metadata_caption(
                caption if isinstance(caption, str) else None,
                tags if isinstance(tags, str) else None,
                separator=separator,
                enable_wildcard=wildcard,
            )
        if missing:
            values = {"n": len(missing), "names": tuple(missing[:_SHOWN_KEYS]), "path": file.name}
            self.problems.append(PlacedProblem("metadata-without-image", subset.place, values, stops=True))
        unlisted = sorted(present - self.texts.keys())
        if unlisted:
            gone = set(unlisted)
            sorting.images = [image for image in sorting.images if image not in gone]
            text = message("the metadata file does not list it")
            self.excluded.extend(Excluded(path, "not-in-metadata", text, is_image=True) for path in unlisted)
            values = {"n": len(unlisted), "total": len(present), "path": file.name}
            self.problems.append(PlacedProblem("images-unlisted", subset.place, values))


def _first_per_text(subsets: list[ConfiguredSubset], config: TrainingConfig) -> Iterator[ConfiguredSubset]:
    """Of subsets of one dataset with the same text the first alone is trained."""
    for dataset in config.datasets:
        seen = set()
        for subset in dataset.subsets:
            if subset in subsets and subset.folder not in seen:
                seen.add(subset.folder)
                yield subset


def _extension(subset: ConfiguredSubset) -> str:
    value = subset.value("caption_extension")
    return kohya.caption_extension(value if isinstance(value, str) else kohya.CAPTION_EXTENSION)


def _image_of(key: str, folder: str, root: Path) -> str:
    """The path of a metadata key relative to the dataset. Of an absolute path elsewhere the name counts."""
    key = key.replace("\\", "/")
    if PurePosixPath(key).is_absolute() or key[1:2] == ":":
        try:
            return Path(key).relative_to(root).as_posix()
        except ValueError:
            key = key.rpartition("/")[2]
    return key if folder == "." else f"{folder}/{key}"


def _entries(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Keys and entries of fine-tuning metadata, JSON or JSON lines. Raises UsageError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_METADATA_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or message("it is not UTF-8").english()
        raise UsageError(message("{file} cannot be read: {reason}", file=file.name, reason=reason)) from error
    if file.suffix == ".jsonl":
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                entry = _parsed(line, file.name, number)
                if isinstance(entry, dict) and isinstance(entry.get("image_path"), str):
                    yield entry["image_path"], entry
        return
    whole = _parsed(text, file.name, 0)
    if not isinstance(whole, dict):
        raise UsageError(message("{file}: fine-tuning metadata is a table of images", file=file.name))
    for key, entry in whole.items():
        yield key, entry if isinstance(entry, dict) else {}


def _parsed(text: str, file: str, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = {"line": str(line or error.lineno), "column": str(error.colno)}
        raise UsageError(
            message("{file}:{line}:{column}: this is no valid JSON: {reason}", file=file, reason=error.msg, **place)
        ) from error
    except (RecursionError, ValueError) as error:
        raise UsageError(message("{file} cannot be read as JSON", file=file)) from error
