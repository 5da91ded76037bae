"""`tagmetry diagnose` as users call it."""

import json
import os
import subprocess
import sys

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


def test_steps_looked_into_in_vain_are_listed_apart(root):
    text = diagnosed(root, "--symptom", "over-fitted").stdout
    vain = text[text.index("looked into, and nothing was found:") : text.index("change in the training")]
    assert "Crop bars and frames away; they are learned as part of the picture. (letterbox-bars)" in " ".join(
        vain.replace("\n", " ").split()
    )
    assert "1. Thin the near-duplicates" in text


def test_what_could_not_be_judged_comes_with_the_reason(root):
    text = " ".join(diagnosed(root, "--symptom", "loss-spikes").stdout.split())
    assert "could not be judged, so look at it yourself: - Set network_alpha equal to network_dim." in text
    assert "not judged (no trainer config was given" in text


def test_the_last_lines_are_the_command_that_makes_the_changes(root):
    result = diagnosed(root, "--symptom", "short-prompts-fail")
    assert " ".join(result.stdout.split()).endswith("--adjust some-caption-dropout")
    assert "tagmetry plan " in result.stdout


def test_a_symptom_of_one_base_model_is_judged_by_its_limits(root):
    result = diagnosed(root, "--symptom", "weak-sdxl")
    assert "the symptom is one of sdxl, so that base model is taken" in " ".join(result.stderr.split())
    assert "resolution-below-base-model" in result.stdout
    other = diagnosed(root, "--symptom", "weak-sdxl", "--base-model", "sd15")
    assert "that base model is taken" not in other.stderr


def test_errors_that_stop_the_training_come_first(root, tmp_path):
    set_ = tmp_path / "set"
    for i in range(3):
        draw(set_ / f"{i}.png", seed=i, size=(200, 210))
        (set_ / f"{i}.txt").write_text(f"ohwx, girl, place {i}", encoding="utf-8")
    (set_ / "0.txt").write_bytes("ohwx, 女の子".encode("utf-16"))
    result = run("diagnose", set_, "--no-plugins", "--symptom", "look-drifts", cwd=tmp_path)
    assert result.stdout.startswith("First of all: errors stop the training")
    assert "caption-encoding (1)" in " ".join(result.stdout.split())


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is played by a pseudo-terminal")
def test_a_terminal_is_asked_what_was_seen(root):
    asked, answers = played(root, "diagnose", ["13", "1,9"])
    assert "What did you see after training?" in asked
    assert "  1  New pictures look like the training pictures" in asked
    assert "numbers go from 1 to 12" in asked
    assert [line.split(":")[0] for line in answers.splitlines() if line[:1].isalpha()][:2] == [
        "over-fitted", "short-prompts-fail",
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is played by a pseudo-terminal")
def test_nothing_answered_goes_by_the_data_alone(root):
    _, answers = played(root, "diagnose", [""])
    assert answers.startswith("No symptom was named: this is a warning in advance")


def played(root, command, said):
    """A command on a terminal, where somebody types these lines: what the terminal shows, and the command's output."""
    import pty

    main, terminal = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TAGMETRY_")}
    environment |= {"TAGMETRY_CACHE_DIR": str(root.parent / "cache"), "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tagmetry", command, str(root), "--policy", "tagmetry:recommended", "--no-plugins"],
        cwd=root.parent, env=environment, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    os.close(terminal)
    os.write(main, "".join(f"{line}\n" for line in said).encode())
    shown = b""
    try:
        while part := os.read(main, 4096):
            shown += part
    except OSError:
        pass  # the other side was closed: that is how a pseudo-terminal ends
    output, _ = process.communicate(timeout=60)
    os.close(main)
    assert process.returncode == 0, shown.decode()
    return shown.decode().replace("\r\n", "\n"), output
