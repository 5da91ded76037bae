import gzip
import json
import os

import pytest

from tagmetry.text import VocabularyError, find_vocabulary, read_vocabulary, vocabulary_candidates
from tagmetry.text.clip_vocabulary import MAX_FILE_BYTES

MERGES = "#version: 0.2\ni n\nt h\nin g</w>\n"
HUB = "models--openai--clip-vit-large-patch14/snapshots/abc"


def written(path, content=MERGES):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def code_of(path):
    with pytest.raises(VocabularyError) as caught:
        read_vocabulary(path)
    return caught.value.code


# --- finding ---


def test_an_explicit_file_wins(tmp_path):
    explicit = written(tmp_path / "mine.txt")
    written(tmp_path / "hub" / HUB / "merges.txt")
    assert find_vocabulary(explicit, {"HF_HOME": str(tmp_path)}, [tmp_path]) == explicit
    assert find_vocabulary(None, {"TAGMETRY_CLIP_VOCABULARY": str(explicit)}) == explicit


def test_the_argument_wins_over_the_environment(tmp_path):
    explicit = written(tmp_path / "mine.txt")
    assert find_vocabulary(explicit, {"TAGMETRY_CLIP_VOCABULARY": str(tmp_path / "other")}) == explicit


def test_an_explicit_folder_is_looked_into(tmp_path):
    inside = written(tmp_path / "tokenizer" / "merges.txt")
    assert find_vocabulary(tmp_path, {}) == inside


def test_an_explicit_file_or_folder_without_vocabulary_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "no.txt", tmp_path / "empty"):
        with pytest.raises(VocabularyError) as caught:
            find_vocabulary(path, {})
        assert caught.value.code == "not-found"


@pytest.mark.parametrize(
    ("env", "where"),
    [
        ({"HF_HUB_CACHE": "{}/cache"}, "cache"),
        ({"HUGGINGFACE_HUB_CACHE": "{}/cache"}, "cache"),
        ({"HF_HOME": "{}/hf"}, "hf/hub"),
        ({"XDG_CACHE_HOME": "{}/xdg"}, "xdg/huggingface/hub"),
        ({"HOME": "{}"}, ".cache/huggingface/hub"),
        ({"USERPROFILE": "{}"}, ".cache/huggingface/hub"),
    ],
)
def test_hub_caches_are_looked_at(tmp_path, env, where):
    file = written(tmp_path / where / HUB / "merges.txt")
    assert find_vocabulary(None, {name: value.format(tmp_path) for name, value in env.items()}) == file


@pytest.mark.parametrize(
    "place",
    [
        HUB,
        "models--laion--CLIP-ViT-bigG-14-laion2B-39B-b160k/snapshots/abc",
        "models--stabilityai--stable-diffusion-xl-base-1.0/snapshots/abc/tokenizer",
    ],
)
def test_models_with_the_same_tokenizer_are_found(tmp_path, place):
    file = written(tmp_path / place / "vocab.json", "{}")
    assert find_vocabulary(None, {"HF_HUB_CACHE": str(tmp_path)}) == file


def test_other_models_are_not_looked_at(tmp_path):
    written(tmp_path / "models--Qwen--Qwen2/snapshots/abc/merges.txt")
    assert find_vocabulary(None, {"HF_HUB_CACHE": str(tmp_path)}) is None


@pytest.mark.parametrize(
    "place", ["merges.txt", "clip/bpe_simple_vocab_16e6.txt.gz", "openai_clip-vit-large-patch14/merges.txt"]
)
def test_a_trainers_folder_is_looked_at_before_the_caches(tmp_path, place):
    written(tmp_path / "hub" / HUB / "merges.txt")
    file = written(tmp_path / "trainer" / place)
    assert find_vocabulary(None, {"HF_HOME": str(tmp_path)}, [tmp_path / "trainer"]) == file


