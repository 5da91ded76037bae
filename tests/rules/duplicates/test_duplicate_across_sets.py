from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.duplicates import exact_duplicates, near_duplicate_cluster
from tagmetry.rules.duplicates.duplicate_across_sets import rule

TWO = (concept("hat", n=4), concept("cap", n=4))
TEST = (concept("hat", n=4), concept("val", n=2, role="holdout"))
CLASS = (concept("hat", n=4), concept("reg", n=2, role="regularization"))


def test_unlike_images_are_not_found():
    assert findings(rule, dataset(*TWO)) == []


def test_copies_within_one_concept_are_not_found():
    assert findings(rule, dataset(*TWO, near=[("hat/000.png", "hat/001.png")])) == []


def test_a_copy_in_another_concept_is_found():
    data = dataset(*TWO, near=[("hat/000.png", "cap/003.png")])
    found = findings(rule, data)
    assert subjects(found) == ["hat/000.png"]
    assert texts(rule, found) == [
        "one picture is in the concepts cap, hat: hat/000.png, and once more as cap/003.png",
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("cluster_size", 2, None, None, "images")]
    assert remedies(rule, found[0]) == ["keep it in the concept it shows and remove it from the other"]


def test_an_exact_copy_in_another_concept_is_found_and_left_to_this_rule():
    data = dataset(*TWO, exact=[("hat/000.png", "cap/003.png")])
    assert subjects(findings(rule, data)) == ["hat/000.png"]
    assert findings(exact_duplicates.rule, data) == []
    assert findings(near_duplicate_cluster.rule, data) == []


def test_a_near_copy_in_another_concept_is_left_to_this_rule():
    data = dataset(*TWO, near=[("hat/000.png", "cap/003.png")])
    assert findings(near_duplicate_cluster.rule, data) == []


def test_copies_within_a_concept_and_in_another_are_told_by_both_rules():
    data = dataset(*TWO, near=[("hat/000.png", "hat/001.png", "cap/003.png")])
    assert subjects(findings(rule, data)) == ["hat/000.png"]
    assert subjects(findings(near_duplicate_cluster.rule, data)) == ["hat/000.png"]


def test_a_training_image_among_the_regularization_images_is_found():
    data = dataset(*CLASS, across=[("hat/002.png", "reg/000.png", "reg/001.png")])
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/002.png is a training image and also 2 times among the regularization images, as reg/000.png, reg/001.png"
    ]
    assert severities(rule, found) == ["warning"]
    assert remedies(rule, found[0]) == ["remove reg/000.png, reg/001.png from the regularization images"]


def test_a_training_image_in_the_holdout_set_is_an_error():
    data = dataset(*TEST, across=[("hat/002.png", "val/001.png")])
    found = findings(rule, data)
    assert texts(rule, found) == ["hat/002.png is a training image and also in the hold-out set, as val/001.png"]
    assert severities(rule, found) == ["error"]
    assert figures(found) == [("cluster_size", 2, None, None, "images")]
    assert remedies(rule, found[0]) == [
        "remove val/001.png from the hold-out set, or hat/002.png from the training images"
    ]


def test_preservation_images_may_be_training_images():
    data = dataset(*CLASS, concept("old", n=1, role="preservation"), across=[("hat/002.png", "old/000.png")])
    assert findings(rule, data) == []


def test_a_picture_in_three_sets_is_told_once_for_each_of_the_others():
    data = dataset(
        *TEST, concept("reg", n=1, role="regularization"), across=[("hat/000.png", "val/000.png", "reg/000.png")]
    )
    assert severities(rule, findings(rule, data)) == ["warning", "error"]


def test_one_concept_alone_has_nothing_to_be_compared_with():
    assert skips(rule, dataset(concept("hat", n=4))) == [
        "there is one concept and no regularization or hold-out image to compare it with"
    ]
