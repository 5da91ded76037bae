"""How fast near-duplicates are found: `python tests/benchmarks/hamming_index.py [--n 1000000]`.

Prints the pairs within a distance by the index against comparing all with all (in tiles, also in numpy) at 100,000
hashes, then the seconds for the number asked for, then clusters of the same with a dense group of 20,000 in them, then
the pairs of five times as many. One thread, and seconds of the processor: others may be busy on the machine. Only the
ratios carry over to another one. Writes docs/measured/hamming-index.csv.
"""

import argparse
import sys
import time
from itertools import combinations

import numpy as np
from measuring import measured, peak_megabytes

from tagmetry.duplicates import Clusters, Components, pairs_within
from tagmetry.duplicates.index import bit_count

DISTANCES = (4, 6, 8, 10)
COMPARED = 100_000
DENSE = 20_000
WITHIN = 6


def pictures(n, seed=0):
    """Hashes as of n pictures: correlated bits, 1 % near-duplicates in groups, 1 % in four worthless values."""
    rng = np.random.default_rng(seed)
    n_copies = n_worthless = n // 100
    loads = rng.normal(size=(8, 64)) * np.linspace(0.6, 0.1, 64)
    hashes = np.empty(n, dtype=np.uint64)
    for k in range(0, n, 65_536):
        size = min(65_536, n - k)
        cells = rng.normal(size=(size, 8)) @ loads + rng.normal(size=(size, 64)) > 0
        hashes[k : k + size] = np.packbits(cells, axis=1).view(">u8")[:, 0]
    originals = rng.choice(hashes[: n - n_copies - n_worthless], max(1, n_copies // 4))
    flips = np.uint64(1) << rng.integers(0, 64, (4, n_copies), dtype=np.uint64)
    hashes[n - n_copies - n_worthless : n - n_worthless] = rng.choice(originals, n_copies) ^ np.bitwise_or.reduce(flips)
    hashes[n - n_worthless :] = rng.choice(np.array([0, 2**63, 2**64 - 1, 0xFF], dtype=np.uint64), n_worthless)
    return rng.permutation(hashes)


def dense_group(n, seed=0):
    """n different hashes within three bits of one."""
    words = [sum(1 << bit for bit in bits) for size in range(4) for bits in combinations(range(64), size)]
    rng = np.random.default_rng(seed)
    return rng.choice(np.array(words, dtype=np.uint64), n, replace=False) ^ rng.integers(0, 2**64, dtype=np.uint64)


def tiled(hashes, distance):
    """How many pairs of different values are within the distance: all with all, in tiles."""
    values = np.unique(hashes)
    n_pairs = 0
    words, counts = np.empty((64, 8192), dtype=np.uint64), np.empty((64, 8192), dtype=np.uint8)
    for i in range(0, len(values), 64):
        rows = values[i : i + 64]
        for j in range(i, len(values), 8192):
            columns = values[j : j + 8192]
            some, bits = words[: len(rows), : len(columns)], counts[: len(rows), : len(columns)]
            np.bitwise_xor(rows[:, None], columns[None, :], out=some)
            bit_count(some, out=bits)
            near = bits <= distance
            if j == i:
                near[:, : len(rows)] &= np.tri(len(rows), k=-1, dtype=np.bool_).T
            n_pairs += int(np.count_nonzero(near))
    return n_pairs


def by_index(hashes, distance):
    return sum(len(rows_a) for rows_a, _, _ in pairs_within(hashes, distance))


def linked(hashes, distance):
    """Clusters by single linkage, as a search joins them: without a list of all pairs."""
    values, node = np.unique(hashes, return_inverse=True)
    components = Components(len(values))
    for rows_a, rows_b, _ in pairs_within(values, distance, joined=components.parents):
        components.join(rows_a, rows_b)
    return Clusters.from_labels(components.roots()[node])


def timed(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return result, time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1_000_000, help="hashes in the large runs (default 1000000)")
    n = parser.parse_args().n

    small = pictures(min(n, COMPARED))
    timed(by_index, small, 6)
    print(f"{len(small):,} hashes: pairs within a distance, all with all against the index")
    for distance in DISTANCES:
        expected, slow = timed(tiled, small, distance)
        found, quick = timed(by_index, small, distance)
        if found != expected:
            print(f"  {distance:2}: WRONG, {found:,} pairs of {expected:,}")
            return 1
        print(f"  {distance:2}: {slow:7.2f} s against {quick:6.3f} s, {slow / quick:5.1f} times; {found:,} pairs")
        if distance == WITHIN:
            against_all = slow / quick

    large = pictures(n)
    print(f"{n:,} hashes ({peak_megabytes():.0f} MB before the search)")
    pairs = {}
    for distance in DISTANCES:
        found, seconds = timed(by_index, large, distance)
        pairs[distance] = seconds
        if distance == WITHIN:
            memory = peak_megabytes()
        print(f"  {distance:2}: {seconds:7.2f} s; {found:,} pairs; peak {peak_megabytes():.0f} MB")
    clusters, seconds = timed(linked, large, WITHIN)
    rows = len(clusters.members)
    print(f"  clusters at 6: {seconds:.2f} s; {clusters.n:,} of {rows:,} rows; peak {peak_megabytes():.0f} MB")

    size = min(DENSE, n // 2)
    large[:size] = dense_group(size)
    clusters, dense = timed(linked, large, WITHIN)
    print(f"  with a dense group of {size:,}: {dense:.2f} s; largest cluster {clusters.sizes.max():,}; ", end="")
    print(f"peak {peak_megabytes():.0f} MB")

    _, five = timed(by_index, pictures(5 * n), WITHIN)
    print(f"{5 * n:,} hashes\n  {WITHIN:2}: {five:7.2f} s; peak {peak_megabytes():.0f} MB")
    measured(
        "hamming-index",
        [
            ("hashes", n, "", ""),
            ("pairs within a distance of 6, exact", pairs[WITHIN], "s", "under 8 for a million"),
            ("pairs within a distance of 10, exact", pairs[10], "s", ""),
            ("memory, hashes included", memory, "MB", "under 1000"),
            ("clusters with a dense group of 20,000 in them", dense, "s", "under 30 for a million"),
            ("pairs within a distance of 6 of five times as many", five, "s", "under 60 for five million"),
            (f"comparing all with all, {len(small):,} hashes, within 6", against_all, "times as long", ""),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
