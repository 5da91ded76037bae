"""Which writing systems a text uses, and how many words it has in each."""

import re
from typing import Final, Literal

Script = Literal["latin", "han", "hiragana", "katakana", "hangul", "southeast-asian", "other"]
Language = Literal["latin", "japanese", "chinese", "korean", "other", "none"]

# Character classes for use inside [...], after the blocks of Unicode 15, in escapes because editors compose
# compatibility ideographs. The prolonged sound mark belongs to katakana: in hiragana it is slang.
HAN: Final = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
HIRAGANA: Final = "\u3041-\u3096\u309d-\u309f"
KATAKANA: Final = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HANGUL: Final = "\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\ud7b0-\ud7fb\uffa1-\uffdc"
# Thai, Lao, Burmese, Khmer: written without spaces between words.
SOUTHEAST_ASIAN: Final = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u109f\u1780-\u17dd"
LATIN: Final = "A-Za-z\xaa\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a"

UNSPACED: Final = HAN + HIRAGANA + KATAKANA + SOUTHEAST_ASIAN
"""The scripts that put no spaces between words."""

_LETTERS: Final[dict[Script, re.Pattern[str]]] = {
    "latin": re.compile(f"[{LATIN}]+"),
    "han": re.compile(f"[{HAN}]+"),
    "hiragana": re.compile(f"[{HIRAGANA}]+"),
    "katakana": re.compile(f"[{KATAKANA}]+"),
    "hangul": re.compile(f"[{HANGUL}]+"),
    "southeast-asian": re.compile(f"[{SOUTHEAST_ASIAN}]+"),
    "other": re.compile(rf"[^\W\d_{LATIN}{HAN}{HIRAGANA}{KATAKANA}{HANGUL}{SOUTHEAST_ASIAN}]+"),
}

# Letters of one word on the average, in running text: Chinese about 1.5 characters, kana about 3, Thai and
# its neighbours about 4. In twelfths of a word, so that the sum stays whole.
_TWELFTHS_OF_A_WORD: Final[dict[Script, int]] = {"han": 8, "hiragana": 4, "katakana": 4, "southeast-asian": 3}

_UNSPACED_LETTER: Final = re.compile(f"[{UNSPACED}]")
_SPACED_RUN: Final = re.compile(rf"[^\W_{UNSPACED}]+")


def scripts_in(text: str) -> dict[Script, int]:
    """Letters per script, scripts without any left out. Digits, marks and punctuation belong to none."""
    if text.isascii():
        n = sum(map(len, _LETTERS["latin"].findall(text)))
        return {"latin": n} if n else {}
    counts = {script: sum(map(len, letters.findall(text))) for script, letters in _LETTERS.items()}
    return {script: n for script, n in counts.items() if n}


def language_of(text: str) -> Language:
    """What most of the letters suggest: kana make Han characters Japanese, without kana they are Chinese.

    A hint for wording and for reading rules, no language detection: French is `latin`.
    """
    counts = scripts_in(text)
    if not counts:
        return "none"
    kana = counts.get("hiragana", 0) + counts.get("katakana", 0)
    east_asian = kana + counts.get("han", 0)
    # An ideograph or syllable carries as much as two or three letters, so a third of the letters is half the words.
    if east_asian * 3 >= sum(counts.values()) and east_asian >= counts.get("hangul", 0):
        return "japanese" if kana else "chinese"
    main = max(counts, key=lambda script: counts[script])
    if main == "hangul":
        return "korean"
    return "latin" if main == "latin" else "other"


def has_unspaced_letters(text: str) -> bool:
    return not text.isascii() and _UNSPACED_LETTER.search(text) is not None


def count_words(text: str) -> int:
    """Words of a text in any script.

    White space and underscores separate words. Inside such a piece, letters of scripts without spaces are
    counted by average word length (Han 1.5, kana 3, Thai, Lao, Burmese and Khmer 4 letters, the sum rounded
    up), and each run of other letters or digits beside them is one word.
    """
    words = text.replace("_", " ").split()
    if not has_unspaced_letters(text):
        return len(words)
    return sum(map(_words_of_piece, words))


def _words_of_piece(piece: str) -> int:
    if not has_unspaced_letters(piece):
        return 1
    twelfths = sum(
        share * sum(map(len, _LETTERS[script].findall(piece))) for script, share in _TWELFTHS_OF_A_WORD.items()
    )
    return len(_SPACED_RUN.findall(piece)) + -(-twelfths // 12)
