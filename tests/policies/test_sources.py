"""Where the sources pull in different directions: the profile decides, and never is both asked of one group."""

from pathlib import Path

import pytest

from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import render
from tagmetry.policy.loader import load_policy
from tagmetry.policy_tests import read_case_file, run_case

HERE = Path(__file__).parent / "sources"
PLUGINS = load_plugins(foreign=False)
CASES = [
    (file.name.partition(".")[0], test.policy, case)
    for file in sorted(HERE.glob("*.test.yaml"))
    for test in [read_case_file(file, shown=file.name)]
    for case in test.cases
]


@pytest.mark.parametrize(
    ("policy", "case"), [one[1:] for one in CASES], ids=[f"{one[0]}: {one[2].name}" for one in CASES]
)
def test_what_a_case_expects_of_a_built_in_policy_holds(policy, case):
    result = run_case(case, load_policy(policy, PLUGINS), PLUGINS)
    assert not result.failures, render([one.problem for one in result.failures])


VARIETY = ("low-tag-entropy",)
UNIFORMITY = ("uneven-conditions", "inconsistent-style-words")

MIXED = """\
tagmetry-test: 1
policy: tagmetry:recommended
defaults: {width: 1024, height: 1024}
cases:
  - name: one background, two kinds of light
    nothing_else: true
    images:
      - {path: "hat/a{n}.png", n: 18, caption: "ohwx, white background, day, soft lighting, from above, tag {n}",
         brightness: 200, sharpness: 900, contrast: 60, colourfulness: 60}
      - {path: "hat/b{n}.png", n: 17, caption: "ohwx, white background, night, hard lighting, from below, tag {n}",
         brightness: 30, sharpness: 20, contrast: 10, colourfulness: 5}
      - {path: "hat/c{n}.png", n: 3, caption: "ohwx, street, night, hard lighting, from below, tag {n}",
         brightness: 30, sharpness: 20, contrast: 10, colourfulness: 5}
      - {path: "hat/d{n}.png", n: 2, caption: "ohwx, beach, day, soft lighting, from above, tag {n}",
         brightness: 200, sharpness: 900, contrast: 60, colourfulness: 60}
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """What is said of a set that is uniform in one respect and uneven in another: (rule, concept) by base model."""
    file = tmp_path_factory.mktemp("mixed") / "mixed.test.yaml"
    file.write_text(MIXED, encoding="utf-8")
    (case,) = read_case_file(file, shown=file.name).cases
    found = {}
    for base_model in ("sd15", "sdxl", "flux"):
        report = run_case(case, load_policy(f"tagmetry:{base_model}", PLUGINS), PLUGINS).report
        found[base_model] = [
            (one.rule, one.severity.label, one.subject.identity[0])
            for one in report.findings
            if one.rule in (*VARIETY, *UNIFORMITY)
        ]
    return found


@pytest.mark.parametrize("base_model", ["sd15", "sdxl"])
def test_variety_is_asked_for_where_flux_is_not_trained(mixed, base_model):
    assert [one for one in mixed[base_model] if one[0] in UNIFORMITY and one[1] != "info"] == []


def test_uniformity_is_asked_for_on_flux(mixed):
    assert [one for one in mixed["flux"] if one[0] in VARIETY and one[1] != "info"] == []


@pytest.mark.parametrize("base_model", ["sd15", "sdxl", "flux"])
def test_never_are_both_asked_of_one_concept(mixed, base_model):
    warned = {(rule in VARIETY, concept) for rule, severity, concept in mixed[base_model] if severity != "info"}
    assert [concept for is_variety, concept in warned if is_variety and (False, concept) in warned] == []


@pytest.mark.parametrize("rule", [name for name in (*VARIETY, *UNIFORMITY) if name in PLUGINS.rules])
def test_each_of_the_rules_speaks_up_where_it_is_at_home(mixed, rule):
    at_home = ("sd15", "sdxl") if rule in VARIETY else ("flux",)
    assert [name for name in at_home if any(one[:2] == (rule, "warning") for one in mixed[name])] == list(at_home)


@pytest.mark.parametrize("base_model", ["sd15", "sdxl", "flux"])
def test_generated_class_images_are_told_and_no_more(base_model):
    rule = PLUGINS.rules["generated-regularization"]
    settled = load_policy(f"tagmetry:{base_model}", PLUGINS).rule(rule)
    assert (settled.severity or rule.severity).label == "info"
