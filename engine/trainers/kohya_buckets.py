"""The buckets of sd-scripts: which size an image is trained at, and what is scaled and cut away for it.

From `library/train_util.py` (BucketManager) and `library/model_util.py` (make_bucket_resolutions). Sizes are those
of the stored pixels: the trainer does not apply an EXIF orientation.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask
from tagmetry.trainers.aspects import nearest_aspect
from tagmetry.trainers.contract import Buckets, Floats, Ints

BucketFault = Literal["steps-not-positive", "min-above-resolution", "max-below-resolution", "min-below-steps"]


@dataclass(frozen=True, slots=True)
class BucketSettings:
    """A dataset's resolution (width, height) and bucketing; the defaults are the trainer's."""

    resolution: tuple[int, int]
    enable_bucket: bool = False
    min_bucket_reso: int = 256
    max_bucket_reso: int = 1024
    bucket_reso_steps: int = 64
    bucket_no_upscale: bool = False

    def fault(self) -> BucketFault | None:
        """Why the trainer does not start with these, if so. Nothing is checked while buckets are off."""
        if not self.enable_bucket:
            return None
        if self.bucket_reso_steps < 1:
            return "steps-not-positive"
        least, most = adjusted_limits(self.min_bucket_reso, self.max_bucket_reso, self.bucket_reso_steps)
        if min(self.resolution) < least:
            return "min-above-resolution"
        if max(self.resolution) > most:
            return "max-below-resolution"
        if least < 1 and not self.bucket_no_upscale:
            return "min-below-steps"
        return None


STEPS_PX: Final = 64
SMALLEST_SIDE_PX: Final = 256


def usual_settings(resolution: int) -> BucketSettings:
    """Buckets as they are usually set for a square resolution, and as Tagmetry's own export writes them.

    The trainer's default for the longest side is 1024 whatever the resolution is, which takes from 1024 what gives
    its wide shapes their area; so the longest side is twice the resolution here.
    """
    return BucketSettings(
        (resolution, resolution),
        enable_bucket=True,
        min_bucket_reso=min(SMALLEST_SIDE_PX, resolution // STEPS_PX * STEPS_PX),
        max_bucket_reso=2 * resolution + -2 * resolution % STEPS_PX,
        bucket_reso_steps=STEPS_PX,
    )


def adjusted_limits(min_bucket_reso: int, max_bucket_reso: int, steps: int) -> tuple[int, int]:
    """The limits that count: the lower one rounded down, the upper one rounded up to a multiple of `steps`."""
    return min_bucket_reso - min_bucket_reso % steps, max_bucket_reso + -max_bucket_reso % steps


def bucket_list(settings: BucketSettings) -> Ints:
    """All bucket sizes (width, height), shape (k, 2), sorted. One where buckets are off, none with no_upscale.

    Raises ValueError for settings with a fault.
    """
    if fault := settings.fault():
        raise ValueError(f"the trainer does not start: {fault}")
    if not settings.enable_bucket:
        return np.array([settings.resolution], dtype=np.int64)
    if settings.bucket_no_upscale:
        return np.empty((0, 2), dtype=np.int64)
    steps = settings.bucket_reso_steps
    least, most = adjusted_limits(settings.min_bucket_reso, settings.max_bucket_reso, steps)
    area = settings.resolution[0] * settings.resolution[1]
    square = int(np.sqrt(area) // steps) * steps
    sizes = {(square, square)}
    for width in range(least, min(most, area // least) + 1, steps):
        height = min(most, area // width // steps * steps)
        if height >= least:
            sizes |= {(width, height), (height, width)}
    return np.array(sorted(sizes), dtype=np.int64)


def buckets(width: Ints, height: Ints, settings: BucketSettings) -> Buckets:
    """What becomes of images of these sizes, columns of shape (n,). Raises ValueError for settings with a fault."""
    sizes = bucket_list(settings)
    width, height = np.asarray(width, dtype=np.int64), np.asarray(height, dtype=np.int64)
    seen = (width > 0) & (height > 0)
    w, h = np.where(seen, width, 1), np.where(seen, height, 1)
    if settings.enable_bucket and settings.bucket_no_upscale:
        return _own_size(w, h, settings, seen)
    return _listed_size(w, h, sizes, seen)


def _listed_size(width: Ints, height: Ints, sizes: Ints, seen: Mask) -> Buckets:
    aspect = width / height
    # The trainer looks for a bucket of the image's own size first. No two buckets share a ratio, so this finds it too.
    chosen = sizes[nearest_aspect(aspect, sizes)]
    bucket_width, bucket_height = chosen[:, 0], chosen[:, 1]
    by_height = aspect > bucket_width / bucket_height
    scale = np.where(by_height, bucket_height / height, bucket_width / width)
    resized_width = _rounded(width * scale)
    resized_height = _rounded(height * scale)
    return _result(bucket_width, bucket_height, resized_width, resized_height, scale=scale, fits=seen)


def _own_size(width: Ints, height: Ints, settings: BucketSettings, seen: Mask) -> Buckets:
    steps = settings.bucket_reso_steps
    area = settings.resolution[0] * settings.resolution[1]
    aspect = width / height
    too_large = width * height > area
    ideal_width = np.sqrt(area * aspect)
    ideal_height = area / ideal_width

    def to_steps(side: Floats) -> Ints:
        whole = _rounded(side)
        return whole - whole % steps

    width_first = to_steps(ideal_width)
    height_of_it = to_steps(width_first / aspect)
    height_first = to_steps(ideal_height)
    width_of_it = to_steps(height_first * aspect)
    # Where a side comes out as 0 the trainer divides by it.
    broken = too_large & ((height_of_it == 0) | (height_first == 0))
    error_width_first = np.abs(width_first / np.maximum(height_of_it, 1) - aspect)
    error_height_first = np.abs(width_of_it / np.maximum(height_first, 1) - aspect)
    by_width = error_width_first < error_height_first
    shrunk_width = np.where(by_width, width_first, _rounded(height_first * aspect))
    shrunk_height = np.where(by_width, _rounded(width_first / aspect), height_first)
    resized_width = np.where(too_large, shrunk_width, width)
    resized_height = np.where(too_large, shrunk_height, height)
    bucket_width = resized_width - resized_width % steps
    bucket_height = resized_height - resized_height % steps
    shrink = np.where(by_width, width_first / width, height_first / height)
    scale = np.where(too_large, shrink, 1.0)
    fits = seen & ~broken & (bucket_width > 0) & (bucket_height > 0)
    return _result(bucket_width, bucket_height, resized_width, resized_height, scale=scale, fits=fits)


def _result(
    bucket_width: Ints,
    bucket_height: Ints,
    resized_width: Ints,
    resized_height: Ints,
    *,
    scale: Floats,
    fits: Mask,
) -> Buckets:
    whole = np.maximum(resized_width * resized_height, 1)
    loss = 1.0 - bucket_width * bucket_height / whole
    return Buckets(
        width=np.where(fits, bucket_width, 0),
        height=np.where(fits, bucket_height, 0),
        resized_width=np.where(fits, resized_width, 0),
        resized_height=np.where(fits, resized_height, 0),
        scale=np.where(fits, scale, 0.0),
        crop_loss=np.where(fits, loss, 0.0),
        stops=~fits,
    )


def _rounded(side: NDArray[Any]) -> Ints:
    """int(x + 0.5), as the trainer rounds sides."""
    return np.floor(side + 0.5).astype(np.int64)
