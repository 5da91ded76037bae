"""A dataset with a trainer's eye: which images are read, what becomes of each one and its caption, how batches fill.

Everything is made from the columns of a dataset by the trainer's module: with the settings of the trainer's config
where one was given, else with buckets as they are usually set for the profile's resolution.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Column, Mask
from tagmetry.dataset import Dataset
from tagmetry.trainer_config import ConfigPart, TrainerConfig
from tagmetry.trainers import TRAINERS, Buckets, CaptionSource, Floats, Given, Ints, LastBatch, Trainer

Fate = Literal["trained", "role", "suffix", "repeats", "empty-caption-file", "no-bucket", "surplus"]
"""What the trainer does with an image. Where it is not `trained`:

`role` - it is kept out of training: held out, for preservation, of an earlier stage;
`suffix` - the trainer opens no file of this name; `repeats` - the repeats of its folder mean nothing to it;
`empty-caption-file`, `no-bucket` - the trainer stops on it; `surplus` - it is never drawn.
"""

FATES: Final[tuple[Fate, ...]] = (
    "trained",
    "role",
    "suffix",
    "repeats",
    "empty-caption-file",
    "no-bucket",
    "surplus",
)
STOPPING_FATES: Final[tuple[Fate, ...]] = ("empty-caption-file", "no-bucket")

_TRAINED_ROLES: Final = ("train", "regularization")
_CLIP_TOKENS: Final = 75
_TURNED: Final = 2
"""EXIF orientations from this one on turn or mirror the picture."""

_ON_ITS_SIDE: Final = 5
"""EXIF orientations from this one on swap width and height."""


@dataclass(frozen=True, slots=True)
class BucketTable:
    """The buckets that hold images, as columns of shape (k,), the fullest first.

    `images` are different ones, `exposures` with repeats; `remainder` is how many exposures the last batch holds, 0
    where it is full.
    """

    width: Ints
    height: Ints
    images: Ints
    exposures: Floats
    batches: Ints
    remainder: Floats
    dataset: Ints
    """Number of the config's dataset, whose batches are its own; 0 without a config."""
    batch_size: Ints
    upscaled: Ints
    """How many of the images are scaled up."""
    most_cut: Floats
    """Largest share of a picture that is cut away."""

    def __len__(self) -> int:
        return len(self.width)


@dataclass(frozen=True, eq=False)
class Preview:
    """What a trainer makes of a dataset. Columns have shape (n,), in the rows of the dataset.

    `fate` numbers `FATES`. `width` and `height` are the sizes that the trainer sees. `buckets` has figures of 0 for
    images that it does not read; it is None without a resolution, and where the trainer takes none like it.
    `bucket_of` numbers the rows of `table`, -1 for none. `exposures` are per epoch. Tokens are those of the caption
    as written; `tokens.valid` is false without a caption.
    """

    dataset: Dataset
    trainer: Trainer
    resolution: int | None
    batch_size: int
    token_limit: int
    fate: NDArray[np.int8]
    width: Ints
    height: Ints
    orientation_ignored: Mask
    exposures: Floats
    buckets: Buckets | None
    bucket_of: Ints
    table: BucketTable | None
    steps_per_epoch: int | None
    tokens: Column
    config: TrainerConfig | None = None
    """The config whose settings count here; None where the usual ones do."""

    @property
    def n(self) -> int:
        return len(self.fate)

    @property
    def trained(self) -> Mask:
        """Shape (n,): the images that take part in training."""
        return self.having("trained")

    @property
    def resolution_refused(self) -> bool:
        return self.resolution is not None and self.buckets is None

    @property
    def is_batch_size_given(self) -> bool:
        return self.dataset.profile.batch_size is not None

    @property
    def last_batch(self) -> LastBatch:
        return self.trainer.LAST_BATCH

    @property
    def tokens_kept(self) -> Ints:
        return np.where(self.tokens.valid, np.minimum(self.tokens.values, self.token_limit), 0).astype(np.int64)

    @property
    def tokens_cut(self) -> Ints:
        return np.where(self.tokens.valid, np.maximum(self.tokens.values - self.token_limit, 0), 0).astype(np.int64)

    @property
    def held_out(self) -> int:
        """Trained images that the trainer takes for validation: as its config says, else as its shipped settings do."""
        n = int(self.trained.sum())
        if self.config is None:
            return self.trainer.shipped_validation(n)
        shares = [given.value for given, _, _ in self.config.of_datasets("validation_split")]
        return self.trainer.held_out(n, float(shares[0])) if shares else 0

    def having(self, *fates: Fate) -> Mask:
        """Shape (n,): the images with one of these fates."""
        return np.isin(self.fate, [FATES.index(fate) for fate in fates])

    @cached_property
    def captions(self) -> tuple[tuple[str, CaptionSource], ...]:
        """Per image the caption that is trained when chance changes nothing, and where it comes from."""
        captions, root = self.dataset.captions, self.dataset.root.name
        texts = [captions.texts[text] if text >= 0 else None for text in captions.text_of.tolist()]
        settings: list[Mapping[str, Given] | None] = [None] * self.n
        if self.config is not None:
            for part in reversed(self.config.parts):
                for row in part.rows.tolist():
                    settings[row] = part.subset.settings
            unseen = {path for problem in self.config.problems if problem.code == "captions-elsewhere"
                      for path in problem.paths}  # fmt: skip
            texts = [None if path in unseen else text for path, text in zip(self.dataset.paths, texts, strict=True)]
        return tuple(
            self._caption(f"{root}/{path}", text, own)
            for path, text, own in zip(self.dataset.paths, texts, settings, strict=True)
        )

    def _caption(self, path: str, text: str | None, settings: Mapping[str, Given] | None) -> tuple[str, CaptionSource]:
        if settings is None:
            return self.trainer.trained_caption(path, text)
        try:
            return self.trainer.configured_caption(path, text, settings)
        except ValueError:
            # Settings at which the trainer stops, which rules report: the caption as it was written.
            return self.trainer.trained_caption(path, text)


