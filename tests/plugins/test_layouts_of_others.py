"""What a plugin's layout gives is used only when it accounts for every file."""

from dataclasses import replace

import pytest

from tagmetry.api import Excluded, FolderReading, Reading, message
from tagmetry.errors import PluginError
from tagmetry.layouts.tree import scan
from tagmetry.plugin_parts import check_rank, check_reading

SOUND = Reading(
    layout="acme",
    images=("a.png", "b.png"),
    folder_of=(0, 0),
    folders=(FolderReading(".", "hat"),),
    caption_files=("a.txt", None),
    caption_texts=(None, None),
    excluded=(Excluded("notes.md", "other-file", message("not of the dataset")),),
)


@pytest.fixture
def tree(tmp_path):
    for name in ("a.png", "a.txt", "b.png", "notes.md"):
        (tmp_path / name).write_bytes(b"x")
    return scan(tmp_path, [tmp_path])


def test_a_sound_reading_is_taken_as_it_is(tree):
    assert check_reading(SOUND, tree) is SOUND


def test_a_caption_may_serve_two_images(tree):
    check_reading(replace(SOUND, caption_files=("a.txt", "a.txt")), tree)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"folder_of": (0,)}, "folder_of is not as long as images"),
        ({"images": ("b.png", "a.png")}, "images are not in the order of paths, each once"),
        ({"images": ("a.png", "a.png")}, "images are not in the order of paths, each once"),
        ({"folder_of": (0, 1)}, "folder_of names a folder that is not there"),
        ({"folders": (FolderReading(".", "hat", repeats=0),)}, "the repeats of folder . are no positive number"),
        (
            {"folders": (FolderReading(".", "hat", role="test"),)},
            "acme: role test is none of train, regularization, preservation, holdout, earlier",
        ),
        ({"excluded": ()}, "notes.md is no image, caption, orphan, problem or left out with a reason"),
        ({"caption_files": (None, None)}, "a.txt is no image, caption, orphan, problem or left out with a reason"),
        ({"orphan_captions": ("a.txt",)}, "a.txt is accounted for twice"),
        ({"images": ("a.png", "notes.md")}, "notes.md is accounted for twice"),
        ({"caption_files": ("a.txt", "b.txt")}, "b.txt is no file of the dataset"),
    ],
)
def test_a_reading_that_loses_or_makes_up_files_is_refused(tree, change, reason):
    with pytest.raises(PluginError) as refused:
        check_reading(replace(SOUND, **change), tree)
    assert refused.value.text.english() == reason


def test_an_unknown_trainer_is_refused(tree):
    with pytest.raises(PluginError, match="trainer mine is none of kohya"):
        check_reading(replace(SOUND, trainer="mine"), tree)


def test_what_is_no_reading_is_refused(tree):
    with pytest.raises(PluginError, match="read gave dict; it gives a Reading"):
        check_reading({}, tree)


@pytest.mark.parametrize("rank", [None, 1.5, "1"])
def test_a_rank_is_a_whole_number(rank):
    with pytest.raises(PluginError):
        check_rank(rank)


@pytest.mark.parametrize(("rank", "taken"), [(0, 0), (30, 30), (True, 1)])
def test_yes_and_no_are_ranks_too(rank, taken):
    assert check_rank(rank) == taken
