"""The dataset config of sd-scripts (kohya): one subset per folder, repeats as planned.

Tables are written one by one, values by tomli_w, so that they are the headed tables that sd-scripts' old TOML reader
knows best and explanations can stand beside them. The text is parsed back and judged by the trainer's rules before it
is given away.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tomli_w

from tagmetry.api import (
    CannotExport,
    Context,
    File,
    Message,
    Plural,
    Profile,
    Report,
    Reporter,
    TechniqueId,
    message,
    option,
    whole_repeats,
)
from tagmetry.reporters.trainers.exposures import (
    TrainedFolder,
    dataset_place,
    edits,
    exposure_members,
    inexpressible_techniques,
    is_equal,
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
from tagmetry.reporters.trainers.prose import Entry, Section, lines, wrapped
from tagmetry.trainers import kohya

DEFAULT_CAPTION_EXTENSION: Final = ".txt"
"""Where no folder has captions. It is written all the same: the trainer's own default is another."""

BUCKET_STEPS_PX: Final = 64
"""What all training scripts of sd-scripts take."""

TOKEN_LENGTHS: Final = (75, 150, 225)
"""CLIP tokens of a caption that the training command can be told to read."""

LARGEST_SCALE: Final = 10
SCALE_ERROR: Final = 0.05
"""Repeats found as fractions become whole numbers by the rule of the plan."""

_WARM_UP_KEYS: Final = ("token_warmup_min", "token_warmup_step")
_RANDOMIZATION_KEYS: Final = (
    "shuffle_caption",
    "caption_tag_dropout_rate",
    "caption_dropout_rate",
    "token_warmup_step",
)
_CACHE_KEY: Final = "cache_text_encoder_outputs"


@dataclass(frozen=True, slots=True)
class Options:
    root: str | None = option(None, "Folder of the dataset on the machine that trains; image_dir is written below it.")
    balance: bool = option(True, "Repeats as planned; false writes them as they were found.")
    randomize: bool = option(True, "Shuffle and dropout of tags as planned; false leaves captions as they are.")
    resolution: int | None = option(
        None, "Side of the training resolution; else the profile's.", unit="px", low=64, high=8192
    )
    batch_size: int | None = option(None, "Images per step; else the profile's, else 1.", low=1, high=4096)
    warmup: bool = option(False, "Captions begin short and grow, where the plan offers that for long tag lists.")


reporter = Reporter(
    "kohya",
    doc="A dataset config (TOML) for kohya's sd-scripts, with repeats and caption settings as planned.",
    options=Options,
)


@dataclass(frozen=True, slots=True)
class _Export:
    """Everything that is decided before a line is written. `exposures`: per image and epoch, by path of folder."""

    report: Report
    options: Options
    place: str
    folders: tuple[TrainedFolder, ...]
    exposures: Mapping[str, float]
    settings: Mapping[str, Any]
    resolution: int
    batch_size: int
    scale: int

    @property
    def train_exposures(self) -> int:
        return int(sum(folder.n * folder.repeats for folder in self.folders if not folder.is_regularization))

    @property
    def regularization(self) -> tuple[TrainedFolder, ...]:
        return tuple(folder for folder in self.folders if folder.is_regularization)

    @property
    def randomizes(self) -> bool:
        """Whether a caption can differ from one time to the next, which rules out cached text-encoder outputs."""
        return any(self.settings.get(key) for key in _RANDOMIZATION_KEYS)


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    """Raises CannotExport for what sd-scripts cannot read or would misread."""
    export = _decided(report, options)
    config = _config(export)
    text = _text(export, config, context)
    _check(text, config)
    yield File("", text)


