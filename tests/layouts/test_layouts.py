"""Layouts on real folders: what each takes as image, caption, concept and role, and that no file is lost."""

import os
import sys

import pytest

from tagmetry.errors import UsageError
from tagmetry.layouts import everydream_tree, imagefolder, kohya_folders, plain_folders
from tagmetry.layouts.tree import dataset_root, scan
from tagmetry.plugin_parts import check_reading
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.loader import load_policy

PLUGINS = load_plugins(foreign=False)


def make(folder, *paths, **texts):
    """Empty files at the paths, and files with a text; layouts open no image."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def write(folder, path, text):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8", newline="")
    return folder


def tree_of(*folders):
    root, chosen = dataset_root(folders)
    return scan(root, chosen)


def profile(**settings):
    layer, _ = flag_layer(PLUGINS, profile=settings)
    return load_policy("tagmetry:recommended", PLUGINS).with_layer(layer).profile()


def reading_of(layout, tree, **settings):
    return layout.read(tree, profile(**settings))


def pairs(reading):
    return dict(zip(reading.images, reading.caption_files, strict=True))


def left_out(reading):
    return {entry.path: entry.id for entry in reading.excluded}


def chosen_layout(tree, **settings):
    ranked = [(layout.recognizes(tree, profile(**settings)), layout.name) for layout in PLUGINS.layouts.values()]
    return max(ranked)[1]


def test_a_caption_is_the_text_file_of_the_same_stem(tmp_path):
    tree = tree_of(make(tmp_path, "a.png", "a.txt", "b.jpg", "b.caption", "c.webp", "d.txt"))
    reading = reading_of(plain_folders, tree)
    assert pairs(reading) == {"a.png": "a.txt", "b.jpg": "b.caption", "c.webp": None}
    assert reading.orphan_captions == ("d.txt",)


def test_txt_is_read_before_caption_and_the_other_is_explained(tmp_path):
    reading = reading_of(plain_folders, tree_of(make(tmp_path, "a.png", "a.txt", "a.caption")))
    assert pairs(reading) == {"a.png": "a.txt"}
    assert left_out(reading) == {"a.caption": "second-caption"}


def test_two_images_of_one_stem_share_their_caption(tmp_path):
    reading = reading_of(plain_folders, tree_of(make(tmp_path, "a.png", "a.jpg", "a.txt")))
    assert pairs(reading) == {"a.jpg": "a.txt", "a.png": "a.txt"}
    assert reading.orphan_captions == ()


def test_a_caption_in_another_folder_does_not_count(tmp_path):
    reading = reading_of(plain_folders, tree_of(make(tmp_path, "x/a.png", "y/a.txt", "y/b.png")))
    assert pairs(reading) == {"x/a.png": None, "y/b.png": None}
    assert reading.orphan_captions == ("y/a.txt",)


def test_every_other_file_is_left_out_with_its_reason(tmp_path):
    make(
        tmp_path,
        "a.png", "README.txt", "notes.md", "multiply.txt", "a.npz", ".hidden.png", "Thumbs.db", "tagmetry.yaml",
        "docs/prompts.txt", ".git/config", ".git/HEAD",
    )  # fmt: skip
    tree = tree_of(tmp_path)
    reading = reading_of(plain_folders, tree)
    assert left_out(reading) == {
        ".git": "hidden-folder",
        ".hidden.png": "hidden-file",
        "README.txt": "document",
        "Thumbs.db": "system-file",
        "a.npz": "trainer-control-file",
        "docs/prompts.txt": "text-without-images",
        "multiply.txt": "trainer-control-file",
        "notes.md": "other-file",
        "tagmetry.yaml": "config-ignored",
    }
    assert tree.n_seen == 11
    assert len(reading.images) + sum(entry.n for entry in reading.excluded) == tree.n_seen


def test_pictures_in_formats_that_are_not_read_are_images_too(tmp_path):
    reading = reading_of(plain_folders, tree_of(make(tmp_path, "a.heic", "b.psd", "c.TGA")))
    assert reading.images == ("a.heic", "b.psd", "c.TGA")


def test_plain_folders_are_concepts_by_their_last_part_unless_two_share_it(tmp_path):
    make(tmp_path, "cat/day/a.png", "dog/day/a.png", "dog/night/a.png", "root.png")
    reading = reading_of(plain_folders, tree_of(tmp_path))
    assert [(folder.path, folder.concept) for folder in reading.folders] == [
        (".", tmp_path.name),
        ("cat/day", "cat/day"),
        ("dog/day", "dog/day"),
        ("dog/night", "night"),
    ]


def test_kohya_folders_give_repeats_concept_and_words(tmp_path):
    make(tmp_path, "10_ohwx woman/a.png", "2_a_b_c/b.png", "5_Wikipe-tan, girl/c.png")
    reading = reading_of(kohya_folders, tree_of(tmp_path))
    assert [
        (folder.path, folder.concept, folder.repeats, folder.trigger_hint, folder.class_hint)
        for folder in reading.folders
    ] == [
        ("10_ohwx woman", "ohwx woman", 10.0, "ohwx", "woman"),
        ("2_a_b_c", "a_b_c", 2.0, "a_b_c", None),
        ("5_Wikipe-tan, girl", "Wikipe-tan, girl", 5.0, "Wikipe-tan", "girl"),
    ]
    assert reading.trainer == "kohya"


def test_what_kohya_does_not_train_is_left_out(tmp_path):
    make(
        tmp_path,
        "10_x/a.png", "10_x/a.txt", "10_x/sub/b.png", "plain/c.png", "plain/c.txt", "0_zero/d.png", "e.png",
    )  # fmt: skip
    reading = reading_of(kohya_folders, tree_of(tmp_path))
    assert pairs(reading) == {"10_x/a.png": "10_x/a.txt"}
    assert left_out(reading) == dict.fromkeys(
        ["10_x/sub/b.png", "plain/c.png", "plain/c.txt", "0_zero/d.png", "e.png"], "not-in-a-kohya-folder"
    )


def test_a_single_kohya_folder_given_by_itself_is_read(tmp_path):
    tree = tree_of(make(tmp_path / "10_ohwx woman", "a.png"))
    assert chosen_layout(tree) == "kohya-folders"
    assert reading_of(kohya_folders, tree).folders[0].repeats == 10


def test_layouts_are_recognized_by_what_lies_there(tmp_path):
    assert chosen_layout(tree_of(make(tmp_path / "p", "x/a.png"))) == "plain-folders"
    assert chosen_layout(tree_of(make(tmp_path / "k", "3_x/a.png"))) == "kohya-folders"
    assert chosen_layout(tree_of(make(tmp_path / "e", "x/a.png", "x/multiply.txt"))) == "everydream-tree"
    assert chosen_layout(tree_of(make(tmp_path / "i", "a.png", "metadata.jsonl"))) == "imagefolder"


def test_a_named_trainer_decides_between_layouts(tmp_path):
    tree = tree_of(make(tmp_path, "3_x/a.png", "3_x/multiply.txt"))
    assert chosen_layout(tree) == "everydream-tree"
    assert chosen_layout(tree, trainer="kohya") == "kohya-folders"


@pytest.mark.parametrize(("text", "repeats"), [("2.5", 2.5), ("3\n", 3.0), ("0", 1.0), ("many", 1.0)])
def test_everydream_folders_are_multiplied_as_the_trainer_reads_it(tmp_path, text, repeats):
    write(make(tmp_path, "x/a.png", "x/deeper/b.png"), "x/multiply.txt", text)
    reading = reading_of(everydream_tree, tree_of(tmp_path))
    assert [(folder.path, folder.repeats) for folder in reading.folders] == [("x", repeats), ("x/deeper", 1.0)]


def test_an_everydream_folder_with_a_negative_multiplier_is_left_out(tmp_path):
    write(make(tmp_path, "x/a.png", "x/a.txt", "y/b.png"), "x/multiply.txt", "-1")
    reading = reading_of(everydream_tree, tree_of(tmp_path))
    assert reading.images == ("y/b.png",)
    assert left_out(reading) == {
        "x/a.png": "multiplied-away",
        "x/a.txt": "multiplied-away",
        "x/multiply.txt": "trainer-control-file",
    }


def test_what_every_layout_reads_accounts_for_each_file_once(tmp_path):
    make(tmp_path, "3_x/a.png", "3_x/a.txt", "3_x/b.png", "y/c.png", "y/lost.txt", "z.bin")
    write(tmp_path, "y/metadata.jsonl", '{"file_name": "c.png", "text": "a cat"}')
    write(tmp_path, "y/multiply.txt", "-2")
    tree = tree_of(tmp_path)
    for layout in PLUGINS.layouts.values():
        check_reading(layout.read(tree, profile()), tree)


def test_a_manifest_gives_captions_relative_to_itself(tmp_path):
    make(tmp_path, "train/a.png", "train/b.png", "train/c.png", "train/c.txt")
    lines = ['{"file_name": "a.png", "text": "a cat"}', '{"file_name": "b.png", "text": "a dog"}']
    write(tmp_path, "train/metadata.jsonl", "\n".join(lines))
    reading = reading_of(imagefolder, tree_of(tmp_path))
    assert reading.caption_texts == ("a cat", "a dog", None)
    assert reading.caption_files == ("train/metadata.jsonl", "train/metadata.jsonl", None)
    assert left_out(reading) == {"train/c.txt": "not-the-manifest", "train/metadata.jsonl": "manifest"}


def test_a_csv_manifest_is_read_with_quotes_and_a_bom(tmp_path):
    write(make(tmp_path, "a.png"), "metadata.csv", '\ufefffile_name,text\na.png,"one, two"\n')
    assert reading_of(imagefolder, tree_of(tmp_path)).caption_texts == ("one, two",)


def test_a_broken_manifest_line_costs_that_line_alone(tmp_path):
    make(tmp_path, "a.png", "b.png")
    lines = [
        '{"file_name": "a.png", "text": "fine"}',
        "{broken",
        "[1]",
        '{"text": "no name"}',
        '{"file_name": "../../etc/passwd", "text": "out"}',
        '{"file_name": "https://example.org/a.png", "text": "out"}',
        '{"file_name": "/a.png", "text": "out"}',
        '{"file_name": "C:\\\\a.png", "text": "out"}',
        '{"file_name": "gone.png", "text": "out"}',
        '{"file_name": "a.png", "text": "again"}',
        '{"file_name": "b.png", "text": 3}',
        "[" * 100_000,
        '{"file_name": "b.png", "n": ' + "1" * 5000 + "}",
        '{"file_name": "b.png", "text": "' + "x" * (1 << 20) + '"}',
    ]
    write(tmp_path, "metadata.jsonl", "\n".join(lines))
    reading = reading_of(imagefolder, tree_of(tmp_path))
    assert reading.caption_texts == ("fine", None)
    assert [(problem.line, problem.code) for problem in reading.problems] == [
        (2, "invalid-json"),
        (3, "no-object"),
        (4, "no-file-name"),
        (5, "bad-path"),
        (6, "bad-path"),
        (7, "bad-path"),
        (8, "bad-path"),
        (9, "missing-file"),
        (10, "duplicate"),
        (11, "no-caption"),
        (12, "too-deep"),
        (13, "long-number"),
        (14, "long-line"),
    ]
    assert reading.problems[0].values == {"column": 2}


def test_a_manifest_that_is_not_utf8_is_a_problem_with_its_line(tmp_path):
    make(tmp_path, "a.png")
    (tmp_path / "metadata.jsonl").write_bytes(b'{"file_name": "a.png", "text": "x"}\n\xff')
    reading = reading_of(imagefolder, tree_of(tmp_path))
    assert [(problem.line, problem.code) for problem in reading.problems] == [(2, "not-utf8")]


def test_a_nul_in_a_csv_manifest_costs_its_line_alone(tmp_path):
    make(tmp_path, "a.png", "b.png")
    (tmp_path / "metadata.csv").write_bytes(b"file_name,text\na.png,x\0y\nb.png,fine\n")
    reading = reading_of(imagefolder, tree_of(tmp_path))
    assert reading.caption_texts == (None, "fine")
    assert [(problem.line, problem.code) for problem in reading.problems] == [(2, "nul")]


def test_lines_before_a_quotation_mark_that_is_never_closed_are_used(tmp_path):
    make(tmp_path, "a.png", "b.png")
    write(tmp_path, "metadata.csv", 'file_name,text\na.png,fine\nb.png,"' + "x" * 200_000)
    reading = reading_of(imagefolder, tree_of(tmp_path))
    assert reading.caption_texts == ("fine", None)
    assert [(problem.line, problem.code) for problem in reading.problems] == [(3, "long-field")]


@pytest.mark.parametrize(("header", "columns"), [("file_name;text", ("file_name;text",)), ("a,b", ("a", "b"))])
def test_a_table_without_a_column_for_names_is_told_once(tmp_path, header, columns):
    make(tmp_path, "a.png")
    write(tmp_path, "metadata.csv", header + "\na.png;x\na.png;y\n")
    (problem,) = reading_of(imagefolder, tree_of(tmp_path)).problems
    assert (problem.code, problem.values["columns"]) == ("no-file-column", columns)


def test_several_folders_are_one_dataset_below_their_common_folder(tmp_path):
    make(tmp_path, "set/img/3_x/a.png", "set/reg/1_y/b.png", "set/other/c.png")
    tree = tree_of(tmp_path / "set" / "img", tmp_path / "set" / "reg")
    assert tree.root == (tmp_path / "set").resolve()
    assert tree.paths == ("img/3_x/a.png", "reg/1_y/b.png")


def test_a_folder_inside_another_given_one_is_not_read_twice(tmp_path):
    make(tmp_path, "x/a.png")
    tree = tree_of(tmp_path, tmp_path / "x", tmp_path)
    assert tree.paths == ("x/a.png",)
    assert tree.n_seen == 1


def test_a_missing_folder_and_a_file_are_refused_with_a_way_out(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        dataset_root([tmp_path / "gone"])
    with pytest.raises(UsageError, match="is a file"):
        dataset_root([make(tmp_path, "a.png") / "a.png"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_links_are_never_followed_and_all_accounted_for(tmp_path):
    outside = make(tmp_path / "outside", "secret.png")
    root = make(tmp_path / "set", "a.png", "sub/b.png")
    (root / "inside.png").symlink_to(root / "a.png")
    (root / "inside-folder").symlink_to(root / "sub")
    (root / "out.png").symlink_to(outside / "secret.png")
    (root / "out-folder").symlink_to(outside)
    (root / "gone.png").symlink_to(root / "nothing.png")
    (root / "sub" / "loop").symlink_to(root)
    (root / "self.png").symlink_to(root / "self.png")
    tree = tree_of(root)
    assert tree.paths == ("a.png", "sub/b.png")
    assert {entry.path: entry.id for entry in tree.excluded} == {
        "inside-folder": "link-inside",
        "inside.png": "link-inside",
    }
    assert {problem.path: problem.code for problem in tree.problems} == {
        "gone.png": "broken-link",
        "out-folder": "outside-root",
        "out.png": "outside-root",
        "self.png": "symlink-loop",
        "sub/loop": "symlink-loop",
    }
    assert tree.n_seen == 9


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_is_a_problem_and_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    tree = tree_of(tmp_path)
    assert [(problem.path, problem.code) for problem in tree.problems] == [("a.png", "not-regular")]


@pytest.mark.skipif(sys.platform == "win32", reason="deeper than Windows' paths")
def test_a_tree_of_300_levels_is_walked(tmp_path):
    deep = "/".join("d" for _ in range(300))
    (tmp_path / deep).mkdir(parents=True)
    (tmp_path / deep / "a.png").write_bytes(b"")
    assert tree_of(tmp_path).paths == (f"{deep}/a.png",)


def test_names_of_all_scripts_are_kept_as_they_are(tmp_path):
    names = ["日本語 画像.png", "emoji 🎨.png", "né.png", "a%20b.png", "quote'.png", "10_子 女の子/猫.png"]
    tree = tree_of(make(tmp_path, *names))
    assert sorted(tree.paths) == sorted(names)
