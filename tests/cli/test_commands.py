"""The commands as users call them: a real process, a small real dataset, whole outputs and exit codes."""

import json
import os
import subprocess
import sys

import click
import pytest

from command_testing import draw, run
from tagmetry import cli

POLICY = "tagmetry:recommended"


@pytest.fixture
def small_set(tmp_path):
    """kohya folders with two concepts, a broken image, a missing caption and a document."""
    root = tmp_path / "set"
    for i in range(4):
        draw(root / "3_ohwx cat" / f"{i}.png", seed=i)
        (root / "3_ohwx cat" / f"{i}.txt").write_text(f"ohwx, cat, place {i}, sitting, photo", encoding="utf-8")
    for i in range(2):
        draw(root / "1_zqdog dog" / f"{i}.png", seed=20 + i)
        (root / "1_zqdog dog" / f"{i}.txt").write_text(f"zqdog, dog, place {i}, running, photo", encoding="utf-8")
    (root / "3_ohwx cat" / "3.txt").unlink()
    (root / "3_ohwx cat" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    (root / "notes.md").write_text("my notes", encoding="utf-8")
    return root


def test_check_prints_findings_and_ends_with_1_for_an_error(small_set, tmp_path):
    result = run("check", small_set, "--policy", POLICY, cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "13 files seen = 6 images audited + 5 captions used + 2 explained" in result.stdout
    assert "unreadable-image" in result.stdout
    assert "missing-caption" in result.stdout
    assert result.stdout.rstrip().split("\n")[-2] == "NOT READY: mend the errors before training"


def test_no_line_of_the_text_is_wider_than_80_columns(small_set, tmp_path):
    result = run("check", small_set, "--policy", POLICY, cwd=tmp_path)
    assert [line for line in result.stdout.split("\n") if len(line) > 80] == []


def test_fail_on_never_ends_with_0_and_leaves_the_verdict(small_set, tmp_path):
    result = run("check", small_set, "--policy", POLICY, "--fail-on", "never", cwd=tmp_path)
    assert result.returncode == 0
    assert "NOT READY" in result.stdout


def test_the_json_report_counts_every_file(small_set, tmp_path):
    result = run("check", small_set, "--policy", POLICY, "--format", "json", cwd=tmp_path)
    report = json.loads(result.stdout)
    assert report["format"] == "tagmetry-report/1"
    assert report["dataset"]["files"] == {"seen": 13, "audited_images": 6, "used_captions": 5, "explained": 2}
    assert report["dataset"]["layout"] == "kohya-folders"
    assert {entry["path"]: entry["reason"]["id"] for entry in report["dataset"]["excluded"]} == {
        "notes.md": "other-file"
    }
    assert [(c["name"], c["n"], c["trigger"], c["repeats"]) for c in report["dataset"]["concepts"]] == [
        ("ohwx cat", 4, "ohwx", 3),
        ("zqdog dog", 2, "zqdog", 1),
    ]
    assert report["summary"]["verdict"] == "not-ready"
    assert str(tmp_path) not in result.stdout


def test_one_and_two_workers_cold_and_warm_give_the_same_bytes(small_set, tmp_path):
    for path in small_set.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    outputs = []
    for name, arguments in {
        "one-cold": ["--jobs", "1", "--no-cache"],
        "two-cold": ["--jobs", "2"],
        "two-warm": ["--jobs", "2"],
        "one-warm": ["--jobs", "1"],
    }.items():
        out, html = tmp_path / f"{name}.json", tmp_path / f"{name}.html"
        result = run("check", small_set, *arguments, "-o", f"json={out}", "-o", f"html={html}", cwd=tmp_path)
        assert result.returncode == 1, result.stderr
        outputs.append((out.read_bytes(), html.read_bytes(), result.stdout))
    assert all(output == outputs[0] for output in outputs)
    info = run("cache", "info", cwd=tmp_path).stdout
    assert "7 files, 7 distinct images" in info


def test_nothing_is_written_into_the_dataset(small_set, tmp_path):
    before = sorted((str(path), path.stat().st_mtime_ns) for path in small_set.rglob("*"))
    run("check", small_set, "--policy", POLICY, "-o", f"html={tmp_path / 'r.html'}", cwd=tmp_path)
    assert sorted((str(path), path.stat().st_mtime_ns) for path in small_set.rglob("*")) == before


@pytest.mark.parametrize(
    ("path", "written"), [("r.html", "r.html"), ("r", "r/index.html"), ("r.v2/", "r.v2/index.html")]
)
def test_the_review_is_a_folder_where_its_path_has_no_suffix_or_ends_in_a_slash(small_set, tmp_path, path, written):
    result = run("check", small_set, "-o", f"html={path}", "--fail-on", "never", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / written).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / written).parent.joinpath("data").is_dir() is (written != "r.html")


def test_an_output_inside_the_dataset_is_refused_before_anything_runs(small_set, tmp_path):
    result = run("check", small_set, "-o", f"html={small_set / 'r.html'}", cwd=tmp_path)
    assert result.returncode == 2
    assert "lies inside the dataset" in result.stderr


def test_a_folder_without_images_ends_with_2_and_says_what_was_seen(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.md").write_text("x")
    result = run("check", tmp_path / "empty", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.rstrip().endswith(
        "error: no images found in empty (1 file seen)\n"
        "  = help: give the folder that holds the images; left out here: neither an image nor a caption"
    )


def test_a_missing_folder_ends_with_2(tmp_path):
    result = run("check", tmp_path / "gone", cwd=tmp_path)
    assert result.returncode == 2
    assert "there is no folder" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "near-duplicate-ratio.limitt=0.2"], "did you mean limit?"),
        (["--set", "near-duplicate-ratio.limit=2"], "the largest value is"),
        (["--set", "nonsense"], "is not of the form KEY=VALUE"),
        (["--select", "near-duplicates-ratio"], "did you mean near-duplicate-ratio?"),
        (["-o", "htlm=x.html"], "did you mean html?"),
        (["-o", "html"], "is not of the form NAME=PATH"),
        (["--policy", "tagmetry:sdlx"], "did you mean tagmetry:sdxl?"),
        (["-o", "json=-", "-o", "html=-"], "only one output can go to standard output"),
    ],
)
def test_wrong_usage_ends_with_2_and_the_way_out(small_set, tmp_path, arguments, said):
    result = run("check", small_set, *arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_nearest_policy_above_the_dataset_is_used(small_set, tmp_path):
    text = "tagmetry: 1\nname: my/set\nrules: {unreadable-image: off, missing-caption: off}\n"
    (tmp_path / "tagmetry.yaml").write_text(text, encoding="utf-8")
    result = run("check", small_set, "--format", "json", cwd=tmp_path)
    report = json.loads(result.stdout)
    assert (result.returncode, report["policy"]["name"]) == (0, "my/set")
    assert {finding["rule"] for finding in report["findings"]}.isdisjoint({"unreadable-image", "missing-caption"})
    assert report["dataset"]["files"] == {"seen": 13, "audited_images": 6, "used_captions": 5, "explained": 2}


def test_a_policy_inside_the_dataset_is_data(small_set, tmp_path):
    (small_set / "tagmetry.yaml").write_text("tagmetry: 1\nname: x/y\nnonsense: true\n", encoding="utf-8")
    result = run("check", small_set, "--format", "json", cwd=tmp_path)
    assert result.returncode == 1
    assert "tagmetry.yaml lies inside the dataset and is not used; apply it with --policy" in result.stderr


def test_an_invalid_policy_names_every_mistake_and_audits_nothing(small_set, tmp_path):
    text = "tagmetry: 1\nname: x/y\nrules:\n  tag-frequencyy: off\n  tag-frequency: {limt: 0.9}\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    result = run("check", small_set, "--policy", "p.yaml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "p.yaml:4:3" in result.stderr and "p.yaml:5:19" in result.stderr
    assert "did you mean 'limit'?" in result.stderr


def test_flags_can_stand_in_the_environment(small_set, tmp_path):
    result = run("check", small_set, "--format", "json", cwd=tmp_path, environment={"TAGMETRY_BASE_MODEL": "sdxl"})
    profile = json.loads(result.stdout)["policy"]["profile"]
    assert profile["base_model"] == {"value": "sdxl", "origin": "environment", "place": "--base-model"}
    assert profile["resolution"]["value"] == 1024


def test_machine_output_is_utf8_on_a_console_of_another_codec(tmp_path):
    draw(tmp_path / "集合" / "猫.png", seed=1)
    (tmp_path / "集合" / "猫.txt").write_text("猫、かわいい、座る、写真、部屋", encoding="utf-8")
    for codec in ("cp932", "cp1252", "ascii"):
        result = run(
            "check", "集合", "--format", "json", cwd=tmp_path, environment={"PYTHONIOENCODING": codec}, binary=True
        )
        report = json.loads(result.stdout.decode("utf-8"))
        assert report["dataset"]["root"] == "集合"
        human = run("check", "集合", cwd=tmp_path, environment={"PYTHONIOENCODING": codec}, binary=True)
        assert b"Traceback" not in human.stderr
        assert human.returncode in (0, 1)


def test_concise_is_one_line_per_finding(small_set, tmp_path):
    result = run("check", small_set, "--format", "concise", cwd=tmp_path)
    lines = result.stdout.rstrip("\n").split("\n")
    assert lines[0].startswith("3_ohwx cat/broken.png: error unreadable-image: ")
    assert len(lines) == len(json.loads(run("check", small_set, "--format", "json", cwd=tmp_path).stdout)["findings"])


def test_rules_lists_and_explain_shows_a_page(tmp_path):
    listed = run("rules", cwd=tmp_path)
    assert listed.returncode == 0
    assert "near-duplicate-ratio" in listed.stdout
    assert [line for line in listed.stdout.split("\n") if len(line) > 80] == []
    page = run("explain", "near-duplicate-ratio", cwd=tmp_path)
    assert page.stdout.startswith("# near-duplicate-ratio\n")
    assert "## What to do" in page.stdout
    wrong = run("explain", "near-duplicate-ratios", cwd=tmp_path)
    assert (wrong.returncode, "did you mean near-duplicate-ratio?" in wrong.stderr) == (2, True)


def test_init_writes_a_valid_policy_once(small_set, tmp_path):
    first = run("init", small_set, cwd=tmp_path)
    assert (first.returncode, (tmp_path / "tagmetry.yaml").is_file()) == (0, True)
    assert run("policy", "check", "tagmetry.yaml", cwd=tmp_path).returncode == 0
    second = run("init", small_set, cwd=tmp_path)
    assert second.returncode == 2
    assert "is there already and stays as it is" in second.stderr


def test_plan_shows_the_path_and_the_exposures(small_set, tmp_path):
    result = run("plan", small_set, "--policy", POLICY, cwd=tmp_path)
    assert result.returncode == 0
    assert "nothing is balanced" in result.stdout
    data = json.loads(run("plan", small_set, "--policy", POLICY, "--format", "json", cwd=tmp_path).stdout)
    assert [(c["name"], c["exposures_before"], c["exposures_after"]) for c in data["concepts"]] == [
        ("ohwx cat", 12, 12),
        ("zqdog dog", 2, 2),
    ]


def test_doctor_names_codecs_and_plugins(tmp_path):
    result = run("doctor", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert "codec WebP:" in result.stdout
    assert "tagmetry.rules.captions" in result.stdout


def test_cache_commands_show_check_and_clear(small_set, tmp_path):
    run("check", small_set, cwd=tmp_path)
    assert run("cache", "check", cwd=tmp_path).stdout == "the cache is sound\n"
    assert run("cache", "clear", cwd=tmp_path).stdout.startswith("removed ")
    assert "0 files, 0 distinct images" in run("cache", "info", cwd=tmp_path).stdout


def test_every_command_has_help(tmp_path):
    top = run("-h", cwd=tmp_path)
    assert top.returncode == 0
    for command in ("cache", "check", "demo", "doctor", "explain", "init", "plan", "policy", "rules"):
        assert f"  {command} " in top.stdout
        result = run(command, "--help", cwd=tmp_path)
        assert result.returncode == 0
        assert result.stdout.startswith("Usage: tagmetry")


def test_commands_are_listed_with_the_first_words_of_their_help():
    context = click.Context(cli.tagmetry)
    for name, summary in cli.COMMANDS.items():
        help = cli.tagmetry.get_command(context, name).help
        assert " ".join(help.partition("\n\n")[0].split()) == summary


def test_version_and_help_wait_for_nothing_that_they_do_not_need():
    for asked in ("--version", "-h"):
        code = (
            "import sys; from tagmetry.cli import tagmetry; "
            f"tagmetry.main([{asked!r}], standalone_mode=False); "
            "print(sorted({'numpy', 'PIL', 'yaml', 'scipy', 'pluggy'} & sys.modules.keys()))"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert result.stdout.splitlines()[-1] == "[]"


def test_modules_lying_in_the_dataset_are_never_imported(small_set, tmp_path):
    trap = "raise SystemExit('imported from the dataset')\n"
    for name in ("yaml.py", "PIL.py", "numpy.py", "click.py", "sitecustomize.py"):
        (small_set / name).write_text(trap)
    result = run("check", ".", "--format", "json", cwd=small_set)
    assert result.returncode == 1, result.stderr
    assert json.loads(result.stdout)["dataset"]["n_images"] == 6


def test_a_closed_pipe_ends_quietly(small_set, tmp_path):
    command = f'"{sys.executable}" -m tagmetry check "{small_set}" --policy {POLICY} --format json | head -c 10'
    if os.name == "nt":
        pytest.skip("needs a shell with head")
    result = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert "Traceback" not in result.stderr
    assert "BrokenPipe" not in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device that is always full")
def test_a_full_disk_behind_standard_output_is_told_in_words(tmp_path):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "tagmetry", "rules"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
    assert (result.returncode, result.stderr) == (3, "error: could not write: No space left on device\n")


def test_rules_are_selected_with_commas_or_with_repeated_flags(small_set, tmp_path):
    first = ("check", small_set, "--policy", POLICY, "--format", "json")
    one = run(*first, "--select", "missing-caption,unreadable-image", cwd=tmp_path)
    two = run(*first, "--select", "missing-caption", "--select", "unreadable-image", cwd=tmp_path)
    assert one.stdout == two.stdout
    assert [rule["rule"] for rule in json.loads(one.stdout)["rules"]] == ["missing-caption", "unreadable-image"]
    unknown = run(*first, "--ignore", "missing-caption,unreadable-imag", cwd=tmp_path)
    assert unknown.stderr == "error: there is no rule unreadable-imag\n  = help: did you mean unreadable-image?\n"


def test_a_tag_list_is_read_and_its_bad_lines_are_told(tmp_path):
    draw(tmp_path / "set" / "a.png", 1)
    (tmp_path / "tags.csv").write_text('1girl,0,5,"1girls"\n,0,5,\n', encoding="utf-8")
    done = run("check", "set", "--tag-list", "tags.csv", cwd=tmp_path)
    assert "note: 1 line of the tag list holds no tag and was left out: line 2 of tags.csv" in done.stderr
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    done = run("check", "set", "--tag-list", "empty.csv", cwd=tmp_path)
    assert (done.returncode, "the tag list empty.csv holds no tags" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("memorization", ["# Memorization", "## Rules that point there", "- over-fitted: New pictures look like the"]),
        ("repeats", ["# Repeats", "- settings: num_repeats, --dataset_repeats, multiply.txt"]),
        ("class-leaks", ["# class-leaks", "- points to: concept-bleed", "## Change in the training"]),
        ("Trigger word", ["# trigger word", "The rare word that calls the concept in a prompt."]),
        ("glossary", ["# Glossary", "- tag: A part of a caption between commas."]),
        ("faq", ["# Questions", "## Are more repeats better?"]),
    ],
)
def test_explain_tells_what_is_no_rule(tmp_path, name, lines):
    page = run("explain", name, "--no-plugins", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    told = page.stdout.splitlines()
    assert told[0] == lines[0]
    for line in lines[1:]:
        assert [one for one in told if one.startswith(line)], line
    assert [one for one in told if len(one) > 80] == []


def test_explain_alone_lists_all_that_can_be_explained(tmp_path):
    text = " ".join(run("explain", "--no-plugins", cwd=tmp_path).stdout.split())
    assert "memorization, concept-bleed, identity-collapse" in text
    assert "over-fitted, class-leaks" in text
    assert '"trigger word"' in text


def test_explain_names_the_nearest_of_all(tmp_path):
    wrong = run("explain", "memorisation", "--no-plugins", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "there is no rule, failure mode, symptom or word memorisation" in wrong.stderr
    assert "did you mean memorization?" in wrong.stderr


def test_explain_knows_the_symptoms_of_a_policy(tmp_path):
    text = "tagmetry: 1\nplaybooks:\n- {symptom: house/dull, seen: All is dull., data: [Turn the lamp on.]}\n"
    (tmp_path / "house.yaml").write_text(text, encoding="utf-8")
    page = run("explain", "house/dull", "--policy", "house.yaml", "--no-plugins", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    assert "1. Turn the lamp on." in page.stdout
