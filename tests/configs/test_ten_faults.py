"""A config with ten planted faults and its data: exactly those ten findings, each at its file and line."""

import json

import numpy as np
import pytest
from PIL import Image

import tagmetry

WORDS = ["park", "street", "beach", "kitchen", "red coat", "umbrella", "smiling", "bicycle", "from side", "close-up"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two folders of twenty drawn pictures, some of them wide; every word is in several captions."""
    root = tmp_path_factory.mktemp("planted")
    for number in range(40):
        folder = root / "img" / ("cat" if number < 20 else "dog")
        size = (960, 540) if number % 5 == 0 else (640, 640)
        folder.mkdir(parents=True, exist_ok=True)
        patches = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
        Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC).save(folder / f"{number:02}.png")
        words = [WORDS[(number * 3 + step * step) % len(WORDS)] for step in range(3)]
        trigger = "zqcat" if number < 20 else "zqdog"
        (folder / f"{number:02}.txt").write_text(", ".join([trigger, *dict.fromkeys(words)]), encoding="utf-8")
    return root


def audited(path):
    """Rule, file and line of each finding; a dataset's own findings have line 0."""
    report = tagmetry.audit(path)
    assert report.failures == ()
    return {
        (finding.rule, finding.subject.name, finding.location.line if finding.location is not None else 0)
        for finding in report.findings
    }


def of_configs(found):
    return [place for place in sorted(found) if place[2]]


KOHYA = """[general]
caption_extension = ".txt"
shuffle_caption = true
keep_tokens = 1
caption_tag_dropout_rate = 0.1

[[datasets]]
resolution = 512
batch_size = 2
enable_bucket = true
max_bucket_reso = 1024

  [[datasets.subsets]]
  image_dir = "img/cat"
  num_repeats = 2

  [[datasets.subsets]]
  image_dir = "img/dog"
  num_repeats = 2
"""

KOHYA_WITH_FAULTS = """[general]
caption_extension = ".txt"
shuffle_caption = true
keep_tokens = 1
caption_tag_dropout_rate = 0.4
caption_dropout_rate = 0.2
caption_dir = "captions"

[[datasets]]
resolution = 512
batch_size = 2
enable_bucket = true
max_bucket_reso = 512
validation_split = 0.2

  [[datasets.subsets]]
  image_dir = "img/cat"
  num_repeats = 2.0
  keep_tokens = 0

  [[datasets.subsets]]
  image_dir = "img/dog"
  num_repeats = 2
  caption_extension = ".caption"

  [[datasets.subsets]]
  image_dir = "img/bird"

  [[datasets.subsets]]
  image_dir = "img/cat"
  num_repeats = 9
"""


def test_ten_faults_of_a_kohya_config_are_ten_findings(data):
    (data / "dataset.toml").write_text(KOHYA, encoding="utf-8")
    (data / "faults.toml").write_text(KOHYA_WITH_FAULTS, encoding="utf-8")
    in_order = audited(data / "dataset.toml")
    assert of_configs(in_order) == []
    assert sorted(audited(data / "faults.toml") - in_order) == [
        ("bucket-limit-tight", "faults.toml", 13),
        ("caption-dropout-high", "faults.toml", 6),
        ("config-data-mismatch", "faults.toml", 24),
        ("config-data-mismatch", "faults.toml", 27),
        ("config-misread", "faults.toml", 30),
        ("config-rejected", "faults.toml", 7),
        ("config-rejected", "faults.toml", 18),
        ("tag-dropout-high", "faults.toml", 5),
        ("trigger-not-kept", "faults.toml", 19),
        ("validation-images-trained", "faults.toml", 14),
    ]


EVERYDREAM = {"data_root": "img", "resolution": 512, "batch_size": 2, "max_epochs": 20, "shuffle_tags": True}


def test_ten_faults_of_a_train_json_are_ten_findings(data):
    (data / "train.json").write_text(json.dumps(EVERYDREAM, indent=2), encoding="utf-8")
    in_order = audited(data / "train.json")
    assert of_configs(in_order) == []
    faults = {
        "data_root": ["img", "more"],
        "resolution": 512,
        "batch_size": "2",
        "max_epochs": 1000,
        "shuffle_tags": True,
        "cond_dropout": 0.3,
        "flip_p": 0.5,
        "keep_tags": 2,
        "grad_acum": 2,
        "validation_config": "validation_default.json",
    }
    (data / "faults.json").write_text(json.dumps(faults, indent=2), encoding="utf-8")
    (data / "img" / "cat" / "multiply.txt").write_text("0", encoding="utf-8")
    (data / "img" / "dog" / "loss_scale.txt").write_text("-1", encoding="utf-8")
    try:
        assert sorted(audited(data / "faults.json") - in_order) == [
            ("caption-dropout-high", "faults.json", 10),
            ("config-data-mismatch", "faults.json", 4),
            ("config-misread", "faults.json", 11),
            ("config-misread", "faults.json", 12),
            ("config-misread", "faults.json", 13),
            ("config-rejected", "faults.json", 7),
            ("loss-scale-range", "dog/loss_scale.txt", 1),
            ("multiplier-range", "cat/multiply.txt", 1),
            ("over-exposure", "faults.json", 8),
            ("validation-takes-images", "faults.json", 14),
        ]
    finally:
        (data / "img" / "cat" / "multiply.txt").unlink()
        (data / "img" / "dog" / "loss_scale.txt").unlink()
