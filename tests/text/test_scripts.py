import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.text import count_words, language_of, scripts_in


def test_letters_are_counted_per_script():
    assert scripts_in("1girl 長い髪 リボン 소녀 девушка ไทย") == {
        "latin": 4,
        "han": 2,
        "hiragana": 1,
        "katakana": 3,
        "hangul": 2,
        "southeast-asian": 3,
        "other": 7,
    }


def test_digits_marks_and_punctuation_are_of_no_script():
    assert scripts_in("123, _-。！") == {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("long hair, blue eyes", "latin"),
        ("élégante", "latin"),
        ("長い髪の女の子", "japanese"),
        ("少女，长发", "chinese"),
        ("소녀, 긴 머리", "korean"),
        ("девушка", "other"),
        ("1girl, 青い髪, リボン, 制服", "japanese"),
        ("a very long english caption with one 猫 in it", "latin"),
        ("12, 34", "none"),
        ("", "none"),
    ],
)
def test_the_language_is_what_most_letters_suggest(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        ("smile", 1),
        ("long hair", 2),
        ("looking_at_viewer", 3),
        ("t-shirt", 1),
        (":d", 1),
        ("少", 1),
        ("长发", 2),
        ("白色背景", 3),
        ("白色连衣裙", 4),
        ("笑顔", 2),
        ("リボン", 1),
        ("長い髪", 2),
        ("赤いリボンを付けて", 4),
        ("소녀 미소", 2),
        ("sks犬", 2),
        ("long_hair 长发", 4),
    ],
)
def test_words_in_any_script(text, n):
    assert count_words(text) == n


@given(st.text(max_size=80))
def test_no_text_raises(text):
    assert count_words(text) >= 0
    assert sum(scripts_in(text).values()) <= len(text)
    assert language_of(text)