def _decided(report: Report, options: Options) -> _Export:
    place = dataset_place(report, options.root, "kohya.root")
    repeats, scale = _repeats(report, balance=options.balance)
    windows = place[1:2] == ":" or place.startswith("//")
    found = trained_folders(report, reads_image=lambda name: kohya.reads_image(name, windows=windows), repeats=repeats)
    refuse_manifests(found, "sd-scripts")
    _refuse_several_extensions(found)
    if not any(folder.n for folder in found if folder.is_train):
        raise CannotExport(
            message(
                "there is no training image that sd-scripts reads (it reads {suffixes}); convert the images first",
                suffixes=kohya.IMAGE_SUFFIXES,
            )
        )
    return _Export(
        report=report,
        options=options,
        place=place,
        folders=found,
        exposures=_exposures(found),
        settings=_settings(report, randomize=options.randomize, warmup=options.warmup),
        resolution=_known_resolution(options.resolution or report.policy.profile["resolution"].value),
        batch_size=options.batch_size or report.policy.profile["batch_size"].value or 1,
        scale=scale,
    )


def _repeats(report: Report, *, balance: bool) -> tuple[Mapping[str, int], int]:
    """Whole repeats by path of folder, and the factor by which all of them had to grow for that.

    Planned regularization images get 1: the trainer evens them out itself, and 1 lets it use all of them.
    """
    if balance:
        planned = {
            folder.path: 1 if folder.role == "regularization" else folder.repeats_after
            for folder in report.plan.folders
            if folder.repeats_after or folder.role == "regularization"
        }
        return planned, report.plan.scale
    folders = [folder for folder in report.plan.folders if folder.repeats_before > 0 and folder.role != "preservation"]
    train = [folder for folder in folders if folder.role == "train"]
    whole = whole_repeats([folder.repeats_before for folder in train], largest_scale=LARGEST_SCALE, error=SCALE_ERROR)
    found = {folder.path: number for folder, number in zip(train, whole.repeats, strict=True)}
    found.update(
        {folder.path: max(1, int(folder.repeats_before)) for folder in folders if folder.role == "regularization"}
    )
    return found, whole.scale


def _refuse_several_extensions(folders: Sequence[TrainedFolder]) -> None:
    for folder in folders:
        if len(folder.caption_suffixes) > 1:
            raise CannotExport(
                message(
                    "the captions of {folder} end in {suffixes}, and sd-scripts reads one extension per folder; "
                    "rename them so that all of a folder end alike",
                    folder=folder.path,
                    suffixes=folder.caption_suffixes,
                )
            )


def _exposures(folders: Sequence[TrainedFolder]) -> Mapping[str, float]:
    """Per image and epoch, regularization images on average."""
    repeats = np.repeat(
        np.array([folder.repeats for folder in folders]), np.array([folder.n for folder in folders], dtype=np.int64)
    )
    of_folder = np.repeat(np.arange(len(folders)), [folder.n for folder in folders])
    is_regularization = np.array([folder.is_regularization for folder in folders], dtype=bool)[of_folder]
    totals = np.bincount(of_folder, weights=kohya.exposures(repeats, is_regularization), minlength=len(folders))
    return {
        folder.path: float(total) / folder.n if folder.n else 0.0 for folder, total in zip(folders, totals, strict=True)
    }


def _settings(report: Report, *, randomize: bool, warmup: bool) -> Mapping[str, Any]:
    """The plan's settings. Without randomization those of captions are written as off, so that nothing sets them."""
    settings = dict(report.plan.settings)
    curriculum = report.plan.technique_plan("curriculum")
    if warmup:
        offered = {} if curriculum is None else curriculum.settings
        if not settings.keys() or any(key not in offered for key in _WARM_UP_KEYS):
            raise CannotExport(
                message("kohya.warmup: the plan offers no warm-up, since the captions are no long lists of tags")
            )
        settings |= {key: offered[key] for key in _WARM_UP_KEYS}
    if randomize:
        return settings
    return {
        key: type(value)(0) if key in kohya.SCHEMA else value for key, value in settings.items() if key != _CACHE_KEY
    }


@reporter.before_measuring
def check_profile(profile: Profile, options: Options) -> None:
    """Raises CannotExport without a resolution."""
    _known_resolution(options.resolution or profile.resolution)


def _known_resolution(known: int | None) -> int:
    if known is None:
        raise CannotExport(
            message(
                "sd-scripts needs a resolution, and none is known; name the model with --base-model (sd15, sdxl, flux) "
                "or the side with --set kohya.resolution=1024"
            )
        )
    return known


