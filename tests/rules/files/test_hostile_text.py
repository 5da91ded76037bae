import pytest

from rule_testing import caption_problem, concept, dataset, findings, orphan, remedies, severities, subjects, texts
from tagmetry.rules.files.hostile_text import rule
from tagmetry.text import decode_caption


def named(*names, **parts):
    return findings(rule, dataset(concept("hat", names=list(names)), **parts))


def said(data, path="hat/000.txt", row=0):
    problems = [caption_problem(path, row, one.code, **one.values) for one in decode_caption(data).problems]
    found = findings(rule, dataset(concept("hat"), caption_problems=problems))
    return list(zip(severities(rule, found), texts(rule, found), strict=True))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a\x1b.png", "the name of hat/a\\x1b.png contains a control character (U+001B)"),
        ("a\n\t.png", "the name of hat/a\\x0a\\x09.png contains 2 control characters (U+0009, U+000A)"),
        (
            "a\u202egnp.exe.png",
            "the name of hat/a\\u202egnp.exe.png contains a character that turns the reading direction (U+202E)",
        ),
        ("a\u200b.png", "the name of hat/a\\u200b.png contains an invisible character (U+200B)"),
    ],
)
def test_names_of_files(name, text):
    found = named(name)
    assert texts(rule, found) == [text]
    assert severities(rule, found) == ["warning"]
    assert remedies(rule, found[0])[0].startswith("rename it without U+")


def test_emoji_and_letters_of_all_scripts_are_fine():
    assert named("👩‍👩‍👧.png", "❤️.png", "青い髪.png", "e\u0301.png", "می‌خواهم.png") == []


def test_a_folder_is_named_once():
    assert subjects(named("x\u200by/a.png", "x\u200by/b.png")) == ["hat/x\u200by"]


def test_all_files_that_were_seen_are_looked_at():
    found = named("a.png", orphans=[orphan("hat/b\x07.txt")])
    assert subjects(found) == ["hat/b\x07.txt"]


def test_characters_of_captions():
    assert said(b"a\x07, b\x07") == [("warning", "hat/000.txt contains 2 control characters (U+0007)")]
    assert said("a \u202ehat".encode()) == [
        ("warning", "hat/000.txt contains a character that turns the reading direction (U+202E)")
    ]
    assert said("a\u200bb\u2060c".encode()) == [
        ("info", "hat/000.txt contains 2 invisible characters (U+200B, U+2060)")
    ]
    assert said("a\u200b \u202ehat".encode())[0][1] == (
        "hat/000.txt contains 2 invisible characters; some turn the reading direction (U+200B, U+202E)"
    )


def test_a_caption_is_found_by_line_and_column():
    problems = [
        caption_problem("hat/000.txt", 0, one.code, **one.values)
        for one in decode_caption("sks\nred\u200bhat".encode()).problems
    ]
    (found,) = findings(rule, dataset(concept("hat"), caption_problems=problems))
    assert (found.location.line, found.location.column) == (2, 4)
    assert remedies(rule, found) == ["take the characters out: U+200B"]


def test_a_wrong_encoding_is_one_cause_of_another_rule():
    assert said("少女、\x07赤い帽子、笑顔".encode("cp932")) == []


def test_a_file_that_two_images_share_is_reported_once():
    problem = caption_problem("hat/000.txt", 0, "control-character", n=1, characters=("U+0007",), line=1, column=1)
    again = caption_problem("hat/000.txt", 1, "control-character", n=1, characters=("U+0007",), line=1, column=1)
    assert len(findings(rule, dataset(concept("hat", n=2), caption_problems=[problem, again]))) == 1


def test_a_caption_without_an_image_is_named_by_its_file():
    problem = caption_problem("hat/x.txt", -1, "control-character", n=1, characters=("U+0007",), line=1, column=1)
    assert subjects(findings(rule, dataset(concept("hat"), caption_problems=[problem]))) == ["hat/x.txt"]
