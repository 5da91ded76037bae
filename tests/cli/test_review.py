"""`tagmetry review apply`: the decided copy, with real files."""

import hashlib
import json

import pytest

from command_testing import draw, run


@pytest.fixture
def root(tmp_path):
    """Four images with captions in kohya folders, a control file, a cache and a document."""
    root = tmp_path / "set"
    for i in range(4):
        draw(root / "3_ohwx cat" / f"{i}.png", seed=i, size=(64, 64))
        (root / "3_ohwx cat" / f"{i}.txt").write_text(f"ohwx, cat, place {i}\n", encoding="utf-8")
    (root / "3_ohwx cat" / "0.npz").write_bytes(b"cache")
    (root / "notes.md").write_text("mine", encoding="utf-8")
    return root


def digits(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def decide(tmp_path, root, *entries, name="decisions.json"):
    images = [
        {"path": path, "sha256": digits(root / path) if (root / path).exists() else "0" * 32, "choice": choice}
        | ({"caption": caption[0]} if caption else {})
        for path, choice, *caption in entries
    ]
    file = tmp_path / name
    text = json.dumps({"format": "tagmetry-decisions/1", "report": "x", "dataset": root.name, "images": images})
    file.write_text(text, encoding="utf-8")
    return file


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_copy_has_what_was_kept_and_the_dataset_stays_as_it_was(root, tmp_path):
    before = files(root)
    decisions = decide(tmp_path, root, ("3_ohwx cat/1.png", "drop"), ("3_ohwx cat/0.png", "keep", "ohwx, cat, joined"))
    result = run("review", "apply", decisions, "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    expected = {path: data for path, data in before.items() if path.startswith("3_ohwx cat/") and "1." not in path}
    del expected["3_ohwx cat/0.npz"]
    expected["3_ohwx cat/0.txt"] = b"ohwx, cat, joined\n"
    assert files(tmp_path / "out") == expected
    assert files(root) == before
    assert result.stdout.partition("the copy:")[0] == (
        "3_ohwx cat/0.txt: captions joined\n"
        "3_ohwx cat/1.png: decided to be dropped\n"
        "\n"
        "5 files copied\n"
        "1 caption written anew\n"
        "1 image dropped, as decided\n"
        "3 other files left out\n"
    )
    assert not list(tmp_path.glob(".tagmetry-*"))


def test_a_dry_run_names_every_file_and_writes_nothing(root, tmp_path):
    decisions = decide(tmp_path, root, ("3_ohwx cat/1.png", "drop"))
    result = run("review", "apply", decisions, "--to", tmp_path / "out", "--dry-run", "--format", "json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    steps = {step["path"]: (step["action"], step["to"]) for step in json.loads(result.stdout)}
    assert set(steps) == set(files(root))
    assert steps["3_ohwx cat/1.png"] == ("dropped", None)
    assert steps["3_ohwx cat/1.txt"] == ("left-out", None)
    assert steps["3_ohwx cat/2.png"] == ("copied", "3_ohwx cat/2.png")
    assert steps["notes.md"] == ("left-out", None)
    assert not (tmp_path / "out").exists()


def test_an_image_that_changed_since_is_left_out_and_said(root, tmp_path):
    decisions = decide(tmp_path, root, ("3_ohwx cat/2.png", "keep"))
    draw(root / "3_ohwx cat" / "2.png", seed=77, size=(64, 64))
    result = run("review", "apply", decisions, "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 1
    assert "3_ohwx cat/2.png: not the file that was decided on: review it anew" in result.stdout
    assert "1 image left out: it is not the one that was decided on" in result.stdout.replace("\n  ", " ")
    assert "3_ohwx cat/2.png" not in files(tmp_path / "out")


def test_an_image_that_is_gone_is_said(root, tmp_path):
    decisions = decide(tmp_path, root, ("3_ohwx cat/9.png", "drop"))
    result = run("review", "apply", decisions, "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 1
    assert "1 decided image is gone" in result.stdout


def test_names_that_another_system_cannot_hold_are_changed(root, tmp_path):
    draw(root / "3_ohwx cat" / "what?.png", seed=9, size=(64, 64))
    (root / "3_ohwx cat" / "what?.txt").write_text("ohwx, cat\n", encoding="utf-8")
    draw(root / "3_ohwx cat" / "aux.png", seed=10, size=(64, 64))
    draw(root / "3_ohwx cat" / "What_.png", seed=11, size=(64, 64))
    result = run("review", "apply", decide(tmp_path, root), "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    names = [path.split("/")[1] for path in files(tmp_path / "out")]
    assert [name for name in names if name[0] not in "0123"] == ["What_.png", "_aux.png", "what_-2.png", "what_-2.txt"]


def test_the_lines_of_a_manifest_follow_the_images(tmp_path):
    root = tmp_path / "set"
    lines = []
    for i in range(3):
        draw(root / f"{i}.png", seed=i, size=(64, 64))
        lines.append({"file_name": f"{i}.png", "text": f"a cat, place {i}", "extra": i})
    (root / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n{broken\n", encoding="utf-8")
    decisions = decide(tmp_path, root, ("1.png", "drop"), ("2.png", "keep", "a cat, joined"))
    result = run("review", "apply", decisions, "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    written = [json.loads(line) for line in (tmp_path / "out" / "metadata.jsonl").read_text("utf-8").splitlines()]
    assert written == [lines[0], {"file_name": "2.png", "text": "a cat, joined", "extra": 2}]
    assert set(files(tmp_path / "out")) == {"0.png", "2.png", "metadata.jsonl"}


@pytest.mark.parametrize("place", ["set/copy", ".", "set"])
def test_a_place_within_the_dataset_or_around_it_is_refused(place, root, tmp_path):
    result = run("review", "apply", decide(tmp_path, root), "--to", tmp_path / place, cwd=tmp_path)
    assert result.returncode == 2
    assert "within each other" in result.stderr


def test_a_folder_that_holds_something_is_refused(root, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    result = run("review", "apply", decide(tmp_path, root), "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 2
    assert "not empty" in result.stderr
    assert files(tmp_path / "out") == {"mine.txt": b"mine"}


def test_an_empty_folder_is_taken(root, tmp_path):
    (tmp_path / "out").mkdir()
    assert run("review", "apply", decide(tmp_path, root), "--to", tmp_path / "out", cwd=tmp_path).returncode == 0
    assert len(files(tmp_path / "out")) == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2: no JSON"),
        ("[]", "its format is not tagmetry-decisions/1"),
        ('{"format": "tagmetry-decisions/1"}', 'no "dataset"'),
        (
            json.dumps(
                {
                    "format": "tagmetry-decisions/1",
                    "dataset": "set",
                    "images": [{"path": "../x.png", "sha256": "0" * 32, "choice": "drop"}],
                }
            ),
            'entry 1 of "images" is no decision',
        ),
    ],
)
def test_a_file_that_holds_no_decisions_is_refused_with_the_reason(text, said, root, tmp_path):
    file = tmp_path / "decisions.json"
    file.write_text(text, encoding="utf-8")
    result = run("review", "apply", file, "--to", tmp_path / "out", cwd=tmp_path)
    assert result.returncode == 2
    assert said in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_is_not_near_is_asked_for(root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    decisions = decide(elsewhere, root)
    result = run("review", "apply", decisions, "--to", tmp_path / "out", cwd=elsewhere)
    assert result.returncode == 2
    assert "--dataset PATH" in result.stderr
    again = run("review", "apply", decisions, "--to", tmp_path / "out", "--dataset", root, cwd=elsewhere)
    assert again.returncode == 0, again.stderr
