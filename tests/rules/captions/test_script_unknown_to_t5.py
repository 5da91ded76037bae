import pytest

from rule_testing import concept, dataset, figures, findings, severities, skips, subjects, texts
from tagmetry.rules.captions.script_unknown_to_t5 import rule


def hats(*captions, base_model="flux"):
    return dataset(concept("hat", captions=list(captions)), base_model=base_model)


def test_japanese_captions_are_unknown_to_t5():
    found = findings(rule, hats("赤い帽子の女の子", "a girl with a red hat"))
    assert subjects(found) == ["hat/000.txt"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        "100 % of the letters in the caption of hat/000.png are in scripts that Flux's T5 does not know"
    ]
    assert figures(found) == [("unknown_script_share", 1.0, 0.5, "limit", "share")]


@pytest.mark.parametrize(
    ("caption", "is_found"), [("abc 赤い", False), ("ab 赤い", True), ("한국 소녀", True), ("щенок", False)]
)
def test_half_of_the_letters(caption, is_found):
    assert bool(findings(rule, hats(caption))) is is_found


def test_other_base_models_are_not_judged():
    assert skips(rule, hats("赤い帽子", base_model="sdxl")) == ["only for Flux, which reads captions with T5"]
    assert skips(rule, hats(None)) == ["there are no captions"]


def test_captions_without_letters_are_fine():
    assert findings(rule, hats("1, 2"), limit=0) == []
