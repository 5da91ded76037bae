import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.contradictory_tags import rule


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), trigger="ohwx"), **parts)


def test_two_tags_of_which_one_must_be_wrong_are_found():
    found = findings(rule, hats("ohwx, day, smile", "ohwx, day, smile, Night"))
    assert subjects(found) == ["hat/001.txt"]
    assert found[0].subject.kind == "caption"
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["the caption of hat/001.png holds tags that exclude each other: day + Night"]
    assert figures(found) == [("contradictions", 1.0, 0, None, None)]
    assert remedies(rule, found[0]) == ["look at the picture and keep one of each pair: day + Night"]


def test_several_pairs_of_a_caption_are_one_finding():
    found = findings(rule, hats("ohwx, solo, indoors, blue eyes, outdoors, brown eyes"))
    assert texts(rule, found) == [
        (
            "the caption of hat/000.png holds 2 pairs of tags that exclude each other: "
            "blue eyes + brown eyes, indoors + outdoors"
        )
    ]


def test_equal_captions_are_each_named():
    assert subjects(findings(rule, hats(*["day, night"] * 3, "day"))) == ["hat/000.txt", "hat/001.txt", "hat/002.txt"]


@pytest.mark.parametrize(
    "caption",
    [
        "ohwx, day, dusk",
        "2girls, blonde hair, black hair",
        "1girl, two-tone hair, blonde hair, black hair",
        "reference sheet, from behind, from front",
        "very long hair, long hair",
        None,
        "",
    ],
)
def test_what_may_go_together_is_not_found(caption):
    assert findings(rule, hats("ohwx, day", caption)) == []


def test_a_policy_can_excuse_a_pair_or_take_a_set_away():
    vocabulary = hats("ohwx").vocabulary
    excused = vocabulary.patched({"excuses": {"day_or_night": {"add": ["day for night"]}}})
    assert findings(rule, hats("day, night, day for night", vocabulary=excused)) == []
    assert len(findings(rule, hats("day, night", vocabulary=excused))) == 1
    assert findings(rule, hats("day, night", vocabulary=vocabulary.patched({"exclusive": {"day_or_night": []}}))) == []


def test_regularization_images_are_not_looked_at():
    data = dataset(concept("hat", captions=["day"]), concept("reg", captions=["day, night"], role="regularization"))
    assert findings(rule, data) == []


def test_sentences_and_sets_without_captions_are_not_judged():
    assert skips(rule, hats("A day, a night.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, hats(None, "")) == ["there are no captions"]
