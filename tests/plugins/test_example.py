"""The example plugin, installed by pip as a distribution of its own, does all that the guide says."""

import csv
import json
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "plugin"

RULES = ("acme/artist-tag", "acme/letterboxed-image", "acme/no-holdout")


@pytest.fixture
def audit(run, acme, pictures):
    """The JSON report of a run with the example installed."""

    def audit(*arguments, code=0, plugins=(acme,), jobs=2):
        result = run("check", pictures, "--format", "json", *arguments, plugins=plugins, jobs=jobs)
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)

    return audit


@pytest.fixture
def house(run, acme, pictures, tmp_path_factory):
    """What `acme:house` says in Japanese, as the example's table: (bytes, rows)."""
    target = tmp_path_factory.getbasetemp() / "house.csv"
    settings = ("acme-csv.separator=semicolon", "acme/artist-tag.allowed=art by others, art by nobody")
    flags = [part for setting in settings for part in ("--set", setting)]
    result = run(
        "check", pictures, "--policy", "acme:house", "-o", f"acme-csv={target}", "--lang", "ja", *flags, plugins=[acme]
    )
    assert result.returncode == 1, result.stderr
    data = target.read_bytes()
    return data, list(csv.DictReader(StringIO(data.decode("utf-8-sig")), delimiter=";"))


def messages(report, *rules):
    """(rule, severity, subject, message) of the findings of some rules."""
    return [
        (finding["rule"], finding["severity"], finding["subject"]["name"], finding["message"])
        for finding in report["findings"]
        if finding["rule"] in rules
    ]


def test_its_rules_fire_and_its_feature_is_measured_in_workers(audit):
    report = audit()
    assert messages(report, *RULES) == [
        (
            "acme/artist-tag",
            "warning",
            "art by jane roe",
            '"art by jane roe" names an artist and is on 2 images of ohwx',
        ),
        ("acme/letterboxed-image", "warning", "3.png", "25 % of the picture is black bars"),
    ]
    bars = next(one for one in report["findings"] if one["rule"] == "acme/letterboxed-image")
    assert bars["measured"] == {
        "metric": "letterbox",
        "value": 0.25,
        "limit": 0.02,
        "limit_origin": "plugin",
        "unit": "share",
    }
    assert report["failures"] == []
    assert {"name": "acme", "version": "1.2.0", "distribution": "tagmetry-acme", "outcome": "loaded", "reason": ""} in (
        report["plugins"]
    )


def test_a_rule_that_cannot_judge_says_why(audit):
    (line,) = [line for line in audit()["rules"] if line["rule"] == "acme/no-holdout"]
    assert (line["outcome"], line["reason"]) == ("skipped", "6 training images are too few to hold some out")


def test_its_policy_and_vocabulary_are_extended_by_name(audit, tmp_path):
    policy = tmp_path / "own.yaml"
    policy.write_text(
        "tagmetry: 1\n"
        "extends: acme:house\n"
        "rules:\n"
        "  acme/letterboxed-image: {limit: 30%}\n"
        "  acme/no-holdout: {min_images: 6}\n"
        "vocabulary:\n"
        "  groups:\n"
        "    acme artists: {add: [red hat]}\n",
        encoding="utf-8",
    )
    report = audit("--policy", policy, code=1)
    assert report["policy"]["sources"][:2] == ["tagmetry:recommended", "acme:house"]
    assert report["policy"]["profile"]["base_model"]["value"] == "sdxl"
    assert [found[:3] for found in messages(report, *RULES)] == [
        ("acme/artist-tag", "error", "red hat"),
        ("acme/artist-tag", "error", "art by jane roe"),
        ("acme/no-holdout", "info", "ohwx"),
    ]


def test_the_values_of_its_options_are_checked(run, acme, pictures):
    result = run("check", pictures, "--set", "acme/letterboxed-image.limit=2", plugins=[acme])
    assert result.returncode == 2
    assert "the largest value is 1" in result.stderr


