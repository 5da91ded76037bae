from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.rules.captions.shared_caption import rule


def hats(names, caption_paths=None, **parts):
    return dataset(concept("hat", names=names, captions=["red hat"] * len(names), caption_paths=caption_paths), **parts)


def test_two_images_of_one_stem():
    found = findings(rule, hats(["a.jpg", "a.png", "b.png"]))
    assert subjects(found) == ["hat/a.txt"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["2 images use hat/a.txt as their caption: hat/a.jpg, hat/a.png"]
    assert figures(found) == [("images_per_caption_file", 2, 1, None, "images")]
    assert remedies(rule, found[0]) == ["rename hat/a.png, and give each a caption of its own"]


def test_different_stems_are_fine():
    assert findings(rule, hats(["a.png", "b.png"])) == []


def test_copies_of_one_picture_are_left_to_the_duplicate_rules():
    assert findings(rule, hats(["a.jpg", "a.png"], near=[["hat/a.jpg", "hat/a.png"]])) == []


def test_a_manifest_is_no_shared_caption():
    assert findings(rule, hats(["a.jpg", "a.png"], ["hat/metadata.jsonl"] * 2)) == []
