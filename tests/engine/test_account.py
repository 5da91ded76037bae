"""Every file of a real folder is counted once, whichever rules run: used, or explained by a reason or a finding."""

import json
import os
import random
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tagmetry.errors import UsageError
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.runner import Request, run

PLUGINS = load_plugins(foreign=False)
POLICY = load_policy("tagmetry:recommended", PLUGINS)
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="has no such files")


def picture(path, seed=0, **settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **settings)


def write(path, content=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def audited(*paths, **asked):
    return run(Request(paths=paths, policy=POLICY, plugins=PLUGINS, **asked))


def entries(folder):
    """Every entry that is no folder, links as such."""
    return sorted(
        os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/")
        for place, folders, files in os.walk(folder)
        for name in [*files, *(name for name in folders if os.path.islink(os.path.join(place, name)))]
    )


ABOUT_NAMES = {"name-collision", "hostile-text"}
"""Rules that speak of a file's name, whatever else is said of the file."""


def places(report, root):
    """Where each entry is counted: `image`, `caption`, the reason for which it is left out, or its rules."""
    data = report.dataset_view
    found = {path: ["image"] for path in report.images.paths}
    captions = zip(data.captions.path_of, data.captions.text_of, strict=True)
    left_out = {entry.path: entry for entry in report.dataset.excluded}
    for path in sorted({path for path, text in captions if path is not None and text >= 0} - set(left_out)):
        found.setdefault(path, []).append("caption")
    rules = {}
    for finding in report.findings:
        if finding.subject.kind == "file" and finding.rule not in ABOUT_NAMES:
            rules.setdefault(finding.subject.paths[0], set()).add(finding.rule)
    for path in sorted({problem.path for problem in data.file_problems} | {one.path for one in data.captions.orphans}):
        if path not in left_out and path not in found:
            found[path] = sorted(rules[path])
    for path in entries(root):
        above = [path, *(parent.as_posix() for parent in Path(path).parents)]
        for one in [one for one in above if one in left_out][:1]:
            found.setdefault(path, []).append(left_out[one].id)
    return found


def check(root, **asked):
    """Audits with all rules and with hardly any; the account is complete both times. Where each file is counted."""
    for request in (asked, {**asked, "select": ("dataset-size",)}):
        report = audited(root, **request)
        files = report.dataset.files
        assert files.adds_up
        assert files.seen == len(entries(root))
        found = places(report, root)
        assert sorted(found) == entries(root)
        assert all(len(where) == 1 for where in found.values()), found
        counted = [where[0] for where in found.values()]
        assert files.audited_images == counted.count("image")
        assert files.used_captions == counted.count("caption")
        assert files.explained == len(counted) - files.audited_images - files.used_captions
        if request is asked:
            told = {path: where[0] for path, where in found.items()}
    return told


def test_images_and_captions(tmp_path):
    picture(tmp_path / "hat" / "a.png")
    write(tmp_path / "hat" / "a.txt", "red hat")
    picture(tmp_path / "hat" / "b.png", 1)
    assert check(tmp_path) == {"hat/a.png": "image", "hat/a.txt": "caption", "hat/b.png": "image"}


def test_a_caption_that_images_share_is_one_file(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "a.jpg", 1)
    picture(tmp_path / "a.webp", 2)
    write(tmp_path / "a.txt", "caf\xe9".encode("latin-1"))
    assert check(tmp_path) == {"a.jpg": "image", "a.png": "image", "a.txt": "caption", "a.webp": "image"}
    report = audited(tmp_path)
    assert [one.subject.paths for one in report.findings if one.rule == "caption-encoding"] == [("a.txt", "a.jpg")]


def test_a_caption_stays_in_use_while_one_of_its_images_is_readable(tmp_path):
    write(tmp_path / "a.jpg", b"")
    picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", "\ufeffred hat")
    assert check(tmp_path) == {"a.jpg": "unreadable-image", "a.png": "image", "a.txt": "caption"}


def test_the_caption_of_an_unreadable_image_is_left_out_with_it(tmp_path):
    picture(tmp_path / "good.png")
    for name in ("bad.png", "worse.jpg"):
        write(tmp_path / name, "<html>not found</html>")
    write(tmp_path / "bad.txt", b"\xff\xfe\x00")
    write(tmp_path / "worse.txt", "red hat")
    assert check(tmp_path) == {
        "bad.png": "unreadable-image",
        "bad.txt": "caption-of-unusable-image",
        "good.png": "image",
        "worse.jpg": "unreadable-image",
        "worse.txt": "caption-of-unusable-image",
    }


def test_a_dataset_of_unreadable_images_only_is_audited_all_the_same(tmp_path):
    for name in "ab":
        write(tmp_path / f"{name}.png", b"")
        write(tmp_path / f"{name}.txt", "cap")
    assert set(check(tmp_path).values()) == {"unreadable-image", "caption-of-unusable-image"}
    report = audited(tmp_path)
    assert (report.dataset.n_images, report.summary.verdict) == (0, "not-ready")
    assert report.summary.error >= 2


def test_second_captions_orphans_and_other_files(tmp_path):
    picture(tmp_path / "a.png")
    for name in ("a.txt", "a.caption", "lonely.txt", "lonely.caption", "readme.txt", "notes.md", "b.npy", "Thumbs.db"):
        write(tmp_path / name, name)
    write(tmp_path / "empty" / "words.txt", "x")
    assert check(tmp_path) == {
        "Thumbs.db": "system-file",
        "a.caption": "second-caption",
        "a.png": "image",
        "a.txt": "caption",
        "b.npy": "cache-file",
        "empty/words.txt": "text-without-images",
        "lonely.caption": "orphan-caption",
        "lonely.txt": "orphan-caption",
        "notes.md": "other-file",
        "readme.txt": "document",
    }


def test_hidden_files_and_folders_count_with_all_they_hold(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / ".hidden.png")
    for name in ("one", "deep/two", "deep/er/three"):
        write(tmp_path / ".cache" / name)
    (tmp_path / ".empty").mkdir()
    write(tmp_path / "sub" / ".b" / "x.png")
    assert check(tmp_path) == {
        ".cache/deep/er/three": "hidden-folder",
        ".cache/deep/two": "hidden-folder",
        ".cache/one": "hidden-folder",
        ".hidden.png": "hidden-file",
        "a.png": "image",
        "sub/.b/x.png": "hidden-folder",
    }
    report = audited(tmp_path)
    assert {entry.path: entry.n for entry in report.dataset.excluded} == {".cache": 3, ".hidden.png": 1, "sub/.b": 1}


def test_a_manifest_is_one_file_however_many_of_its_lines_are_wrong(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "b.png", 1)
    rows = [{"file_name": "a.png", "text": "cap"}, {"file_name": "gone.png", "text": "x"}, {"file_name": "../b.png"}]
    text = "\n".join([*(json.dumps(row) for row in rows), "{broken", json.dumps(rows[0]), ""])
    write(tmp_path / "metadata.jsonl", text)
    write(tmp_path / "a.txt", "not read here")
    told = check(tmp_path)
    assert (told["a.png"], told["b.png"], told["a.txt"]) == ("image", "image", "not-the-manifest")
    assert len(told) == 4
    report = audited(tmp_path)
    lines = [one.location.line for one in report.findings if one.rule == "invalid-manifest"]
    assert lines == [2, 3, 4, 5]
    fingerprints = {one.fingerprint for one in report.findings}
    assert len(fingerprints) == len(report.findings)


@posix_only
def test_links_pipes_and_sockets(tmp_path, monkeypatch):
    data, outside = tmp_path / "data", tmp_path / "outside"
    picture(data / "a.png")
    picture(outside / "secret.png")
    write(data / "a.txt", "cap")
    os.mkfifo(data / "pipe.png")
    (data / "again.png").symlink_to(data / "a.png")
    (data / "again.txt").symlink_to(data / "a.txt")
    (data / "secret.png").symlink_to(outside / "secret.png")
    (data / "a.caption").symlink_to(outside / "nothing.txt")
    (data / "loop").symlink_to(data)
    (data / "circle.png").symlink_to(data / "circle.png")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(data)  # a socket's path must be short
        server.bind("s.txt")
        told = check(data)
    assert told == {
        "a.caption": "unreachable-file",
        "a.png": "image",
        "a.txt": "caption",
        "again.png": "link-inside",
        "again.txt": "link-inside",
        "circle.png": "unreachable-file",
        "loop": "unreachable-file",
        "pipe.png": "unreachable-file",
        "s.txt": "unreachable-file",
        "secret.png": "unreachable-file",
    }


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read everything")
def test_files_and_folders_without_permission(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", "cap")
    picture(tmp_path / "b.png", 1)
    picture(tmp_path / "closed" / "c.png", 2)
    for path, rights in ((tmp_path / "a.txt", 0), (tmp_path / "b.png", 0), (tmp_path / "closed", 0)):
        path.chmod(rights)
    try:
        report = audited(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert report.dataset.files.adds_up
    unreachable = [one.subject.name for one in report.findings if one.rule == "unreachable-file"]
    assert unreachable == ["a.txt", "b.png", "closed"]


def test_kohyas_folders_with_files_that_it_does_not_read(tmp_path):
    picture(tmp_path / "10_sks hat" / "a.png")
    write(tmp_path / "10_sks hat" / "a.txt", "sks, red hat")
    picture(tmp_path / "loose.png", 1)
    write(tmp_path / "loose.txt", "x")
    picture(tmp_path / "10_sks hat" / "deeper" / "b.png", 2)
    write(tmp_path / "10_sks hat" / "deeper" / "b.txt", "x")
    write(tmp_path / "10_sks hat" / "c.txt", "lonely")
    told = check(tmp_path)
    assert told == {
        "10_sks hat/a.png": "image",
        "10_sks hat/a.txt": "caption",
        "10_sks hat/c.txt": "orphan-caption",
        "10_sks hat/deeper/b.png": "not-in-a-kohya-folder",
        "10_sks hat/deeper/b.txt": "not-in-a-kohya-folder",
        "loose.png": "not-in-a-kohya-folder",
        "loose.txt": "not-in-a-kohya-folder",
    }


@posix_only
def test_names_of_every_kind(tmp_path):
    names = [
        b"caf\xe9",
        "赤い帽子".encode(),
        b"line\nbreak",
        b"\x1b[31mred",
        "gnp.\u202etxt".encode(),
        b"a'b\"c$(x)%&#?",
    ]
    for number, name in enumerate(names):
        picture(tmp_path / os.fsdecode(name + b".png"), number)
        write(tmp_path / os.fsdecode(name + b".txt"), "cap")
    write(tmp_path / os.fsdecode(b"orphan\xff.txt"), "x")
    write(tmp_path / os.fsdecode(b"broken\xff.png"), "x")
    told = check(tmp_path)
    assert sorted(told.values()) == ["caption"] * 6 + ["image"] * 6 + ["orphan-caption", "unreadable-image"]
    for finding in audited(tmp_path).findings:
        finding.message.english().encode("utf-8")


def test_several_folders_are_one_dataset(tmp_path):
    picture(tmp_path / "train" / "a.png")
    picture(tmp_path / "reg" / "b.png", 1)
    write(tmp_path / "elsewhere" / "c.txt", "not asked for")
    report = audited(tmp_path / "train", tmp_path / "reg")
    assert report.images.paths == ("reg/b.png", "train/a.png")
    assert (report.dataset.files.seen, report.dataset.files.adds_up) == (2, True)
    assert [report.images.role.label(row) for row in range(2)] == ["regularization", "train"]


def test_regularization_images_alone_are_audited(tmp_path):
    picture(tmp_path / "reg" / "1_woman" / "a.png")
    write(tmp_path / "reg" / "1_woman" / "a.txt", "woman")
    assert set(check(tmp_path).values()) == {"image", "caption"}
    report = audited(tmp_path)
    assert (report.metrics["n_train"], report.metrics["n_reg"]) == (0, 1)
    assert report.plan.technique == "none"
    assert {line.outcome for line in report.rules} <= {"clean", "skipped", "found", "off"}


def test_one_image_is_a_dataset(tmp_path):
    picture(tmp_path / "a.png")
    assert check(tmp_path) == {"a.png": "image"}


def test_nothing_to_audit_is_said_with_what_was_seen(tmp_path):
    write(tmp_path / "a.txt", "x")
    with pytest.raises(UsageError) as refused:
        audited(tmp_path)
    assert refused.value.text.english() == f"no images found in {tmp_path.name} (1 file seen)"


def test_equal_files_and_equal_pixels(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / "copy.png", (tmp_path / "a.png").read_bytes())
    picture(tmp_path / "recompressed.png", 0, compress_level=1)
    picture(tmp_path / "other.png", 7)
    assert set(check(tmp_path).values()) == {"image"}
    alike = audited(tmp_path).dataset_view.duplicates
    assert (alike.exact, alike.exact_kinds) == (((0, 1, 3),), ("pixels",))


def test_the_folder_is_left_as_it_was(tmp_path):
    picture(tmp_path / "a.png")
    write(tmp_path / "a.txt", "cap")
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*")}
    audited(tmp_path)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("seed", range(6))
def test_a_jumble_of_files_adds_up_in_every_layout(tmp_path, seed):
    chance = random.Random(seed)
    folders = ["", "hat/", "10_sks hat/", "reg/1_hat/", "10_sks hat/deeper/", ".hidden/", "empty/"]
    for number in range(40):
        folder = tmp_path / chance.choice(folders)
        stem = chance.choice("abcdefg") + chance.choice(["", "", ".b", " x"])
        suffix = chance.choice(
            [".png", ".png", ".jpg", ".txt", ".txt", ".caption", ".heic", ".npz", "", ".PNG", ".TXT"]
        )
        path = folder / (stem + suffix)
        if suffix.lower() in (".png", ".jpg") and chance.random() < 0.8:
            picture(path, number, format="PNG")
        else:
            write(path, chance.choice([b"", b"red hat, cap", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n"]))
    picture(tmp_path / "hat" / "sure.png", 99)
    if seed % 3 == 1:
        write(tmp_path / "hat" / "multiply.txt", "2")
    if seed % 3 == 2:
        write(tmp_path / "metadata.jsonl", '{"file_name": "hat/sure.png", "text": "cap"}\nbroken\n')
    check(tmp_path)
