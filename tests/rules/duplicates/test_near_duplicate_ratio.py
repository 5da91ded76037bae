import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.duplicates.near_duplicate_ratio import rule


def hats(total, *group_sizes):
    """A concept of so many images, the first of which form groups of these sizes."""
    names = iter([f"hat/{number:03d}.png" for number in range(total)])
    return dataset(
        concept("hat", n=total),
        near=[tuple(next(names) for _ in range(size)) for size in group_sizes],
    )


def test_a_ratio_at_the_limit_is_not_found():
    assert findings(rule, hats(20, 3)) == []


def test_a_ratio_above_the_limit_is_a_warning():
    found = findings(rule, hats(19, 3))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "16 % of the training images (3 of 19) lie in groups of 3 or more near-duplicates",
    ]
    assert figures(found) == [("near_duplicate_ratio", 3 / 19, 0.15, "limit", "share")]
    assert remedies(rule, found[0]) == [
        "thin the groups of near-duplicates before anything else: 2 images can go, such as hat/001.png, hat/002.png"
    ]


@pytest.mark.parametrize(("total", "severity"), [(101, "warning"), (100, "error"), (80, "error")])
def test_from_the_error_limit_on_it_is_an_error(total, severity):
    assert severities(rule, findings(rule, hats(total, 10, 10))) == [severity]


def test_pairs_do_not_count():
    assert findings(rule, hats(10, 2, 2, 2)) == []


def test_pairs_count_when_the_policy_says_so():
    assert len(findings(rule, hats(10, 2, 2, 2), min_cluster_size=2)) == 1


def test_only_training_images_are_counted():
    reg = concept("person", n=90, role="regularization", folder="reg")
    data = dataset(concept("hat", n=10), reg, near=[("hat/000.png", "hat/001.png", "hat/002.png")])
    assert texts(rule, findings(rule, data)) == [
        "30 % of the training images (3 of 10) lie in groups of 3 or more near-duplicates",
    ]


def test_exact_copies_count_as_near():
    data = dataset(concept("hat", n=10), exact=[("hat/000.png", "hat/001.png", "hat/002.png")])
    assert severities(rule, findings(rule, data)) == ["error"]


def test_limits_can_be_set():
    assert findings(rule, hats(10, 4), limit=0.4) == []
    assert severities(rule, findings(rule, hats(10, 4), error_limit=0.5)) == ["warning"]


def test_without_training_images_it_is_skipped():
    data = dataset(concept("person", n=3, role="regularization"))
    assert skips(rule, data) == ["there are no training images"]


def test_an_error_is_measured_against_the_limit_that_made_it_one():
    assert figures(findings(rule, hats(100, 10, 10))) == [("near_duplicate_ratio", 0.2, 0.2, "error_limit", "share")]
