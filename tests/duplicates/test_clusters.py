import hashlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagmetry.duplicates import (
    NO_CLUSTER,
    Clusters,
    Components,
    exact_clusters,
    keeper,
    keepers,
    keeping_order,
    merge,
    pairs_within,
)


def hashes_of(*words):
    return np.array(words, dtype=np.uint64)


def random_hashes(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, n, dtype=np.uint64)


def low_bits(n):
    """A word with the lowest n bits set: words so made are as many bits apart as their n."""
    return 2**n - 1


def groups(clusters):
    return [rows.tolist() for rows in clusters]


def linked(hashes, distance):
    """Single linkage as a search joins it: what is joined already is spared in the blocks to come."""
    values, node = np.unique(hashes, return_inverse=True)
    components = Components(len(values))
    for rows_a, rows_b, _ in pairs_within(values, distance, joined=components.parents):
        components.join(rows_a, rows_b)
    return Clusters.from_labels(components.roots()[node])


def linked_one_by_one(hashes, distance):
    """Single linkage by definition: a search from each row over all rows."""
    todo = set(range(len(hashes)))
    result = []
    while todo:
        group, new = set(), [min(todo)]
        while new:
            row = new.pop()
            if row in todo:
                todo.discard(row)
                group.add(row)
                new += [other for other in todo if (int(hashes[row]) ^ int(hashes[other])).bit_count() <= distance]
        if len(group) > 1:
            result.append(sorted(group))
    return result


def test_rows_with_equal_labels_are_clusters_numbered_by_their_first_rows():
    clusters = Clusters.from_labels(np.array([7, -1, 3, 7, 5, 3, -1, 3]))
    assert groups(clusters) == [[0, 3], [2, 5, 7]]
    assert clusters.labels.tolist() == [0, -1, 1, 0, -1, 1, -1, 1]
    assert clusters.labels.dtype == np.int32
    assert clusters.sizes.tolist() == [2, 3]
    assert clusters.n == 2


@pytest.mark.parametrize("labels", [[], [-1, -1], [4], [1, 2, 3]])
def test_no_two_equal_labels_give_no_clusters(labels):
    clusters = Clusters.from_labels(np.array(labels, dtype=np.int64))
    assert groups(clusters) == []
    assert clusters.labels.tolist() == [NO_CLUSTER] * len(labels)
    assert clusters.sizes.tolist() == []


def test_clusters_among_some_rows_lose_the_others_and_may_end():
    clusters = Clusters.from_labels(np.array([0, 0, 1, 1, 1]))
    assert groups(clusters.among(np.array([True, False, True, False, True]))) == [[2, 4]]


def test_cluster_is_inside_if_all_of_it_is_in_one_of_the_others():
    wide = Clusters.from_labels(np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    others = Clusters.from_labels(np.array([0, 0, 1, 2, 2, 1, -1, -1]))
    assert wide.inside(others).tolist() == [True, False, False, False]
    assert others.inside(wide).tolist() == [True, False, False]
    nothing = Clusters.from_labels(np.full(8, -1))
    assert wide.inside(nothing).tolist() == [False] * 4
    assert nothing.inside(wide).tolist() == []


def test_joined_rows_go_by_the_lowest_of_them():
    components = Components(6)
    components.join(np.array([5, 2]), np.array([4, 3]))
    components.join(np.array([3]), np.array([4]))
    assert components.roots().tolist() == [0, 1, 2, 2, 2, 2]


def test_joining_nothing_changes_nothing():
    components = Components(3)
    components.join(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))
    assert components.roots().tolist() == [0, 1, 2]


@pytest.mark.parametrize("step", [1, 997, 100_000])
def test_long_chain_is_joined_forwards_and_backwards(step):
    rows = np.arange(100_000 - 1)
    for chain in (rows, rows[::-1]):
        components = Components(100_000)
        for k in range(0, len(chain), max(step, 500)):
            part = chain[k : k + max(step, 500)]
            components.join(part, part + 1)
        assert not components.roots().any()


@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=8), max_size=5))
def test_any_joins_in_any_steps_give_the_components_of_all_of_them(steps):
    components = Components(20)
    group_of = {row: {row} for row in range(20)}
    for step in steps:
        pairs = np.array(step, dtype=np.int32).reshape(-1, 2)
        components.join(pairs[:, 0], pairs[:, 1])
        for a, b in step:
            group_of[a] |= group_of[b]
            for row in group_of[a]:
                group_of[row] = group_of[a]
        # While joining goes on, equal parents must never be wrong.
        assert all(group_of[row] is group_of[int(up)] for row, up in enumerate(components.parents))
    assert components.roots().tolist() == [min(group_of[row]) for row in range(20)]


def test_equal_digests_are_exact_clusters():
    files = [b"a", b"b", b"a", b"c", b"b", b"a"]
    digests = np.array([list(hashlib.sha256(file).digest()) for file in files], dtype=np.uint8)
    assert groups(exact_clusters(digests)) == [[0, 2, 5], [1, 4]]


def test_digests_that_differ_in_their_last_byte_are_not_equal():
    digests = np.zeros((2, 32), dtype=np.uint8)
    digests[1, 31] = 1
    assert groups(exact_clusters(digests)) == []


def test_rows_without_a_digest_are_left_out():
    readable = np.array([True, False, False, True])
    assert groups(exact_clusters(np.zeros((4, 32), dtype=np.uint8), comparable=readable)) == [[0, 3]]