def _config(export: _Export) -> dict[str, Any]:
    """The config as the data that the trainer gets to see."""
    general: dict[str, Any] = {"caption_extension": _usual_extension(export.folders)}
    for key, value in export.settings.items():
        known = kohya.SCHEMA.get(key)
        if known is not None and "general" in known.levels:
            general[key] = kohya.literal(key, value)
    side = export.resolution
    buckets = kohya.usual_settings(side)
    dataset: dict[str, Any] = {
        "resolution": side,
        "batch_size": export.batch_size,
        "enable_bucket": buckets.enable_bucket,
        "min_bucket_reso": buckets.min_bucket_reso,
        "max_bucket_reso": buckets.max_bucket_reso,
        "bucket_reso_steps": buckets.bucket_reso_steps,
    }
    subsets = [_subset(export, folder, general["caption_extension"]) for folder in export.folders if folder.n]
    return {"general": general, "datasets": [{**dataset, "subsets": subsets}]}


def _usual_extension(folders: Sequence[TrainedFolder]) -> str:
    images: Counter[str] = Counter()
    for folder in folders:
        for suffix in folder.caption_suffixes:
            images[suffix] += folder.n
    # Of equally common ones the later in the alphabet: .txt rather than .caption.
    return max(images, key=lambda suffix: (images[suffix], suffix), default=DEFAULT_CAPTION_EXTENSION)


def _subset(export: _Export, folder: TrainedFolder, usual_extension: str) -> dict[str, Any]:
    place = placed(export.place, folder.path)
    _refuse_unwritable(place, folder.shown)
    subset: dict[str, Any] = {"image_dir": place, "num_repeats": kohya.literal("num_repeats", folder.repeats)}
    if folder.class_tokens:
        _refuse_unwritable(folder.class_tokens, folder.shown)
        subset["class_tokens"] = folder.class_tokens
    if folder.is_regularization:
        subset["is_reg"] = True
    if folder.caption_suffixes and folder.caption_suffixes[0] != usual_extension:
        subset["caption_extension"] = folder.caption_suffixes[0]
    return subset


def _refuse_unwritable(text: str, folder: str) -> None:
    for problem in kohya.path_problems(text):
        raise CannotExport(_why_unwritable(problem, folder))


def _why_unwritable(problem: str, folder: str) -> Message:
    match problem:
        case "unpaired-surrogate":
            return message(
                "the name of {folder} or of a folder above it is not valid Unicode, so no config can name it; "
                "rename the folder, or give another place with --set kohya.root=",
                folder=folder,
            )
        case "leading-quotes":
            return message(
                "a name at {folder} begins with quotation marks, which the TOML reader of sd-scripts misreads; "
                "rename the folder, or give another place with --set kohya.root=",
                folder=folder,
            )
        case _:
            return message(
                "a name at {folder} has a control character and a back-slash before u, which the TOML reader of "
                "sd-scripts misreads; rename the folder, or give another place with --set kohya.root=",
                folder=folder,
            )


def _text(export: _Export, config: Mapping[str, Any], context: Context) -> str:
    general = config["general"]
    [dataset] = config["datasets"]
    blocks = [
        _commented(lines(tuple(_head(export)), context)),
        _commented(_each(_why_general(export, general), context)) + "[general]\n" + tomli_w.dumps(general),
        _commented(_each(_why_dataset(export), context))
        + "[[datasets]]\n"
        + tomli_w.dumps({key: value for key, value in dataset.items() if key != "subsets"}),
    ]
    trained = [folder for folder in export.folders if folder.n]
    blocks += [
        _commented(_each(_about_subset(export, folder, subset), context))
        + "[[datasets.subsets]]\n"
        + tomli_w.dumps(subset)
        for folder, subset in zip(trained, dataset["subsets"], strict=True)
    ]
    return "\n".join(blocks)


def _commented(texts: Iterable[str]) -> str:
    return "".join(f"# {text}".rstrip() + "\n" for text in texts)


