"""Caption bytes to text, with everything that is wrong with them as data.

Captions come from editors, taggers and downloads of all ages. Trainers read them as UTF-8 and stop, or train
on garbage. Here nothing is replaced silently: text that is no UTF-8 is shown in the likeliest encoding beside a
problem that says where it breaks.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

LIMIT_BYTES: Final = 1 << 20
"""1 MiB: longer than any caption, shorter than most things that are not one."""

Value = str | int | float | bool | tuple[str, ...]

ProblemCode = Literal[
    "bom",
    "utf-16",
    "utf-32",
    "not-utf8",
    "nul-bytes",
    "binary",
    "too-large",
    "control-character",
    "invisible-character",
    "replacement-character",
]


@dataclass(frozen=True, slots=True)
class CaptionProblem:
    """One thing that is wrong with the bytes of a caption. The values by code:

    `bom`: encoding · `utf-16`, `utf-32`: encoding, offset (of the first undecodable byte, -1 for none) ·
    `not-utf8`: offset, looks_like (a codec, "utf-8" for damaged UTF-8, "" for no idea), confidence (0 to 1) ·
    `nul-bytes`: offset, n, looks_like ("utf-16-le", ... or "") · `binary`: looks_like (a format or "") ·
    `too-large`: size, limit (bytes; size is what was handed over) · `control-character`,
    `invisible-character`, `replacement-character`: n, characters ("U+200B", ...), line, column (both from 1);
    `invisible-character` also bidirectional (whether one of them turns the reading direction).
    Offsets count bytes of the file from 0.
    """

    code: ProblemCode
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class DecodedCaption:
    """`text` without a byte-order mark; `encoding` is the codec that gave it, "binary" where there is no text."""

    text: str
    encoding: str
    problems: tuple[CaptionProblem, ...] = ()
    bom: bool = False


def decode_caption(data: bytes, *, limit_bytes: int = LIMIT_BYTES) -> DecodedCaption:
    """Reads a caption: UTF-8, or by byte-order mark UTF-16 or UTF-32; anything else is a problem.

    Give at most `limit_bytes + 1` bytes of a file: of longer data the first `limit_bytes` are decoded.
    Never raises for any data.
    """
    problems: list[CaptionProblem] = []
    if len(data) > limit_bytes:
        problems.append(CaptionProblem("too-large", {"size": len(data), "limit": limit_bytes}))
        data = data[:limit_bytes]
    kind = _binary_kind(data)
    if kind is not None:
        problems.append(CaptionProblem("binary", {"looks_like": kind}))
        return DecodedCaption("", "binary", tuple(problems))
    text, encoding, bom, found = _decode(data, cut=bool(problems))
    problems += found
    problems += _character_problems(text)
    return DecodedCaption(text, encoding, tuple(problems), bom)


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text, ended by LF, CRLF or CR. A line end at the very end opens no further line.

    `str.splitlines` would also break at U+2028, U+0085, form feeds and separators that trainers read as text.
    """
    if not text:
        return ()
    found = _LINE_END.split(text)
    if not found[-1]:
        found.pop()
    return tuple(found)


_LINE_END: Final = re.compile("\r\n|\n|\r")

# --- what is no text ---------------------------------------------------------------------------------

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"8BPS", "PSD"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\x00", "SQLite"),
)
_FIRST_BYTES: Final = frozenset(signature[0] for signature, _ in _SIGNATURES)
# A share of control characters that no text has; compressed data has about 10 %. NULs have a problem of their own.
_MAX_CONTROL_SHARE: Final = 0.05
_SAMPLE_BYTES: Final = 65_536
_TEXT_CONTROLS: Final = b"\t\n\r\x0c\x1b\x00"
_CONTROL_BYTES: Final = bytes(byte for byte in [*range(0x20), 0x7F] if byte not in _TEXT_CONTROLS)
_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xef\xbb\xbf", "utf-8"),
)
_MARKS: Final = tuple(mark for mark, _ in _BOMS)


def _binary_kind(data: bytes) -> str | None:
    """The format that the bytes look like, "" for one unknown, None for text."""
    # Few captions begin like any of them, and there may be millions of captions.
    if data[:1] and data[0] in _FIRST_BYTES:
        for signature, name in _SIGNATURES:
            if data.startswith(signature):
                return name
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return data[8:12].decode("ascii").strip()
    if data[4:8] == b"ftyp":
        return "AVIF, HEIC or MP4"
    if data.startswith(_MARKS):
        return None
    if 0 in data[:_SAMPLE_BYTES] and _utf16_without_mark(data):
        return None
    sample = data[:_SAMPLE_BYTES]
    n_controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    # Two stray controls in a short caption are a slip, no binary file.
    return "" if n_controls > max(2, _MAX_CONTROL_SHARE * len(sample)) else None


