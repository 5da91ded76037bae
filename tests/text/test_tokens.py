import gzip
import json
import os
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quickness import answers_within
from tagmetry.text import (
    CHUNK,
    TokenEstimate,
    VocabularyError,
    chunks,
    counter_of,
    library_counter,
    make_counter,
    read_vocabulary,
)
from tagmetry.text.bpe import END, published_alphabet, symbols_of, vocabulary_of, vocabulary_of_tokens
from tagmetry.text.clip_pieces import LONGEST_PIECE, clean, pieces, word_spans

# --- a small vocabulary of our own, made the way such vocabularies are made ---

WORDS = (
    "long hair blue eyes smile solo girl shirt red dress white background looking at viewer 長い髪 笑顔 ... !! éé 's"
)


def letters(word):
    """A word as published vocabularies spell it: one character per byte, the last with the end mark."""
    alphabet = published_alphabet()
    spelled = [alphabet[symbol % 256] for symbol in symbols_of(word)]
    return [*spelled[:-1], spelled[-1] + END]


def merged_once(symbols, pair):
    """One published pass: every occurrence of the pair, from the left."""
    out, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def trained(words, n):
    merges, made = [], set(published_alphabet()) | {letter + END for letter in published_alphabet()}
    spelled = [letters(word) for word in words.split()]
    while len(merges) < n:
        pairs = Counter(pair for word in spelled for pair in pairwise(word))
        pairs = {pair: count for pair, count in pairs.items() if pair[0] + pair[1] not in made}
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        made.add(best[0] + best[1])
        spelled = [merged_once(word, best) for word in spelled]
    return merges


MERGES = trained(WORDS, 60)
RANKS = {pair: rank for rank, pair in enumerate(MERGES)}
SMALL = vocabulary_of(MERGES)


def counted_by_passes(piece):
    """The published algorithm, pass by pass, on strings."""
    symbols = letters(piece)
    while len(symbols) > 1:
        pair = min(pairwise(symbols), key=lambda pair: RANKS.get(pair, len(RANKS)))
        if pair not in RANKS:
            break
        symbols = merged_once(symbols, pair)
    return len(symbols)


def test_the_small_vocabulary_merges_something():
    assert len(MERGES) == 60
    assert SMALL.count("hair") < 4
    assert SMALL.count("zzzz") == 4


@given(st.text("aehilmorsu長い.'é", min_size=1, max_size=40))
def test_merging_by_heap_equals_merging_by_passes(piece):
    assert SMALL.count(piece) == counted_by_passes(piece)


@given(st.text("ab", min_size=1, max_size=200))
def test_merging_overlapping_pairs_equals_merging_by_passes(piece):
    pairs = [("a", "a"), ("aa", "aa"), ("b", "a"), ("a", "b" + END), ("b", "b"), ("bb", "bb" + END)]
    merges = [pair for pair in pairs if pair[1] != "bb" + END]
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    symbols = letters(piece)
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: ranks.get(pair, 99))
        if best not in ranks:
            break
        symbols = merged_once(symbols, best)
    assert vocabulary_of(merges).count(piece) == len(symbols)


@given(st.text(max_size=60))
def test_a_text_counts_as_the_sum_of_its_pieces(text):
    counter = counter_of(SMALL)
    assert counter.count(text) == sum(map(SMALL.count, pieces(clean(text))))
    assert counter.bounds(text) == (counter.count(text),) * 2
    assert not counter.exact


def test_markers_in_the_text_are_one_token_each():
    assert counter_of(SMALL).count("<|endoftext|>") == 1
    assert counter_of(SMALL).count("<|STARTOFTEXT|> <|endoftext|>") == 2


def test_merges_out_of_order_twice_or_of_another_kind_are_refused():
    for merges in ([("a", "bc")], [("a", "b"), ("a", "b")], [("a", "b"), ("c", "d"), ("ab", "x"), ("a", "bx")]):
        with pytest.raises(VocabularyError) as caught:
            vocabulary_of(merges)
        assert caught.value.code == "invalid-merge"
    with pytest.raises(VocabularyError):
        vocabulary_of([("Ġ", "Ġ"), ("a", "b</W>")])


def test_more_merges_than_clip_has_are_refused():
    many = [(first, second) for first in published_alphabet() for second in published_alphabet()][:48_895]
    assert len(vocabulary_of(many[:-1]).ranks) == 48_894
    with pytest.raises(VocabularyError) as caught:
        vocabulary_of(many)
    assert caught.value.values == {"rank": 48_894}


def test_merges_come_back_from_the_tokens_alone():
    assert vocabulary_of_tokens([first + second for first, second in MERGES]).ranks == SMALL.ranks


