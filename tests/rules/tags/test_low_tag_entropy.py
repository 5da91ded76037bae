import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.low_tag_entropy import rule


def hats(*captions, core_tags=(), **parts):
    return dataset(concept("hat", captions=list(captions), trigger="ohwx", core_tags=core_tags), **parts)


MOSTLY_WHITE = ["ohwx, white background"] * 17 + ["ohwx, beach", "ohwx, forest", "ohwx, kitchen"]


def test_a_background_that_hardly_changes_is_found():
    found = findings(rule, hats(*MOSTLY_WHITE))
    assert subjects(found) == ["hat"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        'the background of "hat" hardly changes: 17 of the 20 captions that name one say white background'
    ]
    assert figures(found) == [("tag_entropy", pytest.approx(0.4235, abs=0.001), 0.5, "limit", None)]
    assert found[0].values["others"] == ("beach", "forest", "kitchen")
    assert remedies(rule, found[0]) == [
        "add pictures in front of other backgrounds, and name those in their captions",
        'if it belongs to "hat", declare it as a core tag: profile.concepts.NAME.core_tags',
    ]


def test_two_backgrounds_that_are_even_are_enough():
    assert findings(rule, hats(*["ohwx, indoors"] * 10, *["ohwx, outdoors"] * 10)) == []


@pytest.mark.parametrize(("white", "is_found"), [(15, False), (16, True)])
def test_both_sides_of_the_limit(white, is_found):
    others = ["beach", "forest", "kitchen", "street", "river"][: 20 - white]
    captions = ["ohwx, white background"] * white + [f"ohwx, {other}" for other in others]
    assert bool(findings(rule, hats(*captions))) is is_found


def test_tags_that_stand_together_are_one_background():
    captions = ["ohwx, simple background, white background"] * 17 + ["ohwx, beach", "ohwx, forest", "ohwx, kitchen"]
    assert findings(rule, hats(*captions))[0].values["usual"] == ("simple background", "white background")


def test_view_and_light_are_judged_as_well():
    captions = ["ohwx, from above, soft lighting"] * 17 + ["ohwx, close-up, sunset"] * 3
    assert [finding.key for finding in findings(rule, hats(*captions), limit=0.6)] == []
    assert [finding.key for finding in findings(rule, hats(*captions), limit=0.7)] == ["view", "light"]


def test_with_a_purpose_the_view_is_left_to_another_rule():
    captions = ["ohwx, from above"] * 17 + ["ohwx, close-up", "ohwx, full body", "ohwx, from below"]
    assert [finding.key for finding in findings(rule, hats(*captions))] == ["view"]
    assert skips(rule, hats(*captions, purpose="character")) != []


def test_it_is_a_note_for_flux_and_where_another_rule_names_the_tag():
    assert severities(rule, findings(rule, hats(*MOSTLY_WHITE, base_model="flux"))) == ["info"]
    constant = ["ohwx, white background"] * 19 + ["ohwx, beach"]
    assert severities(rule, findings(rule, hats(*constant))) == ["info"]


def test_core_tags_are_meant_to_stay():
    assert skips(rule, hats(*["ohwx, white background"] * 20, core_tags=["white background"])) != []


def test_half_of_the_captions_must_name_it():
    assert skips(rule, hats(*["ohwx, white background"] * 9)) == [
        (
            "too few captions of a concept name a background, a view or the light: it takes 10, half of all, "
            "and at most 9 do"
        )
    ]
    assert findings(rule, hats(*["ohwx, white background"] * 10, *["ohwx"] * 10))
    assert skips(rule, hats(*["ohwx, white background"] * 10, *["ohwx"] * 11)) != []


def test_sentences_are_searched_for_the_words():
    captions = ["An ohwx hat on a white background."] * 12
    found = findings(rule, hats(*captions, caption_style="sentences"))
    assert [finding.key for finding in found] == ["background"]
    assert severities(rule, found) == ["warning"]


def test_sets_without_captions_are_not_judged():
    assert skips(rule, hats(None)) == ["there are no captions"]


def test_what_no_caption_says_is_named_and_the_images_that_say_the_usual():
    found = findings(rule, hats(*["ohwx, day"] * 17, "ohwx, sunset", *["ohwx"] * 2))
    assert texts(rule, found) == [
        'the light of "hat" hardly changes: 17 of the 18 captions that name it say day; no caption ever says night'
    ]
    assert found[0].subject.paths == tuple(f"hat/{n:03}.png" for n in range(17))
