"""Weights of single images: copies of one picture share its place, and captions with noise count for less.

Nothing is raised above 1: to weaken what is doubtful is the safer half of weighting.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.dataset import Dataset
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.tag_noise import noisy_captions

NOISY: Final = 0.5
"""Weight of an image whose caption contradicts itself, before smoothing."""


def image_weights(dataset: Dataset, options: BalanceOptions) -> NDArray[np.float64]:
    """Shape (n,): one over the size of the group of near-duplicates, halved for a noisy caption; then smoothed by the
    temperature and clipped. 1 for ordinary images and for those of other roles."""
    raw = np.ones(dataset.n, dtype=np.float64)
    for group in dataset.duplicates.near:
        raw[list(group)] = 1 / len(group)
    train = dataset.train
    raw[train.rows[noisy_captions(train)]] *= NOISY
    smoothed = raw ** (1 / options.weight_temperature)
    return np.clip(smoothed, options.lowest_weight, options.highest_weight)