# --- which encoding ----------------------------------------------------------------------------------


def _decode(data: bytes, *, cut: bool) -> tuple[str, str, bool, list[CaptionProblem]]:
    """Text, codec, whether a byte-order mark was there, problems. `cut` data may end inside a character."""
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(mark) :]
    if encoding != "utf-8":
        text, offset = _decode_wide(body, encoding, cut=cut)
        code: ProblemCode = "utf-16" if encoding.startswith("utf-16") else "utf-32"
        position = offset + len(mark) if offset >= 0 else -1
        return text, encoding, True, [CaptionProblem(code, {"encoding": encoding, "offset": position})]

    problems: list[CaptionProblem] = []
    if mark:
        problems.append(CaptionProblem("bom", {"encoding": "utf-8"}))
    first_nul = body.find(0)
    if first_nul >= 0:
        wide = _utf16_without_mark(body)
        found = {"offset": first_nul + len(mark), "n": body.count(0)}
        problems.append(CaptionProblem("nul-bytes", {**found, "looks_like": wide}))
        if wide:
            return _decode_wide(body, wide, cut=cut)[0], wide, bool(mark), problems
    if cut:
        body = _without_cut_character(body)
    try:
        return body.decode("utf-8"), "utf-8", bool(mark), problems
    except UnicodeDecodeError as error:
        guess = guess_encoding(body)
        problems.append(
            CaptionProblem(
                "not-utf8",
                {
                    "offset": error.start + len(mark),
                    "looks_like": guess.encoding,
                    "confidence": guess.confidence,
                },
            )
        )
        return guess.text, guess.encoding or "utf-8", bool(mark), problems


