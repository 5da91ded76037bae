from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.balance.concept_imbalance import rule


def test_twice_as_many_images_are_not_found():
    assert findings(rule, dataset(concept("cap", n=10), concept("hat", n=20))) == []


def test_more_than_twice_as_many_are_found():
    found = findings(rule, dataset(concept("cap", n=10), concept("hat", n=21)))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        '"hat" is shown 2.1 times as often as "cap": 21 images per epoch against 10, repeats included'
    ]
    assert figures(found) == [("concept_imbalance", 2.1, 2.0, "limit", "ratio")]
    assert remedies(rule, found[0]) == [
        'add images to "cap", or leave out some of "hat"',
        "see the balance plan, which proposes repeats where there are enough images",
    ]


def test_repeats_that_even_out_the_images_leave_no_imbalance():
    assert findings(rule, dataset(concept("cap", n=10, repeats=4), concept("hat", n=40))) == []


def test_repeats_count_as_draws():
    found = findings(rule, dataset(concept("cap", n=10), concept("hat", n=10, repeats=2.5)))
    assert texts(rule, found) == [
        '"hat" is shown 2.5 times as often as "cap": 25 images per epoch against 10, repeats included'
    ]


def test_the_extremes_of_several_concepts_are_compared():
    data = dataset(concept("bag", n=12), concept("cap", n=5), concept("hat", n=30), concept("shoe", n=30))
    assert texts(rule, findings(rule, data)) == [
        '"hat" is shown 6 times as often as "cap": 30 images per epoch against 5, repeats included',
    ]


def test_one_concept_has_nothing_to_be_compared_with():
    assert findings(rule, dataset(concept("hat", n=50))) == []


def test_regularization_images_are_not_compared():
    assert findings(rule, dataset(concept("hat", n=10), concept("person", n=200, role="regularization"))) == []


def test_a_concept_without_images_or_repeats_is_not_compared():
    data = dataset(concept("bag", n=0), concept("cap", n=10, repeats=0), concept("hat", n=30))
    assert findings(rule, data) == []


def test_the_limit_can_be_set():
    assert findings(rule, dataset(concept("cap", n=10), concept("hat", n=30)), limit=3) == []


def test_without_training_images_it_is_skipped():
    assert skips(rule, dataset()) == ["there are no training images"]
