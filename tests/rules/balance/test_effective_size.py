from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.balance.effective_size import rule


def group(first, size):
    return tuple(f"hat/{number:03d}.png" for number in range(first, first + size))


def test_a_share_at_the_limit_is_not_found():
    assert findings(rule, dataset(concept("hat", n=10), near=[group(0, 3)])) == []


def test_a_share_below_the_limit_is_found():
    found = findings(rule, dataset(concept("hat", n=10), near=[group(0, 3), group(3, 2)]))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["10 training images hold only 7 different pictures, 70 % of their number"]
    assert figures(found) == [("effective_share", 0.7, 0.8, "limit", "share")]
    assert remedies(rule, found[0]) == [
        (
            "thin the groups of near-duplicates: 3 images are copies of others, such as hat/001.png, hat/002.png, "
            "hat/004.png"
        ),
        "choose repeats and epochs by the number of different pictures, 7",
    ]


def test_a_single_picture_is_named_in_the_singular():
    found = findings(rule, dataset(concept("hat", n=6), near=[group(0, 6)]))
    assert texts(rule, found) == ["6 training images hold only one different picture, 17 % of their number"]


def test_exact_copies_count_once():
    found = findings(rule, dataset(concept("hat", n=4), exact=[group(0, 2)]))
    assert figures(found) == [("effective_share", 0.75, 0.8, "limit", "share")]


def test_other_roles_do_not_count():
    data = dataset(concept("hat", n=4), concept("person", n=96, role="regularization"), near=[group(0, 2)])
    assert figures(findings(rule, data)) == [("effective_share", 0.75, 0.8, "limit", "share")]


def test_the_limit_can_be_set():
    assert findings(rule, dataset(concept("hat", n=4), near=[group(0, 2)]), limit=0.75) == []


def test_without_training_images_it_is_skipped():
    assert skips(rule, dataset()) == ["there are no training images"]
