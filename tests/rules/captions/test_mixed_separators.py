from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.captions.mixed_separators import rule


def hats(*captions, **profile):
    return dataset(concept("hat", captions=list(captions)), **profile)


def test_another_separator_than_most():
    found = findings(rule, hats(*["sks, red hat, beach"] * 3, "sks、赤い帽子、海"))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ['one of 4 captions separates tags by "、", most of them by ",": hat/003.png']
    assert figures(found) == [("other_separator_share", 0.25, 0, None, "share")]
    assert remedies(rule, found[0]) == ["write commas between the tags of hat/003.png"]
    assert found[0].subject.paths == ("hat/003.png",)


def test_a_full_width_comma_within_a_caption():
    found = findings(rule, hats("sks, 红色帽子，海边", "sks, hat"))
    assert [finding.values["mark"] for finding in found] == [('"，"',)]


def test_each_other_mark_has_its_finding():
    found = findings(rule, hats(*["a, b, c"] * 3, "a; b; c", "1girl solo long_hair blue_eyes"))
    assert [(finding.message, finding.key) for finding in found] == [("spaces", " "), ("other", ";")]


def test_one_mark_for_all_is_fine():
    assert findings(rule, hats("少女、帽子", "少年、靴")) == []
    assert findings(rule, hats("a, b", "c, d")) == []


def test_a_mark_at_which_the_trainer_does_not_split():
    found = findings(rule, hats("少女、帽子", "少年、靴", trainer="kohya"))
    assert texts(rule, found) == [
        ('2 of 2 captions separate tags by "、", and kohya splits only at commas: it takes such a caption for one tag')
    ]
    assert findings(rule, hats("a, b", "c, d", trainer="kohya")) == []
    spaces = findings(rule, hats(*["1girl solo long_hair blue_eyes"] * 2, trainer="onetrainer"))
    assert [finding.message for finding in spaces] == ["spaces-not-split"]


def test_commas_among_other_marks():
    captions = ["少女、帽子", "少年、靴", "sks, hat"]
    found = findings(rule, hats(*captions))
    assert [finding.message for finding in found] == ["commas"]
    assert remedies(rule, found[0]) == ["write one mark in all captions, best the comma, which every trainer takes"]
    # For a trainer that splits at commas only, the others are the fault.
    assert [finding.message for finding in findings(rule, hats(*captions, trainer="kohya"))] == ["not-split"]


def test_line_ends_count_where_lines_are_read():
    captions = ["a, b, c", "a, b, c", "a\nb\nc"]
    assert [finding.message for finding in findings(rule, hats(*captions, trainer="everydream"))] == ["lines"]
    assert findings(rule, hats(*captions, trainer="kohya")) == []
    assert findings(rule, hats(*captions)) == []


def test_faces_names_and_the_mark_for_kept_tokens_are_no_separators():
    assert findings(rule, hats("sks, ;d, steins;gate", "sks ||| red, blue")) == []


def test_commas_of_sentences_do_not_count():
    sentence = "赤い帽子の少女が、海辺に立って手を振っている。"
    assert findings(rule, hats("sks, hat, beach", "sks, cap, beach", sentence)) == []
    assert skips(rule, hats(sentence, caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]


def test_captions_of_one_word_have_no_separator():
    assert findings(rule, hats("sks", "sks dog")) == []


def test_without_captions_it_is_skipped():
    assert skips(rule, dataset(concept("hat", captions=[None]))) == ["there are no captions"]
