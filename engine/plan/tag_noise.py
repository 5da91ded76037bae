"""Tag noise: how far the tags of a dataset can be relied on.

The share of captions touched by at least one of: a tag written twice, two tags that exclude each other, a synonym
variant whose preferred form is in use as well. Unreliable tags make a cap on frequent tags cut at random.
"""

import numpy as np

from tagmetry.dataset import Samples
from tagmetry.vocabulary import Vocabulary


def tag_noise(samples: Samples) -> float:
    """Share of the captioned samples, 0 to 1; 0 without captions."""
    captions = samples.dataset.captions
    texts = samples.text_ids[samples.text_ids >= 0]
    if not len(texts):
        return 0.0
    distinct, counts = np.unique(texts, return_counts=True)
    variants = _variant_forms(samples, samples.dataset.vocabulary)
    noisy = sum(
        int(n)
        for text, n in zip(distinct, counts, strict=True)
        if _is_noisy(
            [captions.forms[tag] for tag in captions.tags.row(int(text))], variants, samples.dataset.vocabulary
        )
    )
    return noisy / len(texts)


def _is_noisy(forms: list[str], variants: frozenset[str], vocabulary: Vocabulary) -> bool:
    distinct = set(forms)
    if len(distinct) < len(forms) or distinct & variants:
        return True
    seen: set[str] = set()
    for form in sorted(distinct):
        for name in vocabulary.exclusive_sets_of(form):
            if name in seen:
                return True
            seen.add(name)
    return False


def _variant_forms(samples: Samples, vocabulary: Vocabulary) -> frozenset[str]:
    """Tags in use that are variants of a preferred form which is in use beside them."""
    in_use = {tag.form for tag in samples.tag_frequencies()}
    return frozenset(
        form for form in in_use if vocabulary.preferred(form) != form and vocabulary.preferred(form) in in_use
    )
