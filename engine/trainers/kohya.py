"""kohya-ss/sd-scripts: which files it reads, which caption an image gets, how often an image is trained.

Facts from the source of sd-scripts 0.10.1: `library/train_util.py` (glob_images, DreamBoothDataset, make_buckets),
`library/config_util.py` (folder names, config). The dataset config is in `kohya_config`, the choice of buckets in
`kohya_buckets`, what becomes of captions in `kohya_captions`; all are offered here.
"""

import math
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.trainers.contract import Buckets, CaptionSource, Floats, Ints, LastBatch
from tagmetry.trainers.kohya_buckets import (
    BucketSettings,
    adjusted_limits,
    bucket_list,
    buckets,
    usual_settings,
)
from tagmetry.trainers.kohya_captions import (
    CaptionSettings,
    ProcessedCaption,
    epochs_without_captions,
    lost_with_text_encoder_cache,
    processed_caption,
    refused_with_text_encoder_cache,
    warmed_up_parts,
)
from tagmetry.trainers.kohya_config import (
    COMMAND_LINE_KEYS,
    INTERPOLATIONS,
    SCHEMA,
    literal,
    validate_dataset_config,
)
from tagmetry.trainers.kohya_folders import NamedFolder, parse_folder_name, why_folder_unread
from tagmetry.trainers.kohya_training import config_kind, named_files, read_configs
from tagmetry.trainers.old_toml import path_problems, toml_text_problems
from tagmetry.trainers.settings import Document, Given, TrainingConfig

__all__ = [
    # this trainer
    "STOPS_AT_EMPTY_CAPTION_FILE",
    "TRAINER",
    "VERSION",
    # what is read
    "CAPTION_EXTENSION",
    "CAPTION_SUFFIXES",
    "CONTROL_FILES",
    "IMAGE_SUFFIXES",
    "PLUGIN_IMAGE_SUFFIXES",
    "NamedFolder",
    "parse_folder_name",
    "reads_image",
    "why_folder_unread",
    # captions
    "caption_extension",
    "caption_from_text",
    "caption_of",
    "caption_paths",
    "decode_caption",
    "metadata_caption",
    "parts_to_keep",
    "trained_caption",
    "trigger_parts",
    # captions as they are drawn
    "CaptionSettings",
    "ProcessedCaption",
    "epochs_without_captions",
    "lost_with_text_encoder_cache",
    "processed_caption",
    "refused_with_text_encoder_cache",
    "warmed_up_parts",
    # exposures
    "ValidationSplit",
    "batches_per_bucket",
    "exposures",
    "held_out",
    "legal_repeats",
    "regularization_exposures",
    "shipped_validation",
    "steps_per_epoch",
    "validation_split",
    # buckets
    "APPLIES_ORIENTATION",
    "BucketSettings",
    "DEFAULT_BATCH_SIZE",
    "LAST_BATCH",
    "adjusted_limits",
    "bucket_list",
    "buckets",
    "image_buckets",
    "usual_settings",
    # dataset config
    "COMMAND_LINE_KEYS",
    "INTERPOLATIONS",
    "SCHEMA",
    "literal",
    "path_problems",
    "toml_text_problems",
    "validate_dataset_config",
    # configs in files
    "config_kind",
    "configured",
    "configured_buckets",
    "configured_caption",
    "named_files",
    "with_folder_settings",
]

TRAINER: Final = "kohya"
VERSION: Final = "sd-scripts 0.10.1 (48d368fa)"

IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
PLUGIN_IMAGE_SUFFIXES: Final = (".avif", ".jxl")
"""Read only where the trainer's Python has pillow-avif or a JPEG XL plugin."""

CAPTION_EXTENSION: Final = ".caption"
"""What the trainer looks for when no `caption_extension` is given."""

CAPTION_SUFFIXES: Final = (".caption", ".txt")
"""What caption files end in, in practice; any extension can be set."""

CONTROL_FILES: Final = ("*.npz", "metadata_cache.json")
"""Caches of latents and text-encoder outputs, and of captions and sizes (`cache_info`)."""

STOPS_AT_EMPTY_CAPTION_FILE: Final = True
"""A caption file of 0 bytes fails an assertion before the first step."""

APPLIES_ORIENTATION: Final = False
"""A photo that lies on its side in the file is trained lying on its side."""

DEFAULT_BATCH_SIZE: Final = 1

LAST_BATCH: LastBatch = "smaller"
"""A bucket's last batch is trained with the images that are left."""

FACE_PARTS: Final = 4
CAPTION_SEPARATOR: Final = ","


def reads_image(name: str, /, *, windows: bool = False, plugins: bool = False) -> bool:
    """Whether a file of this name is found as an image: suffix all lower or ALL UPPER case, name not hidden.

    On Windows file names match in any case. `plugins` adds AVIF and JPEG XL.
    """
    if name.startswith("."):
        return False
    suffixes = IMAGE_SUFFIXES + (PLUGIN_IMAGE_SUFFIXES if plugins else ())
    if windows:
        return name.lower().endswith(suffixes)
    return name.endswith(suffixes) or name.endswith(tuple(suffix.upper() for suffix in suffixes))


