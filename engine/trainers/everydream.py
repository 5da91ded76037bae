"""EveryDream2trainer: which files it reads, how folder settings add up, how often an image is trained.

Facts from the source: `data/dataset.py` (captions and folder settings), `data/data_loader.py` (multiply),
`data/every_dream_validation.py`, `utils/fs_helpers.py`, `train.py`. The tables of buckets are in
`everydream_buckets` and offered here.
"""

import math
import posixpath
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask
from tagmetry.trainers import everydream_buckets
from tagmetry.trainers.contract import (
    Buckets,
    CaptionSource,
    ConfigKey,
    ConfigProblem,
    Floats,
    Ints,
    LastBatch,
    LiteralKind,
    has_kind,
    kind_of,
)
from tagmetry.trainers.everydream_buckets import RESOLUTIONS as RESOLUTIONS
from tagmetry.trainers.everydream_buckets import batches_per_bucket as batches_per_bucket
from tagmetry.trainers.everydream_buckets import bucket_table as bucket_table
from tagmetry.trainers.everydream_buckets import last_batch_loss_scale as last_batch_loss_scale
from tagmetry.trainers.everydream_buckets import steps_per_epoch as steps_per_epoch
from tagmetry.trainers.everydream_buckets import table_side as table_side
from tagmetry.trainers.everydream_buckets import undersized as undersized
from tagmetry.trainers.everydream_buckets import warns_of_copies as warns_of_copies
from tagmetry.trainers.settings import Document, DocumentKind, Given, TrainingConfig

TRAINER: Final = "everydream"
VERSION: Final = "EveryDream2trainer (5098db83)"

IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".jfif")
CAPTION_SUFFIXES: Final = (".txt", ".caption", ".yml", ".yaml")
"""Sidecars in the order they are merged; of each field the later one wins, tags add up. Lower case only."""

GLOBAL_FILES: Final = ("global.yaml", "global.yml")
"""Settings of a folder and all below it, in the order they are merged."""

LOCAL_FILES: Final = (
    "multiply.txt",
    "cond_dropout.txt",
    "flip_p.txt",
    "local.yaml",
    "local.yml",
    "batch_id.txt",
    "loss_scale.txt",
    "shuffle_tags.txt",
)
"""Settings of one folder alone, in the order they are merged. `shuffle_tags.txt` counts by being there."""

CONTROL_FILES: Final = GLOBAL_FILES + LOCAL_FILES

TRAIN_JSON_ENCODING: Final = "ascii"
"""train.json is opened in the encoding of the system: only escaped text means the same everywhere."""

VALIDATION_SHARE: Final = 0.15
"""Of the training images, taken away by the validation_default.json that the shipped train.json names."""

STOPS_AT_EMPTY_CAPTION_FILE: Final = False

APPLIES_ORIENTATION: Final = True

DEFAULT_BATCH_SIZE: Final = 2
"""Of the trainer's own; the train.json that comes with it sets 8."""

LAST_BATCH: LastBatch = "filled"
"""A bucket's last batch is filled with random copies of its own images, and its loss scaled down."""

MAX_CAPTION_LENGTH: Final = 2048
DEFAULT_BATCH_ID: Final = "default_batch"


def _setting(
    literal: LiteralKind,
    default: int | float | bool | str | None,
    least: float | None = None,
    most: float | None = None,
) -> ConfigKey:
    return ConfigKey(literal, frozenset({"train.json"}), default, least=least, most=most)


