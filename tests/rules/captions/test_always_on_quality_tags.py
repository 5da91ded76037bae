import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, texts
from tagmetry.rules.captions.always_on_quality_tags import rule


def hats(captions, *, style="tags", **parts):
    return dataset(concept("hat", captions=captions, **parts), caption_style=style)


def test_quality_tags_on_nearly_all_captions_are_named_together():
    captions = ["sks, masterpiece, best_quality, red"] * 9 + ["sks, best quality, blue"]
    found = findings(rule, hats(captions))
    assert texts(rule, found) == [
        (
            'on 90 % or more of the 10 captions of "hat" stand words of quality that say nothing of what is seen: '
            '"best quality", "masterpiece"'
        )
    ]
    assert figures(found) == [("quality_share", 0.9, 0.9, "limit", "share")]
    assert remedies(rule, found[0])[1].startswith("set no caption prefix")


def test_words_on_every_caption_are_said_to_be_on_all():
    found = findings(rule, hats(["sks, masterpiece, red"] * 10))
    assert texts(rule, found) == [
        'on all 10 captions of "hat" stand words of quality that say nothing of what is seen: "masterpiece"'
    ]


@pytest.mark.parametrize(("n", "is_found"), [(8, False), (9, True)])
def test_nine_of_ten_captions(n, is_found):
    captions = ["sks, masterpiece"] * n + ["sks, red"] * (10 - n)
    assert bool(findings(rule, hats(captions))) is is_found


def test_stock_phrases_in_sentences():
    captions = [f"A highly detailed photo of a hat, number {number}, in 8k." for number in range(5)]
    found = findings(rule, hats(captions, style="sentences"))
    assert found[0].values["words"] == ('"8k"', '"highly detailed"')


def test_a_tag_that_sentences_use_as_a_plain_word_is_no_phrase():
    assert findings(rule, hats(["An old man in a safe place."] * 6, style="sentences")) == []


def test_core_tags_are_left_out():
    assert findings(rule, hats(["sks, masterpiece"] * 6, core_tags=["Masterpiece"])) == []


def test_too_few_captions_are_not_judged():
    assert skips(rule, hats(["masterpiece"] * 4)) == [
        '4 captions of "hat" are fewer than the 5 needed to judge what is always there'
    ]
    assert skips(rule, hats([None])) == ["there are no captions"]