def _decode_wide(body: bytes, encoding: str, *, cut: bool) -> tuple[str, int]:
    """Text and the offset of the first byte that does not decode, -1 for none. Bad bytes become `\\xNN`."""
    if cut:
        body = body[: len(body) // 4 * 4]
    try:
        return body.decode(encoding), -1
    except UnicodeDecodeError as error:
        return body.decode(encoding, "backslashreplace"), error.start


def _without_cut_character(body: bytes) -> bytes:
    """The bytes without a UTF-8 character that their end cuts in two."""
    for back in range(1, min(4, len(body) + 1)):
        byte = body[-back]
        if byte & 0xC0 == 0x80:
            continue
        length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return body[:-back] if length > back else body
    return body


# In UTF-16, pairs with a NUL are ASCII and Latin-1: separators, spaces, digits, most of an English caption.
_MIN_NUL_PAIRS: Final = 0.2


def _utf16_without_mark(data: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" if the NULs stand where that encoding puts them, else ""."""
    sample = data[: _SAMPLE_BYTES // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    n_pairs = len(sample) // 2
    if odd and not even and odd >= _MIN_NUL_PAIRS * n_pairs:
        return "utf-16-le"
    if even and not odd and even >= _MIN_NUL_PAIRS * n_pairs:
        return "utf-16-be"
    return ""


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """`encoding` "" means no idea. `confidence` is the lead over the next encoding that reads otherwise."""

    encoding: str
    confidence: float
    text: str


def guess_encoding(data: bytes) -> EncodingGuess:
    r"""The likeliest encoding of bytes that are no UTF-8, a hint for people and for display only.

    Each codec that decodes all bytes is scored by the mean over its characters beyond ASCII (the first 2,000):
    kana in a Japanese codec 1; characters on a short list of the most frequent Chinese ones or Korean
    syllables 1; those on the first, common plane of the codec's own table 0.7; wide punctuation 0.6;
    half-width katakana 0.45; rare ideographs and private characters 0 to 0.1. In the one-byte codecs 0.9 for
    accented letters, quotes and dashes that stand alone or in pairs among ASCII, and for Cyrillic words.
    A single ideograph glued to an ASCII letter counts 0.4 of that: mostly it is an accent that swallowed the
    letter behind it. UTF-8 with a few bad bytes scores the share of its good sequences. The lead is the
    confidence; below `MIN_SCORE` there is no guess, and the text shows the bad bytes as `\xNN`.
    """
    scored: list[tuple[float, str, str]] = []
    damaged = data.decode("utf-8", "backslashreplace")
    scored.append((_good_utf8_share(data), "utf-8", damaged))
    for encoding, score in _CANDIDATES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        scored.append((score(text), encoding, text))
    # sorted() is stable: of equal scores the earlier candidate wins.
    ranked = sorted(scored, key=lambda item: -item[0])
    best, encoding, text = ranked[0]
    if best < MIN_SCORE:
        return EncodingGuess("", 0.0, damaged)
    runner_up = next((value for value, _, other in ranked[1:] if other != text), 0.0)
    return EncodingGuess(encoding, round(min(1.0, best - max(0.0, runner_up)), 2), text)


MIN_SCORE: Final = 0.3
"""Under this score (see `guess_encoding`) nothing is guessed."""

_SCORED_CHARACTERS: Final = 2000
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def _good_utf8_share(data: bytes) -> float:
    replaced = data.decode("utf-8", "replace")
    n_bad = replaced.count("\ufffd") - data.count("\ufffd".encode())
    n_good = len(_BEYOND_ASCII.findall(replaced)) - n_bad
    return n_good / (n_good + n_bad) if n_good > 0 else 0.0


# The most frequent characters of running text and of captions (girl, hair, eyes, clothes, background, smile).
_SIMPLIFIED: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "女孩少长短头眼睛色白黑红蓝绿黄粉紫金银穿衣服裙裤鞋帽背景看向镜微笑站坐手拿脸面美丽高清图像画质单独光影"
)
_TRADITIONAL: Final = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡"
    "女孩少長短頭眼睛色白黑紅藍綠黃粉紫金銀穿衣服裙褲鞋帽背景看向鏡微笑站坐手拿臉面美麗高清圖像畫質單獨光影"
)
_KOREAN: Final = frozenset(
    "이다는에을의가고하지를은로도한기서그리사어나아자라수시들인대만해과부일제장전정보있게으여것소녀머"
    "긴짧눈색얼굴웃미옷입배경흰검빨파란노드레스치마모자신발앉고보는여남학생교복손람"
)
_ACCENTED: Final = "A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ"
_ALONE: Final = re.compile(rf"(?<![^\x00-\x7f])[{_ACCENTED}‘’“”–—…•€°´ß¿¡«»]{{1,2}}(?![^\x00-\x7f])")
# Without words in capitals: as bytes they are half-width katakana.
_CYRILLIC_WORD: Final = re.compile("[А-Яа-яЁёІіЇїЄє][а-яёіїє]+")
_HALF_WIDTH_KATAKANA: Final = re.compile("[｡-ﾟ]")
_WIDE_PUNCTUATION: Final = re.compile("[\u3000-\u3004\u3008-\u301f！-／：-～・]")
_KANA: Final = re.compile("[ぁ-ゟァ-ヺー-ヿ]")


def _score_wide(
    encoding: str, *, common_leads: range, frequent: frozenset[str] = frozenset(), kana: float = 0.0
) -> Callable[[str], float]:
    """The score of a two-byte codec: `common_leads` are the first bytes of its table's common plane."""

    def of_character(character: str) -> float:
        if character in frequent:
            return 1.0
        if _KANA.match(character):
            return kana
        if _HALF_WIDTH_KATAKANA.match(character):
            return 0.45 * kana
        if _WIDE_PUNCTUATION.match(character):
            return 0.6
        raw = character.encode(encoding)
        if len(raw) != 2 or unicodedata.category(character) != "Lo":
            return 0.0
        return 0.7 if raw[0] in common_leads and raw[1] >= 0x40 else 0.1

    def score(text: str) -> float:
        found = []
        for match in _BEYOND_ASCII.finditer(text):
            value = of_character(match.group())
            start, end = match.span()
            glued = start > 0 and text[start - 1].isascii() and text[start - 1].isalpha()
            if glued and (end == len(text) or text[end].isascii()):
                value *= 0.4
            found.append(value)
            if len(found) == _SCORED_CHARACTERS:
                break
        return sum(found) / len(found) if found else 0.0

    return score


def _score_among_ascii(text: str) -> float:
    sample = text[: _SCORED_CHARACTERS * 8]
    n = len(_BEYOND_ASCII.findall(sample))
    alone = sum(len(_BEYOND_ASCII.findall(match)) for match in _ALONE.findall(sample))
    return 0.9 * alone / n if n else 0.0


def _score_cyrillic(text: str) -> float:
    sample = text[: _SCORED_CHARACTERS * 8]
    n = len(_BEYOND_ASCII.findall(sample))
    return 0.9 * sum(map(len, _CYRILLIC_WORD.findall(sample))) / n if n else 0.0


# The common planes: JIS X 0208 level 1, GB 2312 level 1, KS X 1001 Hangul, Big5 level 1.
_CANDIDATES: Final = (
    ("cp932", _score_wide("cp932", common_leads=range(0x88, 0x99), kana=1.0)),
    ("euc_jp", _score_wide("euc_jp", common_leads=range(0xB0, 0xD0), kana=1.0)),
    ("gb18030", _score_wide("gb18030", common_leads=range(0xB0, 0xD8), frequent=_SIMPLIFIED)),
    ("cp949", _score_wide("cp949", common_leads=range(0xB0, 0xC9), frequent=_KOREAN)),
    ("big5", _score_wide("big5", common_leads=range(0xA4, 0xC7), frequent=_TRADITIONAL)),
    ("cp1251", _score_cyrillic),
    ("cp1252", _score_among_ascii),
    ("latin-1", _score_among_ascii),
)

# --- single characters -------------------------------------------------------------------------------

# NUL has its own problem. NEL and the line and paragraph separators end lines for some programs only.
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_BIDIRECTIONAL: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FLAG_OF_TAGS: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_JOINERS: Final = frozenset("\u200c\u200d")
# As many code points are named as a reader takes in.
_NAMED_CHARACTERS: Final = 10


def _character_problems(text: str) -> list[CaptionProblem]:
    problems = []
    control = [match.start() for match in _CONTROL.finditer(text)]
    if control:
        problems.append(CaptionProblem("control-character", _where(text, control)))
    if text.isascii():
        return problems
    invisible = _stray_invisible(text)
    if invisible:
        turned = any(text[position] in _BIDIRECTIONAL for position in invisible)
        values = {**_where(text, invisible), "bidirectional": turned}
        problems.append(CaptionProblem("invisible-character", values))
    replaced = [match.start() for match in re.finditer("\ufffd", text)]
    if replaced:
        problems.append(CaptionProblem("replacement-character", _where(text, replaced)))
    return problems


@dataclass(frozen=True, slots=True)
class SuspiciousCharacters:
    """Characters of a name that are not meant to be seen: the worst `kind`, how many there are, which ("U+200B")."""

    kind: Literal["control", "turning", "invisible"]
    n: int
    characters: tuple[str, ...]


def suspicious_characters(name: str) -> SuspiciousCharacters | None:
    """Control, direction-turning and invisible characters of a file's name; None where there are none.

    In a name line ends and tabs are control characters like the others.
    """
    if name.isascii() and name.isprintable():
        return None
    control = [place for place, character in enumerate(name) if character in "\t\n\r" or _CONTROL.match(character)]
    invisible = _stray_invisible(name)
    places = sorted({*control, *invisible})
    if not places:
        return None
    turned = any(name[place] in _BIDIRECTIONAL for place in invisible)
    codes = sorted({ord(name[place]) for place in places})
    return SuspiciousCharacters(
        "control" if control else "turning" if turned else "invisible",
        len(places),
        tuple(f"U+{code:04X}" for code in codes[:_NAMED_CHARACTERS]),
    )


def _stray_invisible(text: str) -> list[int]:
    """Positions of invisible characters that do no honest work.

    Honest are: variation selectors behind a character that has variants, joiners inside emoji and between
    letters of scripts that need them, the tag characters of regional flags.
    """
    flags = {position for match in _FLAG_OF_TAGS.finditer(text) for position in range(match.start(), match.end())}
    return [
        match.start()
        for match in _INVISIBLE.finditer(text)
        if match.start() not in flags and not _is_honest(text, match.start())
    ]


def _is_honest(text: str, position: int) -> bool:
    character = text[position]
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return before in "0123456789#*" or (not before.isascii() and unicodedata.category(before)[0] in "LSM")
    if character in _JOINERS:
        joined = (before, after)
        return all(not near.isascii() and unicodedata.category(near)[0] in "LSM" for near in joined)
    return False


def _where(text: str, positions: list[int]) -> dict[str, Value]:
    """How many, which, and line and column of the first."""
    before = lines(text[: positions[0]] + "x")
    codes = sorted({ord(text[position]) for position in positions})
    return {
        "n": len(positions),
        "characters": tuple(f"U+{code:04X}" for code in codes[:_NAMED_CHARACTERS]),
        "line": len(before),
        "column": len(before[-1]),
    }
