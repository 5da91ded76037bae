"""The rules that carry the engine's problems with files: each code has a text, and none is lost."""

import pytest

from rule_testing import concept, dataset, findings, problem, remedies, severities, subjects, texts
from tagmetry.dataset import FileProblem
from tagmetry.extraction.records import CODES
from tagmetry.rules.files import (
    decoder_failure,
    invalid_manifest,
    oversized_file,
    unreachable_file,
    unreadable_image,
    unsupported_format,
)

RULES = {
    "unreadable": unreadable_image.rule,
    "format": unsupported_format.rule,
    "oversized": oversized_file.rule,
    "decoder": decoder_failure.rule,
    "unreachable": unreachable_file.rule,
    "manifest": invalid_manifest.rule,
}
VALUES = {
    "looks_like": "HTML",
    "size": 20_480,
    "reason": "broken data stream",
    "width": 60_000,
    "height": 60_000,
    "pixels": 3_600_000_000,
    "limit": 64_000_000,
    "content": "HEIC",
    "allowed": ("JPEG", "PNG"),
    "seconds": 30.0,
    "signal": "SIGSEGV",
}


def said(kind, code, line=0, **values):
    rule = RULES[kind]
    data = dataset(concept("hat"), problems=[problem("hat/x.png", kind, code, line=line, **values)])
    found = findings(rule, data)
    return texts(rule, found)[0]


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
def test_every_code_of_measuring_has_a_text_and_a_remedy(kind, code):
    rule = RULES[kind]
    values = {name: VALUES[name] for name in CODES[kind][code]}
    (found,) = findings(rule, dataset(problems=[problem("hat/x.png", kind, code, **values)]))
    assert found.message == code
    assert texts(rule, [found])[0].count("hat/x.png") == 1
    assert remedies(rule, found)


def test_an_unreadable_image_is_an_error():
    data = dataset(concept("hat"), problems=[problem("hat/x.png", "unreadable", "empty")])
    found = findings(unreadable_image.rule, data)
    assert subjects(found) == ["hat/x.png"]
    assert severities(unreadable_image.rule, found) == ["error"]
    assert found[0].subject.kind == "file"


@pytest.mark.parametrize("kind", ["format", "oversized", "decoder", "unreachable", "manifest"])
def test_the_others_are_warnings(kind):
    found = findings(RULES[kind], dataset(problems=[problem("hat/x.png", kind, "new")]))
    assert severities(RULES[kind], found) == ["warning"]


def test_each_rule_takes_its_own_kind_only():
    problems = [problem(f"hat/{kind}.png", kind, "new") for kind in RULES]
    data = dataset(concept("hat"), problems=problems)
    for kind, rule in RULES.items():
        assert subjects(findings(rule, data)) == [f"hat/{kind}.png"]


def test_a_dataset_without_problems_is_clean():
    for rule in RULES.values():
        assert findings(rule, dataset(concept("hat"))) == []


def test_what_an_unreadable_image_is_said_to_be():
    assert said("unreadable", "empty") == "hat/x.png is empty"
    assert (
        said("unreadable", "not-an-image", looks_like="HTML")
        == "hat/x.png is not an image; its content looks like HTML"
    )
    assert said("unreadable", "not-an-image", looks_like="38 f2 af 67") == (
        "hat/x.png is not an image; it begins with the bytes 38 f2 af 67"
    )
    assert said("unreadable", "truncated", size=2_048) == (
        "hat/x.png is cut off: its 2.0 kB hold only a part of the picture"
    )
    assert said("unreadable", "corrupt", reason="bad checksum") == "hat/x.png cannot be decoded: bad checksum"
    assert said("unreadable", "invalid-size", width=0, height=7) == "hat/x.png claims an impossible size of 0 × 7 px"
    assert said("unreadable", "non-finite") == "hat/x.png holds pixels that are not finite numbers"


def test_what_an_unsupported_format_is_said_to_be():
    assert said("format", "not-allowed", content="HEIC", allowed=("JPEG",)) == (
        "hat/x.png is HEIC, a format that is not read"
    )
    assert said("format", "no-decoder", content="AVIF") == (
        "hat/x.png is AVIF, for which this installation of Pillow has no decoder"
    )


def test_what_an_oversized_file_is_said_to_be():
    assert said("oversized", "too-large", size=900_000_000, limit=256_000_000) == (
        "hat/x.png has 900 MB; only files up to 256 MB are opened"
    )
    sizes = {"width": 60_000, "height": 60_000, "pixels": 3_600_000_000, "limit": 64_000_000}
    assert said("oversized", "too-many-pixels", **sizes) == (
        "hat/x.png has 60,000 × 60,000 px, 3,600,000,000 in all; the limit is 64,000,000"
    )
    assert said("oversized", "too-many-frames", limit=100_000) == "hat/x.png claims more than 100,000 frames"
    assert said("oversized", "metadata-bomb", limit=32_000_000) == "hat/x.png holds more than 32.0 MB of metadata"