SETTINGS: Final[Mapping[str, ConfigKey]] = {
    "data_root": _setting("str", "input"),
    "resolution": _setting("int", 512, 256, 1599),
    "batch_size": _setting("int", 2, 1),
    "grad_accum": _setting("int", 1, 1),
    "max_epochs": _setting("int", 300, 1),
    "seed": _setting("int", 555, -1),
    "cond_dropout": _setting("number", 0.04, 0.0, 1.0),
    "flip_p": _setting("number", 0.0, 0.0, 1.0),
    "shuffle_tags": _setting("bool", False),
    "keep_tags": _setting("int", 0, 0),
    "rated_dataset": _setting("bool", False),
    "rated_dataset_target_dropout_percent": _setting("int", 50, 0, 100),
    "validation_config": _setting("str", None),
}
"""Keys of train.json that concern the dataset, with the trainer's own defaults (the shipped file sets others).

The file may hold anything: no key and no type is checked, and a file that is no JSON is passed over.
"""

INEFFECTIVE_SETTINGS: Final = ("flip_p", "keep_tags")
"""Read and never applied: flips come from folders only, and the number of tags to keep is cut to 0."""

T = TypeVar("T")

_NUMBERS: Final = ("multiply", "cond_dropout", "flip_p", "loss_scale", "rating", "max_caption_length")


def reads_image(name: str, /) -> bool:
    """Whether a file of this name is an image: suffix in any case, name not hidden."""
    return not name.startswith(".") and name.lower().endswith(IMAGE_SUFFIXES)


def reads_folder(name: str) -> bool:
    """Whether the walk enters a folder of this name."""
    return not name.startswith(".")


def decode_text(content: bytes) -> str:
    """UTF-8, else latin-1; a byte-order mark stays as U+FEFF; all line ends as \\n."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number_in(text: str) -> float | None:
    """What a file such as multiply.txt sets; None (unset, with a warning) for text that is no number.

    A byte-order mark and a decimal comma make it none.
    """
    try:
        return float(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Tag:
    """Tags of the same text and another weight are two tags."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Fields:
    """What a sidecar, a folder or an image has set; None is unset. `prompts` and `tags`: the most specific first."""

    prompts: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    multiply: float | None = None
    cond_dropout: float | None = None
    flip_p: float | None = None
    loss_scale: float | None = None
    rating: float | None = None
    max_caption_length: float | None = None
    batch_id: str | None = None
    shuffle_tags: bool | None = False

    def under(self, other: "Fields") -> "Fields":
        """These with `other` laid over them: its prompts and tags come first, its set values win."""

        def upper(name: str) -> Any:
            value = getattr(other, name)
            return getattr(self, name) if value is None else value

        return Fields(
            prompts=_unique((*other.prompts, *self.prompts)),
            tags=_unique((*other.tags, *self.tags)),
            batch_id=upper("batch_id"),
            shuffle_tags=upper("shuffle_tags"),
            **{name: upper(name) for name in _NUMBERS},
        )


def _unique(members: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(members))


NOTHING: Final = Fields()


def fold(layers: Sequence[Fields]) -> Fields:
    """Layers laid over each other, the first at the bottom. Tags are shuffled if any layer says so."""
    folded = NOTHING
    for layer in layers:
        folded = folded.under(layer)
    return replace(folded, shuffle_tags=any(layer.shuffle_tags for layer in layers))


def split_caption(text: str) -> tuple[str, tuple[str, ...]]:
    """The main prompt, up to the first comma, and the tags; each stripped. Empty tags stay, repeated ones go."""
    prompt, *tags = (part.strip() for part in text.split(","))
    return prompt, _unique(tags)


def caption_fields(text: str) -> Fields:
    """What a .txt or .caption sidecar sets. Line ends are not special.

    A text that is the path of an existing file is opened instead; that is not modelled here.
    """
    if not text:
        return NOTHING
    prompt, tags = split_caption(text)
    return Fields(prompts=(prompt,) if prompt else (), tags=tuple(Tag(tag) for tag in tags))


