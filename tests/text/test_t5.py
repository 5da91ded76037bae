import io
import sys

import pytest

from tagmetry.text import T5Estimate, VocabularyError, make_t5_counter

SENTENCES = [
    "a woman with long black hair smiles softly in natural daylight",
    "a red hat on a wooden table beside the window",
    "a dog runs over the beach with a ball in its mouth",
] * 20


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A SentencePiece model, trained here on a few sentences."""
    sentencepiece = pytest.importorskip("sentencepiece")
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=trained, vocab_size=40, minloglevel=2
    )
    path = tmp_path_factory.mktemp("t5") / "spiece.model"
    path.write_bytes(trained.getvalue())
    return path


def test_a_model_counts_exactly_with_the_end_marker(model):
    import sentencepiece

    counter = make_t5_counter(model)
    reference = sentencepiece.SentencePieceProcessor(model_file=str(model))
    assert counter.exact
    assert counter.name == "SentencePiece, spiece.model"
    for text in (*SENTENCES[:3], "", "青い髪"):
        assert counter.count(text) == len(reference.encode(text)) + 1


@pytest.mark.parametrize("limit", [2, 5, 9, 14])
def test_what_is_lost_begins_with_the_first_word_that_does_not_fit(model, limit):
    for counter in (make_t5_counter(model), T5Estimate()):
        text = SENTENCES[0]
        lost = counter.lost(text, limit)
        kept = text[: len(text) - len(lost)].strip()
        assert text.endswith(lost)
        assert kept == "" or counter.count(kept) <= limit
        assert counter.count((kept + " " + lost.split()[0]).strip()) > limit


def test_nothing_is_lost_at_the_limit():
    counter = T5Estimate()
    assert counter.lost(SENTENCES[0], counter.count(SENTENCES[0])) == ""


def test_the_estimate():
    counter = make_t5_counter()
    assert (counter.name, counter.exact) == ("estimate", False)
    # T5's own model gives 2, 6, 16 and 3 with the end marker.
    assert counter.count("red") == 2
    assert counter.count("a red hat") == 5
    assert counter.count("A Japanese woman with long black hair smiles softly in natural daylight.") == 23
    assert counter.count("青い髪") == 3


def test_files_that_are_no_model(tmp_path):
    pytest.importorskip("sentencepiece")
    for name, data, code in (("a", b"", "not-sentencepiece"), ("b", b"no model at all", "not-sentencepiece")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(VocabularyError) as caught:
            make_t5_counter(tmp_path / name)
        assert caught.value.code == code
    with pytest.raises(VocabularyError) as caught:
        make_t5_counter(tmp_path / "missing")
    assert caught.value.code == "unreadable"


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    pytest.importorskip("sentencepiece")
    monkeypatch.setattr("tagmetry.text.t5.LARGEST_MODEL_BYTES", 3)
    (tmp_path / "a").write_bytes(b"1234")
    with pytest.raises(VocabularyError) as caught:
        make_t5_counter(tmp_path / "a")
    assert caught.value.code == "too-large"


def test_without_the_library_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(VocabularyError) as caught:
        make_t5_counter(tmp_path / "spiece.model")
    assert caught.value.code == "no-sentencepiece"
