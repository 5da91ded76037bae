"""Each limit says where it comes from, in every output."""

import json

import pytest

from command_testing import run
from policy_testing import write

SOURCES = {"S0", "S1", "S2", "trainer", "tagmetry", "plugin"}

POLICY = """\
name: acme/house
extends: tagmetry:strict
define:
  acme/min-side: {kind: metric, metric: short_side_px, min: 5000, severity: info}
profile: {max_token_length: 150}
rules:
  tag-frequency: {limit: 30%, min_images: 3}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origins")
    done = run("demo", "sample", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def limits(done):
    report = json.loads(done.stdout)
    return [
        (finding["rule"], finding["measured"]["limit_origin"])
        for finding in report["findings"]
        if finding["measured"] is not None and finding["measured"]["limit"] is not None
    ]


@pytest.mark.parametrize("flags", [(), ("--base-model", "flux"), ("--base-model", "sdxl", "--trainer", "kohya")])
def test_every_limit_that_nobody_set_names_its_source(sample, flags):
    found = limits(run("check", "sample", "--format", "json", "--fail-on", "never", *flags, cwd=sample))
    assert found
    assert [one for one in found if one[1] not in SOURCES] == []


def test_a_limit_of_a_policy_names_file_and_line_in_every_output(sample):
    write(sample / "house.yaml", POLICY)
    flags = ("--policy", "house.yaml", "--set", "near-duplicate-ratio.limit=0.01", "-o", "html=page.html", "-v")
    done = run("check", "sample", "--format", "json", "--fail-on", "never", *flags, cwd=sample)
    found = dict(limits(done))
    assert found["tag-frequency"] == "house.yaml:8"
    assert found["acme/min-side"] == "house.yaml:5"
    assert found["near-duplicate-ratio"] in ("--set near-duplicate-ratio.limit", "tagmetry:strict")
    page = (sample / "page.html").read_text(encoding="utf-8")
    assert "this policy: house.yaml:8" in page
    text = run("check", "sample", "--fail-on", "never", *flags, "--force", cwd=sample).stdout
    assert "limit: 30 % (house.yaml:8)" in text
    assert "limit: 5,000 px (house.yaml:5)" in text


def test_a_figure_of_the_profile_is_a_limit_with_an_origin_too(sample):
    (sample / "sample" / "long.txt").write_text(", ".join(["red hat"] * 60), encoding="utf-8")
    (sample / "sample" / "long.png").write_bytes(next((sample / "sample").rglob("*.png")).read_bytes())
    found = dict(limits(run("check", "sample", "--format", "json", "--fail-on", "never", cwd=sample)))
    assert found["caption-too-long"] == "trainer"
    write(sample / "long.yaml", "extends: tagmetry:recommended\nprofile: {max_token_length: 76}\n")
    flags = ("--policy", "long.yaml")
    found = dict(limits(run("check", "sample", "--format", "json", "--fail-on", "never", *flags, cwd=sample)))
    assert found["caption-too-long"] == "long.yaml:3"


def test_explain_names_the_source_of_each_default(sample):
    write(sample / "house.yaml", POLICY)
    done = run("explain", "tag-frequency", "--at", "a/b.png", "--policy", "house.yaml", cwd=sample)
    assert "  limit: 0.3, from house.yaml:8\n" in done.stdout
    assert "  cap_ratio: 0.8, default: advice on balancing\n" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
