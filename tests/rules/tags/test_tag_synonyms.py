from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.tag_synonyms import rule


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), trigger="ohwx_hat", class_word="hat"), **parts)


def test_synonyms_in_use_side_by_side_are_found_with_the_edits():
    found = findings(rule, hats(*["ohwx_hat, t-shirt"] * 3, "ohwx_hat, Tee shirt", "ohwx_hat, t-shirt, tshirt"))
    assert subjects(found) == ["hats"]
    assert found[0].subject.paths == ("hat/003.png", "hat/004.png")
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ["one tag is written in several ways: t-shirt (4), Tee shirt (1), tshirt (1)"]
    assert figures(found) == [("other_spellings", 2, 0, None, None)]
    assert remedies(rule, found[0]) == [
        'write "t-shirt" in the 2 captions that say otherwise: hat/003.txt, hat/004.txt'
    ]
    assert found[0].values["edits"] == ("hat/003.txt: Tee shirt → t-shirt", "hat/004.txt: tshirt → t-shirt")


def test_the_most_common_spelling_is_kept_and_of_equals_the_preferred_one():
    assert findings(rule, hats("tee shirt", "tee shirt", "t-shirt"))[0].values["use"] == "tee shirt"
    assert findings(rule, hats("tee shirt", "t-shirt"))[0].values["use"] == "t-shirt"


def test_one_spelling_alone_is_no_finding_whichever_it_is():
    assert findings(rule, hats("ohwx_hat, tee shirt", "ohwx_hat, tee shirt, smile")) == []


def test_other_gaps_are_another_spelling():
    found = findings(rule, hats("moss-green jar", "moss-green jar", "mossgreen jar"))
    assert texts(rule, found) == ["one tag is written in several ways: moss-green jar (2), mossgreen jar (1)"]


def test_a_plural_is_a_note():
    found = findings(rule, hats("jam jar", "jam jar", "jam jars"))
    assert texts(rule, found) == ["a tag and what may be its plural are both in use: jam jar (2), jam jars (1)"]
    assert severities(rule, found) == ["info"]
    assert remedies(rule, found[0]) == ['if the pictures show no difference, write "jam jar" in all of them']


def test_underscores_here_and_spaces_there_are_one_finding_for_the_set():
    found = findings(rule, hats("long_hair, blue eyes, ^_^", "long hair, blue_eyes", "long hair, score_9"))
    assert texts(rule, found) == [
        (
            "2 tags are written with underscores in some captions and with spaces in others: "
            "blue_eyes = blue eyes, long_hair = long hair"
        )
    ]
    assert figures(found) == [("tags_in_two_ways", 2, 0, None, None)]
    assert findings(rule, hats("long_hair, blue_eyes", "Long_Hair, score_9, smile, ^_^")) == []


def test_triggers_and_class_words_are_no_spellings():
    assert findings(rule, hats("ohwx_hat, hat", "ohwx hat, hats, 1hat")) == []


def test_capitals_are_not_looked_at():
    assert findings(rule, hats("Long hair", "long hair")) == []


def test_concepts_share_their_words():
    data = dataset(concept("a", captions=["t-shirt"] * 2), concept("b", captions=["tshirt"]))
    assert texts(rule, findings(rule, data)) == ["one tag is written in several ways: t-shirt (2), tshirt (1)"]


def test_only_training_captions_count():
    data = dataset(concept("a", captions=["t-shirt"]), concept("reg", captions=["tshirt"], role="regularization"))
    assert findings(rule, data) == []


def test_scripts_that_mean_the_same_are_told():
    assert texts(rule, findings(rule, hats("金髪", "金髪", "blonde hair"))) == [
        "one tag is written in several ways: 金髪 (2), blonde hair (1)"
    ]


def test_sentences_and_sets_without_captions_are_not_judged():
    assert skips(rule, hats("A hat.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, hats(None)) == ["there are no captions"]
    assert skips(rule, dataset(concept("reg", captions=["hat"], role="regularization"))) == [
        "there are no training images"
    ]