def _each(entries: Iterable[Entry], context: Context) -> Iterator[str]:
    for entry in entries:
        yield from wrapped(entry, context)


def _head(export: _Export) -> Iterator[Section]:
    report, options = export.report, export.options
    yield Section(
        message(
            "Dataset config for kohya's sd-scripts by Tagmetry {version}, for the dataset {dataset}. "
            "Give it to the training command as --dataset_config. Facts about the trainer: {trainer}.",
            version=report.version,
            dataset=report.dataset.root,
            trainer=kohya.VERSION,
        ),
        tuple(verdict(report)),
        stands_alone=True,
    )
    yield Section(
        message("What this changes against equal exposure (every training image equally often):"),
        tuple(_changes(export)),
    )
    yield Section(message("How to get it without:"), tuple(_ways_back(export)))
    yield Section(
        message("Besides:"),
        tuple(report.plan.advice) if options.balance else tuple(_scale_as_found(export)),
    )
    yield Section(message("Regularization:"), tuple(_regularization(export)))
    yield Section(
        message("For the training command; these may not stand in a dataset config:"), tuple(_for_command(export))
    )
    yield Section(message("What this config cannot say:"), tuple(_inexpressible(export)))
    yield Section(message("Not trained:"), tuple(_not_trained(export)))


def _changes(export: _Export) -> Iterator[Message]:
    yield from exposure_members(export.folders, export.exposures, scale=export.scale)
    if export.options.balance:
        yield from residuals(export.report)
    yield from preservation_members(export.report, export.folders, export.exposures)
    yield from edits(export.report)


def _ways_back(export: _Export) -> Iterator[Message]:
    changed = any(folder.repeats != folder.repeats_found for folder in export.folders if folder.is_train)
    if export.options.balance and changed:
        yield message("--set kohya.balance=false writes the repeats as they were found")
    elif export.options.balance:
        yield message("the plan leaves the repeats as they were found; --set kohya.balance=false is the same")
        yield from why_unbalanced(export.report)
    else:
        yield message("these are the repeats as they were found; --set kohya.balance=true writes the plan's")
    if not is_equal(export.folders, export.exposures):
        yield message("num_repeats = 1 in every subset is equal exposure")
    if export.randomizes:
        yield message("--set kohya.randomize=false leaves the captions as they are")


def _scale_as_found(export: _Export) -> Iterator[Message]:
    if export.scale > 1:
        yield message(
            "the repeats were found as fractions and are whole numbers here: one epoch is {k:count} times as long, "
            "divide the number of epochs by {k:count}",
            k=export.scale,
        )


def _regularization(export: _Export) -> Iterator[Message]:
    folders = export.regularization
    n = sum(folder.n for folder in folders)
    if not n:
        return
    wanted = export.train_exposures
    repeats = np.repeat([int(folder.repeats) for folder in folders], [folder.n for folder in folders])
    drawn = kohya.regularization_exposures(repeats, wanted)
    used = drawn[drawn > 0]
    yield message(
        "sd-scripts shows these images as often as all training images together ({wanted:count} per epoch), whatever "
        "num_repeats says; an epoch takes twice the steps for it",
        wanted=wanted,
    )
    if len(used) < n:
        yield message(
            "of {n:count} images only the first {used:count} are used: num_repeats = 1 uses the most",
            n=n,
            used=len(used),
        )
    if len(used) and used.min() == used.max():
        yield message("each is shown {times:count} times per epoch", times=int(used.min()))
    elif len(used):
        yield message(
            "each is shown {least:count} to {most:count} times per epoch",
            least=int(used.min()),
            most=int(used.max()),
        )