@pytest.mark.parametrize("tokens", [["a b"], ["abc"], ["a"], ["</w>"], [""]])
def test_tokens_that_no_merge_makes_are_refused(tokens):
    with pytest.raises(VocabularyError) as caught:
        vocabulary_of_tokens(tokens)
    assert caught.value.code == "invalid-token"


# --- cleaning and pieces ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1girl, long_hair", ["1", "girl", ",", "long", "_", "hair"]),
        ("Don't STOP", ["don", "'t", "stop"]),
        ("we'll've 'da", ["we", "'ll", "'ve", "'d", "a"]),
        ("it’s “red”", ["it", "'s", '"', "red", '"']),
        ("100 x² Ⅷ ½", ["1", "0", "0", "x", "²", "ⅷ", "½"]),
        ("一二三", ["一二三"]),
        ("１ｇｉｒｌ，ｓｏｌｏ", ["1", "girl", ",", "solo"]),
        ("長い髪、笑顔", ["長い髪", "、", "笑顔"]),
        ("ﾘﾎﾞﾝ", ["リボン"]),
        ("cafe\u0301 ﬁne", ["café", "fine"]),
        ("a &amp; b &lt;3 &#x41; &quot;", ["a", "&", "b", "<", "3", "a", '"']),
        ("&amp;amp;lt;", ["<"]),
        ("&amp &nothing; &#99999999999999;", ["&", "amp", "&", "nothing", ";", "\ufffd"]),
        ("<|EndOfText|>", ["<|endoftext|>"]),
        ("!<|endoftext|>", ["!<|", "endoftext", "|>"]),
        ("a\x0bb\x1c\ufeffc", ["abc"]),
        ("\x1b[31mred", ["red"]),
        ("caf\x92s", ["caf", "'s"]),
        ("a\u200bb", ["a", "\u200b", "b"]),
        ("ΣΑΣ", ["σας"]),
        ("🎉🎉 ok", ["🎉🎉", "ok"]),
        ("_a__b", ["_", "a", "__", "b"]),
        ("\ud83d\ude00 \ud800", ["😀", "\ufffd"]),
        ("", []),
        (" \t\n\u3000", []),
    ],
)
def test_texts_are_cleaned_and_cut_as_published(text, found):
    assert pieces(clean(text)) == found


def test_a_very_long_run_is_counted_in_parts():
    assert list(map(len, pieces("a" * LONGEST_PIECE))) == [LONGEST_PIECE]
    assert list(map(len, pieces("a" * (LONGEST_PIECE + 1)))) == [LONGEST_PIECE, 1]
    assert list(map(len, pieces("é" * (LONGEST_PIECE + 1)))) == [LONGEST_PIECE, 1]


def test_all_of_unicode_falls_into_one_kind_of_piece():
    # Letters, numbers, white space and the rest are told apart without the package `regex`.
    import unicodedata

    # Planes of which nothing is assigned, or all is for private use, are tried by their first four thousand.
    planes = [start for start in range(0, sys.maxunicode + 1, 0x1000) if start < 0x40000 or start % 0x10000 == 0]
    for start in (*planes, 0xE0000):
        characters = [chr(code) for code in range(start, start + 0x1000) if not 0xD800 <= code < 0xE000]
        found = set(pieces("\u3042 " + " ".join(characters)))
        expected = {character for character in characters if not character.isspace()}
        assert expected <= found
        runs = pieces("あ" + "".join(c for c in characters if unicodedata.category(c)[0] == "L")[: LONGEST_PIECE - 1])
        assert len(runs) == 1


@given(st.text(max_size=80))
def test_pieces_of_a_text_are_the_pieces_of_its_words(text):
    by_word = [piece for start, end in word_spans(text) for piece in pieces(clean(text[start:end]))]
    assert pieces(clean(text)) == by_word


# --- the library ---


@pytest.fixture(scope="module")
def library():
    counter = library_counter()
    if counter is None:
        pytest.skip("instant-clip-tokenizer has no wheel for this Python")
    return counter


KNOWN = {
    "t-shirt": 3,
    "t shirt": 2,
    "tshirt": 1,
    "1girl, solo, long hair": 7,
    "1girl, solo, long_hair": 8,
    "": 0,
    "<|endoftext|>": 1,
    "it’s": 2,
    "１ｇｉｒｌ，ｓｏｌｏ": 4,
}


@pytest.mark.parametrize(("text", "n"), KNOWN.items())
def test_the_library_gives_the_published_counts(library, text, n):
    assert library.count(text) == n


def test_the_library_is_exact_and_says_its_name(library):
    assert library.exact
    assert library.name == "instant-clip-tokenizer"
    assert library.bounds("t-shirt") == (3, 3)


