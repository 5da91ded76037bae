"""Figures of how evenly something is spread, and of how like two distributions are. Pure functions on counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[Any]


def gini(counts: Counts) -> float:
    """Gini coefficient of some counts: 0 where all are equal, towards 1 where one has nearly all. 0 without any."""
    ordered = np.sort(np.asarray(counts, dtype=np.float64))
    n, total = len(ordered), float(ordered.sum())
    if not total:
        return 0.0
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * ordered).sum() / (n * total))


def top_share(counts: Counts, k: int) -> float:
    """Share of the whole that the `k` largest have; 0 without any."""
    ordered = np.sort(np.asarray(counts, dtype=np.float64))[::-1]
    total = float(ordered.sum())
    return float(ordered[:k].sum() / total) if total else 0.0


def evenness(counts: Counts) -> float:
    """Normalized entropy `H / ln K` over the `K` values that occur (Pielou 1966): 1 all alike often, 0 only one."""
    present = np.asarray(counts, dtype=np.float64)
    present = present[present > 0]
    if len(present) < 2:
        return 0.0
    shares = present / present.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(shares)))


def jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    """What two sets have in common, as share of what either has; 0 for two empty ones."""
    return len(one & other) / len(one | other) if one or other else 0.0


def likeness(one: Counts, other: Counts) -> float:
    """1 minus the Jensen-Shannon divergence (Lin 1991) in bits of two counts over the same values: 1 is the same.

    Each side gets one more case spread as both together are, so that few cases do not look unlike by chance alone.
    """
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    pooled = first + second
    if not first.sum() or not second.sum():
        return 0.0
    spread = pooled / pooled.sum()
    p = (first + spread) / (first.sum() + 1)
    q = (second + spread) / (second.sum() + 1)
    middle = (p + q) / 2
    return float(1 - (_divergence(p, middle) + _divergence(q, middle)) / 2)


def _divergence(p: Counts, q: Counts) -> float:
    present = p > 0
    return float((p[present] * np.log2(p[present] / q[present])).sum())
