"""Tag noise: how far the tags of a dataset can be relied on.

The share of captions touched by at least one of: a tag written twice, two tags that exclude each other, another
spelling of a tag that is mostly spelled otherwise, a probable slip of the pen. Unreliable tags make a cap on frequent
tags cut at random. What the faults are stands in `tagmetry.tag_faults`, from which the rules about them read as well.
"""

from typing import Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Samples
from tagmetry.tag_faults import all_contradictions, repeated_tags, same_tags, training_slips

RARE: Final = 2
"""Images up to which a tag may be a slip, as in the rule `unknown-tags`."""


def tag_noise(samples: Samples) -> float:
    """Share of the captioned samples, 0 to 1; 0 without captions."""
    n = int((samples.text_ids >= 0).sum())
    return float(noisy_captions(samples).sum() / n) if n else 0.0


def noisy_captions(samples: Samples) -> Mask:
    """Shape (n,): the samples whose captions are touched. Looked for once in each view of a dataset."""
    kept = samples.dataset.derived.setdefault(noisy_captions, {})
    # The view is kept beside its mask, so that no other one gets its number.
    if id(samples) not in kept:
        kept[id(samples)] = (samples, _noisy(samples))
    found: Mask = kept[id(samples)][1]
    return found


def _noisy(samples: Samples) -> Mask:
    dataset, captions = samples.dataset, samples.dataset.captions
    found = np.zeros(samples.n, dtype=bool)
    has = samples.text_ids >= 0
    texts = samples.text_ids[has]
    if not len(texts):
        return found
    distinct, place = np.unique(texts.astype(np.int64), return_inverse=True)
    tags = captions.tags.take(distinct)
    n_forms = max(1, len(captions.forms))
    wrong = np.zeros(n_forms, dtype=bool)
    for same in same_tags(captions.forms, samples.tag_images, dataset.vocabulary):
        if same.kind != "plural":
            wrong[list(same.tags[1:])] = True
    for slip in training_slips(dataset, most=RARE):
        wrong[slip.tag] = True
    noisy = np.zeros(len(distinct), dtype=bool)
    noisy[repeated_tags(tags, n_forms)[0]] = True
    noisy[tags.owners()[wrong[tags.ids]]] = True
    noisy[np.isin(distinct, list(all_contradictions(dataset)))] = True
    found[has] = noisy[place.reshape(-1)]
    return found