def test_files_with_merges_come_before_those_without(tmp_path):
    vocab = written(tmp_path / "vocab.json", "{}")
    merges = written(tmp_path / "merges.txt")
    assert list(vocabulary_candidates(None, {}, [tmp_path])) == [merges, vocab]


def test_nothing_anywhere_is_none(tmp_path):
    assert find_vocabulary(None, {}) is None
    assert find_vocabulary(None, {"HOME": str(tmp_path)}, [tmp_path / "no"]) is None


# --- reading ---


def test_merges_are_read_as_text_and_packed(tmp_path):
    plain = read_vocabulary(written(tmp_path / "merges.txt"))
    packed = read_vocabulary(written(tmp_path / "merges.txt.gz", gzip.compress(MERGES.encode())))
    windows = read_vocabulary(written(tmp_path / "windows.txt", MERGES.replace("\n", "\r\n")))
    assert plain == packed == windows
    assert (len(plain.ranks), plain.is_clip) == (3, False)
    assert plain.count("thing") == 2


def test_merges_are_read_from_both_forms_of_tokenizer_json(tmp_path):
    plain = read_vocabulary(written(tmp_path / "merges.txt"))
    for merges in (["i n", "t h", "in g</w>"], [["i", "n"], ["t", "h"], ["in", "g</w>"]]):
        content = json.dumps({"version": "1.0", "model": {"type": "BPE", "merges": merges}})
        assert read_vocabulary(written(tmp_path / "tokenizer.json", content)) == plain


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no-merges"),
        (b"in\nth\n", "no-merges"),
        (b"#version: 0.2\ni n t\n", "invalid-merge"),
        (b"#version: 0.2\nxy z\n", "invalid-merge"),
        (b"#version: 0.2\n\xff \xff\n", "invalid-text"),
        (b"\x1f\x8b\x08broken", "invalid-gzip"),
        (gzip.compress(MERGES.encode(), mtime=0)[:-9], "invalid-gzip"),
        (b"{", "invalid-json"),
        (b'{"a":' * 100_000, "invalid-json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "invalid-json"),
        (b"{}", "no-merges"),
        (b'{"model": 3}', "no-merges"),
        (b'{"model": {"merges": [3]}}', "no-merges"),
        (b'{"model": {"merges": [["a", 3]]}}', "invalid-merge"),
        (b'{"model": {"merges": ["a b c"]}}', "invalid-merge"),
    ],
)
def test_broken_files_are_named_by_what_is_wrong(tmp_path, content, code):
    assert code_of(written(tmp_path / "vocabulary", content)) == code


def test_a_vocabulary_of_no_known_tokens_is_refused(tmp_path):
    content = json.dumps({f"token {number}": number for number in range(600)})
    assert code_of(written(tmp_path / "vocab.json", content)) == "invalid-token"


def test_a_file_of_the_limit_is_read_and_one_byte_more_is_too_large(tmp_path):
    padded = MERGES.encode() + b"\n" * (MAX_FILE_BYTES - len(MERGES))
    assert len(read_vocabulary(written(tmp_path / "at", padded)).ranks) == 3
    assert code_of(written(tmp_path / "over", padded + b"\n")) == "too-large"


def test_a_packed_file_may_not_unpack_beyond_the_limit(tmp_path):
    padded = MERGES.encode() + b"\n" * (MAX_FILE_BYTES - len(MERGES))
    assert len(read_vocabulary(written(tmp_path / "at.gz", gzip.compress(padded, mtime=0))).ranks) == 3
    assert code_of(written(tmp_path / "over.gz", gzip.compress(padded + b"\n", mtime=0))) == "too-large"


def test_missing_files_folders_and_impossible_names(tmp_path):
    assert code_of(tmp_path / "no") == "not-found"
    assert code_of(tmp_path) == "not-a-file"
    assert code_of(tmp_path / "a\0b") == "not-found"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "merges.txt")
    assert code_of(tmp_path / "merges.txt") == "not-a-file"