def _for_command(export: _Export) -> Iterator[Message]:
    why = export.report.plan.settings_why
    for key, value in export.settings.items():
        if key in why and key in kohya.COMMAND_LINE_KEYS and key != _CACHE_KEY:
            # Alone on its line, so that it can be copied.
            yield message("{flag}", flag=f"--{key}={value:g}")
            yield why[key]
    longest = export.report.policy.profile["max_token_length"].value
    if longest is not None and longest > min(TOKEN_LENGTHS):
        # The trainer takes these lengths only.
        wanted = next(length for length in TOKEN_LENGTHS if length >= longest)
        yield message("{flag}", flag=f"--max_token_length={wanted}")
    if export.randomizes:
        yield message(
            "leave out --cache_text_encoder_outputs (and _to_disk): shuffle and dropout change the captions, and the "
            "trainer stops on both together; --set kohya.randomize=false chooses the cache instead"
        )
    else:
        yield message(
            "--cache_text_encoder_outputs may be given where the script has it: the captions never change here"
        )


def _inexpressible(export: _Export) -> Iterator[Message]:
    words = _protected_words(export.report)
    if export.settings.get("caption_tag_dropout_rate") and words:
        yield message(
            Plural(
                "protected words ({words}): dropout spares the first {keep:count} tag of a caption and no others",
                "protected words ({words}): dropout spares the first {keep:count} tags of a caption and no others",
                by="keep",
            ),
            keep=int(export.settings.get("keep_tokens", 0)),
            words=words,
        )
    if export.options.balance:
        yield from inexpressible_techniques(export.report, _nearest(export))
        yield from _unmixed(export)
    for folder in export.folders:
        if len(folder.concepts) > 1:
            yield message(
                "{folder} holds several concepts ({concepts}), and one number of repeats holds for all of them",
                folder=folder.path,
                concepts=folder.concepts,
            )


def _nearest(export: _Export) -> dict[TechniqueId, Message]:
    tags = tuple(dict.fromkeys(tag.tag for tag in export.report.plan.tags))
    nearest: dict[TechniqueId, Message] = {
        "fractional-epochs": message(
            "parts of a folder: repeats are whole numbers, so proportions are rounded, and epochs grow where that "
            "needs it"
        ),
        "tag-caps": message(
            Plural(
                "a cap on {n:count} frequent tag ({tags}): tag dropout for all tags is the nearest; edited copies of "
                "captions are exact (tagmetry plan --cap-tags --to DIR)",
                "caps on {n:count} frequent tags ({tags}): tag dropout for all tags is the nearest; edited copies of "
                "captions are exact (tagmetry plan --cap-tags --to DIR)",
            ),
            n=len(export.report.plan.tags),
            tags=tags,
        ),
        "stratified": message("the same number of images from each concept: repeats per folder are the nearest"),
        "image-weights": message(
            "weights of single images: remove copies instead, or give a folder of their own other repeats"
        ),
    }
    if not export.options.warmup:
        curriculum = export.report.plan.technique_plan("curriculum")
        has_warmup = curriculum is not None and "token_warmup_step" in curriculum.settings
        nearest["curriculum"] = (
            message("a curriculum of images: captions that begin short are the nearest (--set kohya.warmup=true)")
            if has_warmup
            else message("a curriculum: two runs, the second with the natural mix, are the nearest")
        )
    return nearest


def _unmixed(export: _Export) -> Iterator[Message]:
    """Preservation folders that whole repeats cannot show seldom enough."""
    plan = export.report.plan
    for folder in plan.folders:
        if folder.role == "preservation" and not folder.repeats_after:
            yield message(
                "{folder}: its {n:count} preservation images would be too many per epoch; put {k:count} of them "
                "into a folder of their own, named the same way, and check again",
                folder=folder.path,
                n=folder.n,
                k=max(1, folder.drawn * plan.scale),
            )


def _protected_words(report: Report) -> tuple[str, ...]:
    """The protected words that the captions use, beyond triggers and class words, which stand in front."""
    in_front = {
        _folded(word) for concept in report.dataset.concepts for word in (concept.trigger, concept.class_word) if word
    }
    protected = {_folded(word) for word in report.plan.protected} - in_front
    return tuple(sorted({row.tag for row in report.tags if _folded(row.tag) in protected}))


def _folded(word: str) -> str:
    return word.replace("_", " ").casefold()