def document_fields(data: Mapping[str, Any]) -> Fields:
    """What a YAML sidecar, a global.yaml, a local.yaml or a JSON entry sets.

    Values that `document_problems` reports count as unset; the trainer fails on them.
    """
    numbers = {name: float(data[name]) for name in _NUMBERS if has_kind(data.get(name), "number")}
    batch_id = data.get("batch_id")
    shuffle = data.get("shuffle_tags")
    fields = Fields(
        prompts=_unique(_prompts(data.get("main_prompt"))),
        tags=_unique(_tags(data.get("tags", []))),
        batch_id=batch_id if isinstance(batch_id, str) else None,
        shuffle_tags=None if shuffle is None else bool(shuffle),
        **numbers,
    )
    caption = data.get("caption")
    if isinstance(caption, str) and caption:
        return fields.under(caption_fields(caption))
    if isinstance(caption, Mapping) and caption:
        return fields.under(document_fields(caption))
    return fields


def _prompts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, list | tuple):
        yield from (prompt for prompt in value if isinstance(prompt, str))


def _tags(value: Any) -> Iterator[Tag]:
    if not isinstance(value, list | tuple):
        return
    for tag in value:
        if isinstance(tag, str):
            yield Tag(tag)
        elif isinstance(tag, Mapping):
            weight: Any = tag.get("weight")
            yield Tag(str(tag.get("tag")), float(weight) if has_kind(weight, "number") else 1.0)


def document_problems(data: Mapping[str, Any]) -> list[ConfigProblem]:
    """Values on which the trainer fails: `wrong-type` (key, expected, found)."""
    problems = [
        _wrong_type(name, "number", data[name])
        for name in _NUMBERS
        if data.get(name) is not None and not has_kind(data[name], "number")
    ]
    if "tags" in data and not has_kind(data["tags"], "list"):
        problems.append(_wrong_type("tags", "list", data["tags"]))
    return problems


def _wrong_type(name: str, expected: str, value: Any) -> ConfigProblem:
    return ConfigProblem("wrong-type", (name,), {"key": name, "expected": expected, "found": kind_of(value)})


FileContents = Mapping[str, str | Mapping[str, Any]]
"""The files of one folder by name: texts, and YAML files as parsed mappings."""


def inherited_fields(parent: Fields, files: FileContents) -> Fields:
    """What holds for a folder and all below it: its global files over its parent's.

    `shuffle_tags` does not come down: a folder without a global file of its own switches it off.
    """
    return parent.under(fold([_file_fields(files[name]) for name in GLOBAL_FILES if name in files]))


def local_fields(files: FileContents) -> Fields:
    """What holds for the images of this folder alone."""
    layers = []
    for name in LOCAL_FILES:
        content = files.get(name)
        if content is None or name == "shuffle_tags.txt":
            continue
        if isinstance(content, Mapping):
            layers.append(document_fields(content))
        elif name == "batch_id.txt":
            layers.append(Fields(batch_id=content))
        elif name.endswith(".txt"):
            number: dict[str, Any] = {name.removesuffix(".txt"): number_in(content)}
            layers.append(Fields(**number))
    folded = fold(layers)
    return replace(folded, shuffle_tags=True) if "shuffle_tags.txt" in files else folded


def sidecar_names(image_name: str) -> tuple[str, ...]:
    """The caption files of an image, in the order they are merged."""
    stem = posixpath.splitext(image_name)[0]
    return tuple(stem + suffix for suffix in CAPTION_SUFFIXES)


def sidecar_fields(image_name: str, files: FileContents) -> Fields:
    """What the image's own caption files set; an image called multiply.png takes multiply.txt for its caption."""
    return fold([_file_fields(files[name]) for name in sidecar_names(image_name) if name in files])


def _file_fields(content: str | Mapping[str, Any]) -> Fields:
    return caption_fields(content) if isinstance(content, str) else document_fields(content)


def image_fields(image_name: str, *, inherited: Fields, local: Fields, sidecar: Fields) -> Fields:
    """All that holds for one image. Without any prompt the file name up to its first `_` is read as the caption.

    That last step also switches off the shuffling of tags.
    """
    resolved = fold([inherited, local, sidecar])
    if resolved.prompts:
        return resolved
    return resolved.under(caption_fields(posixpath.splitext(image_name)[0].split("_")[0]))


