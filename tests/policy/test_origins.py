"""Each limit says where it comes from, in every output."""

from pathlib import Path

import pytest

from policy_testing import write
from report_testing import files
from tagmetry.cli.explain import decision
from tagmetry.plugins import load_plugins
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy
from tagmetry.policy.place import place_of
from tagmetry.policy_tests import read_case_file, run_case

pytestmark = pytest.mark.usefixtures("folder")

PLUGINS = load_plugins(foreign=False)
SOURCES = {"S0", "S1", "S2", "trainer", "tagmetry", "plugin"}

POLICY = """\
name: acme/house
extends: tagmetry:strict
define:
  acme/min-side: {kind: metric, metric: short_side_px, min: 5000, severity: info}
profile: {max_token_length: 76}
rules:
  tag-frequency: {limit: 30%, min_images: 3}
"""

FAULTY = """\
tagmetry-test: 1
policy: house.yaml
cases:
  - name: a set with many faults
    gate: fail
    images:
      - {path: "train/3_ohwx hat/{n}.png", n: 30, caption: "ohwx, hat {n}, red hat, smile, simple background",
         width: 400, height: 1900, sharpness: 3}
      - {path: "train/3_ohwx hat/copy{n}.png", n: 9, copy_of: "train/3_ohwx hat/01.png", caption: "ohwx, red hat"}
      - {path: "train/3_ohwx hat/like{n}.png", n: 9, like: "train/3_ohwx hat/02.png", caption: "smile"}
      - {path: "train/3_ohwx hat/plain{n}.png", n: 5}
      - {path: "train/1_tutu/{n}.png", n: 2, caption: LONG}
"""


def report_of(text):
    write("house.yaml", text)
    write("house.test.yaml", FAULTY.replace("LONG", '"' + ", ".join(["red hat"] * 60) + '"'), version=False)
    policy = load_policy("house.yaml", PLUGINS)
    (case,) = read_case_file(Path("house.test.yaml"), shown="house.test.yaml").cases
    return run_case(case, policy, with_defined(PLUGINS, policy.defined)).report


def limits(report):
    return [
        (finding.rule, finding.limit_origin)
        for finding in report.findings
        if finding.measured is not None and finding.measured.limit is not None
    ]


@pytest.mark.parametrize("profile", ["{}", "{base_model: flux}", "{base_model: sdxl, trainer: kohya, batch_size: 4}"])
def test_every_limit_that_nobody_set_names_its_source(profile):
    found = limits(report_of(f"extends: tagmetry:recommended\nprofile: {profile}\n"))
    assert len({rule for rule, _ in found}) >= 5
    assert [one for one in found if one[1] not in SOURCES] == []


def test_a_limit_of_a_policy_names_file_and_line_in_every_output():
    report = report_of(POLICY)
    found = dict(limits(report))
    assert found["tag-frequency"] == "house.yaml:8"
    assert found["acme/min-side"] == "house.yaml:5"
    assert found["caption-too-long"] == "house.yaml:6"
    assert found["near-duplicate-ratio"] == "tagmetry:strict"
    text, page, data = (written(report, name) for name in ("text", "html", "json"))
    assert "limit: 30 % (house.yaml:8)" in text
    assert "limit: 5,000 px (house.yaml:5)" in text.replace("\u00a0", " ")
    assert "this policy: house.yaml:8" in page
    assert '"limit_origin": "house.yaml:8"' in data


def written(report, name):
    (content,) = files(PLUGINS.reporters[name], report).values()
    return content if isinstance(content, str) else content.decode("utf-8")


def test_a_limit_of_the_profile_that_nobody_set_is_the_trainers():
    assert dict(limits(report_of("extends: tagmetry:recommended\n")))["caption-too-long"] == "trainer"


def test_explain_names_the_source_of_each_default():
    write("house.yaml", POLICY)
    policy = load_policy("house.yaml", PLUGINS)
    told = list(decision(policy, PLUGINS.rules["tag-frequency"], place_of("a/b.png", policy)))
    assert "  limit: 0.3, from house.yaml:8" in told
    assert "  cap_ratio: 0.8, default: advice on balancing" in told
