from typing import get_args

import pytest

from rule_testing import caption_problem, concept, dataset, findings, remedies, severities, subjects, texts
from tagmetry.rules.captions.caption_encoding import rule
from tagmetry.text import decode_caption
from tagmetry.text.decoding import ProblemCode

BYTES = {
    "bom": b"\xef\xbb\xbfsks, red hat",
    "utf-16": "sks, red hat".encode("utf-16"),
    "utf-32": "sks, red hat".encode("utf-32"),
    "not-utf8": "少女、赤い帽子、笑顔".encode("cp932"),
    "nul-bytes": b"sks,\x00 red hat, brim, table, smile, window",
    "binary": b"\x89PNG\r\n\x1a\n and more",
    "too-large": b"sks, hat, " * 200_000,
    "replacement-character": "sks, caf\ufffd".encode(),
}


def problems(data, path="hat/000.txt", row=0):
    return [caption_problem(path, row, problem.code, **problem.values) for problem in decode_caption(data).problems]


def said(data, **profile):
    """Severity, message and first remedy for a caption of these bytes."""
    text = decode_caption(data).text
    hats = dataset(concept("hat", captions=[text[:100]]), caption_problems=problems(data), **profile)
    found = findings(rule, hats)
    return [
        (severity, text, remedies(rule, finding)[0])
        for severity, text, finding in zip(severities(rule, found), texts(rule, found), found, strict=True)
    ]


def test_single_characters_are_left_to_another_rule():
    assert said(b"sks, red\x07 hat") == said("sks, red\u200bhat".encode()) == []


@pytest.mark.parametrize("code", sorted({*get_args(ProblemCode)} - {"control-character", "invisible-character"}))
def test_every_problem_of_decoding_has_a_text_of_its_own(code):
    hats = dataset(concept("hat"), caption_problems=problems(BYTES[code]))
    found = findings(rule, hats)
    assert [finding.key for finding in found] == [code]
    assert found[0].message != "other"
    assert texts(rule, found)[0].startswith("hat/000.txt ")
    assert remedies(rule, found[0])


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("bom", "warning"),
        ("utf-16", "error"),
        ("utf-32", "error"),
        ("not-utf8", "error"),
        ("nul-bytes", "error"),
        ("binary", "error"),
        ("too-large", "warning"),
        ("replacement-character", "warning"),
    ],
)
def test_what_no_trainer_can_read_is_an_error(code, severity):
    assert [found for found, _, _ in said(BYTES[code])] == [severity]


def test_shift_jis_is_recognized():
    assert said(BYTES["not-utf8"]) == [
        (
            "error",
            "hat/000.txt is not UTF-8 from byte 0 on; it looks like Shift JIS (cp932)",
            "open it as Shift JIS (cp932) and save it as UTF-8 without byte-order mark",
        )
    ]


def test_bytes_of_no_known_encoding():
    assert said(b"hat \x81\x8d\x9d\xff") == [
        (
            "error",
            "hat/000.txt is not UTF-8 from byte 4 on, and not in any encoding that is known",
            "write the caption anew as UTF-8 text",
        )
    ]


def test_damaged_utf8():
    assert said("少女、赤い帽子、笑顔".encode()[:-1])[0][:2] == (
        "error",
        "hat/000.txt is UTF-8 text that is damaged at byte 27",
    )


def test_utf16_with_and_without_a_mark():
    assert said(BYTES["utf-16"]) == [
        (
            "error",
            "hat/000.txt is UTF-16 text, and captions are read as UTF-8",
            "save it as UTF-8 without byte-order mark",
        )
    ]
    assert said("sks, red hat".encode("utf-16-le")) == [
        (
            "error",
            "hat/000.txt is UTF-16 text without a mark that says so; captions are read as UTF-8",
            "open it as UTF-16 and save it as UTF-8 without byte-order mark",
        )
    ]
    assert said(BYTES["utf-32"])[0][1] == "hat/000.txt is UTF-32 text, and captions are read as UTF-8"


def test_nul_bytes():
    assert said(BYTES["nul-bytes"])[0][1:] == ("hat/000.txt contains a NUL byte, at byte 4", "take the NUL bytes out")
    assert said(b"a cap, a\x00 red\x00 hat on a wooden table")[0][1] == (
        "hat/000.txt contains 2 NUL bytes, the first at byte 8"
    )