def caption_text(fields: Fields) -> str | None:
    """The caption without shuffling: the first prompt, then the tags by falling weight. None: the trainer stops."""
    if not fields.prompts:
        return None
    tags = sorted(fields.tags, key=lambda tag: tag.weight or 1.0, reverse=True)
    return ", ".join((fields.prompts[0], *(tag.text for tag in tags)))


def trained_caption(path: str, text: str | None, /) -> tuple[str, CaptionSource]:
    """What is trained where no folder sets anything: the file's prompt and tags, else the file name up to its `_`.

    Tags of a file without a prompt follow the file name.
    """
    prompt, tags = split_caption(text or "")
    if prompt:
        return ", ".join((prompt, *tags)), "file"
    sidecar = caption_fields(text or "")
    resolved = image_fields(posixpath.basename(path), inherited=NOTHING, local=NOTHING, sidecar=sidecar)
    caption = caption_text(resolved)
    return ("", "none") if caption is None else (caption, "file-name")


def image_buckets(width: Ints, height: Ints, resolution: int, /) -> Buckets | None:
    """What becomes of images of these displayed sizes; None for a resolution without a table."""
    if table_side(resolution) is None:
        return None
    return everydream_buckets.buckets(width, height, resolution)


def multiplier(value: float | None) -> float:
    """The factor that counts: unset and 0 are 1."""
    return value or 1.0


def multiplier_of(text: str) -> float:
    """How often multiply.txt with this text has each image of its folder trained: 1 for 0 and for no number.

    0 for a negative number, which leaves the folder out; 1 for an infinite one, on which the trainer stops.
    """
    factor = multiplier(number_in(text))
    return max(factor, 0.0) if math.isfinite(factor) else 1.0


def legal_repeats(value: float, /) -> bool:
    """Any positive number; 0 would count as 1 and a negative one shrinks the epoch of everything else."""
    return math.isfinite(value) and value > 0