def test_many_texts_are_counted_into_one_column(library):
    counts = library.counts(list(KNOWN))
    assert counts.dtype == np.int64
    assert counts.tolist() == list(KNOWN.values())
    assert library.lower_bounds(list(KNOWN)).tolist() == counts.tolist()
    assert library.counts([]).tolist() == []


@given(text=st.text(max_size=60))
def test_no_text_makes_the_library_raise(library, text):
    assert library.count(text) >= 0


def test_ten_thousand_captions_take_well_under_a_second(library):
    words = [f"{a}{b} {c}" for a in ("red", "blue", "long") for b in "abcdefgh" for c in ("hair", "dress", "hat")]
    captions = [", ".join(words[(i * 7 + j * 11) % len(words)] for j in range(25)) for i in range(10_000)]
    assert answers_within(2, lambda: library.counts(captions))


@pytest.mark.parametrize("unit", ["a", "ab", ".", "長", "a,", "&amp;", "\u0315\u0300", "😂", "(", "&#38;"])
def test_long_captions_without_a_space_take_linear_time(library, unit):
    text = unit * (200_000 // len(unit.encode()))
    for counter in (library, counter_of(SMALL), TokenEstimate()):
        assert answers_within(2, lambda counter=counter: counter.count(text))
        assert answers_within(2, lambda counter=counter: counter.cut(text, 75))


# --- the published vocabulary, where there is one ---


@pytest.fixture(scope="module")
def published():
    path = os.environ.get("TAGMETRY_CLIP_VOCABULARY")
    if not path:
        pytest.skip("TAGMETRY_CLIP_VOCABULARY does not name CLIP's vocabulary")
    return counter_of(read_vocabulary(Path(path)))


@pytest.mark.parametrize(("text", "n"), KNOWN.items())
def test_the_published_vocabulary_gives_the_published_counts(published, text, n):
    assert published.exact
    assert published.count(text) == n


ODD = st.sampled_from(
    [
        "長い髪、",
        "1girl, ",
        "Don't",
        " it’s ",
        "&amp;",
        "&#39;",
        "<|endoftext|>",
        "<start_of_text>",
        "😀😀",
        "❤️",
        "Σ",
        "ΟΔΟΣ ",
        *["ſ", "'ſ", "²", "Ⅷ", "ﬁ", "İ", "\x1c", "\x85", "\u200b", "\u3000", "긴 머리", "ไทย", "_", "...", "\n", "A"],
    ]
)


@settings(max_examples=500)
@given(text=st.one_of(st.text(max_size=60), st.lists(ODD, max_size=8).map("".join)))
def test_library_and_vocabulary_agree(library, published, text):
    assert library.count(text) == published.count(text)
    assert library.cut(text, 5) == published.cut(text, 5)


@given(text=st.one_of(st.text(max_size=60), st.lists(ODD, max_size=8).map("".join)))
def test_the_bounds_of_the_estimate_hold_for_the_published_vocabulary(published, text):
    low, high = TokenEstimate().bounds(text)
    assert low <= published.count(text) <= high


# --- the estimate ---


@given(text=st.one_of(st.text(max_size=60), st.lists(ODD, max_size=8).map("".join)))
def test_the_bounds_of_the_estimate_hold(library, text):
    low, high = TokenEstimate().bounds(text)
    assert low <= library.count(text) <= high
    assert low <= TokenEstimate().count(text)


@pytest.mark.parametrize("text", ["😂" * 40, "blackandwhitephotography " * 9, "—" * 50, "." * 100, "⠀" * 40, "🇺🇸" * 9])
def test_the_lower_bound_holds_for_the_longest_tokens(library, text):
    assert TokenEstimate().bounds(text)[0] <= library.count(text)


def test_the_estimate_says_that_it_is_one():
    estimate = TokenEstimate()
    assert not estimate.exact
    assert estimate.name == "estimate"
    assert estimate.count("1girl, solo, long_hair") == 8
    assert estimate.bounds("1girl, solo") == (4, 10)
    assert estimate.bounds("<|endoftext|> a") == (2, 2)
    assert estimate.counts(["smile", ""]).tolist() == [1, 0]
    assert estimate.lower_bounds(["long hair", "internationalwomensday" * 2]).tolist() == [2, 2]


def test_the_estimate_is_near_for_tags_and_sentences(library):
    for text in (
        "tk, 1girl, solo, looking_at_viewer, smile, open_mouth, bangs, blue_eyes, simple_background, hair_ornament",
        "a photograph of a young woman in a long red dress who stands under a tree and smiles at the camera",
    ):
        assert TokenEstimate().count(text) == pytest.approx(library.count(text), rel=0.15)


# --- what falls off ---


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("1girl, solo, long hair", 7, "1girl, solo, long hair"),
        ("1girl, solo, long hair", 6, "1girl, solo, long "),
        ("1girl, solo, long hair", 4, "1girl, solo"),
        ("1girl, solo", 1, "1"),
        ("1girl, solo", 0, ""),
        ("a,b,c", 3, "a,b"),
        ("red photosynthetically", 2, "red "),
        ("", 0, ""),
    ],
)
def test_the_word_that_does_not_fit_begins_the_rest(library, text, limit, kept):
    assert library.cut(text, limit) == (kept, text[len(kept) :])


