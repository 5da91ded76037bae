"""`tagmetry diagnose` as users call it."""

import json

import pytest

from command_testing import draw, run


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Five images of one concept, two of them without captions, and one picture twice."""
    root = tmp_path_factory.mktemp("diagnose") / "set"
    for i in range(5):
        draw(root / f"{i}.png", seed=i if i < 4 else 0, size=(200, 210))
    for i in range(3):
        (root / f"{i}.txt").write_text(f"ohwx, girl, place {i}, smile", encoding="utf-8")
    return root


def diagnosed(root, *arguments):
    return run("diagnose", root, "--policy", "tagmetry:recommended", "--no-plugins", *arguments, cwd=root.parent)


def test_a_symptom_gives_advice_with_the_findings_and_images_behind_it(root):
    result = diagnosed(root, "--symptom", "over-fitted")
    assert result.returncode == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert text.startswith("over-fitted: New pictures look like the training pictures")
    assert "exact-duplicates: " in text
    assert "2 images: 0.png, 4.png" in text
    assert "change in the training" in text
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


def test_without_a_symptom_it_is_said_to_be_a_warning_in_advance(root):
    result = diagnosed(root)
    assert result.returncode == 0, result.stderr
    assert "a warning in advance" in result.stdout.splitlines()[0]


def test_json_names_the_symptoms_and_the_steps(root):
    result = diagnosed(root, "--symptom", "wording-decides", "--format", "json")
    data = json.loads(result.stdout)
    assert data["symptoms"] == ["wording-decides"]
    assert [one["symptom"] for one in data["playbooks"]] == ["wording-decides"]
    assert set(data["playbooks"][0]["data"][0]) == {
        "do", "standing", "evidence", "unless", "adjust", "because", "clean", "not_judged", "paths", "n_paths",
    }  # fmt: skip


def test_the_symptoms_are_listed(root):
    result = diagnosed(root, "--symptoms")
    names = [line.split()[0] for line in result.stdout.splitlines() if line[0] != " "]
    assert len(names) == 12 and "loss-spikes" in names


def test_an_unknown_symptom_ends_with_2_before_anything_is_measured(root):
    result = diagnosed(root, "--symptom", "overfit")
    assert result.returncode == 2
    assert "no playbook for the symptom overfit" in result.stderr
    assert "did you mean over-fitted?" in result.stderr


def test_a_policy_brings_its_own_playbook(root, tmp_path):
    policy = tmp_path / "house.yaml"
    policy.write_text(
        "tagmetry: 1\n"
        "extends: [tagmetry:recommended]\n"
        "playbooks:\n"
        "  - symptom: house/dull\n"
        "    seen: Everything is dull.\n"
        "    signals: [missing-caption]\n"
        "    data: [Turn the lamp on.]\n",
        encoding="utf-8",
    )
    result = run("diagnose", root, "--policy", policy, "--symptom", "house/dull", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Turn the lamp on." in result.stdout


def test_a_playbook_that_names_an_unknown_rule_is_refused_at_its_place(root, tmp_path):
    policy = tmp_path / "house.yaml"
    policy.write_text("tagmetry: 1\nplaybooks:\n  - symptom: dull\n    signals: [missing-captoin]\n", encoding="utf-8")
    result = run("diagnose", root, "--policy", policy, "--symptom", "dull", cwd=tmp_path)
    assert result.returncode == 2
    assert "house.yaml:4:15" in result.stderr
    assert "missing-caption" in result.stderr


def test_levels_of_risk_follow_the_policy(root, tmp_path):
    policy = tmp_path / "house.yaml"
    policy.write_text(
        "tagmetry: 1\nextends: [tagmetry:recommended]\n"
        "risks: {memorization: {high: notes >= 99, medium: errors >= 99}}\n",
        encoding="utf-8",
    )
    report = json.loads(
        run("check", root, "--policy", policy, "--format", "json", "--fail-on", "never", cwd=tmp_path).stdout
    )
    (risk,) = [one for one in report["risks"] if one["failure_mode"] == "memorization"]
    assert (risk["level"], risk["condition"]) == ("low", "")
    usual = json.loads(run("check", root, "--policy", "tagmetry:recommended", "--format", "json", cwd=tmp_path).stdout)
    (risk,) = [one for one in usual["risks"] if one["failure_mode"] == "memorization"]
    assert risk["level"] in ("medium", "high")
    assert risk["condition_origin"].startswith("tagmetry:recommended")
