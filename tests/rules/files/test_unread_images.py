import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.dataset import Excluded
from tagmetry.messages import message
from tagmetry.rules.files.unread_images import rule


def left_out(path, id="not-in-a-kohya-folder", is_image=True):
    return Excluded(path, id, message("left out"), is_image=is_image)


def test_images_outside_numbered_folders_are_named_with_their_folders():
    data = dataset(
        concept("hat", n=3),
        excluded=[
            left_out("plain/a.png"),
            left_out("plain/b.png"),
            left_out("c.png"),
            left_out("plain/a.txt", is_image=False),
        ],
    )
    found = findings(rule, data)
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "3 of 6 images will never be trained: kohya reads only what lies directly in folders named N_name, not ., plain"
    ]
    assert figures(found) == [("unread_share", 0.5, None, None, "share")]
    assert remedies(rule, found[0]) == [
        "name the folders with their repeats, such as 10_name, and keep images out of folders inside them"
    ]


@pytest.mark.parametrize(("profile", "severity"), [({"trainer": "kohya"}, "error"), ({}, "warning")])
def test_it_is_an_error_for_whoever_names_the_trainer(profile, severity):
    data = dataset(concept("hat", n=3), excluded=[left_out("plain/a.png")], **profile)
    assert severities(rule, findings(rule, data)) == [severity]


def test_folders_that_everydream_leaves_out_are_told():
    data = dataset(concept("hat", n=3), excluded=[left_out("away/a.png", id="multiplied-away")])
    assert texts(rule, findings(rule, data)) == [
        "1 of 4 images will never be trained: a negative multiply.txt leaves out away"
    ]


def test_other_files_that_are_left_out_are_no_finding():
    data = dataset(concept("hat", n=3), excluded=[left_out("a.md", id="other-file", is_image=False)])
    assert findings(rule, data) == []


def test_captions_alone_are_no_finding():
    data = dataset(concept("hat", n=3), excluded=[left_out("plain/a.txt", is_image=False)])
    assert findings(rule, data) == []


def test_endings_that_the_trainer_does_not_read_are_named_with_their_images():
    hats = concept("hat", names=["a.png", "b.gif", "c.tiff", "d.GIF"])
    found = findings(rule, dataset(hats, trainer="kohya"))
    assert texts(rule, found) == [
        "3 of 4 training images will never be trained: kohya does not read files that end in .GIF, .gif, .tiff"
    ]
    assert severities(rule, found) == ["error"]
    assert found[0].subject.paths == ("hat/b.gif", "hat/c.tiff", "hat/d.GIF")


def test_mixed_case_is_unread_by_kohya_on_linux_alone():
    hats = concept("hat", names=["a.png", "b.PNG", "c.Png"])
    found = findings(rule, dataset(hats, trainer="kohya"))
    (text,) = texts(rule, found)
    assert text == (
        "1 of 3 training images will never be trained on Linux: there kohya reads endings in all lower or all "
        "upper case only, not .Png"
    )
    assert severities(rule, found) == ["warning"]
    assert findings(rule, dataset(hats, trainer="everydream")) == []


def test_without_a_trainer_no_ending_is_judged():
    assert findings(rule, dataset(concept("hat", names=["a.gif"]))) == []
