"""What every trainer module offers, and the shapes in which they all say it. Codes and values, no texts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask

if TYPE_CHECKING:
    from tagmetry.trainers.settings import Document, DocumentKind, Given, TrainingConfig

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

KeyPath = tuple[str | int, ...]
"""Where a key stands in a config: ("datasets", 0, "subsets", 1, "image_dir")."""

LiteralKind = Literal["int", "float", "number", "bool", "str", "table", "list", "int-or-pair", "float-pair"]
"""How a value has to be written. `number` is an integer or a float; a pair is a list of exactly two."""


CaptionSource = Literal["file", "class-tokens", "file-name", "none"]
"""Where the caption of an image comes from."""

LastBatch = Literal["smaller", "filled"]
"""What is done where a bucket has fewer images left than a batch: trained as they are, or filled up with copies."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """What becomes of each image, as columns of shape (n,). Sizes are pixels.

    `width` and `height` are the bucket, `resized_width` and `resized_height` the whole image at the scale of the
    bucket, `scale` the factor on its sides, `crop_loss` the share of its area that is cut away.
    Where `stops` is true the trainer fails on the image; the other columns are 0 there.
    """

    width: Ints
    height: Ints
    resized_width: Ints
    resized_height: Ints
    scale: Floats
    crop_loss: Floats
    stops: Mask

    @property
    def upscaled(self) -> Mask:
        return np.asarray(self.scale > 1.0)


class Trainer(Protocol):
    """A module of this package, one file per trainer. Names are those of the profile's `trainer`."""

    @property
    def TRAINER(self) -> str: ...

    @property
    def VERSION(self) -> str:
        """The release and commit whose code these facts were read from."""

    @property
    def IMAGE_SUFFIXES(self) -> tuple[str, ...]:
        """Lower case, with the dot."""

    @property
    def CAPTION_SUFFIXES(self) -> tuple[str, ...]:
        """What a caption file can end in, lower case, with the dot."""

    @property
    def CONTROL_FILES(self) -> tuple[str, ...]:
        """Patterns (fnmatch, case counts) of files that configure this trainer or are its caches."""

    @property
    def STOPS_AT_EMPTY_CAPTION_FILE(self) -> bool:
        """Whether a caption file without a single byte keeps it from starting."""

    @property
    def APPLIES_ORIENTATION(self) -> bool:
        """Whether images are turned as their EXIF data say. If not, sizes are those of the stored pixels."""

    @property
    def DEFAULT_BATCH_SIZE(self) -> int:
        """Images per step where nothing is set."""

    @property
    def LAST_BATCH(self) -> LastBatch: ...

    def reads_image(self, name: str, /) -> bool:
        """Whether a file of this name, in a folder that is read, is opened as an image."""

    def legal_repeats(self, value: float, /) -> bool:
        """Whether this number may be written as repeats and then means what it says."""

    def exposures(self, repeats: Floats, regularization: Mask, /) -> Floats:
        """How often each image is trained per epoch, shape (n,), in the order the trainer reads the images."""

    def trained_caption(self, path: str, text: str | None, /) -> tuple[str, CaptionSource]:
        """The caption of an image when chance changes nothing; `text` is that of its caption file, None without one."""

    def image_buckets(self, width: Ints, height: Ints, resolution: int, /) -> Buckets | None:
        """What becomes of images of these sizes, shape (n,), with the usual settings for a square resolution.

        None for a resolution that the trainer does not take.
        """

    def batches_per_bucket(self, bucket: Ints, exposures: Floats, batch_size: int) -> Ints:
        """Batches of each bucket per epoch; `bucket` numbers the bucket of each image, shape (n,)."""

    def shipped_validation(self, n: int, /) -> int:
        """Of n images, how many the settings that come with the trainer take out of training for validation."""

    def held_out(self, n: int, share: float, /) -> int:
        """Of n images, how many a validation of this share takes out of training."""

    def steps_per_epoch(self, bucket: Ints, exposures: Floats, *, batch_size: int) -> int:
        """Optimizer steps of one epoch."""

    def config_kind(self, data: Mapping[str, Any], form: str, /) -> "DocumentKind | None":
        """What a file with these keys is to this trainer; None for nothing. `form`: `toml`, `json`, `command`."""

    def named_files(self, document: "Document", /) -> "tuple[Given, ...]":
        """Further config files that this one names, which the trainer reads as well."""

    def configured(
        self, documents: "Sequence[Document]", subfolders: Callable[[str], Sequence[str]], /
    ) -> "TrainingConfig":
        """What configs say together. `subfolders` gives the names of the folders in a folder as a config writes it."""

    def with_folder_settings(
        self, config: "TrainingConfig | None", folders: Mapping[str, Mapping[str, Any]], /
    ) -> "TrainingConfig | None":
        """The config with what control files beside the images set; None where nobody says anything.

        `folders`: by path relative to the dataset, parents first, the control files of each folder that holds images
        or lies above one; texts, and YAML as mappings.
        """

    def configured_buckets(self, width: Ints, height: Ints, settings: "Mapping[str, Given]", /) -> Buckets | None:
        """What becomes of images of these sizes with the settings of a config's dataset; None where it stops."""

    def configured_caption(
        self, path: str, text: str | None, settings: "Mapping[str, Given]", /
    ) -> tuple[str, CaptionSource]:
        """The caption of an image when chance changes nothing, with the settings of a config's subset."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something that a trainer does not take, or takes otherwise than it looks.

    `stops` says that the trainer refuses to start; else it goes on and ignores or misreads the value.
    """

    code: str
    key_path: KeyPath = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    stops: bool = True


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One key of a config. `default` None means unset.

    `levels` and `kinds` say in which tables it is legal, `required` the kinds that cannot do without it.
    `least` and `most` bound what makes sense: most trainers check no ranges.
    """

    literal: LiteralKind
    levels: frozenset[str]
    default: int | float | bool | str | None = None
    kinds: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


def has_kind(value: object, kind: LiteralKind) -> bool:
    """The isinstance rule of voluptuous and its like: true passes for an integer, 3.0 does not, 1 is no float."""
    match kind:
        case "int":
            return isinstance(value, int)
        case "float":
            return isinstance(value, float)
        case "number":
            return isinstance(value, int | float)
        case "bool":
            return isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case "table":
            return isinstance(value, Mapping)
        case "list":
            return isinstance(value, list | tuple)
        case "int-or-pair":
            return isinstance(value, int) or _is_pair(value, int)
        case "float-pair":
            return _is_pair(value, float)


def _is_pair(value: object, member: type[int] | type[float]) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(part, member) for part in value)


def kind_of(value: object) -> str:
    """The type of a config value in the words of TOML and JSON."""
    if value is None:
        return "null"
    for kind in ("bool", "int", "float", "str", "table", "list"):
        if has_kind(value, kind):
            return kind
    return type(value).__name__


def as_literal(value: Any, kind: LiteralKind) -> Any:
    """The same value in the type that the schema wants: 0 becomes 0.0 for a float, 3.0 becomes 3 for an integer.

    Raises ValueError where that would change the value.
    """
    wanted: Any
    match kind:
        case "int":
            wanted = int(value) if _is_whole(value) else value
        case "float":
            wanted = float(value) if _is_number(value) else value
        case "number":
            wanted = value if isinstance(value, int) else float(value) if _is_number(value) else value
        case "int-or-pair" if isinstance(value, Sequence) and not isinstance(value, str):
            wanted = [int(part) if _is_whole(part) else part for part in value]
        case "int-or-pair":
            wanted = int(value) if _is_whole(value) else value
        case "float-pair" if isinstance(value, Sequence) and not isinstance(value, str):
            wanted = [float(part) if _is_number(part) else part for part in value]
        case _:
            wanted = value
    if not has_kind(wanted, kind) or (kind in ("int", "int-or-pair") and isinstance(wanted, bool)):
        raise ValueError(f"{value!r} cannot be written as {kind}")
    return wanted


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value) and value == int(value)


NO_COMMAND_LINE: Final[Mapping[str, Any]] = {}
