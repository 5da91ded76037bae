import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.captions.caption_too_long import rule

CAPTION = "tk, 1girl, solo, blue hair"


def hats(tokens, *, lost="blue hair", **parts):
    return dataset(
        concept("hat", captions=["tk, hat", CAPTION]),
        tokens={CAPTION: tokens},
        words_lost={CAPTION: lost} if lost else {},
        **parts,
    )


@pytest.mark.parametrize(
    ("tokens", "length", "is_found"),
    [(75, None, False), (76, None, True), (76, 75, True), (150, 150, False), (151, 150, True), (225, 225, False)],
)
def test_the_limit_is_what_the_trainer_reads(tokens, length, is_found):
    assert bool(findings(rule, hats(tokens, max_token_length=length))) is is_found


def test_it_names_the_words_that_fall_away():
    found = findings(rule, hats(94))
    assert subjects(found) == ["hat/001.txt"]
    assert found[0].subject.paths == ("hat/001.txt", "hat/001.png")
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "the caption of hat/001.png has 94 tokens, and only the first 75 are read; cut off: blue hair"
    ]
    assert figures(found) == [("tokens", 94, 75, None, "tokens")]
    assert remedies(rule, found[0]) == [
        "shorten the caption, or move what matters to its front",
        "raise max_token_length only if that is not enough",
    ]


@pytest.mark.parametrize(
    ("lost", "shown"), [(", blue hair, ", "blue hair"), ("_skirt", "skirt"), ("、青い髪", "青い髪")]
)
def test_separators_around_the_lost_words_are_not_shown(lost, shown):
    assert [finding.values["lost"] for finding in findings(rule, hats(76, lost=lost))] == [shown]


@pytest.mark.parametrize("lost", [",", " , ", ".", "。"])
def test_a_separator_at_the_end_is_no_loss(lost):
    assert findings(rule, hats(76, lost=lost)) == []


def test_an_estimate_says_so_and_stays_at_what_is_sure():
    found = findings(rule, hats(94, tokens_exact=False))
    assert texts(rule, found) == [
        (
            "the caption of hat/001.png has at least 94 tokens (an estimate), and only the first 75 are read; "
            "cut off at least: blue hair"
        )
    ]
    assert findings(rule, hats(75, tokens_exact=False)) == []


def test_for_flux_it_is_a_note_with_the_reason():
    found = findings(rule, hats(94, base_model="flux", max_token_length=225))
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        (
            "the caption of hat/001.png has 94 tokens; CLIP reads only the first 75, while T5, which matters more "
            "to Flux, reads further"
        )
    ]
    assert remedies(rule, found[0]) == ["put what matters most into the first sentence"]
    estimated = findings(rule, hats(94, base_model="flux", tokens_exact=False))
    assert severities(rule, estimated) == ["info"]
    assert texts(rule, estimated) == [
        (
            "the caption of hat/001.png has at least 94 tokens (an estimate); CLIP reads only the first 75, "
            "while T5, which matters more to Flux, reads further"
        )
    ]


def test_sentences_are_counted_like_tags():
    found = findings(rule, hats(94, lost="青い髪の女の子", caption_style="sentences", base_model="sdxl"))
    assert [finding.values["lost"] for finding in found] == ["青い髪の女の子"]


def test_a_caption_that_many_images_share_is_found_on_each():
    data = dataset(concept("hat", captions=CAPTION, n=3), tokens={CAPTION: 80}, words_lost={CAPTION: "hair"})
    assert subjects(findings(rule, data)) == ["hat/000.txt", "hat/001.txt", "hat/002.txt"]


def test_images_without_a_caption_are_passed_over():
    data = dataset(concept("hat", captions=[None, CAPTION, ""]), tokens={CAPTION: 80}, words_lost={CAPTION: "hair"})
    assert subjects(findings(rule, data)) == ["hat/001.txt"]


def test_without_captions_it_is_skipped():
    assert skips(rule, dataset(concept("hat", captions=[None, ""]))) == ["there are no captions"]


def test_captions_of_other_roles_are_left_alone():
    data = dataset(
        concept("hat", captions=["tk, hat"]),
        concept("person", captions=[CAPTION], role="regularization"),
        tokens={CAPTION: 90},
    )
    assert findings(rule, data) == []


@pytest.mark.parametrize(("n", "length", "is_found"), [(512, None, False), (513, None, True), (257, 256, True)])
def test_for_flux_what_t5_does_not_read_is_lost(n, length, is_found):
    data = hats(
        94, base_model="flux", t5_tokens={CAPTION: n}, t5_lost={CAPTION: "solo, blue hair"}, t5_max_token_length=length
    )
    found = findings(rule, data)
    assert [finding.message for finding in found] == ["t5" if is_found else "flux"]
    assert severities(rule, found) == ["warning" if is_found else "info"]


def test_what_t5_loses_is_named_and_an_estimate_says_so():
    parts = {"base_model": "flux", "t5_tokens": {CAPTION: 600}, "t5_lost": {CAPTION: ", blue hair"}}
    found = findings(rule, hats(94, **parts))
    assert texts(rule, found) == [
        "the caption of hat/001.png has 600 tokens of T5, and only the first 512 are read; cut off: blue hair"
    ]
    assert figures(found) == [("t5_tokens", 600, 512, None, "tokens")]
    assert texts(rule, findings(rule, hats(94, **parts, t5_exact=False))) == [
        (
            "the caption of hat/001.png has about 600 tokens of T5 (an estimate), and only the first 512 are read; "
            "cut off from about: blue hair"
        )
    ]
