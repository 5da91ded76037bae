from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.balance.continuation_mix import rule


def mixed(new, earlier, *, repeats=1):
    return dataset(concept("new", n=new), concept("old", n=earlier, role="earlier", repeats=repeats))


def test_half_earlier_and_half_new_images_are_right():
    assert findings(rule, mixed(10, 10)) == []


def test_both_sides_of_the_lower_limit():
    assert findings(rule, mixed(13, 7)) == []
    found = findings(rule, mixed(33, 17))
    assert texts(rule, found) == [
        (
            "only 34 % of what is shown are images of the earlier training (17 of 50 per epoch): what is not shown "
            "again is forgotten"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("earlier_share", 0.34, 0.35, "low", "share")]
    assert remedies(rule, found[0]) == [
        "add images of the earlier training until they are about half of what is shown",
        "or raise their repeats",
    ]


def test_both_sides_of_the_upper_limit():
    assert findings(rule, mixed(7, 13)) == []
    found = findings(rule, mixed(17, 33))
    assert found[0].message == "too-many"
    assert figures(found) == [("earlier_share", 0.66, 0.65, "high", "share")]


def test_repeats_count():
    assert findings(rule, mixed(10, 2, repeats=5)) == []


def test_without_images_of_an_earlier_training_nothing_is_judged():
    assert skips(rule, dataset(concept("new", n=5))) == ["there are no images of the role earlier"]
