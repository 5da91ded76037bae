from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.regularization.regularization_ratio import rule


def reg(n, repeats=1):
    return concept("girl", n=n, role="regularization", repeats=repeats)


def train(n=10, repeats=2):
    return concept("lumi", n=n, repeats=repeats)


def test_as_many_exposures_as_of_training_images_are_right():
    assert findings(rule, dataset(train(), reg(20))) == []
    assert findings(rule, dataset(train(), reg(10, repeats=2))) == []


def test_more_exposures_than_of_training_images_are_too_many():
    found = findings(rule, dataset(train(), reg(21)))
    assert texts(rule, found) == [
        (
            "regularization images are shown 1.05 times for each training image (21 against 20 per epoch), more than "
            "1: the concept is weakened"
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("regularization_ratio", 1.05, 1.0, "most", "ratio")]
    assert remedies(rule, found[0]) == [
        "leave out regularization images until at most 20 exposures are left",
        "or lower their repeats, or raise those of the training images",
    ]


def test_half_as_many_exposures_are_enough_and_fewer_are_not():
    assert findings(rule, dataset(train(), reg(10))) == []
    found = findings(rule, dataset(train(), reg(9)))
    assert texts(rule, found) == [
        (
            "regularization images are shown 0.45 times for each training image (9 against 20 per epoch), less than "
            "0.5: too few to hold the class"
        )
    ]
    assert figures(found) == [("regularization_ratio", 0.45, 0.5, "least", "ratio")]


def test_fractions_of_repeats_do_not_tip_over():
    assert findings(rule, dataset(train(n=3, repeats=1), reg(30, repeats=0.1))) == []


def test_sd_scripts_evens_out_too_few_by_itself():
    assert findings(rule, dataset(train(), reg(2), trainer="kohya")) == []


def test_sd_scripts_never_comes_to_surplus_images():
    assert findings(rule, dataset(train(), reg(20), trainer="kohya")) == []
    found = findings(rule, dataset(train(), reg(22), trainer="kohya"))
    assert texts(rule, found) == [
        (
            "2 of 22 regularization images are never used: sd-scripts takes them in order until they equal the 20 "
            "exposures of the training images"
        )
    ]
    assert severities(rule, found) == ["info"]
    assert subjects(found) == ["hats"]
    assert found[0].subject.paths == ("girl/020.png", "girl/021.png")
    assert remedies(rule, found[0])[0] == (
        "leave them out, or choose yourself which ones are used: girl/020.png, girl/021.png come last"
    )


def test_higher_repeats_leave_more_images_unused_in_sd_scripts():
    found = findings(rule, dataset(train(), reg(20, repeats=2), trainer="kohya"))
    assert found[0].values["n"] == 10


def test_without_regularization_images_there_is_no_ratio():
    assert skips(rule, dataset(train())) == ["there are no images of the role regularization"]