def multiply_text(value: float) -> str:
    """What to write into multiply.txt. Raises ValueError for a number that does not mean what it says."""
    if not legal_repeats(value):
        raise ValueError(f"{value!r} cannot be written as multiply")
    return str(int(value)) if value == int(value) else repr(float(value))


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch as it is planned: `size` images, `whole` of each for certain, shape (n,), `open_slots` at random.

    The open slots go to images by their `fraction`, shape (n,), at most once each. `stops`: the trainer fails.
    """

    size: int
    whole: Ints
    fraction: Floats
    open_slots: int
    stops: bool


def epoch(multiply: Floats) -> Epoch:
    """The plan of every epoch for these multipliers (as written; 0 and NaN included), shape (n,).

    The size is the floor of their sum, added up one by one as the trainer's Python 3.10 does: ten times 0.1 is 0.
    (The trainer adds them in its shuffled order, which can decide a sum that falls on a whole number.)
    """
    factors = np.where(multiply == 0, 1.0, np.asarray(multiply, dtype=np.float64))
    total = float(np.add.accumulate(factors)[-1]) if len(factors) else 0.0
    finite = bool(np.isfinite(factors).all()) and math.isfinite(total)
    if not finite:
        none = np.zeros(len(factors))
        return Epoch(0, none.astype(np.int64), none, 0, stops=True)
    whole = np.where(factors >= 1, np.floor(factors), 0.0)
    size = math.floor(total)
    open_slots = size - int(whole.sum())
    fraction = np.where(factors > 0, factors - whole, 0.0)
    return Epoch(size, whole.astype(np.int64), fraction, max(open_slots, 0), stops=open_slots < 0)


def exposures(repeats: Floats, regularization: Mask, /) -> Floats:
    """How often each image is trained per epoch on average, shape (n,). Regularization images are like all others.

    Whole parts are exact. The open slots are spread in proportion to the fractions; in truth images late in the
    run's fixed order get less than that, early ones more. Zeros where the trainer stops.
    """
    plan = epoch(np.asarray(repeats, dtype=np.float64))
    if plan.stops:
        return np.zeros(len(plan.whole))
    fractions = float(plan.fraction.sum())
    share = plan.open_slots / fractions if fractions > 0 else 0.0
    return plan.whole + plan.fraction * min(share, 1.0)


def draw(multiply: Floats, *, epochs: int, seed: int = 555) -> NDArray[np.int64]:
    """How often each image is trained in each epoch, shape (epochs, n), by the trainer's own rule and generator.

    The trainer shuffles the images once; in each epoch it walks them in that order and takes each with the
    probability of its fraction, again and again until the epoch is full. Images are given as the file system
    lists them there. Raises ValueError for multipliers on which the trainer stops.
    """
    order = list(range(len(multiply)))
    random.Random(seed).shuffle(order)  # noqa: S311 (the trainer's generator)
    plan = epoch(np.asarray(multiply, dtype=np.float64)[order])
    if plan.stops:
        raise ValueError("the trainer stops on these multipliers")
    drawn = np.tile(plan.whole, (epochs, 1))
    for number in range(epochs):
        generator = random.Random(seed + 1 + number)  # noqa: S311
        drawn[number, list(_filled(plan.fraction.tolist(), plan.open_slots, generator))] += 1
    in_order = np.empty_like(drawn)
    in_order[:, order] = drawn
    return in_order


def _filled(fractions: Sequence[float], slots: int, generator: random.Random) -> Iterator[int]:
    left = list(fractions)
    while slots > 0:
        for row, fraction in enumerate(left):
            if generator.random() < fraction:
                left[row] = 0.0
                slots -= 1
                yield row
                if slots == 0:
                    break


def validation_count(n: int, share: float = VALIDATION_SHARE) -> int:
    """Images taken from n training images for validation, multipliers not considered: at least 1."""
    return min(n, max(1, math.ceil(share * n)))


def held_out(n: int, share: float, /) -> int:
    """At least one where anything is held out."""
    return validation_count(n, share) if n and share > 0 else 0


def shipped_validation(n: int, /) -> int:
    """What the validation_default.json takes that the shipped train.json names."""
    return validation_count(n)


# What follows is made of this module's own parts, so that it is imported late.


def config_kind(data: Mapping[str, Any], form: str, /) -> DocumentKind | None:
    """Whether a file with these keys is a train.json."""
    from tagmetry.trainers import everydream_training

    return everydream_training.config_kind(data, form)


def named_files(document: Document, /) -> tuple[Given, ...]:
    """The settings of the validation, which stand in a file of their own."""
    from tagmetry.trainers import everydream_training

    return everydream_training.named_files(document)


def configured(documents: Sequence[Document], subfolders: Callable[[str], Sequence[str]], /) -> TrainingConfig:
    """What a train.json says."""
    from tagmetry.trainers import everydream_training

    return everydream_training.configured(documents)


def with_folder_settings(
    config: TrainingConfig | None, folders: Mapping[str, Mapping[str, Any]], /
) -> TrainingConfig | None:
    """The config with one part for each folder that holds images, with what its control files set."""
    from tagmetry.trainers import everydream_training

    return everydream_training.with_folder_settings(config, folders)


def configured_buckets(width: Ints, height: Ints, settings: Mapping[str, Given], /) -> Buckets | None:
    """What becomes of images at the resolution of a train.json."""
    given = settings.get("resolution")
    return None if given is None else image_buckets(width, height, int(given.value[0]))


def configured_caption(path: str, text: str | None, settings: Mapping[str, Given], /) -> tuple[str, CaptionSource]:
    """No setting changes a caption when chance changes nothing."""
    return trained_caption(path, text)
