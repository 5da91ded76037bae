"""EveryDream2's settings: a tree of multiply.txt for the folders that hold images, and what belongs in train.json.

The tree mirrors the dataset; its owner copies it over the images, since nothing is written into a dataset. README.txt
says how, and what the tree changes.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagmetry.api import (
    CannotExport,
    Context,
    File,
    FolderPlan,
    Message,
    Plural,
    Report,
    Reporter,
    TechniqueId,
    message,
    option,
)
from tagmetry.reporters.trainers.exposures import (
    TrainedFolder,
    dataset_place,
    edits,
    exposure_members,
    inexpressible_techniques,
    left_out,
    not_exported,
    placed,
    preservation_members,
    refuse_manifests,
    residuals,
    trained_folders,
    verdict,
    why_unbalanced,
)
from tagmetry.reporters.trainers.prose import Section, lines
from tagmetry.trainers import everydream, kohya

README: Final = "README.txt"
SETTINGS: Final = "train-settings.json"
README_WIDTH: Final = 88
FRACTION_DIGITS: Final = 4

FOREIGN_MODELS: Final = ("sdxl", "flux")
"""The trainer has one text encoder and the U-Net of Stable Diffusion 1 and 2."""

_MULTIPLY: Final = "multiply.txt"
_LOSS_SCALE: Final = "loss_scale.txt"
_LOCAL: Final = "local.yaml"
_LOCAL_NAMES: Final = ("local.yaml", "local.yml")


@dataclass(frozen=True, slots=True)
class Options:
    root: str | None = option(None, "Folder of the dataset on the machine that trains; data_root is written from it.")
    balance: bool = option(True, "Multipliers as planned; false writes the repeats as they were found.")
    randomize: bool = option(True, "Tags shuffled as planned; false leaves captions as they are.")
    fractions: bool = option(
        False, "Multipliers as wanted, with fractions: epochs keep their length, and what is drawn is chosen by chance."
    )


reporter = Reporter(
    "everydream",
    doc="A tree of multiply.txt for EveryDream2, with the settings for train.json and a README.",
    kind="folder",
    options=Options,
)


@dataclass(frozen=True, slots=True)
class _Export:
    """Everything that is decided before a line is written. `exposures`: per image and epoch, by path of folder.

    `roots` are the folders that the trainer walks, relative to the dataset. `unset` says why a setting is missing.
    `captioned` are folders without any caption that get one from here, since the trainer would take the file names.
    """

    report: Report
    options: Options
    folders: tuple[TrainedFolder, ...]
    exposures: Mapping[str, float]
    roots: tuple[str, ...]
    settings: Mapping[str, Any]
    unset: tuple[Message, ...]
    captioned: frozenset[str]

    @property
    def shuffles(self) -> bool:
        return bool(self.options.randomize and self.report.plan.settings.get("shuffle_caption"))

    @property
    def loss_scale(self) -> float:
        """The weight of regularization images; 1 where there are none."""
        return float(self.report.plan.settings.get("prior_loss_weight", 1.0))


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    """Raises CannotExport for what EveryDream2 would misread."""
    export = _decided(report, options)
    readme = "\n".join(lines(tuple(_readme(export)), context, width=README_WIDTH)) + "\n"
    yield File(README, readme)
    yield File(SETTINGS, _settings_text(export.settings))
    for folder in export.folders:
        yield File(_in_folder(folder.path, _MULTIPLY), _multiply_text(folder.repeats))
        if folder.path in export.captioned:
            yield File(_in_folder(folder.path, _LOCAL), _prompt_yaml(folder.class_tokens))
        if folder.is_regularization and export.loss_scale != 1:
            yield File(_in_folder(folder.path, _LOSS_SCALE), f"{export.loss_scale!r}\n")


def _settings_text(settings: Mapping[str, Any]) -> str:
    """The settings in the trainer's encoding, read back before they are given away."""
    text = json.dumps(settings, indent=2, ensure_ascii=True) + "\n"
    if json.loads(text.encode(everydream.TRAIN_JSON_ENCODING)) != settings:
        raise AssertionError("the written settings read otherwise than they were meant")
    return text


