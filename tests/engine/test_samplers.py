"""Samplers for training loops: what an epoch shows, again and again the same for the same epoch."""

import json
import math
from collections import Counter

import pytest

from tagmetry.samplers import FORMAT, Curriculum, FractionalEpoch, Planned, Shard, Stratified, Weighted, load


def shown(sampler, epochs):
    counts = Counter()
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        counts.update(sampler)
    return counts


# --- a part of the images ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "fraction", "floor", "k"),
    [(10, 0.5, 0, 5), (7, 0.5, 0, 3), (10, 0.01, 0, 1), (10, 0.1, 0.3, 3), (10, 1.0, 0, 10), (9, 1 / 3, 0, 3)],
)
def test_k_is_the_floor_of_the_fraction_and_at_least_one(n, fraction, floor, k):
    sampler = FractionalEpoch(range(n), fraction, floor=floor)
    assert (len(sampler), len(list(sampler))) == (k, k)


def test_a_part_has_no_image_twice_and_changes_with_the_epoch():
    sampler = FractionalEpoch(range(100), 0.5, seed=3)
    first, second = list(sampler), list(sampler)
    assert len(set(first)) == 50
    assert set(first) != set(second)


def test_the_same_epoch_draws_the_same_images():
    one, other = FractionalEpoch(range(100), 0.5, seed=3), FractionalEpoch(range(100), 0.5, seed=3)
    one.set_epoch(7)
    for _ in range(7):
        list(other)
    assert list(one) == list(other)


def test_every_image_gets_its_share_over_many_epochs():
    counts = shown(FractionalEpoch(range(20), 0.4), 1000)
    assert set(counts) == set(range(20))
    # 400 each on average; five standard deviations of a binomial are 77.
    assert all(abs(n - 400) < 77 for n in counts.values())


@pytest.mark.parametrize(("fraction", "floor"), [(0, 0), (1.5, 0), (0.5, 2)])
def test_a_fraction_that_is_none_is_refused(fraction, floor):
    with pytest.raises(ValueError, match="fraction is above 0"):
        FractionalEpoch(range(4), fraction, floor=floor)


# --- as planned --------------------------------------------------------------------------------------------------


def test_whole_passes_are_exact_and_the_rest_is_drawn():
    sampler = Planned([([0, 1], 3, 0), ([2, 3, 4, 5], 0, 2), ([6], 1, 5)])
    counts = Counter(sampler)
    assert len(sampler) == 6 + 2 + 2
    assert (counts[0], counts[1], counts[6]) == (3, 3, 2)
    assert sum(counts[i] for i in (2, 3, 4, 5)) == 2


def test_an_epoch_is_mixed():
    order = list(Planned([(range(50), 1, 0), (range(50, 100), 1, 0)]))
    assert sorted(order) == list(range(100))
    assert order[:50] != list(range(50))


# --- groups, weights, curriculum ---------------------------------------------------------------------------------


def test_each_group_gives_the_same_number_as_far_as_it_has_so_many():
    sampler = Stratified({"a": range(10), "b": range(10, 13)}, 5)
    counts = Counter("a" if i < 10 else "b" for i in sampler)
    assert (counts["a"], counts["b"], len(sampler)) == (5, 3, 8)


def test_groups_can_have_numbers_of_their_own():
    assert len(Stratified({"a": range(10), "b": range(10, 20)}, {"a": 2})) == 2


def test_draws_follow_the_weights():
    counts = shown(Weighted([1, 2, 0, 1], n=4), 2000)
    assert counts[2] == 0
    assert abs(counts[1] / 8000 - 0.5) < 0.03


