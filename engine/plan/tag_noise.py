"""Tag noise: how far the tags of a dataset can be relied on.

The share of captions touched by at least one of: a tag written twice, two tags that exclude each other, a synonym
variant whose preferred form is in use as well. Unreliable tags make a cap on frequent tags cut at random.
"""

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Ragged, ragged_of
from tagmetry.dataset import Samples
from tagmetry.vocabulary import Vocabulary


def tag_noise(samples: Samples) -> float:
    """Share of the captioned samples, 0 to 1; 0 without captions."""
    captions = samples.dataset.captions
    texts = samples.text_ids[samples.text_ids >= 0]
    if not len(texts):
        return 0.0
    distinct, counts = np.unique(texts.astype(np.int64), return_counts=True)
    tags = captions.tags.take(distinct)
    owners, ids = tags.owners(), tags.ids
    vocabulary, n_forms = samples.dataset.vocabulary, max(1, len(captions.forms))
    in_use = {captions.forms[tag]: int(tag) for tag in np.flatnonzero(np.bincount(ids, minlength=n_forms))}
    is_variant = np.zeros(n_forms, dtype=bool)
    is_variant[_variants(in_use, vocabulary)] = True
    noisy = np.zeros(len(distinct), dtype=bool)
    noisy[_repeated(owners, ids, n_forms)] = True
    noisy[owners[is_variant[ids]]] = True
    noisy[_excluded(owners, ids, in_use, vocabulary, n_forms)] = True
    return float(counts[noisy].sum() / len(texts))


def _variants(in_use: dict[str, int], vocabulary: Vocabulary) -> list[int]:
    """Tags that are variants of a preferred form which is in use beside them."""
    preferred = ((form, vocabulary.preferred(form)) for form in in_use)
    return [in_use[form] for form, better in preferred if better != form and better in in_use]


def _excluded(
    owners: NDArray[np.int64], ids: NDArray[np.int32], in_use: dict[str, int], vocabulary: Vocabulary, n_forms: int
) -> NDArray[np.int64]:
    """The owners of two different tags of one set whose members exclude each other."""
    number: dict[str, int] = {}
    sets_of: list[list[int]] = [[] for _ in range(n_forms)]
    for form, tag in in_use.items():
        sets_of[tag] = [number.setdefault(name, len(number)) for name in vocabulary.exclusive_sets_of(form)]
    sets: Ragged = ragged_of(sets_of)
    once = np.unique((owners * n_forms + ids)[sets.lengths()[ids] > 0])
    members = sets.take(once % n_forms)
    return _repeated((once // n_forms)[members.owners()], members.ids, max(1, len(number)))


def _repeated(owners: NDArray[np.int64], ids: NDArray[np.int32], n_ids: int) -> NDArray[np.int64]:
    """The owners that have an id more than once."""
    pairs = np.sort(owners * n_ids + ids)
    return np.asarray(pairs[1:][pairs[1:] == pairs[:-1]] // n_ids, dtype=np.int64)
