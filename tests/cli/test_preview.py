"""`tagmetry preview` on a small real dataset: whole outputs."""

import json

import pytest
from PIL import Image

from command_testing import draw, run


@pytest.fixture
def folders(tmp_path):
    """kohya folders: upright, wide, small and turned pictures, two of them with captions."""
    root = tmp_path / "set"
    for i, size in enumerate([(512, 512), (512, 512), (800, 300), (200, 210)]):
        draw(root / "2_ohwx cat" / f"{i}.png", seed=i, size=size)
    draw(root / "1_zqdog dog" / "a.png", seed=9, size=(600, 400))
    with Image.open(root / "1_zqdog dog" / "a.png") as image:
        exif = Image.Exif()
        exif[0x0112] = 6
        image.save(root / "1_zqdog dog" / "turned.jpg", exif=exif)
    for name in ("0", "1"):
        (root / "2_ohwx cat" / f"{name}.txt").write_text("ohwx, cat, " + "sun, " * 45 * int(name) + "sky")
    (root / "notes.md").write_text("mine", encoding="utf-8")
    return root


def test_the_summary_of_a_kohya_set(folders, tmp_path):
    result = run("preview", folders, "--trainer", "kohya", "--base-model", "sd15", "--set", "profile.batch_size=4",
                 cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n") == [
        "set  as sd-scripts 0.10.1 (48d368fa) sees it",
        "  6 images: 6 trained, 10 exposures per epoch",
        "  not read, 1: neither an image nor a caption (notes.md)",
        "",
        "buckets at 512 × 512 px  (usual for the base model sd15)",
        "         bucket  images  exposures  batches  last batch  scaled up  most cut",
        "      512 × 512       3          6        2      2 of 4          1     4.8 %",
        "      640 × 384       2          2        1      2 of 4          2      10 %",
        "      768 × 320       1          2        1      2 of 4          1      10 %",
        "  a last batch that is not full is trained as it is: each of its images counts",
        "    for more",
        "  4 steps per epoch (batch size 4)",
        "",
        "pictures",
        "  4 of 6 are scaled up, at most 2.56 times: 2_ohwx cat/3.png",
        "  1 of 6 is trained lying on its side or mirrored, for its EXIF orientation is",
        "    ignored: 1_zqdog dog/turned.jpg",
        "captions",
        "  2 from caption files, 4 from the words in their folder's name",
        "  1 is cut off after 75 tokens; the longest has 95: 2_ohwx cat/1.png",
        "",
    ]


def test_no_line_is_wider_than_80_columns(folders, tmp_path):
    for trainer in ("kohya", "everydream"):
        result = run("preview", folders, "--trainer", trainer, "--base-model", "sdxl", cwd=tmp_path)
        assert [line for line in result.stdout.split("\n") if len(line) > 80] == []


def test_everydream_holds_pictures_out_and_fills_batches(folders, tmp_path):
    result = run("preview", folders, "--trainer", "everydream", "--set", "profile.resolution=512", "--set",
                 "profile.batch_size=4", cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "set  as EveryDream2trainer (5098db83) sees it" in result.stdout
    assert "its shipped settings hold 1 of them out for validation" in result.stdout
    assert "filled with copies of its own images" in result.stdout
    assert "lying on its side" not in result.stdout


def test_the_json_tells_every_image(folders, tmp_path):
    result = run("preview", folders, "--trainer", "kohya", "--base-model", "sd15", "--format", "json", cwd=tmp_path)
    data = json.loads(result.stdout)
    assert data["format"] == "tagmetry-preview/1"
    assert data["trainer"]["name"] == "kohya"
    assert [image["path"] for image in data["images"]] == [
        "1_zqdog dog/a.png",
        "1_zqdog dog/turned.jpg",
        "2_ohwx cat/0.png",
        "2_ohwx cat/1.png",
        "2_ohwx cat/2.png",
        "2_ohwx cat/3.png",
    ]
    assert [image["exposures"] for image in data["images"]] == [1, 1, 2, 2, 2, 2]
    assert data["images"][0]["caption"]["text"] == "zqdog dog"
    assert data["not_read"] == [
        {"path": "notes.md", "reason": {"id": "other-file", "text": "neither an image nor a caption"}}
    ]
    assert str(tmp_path) not in result.stdout


def test_the_layout_tells_the_trainer_where_nobody_does(folders, tmp_path):
    result = run("preview", folders, cwd=tmp_path)
    assert "sd-scripts" in result.stdout
    assert "no resolution is known" in result.stdout


def test_a_plain_folder_without_a_trainer_is_wrong_usage(tmp_path):
    draw(tmp_path / "plain" / "a.png", seed=1)
    result = run("preview", tmp_path / "plain", cwd=tmp_path)
    assert result.returncode == 2
    assert "no trainer is named, and the folders do not tell one" in result.stderr
    assert "--trainer kohya | everydream" in result.stderr


def test_a_trainer_that_is_not_modelled_is_wrong_usage(folders, tmp_path):
    result = run("preview", folders, "--trainer", "musubi", cwd=tmp_path)
    assert result.returncode == 2
    assert "what musubi reads is not modelled yet" in result.stderr


def test_a_resolution_that_the_trainer_refuses_is_said(folders, tmp_path):
    result = run("preview", folders, "--trainer", "everydream", "--set", "profile.resolution=1344", cwd=tmp_path)
    assert result.returncode == 0
    assert "this trainer takes no such resolution, and stops" in result.stdout


def test_a_console_of_another_encoding_gets_what_it_can_show(folders, tmp_path):
    result = run("preview", folders, "--base-model", "sd15", cwd=tmp_path, environment={"PYTHONIOENCODING": "cp932"},
                 binary=True)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "512 × 512" in result.stdout.decode("cp932")
