import sys

import pytest

from quickness import answers_within
from tagmetry.text import BREAK, PAIRS, TermSearch, letter_pairs, units, word_splitter


def test_units_are_words_katakana_runs_and_single_letters_of_unspaced_scripts():
    assert units("A red_hat, Tシャツの女") == ("a", "red", "hat", BREAK, "t", "シャツ", "の", "女")


def test_full_width_letters_and_separators_are_folded():
    assert units("Ｒｅｄ　ｈａｔ、青") == ("red", "hat", BREAK, "青")


def test_hyphens_and_apostrophes_stay_inside_words():
    assert units("close-up of a dog's bed") == ("close-up", "of", "a", "dog's", "bed")


def test_pairs_overlap_and_katakana_is_a_word():
    assert letter_pairs("青い髪") == ("青い", "い髪")
    assert letter_pairs("白いシャツを") == ("白い", "シャツ", "を")
    assert letter_pairs("犬") == ("犬",)


def test_pairs_leave_words_with_spaces_whole():
    assert PAIRS.words("sks 青い髪, 12 한국 소녀") == ("sks", "青い", "い髪", "한국", "소녀")


def test_phrases_of_budoux_where_it_is_installed():
    pytest.importorskip("budoux")
    splitter = word_splitter()
    assert (splitter.name, splitter.unit) == ("BudouX", "phrases")
    assert splitter.words("青い髪の女の子が、窓際に座って") == ("青い", "髪の", "女の子が", "窓際に", "座って")
    assert "".join(splitter.words("一个女孩坐在教室")) == "一个女孩坐在教室"
    assert "".join(splitter.words("一個女孩坐在教室裡")) == "一個女孩坐在教室裡"


def test_a_short_tag_between_marks_is_one_word():
    pytest.importorskip("budoux")
    assert word_splitter().words("ohwx，长发，長髮，微笑") == ("ohwx", "长发", "長髮", "微笑")


def test_scripts_that_budoux_does_not_know_are_counted_in_pairs():
    pytest.importorskip("budoux")
    assert word_splitter().words("ສາວ") == letter_pairs("ສາວ")


def test_without_budoux_pairs_are_counted(monkeypatch):
    monkeypatch.setitem(sys.modules, "budoux", None)
    assert word_splitter() is PAIRS


def found(text, **lists):
    return [(term.term, term.lists) for term in TermSearch(lists).find(units(text))]


def test_terms_are_whole_words():
    assert found("a redhead in red", colours=["red"]) == [("red", ("colours",))]


def test_the_longest_term_wins_and_terms_do_not_overlap():
    lists = {"light": ["soft light", "light"], "praise": ["soft"]}
    assert found("soft light, soft, light", **lists) == [
        ("soft light", ("light",)),
        ("soft", ("praise",)),
        ("light", ("light",)),
    ]


def test_no_term_reaches_across_punctuation():
    assert found("soft, light", light=["soft light"]) == []


def test_a_term_may_stand_in_several_lists():
    assert found("cute", mood=["cute"], praise=["cute"]) == [("cute", ("mood", "praise"))]


def test_terms_of_unspaced_scripts_are_found_inside_sentences():
    assert found("美しい女の子が教室にいる", praise=["美しい"], places=["教室"]) == [
        ("美しい", ("praise",)),
        ("教室", ("places",)),
    ]


def test_a_single_letter_must_stand_alone():
    assert found("海辺", places=["海"]) == []
    assert found("青い、海、空", places=["海", "空"]) == [("海", ("places",)), ("空", ("places",))]


def test_katakana_words_are_whole():
    assert found("カメラを持つ", things=["カメ"]) == []


def test_korean_words_may_have_a_particle():
    assert found("배경에 소녀가 있다", places=["배경"], people=["소녀"]) == [
        ("배경", ("places",)),
        ("소녀", ("people",)),
    ]


def test_terms_without_letters_are_left_out():
    assert found("^_^ smile", faces=["^_^", "smile"]) == [("smile", ("faces",))]


def test_a_megabyte_is_searched_in_linear_time():
    search = TermSearch({"praise": ["very very beautiful", "very"]})
    assert answers_within(5, lambda: search.find(units("very " * 100_000)))
