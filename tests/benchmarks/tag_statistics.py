"""How fast captions are counted: `python tests/benchmarks/tag_statistics.py [--n 1000000]`.

Captions of 25 tags out of 50,000 that are as uneven as words are (Zipf), as interned arrays: the images of each tag,
and every pair of tags that at least three images hold both of. Beside it, on a tenth of the captions, scipy's product
of the whole matrix with itself, which has to give the same pairs. One thread. Writes docs/measured/tag-statistics.csv.
"""

import argparse
import sys

import numpy as np
from measuring import measured, peak_megabytes, seconds_of
from scipy.sparse import csr_matrix

from tagmetry.columns import Ragged
from tagmetry.cooccurrence import tag_pairs

TAGS = 50_000
PER_CAPTION = 25
MIN_SUPPORT = 3


def captions(n, seed=0):
    """Distinct tag ids of n captions; a tag drawn twice counts once."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, TAGS + 1)
    edges = np.cumsum(shares / shares.sum())
    names = rng.permutation(TAGS)
    parts = []
    for k in range(0, n, 100_000):
        size = min(100_000, n - k)
        drawn = np.minimum(np.searchsorted(edges, rng.random(size * PER_CAPTION)), TAGS - 1)
        pairs = np.unique((np.arange(k, k + size).repeat(PER_CAPTION)) * TAGS + names[drawn])
        parts.append(pairs)
    pairs = np.concatenate(parts)
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs // TAGS, minlength=n), out=starts[1:])
    return Ragged(starts, (pairs % TAGS).astype(np.int32))


def statistics(presence):
    """Images of each tag, and the pairs: how many, and a sum over them that other ways must give as well."""
    counts = np.bincount(presence.ids, minlength=TAGS).astype(np.int64)
    n_pairs = total = 0
    for block in tag_pairs(presence, counts, min_support=MIN_SUPPORT):
        n_pairs += len(block)
        total += int(block.n.sum())
    return n_pairs, total


def at_once(presence):
    """The same by one product of the whole matrix."""
    ones = np.ones(len(presence.ids), dtype=np.int32)
    held = csr_matrix((ones, presence.ids, presence.starts), (len(presence), TAGS))
    together = (held.T.tocsr() @ held).tocoo()
    kept = (together.data >= MIN_SUPPORT) & (together.row < together.col)
    return int(kept.sum()), int(together.data[kept].sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1_000_000, help="captions (default 1000000)")
    n = parser.parse_args().n
    presence = captions(n)
    before = peak_megabytes()
    (n_pairs, _), seconds = seconds_of(statistics, presence)
    peak = peak_megabytes()
    small = Ragged(presence.starts[: n // 10 + 1], presence.ids[: presence.starts[n // 10]])
    found, quick = seconds_of(statistics, small)
    expected, slow = seconds_of(at_once, small)
    if found != expected:
        print(f"WRONG: {found} pairs, not {expected}")
        return 1
    measured(
        "tag-statistics",
        [
            ("captions", n, "", ""),
            ("tags of the vocabulary", TAGS, "", ""),
            ("tags on captions", len(presence.ids), "", ""),
            ("pairs with a support of 3", n_pairs, "", ""),
            ("tag statistics and co-occurrence", seconds, "s", "under 20 for a million"),
            ("memory on top of the captions", peak - before, "MB", ""),
            ("memory of the process, captions and their making included", peak, "MB", "under 2000"),
            ("product of the whole matrix, on a tenth of the captions", slow / quick, "times as long", ""),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