def _multiply_text(repeats: float) -> str:
    text = everydream.multiply_text(repeats) + "\n"
    if everydream.multiplier_of(text) != repeats:
        raise AssertionError(f"{text!r} reads otherwise than it was meant")
    return text


def _decided(report: Report, options: Options) -> _Export:
    place = dataset_place(report, options.root, "everydream.root")
    repeats = _planned(report, fractions=options.fractions) if options.balance else _found(report)
    # A multiplier of 0 would count as 1, a negative one shrinks the epoch of all others: such folders are left out.
    legal = {path: number for path, number in repeats.items() if everydream.legal_repeats(number)}
    folders = trained_folders(report, reads_image=everydream.reads_image, repeats=legal)
    refuse_manifests(folders, "EveryDream2")
    if not any(folder.n for folder in folders if folder.is_train):
        raise CannotExport(
            message(
                "there is no training image that EveryDream2 reads (it reads {suffixes}); convert the images first",
                suffixes=everydream.IMAGE_SUFFIXES,
            )
        )
    folders = tuple(folder for folder in folders if folder.n)
    roots = _roots(report, folders)
    settings, unset = _settings(report, options, [placed(place, root) for root in roots])
    return _Export(
        report=report,
        options=options,
        folders=folders,
        exposures=_exposures(folders),
        roots=roots,
        settings=settings,
        unset=unset,
        captioned=_captioned(report, folders),
    )


def _captioned(report: Report, folders: Sequence[TrainedFolder]) -> frozenset[str]:
    own = {posixpath.dirname(path) or "." for path in _control_files(report, _LOCAL_NAMES)}
    return frozenset(
        folder.path
        for folder in folders
        if folder.n_without_caption == folder.n and folder.class_tokens and folder.path not in own
    )


def _found(report: Report) -> dict[str, float]:
    return {
        folder.path: float(folder.repeats_before) for folder in report.plan.folders if folder.role != "preservation"
    }


def _planned(report: Report, *, fractions: bool) -> dict[str, float]:
    """The plan's repeats: whole ones, or with `fractions` those that are wanted in an epoch of the old length.

    Preservation images get a fraction in any case. A plan for kohya leaves it to that trainer to even out
    regularization images. This one does not, so that the exposure which the plan expects comes from the multiplier.
    """
    plan = report.plan
    scale = 1 if fractions else plan.scale
    expected = {concept.name: concept for concept in plan.concepts if concept.role == "regularization"}
    is_evened_out = report.policy.profile["trainer"].value == kohya.TRAINER
    planned = {}
    for folder in plan.folders:
        if folder.role == "preservation":
            planned[folder.path] = round(folder.wanted * scale, FRACTION_DIGITS)
        elif fractions:
            planned[folder.path] = round(_at_least(folder), FRACTION_DIGITS)
        elif folder.role == "regularization" and is_evened_out:
            concept = expected[folder.concept]
            planned[folder.path] = float(max(1, int(concept.exposure_after / concept.n)))
        else:
            planned[folder.path] = float(folder.repeats_after)
    return planned


def _at_least(folder: FolderPlan) -> float:
    """What is wanted per image, or the share that the plan's floor lets be drawn."""
    if folder.role == "train" and not folder.whole and folder.n:
        return max(folder.wanted, folder.drawn / folder.n)
    return folder.wanted


def _prompt_yaml(prompt: str) -> str:
    """A local.yaml, as UTF-8. What does not print is escaped: YAML takes no such character as it stands."""
    shown = "".join(
        character if character.isprintable() and character not in '"\\' else f"\\U{ord(character):08x}"
        for character in prompt
    )
    return f'main_prompt: "{shown}"\n'


