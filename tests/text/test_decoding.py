import pytest
from hypothesis import given
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text import decode_caption, guess_encoding, lines
from tagmetry.text.decoding import LIMIT_BYTES, MIN_SCORE


def problems(data, **limits):
    return {problem.code: dict(problem.values) for problem in decode_caption(data, **limits).problems}


def hint(text, codec):
    values = problems(text.encode(codec))["not-utf8"]
    return values["looks_like"]


# --- UTF-8 and byte-order marks ---


def test_plain_utf8_has_no_problem():
    decoded = decode_caption("1girl, 長い髪, café 👩‍👩‍👧 ❤️".encode())
    assert (decoded.text, decoded.encoding, decoded.problems, decoded.bom) == (
        "1girl, 長い髪, café 👩‍👩‍👧 ❤️",
        "utf-8",
        (),
        False,
    )


def test_an_empty_caption_is_empty_text():
    assert decode_caption(b"") == decode_caption(b"", limit_bytes=1)
    assert decode_caption(b"").text == ""
    assert decode_caption(b"").problems == ()


def test_a_byte_order_mark_is_taken_off_and_reported():
    decoded = decode_caption(b"\xef\xbb\xbftk, 1girl")
    assert decoded.text == "tk, 1girl"
    assert decoded.bom
    assert problems(b"\xef\xbb\xbftk, 1girl") == {"bom": {"encoding": "utf-8"}}


def test_a_file_that_is_only_a_mark_is_empty_text():
    assert decode_caption(b"\xef\xbb\xbf").text == ""


def test_a_second_mark_is_an_invisible_character():
    assert problems(b"\xef\xbb\xbf\xef\xbb\xbftk")["invisible-character"]["characters"] == ("U+FEFF",)


@pytest.mark.parametrize(
    ("mark", "codec", "code"),
    [
        (b"\xff\xfe", "utf-16-le", "utf-16"),
        (b"\xfe\xff", "utf-16-be", "utf-16"),
        (b"\xff\xfe\x00\x00", "utf-32-le", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32-be", "utf-32"),
    ],
)
def test_wide_encodings_are_read_by_their_mark(mark, codec, code):
    decoded = decode_caption(mark + "1girl, 長い髪".encode(codec))
    assert decoded.text == "1girl, 長い髪"
    assert decoded.encoding == codec
    assert decoded.bom
    assert [problem.code for problem in decoded.problems] == [code]
    assert decoded.problems[0].values == {"encoding": codec, "offset": -1}


def test_utf16_with_half_a_character_says_where_and_shows_the_byte():
    decoded = decode_caption(b"\xff\xfe" + "ab".encode("utf-16-le") + b"x")
    assert decoded.text == "ab\\x78"
    assert decoded.problems[0].values == {"encoding": "utf-16-le", "offset": 6}


# --- NULs and binary files ---


def test_utf16_without_a_mark_is_told_by_its_nuls():
    for codec in ("utf-16-le", "utf-16-be"):
        decoded = decode_caption("1girl, 青い目, smile".encode(codec))
        assert decoded.text == "1girl, 青い目, smile"
        assert decoded.encoding == codec
        assert [problem.code for problem in decoded.problems] == ["nul-bytes"]
        assert decoded.problems[0].values["looks_like"] == codec


def test_a_stray_nul_keeps_its_place():
    decoded = decode_caption(b"1girl\x00, solo")
    assert decoded.text == "1girl\x00, solo"
    assert decoded.problems[0].values == {"offset": 5, "n": 1, "looks_like": ""}


def test_text_padded_with_nuls_is_no_binary_file():
    assert list(problems(b"1girl, solo" + bytes(500))) == ["nul-bytes"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x1f\x8b\x08\x00\x00", "gzip"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WEBP"),
        (b"\x00\x00\x00\x1cftypavif", "AVIF, HEIC or MP4"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"{\\rtf1\\ansi 1girl}", "RTF"),
        (bytes(range(1, 33)) * 4, ""),
    ],
)
def test_binary_files_are_named_and_give_no_text(data, kind):
    decoded = decode_caption(data)
    assert (decoded.text, decoded.encoding) == ("", "binary")
    assert [(problem.code, problem.values) for problem in decoded.problems] == [("binary", {"looks_like": kind})]


