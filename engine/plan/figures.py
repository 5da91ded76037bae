"""What a plan changes, in figures: exposures of tags, exposures of different pictures, steps."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Concept, Dataset
from tagmetry.plan.model import EditedCaption, StepsPlan, TagExposure
from tagmetry.preview import Preview, preview_of
from tagmetry.text import normal_form
from tagmetry.trainers import TRAINERS, Floats

LISTED_TAGS: Final = 100
"""The most frequent tags, and as many whose share changes most."""


def trainer_view(dataset: Dataset) -> Preview | None:
    """The dataset as its trainer sees it; None without a trainer that is modelled."""
    return preview_of(dataset) if dataset.profile.trainer in TRAINERS else None


def never_trained(dataset: Dataset, view: Preview | None) -> Mask:
    """Shape (n,): images of a trained role that the trainer does not read, or has no bucket for."""
    if view is None:
        return np.zeros(dataset.n, dtype=bool)
    return view.having("suffix", "empty-caption-file", "no-bucket")


def exposures_after(dataset: Dataset, repeats: Floats, view: Preview | None) -> Floats:
    """Shape (n,): draws per epoch with these repeats per image, by the trainer's own rule where it is known."""
    if view is None:
        return repeats
    lost = never_trained(dataset, view)
    rows = np.flatnonzero(~lost & (repeats > 0))
    found = np.zeros(dataset.n, dtype=np.float64)
    found[rows] = view.trainer.exposures(repeats[rows], dataset.roles.equals("regularization")[rows])
    return found


def steps_plan(
    dataset: Dataset, before: Floats, after: Floats, view: Preview | None, *, scale: int, epochs: int | None
) -> StepsPlan:
    """Steps of one epoch with these exposures per image, and how many epochs of the new length make the old ones."""
    known = dataset.profile.batch_size
    batch_size = known or (view.batch_size if view is not None else 1)
    by_buckets = view is not None and view.table is not None
    return StepsPlan(
        before=_steps(before, view, batch_size),
        after=_steps(after, view, batch_size),
        batch_size=batch_size,
        is_batch_size_known=known is not None,
        by_buckets=by_buckets,
        epochs=epochs,
        epochs_after=None if epochs is None else max(1, math.floor(epochs / scale + 0.5)),
    )


def _steps(exposures: Floats, view: Preview | None, batch_size: int) -> int:
    if view is None or view.table is None:
        return math.ceil(round(float(exposures.sum()), 6) / batch_size)
    bucketed = (view.bucket_of >= 0) & (exposures > 0)
    # Images that the dataset as found does not train have no bucket there.
    rest = math.ceil(round(float(exposures[~bucketed].sum()), 6) / batch_size)
    rows = np.flatnonzero(bucketed)
    if not len(rows):
        return rest
    return rest + view.trainer.steps_per_epoch(view.bucket_of[rows], exposures[rows], batch_size=batch_size)


def tag_exposures(
    dataset: Dataset, before: Floats, after: Floats, edited: Mapping[int, EditedCaption]
) -> tuple[TagExposure, ...]:
    """Tags of the training images by name: those with the largest shares, and those whose share changes most.

    `edited` captions, by row, have lost tags afterwards.
    """
    train = dataset.train
    captions = dataset.captions
    if not len(captions.forms) or not train.n:
        return ()
    presence = dataset.tag_presence.take(train.rows)
    owners = train.rows[presence.owners()]
    shown = [
        np.bincount(presence.ids, weights=exposures[owners], minlength=len(captions.forms))
        for exposures in (before, after)
    ]
    for row, caption in edited.items():
        for tag in {dataset.tag_of_form[normal_form(name)] for name in caption.dropped}:
            shown[1][tag] -= after[row]
    totals = [max(float(exposures[train.rows].sum()), 1e-12) for exposures in (before, after)]
    shares = [figures / total for figures, total in zip(shown, totals, strict=True)]
    in_use = np.flatnonzero(shown[0] + shown[1])
    most = in_use[np.argsort(-shares[1][in_use], kind="stable")][:LISTED_TAGS]
    changed = np.abs(shares[1] - shares[0])
    moved = in_use[np.argsort(-changed[in_use], kind="stable")][:LISTED_TAGS]
    chosen = np.union1d(most, moved)
    ordered = chosen[np.argsort(-shares[1][chosen], kind="stable")]
    return tuple(
        TagExposure(
            tag=captions.names[tag],
            before=float(shown[0][tag]),
            after=float(shown[1][tag]),
            share_before=float(shares[0][tag]),
            share_after=float(shares[1][tag]),
        )
        for tag in ordered.tolist()
    )


def pictures(dataset: Dataset, concept: Concept) -> int:
    """Images of a concept with one per near-duplicate group."""
    return int(dataset.effective_sizes[concept.number])
