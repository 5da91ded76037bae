"""`tagmetry features`, `plugins` and `reporters`: what is installed, for people and for programs."""

import json

import pytest

from command_testing import run


@pytest.mark.parametrize("command", ["features", "plugins", "reporters"])
def test_what_is_installed_fits_80_columns(command, tmp_path):
    result = run(command, "--no-plugins", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


def test_features_are_listed_with_unit_version_and_the_rules_that_read_them(tmp_path):
    found = json.loads(run("features", "--no-plugins", "--format", "json", cwd=tmp_path).stdout)
    phash = next(entry for entry in found if entry["feature"] == "phash")
    assert (phash["unit"], phash["plugin"]) == ("64 bits", "tagmetry.features")
    assert [entry["feature"] for entry in found] == sorted(entry["feature"] for entry in found)
    assert all(entry["version"] >= 1 and entry["doc"] for entry in found)
    rules = {
        line.split()[0] for line in run("rules", "--no-plugins", cwd=tmp_path).stdout.splitlines() if line[0] != " "
    }
    assert {rule for entry in found for rule in entry["rules"]} <= rules


def test_plugins_are_listed_with_what_they_bring(tmp_path):
    found = json.loads(run("plugins", "--no-plugins", "--format", "json", cwd=tmp_path).stdout)
    duplicates = next(entry for entry in found if entry["plugin"] == "tagmetry.rules.duplicates")
    assert "exact-duplicates" in duplicates["rules"]
    assert (duplicates["distribution"], duplicates["outcome"], duplicates["reason"]) == ("tagmetry", "loaded", "")
    policies = next(entry for entry in found if entry["plugin"] == "tagmetry.policies")
    assert "tagmetry:recommended" in policies["policies"]


def test_outputs_are_listed_with_their_options(tmp_path):
    found = json.loads(run("reporters", "--no-plugins", "--format", "json", cwd=tmp_path).stdout)
    html = next(entry for entry in found if entry["reporter"] == "html")
    assert {"option": "blur", "takes": "true or false", "default": False}.items() <= next(
        option for option in html["options"] if option["option"] == "blur"
    ).items()
    text = run("reporters", "--no-plugins", cwd=tmp_path).stdout
    assert "--set html.blur=..." in text