def test_controls_up_to_a_twentieth_are_text_and_more_are_binary():
    assert list(problems(b"\x01" * 5 + b"a" * 95)) == ["control-character"]
    assert list(problems(b"\x01" * 6 + b"a" * 94)) == ["binary"]


def test_two_controls_in_a_short_caption_are_a_slip():
    assert list(problems(b"a\x01\x02")) == ["control-character"]
    assert list(problems(b"a\x01\x02\x03")) == ["binary"]


# --- other encodings ---


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp932", "長い髪の女の子、青い目、笑顔"),
        ("cp932", "少女, 黒髪, 制服"),
        ("cp932", "猫耳メイド"),
        ("cp932", "赤いドレスを着た女性が公園に立っている。"),
        ("cp932", "ﾘﾎﾞﾝ, ﾄﾞﾚｽ"),
        ("euc_jp", "長い髪の女の子、青い目、笑顔"),
        ("gb18030", "一个女孩，长发，微笑"),
        ("gb18030", "1girl, 长发, 白色背景"),
        ("gb18030", "赛博朋克，城市夜景"),
        ("big5", "一個女孩，長髮，微笑"),
        ("big5", "賽博朋克城市夜景"),
        ("cp949", "긴 머리 소녀, 파란 눈, 미소"),
        ("cp949", "빨간 드레스를 입은 여자가 공원에 서 있다"),
        ("cp1252", "a woman’s café"),
        ("cp1252", "it’s a dog, “quoted” – dash…"),
        ("cp1252", "Über cool, Mädchen"),
        ("cp1252", "señorita con vestido rojo"),
        ("cp1251", "девушка, длинные волосы"),
    ],
)
def test_an_old_encoding_is_guessed_and_its_text_shown(codec, text):
    decoded = decode_caption(text.encode(codec))
    assert (decoded.encoding, decoded.text) == (codec, text)
    assert hint(text, codec) == codec


def test_the_first_bad_byte_is_named_by_its_place_in_the_file():
    assert problems("1girl, 長い髪".encode("cp932"))["not-utf8"]["offset"] == 7
    assert problems(b"\xef\xbb\xbfa\xff")["not-utf8"]["offset"] == 4


def test_a_guess_without_rival_is_surer_than_one_between_relatives():
    sure = guess_encoding("猫耳メイド".encode("cp932")).confidence
    torn = guess_encoding("长发".encode("gb18030")).confidence
    assert 0 < torn < sure <= 1


def test_bytes_that_fit_windows_1252_badly_fall_back_to_latin_1():
    guess = guess_encoding(b"caf\xe9 \x81 na\xefve d\xe9j\xe0 vu")
    assert guess.encoding == "latin-1"


def test_damaged_utf8_stays_utf8_with_its_bad_bytes_visible():
    data = "長い髪の女の子".encode() + b"\xff, " + "青い目".encode()
    decoded = decode_caption(data)
    assert decoded.text == "長い髪の女の子\\xff, 青い目"
    assert decoded.encoding == "utf-8"
    assert problems(data)["not-utf8"]["looks_like"] == "utf-8"