@pytest.mark.parametrize("weights", [[-1, 2], [0, 0], [float("nan"), 1]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(ValueError, match="weights are 0 or more"):
        Weighted(weights)


def test_a_curriculum_fades_from_the_first_sampler_to_the_other():
    sampler = Curriculum(FractionalEpoch(range(10), 1.0), FractionalEpoch(range(10, 110), 1.0), tau=100, batch_size=2)
    shares = []
    for epoch in range(6):
        sampler.set_epoch(epoch)
        images = list(sampler)
        assert len(images) == 100 == len(sampler)
        shares.append(sum(i < 10 for i in images) / 100)
    assert shares[0] > 0.6 > 0.1 > shares[5]
    assert sampler.chance(100) == pytest.approx(math.exp(-1))


def test_a_curriculum_keeps_batches_of_one_kind():
    sampler = Curriculum(FractionalEpoch(range(8), 1.0), FractionalEpoch(range(8, 80), 1.0), tau=30, batch_size=4)
    images = list(sampler)
    batches = [images[i : i + 4] for i in range(0, len(images), 4)]
    assert all(len({i < 8 for i in batch}) == 1 for batch in batches)


def test_a_curriculum_can_be_taken_up_again():
    def made():
        return Curriculum(FractionalEpoch(range(8), 1.0), FractionalEpoch(range(8, 40), 1.0), tau=20)

    one, other = made(), made()
    one.set_epoch(3)
    for _ in range(3):
        list(other)
    assert list(one) == list(other)


def test_processes_share_an_epoch_in_equal_parts():
    whole = list(FractionalEpoch(range(10), 1.0))
    parts = [list(Shard(FractionalEpoch(range(10), 1.0), rank=rank, world=3)) for rank in range(3)]
    assert [len(part) for part in parts] == [4, 4, 4]
    assert {i for part in parts for i in part} == set(whole)


# --- plans -------------------------------------------------------------------------------------------------------


def plan(**changes):
    return {
        "format": FORMAT,
        "seed": 0,
        "sampler": "planned",
        "root": "/data",
        "groups": [{"n": 4, "wanted": 2, "whole": 2, "drawn": 0}, {"n": 6, "wanted": 0.5, "whole": 0, "drawn": 3}],
        "strata": [{"k": 4}, {"k": 4}],
        "curriculum": {"tau_share": 0.2},
        "images": {
            "path": [f"{i}.png" for i in range(10)],
            "role": ["train"] * 10,
            "group": [0] * 4 + [1] * 6,
            "stratum": [0] * 4 + [1] * 6,
            "weight": [1.0] * 10,
            "cap_weight": [1.0] * 9 + [0.0],
        },
    } | changes


def write(tmp_path, **changes):
    path = tmp_path / "sampler-plan.json"
    path.write_text(json.dumps(plan(**changes)), encoding="utf-8")
    return path


def test_a_plan_is_drawn_as_it_says(tmp_path):
    sampler = load(write(tmp_path))
    counts = Counter(sampler)
    assert (len(sampler), sampler.root, sampler.paths[9]) == (11, "/data", "9.png")
    assert [counts[i] for i in range(4)] == [2, 2, 2, 2]


@pytest.mark.parametrize(("kind", "n"), [("planned", 11), ("stratified", 8), ("weighted", 11), ("curriculum", 10)])
def test_all_kinds_are_made_of_a_plan(tmp_path, kind, n):
    sampler = load(write(tmp_path), kind, batch_size=2, steps=50)
    assert len(sampler) == n == len(list(sampler))
    sampler.set_epoch(1)
    assert all(0 <= i < 10 for i in sampler)


def test_caps_thin_images_with_too_frequent_tags(tmp_path):
    path = write(tmp_path)
    assert shown(load(path, "weighted"), 200)[9] > 0
    assert shown(load(path, "weighted", caps=True), 200)[9] == 0


def test_what_is_no_plan_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no sampler plan"):
        load(write(tmp_path, format="tagmetry-report/1"))
    with pytest.raises(ValueError, match="needs the number of steps"):
        load(write(tmp_path), "curriculum")
    with pytest.raises(ValueError, match="sorted is none of planned"):
        load(write(tmp_path), "sorted")


def test_pytorch_takes_them_as_they_are(tmp_path):
    data = pytest.importorskip("torch.utils.data", reason="PyTorch is not installed")
    sampler = load(write(tmp_path))
    loader = data.DataLoader(list(range(10)), batch_size=4, sampler=sampler)
    sampler.set_epoch(2)
    batches = [batch.tolist() for batch in loader]
    assert [len(batch) for batch in batches] == [4, 4, 3]
    sampler.set_epoch(2)
    assert [i for batch in batches for i in batch] == list(sampler)
    assert len(loader) == 3
