import pytest
from hypothesis import given
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text import WordSearch, contains_word, first_word, last_word, reads_as_wide_sentences, words_of_name


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a photo of sks dog", "sks"),
        ("SKS_dog, smile", "sks"),
        ("a photo of sks  dog", "sks dog"),
        ("long_hair", "long hair"),
        ("long hair", "long_hair"),
        ("t-shirt", "shirt"),
        ("sks's dog", "sks"),
        ("ｓｋｓ dog", "sks"),
        ("STRASSE", "straße"),
        ("cafe\u0301", "café"),
        (r"saber \(fate\)", "saber (fate)"),
        ("smile, o_o", "o_o"),
        ("sks犬", "sks"),
        ("sks犬", "犬"),
        ("犬がいる", "犬"),
        ("綾波レイ", "綾波"),
        ("黒いﾘﾎﾞﾝを付けた", "リボン"),
        ("りんごを食べる", "りんご"),
        ("一个女孩站在公园", "女孩"),
        ("소녀가 웃는다", "소녀"),
        ("девушка в платье", "Девушка"),
        ("asks, sks", "sks"),
    ],
)
def test_words_are_found(text, word):
    assert contains_word(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("asks", "sks"),
        ("sks2", "sks"),
        ("1girl", "girl"),
        ("skså", "sks"),
        ("café", "cafe"),
        ("愛犬家", "犬"),
        ("少女", "女"),
        ("ヘアリボン", "リボン"),
        ("미소녀", "소녀"),
        ("sks, dog", "sks dog"),
        ("anything", ""),
        ("anything", "  _ "),
        ("", "sks"),
    ],
)
def test_parts_of_words_are_not(text, word):
    assert not contains_word(text, word)


def test_a_search_over_many_texts_agrees_with_single_ones():
    texts = ["a photo of sks dog", "asks", "SKS", "", "sks犬"]
    search = WordSearch(texts)
    for word in ("sks", "dog", "犬", ""):
        assert search.holding(word).tolist() == [contains_word(text, word) for text in texts]
    assert WordSearch([]).holding("sks").tolist() == []


@given(st.text(max_size=60), st.text(max_size=6))
def test_no_search_raises(text, word):
    contains_word(text, word)


@given(st.text("abc ,é犬", max_size=20), st.from_regex("[abc]{1,4}", fullmatch=True), st.text("abc ,é犬", max_size=20))
def test_a_word_between_spaces_is_always_found(before, word, after):
    assert contains_word(f"{before} {word} {after}", word)


@pytest.mark.parametrize(("text", "word"), [("a" * 1_000_000, "a"), ("ab" * 500_000, "ab" * 1000 + "c")])
def test_searching_takes_linear_time(text, word):
    assert answers_within(5, lambda: contains_word(text, word))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sks dog", ("sks", "dog")),
        ("Wikipe-tan, girl", ("Wikipe-tan", "girl")),
        ("my_char girl", ("my_char", "girl")),
        ("sks_dog", ("sks", "dog")),
        ("綾波レイ　少女", ("綾波レイ", "少女")),
        ("dog", ("dog",)),
        ("_", ("_",)),
        (" , ", ()),
        ("", ()),
    ],
)
def test_names_have_words(name, words):
    assert words_of_name(name) == words
    assert first_word(name) == (words[0] if words else None)
    assert last_word(name) == (words[-1] if words else None)


# --- clauses against lists, both sides of each limit ---


def listed(*lengths, end=""):
    return "、".join("字" * length for length in lengths) + end


def test_parts_of_eight_characters_are_a_list_and_of_nine_are_clauses():
    assert not reads_as_wide_sentences(listed(8, 8, 8, 8))
    assert reads_as_wide_sentences(listed(9, 9, 9, 9))


def test_before_a_stop_parts_of_five_are_a_list_and_of_six_are_clauses():
    assert not reads_as_wide_sentences(listed(5, 5, 5, 4, end="。"))
    assert reads_as_wide_sentences(listed(6, 6, 6, 5, end="。"))


def test_up_to_three_parts_before_a_stop_are_a_sentence_if_one_has_five_characters():
    assert reads_as_wide_sentences(listed(3, 3, 5, end="。"))
    assert not reads_as_wide_sentences(listed(3, 3, 4, end="。"))
    assert not reads_as_wide_sentences(listed(3, 3, 3, 5, end="。"))


def test_a_predicate_at_the_end_counts_like_a_stop_for_long_parts_only():
    assert reads_as_wide_sentences("赤いリボンの少女が、公園に立っている")
    assert not reads_as_wide_sentences("女の子、座っている")


def test_latin_text_is_no_wide_sentence():
    assert not reads_as_wide_sentences("a woman stands in the park， smiling at us all， today。")