def _in_folder(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"


def _exposures(folders: Sequence[TrainedFolder]) -> Mapping[str, float]:
    """Per image and epoch on average."""
    n = [folder.n for folder in folders]
    multiply = np.repeat(np.array([folder.repeats for folder in folders]), n)
    drawn = everydream.exposures(multiply, np.zeros(len(multiply), dtype=bool))
    firsts = np.cumsum([0, *n[:-1]])
    return {folder.path: float(drawn[first]) for folder, first in zip(folders, firsts, strict=True)}


def _roots(report: Report, folders: Sequence[TrainedFolder]) -> tuple[str, ...]:
    """The folders that the trainer has to walk to read these and, as far as that goes, no others.

    It walks everything below a root, so a folder inside another needs none. A global.yaml holds only for what is
    reached through its own folder.
    """
    with_global = {posixpath.dirname(path) or "." for path in _control_files(report, everydream.GLOBAL_FILES)}
    wanted = set()
    for folder in folders:
        above = [ancestor for ancestor in _upward(folder.path) if ancestor in with_global]
        wanted.add(above[-1] if above else folder.path)
    return tuple(sorted(path for path in wanted if not any(other in wanted for other in _above(path))))


def _upward(path: str) -> Iterator[str]:
    """The folder itself, then those above it, up to the dataset's."""
    yield path
    yield from _above(path)


def _above(path: str) -> Iterator[str]:
    while path != ".":
        path = posixpath.dirname(path) or "."
        yield path


def _control_files(report: Report, names: Sequence[str]) -> list[str]:
    """Files of the dataset that set something for the trainer."""
    return sorted(entry.path for entry in report.dataset.excluded if posixpath.basename(entry.path) in names)


def _settings(report: Report, options: Options, roots: Sequence[str]) -> tuple[dict[str, Any], tuple[Message, ...]]:
    """The keys of train.json that this dataset decides, and why others are missing."""
    profile, plan = report.policy.profile, report.plan
    settings: dict[str, Any] = {"data_root": roots[0] if len(roots) == 1 else list(roots)}
    unset = []
    resolution: int | None = profile["resolution"].value
    if resolution is None:
        unset.append(message("resolution: none is known; name the model with --base-model, or set it in train.json"))
    elif everydream.table_side(resolution) is None:
        unset.append(message("resolution: EveryDream2 has no sizes for {side:px}", side=resolution))
    else:
        settings["resolution"] = resolution
    batch_size: int | None = profile["batch_size"].value
    if batch_size is None:
        unset.append(message("batch_size: none is known; set it in train.json"))
    else:
        settings["batch_size"] = batch_size
    dropout = plan.settings.get("caption_dropout_rate")
    if dropout is not None:
        settings["cond_dropout"] = float(dropout) if options.randomize else 0.0
        settings["shuffle_tags"] = bool(options.randomize and plan.settings.get("shuffle_caption"))
    # The shipped train.json names a file that takes images away for validation.
    settings["validation_config"] = None
    return settings, tuple(unset)


def _readme(export: _Export) -> Iterator[Section]:
    report = export.report
    yield Section(
        message(
            "Settings for EveryDream2 by Tagmetry {version}, for the dataset {dataset}. Facts about the trainer: "
            "{trainer}.",
            version=report.version,
            dataset=report.dataset.root,
            trainer=everydream.VERSION,
        ),
        tuple(verdict(report)),
        stands_alone=True,
    )
    yield Section(
        message("What this changes against equal exposure (every training image equally often):"),
        tuple(_changes(export)),
    )
    yield Section(message("How to get it without:"), tuple(_ways_back(export)))
    yield Section(message("How to use it:"), tuple(_use(export)))
    yield Section(message("Besides:"), tuple(_advice(export)))
    yield Section(message("Regularization:"), tuple(_regularization(export)))
    yield Section(message("Why these settings (train-settings.json):"), tuple(_why_settings(export)))
    yield Section(message("What EveryDream2 cannot say:"), tuple(_inexpressible(export)))
    yield Section(message("Look at these before training:"), tuple(_traps(export)))


def _changes(export: _Export) -> Iterator[Message]:
    whole = export.options.balance and not export.options.fractions
    scale = export.report.plan.scale if whole else 1
    yield from exposure_members(export.folders, export.exposures, scale=scale)
    if whole:
        yield from residuals(export.report)
    yield from preservation_members(export.report, export.folders, export.exposures)
    yield from edits(export.report)
    if any(folder.repeats != int(folder.repeats) for folder in export.folders):
        yield message(
            "multipliers with a fraction are drawn at random each epoch, images late in the trainer's order a little "
            "less often than the others"
        )


def _ways_back(export: _Export) -> Iterator[Message]:
    changed = any(folder.repeats != folder.repeats_found for folder in export.folders if folder.is_train)
    if export.options.balance and changed:
        yield message("--set everydream.balance=false writes the repeats as they were found")
    elif export.options.balance:
        yield message("the plan leaves the repeats as they were found; --set everydream.balance=false is the same")
        yield from why_unbalanced(export.report)
    else:
        yield message("these are the repeats as they were found; --set everydream.balance=true writes the plan's")
    yield message("without the multiply.txt files every image is shown once per epoch: that is equal exposure")
    if export.shuffles:
        yield message("--set everydream.randomize=false leaves the captions as they are")


def _use(export: _Export) -> Iterator[Message]:
    yield message(
        "1. Copy the folders of this tree over the dataset, or over a copy of it: each multiply.txt belongs beside the "
        "images of its folder and replaces one that lies there. It holds for its own folder alone."
    )
    yield message(
        "2. Put the keys of train-settings.json into your train.json, in place of those it has; the other keys are "
        "yours."
    )
    if len(export.roots) > 1:
        yield message("data_root is a list of folders, so that nothing else near them is trained.")
    if export.options.root and not _is_absolute(export.options.root):
        yield message("data_root is relative to the folder in which the training is started.")


def _is_absolute(root: str) -> bool:
    return root.startswith(("/", "\\")) or root[1:2] == ":"


def _advice(export: _Export) -> Iterator[Message]:
    """The plan's advice; that epochs get longer is none where they do not."""
    options, plan = export.options, export.report.plan
    if not options.balance:
        return
    for advice in plan.advice:
        if not (options.fractions and "k" in advice.values):
            yield advice
    if not options.fractions and plan.scale > 1:
        yield message(
            "--set everydream.fractions=true keeps the length of the epochs: the trainer then draws parts of folders"
        )


def _regularization(export: _Export) -> Iterator[Message]:
    folders = [folder for folder in export.folders if folder.is_regularization]
    if not folders:
        return
    train = sum(folder.n * export.exposures[folder.path] for folder in export.folders if folder.is_train)
    shown = sum(folder.n * export.exposures[folder.path] for folder in folders)
    yield message(
        "EveryDream2 treats these images like all others, so multiply.txt alone sets their exposure: {shown:number} "
        "per epoch against {train:number} of training, {ratio:number} to 1",
        shown=round(shown, 2),
        train=round(train, 2),
        ratio=round(shown / train, 2) if train else 0,
    )
    if shown > train:
        yield message("that is more than the training images get: leave some of them out")
    if export.loss_scale != 1:
        yield message(
            "loss_scale.txt beside them weighs their loss by {weight:number}, as the plan has it",
            weight=export.loss_scale,
        )


def _why_settings(export: _Export) -> Iterator[Message]:
    settings = export.settings
    if "cond_dropout" in settings:
        yield message(
            "cond_dropout {rate:number}: the share of captions that are dropped whole; the trainer's own is "
            "{default:number}",
            rate=settings["cond_dropout"],
            default=float(everydream.SETTINGS["cond_dropout"].default or 0),
        )
    if export.shuffles:
        yield message("shuffle_tags: the first tag stays in front, the others change their order each epoch")
    elif "shuffle_tags" in settings:
        yield message("shuffle_tags is off: the captions keep their order")
    yield message(
        "validation_config null: the shipped one takes {share:percent} of the images out of the training, whatever "
        "their multipliers",
        share=everydream.VALIDATION_SHARE,
    )
    yield from export.unset


def _inexpressible(export: _Export) -> Iterator[Message]:
    plan, options = export.report.plan, export.options
    rate = plan.settings.get("caption_tag_dropout_rate", 0)
    if options.randomize and rate:
        yield message(
            "tag dropout of {rate:percent}: the trainer has none; what always comes with the trigger stays with it",
            rate=float(rate),
        )
    keep = plan.settings.get("keep_tokens", 0)
    if export.shuffles and int(keep) > 1:
        yield message(
            "{keep:count} tags kept in front: only the first one stays, since keep_tags has no effect",
            keep=int(keep),
        )
    if options.balance:
        yield from inexpressible_techniques(export.report, _nearest(export))
    for folder in export.folders:
        if len(folder.concepts) > 1:
            yield message(
                "{folder} holds several concepts ({concepts}), and one multiplier holds for all of them",
                folder=folder.path,
                concepts=folder.concepts,
            )


def _nearest(export: _Export) -> dict[TechniqueId, Message]:
    tags = tuple(dict.fromkeys(tag.tag for tag in export.report.plan.tags))
    return {
        "tag-caps": message(
            Plural(
                "a cap on {n:count} frequent tag ({tags}): edited copies of captions are the nearest (tagmetry plan "
                "--cap-tags --to DIR)",
                "caps on {n:count} frequent tags ({tags}): edited copies of captions are the nearest (tagmetry plan "
                "--cap-tags --to DIR)",
            ),
            n=len(export.report.plan.tags),
            tags=tags,
        ),
        "stratified": message("the same number of images from each concept: multipliers per folder are the nearest"),
        "image-weights": message(
            "weights of single images: remove copies instead; loss_scale.txt weighs a whole folder, best between 0.5 "
            "and 2, never below 0"
        ),
        "curriculum": message("a curriculum: two runs, the second with the natural mix, are the nearest"),
    }


def _traps(export: _Export) -> Iterator[Message]:
    """What the trainer makes of the dataset otherwise than one would think, or what overrules the tree."""
    report = export.report
    base_model = report.policy.profile["base_model"].value
    if base_model in FOREIGN_MODELS:
        yield message("EveryDream2 trains Stable Diffusion 1 and 2; the profile says {model}", model=str(base_model))
    for path in _excluded_within(export):
        yield message(
            "{folder} is not to be trained and lies inside data_root: move it out, or let its name begin with a dot",
            folder=path,
        )
    for path in _control_files(report, _LOCAL_NAMES):
        yield message("{path}: a multiply in it overrules multiply.txt", path=path)
    paths = {folder.path for folder in export.folders}
    named = [path for path in report.images.paths if posixpath.splitext(path)[0].rpartition("/")[2] == "multiply"]
    for path in named:
        if (posixpath.dirname(path) or ".") in paths:
            yield message("{path}: the trainer takes multiply.txt for its caption; rename the image", path=path)
    for folder in export.folders:
        if folder.unread:
            yield message(
                Plural(
                    "{folder}: {n:count} image that EveryDream2 does not read ({paths})",
                    "{folder}: {n:count} images that EveryDream2 does not read ({paths})",
                ),
                folder=folder.path,
                n=len(folder.unread),
                paths=folder.unread,
            )
        if folder.path in export.captioned:
            yield message(
                Plural(
                    '{folder}: {n:count} image has no caption; local.yaml gives it "{prompt}", since the trainer would '
                    "take the file name",
                    '{folder}: {n:count} images have no caption; local.yaml gives them "{prompt}", since the trainer '
                    "would take the file names",
                ),
                folder=folder.path,
                n=folder.n,
                prompt=folder.class_tokens,
            )
        elif folder.n_without_caption:
            yield message(
                Plural(
                    "{folder}: {n:count} image has no caption, and the trainer takes the file name up to its first _; "
                    "a local.yaml with main_prompt gives the folder a caption",
                    "{folder}: {n:count} images have no caption, and the trainer takes the file name up to its first "
                    "_; a local.yaml with main_prompt gives the folder a caption",
                ),
                folder=folder.path,
                n=folder.n_without_caption,
            )
        foreign = tuple(suffix for suffix in folder.caption_suffixes if suffix not in everydream.CAPTION_SUFFIXES)
        if foreign:
            yield message(
                "{folder}: captions that end in {suffixes} are not read; rename them to .txt",
                folder=folder.path,
                suffixes=foreign,
            )


def _excluded_within(export: _Export) -> Iterator[str]:
    """Folders with images that the trainer would walk into and that are not to be trained."""
    roots = set(export.roots)
    others = {folder.path for folder in left_out(export.report, export.folders)}
    others.update(not_exported(export.report, export.folders))
    for path in sorted(others):
        if any(folder in roots for folder in _upward(path)):
            yield path
