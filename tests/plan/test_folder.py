"""What goes into the folder of a plan, on real files of every layout."""

import json

import pytest

from command_testing import draw
from tagmetry import audit
from tagmetry.errors import OutputError
from tagmetry.plan import folder
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.holdout import HoldOut
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.prompts import prompts


def written(place, *, held=(), cap_tags=False):
    """The copies that are made of a dataset, by path."""
    dataset = audit(place).dataset_view
    plan = proposed_plan(dataset, BalanceOptions(too_small=0), applied=False, cap_tags=cap_tags)
    rows = tuple(dataset.paths.index(path) for path in held)
    out = HoldOut(rows, {}, 0, len(rows)) if held else None
    parts = folder.Parts(dataset, plan, prompts(dataset, 20, 0), out)
    return {file.path: file.content for file in folder.files(parts)}


def pictures(place, *names, seed=0):
    for number, name in enumerate(names):
        draw(place / name, seed + number, (96, 96))


def test_without_a_hold_out_and_edits_nothing_is_copied(tmp_path):
    pictures(tmp_path / "set", "a.png", "b.png")
    assert set(written(tmp_path / "set")) == {"plan.json", "prompts.txt", "prompts.json"}


def test_images_and_captions_are_copied_byte_by_byte(tmp_path):
    place = tmp_path / "set"
    pictures(place, "a.png", "b.png")
    (place / "a.txt").write_bytes("帽子, smile\r\nsecond line\r\n".encode())
    files = written(place, held=["b.png"])
    assert files["train/a.png"] == (place / "a.png").read_bytes()
    assert files["train/a.txt"] == (place / "a.txt").read_bytes()
    assert files["holdout/b.png"] == (place / "b.png").read_bytes()
    assert "train/b.png" not in files
    assert json.loads(files["holdout.json"])["images"] == [{"path": "b.png", "concept": "set", "leaves_with_it": []}]


def test_captions_of_a_manifest_become_text_files(tmp_path):
    place = tmp_path / "set"
    pictures(place, "a.png", "b.png")
    rows = [{"file_name": "a.png", "text": "a hat"}, {"file_name": "b.png", "text": "a cap"}]
    (place / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    files = written(place, held=["b.png"])
    assert files["train/a.txt"] == "a hat\n"
    assert files["holdout/b.txt"] == "a cap\n"
    assert not any(path.endswith(".jsonl") for path in files)


def test_a_caption_that_images_of_one_name_share_is_copied_once(tmp_path):
    place = tmp_path / "set"
    pictures(place, "a.jpg", "a.png", "b.png")
    (place / "a.txt").write_text("smile\n", encoding="utf-8")
    assert [path for path in written(place, held=["b.png"]) if path.startswith("train/")] == [
        "train/a.jpg",
        "train/a.txt",
        "train/a.png",
    ]


def test_settings_of_everydream_go_with_the_images_and_caches_do_not(tmp_path):
    place = tmp_path / "set"
    pictures(place / "hats", "a.png", "b.png", seed=5)
    (place / "hats" / "multiply.txt").write_text("2\n", encoding="utf-8")
    (place / "hats" / "local.yaml").write_text("main_prompt: hat\n", encoding="utf-8")
    (place / "hats" / "a_0096x0096_sdxl.npz").write_bytes(b"old")
    files = written(place, held=["hats/b.png"])
    assert files["train/hats/local.yaml"] == b"main_prompt: hat\n"
    assert files["train/hats/multiply.txt"] == b"2\n"
    assert not any(path.endswith(".npz") for path in files)


def test_edited_captions_are_written_and_the_dataset_stays_as_it_is(tmp_path):
    place = tmp_path / "set"
    names = [f"{number:02d}.png" for number in range(12)]
    pictures(place, *names)
    for number, name in enumerate(names):
        (place / name).with_suffix(".txt").write_text(f"lumi, photo, red hat, view {number}\n", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    files = written(place, cap_tags=True)
    texts = [files[f"train/{name[:2]}.txt"] for name in names]
    edited = [text for text in texts if isinstance(text, str)]
    # 80 % of twelve captions keep each of the two frequent tags.
    assert [sum("photo" in str(text) for text in texts), sum("red hat" in str(text) for text in texts)] == [9, 9]
    assert all(text.startswith("lumi, ") for text in edited)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_an_image_that_is_gone_is_told(tmp_path):
    place = tmp_path / "set"
    pictures(place, "a.png", "b.png")
    dataset = audit(place).dataset_view
    plan = proposed_plan(dataset, BalanceOptions(), applied=False)
    (place / "a.png").unlink()
    parts = folder.Parts(dataset, plan, (), HoldOut((1,), {}, 0, 1))
    with pytest.raises(OutputError, match=r"a\.png could not be copied"):
        list(folder.files(parts))
