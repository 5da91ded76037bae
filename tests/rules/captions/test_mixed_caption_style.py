import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, texts
from tagmetry.rules.captions.mixed_caption_style import rule

TAGS = "sks, woman, red hat, beach"
SENTENCE = "A sks woman with a red hat stands on the beach and waves."


def hats(*captions):
    return dataset(concept("hat", captions=list(captions)))


def test_two_sentences_among_lists():
    found = findings(rule, hats(*[TAGS] * 4, SENTENCE, SENTENCE))
    assert texts(rule, found) == [
        'most captions of "hat" are lists of tags (4), 2 are sentences (33 %): hat/004.png, hat/005.png'
    ]
    assert figures(found) == [("minority_style_share", pytest.approx(1 / 3), 0.1, "limit", "share")]
    assert remedies(rule, found[0]) == ["rewrite hat/004.png, hat/005.png as lists of tags like the others"]


def test_two_lists_among_sentences():
    found = findings(rule, hats(*[SENTENCE] * 4, TAGS, TAGS))
    assert [finding.message for finding in found] == ["few-lists"]


@pytest.mark.parametrize(("few", "many", "is_found"), [(1, 4, False), (2, 4, True), (2, 18, True), (2, 19, False)])
def test_two_captions_and_a_tenth(few, many, is_found):
    assert bool(findings(rule, hats(*[TAGS] * many, *[SENTENCE] * few))) is is_found


def test_japanese_lists_and_sentences():
    found = findings(
        rule, hats(*["少女、赤い帽子、海辺、笑顔"] * 4, *["赤い帽子の少女が海辺に立って手を振っている。"] * 2)
    )
    assert [finding.message for finding in found] == ["few-sentences"]


def test_short_captions_are_neither():
    assert findings(rule, hats(*["sks woman"] * 5, SENTENCE, SENTENCE)) == []


def test_concepts_are_judged_by_themselves():
    data = dataset(concept("hat", captions=[TAGS] * 5), concept("cat", captions=[SENTENCE] * 5))
    assert findings(rule, data) == []


def test_without_captions_it_is_skipped():
    assert skips(rule, dataset(concept("hat", captions=[None]))) == ["there are no captions"]
