"""From caption files to columns: read once, counted once, tags interned; on real folders."""

import os
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry import captioning
from tagmetry.captioning import LARGEST_CAPTION_BYTES, CaptionReader, _interned_tags, caption_columns
from tagmetry.layouts import imagefolder, kohya_folders, plain_folders
from tagmetry.layouts.tree import dataset_root, scan
from tagmetry.text import TokenEstimate, normal_form, split_tags

PROFILE = dataset(concept("any")).profile


def read(folder, files, *, layout=plain_folders, trainer=None):
    """The reader and reading of a folder with these files; texts are written as UTF-8, images are empty files."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        data = content.encode("utf-8", errors="surrogatepass") if isinstance(content, str) else content
        (folder / name).write_bytes(data or b"")
    root, chosen = dataset_root([folder])
    tree = scan(root, chosen)
    reading = layout.read(tree, PROFILE)
    reader = CaptionReader(tree, reading, trainer)
    reader.read()
    return reader, reading


def columns(reader, reading, rows=None, *, token_limit=75):
    rows = range(len(reading.images)) if rows is None else rows
    return caption_columns(
        reader, reading, np.array(rows, dtype=np.int64), counter=TokenEstimate(), token_limit=token_limit
    )


def texts_by_image(reader, reading):
    captions = columns(reader, reading)
    return {
        image: captions.texts[text] if text >= 0 else None
        for image, text in zip(reading.images, captions.text_of, strict=True)
    }


def style(reader, **roles):
    return reader.style({role: tuple(patterns) for role, patterns in roles.items()})


# --- which text an image has --------------------------------------------------------------------------------------


def test_an_image_has_the_text_of_its_file_trimmed(tmp_path):
    found = read(tmp_path, {"a.png": None, "a.txt": "  red hat, cap \n", "b.png": None})
    assert texts_by_image(*found) == {"a.png": "red hat, cap", "b.png": None}


def test_an_empty_caption_is_a_caption_without_text(tmp_path):
    reader, reading = read(
        tmp_path,
        {"a.png": None, "a.txt": "", "b.png": None, "b.txt": " \n\t", "c.png": None, "d.png": None, "d.txt": "x"},
    )
    captions = columns(reader, reading)
    assert captions.text_of.tolist() == [0, 0, -1, 1]
    assert captions.texts == ("", "x")
    assert captions.n_lines.tolist() == [0, 0, 0, 1]
    assert captions.zero_bytes == {0}


def test_equal_captions_are_stored_once(tmp_path):
    reader, reading = read(tmp_path, {f"{name}{suffix}": "cap" for name in "abc" for suffix in (".png", ".txt")})
    captions = columns(reader, reading)
    assert (captions.texts, captions.text_of.tolist()) == (("cap",), [0, 0, 0])


def test_a_trainer_that_reads_lines_on_gets_all_of_them(tmp_path):
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": "one,\r\n\r\ntwo\rthree"})
    captions = columns(reader, reading)
    assert captions.texts == ("one,\r\n\r\ntwo\rthree",)
    assert captions.n_lines.tolist() == [3]
    assert captions.unread == {}
    assert [captions.forms[tag] for tag in captions.tags.row(0)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("written", "text", "unread", "n_lines"),
    [
        ("one\ntwo\n\nthree", "one", "two three", 3),
        ("one\n", "one", "", 1),
        (" one \n \n", "one", "", 1),
        ("\n one\ntwo", "", "one two", 2),
        ("", "", "", 0),
    ],
)
def test_kohya_reads_the_first_line(tmp_path, written, text, unread, n_lines):
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": written}, trainer="kohya")
    captions = columns(reader, reading)
    assert captions.texts == (text,)
    assert captions.unread == ({0: unread} if unread else {})
    assert captions.n_lines.tolist() == [n_lines]


def test_captions_of_a_manifest_stand_in_it(tmp_path):
    manifest = '{"file_name": "a.png", "text": "red hat"}\n{"file_name": "b.png", "text": ""}\n'
    reader, reading = read(tmp_path, {"a.png": None, "b.png": None, "metadata.jsonl": manifest}, layout=imagefolder)
    captions = columns(reader, reading)
    assert captions.path_of == ("metadata.jsonl", "metadata.jsonl")
    assert captions.texts == ("red hat", "")
    assert captions.zero_bytes == frozenset()


def test_a_lone_surrogate_of_a_manifest_stays_and_breaks_nothing(tmp_path):
    manifest = '{"file_name": "a.png", "text": "\\ud800 hat, \\ud800 hat"}\n'
    reader, reading = read(tmp_path, {"a.png": None, "metadata.jsonl": manifest}, layout=imagefolder)
    captions = columns(reader, reading)
    assert captions.texts == ("\ud800 hat, \ud800 hat",)
    assert captions.forms == ("\ud800 hat",)
    assert captions.tokens.tolist()[0] > 0


# --- what is wrong with a file ------------------------------------------------------------------------------------


def test_a_file_that_two_images_share_is_wrong_once(tmp_path):
    reader, reading = read(tmp_path, {"a.jpg": None, "a.png": None, "a.txt": "caf\xe9".encode("latin-1")})
    captions = columns(reader, reading)
    assert [(problem.path, problem.row, problem.code) for problem in captions.problems] == [("a.txt", 0, "not-utf8")]
    assert captions.text_of.tolist() == [0, 0]


def test_a_problem_belongs_to_the_first_image_that_could_be_read(tmp_path):
    reader, reading = read(tmp_path, {"a.jpg": None, "a.png": None, "a.txt": b"\xff\xfe", "b.png": None})
    assert [problem.row for problem in columns(reader, reading, [1, 2]).problems] == [0]
    assert [problem.row for problem in columns(reader, reading, [2]).problems] == [-1]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read every file")
def test_a_file_without_permission_is_a_problem_of_the_file(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.txt").chmod(0)
    reader, reading = read(tmp_path, {"a.png": None})
    assert [(problem.path, problem.kind, problem.code) for problem in reader.file_problems] == [
        ("a.txt", "unreachable", "no-permission")
    ]
    assert columns(reader, reading).text_of.tolist() == [-1]


def test_a_file_that_is_gone_when_it_is_read_is_told_once_for_all_its_images(tmp_path):
    for name in ("a.jpg", "a.png", "a.txt"):
        (tmp_path / name).write_bytes(b"")
    root, chosen = dataset_root([tmp_path])
    tree = scan(root, chosen)
    reading = plain_folders.read(tree, PROFILE)
    (tmp_path / "a.txt").unlink()
    reader = CaptionReader(tree, reading, None)
    reader.read()
    assert [(problem.path, problem.code) for problem in reader.file_problems] == [("a.txt", "vanished")]
    assert columns(reader, reading).text_of.tolist() == [-1, -1]
    assert columns(reader, reading).zero_bytes == frozenset()


def changed_since_the_listing(folder, change):
    (folder / "a.png").write_bytes(b"")
    (folder / "a.txt").write_bytes(b"cap")
    root, chosen = dataset_root([folder])
    tree = scan(root, chosen)
    reading = plain_folders.read(tree, PROFILE)
    (folder / "a.txt").unlink()
    change(folder / "a.txt")
    reader = CaptionReader(tree, reading, None)
    reader.read()
    return [(problem.path, problem.code) for problem in reader.file_problems], reader.captions[0].text


@pytest.mark.skipif(sys.platform == "win32", reason="a folder is refused there as without permission")
def test_a_caption_that_became_a_folder_since_the_listing_is_a_problem(tmp_path):
    assert changed_since_the_listing(tmp_path, lambda path: path.mkdir()) == ([("a.txt", "io-error")], None)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_caption_that_became_a_link_since_the_listing_is_not_followed(tmp_path):
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.write_text("not for you")
    found = changed_since_the_listing(tmp_path, lambda path: path.symlink_to(secret))
    assert found == ([("a.txt", "io-error")], None)


def test_a_caption_beyond_the_limit_is_cut_and_said_so(tmp_path):
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": b"a" * (LARGEST_CAPTION_BYTES + 1)})
    captions = columns(reader, reading)
    assert [problem.code for problem in captions.problems] == ["too-large"]
    assert len(captions.texts[0]) == LARGEST_CAPTION_BYTES


def test_a_caption_at_the_limit_is_read_whole(tmp_path):
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": b"a " * (LARGEST_CAPTION_BYTES // 2)})
    assert columns(reader, reading).problems == ()


def test_captions_without_an_image_name_the_image_that_they_nearly_fit(tmp_path):
    _, reading = read(tmp_path, {"A.png": None, "a.txt": "x", "b.txt": "x", "c.png": None, "c.txt": "x"})
    found = captioning._orphans(reading)
    assert [(orphan.path, orphan.near) for orphan in found] == [("a.txt", "A.png"), ("b.txt", "")]


# --- tags ---------------------------------------------------------------------------------------------------------

TEXTS = st.lists(
    st.lists(
        st.sampled_from(["Red_Hat", "red hat", "ｒｅｄ hat", "cap", "_", "__", "^_^", "赤い帽子", "\ud800"]), max_size=6
    ).map(", ".join),
    max_size=6,
    unique=True,
)


@settings(max_examples=300)
@given(TEXTS)
@example([])
@example([""])
@example(["_, __"])
def test_tags_are_interned_as_a_naive_count_would(texts):
    forms, found, tags = _interned_tags(texts)
    written = [[tag for tag in split_tags(text) if normal_form(tag)] for text in texts]
    spellings = {}
    for tag in (tag for row in written for tag in row):
        spellings.setdefault(normal_form(tag), Counter())[tag] += 1
    assert forms == tuple(sorted(spellings))
    assert found == tuple(
        tuple(spelling for spelling, _ in sorted(spellings[form].items(), key=lambda item: (-item[1], item[0])))
        for form in forms
    )
    assert len(tags) == len(texts)
    assert [[forms[tag] for tag in tags.row(row)] for row in range(len(texts))] == [
        [normal_form(tag) for tag in row] for row in written
    ]


def test_ids_do_not_depend_on_which_images_could_be_read(tmp_path):
    reader, reading = read(
        tmp_path, {"a.png": None, "a.txt": "z, y", "b.png": None, "b.txt": "y, x", "c.png": None, "c.txt": "x, z"}
    )
    assert columns(reader, reading).forms == ("x", "y", "z")
    some = columns(reader, reading, [2, 1])
    assert [[some.forms[tag] for tag in some.tags.row(text)] for text in some.text_of] == [["x", "z"], ["y", "x"]]


# --- tokens -------------------------------------------------------------------------------------------------------


def test_the_words_beyond_the_limit_are_kept_for_the_texts_that_have_any(tmp_path):
    long = ", ".join(["hat"] * 50)
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": long, "b.png": None, "b.txt": "hat"})
    captions = columns(reader, reading, token_limit=75)
    assert captions.tokens.tolist() == [99, 1]
    assert list(captions.words_lost) == [0]
    assert long.endswith(captions.words_lost[0])
    assert columns(reader, reading, token_limit=99).words_lost == {}


def test_no_image_at_all_gives_empty_columns(tmp_path):
    reader, reading = read(tmp_path, {"a.png": None, "a.txt": "cap"})
    captions = columns(reader, reading, [])
    assert (len(captions.text_of), captions.texts, captions.forms, len(captions.tags)) == (0, (), (), 0)


# --- style --------------------------------------------------------------------------------------------------------

TAGS = "1girl, red hat, smile, blue eyes"
SENTENCE = "A woman with a red hat smiles at the camera and holds a cup of tea in her left hand."


def test_style_is_that_of_the_median_caption(tmp_path):
    reader, _ = read(
        tmp_path, {"a.png": None, "a.txt": TAGS, "b.png": None, "b.txt": TAGS, "c.png": None, "c.txt": SENTENCE}
    )
    assert style(reader) == "tags"
    reader, _ = read(tmp_path, {"d.png": None, "d.txt": SENTENCE, "e.png": None, "e.txt": SENTENCE})
    assert style(reader) == "sentences"


@pytest.mark.parametrize(("caption", "found"), [("a, b, c, d", "tags"), ("a, b, c", "sentences")])
def test_tags_have_at_least_three_separators(tmp_path, caption, found):
    reader, _ = read(tmp_path, {"a.png": None, "a.txt": caption})
    assert style(reader) == found


@pytest.mark.parametrize(("part", "found"), [("one two three four", "tags"), ("one two three four five", "sentences")])
def test_tags_have_at_most_four_words(tmp_path, part, found):
    reader, _ = read(tmp_path, {"a.png": None, "a.txt": ", ".join([part] * 4)})
    assert style(reader) == found


def test_style_is_unknown_without_a_filled_caption(tmp_path):
    reader, _ = read(tmp_path, {"a.png": None, "b.png": None, "b.txt": " \n"})
    assert style(reader) is None


def test_style_is_that_of_the_training_images(tmp_path):
    regularization = {f"reg/{n}{suffix}": "photo of a woman" for n in range(9) for suffix in (".png", ".txt")}
    reader, _ = read(tmp_path, {**regularization, "hat/a.png": None, "hat/a.txt": TAGS})
    assert style(reader) == "tags"


def test_style_heeds_the_roles_of_the_profile(tmp_path):
    others = {f"plain/{n}{suffix}": "photo of a woman" for n in range(9) for suffix in (".png", ".txt")}
    reader, _ = read(tmp_path, {**others, "hat/a.png": None, "hat/a.txt": TAGS})
    assert style(reader) == "sentences"
    assert style(reader, regularization=["plain/**"]) == "tags"


def test_without_training_captions_style_is_that_of_the_others(tmp_path):
    reader, _ = read(tmp_path, {"reg/a.png": None, "reg/a.txt": TAGS, "hat/a.png": None})
    assert style(reader) == "tags"


def test_kohyas_style_is_that_of_the_first_lines(tmp_path):
    files = {"10_hat/a.png": None, "10_hat/a.txt": f"{SENTENCE}\n{TAGS}"}
    reader, _ = read(tmp_path, files, layout=kohya_folders, trainer="kohya")
    assert style(reader) == "sentences"


def test_an_even_sample_of_very_many_captions_is_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(captioning, "MOST_STYLE_CAPTIONS", 10)
    files = {f"{n:03d}{suffix}": TAGS if n < 70 else SENTENCE for n in range(101) for suffix in (".png", ".txt")}
    reader, _ = read(tmp_path, files)
    assert style(reader) == "tags"
