"""A preview as data: what `tagmetry preview --format json` writes, every image with its fate."""

from typing import Any, Final

from tagmetry.dataset import Dataset
from tagmetry.preview import FATES, STOPPING_FATES, Preview, preview_of
from tagmetry.trainers import TRAINERS

FORMAT: Final = "tagmetry-preview/1"
_DIGITS: Final = 6


def preview_as_data(seen: Preview) -> dict[str, Any]:
    """Built field by field; the images in path order. Shares and factors have six decimals."""
    dataset = seen.dataset
    return {
        "format": FORMAT,
        **_whole(seen),
        "images": _images(seen),
        "not_read": [
            *(
                {"path": entry.path, "reason": {"id": entry.id, "text": entry.text.english()}}
                for entry in dataset.excluded
            ),
            *({"path": problem.path, "reason": {"id": problem.kind}} for problem in dataset.file_problems),
        ],
    }


def preview_summary(dataset: Dataset) -> dict[str, Any] | None:
    """The preview without its images, as reports carry it; None without a trainer that is modelled."""
    if dataset.profile.trainer not in TRAINERS:
        return None
    seen = preview_of(dataset)
    fates = {fate: int(seen.having(fate).sum()) for fate in FATES}
    return {
        **_whole(seen),
        "fates": {fate: n for fate, n in fates.items() if n},
        "upscaled": 0 if seen.buckets is None else int(seen.buckets.upscaled.sum()),
        "orientation_ignored": int(seen.orientation_ignored.sum()),
    }


def _whole(seen: Preview) -> dict[str, Any]:
    """What holds for the dataset as a whole."""
    dataset = seen.dataset
    return {
        "trainer": {"name": seen.trainer.TRAINER, "version": seen.trainer.VERSION},
        "dataset": {"root": dataset.root.name, "layout": dataset.layout},
        "config": None if seen.config is None else list(seen.config.files),
        "resolution": seen.resolution,
        "resolution_refused": seen.resolution_refused,
        "batch_size": seen.batch_size,
        "batch_size_given": seen.is_batch_size_given,
        "last_batch": seen.last_batch,
        "token_limit": seen.token_limit,
        "tokens_exact": dataset.captions.tokens_exact,
        "totals": {
            "images": seen.n,
            "trained": int(seen.trained.sum()),
            "stops": int(seen.having(*STOPPING_FATES).sum()),
            "exposures": round(float(seen.exposures.sum()), _DIGITS),
            "steps_per_epoch": seen.steps_per_epoch,
            "validation_by_default": seen.held_out,
        },
        "buckets": _buckets(seen),
    }


def _buckets(seen: Preview) -> list[dict[str, Any]]:
    table = seen.table
    if table is None:
        return []
    return [
        {
            "width": width,
            "height": height,
            "images": images,
            "exposures": round(exposures, _DIGITS),
            "batches": batches,
            "remainder": round(remainder, _DIGITS),
            "dataset": dataset,
            "batch_size": batch_size,
            "upscaled": upscaled,
            "most_cut": round(most_cut, _DIGITS),
        }
        for width, height, images, exposures, batches, remainder, dataset, batch_size, upscaled, most_cut in zip(
            table.width.tolist(),
            table.height.tolist(),
            table.images.tolist(),
            table.exposures.tolist(),
            table.batches.tolist(),
            table.remainder.tolist(),
            table.dataset.tolist(),
            table.batch_size.tolist(),
            table.upscaled.tolist(),
            table.most_cut.tolist(),
            strict=True,
        )
    ]


def _images(seen: Preview) -> list[dict[str, Any]]:
    captions = zip(
        seen.captions,
        seen.tokens.valid.tolist(),
        seen.tokens.values.tolist(),
        seen.tokens_kept.tolist(),
        seen.tokens_cut.tolist(),
        strict=True,
    )
    sizes = zip(seen.width.tolist(), seen.height.tolist(), strict=True)
    return [
        {
            "path": path,
            "fate": FATES[fate],
            "exposures": round(exposures, _DIGITS),
            "width": width,
            "height": height,
            "orientation_ignored": ignored,
            "bucket": bucket,
            "caption": {
                "text": text,
                "source": source,
                "tokens": tokens if is_counted else None,
                "tokens_kept": kept if is_counted else None,
                "tokens_cut": cut if is_counted else None,
            },
        }
        for path, fate, exposures, (width, height), ignored, bucket, (
            (text, source),
            is_counted,
            tokens,
            kept,
            cut,
        ) in zip(
            seen.dataset.paths,
            seen.fate.tolist(),
            seen.exposures.tolist(),
            sizes,
            seen.orientation_ignored.tolist(),
            _bucket_of_each(seen),
            captions,
            strict=True,
        )
    ]


def _bucket_of_each(seen: Preview) -> list[dict[str, Any] | None]:
    buckets = seen.buckets
    if buckets is None:
        return [None] * seen.n
    return [
        {
            "width": width,
            "height": height,
            "scale": round(scale, _DIGITS),
            "crop_loss": round(loss, _DIGITS),
            "upscaled": upscaled,
        }
        if number >= 0
        else None
        for number, width, height, scale, loss, upscaled in zip(
            seen.bucket_of.tolist(),
            buckets.width.tolist(),
            buckets.height.tolist(),
            buckets.scale.tolist(),
            buckets.crop_loss.tolist(),
            buckets.upscaled.tolist(),
            strict=True,
        )
    ]