def test_a_japanese_clause_is_cut_between_characters(library):
    text = "長い髪の女の子が青い空の下で笑っている"
    kept, lost = library.cut(text, 10)
    assert 0 < len(kept) < len(text)
    assert kept + lost == text
    assert library.count(kept) <= 10 < library.count(text)


def test_a_word_whose_cleaning_moves_characters_goes_as_a_whole(library):
    assert library.cut("one &quot;two&quot;", 3) == ("one ", "&quot;two&quot;")


@given(text=st.text(max_size=60), limit=st.integers(0, 20))
def test_kept_and_lost_are_the_whole_and_kept_fits(library, text, limit):
    for counter in (library, counter_of(SMALL), TokenEstimate()):
        kept, lost = counter.cut(text, limit)
        assert kept + lost == text
        assert counter.bounds(kept)[0] <= limit
        if counter.exact and counter.count(text) <= limit:
            assert lost == ""


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_chunks_hold_75_tokens(count, n):
    assert chunks(count) == n
    assert CHUNK == 75


def test_chunks_of_another_size():
    assert chunks(11, 10) == 2


# --- which counter ---


def test_the_library_is_taken_first(library, tmp_path):
    assert make_counter(env={"HOME": str(tmp_path)}).name == "instant-clip-tokenizer"


def test_without_library_and_vocabulary_it_is_an_estimate(tmp_path):
    assert not make_counter(env={"HOME": str(tmp_path)}, library=False).exact


def test_a_vocabulary_that_is_not_clips_is_refused_if_named_and_passed_over_if_found(tmp_path):
    lines = "\n".join(["#version: 0.2", *(" ".join(pair) for pair in MERGES)])
    (tmp_path / "merges.txt").write_text(lines, encoding="utf-8")
    with pytest.raises(VocabularyError) as caught:
        make_counter(tmp_path / "merges.txt", env={})
    assert caught.value.code == "not-clip"
    assert make_counter(env={}, search_roots=[tmp_path], library=False).name == "estimate"


def test_a_missing_vocabulary_that_was_named_is_an_error(tmp_path):
    for arguments in ({"vocabulary": tmp_path / "no.txt"}, {"env": {"TAGMETRY_CLIP_VOCABULARY": str(tmp_path / "no")}}):
        with pytest.raises(VocabularyError) as caught:
            make_counter(**{"env": {}, **arguments})
        assert caught.value.code == "not-found"


def test_broken_files_in_a_cache_are_passed_over(tmp_path):
    folder = tmp_path / "models--openai--clip-vit-large-patch14" / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (folder / "merges.txt").write_bytes(b"\xff\xfe")
    assert make_counter(env={"HF_HUB_CACHE": str(tmp_path)}, library=False).name == "estimate"


def test_the_published_vocabulary_is_found_in_a_cache_and_exact_in_every_form(published, tmp_path):
    data = Path(os.environ["TAGMETRY_CLIP_VOCABULARY"]).read_bytes()
    text = gzip.decompress(data).decode() if data.startswith(b"\x1f\x8b") else data.decode()
    merges = text.split("\n")[1:48_895]
    alphabet = published_alphabet()
    tokens = [*alphabet, *(letter + END for letter in alphabet), *("".join(merge.split()) for merge in merges)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    forms = {
        "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n",
        "vocab.json": json.dumps({token: number for number, token in enumerate(tokens)}),
        "tokenizer.json": json.dumps({"model": {"type": "BPE", "merges": [merge.split() for merge in merges]}}),
    }
    for name, content in forms.items():
        folder = tmp_path / name / "hub" / "models--openai--clip-vit-large-patch14" / "snapshots" / "abc"
        folder.mkdir(parents=True)
        (folder / name).write_text(content, encoding="utf-8")
        counter = make_counter(env={"HF_HOME": str(tmp_path / name)}, library=False)
        assert (counter.name, counter.exact) == ("CLIP vocabulary", True)
        assert counter.count("1girl, solo, long_hair") == 8
