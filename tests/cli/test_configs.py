"""Commands on trainers' configs: real processes, whole outputs where they are short."""

import json

import pytest

from command_testing import draw, run


@pytest.fixture
def data(tmp_path):
    """Four pictures with captions, and a dataset config with a fault."""
    for number in range(4):
        draw(tmp_path / "img" / "cat" / f"{number}.png", seed=number, size=(512, 512))
        (tmp_path / "img" / "cat" / f"{number}.txt").write_text(f"sks, cat, place {number}, sun", encoding="utf-8")
    (tmp_path / "dataset.toml").write_text(
        '[general]\ncaption_extension = ".txt"\nshuffle_caption = true\nkeep_tokens = 1\n\n'
        "[[datasets]]\nresolution = 512\nbatch_size = 2\nenable_bucket = true\n"
        "[[datasets.subsets]]\nimage_dir = 'img/cat'\nnum_repeats = 5.0\nclass_tokens = 'sks cat'\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_config_is_audited_with_its_data(data):
    result = run("check", "dataset.toml", "--format", "concise", cwd=data)
    assert result.returncode == 1, result.stderr
    assert (
        "dataset.toml:12:1: error config-rejected: num_repeats is float, and the trainer takes a whole number "
        "without a point alone" in result.stdout.split("\n")
    )


def test_the_text_names_config_file_and_line(data):
    lines = run("check", "dataset.toml", cwd=data).stdout.split("\n")
    assert lines[:4] == [
        "cat  (trainer-config)",
        "  config: dataset.toml",
        "  8 files seen = 4 images audited + 4 captions used + 0 explained",
        '  sks cat: 4 images, repeats 5, trigger "sks" (inferred), class word "cat"',
    ]
    assert "    dataset.toml:12" in lines
    assert [line for line in lines if len(line) > 80] == []


def test_json_and_html_have_the_place(data):
    result = run("check", "dataset.toml", "-o", "json=report.json", "-o", "html=report.html", "-q", cwd=data)
    assert result.returncode == 1, result.stderr
    report = json.loads((data / "report.json").read_text(encoding="utf-8"))
    (finding,) = [one for one in report["findings"] if one["rule"] == "config-rejected"]
    assert finding["subject"] == {"kind": "config", "name": "dataset.toml", "paths": ["dataset.toml"]}
    assert finding["location"] == {"line": 12, "column": 1}
    assert report["dataset"]["configs"] == ["dataset.toml"]
    assert report["policy"]["profile"]["batch_size"] == {
        "value": 2, "origin": "trainer config", "place": "dataset.toml:8",
    }  # fmt: skip
    assert (report["preview"]["config"], report["preview"]["totals"]["exposures"]) == (["dataset.toml"], 20.0)
    assert "dataset.toml, line 12, column 1" in (data / "report.html").read_text(encoding="utf-8")
    assert str(data) not in json.dumps(report)


def test_a_config_as_an_option_is_read_with_the_folder(data):
    result = run("check", "img", "--config", "dataset.toml", "--select", "config-rejected", cwd=data)
    assert result.returncode == 1, result.stderr
    assert "dataset.toml:12" in result.stdout


def test_the_preview_of_a_config(data):
    result = run("preview", "dataset.toml", cwd=data)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n") == [
        "cat  as sd-scripts 0.10.1 (48d368fa) sees it",
        "  4 images: 4 trained, 20 exposures per epoch",
        "",
        "buckets by dataset.toml",
        "         bucket  images  exposures  batches  last batch  scaled up  most cut",
        "      512 × 512       4         20       10        full          0       0 %",
        "  10 steps per epoch (batch size 2)",
        "",
        "pictures",
        "  nothing is scaled up, cut by much or turned over",
        "captions",
        "  4 from caption files",
        "  none is cut off after 75 tokens",
        "",
    ]


def test_the_plan_of_a_config(data):
    result = run("plan", "dataset.toml", "--format", "json", cwd=data)
    assert result.returncode == 0, result.stderr
    (one,) = json.loads(result.stdout)["concepts"]
    assert (one["name"], one["repeats_before"]) == ("sks cat", 5)


def test_a_config_for_another_trainer_and_no_config_are_wrong_usage(data):
    result = run("check", "dataset.toml", "--trainer", "everydream", cwd=data)
    assert result.returncode == 2
    assert "dataset.toml is a config of kohya, and the profile names everydream" in result.stderr
    (data / "notes.toml").write_text("colour = 'red'\n", encoding="utf-8")
    result = run("check", "notes.toml", cwd=data)
    assert (result.returncode, result.stdout) == (2, "")
    assert "notes.toml is no config of a trainer that is known here" in result.stderr


def test_the_same_bytes_with_one_worker_and_with_two(data):
    one, two = (run("check", "dataset.toml", "--format", "json", "--jobs", jobs, cwd=data).stdout for jobs in "12")
    assert one == two
