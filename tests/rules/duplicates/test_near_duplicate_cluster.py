from dataclasses import replace

import numpy as np

from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.columns import Column
from tagmetry.rules.duplicates.near_duplicate_cluster import rule


def test_different_images_are_not_found():
    assert findings(rule, dataset(concept("hat", n=5))) == []


def test_a_pair_is_found_with_its_distance():
    data = dataset(concept("hat", n=5), near=[("hat/004.png", "hat/001.png")])
    found = findings(rule, data)
    assert subjects(found) == ["hat/004.png"]
    assert texts(rule, found) == ["hat/004.png has one near-duplicate (1 of 64 hash bits differ): hat/001.png"]
    assert severities(rule, found) == ["info"]
    assert found[0].subject.cluster.distances == ((0, 1), (1, 0))


def test_a_group_is_found_with_the_distance_of_the_farthest_from_the_keeper():
    data = dataset(concept("hat", n=5), near=[("hat/001.png", "hat/000.png", "hat/002.png", "hat/003.png")])
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/001.png has 3 near-duplicates (at most 2 of 64 hash bits differ): hat/000.png, hat/002.png, hat/003.png"
    ]
    assert figures(found) == [("cluster_size", 4, None, None, "images")]
    assert remedies(rule, found[0]) == ["look at them side by side; where they are copies, keep only hat/001.png"]


def test_a_group_whose_hashes_are_equal_says_so():
    data = dataset(concept("hat", n=3), near=[("hat/000.png", "hat/001.png")])
    same = Column(np.zeros(3, dtype=np.uint64), np.ones(3, dtype=bool))
    found = findings(rule, replace(data, duplicates=replace(data.duplicates, hashes=same)))
    assert texts(rule, found) == ["hat/000.png has one near-duplicate (all 64 hash bits agree): hat/001.png"]


def test_each_group_is_a_finding_of_its_own():
    data = dataset(
        concept("hat", n=6),
        near=[("hat/004.png", "hat/005.png"), ("hat/001.png", "hat/000.png")],
    )
    assert subjects(findings(rule, data)) == ["hat/001.png", "hat/004.png"]


def test_a_group_of_exact_copies_only_is_left_to_the_rule_for_them():
    data = dataset(concept("hat", n=5), exact=[("hat/000.png", "hat/001.png")])
    assert findings(rule, data) == []


def test_a_group_with_exact_copies_and_a_look_alike_is_found():
    data = dataset(
        concept("hat", n=5),
        exact=[("hat/000.png", "hat/001.png")],
        near=[("hat/000.png", "hat/002.png")],
    )
    assert texts(rule, findings(rule, data)) == [
        "hat/000.png has 2 near-duplicates (at most 2 of 64 hash bits differ): hat/001.png, hat/002.png"
    ]


def test_a_group_too_large_for_a_table_of_distances_still_has_the_farthest():
    names = tuple(f"hat/{number:03d}.png" for number in range(60))
    (found,) = findings(rule, dataset(concept("hat", n=60), near=[names]))
    assert found.values["distance"] == 59
    assert found.subject.cluster.distances == ()
