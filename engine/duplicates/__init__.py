"""Duplicates: perceptual hashes, a search for close ones that is not quadratic, clusters and the picture to keep.

Arrays in, arrays out: no files, no pictures, no thresholds of its own.
"""

from tagmetry.duplicates.chains import representatives, split_chains
from tagmetry.duplicates.clusters import (
    LISTED_MEMBERS,
    cluster_distances,
    effective_n,
    exact_clusters,
    keeper,
    keepers,
    keeping_order,
    largest_cluster_share,
    linked_clusters,
    merge,
    near_clusters,
    near_duplicate_ratio,
)
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
    "linked_clusters",
    "merge",
    "near_clusters",
    "split_chains",
    # figures
    "LISTED_MEMBERS",
    "cluster_distances",
    "effective_n",
    "largest_cluster_share",
    "near_duplicate_ratio",
    "representatives",
    # choice
    "keeper",
    "keepers",
    "keeping_order",
]
