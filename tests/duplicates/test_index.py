import tracemalloc
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagmetry.duplicates.index import Band, bit_count, bit_count_by_halves, distances_between, pairs_within, plan_bands


def flipped(values, bits, rng):
    """The values with exactly `bits` different bits turned over in each."""
    result = values.copy()
    places = rng.random((len(values), 64)).argsort(axis=1)[:, :bits]
    for column in places.T:
        result ^= np.uint64(1) << column.astype(np.uint64)
    return result


def random_hashes(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, n, dtype=np.uint64)


def clustered_hashes(n, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2**64, n // 10, dtype=np.uint64)
    return np.concatenate([flipped(rng.choice(centres, n // 20), bits, rng) for bits in range(20)])


def few_bits(n, bits, seed=0):
    """Hashes that differ in their lowest bits only, so that most bands have a single key."""
    return np.random.default_rng(seed).integers(0, 2**bits, n, dtype=np.uint64)


def lopsided(n, share, seed=0):
    """Hashes in which each bit is rarely set, as those of pictures with little structure."""
    cells = np.random.default_rng(seed).random((n, 64)) < share
    return np.packbits(cells, axis=1).view(">u8")[:, 0].astype(np.uint64)


def ball(n):
    """The first n of the words with up to three bits."""
    words = (sum(1 << bit for bit in bits) for size in range(4) for bits in combinations(range(64), size))
    return np.array([word for word, _ in zip(words, range(n), strict=False)], dtype=np.uint64)


def crowded_keys(n, seed=0):
    """Hashes alike in their lower half, but for a bit, and close pairs among them: a few large buckets per band."""
    rng = np.random.default_rng(seed)
    upper = random_hashes(n, seed) << np.uint64(32)
    return np.concatenate([upper | np.uint64(bit) for bit in (0, 4)] + [flipped(upper, k, rng) for k in (2, 5, 7)])


def found(hashes, distance, **options):
    return sorted(
        pair
        for rows_a, rows_b, distances in pairs_within(hashes, distance, **options)
        for pair in zip(rows_a.tolist(), rows_b.tolist(), distances.tolist(), strict=True)
    )


def all_with_all(hashes, distance):
    """The same by definition: equal bits are where both have a one or both a zero."""
    rows = np.sort(np.unique(hashes, return_index=True)[1])
    bits = np.unpackbits(hashes[rows].astype(">u8").view(np.uint8).reshape(-1, 8), axis=1).astype(np.float32)
    apart = 64 - bits @ bits.T - (1 - bits) @ (1 - bits).T
    a, b = np.nonzero(np.triu(apart <= distance, k=1))
    return sorted(zip(rows[a].tolist(), rows[b].tolist(), apart[a, b].astype(int).tolist(), strict=True))


SETS = {
    "random": random_hashes(1000),
    "clustered": clustered_hashes(2000),
    "few bits": few_bits(600, 9),
    "bits in the middle": few_bits(500, 12) << np.uint64(30),
    "lopsided": lopsided(400, 0.1),
    "repeated": np.repeat(clustered_hashes(600), 3),
    "ball": np.concatenate([ball(250), random_hashes(600)]),
}


@pytest.mark.parametrize("name", SETS)
def test_small_sets_give_the_pairs_of_comparing_all_with_all(name):
    expected = all_with_all(SETS[name], 12)
    for distance in range(13):
        assert found(SETS[name], distance) == [pair for pair in expected if pair[2] <= distance]


@pytest.mark.parametrize(
    "hashes",
    [
        pytest.param(clustered_hashes(6000), id="clustered"),
        pytest.param(np.concatenate([ball(400), random_hashes(6000)]), id="ball"),
        pytest.param(np.concatenate([lopsided(400, 0.2), random_hashes(6000)]), id="lopsided"),
    ],
)
def test_large_sets_give_the_pairs_of_comparing_all_with_all(hashes):
    values = np.unique(hashes)
    expected = all_with_all(hashes, 8)
    for distance in (1, 3, 6, 8):
        assert plan_bands(values, distance), "comparing all with all would show nothing"
        assert found(hashes, distance) == [pair for pair in expected if pair[2] <= distance]


@pytest.mark.parametrize("radii", [(2, 2, 1, 1), (0, 5, 1, 0), (-1, 9, -1, -1), (3, 3, 0, 0)])
def test_any_radii_that_add_up_give_the_same_pairs(radii, monkeypatch):
    hashes = np.concatenate([clustered_hashes(600), ball(200), crowded_keys(300)])
    bands = tuple(Band(16 * k, 16, radius) for k, radius in enumerate(radii) if radius >= 0)
    distance = sum(band.radius + 1 for band in bands) - 1
    monkeypatch.setattr("tagmetry.duplicates.index.plan_bands", lambda *_: bands)
    assert found(hashes, distance) == all_with_all(hashes, distance)


@pytest.mark.parametrize("n", [2, 300, 6000, 50_000])
def test_bands_do_not_overlap_and_their_radii_add_up(n):
    values = np.unique(random_hashes(n))
    for distance in range(1, 17):
        bands = plan_bands(values, distance)
        covered = [bit for band in bands for bit in range(band.shift, band.shift + band.width)]
        assert len(covered) == len(set(covered))
        assert set(covered) <= set(range(64))
        assert not bands or sum(band.radius + 1 for band in bands) == distance + 1


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 255), st.integers(2**64 - 256, 2**64 - 1)), max_size=60
    ),
    st.integers(1, 64),
)
def test_any_hashes_and_distance_give_the_pairs_of_comparing_all_with_all(words, distance):
    hashes = np.array(words, dtype=np.uint64)
    assert found(hashes, distance) == all_with_all(hashes, distance)


@pytest.mark.parametrize("distance", [1, 4, 6, 10])
def test_pair_at_the_distance_is_found(distance):
    far = random_hashes(7000)
    hashes = np.append(far, flipped(far[:50], distance, np.random.default_rng(1)))
    assert found(hashes, distance) == [(row, 7000 + row, distance) for row in range(50)]


@pytest.mark.parametrize("distance", [1, 4, 6, 10])
def test_pair_just_beyond_the_distance_is_not_found(distance):
    far = random_hashes(7000)
    hashes = np.append(far, flipped(far[:50], distance + 1, np.random.default_rng(1)))
    assert found(hashes, distance) == []


def test_no_hashes_one_hash_and_equal_hashes_have_no_pairs():
    assert found(np.zeros(0, dtype=np.uint64), 6) == []
    assert found(np.zeros(1, dtype=np.uint64), 6) == []
    assert found(np.full(1000, 7, dtype=np.uint64), 6) == []


def test_equal_hashes_go_by_their_first_row():
    assert found(np.array([9, 8, 9, 8, 0], dtype=np.uint64), 1) == [(0, 1, 1), (1, 4, 1)]


def test_all_pairs_are_within_64_bits():
    assert found(np.array([0, 2**64 - 1], dtype=np.uint64), 64) == [(0, 1, 64)]
    assert found(np.array([0, 2**64 - 1], dtype=np.uint64), 63) == []


@pytest.mark.parametrize("distance", [-1, 65])
def test_impossible_distances_are_refused(distance):
    with pytest.raises(ValueError, match=f"0 to 64 bits apart, not {distance}"):
        next(pairs_within(random_hashes(2), distance))


@pytest.mark.parametrize("n", [500, 6000])
def test_same_blocks_in_every_run(n):
    hashes = clustered_hashes(n)
    runs = [list(pairs_within(hashes, 8)) for _ in range(2)]
    for block, again in zip(*runs, strict=True):
        for column, same in zip(block, again, strict=True):
            assert np.array_equal(column, same)


@pytest.mark.parametrize("n", [500, 6000])
def test_pairs_of_rows_with_equal_labels_are_left_out(n):
    hashes = np.concatenate([clustered_hashes(n), ball(400)])
    labels = np.random.default_rng(0).integers(0, 3, len(hashes)).astype(np.int32)
    expected = [(a, b, bits) for a, b, bits in found(hashes, 6) if labels[a] != labels[b]]
    assert found(hashes, 6, joined=labels) == expected


def test_nothing_is_left_of_a_dense_group_once_it_is_joined():
    hashes = np.concatenate([ball(5000), random_hashes(5000)])
    labels = np.arange(10_000, dtype=np.int32)
    n_pairs = 0
    for rows_a, _, _ in pairs_within(hashes, 6, joined=labels):
        n_pairs += len(rows_a)
        labels[:5000] = 0
    assert 0 < n_pairs < 600_000  # of 12.5 million


def test_blocks_of_a_dense_group_stay_small():
    hashes = np.concatenate([ball(6000), random_hashes(3000)])
    n_pairs = 0
    tracemalloc.start()
    for block in pairs_within(hashes, 6):
        assert len(block[0]) < 600_000
        n_pairs += len(block[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_pairs == 6000 * 5999 // 2
    assert peak < 80e6  # all pairs at once would be 160 MB in the tightest form


def test_distances_between_is_the_number_of_different_bits():
    hashes = np.array([0, 1, 2**64 - 1, 0b1011], dtype=np.uint64)
    assert distances_between(hashes, hashes[:2]).tolist() == [[0, 1], [1, 0], [64, 63], [3, 2]]


def test_counting_bits_by_halves_agrees_with_counting_ones_one_by_one():
    values = np.concatenate([random_hashes(500), np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64)])
    expected = [value.bit_count() for value in values.tolist()]
    assert bit_count_by_halves(values).tolist() == expected
    assert bit_count(values).tolist() == expected
    out = np.empty(len(values), dtype=np.uint8)
    assert bit_count_by_halves(values, out) is out
    assert out.tolist() == expected
