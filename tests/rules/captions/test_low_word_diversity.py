import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, texts
from tagmetry.rules.captions import low_word_diversity, wording
from tagmetry.rules.captions.low_word_diversity import rule
from tagmetry.text import PAIRS


def hats(captions, **parts):
    return dataset(concept("hat", captions=captions, trigger="sks", class_word="hat", **parts))


def test_few_other_words_are_found():
    found = findings(rule, hats(["sks hat, red"] * 4 + ["sks hat, blue"] * 3 + ["sks hat, old"] * 3))
    assert texts(rule, found) == [
        (
            'beside trigger, class word and words that are always there, the 10 captions of "hat" hold only 3 other '
            "words (index 0.95, limit 2), most often red, blue, old"
        )
    ]
    assert figures(found) == [("word_diversity", pytest.approx(3 / 10**0.5), 2.0, "limit", "ratio")]
    assert remedies(rule, found[0]) == [
        'say in each caption of "hat" what is different in it: place, light, clothes, pose, view'
    ]


@pytest.mark.parametrize(("words", "is_found"), [("abcde", False), ("abcda", True)])
def test_the_index_is_judged(words, is_found):
    # 5 / √5 is 2.2, 4 / √5 is 1.8.
    captions = [f"sks hat, w{word}" for word in words]
    assert bool(findings(rule, hats(captions))) is is_found


def test_at_the_limit_it_is_not_found():
    assert findings(rule, hats([f"sks hat, w{word}" for word in "abcd"]), min_captions=4) == []


def test_words_that_are_always_there_do_not_count():
    found = findings(
        rule, hats(["sks hat on the wooden table", "the sks hat, wooden table"] * 2 + ["sks, wooden table"])
    )
    assert [finding.message for finding in found] == ["none"]


def test_many_captions_of_few_words_each_are_fine():
    assert findings(rule, hats([f"sks hat, w{number % 60}" for number in range(200)])) == []


def test_core_tags_do_not_count():
    captions = ["sks hat, red, round"] * 2 + ["sks hat, red, tall"] * 2 + ["sks hat, tall"]
    assert findings(rule, hats(captions, core_tags=["red", "round", "tall"]))[0].message == "none"


def test_one_caption_on_half_of_the_images_is_left_to_another_rule():
    assert findings(rule, hats(["sks hat"] * 5 + ["sks hat, red", "sks hat, blue"])) == []


def test_unspaced_scripts_say_what_was_counted(monkeypatch):
    monkeypatch.setattr(wording, "word_splitter", lambda: PAIRS)
    found = findings(rule, hats(["sks、赤い"] * 3 + ["sks、青い"] * 2 + ["sks、白い"] * 2))
    assert texts(rule, found) == [
        (
            'beside trigger, class word and what is always there, the 7 captions of "hat" hold only 3 other pieces of '
            "text (index 1.13, limit 2; counted in pairs of characters), most often 赤い, 白い, 青い"
        )
    ]


def test_plain_japanese_captions_are_fine():
    captions = [
        "青い髪の女の子が教室の窓際に座って本を読んでいる",
        "海辺を走る少女、夕焼けの空と白い服",
        "赤い傘をさして雨の街を歩く後ろ姿",
        "台所で料理をしながら笑っている横顔",
        "雪の積もった公園で手を振る女の子",
    ]
    assert findings(rule, hats(captions)) == []


def test_too_few_captions_are_not_judged():
    assert skips(rule, hats(["sks hat"] * 4)) == [
        '4 captions of "hat" are fewer than the 5 needed to judge their words'
    ]
    assert skips(rule, hats([None])) == ["there are no captions"]


def test_the_page_explains_the_index():
    assert "V / √N" in low_word_diversity.__doc__