def preview_of(dataset: Dataset) -> Preview:
    """The dataset as the profile's trainer sees it. Raises KeyError without a trainer, or for one not modelled."""
    trainer = TRAINERS[str(dataset.profile.trainer)]
    profile = dataset.profile
    config = _config_of(dataset)
    if config is not None:
        return _configured(dataset, trainer, config)
    width, height, ignored = _seen_sizes(dataset, trainer)
    fate = _fate_before_bucketing(dataset, trainer)
    resolution = profile.resolution
    buckets = None if resolution is None else trainer.image_buckets(width, height, resolution)
    if buckets is not None:
        fate[(fate == FATES.index("trained")) & buckets.stops] = FATES.index("no-bucket")
    exposures = _exposures(dataset, trainer, fate)
    is_trained = fate == FATES.index("trained")
    never = is_trained & (exposures == 0)
    fate[never] = FATES.index("surplus")
    batch_size = profile.batch_size or trainer.DEFAULT_BATCH_SIZE
    bucket_of, table, steps = np.full(dataset.n, -1, dtype=np.int64), None, None
    if buckets is not None:
        bucket_of, table, steps = _batched(buckets, exposures, is_trained & ~never, trainer, batch_size)
        buckets = _blanked(buckets, fate)
    return Preview(
        dataset=dataset,
        trainer=trainer,
        resolution=resolution,
        batch_size=batch_size,
        token_limit=profile.max_token_length or _CLIP_TOKENS,
        fate=fate,
        width=width,
        height=height,
        orientation_ignored=ignored & (fate == FATES.index("trained")),
        exposures=exposures,
        buckets=buckets,
        bucket_of=bucket_of,
        table=table,
        steps_per_epoch=steps,
        tokens=dataset.samples.tokens,
    )


_WHAT_IF: Final = ("flag", "environment", "policy")
"""Origins of a resolution or batch size by which somebody asks what would be otherwise."""


def _config_of(dataset: Dataset) -> TrainerConfig | None:
    """The config that says how images are bucketed; None where there is none, or another resolution is asked for."""
    told = dataset.config
    settings = dataset.profile.settings
    if told is None or told.trainer != dataset.profile.trainer or settings["resolution"].origin in _WHAT_IF:
        return None
    if not any("resolution" in part.settings for part in told.datasets):
        return None
    return TrainerConfig(dataset, told)


