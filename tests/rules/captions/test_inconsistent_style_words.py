import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.captions.inconsistent_style_words import rule


def hats(captions, **parts):
    return dataset(concept("hat", captions=captions), **parts)


LIGHT = ["a woman, cinematic lighting"] * 4 + ["a woman, bright soft lighting", "a woman, soft light"]


def test_light_that_disagrees_is_found_for_flux():
    found = findings(rule, hats(LIGHT, base_model="flux"))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        (
            'the captions of "hat" disagree about the light: most say "cinematic lighting", 2 of 6 say '
            '"bright soft lighting", "soft light"'
        )
    ]
    assert figures(found) == [("style_disagreement", pytest.approx(1 / 3), 0.1, "limit", "share")]
    assert remedies(rule, found[0])[0] == (
        'if hat/004.png, hat/005.png look like the others, say "cinematic lighting" there too, or leave such words out '
        "everywhere"
    )


def test_other_light_is_wanted_elsewhere():
    assert findings(rule, hats(LIGHT, base_model="sdxl")) == []
    assert findings(rule, hats(LIGHT, purpose="style")) == []


def test_renderings_that_disagree():
    captions = ["oil painting of a hat"] * 6 + ["watercolor of a hat"] * 2
    assert severities(rule, findings(rule, hats(captions, purpose="style"))) == ["warning"]
    assert severities(rule, findings(rule, hats(captions, base_model="flux"))) == ["warning"]
    assert severities(rule, findings(rule, hats(captions))) == ["info"]


@pytest.mark.parametrize(("others", "is_found"), [(1, False), (2, True)])
def test_one_caption_may_be_an_exception(others, is_found):
    captions = ["anime girl"] * 5 + ["photo of a girl"] * others
    assert bool(findings(rule, hats(captions, base_model="flux"))) is is_found


@pytest.mark.parametrize(("total", "is_found"), [(20, True), (21, False)])
def test_two_of_twenty_are_the_limit(total, is_found):
    captions = ["anime girl"] * (total - 2) + ["photo of a girl"] * 2
    assert bool(findings(rule, hats(captions, base_model="flux"))) is is_found


def test_a_caption_that_says_both_agrees_with_most():
    captions = ["anime girl"] * 4 + ["anime girl, sketch"] * 4
    assert findings(rule, hats(captions, base_model="flux")) == []


def test_too_few_captions_that_speak_of_it():
    captions = ["anime girl", "photo of a girl", "photo of a hat", *["a hat"] * 10]
    assert skips(rule, hats(captions, base_model="flux")) == [
        '3 captions of "hat" speak of its look, fewer than the 4 needed to judge'
    ]


def test_captions_that_do_not_speak_of_it_are_fine():
    assert findings(rule, hats(["a hat"] * 10, base_model="flux")) == []
