from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.finding import Alike
from tagmetry.reporting import clusters
from tagmetry.rules.duplicates import dominant_cluster
from tagmetry.rules.duplicates.near_duplicate_cluster import rule
from tagmetry.testing import report_of


def test_different_images_are_not_found():
    assert findings(rule, dataset(concept("hat", n=5))) == []


def test_a_pair_is_found_with_its_likeness():
    data = dataset(concept("hat", n=5), near=[("hat/004.png", "hat/001.png")])
    found = findings(rule, data)
    assert subjects(found) == ["hat/004.png"]
    assert texts(rule, found) == ["hat/004.png has one near-duplicate (likeness 99 %): hat/001.png"]
    assert severities(rule, found) == ["info"]
    cluster = found[0].subject.cluster
    assert (cluster.kind, cluster.distances) == ("near", ((0, 1), (1, 0)))
    assert cluster.alike == (Alike("near", 0.99), Alike("exact", 1.0))


def test_a_group_is_found_with_the_likeness_of_the_least_alike():
    data = dataset(concept("hat", n=5), near=[("hat/001.png", "hat/000.png", "hat/002.png", "hat/003.png")])
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/001.png has 3 near-duplicates (likeness 97 % or more): hat/000.png, hat/002.png, hat/003.png"
    ]
    assert figures(found) == [("cluster_size", 4, None, None, "images")]
    assert remedies(rule, found[0]) == ["look at them side by side; where they are copies, keep only hat/001.png"]


def test_a_variant_is_said_to_be_one():
    pair = ("hat/000.png", "hat/001.png")
    found = findings(rule, dataset(concept("hat", n=3), near=[pair], variants=["hat/001.png"]))
    assert texts(rule, found) == [
        "hat/000.png has one near-duplicate (likeness 99 %), a variant in which a detail is another: hat/001.png"
    ]
    assert remedies(rule, found[0])[1] == (
        "keep the variants only if you teach what differs, and let their captions say it"
    )


def test_the_variants_of_a_group_are_named():
    group = ("hat/000.png", "hat/001.png", "hat/002.png")
    found = findings(rule, dataset(concept("hat", n=3), near=[group], variants=["hat/002.png"]))
    assert texts(rule, found) == [
        (
            "hat/000.png has 2 near-duplicates (likeness 98 % or more): hat/001.png, hat/002.png; variants, in which a "
            "detail is another, are hat/002.png"
        )
    ]


def test_crops_are_said_to_be_crops_whoever_shows_the_group():
    group = tuple(f"hat/{number:03d}.png" for number in range(4))
    data = dataset(concept("hat", n=5), near=[group], crops=group[1:])
    found = findings(rule, data)
    assert texts(rule, found) == [
        (
            "hat/000.png and 3 other images are one picture, cropped otherwise (likeness 97 % or more): hat/001.png, "
            "hat/002.png, hat/003.png"
        )
    ]
    assert (found[0].subject.cluster.kind, found[0].subject.cluster.distances) == ("crop", ())
    assert [one.kind for one in report_of(data, rule, dominant_cluster.rule).clusters] == ["crop"]


def test_a_pair_of_crops_is_told_as_a_pair():
    pair = ("hat/000.png", "hat/001.png")
    found = findings(rule, dataset(concept("hat", n=3), near=[pair], crops=[pair[1]]))
    assert texts(rule, found) == [
        "hat/000.png and one other image are one picture, cropped otherwise (likeness 99 %): hat/001.png"
    ]


def test_a_group_of_copies_and_crops_is_near():
    group = ("hat/000.png", "hat/001.png", "hat/002.png")
    data = dataset(concept("hat", n=3), near=[group], crops=[group[1]])
    found = findings(rule, data)
    assert found[0].message == "found"
    assert [alike.kind for alike in found[0].subject.cluster.alike] == ["exact", "crop", "near"]


def test_turned_copies_are_a_group_of_their_own():
    data = dataset(
        concept("hat", n=6),
        near=[("hat/000.png", "hat/001.png")],
        rotated=[("hat/000.png", "hat/002.png"), ("hat/003.png", "hat/004.png", "hat/005.png")],
    )
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/000.png has one near-duplicate (likeness 99 %): hat/001.png",
        "hat/000.png has one copy turned by a quarter or a half (likeness 99 %): hat/002.png",
        "hat/003.png has 2 copies turned by a quarter or a half (likeness 98 % or more): hat/004.png, hat/005.png",
    ]
    assert (data.effective_n, found[1].subject.cluster.kind) == (5, "rotated")
    reported = report_of(data, rule)
    assert len({one.fingerprint for one in reported.findings}) == 3
    assert [one.kind for one in clusters(reported.findings)] == ["near", "rotated", "rotated"]


def test_mirrored_copies_are_left_to_the_rule_for_them():
    assert findings(rule, dataset(concept("hat", n=3), mirrored=[("hat/000.png", "hat/001.png")])) == []


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
        "hat/000.png has 2 near-duplicates (likeness 99 % or more): hat/001.png, hat/002.png"
    ]


def test_a_group_too_large_for_a_table_of_distances_still_has_its_likeness():
    names = tuple(f"hat/{number:03d}.png" for number in range(60))
    (found,) = findings(rule, dataset(concept("hat", n=60), near=[names]))
    assert found.values["likeness"] == 0.86
    assert found.subject.cluster.distances == ()
    assert len(found.subject.cluster.alike) == 60