def caption_extension(extension: str) -> str:
    """A missing leading dot is added; an empty extension stays empty."""
    return extension if not extension or extension.startswith(".") else "." + extension


def caption_paths(image_path: str, extension: str = CAPTION_EXTENSION) -> tuple[str, ...]:
    """The caption files that are tried, in this order; the first that exists is read.

    The second one, where there is one, is left from face cropping: if the whole path without its extension has
    at least five parts between underscores, the last four are cut off. Folders count, so give the path as the
    trainer will have it, with forward slashes.
    """
    stem = posixpath.splitext(image_path)[0]
    extension = caption_extension(extension)
    parts = stem.split("_")
    if len(parts) <= FACE_PARTS:
        return (stem + extension,)
    return stem + extension, "_".join(parts[:-FACE_PARTS]) + extension


def decode_caption(content: bytes) -> str | None:
    """UTF-8 with a byte-order mark kept as U+FEFF, all line ends as \\n. None: not UTF-8, the trainer stops."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def caption_from_text(text: str, *, enable_wildcard: bool = False) -> str | None:
    """What is kept of a caption file's text (line ends as \\n). None: the file has 0 bytes, the trainer stops.

    The first line, stripped, even when it is blank; with wildcards all lines that are not blank, one of which is
    drawn each time.
    """
    if not text:
        return None
    lines = text.removesuffix("\n").split("\n")
    if enable_wildcard:
        return "\n".join(stripped for line in lines if (stripped := line.strip()))
    return lines[0].strip()


def caption_of(file_caption: str | None, class_tokens: str | None) -> tuple[str, CaptionSource]:
    """The caption that is trained, and where it comes from. An empty caption file wins over class tokens."""
    if file_caption is not None:
        return file_caption, "file"
    if class_tokens is not None:
        return class_tokens, "class-tokens"
    return "", "none"


def trained_caption(path: str, text: str | None, /) -> tuple[str, CaptionSource]:
    """What is trained where no setting changes it: the first line, else the class tokens of an `N_name` folder."""
    folder = parse_folder_name(posixpath.basename(posixpath.dirname(path)))
    file_caption = None if text is None else text.split("\n")[0].strip()
    return caption_of(file_caption, None if folder is None else folder.class_tokens)


def metadata_caption(
    caption: str | None,
    tags: str | None,
    *,
    separator: str = CAPTION_SEPARATOR,
    enable_wildcard: bool = False,
) -> str:
    """A fine-tuning entry's caption and tags as one text. The separator joins them without a space.

    With wildcards the tags are added to every line of the caption, and a caption without text swallows them.
    """
    caption = caption or ""
    if enable_wildcard:
        if tags is None:
            return caption
        tags = tags.replace("\n", separator)
        return "\n".join(f"{line}{separator}{tags}" for line in caption.split("\n") if line.strip())
    if not tags:
        return caption
    return f"{caption}{separator}{tags}" if caption else tags


def trigger_parts(trigger: str, separator: str = CAPTION_SEPARATOR) -> int:
    """How many separated parts of a caption the trigger takes when it stands first: `sks, dog` takes two."""
    return sum(1 for part in trigger.split(separator) if part.strip())


def parts_to_keep(captions: Sequence[str], trigger: str, *, separator: str = CAPTION_SEPARATOR) -> Ints:
    """`keep_tokens` that each caption needs for its trigger to stay: shape (n,), 0 where the trigger is not in it.

    Parts are counted as the trainer does, empty ones included, up to the last part that belongs to the trigger's
    first occurrence. The trigger may be a part or whole words within one; case does not matter.
    """
    words = [part.strip().casefold() for part in trigger.split(separator) if part.strip()]
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)") for word in words]
    kept = np.zeros(len(captions), dtype=np.int64)
    for row, caption in enumerate(captions):
        folded = caption.strip().casefold()
        if not words or words[0] not in folded:
            continue
        parts = folded.split(separator)
        for start in range(len(parts) - len(patterns) + 1):
            if all(pattern.search(part) for pattern, part in zip(patterns, parts[start:], strict=False)):
                kept[row] = start + len(patterns)
                break
    return kept


def legal_repeats(value: float, /) -> bool:
    """Whole numbers from 1; below that the subset is ignored, and a fraction is no integer."""
    return math.isfinite(value) and value >= 1 and value == int(value)


def regularization_exposures(repeats: Ints, train_exposures: int) -> Ints:
    """How often each regularization image is trained per epoch, shape (n,).

    `repeats` in the trainer's order: subsets as they stand in the config (in the file system's order for folders),
    images by path within. Images are taken with their repeats until the sum reaches `train_exposures` (all training
    images times repeats); the rest is never used. Where all of them fall short, each gets one more in turn until
    the sum is met.
    """
    repeats = np.maximum(repeats, 0)
    wanted = max(train_exposures, 0)
    before = np.cumsum(repeats) - repeats
    taken = np.where(before < wanted, repeats, 0).astype(np.int64)
    missing = wanted - int(taken.sum())
    members = np.flatnonzero(repeats)
    if missing > 0 and len(members) > 0:
        rounds, first = divmod(missing, len(members))
        taken[members] += rounds
        taken[members[:first]] += 1
    return taken


def exposures(repeats: Floats, regularization: Mask, /) -> Floats:
    """How often each image of one dataset is trained per epoch, shape (n,), images in the trainer's order.

    Training images by their repeats (none below 1), regularization images as `regularization_exposures` says.
    """
    whole = np.maximum(np.asarray(repeats).astype(np.int64), 0)
    train = ~np.asarray(regularization, dtype=bool)
    result = whole.copy()
    result[~train] = regularization_exposures(whole[~train], int(whole[train].sum()))
    return result.astype(np.float64)


@dataclass(frozen=True, slots=True)
class ValidationSplit:
    """Images per subset for training and validation. `shared` are in both even with a `validation_seed`.

    Without a seed the two parts are drawn from different shuffles, and up to all of the validation images are
    trained as well.
    """

    train: int
    validation: int
    shared: int


def validation_split(n: int, share: float) -> ValidationSplit:
    """The split of a DreamBooth subset of n training images; regularization images are never split off.

    Above 1 nothing is validated, and the images beyond 2 - share of them are not trained either.
    """
    if n == 0 or share <= 0.0:
        return ValidationSplit(n, 0, 0)
    train = math.ceil(n * (1 - share))
    if share > 1.0:
        return ValidationSplit(max(0, n + train) if train < 0 else 0, 0, 0)
    validation = round(n * share)
    return ValidationSplit(train, validation, max(0, train + validation - n))


def image_buckets(width: Ints, height: Ints, resolution: int, /) -> Buckets:
    """What becomes of images of these stored sizes with buckets as they are usually set for the resolution."""
    return buckets(width, height, usual_settings(resolution))


def held_out(n: int, share: float, /) -> int:
    """What is not in the training part; without a seed some of the validation images are trained all the same."""
    return n - validation_split(n, share).train


def shipped_validation(n: int, /) -> int:
    """None: nothing is held out unless `validation_split` says so."""
    return 0


def batches_per_bucket(bucket: Ints, exposures: Floats, batch_size: int) -> Ints:
    """Batches of each bucket, shape (number of the largest bucket + 1,). A short last batch is trained as it is.

    `bucket` numbers the bucket of each image, shape (n,); buckets of different `[[datasets]]` need different numbers.
    """
    images = np.bincount(bucket, weights=exposures).astype(np.int64)
    return -(-images // batch_size)


def steps_per_epoch(
    bucket: Ints, exposures: Floats, *, batch_size: int, gradient_accumulation: int = 1, processes: int = 1
) -> int:
    """Optimizer steps of one epoch as `--max_train_epochs` counts them."""
    batches = int(batches_per_bucket(bucket, exposures, batch_size).sum())
    return math.ceil(batches / processes / gradient_accumulation)


def configured(documents: Sequence[Document], subfolders: Callable[[str], Sequence[str]], /) -> TrainingConfig:
    """What configs say together: dataset config, options in a file or of a command line, fine-tuning metadata."""
    return read_configs(documents, subfolders, trainer=TRAINER, version=VERSION)


def with_folder_settings(
    config: TrainingConfig | None, folders: Mapping[str, Mapping[str, Any]], /
) -> TrainingConfig | None:
    """sd-scripts reads no settings from files beside the images."""
    return config


def configured_buckets(width: Ints, height: Ints, settings: Mapping[str, Given], /) -> Buckets | None:
    """What becomes of images with the buckets of a config's dataset; None where the trainer does not start."""
    if "resolution" not in settings or min(settings["resolution"].value) < 1:
        return None
    names = ("enable_bucket", "min_bucket_reso", "max_bucket_reso", "bucket_reso_steps", "bucket_no_upscale")
    told = {name: settings[name].value for name in names if name in settings}
    chosen = BucketSettings(settings["resolution"].value, **told)
    return None if chosen.fault() else buckets(width, height, chosen)


_CAPTION_SETTINGS: Final = tuple(one.name for one in fields(CaptionSettings))


def configured_caption(path: str, text: str | None, settings: Mapping[str, Given], /) -> tuple[str, CaptionSource]:
    """The caption of a subset as it is trained when chance changes nothing: its file's, else its class tokens.

    Raises ValueError for an empty separator, at which the trainer stops.
    """
    tokens = settings["class_tokens"].value if "class_tokens" in settings else None
    caption, source = caption_of(None if text is None else text.strip(), tokens)
    told = {name: settings[name].value for name in _CAPTION_SETTINGS if name in settings}
    return processed_caption(caption, CaptionSettings(**told)).text, source
