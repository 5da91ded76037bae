import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.captions.important_tag_late import rule

LONG = "red, blue, green, old, new, big, small, round, sks"


def hats(captions, *, lost=None, trigger="sks", class_word=None, core_tags=(), **profile):
    one = concept("hat", captions=captions, trigger=trigger, class_word=class_word, core_tags=core_tags)
    return dataset(one, words_lost=lost or {}, tokens=dict.fromkeys(lost or {}, 90), **profile)


def test_a_trigger_that_is_cut_off():
    found = findings(rule, hats(["red, blue, sks", "sks, red"], lost={"red, blue, sks": "blue, sks"}))
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        'in one of the 2 captions of "hat" "sks" stands behind the tokens that are read: hat/000.png'
    ]
    assert figures(found) == [("cut_off_share", 0.5, 0, None, "share")]
    assert remedies(rule, found[0]) == ['move "sks" to the front of these captions']


def test_a_word_that_also_stands_before_is_not_cut_off():
    assert findings(rule, hats(["sks, red, sks"], lost={"sks, red, sks": "red, sks"})) == []


def test_an_estimate_says_so():
    found = findings(rule, hats(["red, sks"], lost={"red, sks": "sks"}, tokens_exact=False))
    assert [finding.message for finding in found] == ["cut-estimated"]


def test_class_word_and_core_tags_count_and_flux_reads_on():
    caption = "sks, red, hat, brim"
    parts = {"lost": {caption: "hat, brim"}, "class_word": "hat", "core_tags": ["brim"]}
    assert [finding.values["words"] for finding in findings(rule, hats([caption], **parts))] == [
        ('"hat"',),
        ('"brim"',),
    ]
    assert findings(rule, hats([caption], **parts, base_model="flux")) == []


def test_a_trigger_in_the_last_third():
    found = findings(rule, hats([LONG, LONG]))
    assert texts(rule, found) == [
        'the trigger "sks" stands in the last third of 100 % of the captions of "hat" that hold it (2 of 2)'
    ]
    assert figures(found) == [("late_core_share", 1.0, 0.5, "limit", "share")]
    assert remedies(rule, found[0])[1] == "keep_tokens should cover the trigger and the tags that belong to it"


@pytest.mark.parametrize(("place", "is_found"), [(5, False), (6, True)])
def test_the_last_third_of_nine_tags_begins_at_the_seventh(place, is_found):
    tags = [f"t{number}" for number in range(8)]
    tags.insert(place, "sks woman")
    assert bool(findings(rule, hats([", ".join(tags)]))) is is_found


@pytest.mark.parametrize(("late", "is_found"), [(1, False), (2, True)])
def test_half_of_the_captions(late, is_found):
    captions = [LONG.replace("red", f"t{number}") for number in range(late)]
    captions += [f"sks, t{number}, {LONG}" for number in range(4 - late)]
    assert bool(findings(rule, hats(captions))) is is_found


def test_short_lists_have_no_late_part():
    assert findings(rule, hats(["a, b, c, d, e, f, g, sks"])) == []


def test_declared_core_tags_that_stand_late():
    caption = "sks, red, blue, green, old, new, big, scar, brim"
    found = findings(rule, hats([caption], core_tags=["scar", "brim"]))
    assert texts(rule, found) == [
        ('core tags of "hat" stand in the last third of their captions in 100 % of all cases (2 of 2): "brim", "scar"')
    ]
    assert severities(rule, found) == ["warning"]


def test_traits_are_taken_for_core_tags_which_is_said_and_a_note():
    caption = "sks, red, road, green, old, new, big, tree, blue hair"
    found = findings(rule, hats([caption] * 2))
    assert [finding.message for finding in found] == ["traits-late"]
    assert severities(rule, found) == ["info"]


def test_sentences_are_judged_by_what_is_cut_off_only():
    assert findings(rule, hats([LONG], caption_style="sentences")) == []


def test_without_a_known_word_it_is_skipped():
    assert skips(rule, hats([LONG.replace("sks", "old")], trigger=None)) == [
        'no word of "hat" is known to matter: declare a trigger, a class word or core tags in the profile'
    ]
    assert skips(rule, hats([None])) == ["there are no captions"]
