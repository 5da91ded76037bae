"""Training images that look alike, group by group.

What it finds
    Every group of two or more training images whose perceptual hashes (64-bit pHash) lie close
    together, with the distances and the image that is best kept: the largest, among equals the
    sharpest, then the least compressed, then the one with the longest caption. Groups of nothing
    but exact copies are left to `exact-duplicates`.

Why it matters
    Look-alikes count as one picture shown several times. Models have been seen to reproduce
    training pictures that had only a few such copies.

What to do
    Look at the group. Burst shots, crops and resized or filtered copies of one picture are best
    thinned to the one kept; two pictures that only share a composition may stay.

Known limits
    The hash sees light and dark areas at a glance, no subjects: crops beyond a few percent,
    turned and mirrored copies are missed, and drawings on a white ground in one pose can be taken
    for each other. A is like B and B like C makes one group, although A and C may differ more.
    `profile.near_duplicate_distance_bits` sets how many bits may differ.
"""

from collections.abc import Iterator

import numpy as np

from tagmetry.api import Dataset, Finding, Measurement, NoOptions, Plural, Remedies, Rule, Severity

rule = Rule(
    id="near-duplicate-cluster",
    severity=Severity.INFO,
    evidence="documented",
    points_to=("memorization",),
    messages={
        "found": Plural(
            "{keeper} has one near-duplicate ({distance:number} of 64 hash bits differ): {others}",
            "{keeper} has {n:count} near-duplicates (at most {distance:number} of 64 hash bits differ): {others}",
        ),
        "equal": Plural(
            "{keeper} has one near-duplicate (all 64 hash bits agree): {others}",
            "{keeper} has {n:count} near-duplicates (all 64 hash bits agree): {others}",
        ),
    },
    remedies=Remedies(data=("look at them side by side; where they are copies, keep only {keeper}",)),
)


@rule.whole_dataset
def check(dataset: Dataset, options: NoOptions) -> Iterator[Finding]:
    alike = dataset.duplicates
    only_copies = frozenset(alike.exact)
    for rows in alike.near:
        if rows in only_copies:
            continue
        keeper = alike.keepers[rows]
        others = tuple(dataset.paths[row] for row in rows if row != keeper)
        distance = _farthest_bits(dataset, rows, keeper)
        yield rule.finding(
            dataset.cluster("near", rows),
            "found" if distance else "equal",
            values={
                "keeper": dataset.paths[keeper],
                "others": others,
                "n": len(others),
                "distance": distance,
            },
            measured=Measurement("cluster_size", len(rows), unit="images"),
        )


def _farthest_bits(dataset: Dataset, rows: tuple[int, ...], keeper: int) -> int:
    hashes = dataset.duplicates.hashes.values
    different = hashes[list(rows)].astype(np.uint64) ^ np.uint64(hashes[keeper])
    bits = np.unpackbits(different.view(np.uint8).reshape(len(rows), 8), axis=1)
    return int(bits.sum(axis=1).max())
