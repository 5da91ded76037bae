"""Duplicates: perceptual hashes, a search for close ones that is not quadratic, clusters and the picture to keep.

Arrays in, arrays out: no files, no pictures, no thresholds of its own.
"""

from tagmetry.duplicates.clusters import exact_clusters, keeper, keepers, keeping_order, merge
from tagmetry.duplicates.hashes import dhash_bits, from_hex, phash_bits, to_hex
from tagmetry.duplicates.index import distances_between, pairs_within
from tagmetry.duplicates.partition import NO_CLUSTER, Clusters, Components

__all__ = [
    # hashes
    "dhash_bits",
    "from_hex",
    "phash_bits",
    "to_hex",
    # search
    "distances_between",
    "pairs_within",
    # clusters
    "NO_CLUSTER",
    "Clusters",
    "Components",
    "exact_clusters",
    "merge",
    # choice
    "keeper",
    "keepers",
    "keeping_order",
]
