from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.resolution.extreme_aspect_ratio import rule


def hats(*sizes, plain=10):
    return dataset(concept("hat", sizes=[*sizes, *[(1024, 1024)] * plain]))


def test_two_to_one_is_not_yet_extreme():
    assert findings(rule, hats((1000, 500), (500, 1000))) == []


def test_more_than_two_to_one_is_found_either_way():
    found = findings(rule, hats((1001, 500), (500, 2000)))
    assert severities(rule, found) == ["warning"]
    assert found[0].subject.paths == ("hat/001.png", "hat/000.png")
    assert texts(rule, found) == ["2 of 12 training images are longer than 2 to 1, at most 4 to 1: hat/001.png"]
    assert figures(found) == [("extreme_share", 2 / 12, 0.05, "max_share", "share")]
    assert remedies(rule, found[0]) == ["crop them to what matters", "train with buckets"]


def test_a_few_of_many_are_let_pass():
    assert findings(rule, hats((3000, 500), (3000, 500), plain=38)) == []
    assert len(findings(rule, hats((3000, 500), (3000, 500), plain=37))) == 1


def test_a_single_one_is_let_pass():
    assert findings(rule, hats((3000, 500))) == []
    assert len(findings(rule, hats((3000, 500)), min_images=1)) == 1


def test_the_limit_can_be_set():
    assert findings(rule, hats((3000, 500), (3000, 500)), limit=6) == []


def test_only_training_images_count():
    wide = concept("person", sizes=[(3000, 500)] * 5, role="regularization")
    assert findings(rule, dataset(concept("hat", n=5), wide)) == []
    assert skips(rule, dataset(wide)) == ["there are no training images"]