def test_what_is_no_text():
    assert said(BYTES["binary"])[0][1] == "hat/000.txt is not text; its content looks like PNG"
    assert said(bytes(range(1, 9)) * 20)[0][1] == "hat/000.txt is not text"


def test_what_is_too_large():
    assert said(BYTES["too-large"])[0][1] == "hat/000.txt is larger than 1.0 MB; what comes after that was not checked"


def test_lost_letters():
    assert [text for _, text, _ in said(BYTES["replacement-character"])] == [
        "hat/000.txt contains a replacement character (�), where an earlier conversion lost a letter"
    ]
    assert [text for _, text, _ in said("\ufffd\ufffd".encode())] == [
        "hat/000.txt contains 2 replacement characters (�), where an earlier conversion lost letters"
    ]


def test_a_character_is_found_by_line_and_column():
    hats = dataset(concept("hat"), caption_problems=problems("sks\nred\ufffdhat".encode()))
    (found,) = findings(rule, hats)
    assert (found.location.line, found.location.column) == (2, 4)


def test_a_byte_order_mark_is_only_that():
    assert said(BYTES["bom"]) == [
        ("warning", "hat/000.txt begins with a byte-order mark", "save it as UTF-8 without byte-order mark")
    ]


@pytest.mark.parametrize(("trainer", "name"), [("kohya", "kohya"), ("everydream", "EveryDream2")])
def test_where_the_mark_stays_the_first_tag_is_named(trainer, name):
    assert said(BYTES["bom"], trainer=trainer)[0][1] == (
        f'hat/000.txt begins with a byte-order mark, which {name} keeps in front of "sks"'
    )


def test_in_a_sentence_it_is_the_first_word():
    found = said("\ufeffA red hat, worn by a woman".encode(), trainer="kohya", caption_style="sentences")
    assert found[0][1] == 'hat/000.txt begins with a byte-order mark, which kohya keeps in front of "A"'


def test_a_mark_before_nothing_has_no_word_to_name():
    assert said(b"\xef\xbb\xbf", trainer="kohya")[0][1] == "hat/000.txt begins with a byte-order mark"


def test_a_wrong_encoding_is_one_cause_and_one_finding():
    data = b"\xef\xbb\xbf" + "少女、\u0007帽子".encode("cp932")
    assert [problem.code for problem in decode_caption(data).problems] == ["bom", "not-utf8", "control-character"]
    assert [severity for severity, _, _ in said(data)] == ["error"]


def test_a_file_that_two_images_share_is_reported_once():
    data = dataset(
        concept("hat", captions="hat", names=["a.jpg", "a.png"]),
        caption_problems=[*problems(BYTES["bom"], "hat/a.txt", 0), *problems(BYTES["bom"], "hat/a.txt", 1)],
    )
    assert subjects(findings(rule, data)) == ["hat/a.txt"]


def test_captions_of_every_role_are_read_by_the_trainer():
    data = dataset(
        concept("person", captions=["a person"], role="regularization"),
        caption_problems=problems(BYTES["utf-16"], "person/000.txt", 0),
    )
    assert subjects(findings(rule, data)) == ["person/000.txt"]


def test_a_caption_without_a_readable_image_is_named_by_its_file():
    data = dataset(concept("hat"), caption_problems=problems(BYTES["bom"], "hat/broken.txt", -1))
    (found,) = findings(rule, data)
    assert (found.subject.kind, found.subject.name) == ("file", "hat/broken.txt")


def test_what_a_layout_of_others_reports_is_said_in_general():
    data = dataset(
        concept("hat", n=2),
        caption_problems=[caption_problem("hat/000.txt", 0, "ebcdic"), caption_problem("hat/001.txt", 1, "not-utf8")],
    )
    found = findings(rule, data)
    assert texts(rule, found) == [
        "hat/000.txt is not written as plain UTF-8 text (ebcdic)",
        "hat/001.txt is not written as plain UTF-8 text (not-utf8)",
    ]
    assert severities(rule, found) == ["warning", "warning"]


def test_clean_captions_are_clean():
    assert findings(rule, dataset(concept("hat", captions=["帽子, 赤い"]))) == []
