from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.rules.duplicates.exact_duplicates import rule


def test_different_images_are_not_found():
    assert findings(rule, dataset(concept("hat", n=5))) == []


def test_near_duplicates_alone_are_not_found():
    data = dataset(concept("hat", n=5), near=[("hat/000.png", "hat/001.png")])
    assert findings(rule, data) == []


def test_equal_files_are_found_under_their_keeper():
    data = dataset(concept("hat", n=5), exact=[("hat/003.png", "hat/001.png", "hat/002.png")])
    found = findings(rule, data)
    assert subjects(found) == ["hat/003.png"]
    assert texts(rule, found) == ["hat/003.png has 2 copies that are equal byte for byte: hat/001.png, hat/002.png"]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("cluster_size", 3, None, None, "images")]
    assert remedies(rule, found[0]) == ["keep hat/003.png and its caption; remove the copies and their captions"]
    cluster = found[0].subject.cluster
    assert (cluster.kind, cluster.keeper, cluster.paths) == (
        "exact",
        "hat/003.png",
        ("hat/001.png", "hat/002.png", "hat/003.png"),
    )


def test_equal_pixels_in_different_files_are_told_apart_from_equal_files():
    data = dataset(
        concept("hat", n=4),
        exact=[("hat/000.png", "hat/001.png")],
        same_pixels=[("hat/002.png", "hat/003.png")],
    )
    assert texts(rule, findings(rule, data)) == [
        "hat/000.png has one copy that is equal byte for byte: hat/001.png",
        "hat/002.png has one copy with the same pixels: hat/003.png",
    ]


def test_many_copies_are_named_in_part_and_counted_in_full():
    data = dataset(concept("hat", n=9), same_pixels=[tuple(f"hat/00{number}.png" for number in range(9))])
    (text,) = texts(rule, findings(rule, data))
    assert text == (
        "hat/000.png has 8 copies with the same pixels: "
        "hat/001.png, hat/002.png, hat/003.png, hat/004.png, hat/005.png and 3 more"
    )
