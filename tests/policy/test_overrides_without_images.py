"""An override that no file meets is told: a slip in its pattern would else go unseen."""

from pathlib import Path

import pytest

from policy_testing import write
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.policy_tests import read_case_file, run_case

pytestmark = pytest.mark.usefixtures("folder")

PLUGINS = load_plugins(foreign=False)
HATS = "{path: 'hats/{n}.png', n: 3, caption: a hat}"
UNREADABLE = "{path: 'torn/a.png', unreadable: true}"


def notices(match, images=HATS):
    write(
        "tagmetry.yaml",
        "extends: tagmetry:recommended\n"
        "overrides:\n"
        f"  - match: {{{match}}}\n"
        "    rules:\n"
        "      caption-too-long: off\n"
        "      missing-caption: off\n",
    )
    write(
        "a.test.yaml",
        f"tagmetry-test: 1\ncases:\n- {{name: a, gate: pass, images: [{images}]}}\n",
        version=False,
    )
    (case,) = read_case_file(Path("a.test.yaml"), shown="a.test.yaml").cases
    report = run_case(case, load_policy("tagmetry.yaml", PLUGINS), PLUGINS).report
    return [text for text in (notice.english() for notice in report.notices) if "override" in text]


@pytest.mark.parametrize(
    ("match", "shown"),
    [
        ("path: 'hat/**'", "path hat/**"),
        ("concept: hat", "concept hat"),
        ("path: 'hats/**', role: regularization", "path hats/**, role regularization"),
    ],
)
def test_an_override_that_fits_nothing_is_told_once(match, shown):
    (told,) = notices(match)
    place, _, text = told.partition(": ")
    assert place.startswith("tagmetry.yaml:")
    assert text == f"no file fits this override ({shown})"


@pytest.mark.parametrize("match", ["path: 'hats/**'", "concept: hats", "path: '**/*1.png'", "role: train"])
def test_an_override_that_fits_an_image_is_not_told(match):
    assert notices(match) == []


def test_an_override_for_a_role_waits_for_images_of_it():
    assert notices("role: regularization") == []


def test_an_override_for_files_that_cannot_be_read_is_not_told():
    assert notices("path: 'torn/**'", f"{HATS}, {UNREADABLE}") == []
