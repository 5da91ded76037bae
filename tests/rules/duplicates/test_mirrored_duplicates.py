from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.finding import Alike
from tagmetry.rules.duplicates.mirrored_duplicates import rule

PAIR = ("hat/003.png", "hat/001.png")


def test_different_images_are_not_found():
    assert findings(rule, dataset(concept("hat", n=5))) == []


def test_near_duplicates_and_turned_copies_are_not_found():
    data = dataset(concept("hat", n=5), near=[("hat/000.png", "hat/002.png")], rotated=[PAIR])
    assert findings(rule, data) == []


def test_a_mirrored_copy_is_found():
    data = dataset(concept("hat", n=5), mirrored=[PAIR])
    found = findings(rule, data)
    assert subjects(found) == ["hat/003.png"]
    assert texts(rule, found) == ["hat/003.png is there once more, mirrored (likeness 99 %): hat/001.png"]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("cluster_size", 2, None, None, "images")]
    assert remedies(rule, found[0]) == [
        "keep hat/003.png and remove its mirrored copies with their captions",
        "leave flip_aug off while mirrored copies are in the set",
    ]
    cluster = found[0].subject.cluster
    assert (cluster.kind, cluster.keeper, cluster.distances) == ("mirrored", "hat/003.png", ())
    assert cluster.alike == (Alike("mirrored", 0.99), Alike("exact", 1.0))


def test_several_mirrored_copies_of_one_picture_are_one_finding():
    data = dataset(concept("hat", n=5), mirrored=[("hat/000.png", "hat/001.png", "hat/002.png")])
    assert texts(rule, findings(rule, data)) == [
        "hat/000.png is there 2 times more, mirrored (likeness 98 % or more): hat/001.png, hat/002.png"
    ]


def test_mirrored_copies_count_as_pictures_of_their_own():
    data = dataset(concept("hat", n=5), mirrored=[PAIR])
    assert (data.duplicates.near, data.effective_n) == ((), 5)