def test_its_table_is_written_with_its_options(house):
    data, rows = house
    assert data.startswith(b"\xef\xbb\xbfseverity;rule;subject;path;message;value;limit;fingerprint\n")
    bars = next(row for row in rows if row["rule"] == "acme/letterboxed-image")
    assert (bars["path"], bars["value"], bars["limit"]) == ("3.png", "0.25", "0.05")


def test_its_texts_are_shown_in_the_language_that_it_brings(house):
    assert [(row["severity"], row["message"]) for row in house[1] if row["rule"] in RULES] == [
        ("error", "「art by jane roe」は作家名で、ohwx の画像 2 枚に付いています"),
        ("warning", "画像の 25 % が黒帯です"),
    ]


def test_a_language_that_nobody_brings_is_refused(run, acme, pictures):
    result = run("check", pictures, "--lang", "xx", plugins=[acme])
    assert (result.returncode, result.stdout) == (2, "")
    assert "there are no texts in xx" in result.stderr
    assert "ja" in result.stderr


def test_no_plugins_leaves_it_out_and_says_so_where_it_is_missed(audit, run, acme, pictures):
    with_it, without_it = audit("--no-plugins"), audit(plugins=())
    assert with_it == without_it
    assert "acme" not in json.dumps(with_it)
    result = run("check", pictures, "--no-plugins", "--policy", "acme:house", plugins=[acme])
    assert (result.returncode, result.stdout) == (2, "")
    assert "there is no policy named acme:house" in result.stderr
    assert result.stderr.endswith("  = help: a plugin that --no-plugins leaves out may bring it: acme\n")


def test_the_results_of_our_rules_are_the_same_with_and_without_it(audit):
    with_it, without_it = audit(), audit(plugins=())
    for report in (with_it, without_it):
        report["findings"] = [one for one in report["findings"] if not one["rule"].startswith("acme/")]
        report["rules"] = [one for one in report["rules"] if not one["rule"].startswith("acme/")]
        report["plugins"] = [one for one in report["plugins"] if one["name"] != "acme"]
        del report["summary"], report["risks"]
    assert json.dumps(with_it) == json.dumps(without_it)


def test_one_worker_and_two_give_the_same_bytes(run, acme, pictures):
    first, second = (run("check", pictures, "--format", "json", plugins=[acme], jobs=jobs).stdout for jobs in (1, 2))
    assert first == second


def test_it_is_listed_explained_and_diagnosed(run, acme):
    rules = run("rules", plugins=[acme])
    assert rules.returncode == 0
    listed = {line.split()[0]: line for line in rules.stdout.splitlines()}
    assert listed["acme/no-holdout"].split(maxsplit=2)[1:] == [
        "info",
        "No images are kept out of the training to judge it by.",
    ]
    page = run("explain", "acme/artist-tag", plugins=[acme]).stdout
    assert page.startswith("# acme/artist-tag\n\nA tag that names an artist.\n")
    assert "- `allowed`\n  takes: list of text\n" in page
    doctor = run("doctor", plugins=[acme])
    assert doctor.returncode == 0
    assert "acme 1.2.0 (tagmetry-acme) ok" in doctor.stdout


def test_its_own_tests_pass(acme, tmp_path):
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    inherited = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(acme), *inherited])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout


def test_policies_make_rules_from_its_kind(run, audit, tmp_path):
    policy = tmp_path / "own.yaml"
    policy.write_text(
        "tagmetry: 1\n"
        "name: house/set\n"
        "extends: tagmetry:recommended\n"
        "define:\n"
        "  house/short-captions: {kind: acme/word-count, max: 6, severity: info}\n"
        "  house/own-words: {kind: acme/word-count, min: 11, message: 'only {n} of {limit}', where: path == '1.png'}\n",
        encoding="utf-8",
    )
    report = audit("--policy", policy)
    assert messages(report, "house/short-captions", "house/own-words") == [
        ("house/own-words", "warning", "1.txt", "only 10 of 11"),
        ("house/short-captions", "info", "1.txt", "the caption has 10 words, more than 6"),
        ("house/short-captions", "info", "4.txt", "the caption has 10 words, more than 6"),
    ]
    result = run("check", ".", "--policy", policy)
    assert result.returncode == 2
    assert "house/short-captions.kind is acme/word-count; it takes" in result.stderr