def test_how_a_decoder_is_said_to_have_failed():
    assert said("decoder", "timeout", seconds=30.0) == "hat/x.png was not decoded within 30 seconds"
    assert said("decoder", "crash", signal="SIGSEGV") == "the decoder crashed on hat/x.png (SIGSEGV)"
    assert said("decoder", "memory", limit=2_000_000_000) == "hat/x.png needs more than 2.0 GB of memory to be decoded"


def test_why_a_file_is_said_to_be_out_of_reach():
    assert said("unreachable", "no-permission", reason="Permission denied") == (
        "hat/x.png cannot be read: Permission denied"
    )
    assert said("unreachable", "folder-unreadable", reason="Permission denied") == (
        "the folder hat/x.png cannot be listed, so nothing in it was checked: Permission denied"
    )
    assert said("unreachable", "vanished", reason="No such file") == "hat/x.png disappeared before it could be read"
    assert said("unreachable", "changed") == "hat/x.png changed while it was read"
    assert said("unreachable", "io-error", reason="Stale file handle") == (
        "hat/x.png could not be read to its end: Stale file handle"
    )
    assert said("unreachable", "not-regular") == "hat/x.png is not a file but a pipe, socket or device"
    assert said("unreachable", "broken-link") == "hat/x.png is a link to something that does not exist"
    assert said("unreachable", "symlink-loop") == "hat/x.png is a link that leads back to itself"
    assert said("unreachable", "outside-root") == "hat/x.png is a link out of the dataset and was not followed"
    assert said("unreachable", "too-long") == "hat/x.png has a name longer than this system can open"


def test_what_is_said_to_be_wrong_with_a_manifest():
    assert said("manifest", "unreadable", reason="Permission denied") == "hat/x.png cannot be read: Permission denied"
    assert said("manifest", "too-large", limit=1_000_000_000) == "hat/x.png is larger than 1.0 GB and was not read"
    assert said("manifest", "not-utf8", line=3, byte=40) == "hat/x.png is not UTF-8 text from its line 3 on, byte 40"
    assert said("manifest", "invalid-line", line=3, reason="NUL character") == (
        "line 3 of hat/x.png cannot be read: NUL character"
    )
    assert (
        said("manifest", "invalid-json", line=3, column=9) == "line 3 of hat/x.png is not valid JSON from column 9 on"
    )
    assert said("manifest", "too-deep", line=3) == "line 3 of hat/x.png is nested too deeply to be read"
    assert said("manifest", "long-number", line=3) == "line 3 of hat/x.png holds a number of too many digits"
    assert said("manifest", "long-line", line=3, limit=1_048_576) == (
        "line 3 of hat/x.png is longer than 1.0 MB and was not read"
    )
    assert said("manifest", "no-object", line=3) == (
        'line 3 of hat/x.png is not of the form {"file_name": ..., "text": ...}'
    )
    assert said("manifest", "nul", line=3) == "line 3 of hat/x.png holds a NUL character and was not used"
    assert said("manifest", "long-field", line=3, limit=131_072) == (
        "from line 3 on hat/x.png was not read: a field there has more than 131,072 characters, as where a quotation "
        "mark is never closed"
    )
    assert said("manifest", "no-file-column", line=1, columns=("name;text",), keys=("file_name", "image")) == (
        "hat/x.png has no column for file names: its columns are name;text, and names are looked for under "
        "file_name, image"
    )
    assert said("manifest", "no-file-name", line=3, keys=("file_name", "image")) == (
        "line 3 of hat/x.png names no file; names are looked for under file_name, image"
    )
    assert said("manifest", "bad-path", line=3, name="../a.png") == (
        'line 3 of hat/x.png names "../a.png", which is no path inside the dataset'
    )
    assert said("manifest", "missing-file", line=3, name="a.png") == (
        'line 3 of hat/x.png names "a.png", which is not in the dataset'
    )
    assert said("manifest", "duplicate", line=3, name="a.png") == (
        'line 3 of hat/x.png names "a.png" again; the first line counts'
    )
    assert said("manifest", "no-caption", line=3, name="a.png", keys=("text", "caption")) == (
        'line 3 of hat/x.png has no caption for "a.png"; captions are looked for under text, caption'
    )


def test_a_line_of_a_manifest_is_told_by_place_and_name():
    problems = [
        problem("metadata.jsonl", "manifest", "missing-file", line=2, name="a.png"),
        problem("metadata.jsonl", "manifest", "missing-file", line=5, name="b.png"),
    ]
    found = findings(invalid_manifest.rule, dataset(concept("hat"), problems=problems))
    assert [(finding.location.line, finding.key) for finding in found] == [(2, "a.png"), (5, "b.png")]


@pytest.mark.parametrize("kind", list(RULES))
def test_a_code_without_a_text_is_said_in_general(kind):
    assert "hat/x.png" in said(kind, "acme-broke")
    assert "acme-broke" in said(kind, "acme-broke")


def test_a_known_code_without_its_values_is_said_in_general():
    rule = unreadable_image.rule
    found = findings(rule, dataset(problems=[FileProblem("x.png", "unreadable", "corrupt", {})]))
    assert texts(rule, found) == ["x.png cannot be read as an image (corrupt)"]
