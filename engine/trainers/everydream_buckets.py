"""The buckets of EveryDream2: a table per resolution, made by hand, and what is cut and scaled for them.

Facts from `data/aspects.py`, `data/image_train_item.py` and `data/data_loader.py`. Sizes are those of the picture as
it is displayed: the trainer applies an EXIF orientation.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.trainers.aspects import nearest_aspect
from tagmetry.trainers.contract import Buckets, Floats, Ints

_WIDE: Final[Mapping[int, str]] = {
    256: "384x192 512x128",
    320: "384x256 448x192 576x128",
    384: "448x320 512x256 704x192",
    448: "512x384 640x320 768x256",
    512: "576x448 640x384 768x320 896x256 1024x256",
    576: "640x512 704x448 832x384 960x320 1152x256",
    640: "704x576 768x512 832x448 896x448 1024x384 1152x320 1280x320",
    704: "768x640 832x576 960x512 1088x448 1152x384 1280x384 1280x320",
    768: "832x704 896x640 960x576 1024x576 1152x512 1280x448 1408x384 1472x320",
    832: "896x768 960x704 1024x640 1152x576 1216x512 1344x512 1536x448 1600x384",
    896: "1024x768 1088x704 1216x640 1344x576 1536x512 1792x448",
    960: "1088x832 1152x768 1280x704 1408x640 1680x576 1792x512 2048x448",
    1024: "1152x896 1216x832 1344x768 1472x704 1600x640 1792x576 2048x512",
    1088: "1152x1024 1216x896 1408x832 1536x768 1664x704 1792x640 2048x576 2304x512",
    1152: "1280x1024 1344x960 1472x896 1536x832 1728x768 1856x704 2048x640 2304x576",
    1280: "1408x1152 1600x1024 1792x896 1920x832 2112x768 2304x704 2560x640",
    1536: "1728x1344 1792x1280 2048x1152 2304x1024 2432x960 2624x896 2816x832 3072x768",
}
"""The landscape shapes by the side of the square. Each has its portrait twin, with two exceptions."""

_MISWRITTEN: Final[Mapping[tuple[int, tuple[int, int]], tuple[int, int]]] = {
    (320, (128, 576)): (576, 640),
    (1280, (1152, 1408)): (1408, 1344),
}
"""What the trainer's tables have in the place of these portrait shapes."""

RESOLUTIONS: Final = tuple(_WIDE)
"""The sides that have a table of aspect ratios."""

CROP_JITTER: Final = 0.02
"""Of the shorter side, what at most is cut at random from each edge of an image larger than its bucket."""

LAST_BATCH_POWER: Final = 1.5
"""The loss of a batch that was filled up with copies is scaled by its share of own images to this power."""

MOST_COPIES: Final = 0.5
"""Copies per image of a bucket above which the trainer warns."""

_UNDERSIZED: Final = 1.02


def table_side(resolution: int) -> int | None:
    """The side of the table of aspect ratios that this resolution uses; None: refused, or none and a later crash."""
    side = resolution // 64 * 64
    return side if resolution >= 256 and side in _WIDE else None


def _table(side: int) -> Ints:
    sizes = [(side, side)]
    for written in _WIDE[side].split():
        wide, high = (int(part) for part in written.split("x"))
        sizes += [(wide, high), _MISWRITTEN.get((side, (high, wide)), (high, wide))]
    return np.array(sizes, dtype=np.int64)


_TABLES: Final[Mapping[int, Ints]] = MappingProxyType({side: _table(side) for side in _WIDE})


def bucket_table(resolution: int) -> Ints:
    """All bucket sizes (width, height) in the trainer's order, shape (k, 2). Raises ValueError where it has none."""
    side = table_side(resolution)
    if side is None:
        raise ValueError(f"the trainer has no table for the resolution {resolution}")
    return _TABLES[side].copy()


def buckets(width: Ints, height: Ints, resolution: int) -> Buckets:
    """What becomes of images of these displayed sizes, columns of shape (n,). Raises ValueError without a table.

    The trainer trims the image to the bucket's shape at a random place along the long side, then scales it. The
    columns leave out the random trim of the edges (`CROP_JITTER`), which only images larger than their bucket get.
    """
    sizes = bucket_table(resolution)
    width, height = np.asarray(width, dtype=np.int64), np.asarray(height, dtype=np.int64)
    seen = (width > 0) & (height > 0)
    w, h = np.where(seen, width, 1), np.where(seen, height, 1)
    aspect = w / h
    chosen = sizes[nearest_aspect(aspect, sizes)]
    bucket_width, bucket_height = chosen[:, 0], chosen[:, 1]
    target = bucket_width / bucket_height
    kept_width = np.where(aspect > target, (h * target).astype(np.int64), w)
    kept_height = np.where(aspect < target, (w / target).astype(np.int64), h)
    # A sliver of a few pixels can be trimmed to nothing, which cannot be scaled.
    fits = seen & (kept_width > 0) & (kept_height > 0)
    scale = np.where(aspect > target, bucket_height / h, bucket_width / w)
    loss = 1.0 - kept_width * kept_height / (w * h)
    return Buckets(
        width=np.where(fits, bucket_width, 0),
        height=np.where(fits, bucket_height, 0),
        resized_width=np.where(fits, np.maximum(np.rint(w * scale).astype(np.int64), bucket_width), 0),
        resized_height=np.where(fits, np.maximum(np.rint(h * scale).astype(np.int64), bucket_height), 0),
        scale=np.where(fits, scale, 0.0),
        crop_loss=np.where(fits, loss, 0.0),
        stops=~fits,
    )


def undersized(width: Ints, height: Ints, found: Buckets) -> Mask:
    """Shape (n,): which images the trainer lists in its undersized_images.txt. They are trained all the same."""
    differs = (width != found.width) & (height != found.height)
    small = width * height < (found.width * _UNDERSIZED) * (found.height * _UNDERSIZED)
    return np.asarray(differs & small & ~found.stops)


def batches_per_bucket(bucket: Ints, exposures: Floats, batch_size: int) -> Ints:
    """Batches of each bucket, shape (number of the largest bucket + 1,). A short one is filled with copies of its own.

    `bucket` numbers the bucket of each image, shape (n,). Fractions of multipliers are drawn anew in each epoch: the
    count is that of an epoch with as many images as there are on average.
    """
    # The sum of ten times 0.1 is a little off.
    images = np.round(np.bincount(bucket, weights=exposures), 6)
    return np.ceil(images / batch_size).astype(np.int64)


def steps_per_epoch(bucket: Ints, exposures: Floats, *, batch_size: int, gradient_accumulation: int = 1) -> int:
    """Optimizer steps of one epoch; a last group of batches short of the accumulation counts as one."""
    batches = int(batches_per_bucket(bucket, exposures, batch_size).sum())
    return -(-batches // gradient_accumulation)


def last_batch_loss_scale(remainder: int, batch_size: int) -> float:
    """The factor on the loss of a batch that holds `remainder` images and copies of them; 1 for a full one."""
    return float((remainder / batch_size) ** LAST_BATCH_POWER) if remainder else 1.0


def warns_of_copies(images: int, batch_size: int) -> bool:
    """Whether the trainer warns about a bucket of so many different images. It takes no account of multipliers.

    A full bucket is taken for one that lacks a whole batch.
    """
    return images > 0 and (batch_size - images % batch_size) / images > MOST_COPIES