@pytest.mark.parametrize("data", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_overlong_forms_and_surrogates_are_no_utf8(data):
    assert "not-utf8" in problems(b"1girl, " + data)


def test_bytes_like_nothing_get_no_guess_and_are_shown_as_numbers():
    guess = guess_encoding(b"\xa0\xff\xa0\xff")
    assert (guess.encoding, guess.confidence, guess.text) == ("", 0.0, "\\xa0\\xff\\xa0\\xff")
    assert MIN_SCORE > 0


# --- size ---


def test_a_caption_of_the_limit_is_read_whole_and_one_byte_more_is_too_large():
    assert problems(b"a" * 10, limit_bytes=10) == {}
    assert problems(b"a" * 11, limit_bytes=10) == {"too-large": {"size": 11, "limit": 10}}
    assert decode_caption(b"a" * 11, limit_bytes=10).text == "a" * 10


def test_a_character_cut_by_the_limit_is_no_encoding_problem():
    data = "長い髪".encode() * 10
    for limit in range(20, 30):
        assert list(problems(data, limit_bytes=limit)) == ["too-large"]
        assert data.decode().startswith(decode_caption(data, limit_bytes=limit).text)


def test_cut_utf16_ends_with_a_whole_character():
    data = b"\xff\xfe" + "長い髪".encode("utf-16-le") * 10
    for limit in range(20, 28):
        assert problems(data, limit_bytes=limit)["utf-16"]["offset"] == -1


@pytest.mark.parametrize(
    "unit",
    [b"a, ", b"\xff", "長い髪、".encode("cp932"), "长发".encode("gb18030"), "\u200b".encode(), b"\r", b"woman\x92s, "],
)
def test_a_megabyte_of_anything_takes_about_a_second(unit):
    data = (unit * (LIMIT_BYTES // len(unit) + 1))[:LIMIT_BYTES]
    assert answers_within(3, lambda: decode_caption(data))


@given(st.binary(max_size=300))
def test_no_bytes_raise(data):
    decoded = decode_caption(data)
    decoded.text.encode("utf-8")


@given(st.binary(max_size=60), st.integers(1, 60))
def test_no_cut_raises(data, limit):
    decode_caption(data, limit_bytes=limit)


@given(st.text(st.characters(exclude_categories=("C",)), max_size=60))
def test_utf8_text_comes_back_as_it_was(text):
    decoded = decode_caption(text.encode())
    assert decoded.text == text
    assert "not-utf8" not in [problem.code for problem in decoded.problems]


# --- single characters ---


def test_control_characters_are_counted_with_the_place_of_the_first():
    data = "a, b\r\nc\x1b[31m\u2028\x85\x0b".encode()
    assert problems(data) == {
        "control-character": {"n": 4, "characters": ("U+000B", "U+001B", "U+0085", "U+2028"), "line": 2, "column": 2}
    }


def test_tabs_and_line_ends_are_no_control_characters():
    assert problems(b"a\tb\r\nc\rd\n") == {}


def test_invisible_characters_are_named():
    assert problems("a\u200bb, \u00adc".encode()) == {
        "invisible-character": {
            "n": 2,
            "characters": ("U+00AD", "U+200B"),
            "line": 1,
            "column": 2,
            "bidirectional": False,
        }
    }


def test_turned_reading_direction_is_said():
    assert problems("a\u202eb".encode())["invisible-character"]["bidirectional"]


def test_tag_characters_outside_flags_are_invisible():
    assert problems("a\U000e0041\U000e0042".encode())["invisible-character"]["n"] == 2


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم",
        "葛\U000e0100",
    ],
)
def test_joiners_selectors_and_flags_that_do_their_work_are_fine(text):
    assert problems(text.encode()) == {}


@pytest.mark.parametrize("text", ["a\u200db", "a\ufe0f", "\u200d", "👩\u200d a", "\u200c犬"])
def test_joiners_and_selectors_without_work_are_not(text):
    assert "invisible-character" in problems(text.encode())


def test_replacement_characters_tell_of_earlier_damage():
    assert problems("caf\ufffd, na\ufffdve".encode())["replacement-character"] == {
        "n": 2,
        "characters": ("U+FFFD",),
        "line": 1,
        "column": 4,
    }


def test_at_most_ten_characters_are_named():
    text = "".join(chr(0x80 + number) for number in range(12)) + "a" * 500
    values = problems(text.encode())["control-character"]
    assert values["n"] == 12
    assert len(values["characters"]) == 10


# --- lines ---


def test_lines_end_at_lf_crlf_and_cr_only():
    assert lines("a\nb\r\nc\rd") == ("a", "b", "c", "d")
    assert lines("a\u2028b\x85c\x0bd\x0ce\x1cf") == ("a\u2028b\x85c\x0bd\x0ce\x1cf",)


def test_a_line_end_at_the_end_opens_no_line():
    assert lines("") == ()
    assert lines("a\n") == ("a",)
    assert lines("\n") == ("",)
    assert lines("a\n\n") == ("a", "")
    assert lines("a\r\n\r\nb") == ("a", "", "b")


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), min_size=1)))
def test_joined_lines_are_split_again(parts):
    assert lines("\r\n".join(parts)) == tuple(parts)