def _configured(dataset: Dataset, trainer: Trainer, config: TrainerConfig) -> Preview:
    """The preview by a config: each of its datasets has buckets and batches of its own.

    An image that several of them train (at several resolutions) is shown in the bucket of the first.
    """
    profile = dataset.profile
    width, height, ignored = _seen_sizes(dataset, trainer)
    fate = _fate_before_bucketing(dataset, trainer)
    fate[_rows_without_repeats(config, trainer) & (fate == FATES.index("trained"))] = FATES.index("repeats")
    asked = profile.batch_size if profile.settings["batch_size"].origin in _WHAT_IF else None
    exposures = np.zeros(dataset.n, dtype=np.float64)
    bucket_of = np.full(dataset.n, -1, dtype=np.int64)
    shown: Buckets | None = None
    tables: list[BucketTable] = []
    steps = 0
    for number, (of_dataset, parts) in enumerate(config.datasets):
        buckets = trainer.configured_buckets(width, height, of_dataset.settings)
        if buckets is None:
            continue
        inside, repeats, is_reg = _drawn(parts, trainer, dataset.n)
        fate[inside & (fate == FATES.index("trained")) & buckets.stops] = FATES.index("no-bucket")
        rows = np.flatnonzero(inside & (fate == FATES.index("trained")))
        drawn = np.zeros(dataset.n, dtype=np.float64)
        drawn[rows] = trainer.exposures(repeats[rows], is_reg[rows])
        batch_size = asked or int(of_dataset.value("batch_size") or trainer.DEFAULT_BATCH_SIZE)
        own, table, own_steps = _batched(buckets, drawn, inside & (drawn > 0), trainer, max(1, batch_size))
        first = (own >= 0) & (bucket_of < 0)
        bucket_of[first] = own[first] + sum(map(len, tables))
        shown = buckets if shown is None else _where(first, buckets, shown)
        tables.append(replace(table, dataset=np.full(len(table), number, dtype=np.int64)))
        exposures += drawn
        steps += own_steps
    fate[(fate == FATES.index("trained")) & (exposures == 0)] = FATES.index("surplus")
    accumulated = config.value("gradient_accumulation_steps") or 1
    return Preview(
        dataset=dataset,
        trainer=trainer,
        resolution=profile.resolution,
        batch_size=asked or profile.batch_size or trainer.DEFAULT_BATCH_SIZE,
        token_limit=profile.max_token_length or _CLIP_TOKENS,
        fate=fate,
        width=width,
        height=height,
        orientation_ignored=ignored & (fate == FATES.index("trained")),
        exposures=exposures,
        buckets=None if shown is None else _blanked(shown, fate),
        bucket_of=bucket_of,
        table=_joined(tables) if tables else None,
        steps_per_epoch=-(-steps // max(1, int(accumulated))) if tables else None,
        tokens=dataset.samples.tokens,
        config=config,
    )


def _rows_without_repeats(config: TrainerConfig, trainer: Trainer) -> Mask:
    """Shape (n,): in the config, and yet in no part whose repeats mean anything."""
    named, drawn = (np.zeros(config.dataset.n, dtype=bool) for _ in range(2))
    for part in config.parts:
        named[part.rows] = True
        drawn[part.rows] |= trainer.legal_repeats(float(part.value("num_repeats") or 0))
    return named & ~drawn


def _drawn(parts: tuple[ConfigPart, ...], trainer: Trainer, n: int) -> tuple[Mask, Floats, Mask]:
    """Shape (n,): what a dataset of the config draws from, with repeats, and what of it is for regularization."""
    inside, is_reg = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    repeats = np.zeros(n, dtype=np.float64)
    for part in reversed(parts):
        value = float(part.value("num_repeats") or 0)
        if trainer.legal_repeats(value):
            inside[part.rows] = True
            repeats[part.rows] = value
            is_reg[part.rows] = part.is_regularization
    return inside, repeats, is_reg


def _where(mask: Mask, one: Buckets, other: Buckets) -> Buckets:
    names = [one.name for one in fields(Buckets)]
    return Buckets(**{name: np.where(mask, getattr(one, name), getattr(other, name)) for name in names})


def _joined(tables: list[BucketTable]) -> BucketTable:
    names = [one.name for one in fields(BucketTable)]
    return BucketTable(**{name: np.concatenate([getattr(table, name) for table in tables]) for name in names})


def stored_sizes(dataset: Dataset, trainer: Trainer) -> tuple[Ints, Ints]:
    """Width and height of each image as the trainer reads them, shape (n,)."""
    width, height, _ = _seen_sizes(dataset, trainer)
    return width, height


def _seen_sizes(dataset: Dataset, trainer: Trainer) -> tuple[Ints, Ints, Mask]:
    """Width and height as the trainer reads them, and which pictures it leaves lying or mirrored."""
    samples = dataset.samples
    width, height = (samples.column(name).values.astype(np.int64) for name in ("width", "height"))
    orientation = samples.column("exif_orientation").values
    if trainer.APPLIES_ORIENTATION:
        return width, height, np.zeros(dataset.n, dtype=bool)
    on_its_side = orientation >= _ON_ITS_SIDE
    return (
        np.where(on_its_side, height, width),
        np.where(on_its_side, width, height),
        np.asarray(orientation >= _TURNED),
    )


def _fate_before_bucketing(dataset: Dataset, trainer: Trainer) -> NDArray[np.int8]:
    """Why images are not read, the first reason that holds; the later lines here are the earlier reasons."""
    fate = np.full(dataset.n, FATES.index("trained"), dtype=np.int8)
    if trainer.STOPS_AT_EMPTY_CAPTION_FILE:
        fate[sorted(dataset.captions.zero_bytes)] = FATES.index("empty-caption-file")
    legal = np.array([trainer.legal_repeats(folder.repeats) for folder in dataset.folders], dtype=bool)
    fate[~legal[dataset.folder_of]] = FATES.index("repeats")
    reads = trainer.reads_image
    opened = np.fromiter((reads(path.rpartition("/")[2]) for path in dataset.paths), dtype=bool, count=dataset.n)
    fate[~opened] = FATES.index("suffix")
    in_training = np.zeros(dataset.n, dtype=bool)
    for role in _TRAINED_ROLES:
        in_training |= dataset.roles.equals(role)
    fate[~in_training] = FATES.index("role")
    return fate


def _exposures(dataset: Dataset, trainer: Trainer, fate: NDArray[np.int8]) -> Floats:
    """Per image and epoch, 0 for what is not read. Images are in path order, as the trainer reads a folder."""
    exposures = np.zeros(dataset.n, dtype=np.float64)
    rows = np.flatnonzero(fate == FATES.index("trained"))
    exposures[rows] = trainer.exposures(dataset.repeats[rows], dataset.roles.equals("regularization")[rows])
    return exposures


def _batched(
    buckets: Buckets, exposures: Floats, is_trained: Mask, trainer: Trainer, batch_size: int
) -> tuple[Ints, BucketTable, int]:
    rows = np.flatnonzero(is_trained)
    sizes, number = np.unique(
        np.stack([buckets.width[rows], buckets.height[rows]], axis=1), axis=0, return_inverse=True
    )
    number = number.reshape(-1).astype(np.int64)
    images = np.bincount(number, minlength=len(sizes)).astype(np.int64)
    in_all: Floats = np.bincount(number, weights=exposures[rows], minlength=len(sizes)).astype(np.float64)
    order = np.lexsort((sizes[:, 1], sizes[:, 0], -images, -in_all))
    place = np.empty(len(sizes), dtype=np.int64)
    place[order] = np.arange(len(sizes))
    bucket_of = np.full(len(is_trained), -1, dtype=np.int64)
    bucket_of[rows] = place[number]
    table = BucketTable(
        width=sizes[order, 0],
        height=sizes[order, 1],
        images=images[order],
        exposures=in_all[order],
        batches=trainer.batches_per_bucket(bucket_of[rows], exposures[rows], batch_size),
        # Sums of fractions are a little off: ten times 0.1 is no full batch of one without rounding.
        remainder=np.mod(np.round(in_all[order], 6), float(batch_size)),
        dataset=np.zeros(len(sizes), dtype=np.int64),
        batch_size=np.full(len(sizes), batch_size, dtype=np.int64),
        upscaled=np.bincount(number, weights=buckets.upscaled[rows], minlength=len(sizes)).astype(np.int64)[order],
        most_cut=_largest(buckets.crop_loss[rows], number, len(sizes))[order],
    )
    return bucket_of, table, trainer.steps_per_epoch(bucket_of[rows], exposures[rows], batch_size=batch_size)


def _largest(values: Floats, number: Ints, n: int) -> Floats:
    """The largest value of each number, shape (n,)."""
    found = np.zeros(n, dtype=np.float64)
    np.maximum.at(found, number, values)
    return found


def _blanked(buckets: Buckets, fate: NDArray[np.int8]) -> Buckets:
    """The buckets with figures for trained images alone."""
    kept = fate == FATES.index("trained")

    def blank(column: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.where(kept, column, np.zeros(1, dtype=column.dtype))

    return Buckets(
        width=blank(buckets.width).astype(np.int64),
        height=blank(buckets.height).astype(np.int64),
        resized_width=blank(buckets.resized_width).astype(np.int64),
        resized_height=blank(buckets.resized_height).astype(np.int64),
        scale=blank(buckets.scale).astype(np.float64),
        crop_loss=blank(buckets.crop_loss).astype(np.float64),
        stops=buckets.stops & (fate == FATES.index("no-bucket")),
    )
