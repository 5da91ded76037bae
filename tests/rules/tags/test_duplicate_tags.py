from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.duplicate_tags import rule


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), trigger="ohwx"), **parts)


def test_a_tag_that_stands_twice_is_found_as_it_is_written():
    found = findings(rule, hats("ohwx, smile", None, "ohwx, smile, hat, smile"))
    assert subjects(found) == ["hat/002.txt"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["a tag stands more than once in the caption of hat/002.png: smile ×2"]
    assert figures(found) == [("repeated_tags", 1.0, 0, None, None)]
    assert remedies(rule, found[0]) == ["leave each of them once: smile ×2"]


def test_two_spellings_of_one_tag_are_a_repetition():
    found = findings(rule, hats("long_hair, hat, Long hair, hat, hat"))
    assert texts(rule, found) == [
        "2 tags stand more than once in the caption of hat/000.png: long_hair = Long hair, hat ×3"
    ]


def test_each_image_with_the_caption_is_named():
    assert subjects(findings(rule, hats(*["hat, hat"] * 2))) == ["hat/000.txt", "hat/001.txt"]


def test_a_tag_within_another_is_no_repetition():
    assert findings(rule, hats("ohwx, dress, red dress", "hat", "", None, "smile, , smile face")) == []


def test_the_separators_of_other_scripts_count():
    assert texts(rule, findings(rule, hats("帽子，笑顔，帽子"))) == [
        "a tag stands more than once in the caption of hat/000.png: 帽子 ×2"
    ]


def test_sentences_and_sets_without_captions_are_not_judged():
    assert skips(rule, hats("A hat, a hat.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, hats(None)) == ["there are no captions"]
