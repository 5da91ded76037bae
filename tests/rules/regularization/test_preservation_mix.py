from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.regularization.preservation_mix import rule


def old(n, repeats=1.0):
    return concept("old", n=n, role="preservation", repeats=repeats)


NEW = concept("new", n=20)


def test_a_quarter_to_a_half_of_the_new_exposures_is_right():
    assert findings(rule, dataset(NEW, old(5))) == []
    assert findings(rule, dataset(NEW, old(10))) == []
    assert findings(rule, dataset(NEW, old(100, repeats=0.1))) == []


def test_a_large_set_shown_whole_is_too_many():
    found = findings(rule, dataset(NEW, old(100)))
    assert texts(rule, found) == [
        (
            "100 preservation images are shown 100 times per epoch, 500 % of the 20 exposures of new images; more than "
            "50 % drown them"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("preservation_share", 5.0, 0.5, "high", "share")]
    assert remedies(rule, found[0]) == [
        "use real pictures rather than generated ones",
        "set the multiplier of their folder to about 0.075",
    ]


def test_just_over_a_half_is_too_many():
    assert findings(rule, dataset(NEW, old(11)))[0].message == "too-many"


def test_under_a_quarter_is_too_few():
    found = findings(rule, dataset(NEW, old(4)))
    assert texts(rule, found) == [
        (
            "4 preservation images are shown 4 times per epoch, 20 % of the 20 exposures of new images; less than 25 % "
            "hold little"
        )
    ]
    assert figures(found) == [("preservation_share", 0.2, 0.25, "low", "share")]


def test_a_trainer_without_fractions_is_not_told_to_use_one():
    found = findings(rule, dataset(NEW, old(100), trainer="kohya"))
    assert remedies(rule, found[0])[0] == (
        "leave out preservation images until 5 to 10 exposures are left: this trainer cannot draw a part of a folder"
    )
    assert "multiplier" in remedies(rule, findings(rule, dataset(NEW, old(100), trainer="everydream"))[0])[1]


def test_without_preservation_images_nothing_is_judged():
    assert skips(rule, dataset(NEW)) == ["there are no images of the role preservation"]
