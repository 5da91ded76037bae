import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagmetry.duplicates import Clusters, linked_clusters, near_clusters, representatives, split_chains
from tagmetry.duplicates.chains import nearest_centres


def low_bits(n):
    """A word with the lowest n bits set: words so made are as many bits apart as their n."""
    return 2**n - 1


def chain(*places):
    return np.array([low_bits(place) for place in places], dtype=np.uint64)


def groups(clusters):
    return [rows.tolist() for rows in clusters]


def all_rows(parts):
    return sorted(row for rows in parts for row in rows)


def apart(a, b):
    return (int(a) ^ int(b)).bit_count()


def test_representative_is_the_row_in_the_middle():
    hashes = chain(0, 6, 3)
    rows, radii = representatives(linked_clusters(hashes, 3), hashes)
    assert rows.tolist() == [2]
    assert radii.tolist() == [3]


def test_copies_draw_the_representative_to_them():
    hashes = chain(0, 3, 6, 6, 6, 6)
    rows, radii = representatives(linked_clusters(hashes, 3), hashes)
    assert rows.tolist() == [2]
    assert radii.tolist() == [6]


def test_each_cluster_has_its_representative():
    hashes = np.concatenate([chain(0, 2), chain(0, 1, 2) ^ np.uint64(2**64 - 1)])[[3, 0, 2, 4, 1]]
    rows, radii = representatives(linked_clusters(hashes, 2), hashes)
    assert rows.tolist() == [0, 1]
    assert radii.tolist() == [1, 2]


def test_no_clusters_have_no_representatives():
    rows, radii = representatives(Clusters.from_labels(np.full(3, -1)), chain(0, 20, 40))
    assert rows.tolist() == radii.tolist() == []


def test_chain_within_twice_the_distance_of_its_middle_stays():
    hashes = chain(0, 4, 8, 12, 16)
    assert groups(near_clusters(hashes, 4)) == [[0, 1, 2, 3, 4]]


def test_chain_that_reaches_further_is_taken_apart():
    hashes = chain(0, 4, 8, 12, 16, 20, 24)
    assert groups(linked_clusters(hashes, 4)) == [list(range(7))]
    parts = groups(near_clusters(hashes, 4))
    assert len(parts) > 1
    assert all_rows(parts) == list(range(7))
    for rows in parts:
        assert rows == list(range(rows[0], rows[-1] + 1)), "neighbours in the chain stay side by side"
        assert 4 * (rows[-1] - rows[0]) <= 2 * 2 * 4


def test_two_pictures_that_a_bridge_has_joined_come_apart_whole():
    # Each picture has five versions close by; the bridge is nearer to the second.
    versions = np.uint64(1) << np.arange(40, 44, dtype=np.uint64)
    one = np.concatenate([chain(0), versions])
    two = np.concatenate([chain(21), versions ^ chain(21)])
    hashes = np.concatenate([one, two, chain(7, 14)])
    assert groups(linked_clusters(hashes, 7)) == [list(range(12))]
    assert groups(near_clusters(hashes, 7)) == [[0, 1, 2, 3, 4, 10], [5, 6, 7, 8, 9, 11]]


def test_other_clusters_are_left_as_they_are():
    far = np.uint64(0xFFFFFFFF00000000)
    hashes = np.concatenate([chain(0, 4, 8, 12, 16, 20, 24), chain(0, 4) ^ far])
    parts = groups(near_clusters(hashes, 4))
    assert parts[-1] == [7, 8]
    assert all_rows(parts) == list(range(9))


def test_clusters_without_chains_come_back_unchanged():
    hashes = chain(0, 4, 30, 34)
    clusters = linked_clusters(hashes, 4)
    assert split_chains(clusters, hashes, distance=4) is clusters


def few_wide_bits(words):
    """Hashes of 16 groups of four equal bits each, so that distances are multiples of four and chains are common."""
    return np.array([sum(15 << 4 * k for k in range(16) if word >> k & 1) for word in words], dtype=np.uint64)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(0, 2**16 - 1), min_size=1, max_size=80), st.sampled_from([4, 8, 12]))
def test_no_row_is_set_free_and_none_is_far_from_a_centre(words, distance):
    hashes = few_wide_bits(words)
    linked = linked_clusters(hashes, distance)
    parts = split_chains(linked, hashes, distance=distance)
    assert all_rows(parts) == all_rows(linked)
    assert parts.inside(linked).all()
    for rows in parts:
        reach = [max(apart(hashes[a], hashes[b]) for b in rows) for a in rows]
        assert min(reach) <= 2 * distance


def stars_one_by_one(values, counts, distance):
    """The rule as it is told, hash by hash."""
    n = len(values)
    near = [[b for b in range(n) if apart(values[a], values[b]) <= distance] for a in range(n)]
    mask = 2**64 - 1

    def scrambled(word):
        word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9 & mask
        word = (word ^ word >> 27) * 0x94D049BB133111EB & mask
        return word ^ word >> 31

    turn = sorted(range(n), key=lambda a: (-sum(counts[b] for b in near[a]), scrambled(int(values[a]))))
    centres = []
    for a in turn:
        if not set(near[a]) & set(centres):
            centres.append(a)
    home = {
        a: a
        if a in centres
        else min(set(near[a]) & set(centres), key=lambda c: (apart(values[a], values[c]), turn.index(c)))
        for a in range(n)
    }
    alone = [c for c in centres if sum(counts[a] for a in range(n) if home[a] == c) == 1]
    moved = {
        c: home[min(set(near[c]) - {c}, key=lambda a: (apart(values[c], values[a]), turn.index(a)))]
        for c in alone
        if len(near[c]) > 1
    }
    return [(home | moved)[a] for a in range(n)]


@pytest.mark.parametrize("rounds", [0, 1, 16])
@pytest.mark.parametrize("distance", [4, 8, 12])
def test_stars_are_those_of_the_rule_however_many_rounds_are_direct(rounds, distance):
    rng = np.random.default_rng(distance)
    values = np.unique(few_wide_bits(rng.integers(0, 2**16, 300).tolist()))
    counts = rng.integers(1, 4, len(values))
    found = nearest_centres(values, counts, distance=distance, rounds=rounds)
    assert found.tolist() == stars_one_by_one(values, counts.tolist(), distance)


def test_stars_of_a_long_chain_are_short_and_do_not_depend_on_the_rounds():
    rng = np.random.default_rng(0)
    steps = np.uint64(1) << rng.integers(0, 64, (2, 8000), dtype=np.uint64)
    film = np.unique(np.bitwise_xor.accumulate(np.bitwise_xor.reduce(steps)))
    counts = np.ones(len(film), dtype=np.int64)
    centres = nearest_centres(film, counts, distance=6)
    assert np.array_equal(centres, nearest_centres(film, counts, distance=6, rounds=0))
    assert max(apart(word, film[centre]) for word, centre in zip(film, centres, strict=True)) <= 12
    assert np.bincount(centres)[np.unique(centres)].min() > 1


def test_chains_come_apart_in_the_same_way_in_any_order_of_rows():
    hashes = few_wide_bits(np.random.default_rng(3).integers(0, 2**16, 200).tolist())
    expected = sorted(sorted(hashes[rows].tolist()) for rows in near_clusters(hashes, 8))
    assert len(expected) > 3
    for seed in range(3):
        shuffled = hashes[np.random.default_rng(seed).permutation(200)]
        assert sorted(sorted(shuffled[rows].tolist()) for rows in near_clusters(shuffled, 8)) == expected