def test_columns_of_digests_may_lie_anywhere_in_memory():
    digests = np.asfortranarray(np.repeat(np.arange(3, dtype=np.uint8), 2)[:, None] * np.ones(32, dtype=np.uint8))
    assert groups(exact_clusters(digests[::-1])) == [[0, 1], [2, 3], [4, 5]]


def test_no_rows_have_no_clusters():
    assert groups(exact_clusters(np.zeros((0, 32), dtype=np.uint8))) == []


@pytest.mark.parametrize("distance", [0, 2, 6, 10])
def test_pairs_joined_as_they_come_agree_with_a_search_row_by_row(distance):
    rng = np.random.default_rng(0)
    centres = random_hashes(20)
    flips = np.uint64(1) << rng.integers(0, 64, (7, 300), dtype=np.uint64)
    hashes = rng.choice(centres, 300) ^ np.bitwise_or.reduce(flips)
    assert groups(linked(hashes, distance)) == linked_one_by_one(hashes, distance)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2**12 - 1), max_size=40), st.integers(0, 6))
def test_any_hashes_are_linked_as_by_a_search_row_by_row(words, distance):
    hashes = hashes_of(*words)
    assert groups(linked(hashes, distance)) == linked_one_by_one(hashes, distance)


def test_dense_group_is_joined_without_listing_its_pairs():
    rng = np.random.default_rng(0)
    flips = np.uint64(1) << rng.integers(0, 64, (3, 12_000), dtype=np.uint64)
    hashes = np.concatenate([np.bitwise_xor.reduce(flips), random_hashes(12_000)])
    tracemalloc.start()
    clusters = linked(hashes, 6)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert groups(clusters) == [list(range(12_000))]
    assert len(np.unique(hashes)) > 20_000
    assert peak < 100e6  # its 70 million pairs would take 600 MB


def test_exact_copy_of_a_near_duplicate_is_in_the_same_cluster():
    near = Clusters.from_labels(np.array([0, 0, -1, -1, 1, 1, -1]))
    exact = Clusters.from_labels(np.array([-1, 0, 0, -1, 1, -1, -1]))
    pixels = Clusters.from_labels(np.array([-1, -1, -1, 0, -1, -1, 0]))
    assert groups(merge(exact, near, pixels)) == [[0, 1, 2], [3, 6], [4, 5]]


def test_clustering_merged_with_itself_or_alone_is_the_same():
    near = Clusters.from_labels(np.array([0, 1, 1, 0, 2, -1]))
    assert groups(merge(near)) == groups(merge(near, near)) == [[0, 3], [1, 2]]


def figures(**columns):
    """Columns in which all is equal but what is named, paths in the order of rows."""
    names = ("pixels", "sharpness", "bits_per_pixel", "caption_length")
    given = {name: np.array(columns[name]) for name in columns}
    n = len(next(iter(given.values())))
    return {"order": np.arange(n)} | {name: np.ones(n) for name in names} | given


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        ({"pixels": [4, 9, 9, 1], "sharpness": [9, 1, 2, 9]}, 12),
        ({"sharpness": [1.0, 3.0, 3.0, 2.0], "bits_per_pixel": [9, 2, 1, 9]}, 11),
        ({"bits_per_pixel": [0.5, 0.25, 0.5, 0.5], "caption_length": [3, 9, 4, 2]}, 12),
        ({"caption_length": [0, 7, 7, 5], "order": [0, 3, 2, 1]}, 12),
        ({"order": [3, 2, 0, 1]}, 12),
        ({"pixels": [1, 1, 1, 1]}, 10),
        ({"sharpness": [np.nan, np.nan, 0.0, np.nan]}, 12),
        ({"sharpness": [np.nan] * 4, "caption_length": [1, 1, 1, 2]}, 13),
        ({"pixels": np.array([0, 1, 3, 2], dtype=np.uint32)}, 12),
    ],
)
def test_kept_is_the_one_with_most_pixels_then_sharpest_then_least_compressed_and_so_on(columns, kept):
    assert keeper(np.array([10, 11, 12, 13]), **figures(**columns)) == kept


def test_of_no_rows_none_is_kept():
    with pytest.raises(ValueError, match="no rows"):
        keeper(np.zeros(0, dtype=np.int64), **figures(pixels=[]))


def test_keepers_of_all_clusters_are_those_of_each():
    rng = np.random.default_rng(0)
    clusters = Clusters.from_labels(rng.integers(-1, 30, 200))
    names = ("pixels", "sharpness", "bits_per_pixel", "caption_length")
    columns = {name: rng.integers(0, 3, 200) for name in names} | {"order": rng.permutation(200)}
    each = [keeper(rows, **{name: column[rows] for name, column in columns.items()}) for rows in clusters]
    assert keepers(clusters, **columns).tolist() == each
    assert keepers(Clusters.from_labels(np.full(200, -1)), **columns).tolist() == []


def test_the_keeper_of_any_rows_is_the_first_in_the_order_of_all():
    rng = np.random.default_rng(5)
    columns = figures(pixels=rng.integers(0, 3, 60), sharpness=rng.choice([1.0, 2.0, np.nan], 60))
    ranks = keeping_order(**columns)
    assert sorted(ranks.tolist()) == list(range(60))
    for _ in range(50):
        rows = np.sort(rng.choice(60, 7, replace=False))
        best = keeper(rows, **{name: column[rows] for name, column in columns.items()})
        assert best == rows[ranks[rows].argmin()]
