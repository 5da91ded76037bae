"""The training images as the trainer buckets them, for the rules that judge its buckets."""

from tagmetry.api import Dataset, Mask, Preview, Skip, preview_of
from tagmetry.trainers import TRAINERS, Buckets


def previewed(dataset: Dataset) -> Preview:
    """The preview. Raises Skip where no trainer is named, or none that is modelled."""
    trainer = dataset.profile.trainer
    if trainer is None:
        raise Skip("no-trainer")
    if trainer not in TRAINERS:
        raise Skip("trainer-not-modelled")
    return preview_of(dataset)


def bucketed(dataset: Dataset) -> tuple[Preview, Buckets, Mask]:
    """The preview, its buckets, and the training images in them, shape (n,). Raises Skip without any."""
    preview = previewed(dataset)
    if preview.resolution is None:
        raise Skip("no-resolution")
    if preview.buckets is None:
        raise Skip("resolution-refused")
    judged = preview.trained & dataset.roles.equals("train")
    if not judged.any():
        raise Skip("no-training-images")
    return preview, preview.buckets, judged
