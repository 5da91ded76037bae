from dataclasses import replace

import pytest
from PIL import Image

from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry import audit
from tagmetry.rules.duplicates.duplicate_caption_mismatch import rule

PAIR = ["hat/000.png", "hat/001.png"]


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions)), **parts)


def test_exact_copies_must_have_the_same_tags():
    found = findings(rule, hats("sks, red hat, beach", "sks, blue hat, beach", exact=[PAIR]))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        ("copies of one picture have different tags (50 % in common): blue hat, red hat; hat/000.png, hat/001.png")
    ]
    assert figures(found) == [("tags_in_common", 0.5, 1.0, None, "share")]
    assert remedies(rule, found[0]) == [
        (
            "look at the picture, and give hat/000.png, hat/001.png the tags that are right; these differ: "
            "blue hat, red hat"
        )
    ]


def test_order_spelling_and_synonyms_make_no_difference():
    assert findings(rule, hats("sks, red_hat, pony tail", "ponytail, Red hat, sks", exact=[PAIR])) == []


@pytest.mark.parametrize(("common", "is_found"), [(3, True), (4, False)])
def test_near_duplicates_must_have_most_tags_in_common(common, is_found):
    # One tag of all is on one of the two only: 3 / 4 or 4 / 5.
    tags = [f"t{number}" for number in range(common)]
    data = hats(", ".join(tags), ", ".join([*tags, "hat"]), near=[PAIR])
    assert bool(findings(rule, data)) is is_found


def test_crops_and_variants_may_have_other_tags():
    assert findings(rule, hats("a, b", "c, d", near=[PAIR], crops=PAIR[1:])) == []
    assert findings(rule, hats("a, b", "c, d", near=[PAIR], variants=PAIR[1:])) == []


def test_a_copy_without_a_caption_is_left_to_another_rule():
    assert findings(rule, hats("a, b", None, exact=[PAIR])) == []


def test_sentences_of_copies_may_differ():
    data = hats("A hat lies there.", "There lies a hat.", exact=[PAIR], caption_style="sentences")
    assert findings(rule, data) == []


def with_second(read, other):
    data = hats(read)
    return replace(data, captions=replace(data.captions, second={0: (("hat/000.caption", other),)}))


def test_a_second_caption_that_says_other_words():
    found = findings(rule, with_second("sks, red hat", "sks, blue hat, sea"))
    assert subjects(found) == ["hat/000.txt"]
    assert texts(rule, found) == [
        (
            "hat/000.png has a second caption, hat/000.caption, that says other words than hat/000.txt, which is read: "
            '"blue hat, sea"'
        )
    ]
    assert remedies(rule, found[0]) == ["write what is right into hat/000.txt, and remove hat/000.caption"]


@pytest.mark.parametrize("other", ["sks, Red_Hat", "red hat, sks", " ", ""])
def test_a_second_caption_that_says_the_same_is_fine(other):
    assert findings(rule, with_second("sks, red hat", other)) == []


def test_second_captions_are_read_from_disk(tmp_path):
    home = tmp_path / "data" / "hat"
    home.mkdir(parents=True)
    for name in ("a", "b"):
        Image.effect_noise((16, 16), 90).save(home / f"{name}.png")
        (home / f"{name}.txt").write_text("sks, red hat")
    (home / "a.caption").write_text("sks, blue hat")
    (home / "b.caption").write_text("red_hat, sks")
    report = audit(tmp_path / "data", policy="tagmetry:recommended", plugins=False)
    assert [found.subject.paths for found in report.findings if found.rule == rule.id] == [("hat/a.txt", "hat/a.png")]


def test_files_beside_a_manifest_are_compared_with_it(tmp_path):
    home = tmp_path / "data"
    home.mkdir()
    Image.effect_noise((16, 16), 90).save(home / "a.png")
    (home / "metadata.jsonl").write_text('{"file_name": "a.png", "text": "sks, red hat"}\n')
    (home / "a.txt").write_text("sks, blue hat")
    report = audit(home, policy="tagmetry:recommended", plugins=False)
    assert [found.values["other"] for found in report.findings if found.rule == rule.id] == ["a.txt"]
