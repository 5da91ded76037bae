"""A declared concept that no image belongs to is told, with those that there are."""

from pathlib import Path

import pytest

from policy_testing import write
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.policy_tests import read_case_file, run_case

pytestmark = pytest.mark.usefixtures("folder")

PLUGINS = load_plugins(foreign=False)


def notices(concepts):
    write("tagmetry.yaml", f"extends: tagmetry:recommended\nprofile:\n  concepts:\n    {concepts}\n")
    write(
        "a.test.yaml",
        "tagmetry-test: 1\ncases:\n- {name: a, gate: pass, images: [{path: 'hats/{n}.png', n: 3, caption: a hat}]}\n",
        version=False,
    )
    (case,) = read_case_file(Path("a.test.yaml"), shown="a.test.yaml").cases
    report = run_case(case, load_policy("tagmetry.yaml", PLUGINS), PLUGINS).report
    return [text for text in (notice.english() for notice in report.notices) if "concept" in text]


def test_a_pattern_that_fits_nothing_is_told():
    assert notices("hat: {match: 'hat/**', trigger: ohwx}") == [
        "tagmetry.yaml:5: no training image fits the concept hat (match: hat/**); concepts found: hats"
    ]


def test_a_name_that_no_folder_has_is_told():
    assert notices("hat: {trigger: ohwx}") == [
        "tagmetry.yaml:5: there is no concept hat in the dataset; concepts found: hats"
    ]


def test_a_concept_with_images_is_not_told():
    assert notices("hats: {trigger: ohwx}") == []
    assert notices("other: {match: 'hats/**'}") == []
