import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.duplicates.dominant_cluster import rule


def hats(total, *group_sizes):
    """A concept of so many images, the first of which form groups of these sizes."""
    names = iter([f"hat/{number:03d}.png" for number in range(total)])
    return dataset(
        concept("hat", n=total),
        near=[tuple(next(names) for _ in range(size)) for size in group_sizes],
    )


def test_a_group_at_both_limits_is_a_warning():
    found = findings(rule, hats(200, 4))
    assert subjects(found) == ["hat/000.png"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["hat/000.png and its near-duplicates are 2 % of the training images (4 of 200)"]
    assert figures(found) == [("cluster_share", 0.02, 0.02, "limit", "share")]
    assert remedies(rule, found[0]) == [
        "thin the group: keep hat/000.png, and others only where they really differ from it"
    ]
    assert found[0].subject.cluster.kind == "near"


def test_a_group_with_less_than_the_share_is_not_found():
    assert findings(rule, hats(201, 4)) == []


def test_three_images_are_too_few_whatever_their_share():
    assert findings(rule, hats(10, 3)) == []


@pytest.mark.parametrize(
    ("total", "size", "severity"),
    [(160, 8, "error"), (161, 8, "warning"), (20, 7, "warning"), (20, 8, "error")],
)
def test_an_error_takes_a_share_and_a_number_of_images(total, size, severity):
    assert severities(rule, findings(rule, hats(total, size))) == [severity]


def test_every_group_is_judged_by_itself():
    found = findings(rule, hats(100, 9, 4, 3, 2))
    assert subjects(found) == ["hat/000.png", "hat/009.png"]
    assert severities(rule, found) == ["error", "warning"]


def test_what_a_policy_lets_pass_is_no_error_either():
    assert findings(rule, hats(20, 8), limit=0.5) == []
    assert findings(rule, hats(20, 8), min_images=9) == []
    assert severities(rule, findings(rule, hats(20, 8), error_min_images=9)) == ["warning"]
    assert severities(rule, findings(rule, hats(20, 8), error_limit=0.5)) == ["warning"]


def test_without_training_images_it_is_skipped():
    data = dataset(concept("person", n=3, role="regularization"))
    assert skips(rule, data) == ["there are no training images"]


def test_an_error_is_measured_against_the_limit_that_made_it_one():
    assert figures(findings(rule, hats(20, 8))) == [("cluster_share", 0.4, 0.05, "error_limit", "share")]
