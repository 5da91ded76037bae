import pytest
from hypothesis import given
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text import (
    CaptionFacts,
    caption_facts,
    caption_style,
    is_sentence_like,
    median_part_words,
    separator_count,
    style_columns,
    words_per_part,
)

TAGS = "tk, 1girl, solo, long_hair, blue eyes"
SENTENCE = "A woman in a long red dress stands in a sunny park, smiling at the camera."


def test_facts_of_a_tag_list():
    assert caption_facts("tk, 1girl, long_hair, 青い目") == CaptionFacts(
        separators=3,
        parts=4,
        part_words=1.5,
        words=6,
        sentence_like=False,
        scripts=("latin", "han", "hiragana"),
        language="latin",
    )


def test_facts_of_a_sentence():
    assert caption_facts(SENTENCE) == CaptionFacts(
        separators=1,
        parts=2,
        part_words=8.0,
        words=16,
        sentence_like=True,
        scripts=("latin",),
        language="latin",
    )


def test_facts_of_nothing():
    assert caption_facts(" \n") == CaptionFacts(
        separators=0, parts=0, part_words=0.0, words=0, sentence_like=False, scripts=(), language="none"
    )


# --- the style of a set ---


def test_three_separators_make_tags_and_two_do_not():
    assert caption_style([3, 3, 3], [1, 1]) == "tags"
    assert caption_style([2, 2, 2], [1, 1]) == "sentences"
    assert caption_style([2, 3], [1, 1]) == "sentences"
    assert caption_style([2, 4], [1, 1]) == "tags"


def test_parts_of_four_words_make_tags_and_of_five_do_not():
    assert caption_style([9], [4, 4, 4]) == "tags"
    assert caption_style([9], [5, 5, 5]) == "sentences"
    assert caption_style([9], [4, 5]) == "sentences"


def test_the_limits_are_parameters():
    assert caption_style([2], [1], min_separators=2) == "tags"
    assert caption_style([3], [5], max_words_per_part=5) == "tags"


def test_a_set_without_captions_has_nothing_to_shuffle():
    assert caption_style([], []) == "sentences"
    assert style_columns([]).style() == "sentences"
    assert style_columns(["", " "]).style() == "sentences"


@pytest.mark.parametrize(
    "text",
    [
        TAGS,
        "1girl，solo，长发，微笑",
        "女の子、長い髪、笑顔、制服",
        "少女，长发，微笑，白色背景。",
        "red hair; blue eyes; smile; hat",
        "smile\nsolo\nhat\nlong hair\n",
        "소녀, 긴 머리, 미소, 학교",
        "saber \\(fate\\), :d, ;d, >_<",
    ],
)
def test_lists_in_any_script_are_tags(text):
    assert style_columns([text] * 3).style() == "tags"
    assert not is_sentence_like(text)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "a photo of sks dog",
        "長い髪の女の子が、青い空の下で、赤いリボンを付けて、笑っている。",
        "一个长发女孩站在公园里，穿着白色连衣裙，微笑着看着镜头，背景是蓝天。",
        "一个长发女孩站在公园里，穿着白色连衣裙，微笑着看着镜头，背景是蓝天",
        "긴 머리 소녀가 파란 하늘 아래에서 웃고 있다.",
    ],
)
def test_sentences_in_any_script_are_sentences(text):
    assert style_columns([text] * 3).style() == "sentences"


def test_the_middle_caption_decides():
    assert style_columns([TAGS, TAGS, SENTENCE]).style() == "tags"
    assert style_columns([TAGS, SENTENCE, SENTENCE]).style() == "sentences"


def test_columns_agree_with_single_captions():
    texts = [TAGS, SENTENCE, "", "女の子、長い髪"]
    columns = style_columns(texts)
    assert columns.separators.tolist() == [separator_count(text) for text in texts]
    assert columns.part_words.tolist() == [median_part_words(text) for text in texts]
    assert words_per_part(TAGS) == (1, 1, 1, 2, 2)


# --- prose ---


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "A woman, wearing a red dress, stands in a park, smiling.",
        "She smiles. The dog barks at her",
        "a photo of a sks dog",
        "彼女は、笑っている。",
        "一个长发女孩站在公园里，穿着白色连衣裙",
    ],
)
def test_prose_is_sentence_like(text):
    assert is_sentence_like(text)


@pytest.mark.parametrize(
    "text",
    ["", "smile.", "long hair, blue eyes, smile.", "1girl, solo", "少女，长发，微笑。", "kono subarashii, " + TAGS],
)
def test_lists_with_a_dot_are_not(text):
    assert not is_sentence_like(text)


def test_a_clause_of_six_words_is_prose_and_of_five_is_not():
    assert is_sentence_like("one two three four five six")
    assert not is_sentence_like("one two three four five")


def test_one_long_title_among_tags_is_no_prose():
    assert not is_sentence_like("1girl, solo, love live! nijigasaki high school idol club, smile, hat, bag, dog, cat")


@given(st.text(max_size=80))
def test_no_text_raises(text):
    facts = caption_facts(text)
    assert facts.parts == len(words_per_part(text))


@pytest.mark.parametrize("unit", ["a, ", "長い髪、", "word ", "。", ".", "A. "])
def test_huge_captions_take_linear_time(unit):
    assert answers_within(4, lambda: caption_facts(unit * (200_000 // len(unit))))
