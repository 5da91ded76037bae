from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.balance.too_small_to_balance import rule


def test_thirty_images_are_enough():
    assert findings(rule, dataset(concept("hat", n=30))) == []


def test_twenty_nine_images_are_too_few():
    found = findings(rule, dataset(concept("hat", n=29)))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        "29 training images are too few to balance; below 30 the plan changes no repeats",
    ]
    assert figures(found) == [("n_train", 29, 30, "min_images", "images")]
    assert remedies(rule, found[0]) == [
        "leave the repeats as they are; shuffling tags and a weak tag dropout are safe at any size"
    ]


def test_one_image_is_named_in_the_singular():
    assert texts(rule, findings(rule, dataset(concept("hat")))) == [
        "one training image is too few to balance; below 30 the plan changes no repeats",
    ]


def test_images_of_all_concepts_count_together():
    assert findings(rule, dataset(concept("cap", n=15), concept("hat", n=15))) == []


def test_regularization_and_hold_out_images_do_not_count():
    data = dataset(
        concept("hat", n=29),
        concept("person", n=50, role="regularization"),
        concept("later", n=10, role="holdout"),
    )
    assert figures(findings(rule, data)) == [("n_train", 29, 30, "min_images", "images")]


def test_enough_images_that_hold_too_few_pictures_are_told():
    data = dataset(concept("hat", n=30), near=[("hat/000.png", "hat/001.png")])
    found = findings(rule, data)
    assert texts(rule, found) == [
        "30 training images hold only 29 different pictures, fewer than the 30 that balancing needs"
    ]
    assert figures(found) == [("effective_n", 29, 30, "min_images", "images")]
    assert remedies(rule, found[0]) == [
        "thin the groups of near-duplicates and decide on balancing afterwards",
        "until then leave the repeats as they are",
    ]


def test_enough_pictures_among_the_copies_are_enough():
    data = dataset(concept("hat", n=31), near=[("hat/000.png", "hat/001.png")])
    assert findings(rule, data) == []


def test_few_images_with_copies_are_told_once():
    data = dataset(concept("hat", n=29), near=[("hat/000.png", "hat/001.png")])
    assert [found.message for found in findings(rule, data)] == ["found"]


def test_the_number_can_be_set():
    assert findings(rule, dataset(concept("hat", n=10)), min_images=10) == []


def test_without_training_images_it_is_skipped():
    assert skips(rule, dataset(concept("person", n=3, role="regularization"))) == ["there are no training images"]