def _not_trained(export: _Export) -> Iterator[Message]:
    for held in left_out(export.report, export.folders):
        yield message(
            Plural(
                "{folder}: {n:count} image with the role {role}",
                "{folder}: {n:count} images with the role {role}",
            ),
            folder=held.path,
            n=held.n,
            role=held.role,
        )
    for path in not_exported(export.report, export.folders):
        yield message("{folder}: its repeats say that it is left out", folder=path)
    for folder in export.folders:
        if folder.unread:
            yield message(
                Plural(
                    "{folder}: {n:count} image that sd-scripts does not read ({paths})",
                    "{folder}: {n:count} images that sd-scripts does not read ({paths})",
                ),
                folder=folder.path,
                n=len(folder.unread),
                paths=folder.unread,
            )


def _why_general(export: _Export, general: Mapping[str, Any]) -> Iterator[Entry]:
    if not export.options.randomize:
        return
    for key, why in export.report.plan.settings_why.items():
        if key in general:
            yield key, why


def _why_dataset(export: _Export) -> Iterator[Message]:
    profile = export.report.policy.profile
    resolution = profile["resolution"]
    if export.options.resolution is None and resolution.basis is not None:
        yield resolution.basis
    if export.resolution % BUCKET_STEPS_PX:
        yield message(
            "resolution: {side:px} is no multiple of {steps:count}, so that buckets lose a strip",
            side=export.resolution,
            steps=BUCKET_STEPS_PX,
        )
    if export.options.batch_size is None and profile["batch_size"].value is None:
        yield message("batch_size: none is known, so this is 1; --set kohya.batch_size= sets it")


def _about_subset(export: _Export, folder: TrainedFolder, subset: Mapping[str, Any]) -> Iterator[Message]:
    if folder.is_regularization:
        yield message(
            Plural(
                'regularization "{concept}": {n:count} image',
                'regularization "{concept}": {n:count} images',
            ),
            concept=folder.concept,
            n=folder.n,
        )
    elif not folder.is_train:
        yield message(
            Plural(
                'preservation "{concept}": {n:count} image',
                'preservation "{concept}": {n:count} images',
            ),
            concept=folder.concept,
            n=folder.n,
        )
    else:
        yield message(
            Plural(
                '"{concept}": {n:count} image x {repeats:count} = {exposures:count} exposures per epoch',
                '"{concept}": {n:count} images x {repeats:count} = {exposures:count} exposures per epoch',
            ),
            concept=folder.concept,
            n=folder.n,
            repeats=int(folder.repeats),
            exposures=int(folder.n * folder.repeats),
        )
    if folder.n_without_caption and "class_tokens" in subset:
        yield message(
            Plural(
                "{n:count} image has no caption: class_tokens stands in where no caption file is",
                "{n:count} images have no caption: class_tokens stands in where no caption file is",
            ),
            n=folder.n_without_caption,
        )
    elif folder.n_without_caption:
        yield message(
            Plural(
                "{n:count} image has no caption and is trained without words: add class_tokens or a caption",
                "{n:count} images have no caption and are trained without words: add class_tokens or captions",
            ),
            n=folder.n_without_caption,
        )


def _check(text: str, config: Mapping[str, Any]) -> None:
    """Read the text as the trainer will. Raises CannotExport for what is the dataset's, AssertionError for a bug."""
    parsed = tomllib.loads(text)
    # As JSON, since true equals 1 and 1.0 equals 1 in Python and not for the trainer.
    if json.dumps(parsed) != json.dumps(config):
        raise AssertionError("the written config reads otherwise than it was meant")
    problems = [*kohya.toml_text_problems(text), *kohya.validate_dataset_config(parsed)]
    for problem in problems:
        if problem.code == "folder-again":
            folders = [subset["image_dir"] for subset in parsed["datasets"][0]["subsets"]]
            raise CannotExport(
                message(
                    "{folder} differs from another folder only in its case, which is the same folder on Windows; "
                    "rename one of them",
                    folder=folders[int(problem.key_path[3])],
                )
            )
        # A folder's name may hold a line break; the trainer finds it then.
        if problem.code != "control-character":
            raise AssertionError(f"the written config has a problem: {problem.code} at {problem.key_path}")
