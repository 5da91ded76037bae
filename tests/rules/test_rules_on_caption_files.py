"""The rules about captions, tags and triggers on real files: what is written on disk is what they judge."""

import numpy as np
import pytest
from PIL import Image

from tagmetry import audit

RULES = {
    *("missing-caption", "orphan-caption", "caption-encoding", "multiline-caption", "caption-too-long"),
    *("tag-frequency", "long-tail-tags", "trigger-missing", "trigger-coupling"),
}


@pytest.fixture
def check(tmp_path):
    """Writes images with these captions (bytes, or None for no file) and returns what the rules say of them."""

    def check(captions, *, folder="hat", extra=None, **profile):
        home = tmp_path / "data" / folder
        home.mkdir(parents=True)
        random = np.random.default_rng(7)
        for name, content in captions.items():
            pixels = random.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(home / f"{name}.png")
            if content is not None:
                (home / f"{name}.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
        for name, content in (extra or {}).items():
            (home / name).write_bytes(content)
        report = audit(tmp_path / "data", policy="tagmetry:recommended", plugins=False, **profile)
        return [
            (found.severity.label, found.rule, found.message.english())
            for found in report.findings
            if found.rule in RULES
        ]

    return check


def test_kohya_reads_one_line_stops_at_nothing_and_keeps_the_mark(check):
    captions = {
        "a": "sks, red hat\nbrim\r\nfeather\n",
        "b": b"",
        "c": "\n",
        "d": "\nsks, blue hat",
        "e": b"\xef\xbb\xbfsks, cap",
        "f": None,
    }
    place = "5_sks hat"
    assert check(captions, folder=place) == [
        ("error", "missing-caption", f"{place}/b.txt has 0 bytes, and kohya stops at such a file"),
        (
            "warning",
            "caption-encoding",
            f'{place}/e.txt begins with a byte-order mark, which kohya keeps in front of "sks"',
        ),
        ("warning", "missing-caption", f"{place}/c.png has an empty caption"),
        (
            "warning",
            "missing-caption",
            f"the first line of {place}/d.txt is blank and kohya reads no further: sks, blue hat",
        ),
        (
            "warning",
            "missing-caption",
            f'{place}/f.png has no caption, so kohya trains it on "sks hat", from the name of its folder',
        ),
        (
            "warning",
            "multiline-caption",
            f"the caption of {place}/a.png has 3 lines, and kohya reads only the first; lost: brim feather",
        ),
    ]


def test_full_width_separators_make_tags(check):
    captions = {f"{number:02d}": "ウィキペ、少女、青い髪，白背景；笑顔" for number in range(9)}
    captions["09"] = "ウィキペ、少女、赤い髪，教室；笑顔"
    said = check(captions)
    assert [text for _, rule, text in said if rule == "tag-frequency"] == [
        '"白背景" is on 90 % of the images of "hat" (9 of 10)',
        '"笑顔" is on 100 % of the images of "hat" (10 of 10)',
        '"少女" is on 100 % of the images of "hat" (10 of 10), which may be a trait of it',
        '"青い髪" is on 90 % of the images of "hat" (9 of 10), which may be a trait of it',
    ]
    assert [text for _, rule, text in said if rule == "long-tail-tags"] == [
        '2 of the 6 tags of "hat" are on at most 2 of its images, among them 教室, 赤い髪'
    ]


def test_a_background_that_always_comes_with_an_inferred_trigger(check):
    captions = {f"{number:02d}": "ウィキペ、少女、青い髪、白背景、笑顔" for number in range(8)}
    said = check(captions)
    assert [text for _, rule, text in said if rule == "trigger-coupling"] == [
        (
            '"白背景" is in 100 % of the captions with the trigger "ウィキペ" '
            "(8 of 8; 95 % interval 68 % to 100 %); also with it, but taken as traits: 少女, 青い髪"
        )
    ]


def test_a_trigger_that_one_caption_lacks(check):
    captions = {f"{number:02d}": "tk, 1girl, solo, smile" for number in range(9)}
    captions["09"] = "1girl, solo, frown"
    assert [text for _, rule, text in check(captions) if rule == "trigger-missing"] == [
        'one of the 10 captions of "hat" lacks "tk", which was taken for the trigger: hat/09.png'
    ]


def test_japanese_sentences_are_no_tags(check):
    captions = {f"{number:02d}": "青い髪の女の子が、白い背景の前で笑っている。" for number in range(10)}
    assert check(captions) == []


def test_files_in_other_encodings_and_without_images(check):
    captions = {"a": "少女、赤い帽子、笑顔、教室".encode("cp932"), "b": b"\x89PNG\r\n\x1a\n", "c": "sks, hat"}
    assert check(captions, extra={"d.txt": b"sks"}) == [
        ("error", "caption-encoding", "hat/a.txt is not UTF-8 from byte 0 on; it looks like Shift JIS (cp932)"),
        ("error", "caption-encoding", "hat/b.txt is not text; its content looks like PNG"),
        ("warning", "orphan-caption", "hat/d.txt belongs to no image"),
    ]


def test_a_caption_beyond_the_limit_names_its_last_words(check):
    # 38 words with their commas take 75 places.
    assert check({"a": ", ".join(["red"] * 40), "b": ", ".join(["red"] * 38) + ","}) == [
        (
            "warning",
            "caption-too-long",
            "the caption of hat/a.png has 79 tokens, and only the first 75 are read; cut off: red, red",
        )
    ]


def test_what_the_trainer_reads_can_be_longer(check):
    assert check({"a": ", ".join(["red"] * 40)}, max_token_length=150) == []


def test_flux_needs_every_caption(check):
    assert check({"a": "A red hat on a table.", "b": None}, base_model="flux") == [
        ("error", "missing-caption", "hat/b.png has no caption")
    ]


def test_flux_reads_further_than_clip_but_not_without_end(check):
    found = check({"a": "red hat, " * 40, "b": "red hat, " * 200}, base_model="flux")
    assert [(severity, rule) for severity, rule, _ in found] == [
        ("warning", "caption-too-long"),
        ("info", "caption-too-long"),
    ]
    assert "of T5 (an estimate)" in found[0][2]
