import pytest

from rule_testing import concept, dataset, findings, orphan, remedies, severities, subjects, texts
from tagmetry.rules.files.name_collision import rule


def named(*names, **parts):
    return findings(rule, dataset(concept("hat", names=list(names)), **parts))


def test_names_that_differ_only_in_case():
    found = named("Cat.png", "cat.png", "dog.png")
    assert severities(rule, found)[0] == "warning"
    assert texts(rule, found) == [
        "2 names differ only in case, and are one name on Windows and macOS: hat/Cat.png, hat/cat.png",
    ]
    assert remedies(rule, found[0]) == ["rename all but one of them: hat/Cat.png, hat/cat.png"]


def test_names_that_differ_only_in_unicode_form():
    found = named("caf\u00e9.png", "cafe\u0301.png", caption_problems=[])
    assert [finding.message for finding in found] == ["form"]


def test_folders_are_compared_once_and_not_with_all_their_files():
    found = named("Cat/a.png", "cat/a.png")
    assert [finding.values["paths"] for finding in found] == [("hat/Cat", "hat/cat")]


def test_names_in_different_folders_are_different():
    assert named("x/cat.png", "y/Cat.png") == []


def test_all_files_that_were_seen_are_compared():
    found = named("a.png", orphans=[orphan("hat/A.txt")])
    assert [finding.values["paths"] for finding in found] == [("hat/A.txt", "hat/a.txt")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aux.png", "hat/aux.png has the name of a device, which Windows cannot hold as a file"),
        ("a?:b.png", "the name of hat/a?:b.png contains : ?, which Windows cannot hold"),
        ("\u3042" * 90 + ".png", None),
    ],
)
def test_names_that_other_systems_cannot_hold_are_notes(name, text):
    found = named(name)
    assert severities(rule, found) == ["info"]
    if text is not None:
        assert texts(rule, found) == [text]
    else:
        assert found[0].message == "too-long"
        assert found[0].values["n"] == 274


def test_names_that_are_no_text():
    found = named("a.png", orphans=[orphan("hat/bad\udcff.txt")])
    assert texts(rule, found) == ["the name of hat/bad\\udcff.txt is no text in this system's encoding"]


@pytest.mark.parametrize("name", ["console.png", "com0.png", "a.b.png", ".hidden.png", "x" * 251 + ".png"])
def test_names_that_all_systems_hold(name):
    assert named(name) == []


def test_a_folder_that_ends_in_a_dot_is_named_once():
    found = named("etc./a.png", "etc./b.png")
    assert subjects(found) == ["hat/etc."]
    assert texts(rule, found) == ["the name of hat/etc. ends in a dot or space, which Windows drops"]


def test_the_root_as_folder_is_no_name():
    assert findings(rule, dataset(concept("hat", folder=".", names=["a.png"]))) == []
