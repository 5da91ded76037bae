import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.concepts.class_hijack_risk import rule


def hats(*captions, trigger="ohwx", class_word="hat"):
    return concept("ohwx hat", captions=list(captions), trigger=trigger, class_word=class_word)


ALWAYS = ["ohwx hat, street", "ohwx, hat, table"] * 10


def test_a_class_word_that_never_stands_alone_is_found():
    found = findings(rule, dataset(hats(*ALWAYS)))
    assert subjects(found) == ["ohwx hat"]
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == [
        '"hat" is in 100 % of the captions with the trigger "ohwx", and no image shows the class without a trigger'
    ]
    assert figures(found) == [("class_only_images", 0, 1, None, "images")]
    assert remedies(rule, found[0])[0] == (
        'add regularization images of other examples of "hat", with captions that name background and attributes '
        'and not "ohwx"'
    )


def test_a_background_that_is_always_there_makes_it_worse():
    found = findings(rule, dataset(hats(*["ohwx, hat, white background, red"] * 19, "ohwx, hat, red")))
    assert texts(rule, found)[0].endswith("without a trigger; always there as well: white background")
    found = findings(rule, dataset(hats(*["ohwx, hat, white background"] * 18, *["ohwx, hat"] * 2)))
    assert texts(rule, found)[0].endswith("shows the class without a trigger")


@pytest.mark.parametrize(("without", "is_found"), [(0, True), (1, True), (2, False)])
def test_the_class_word_is_in_nearly_all_captions_with_the_trigger(without, is_found):
    captions = ["ohwx, hat"] * (20 - without) + ["ohwx"] * without
    assert bool(findings(rule, dataset(hats(*captions)))) is is_found


def test_one_picture_of_the_class_alone_is_enough():
    assert findings(rule, dataset(hats(*ALWAYS, "hat, street"))) == []
    reg = concept("hats", captions=["a hat on a table"], role="regularization")
    assert findings(rule, dataset(hats(*ALWAYS), reg)) == []
    other = concept("caps", captions=["zwx, cap"], trigger="zwx")
    assert findings(rule, dataset(hats(*ALWAYS), other))


def test_regularization_without_captions_is_named_by_its_folder():
    assert findings(rule, dataset(hats(*ALWAYS), concept("hat", captions=[None], role="regularization"))) == []
    assert findings(rule, dataset(hats(*ALWAYS), concept("cap", captions=[None], role="regularization")))


def test_pictures_that_are_held_out_teach_nothing():
    assert findings(rule, dataset(hats(*ALWAYS), concept("val", captions=["hat"], role="holdout")))


def test_another_trigger_with_the_class_word_is_no_picture_of_the_class():
    other = concept("zwx hat", captions=["zwx hat"] * 5, trigger="zwx", class_word="hat")
    assert subjects(findings(rule, dataset(hats(*ALWAYS), other))) == ["ohwx hat", "zwx hat"]


def test_the_class_word_is_a_word_and_may_be_counted():
    assert findings(rule, dataset(hats(*["ohwx, that"] * 10))) == []
    assert findings(rule, dataset(hats(*["ohwx, 1girl"] * 10, class_word="girl")))


def test_sentences_are_judged_as_well():
    captions = ["A man wears an ohwx hat on a white background."] * 5
    found = findings(rule, dataset(hats(*captions), caption_style="sentences"))
    assert texts(rule, found)[0].endswith("shows the class without a trigger")


def test_what_is_not_known_is_not_judged():
    assert skips(rule, dataset(hats("ohwx, hat", trigger=None))) == [
        "no trigger word is known: set profile.concepts.NAME.trigger"
    ]
    assert skips(rule, dataset(hats("ohwx, hat", class_word=None))) == [
        "no class word is known: set profile.concepts.NAME.class_word"
    ]
    assert skips(rule, dataset(hats(*ALWAYS), purpose="style")) == [
        "the purpose is a style, which has no class that could be lost"
    ]
    assert skips(rule, dataset(hats("hat"))) == ["no caption holds the trigger"]
    assert skips(rule, dataset(hats(None))) == ["there are no captions"]
