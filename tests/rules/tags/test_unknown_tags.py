from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.tags.unknown_tags import rule
from tagmetry.tag_list import TagList


def hats(*captions, **parts):
    return dataset(concept("hat", captions=list(captions), trigger="smlie", class_word="hat"), **parts)


def test_a_slip_beside_the_usual_spelling_is_found():
    found = findings(rule, hats(*["long hair"] * 6, "lnog_hair", "lnog_hair, hat"))
    assert subjects(found) == ["hat: lnog_hair"]
    assert found[0].subject.paths == ("hat/006.png", "hat/007.png")
    assert severities(rule, found) == ["warning"]
    assert texts(rule, found) == ['"lnog_hair" is on 2 images; "long hair", which was probably meant, is on 6']
    assert figures(found) == [("images", 2, 2, "max_images", "images")]
    assert remedies(rule, found[0]) == [
        'write "long hair" instead of "lnog_hair" in these captions: hat/006.png, hat/007.png'
    ]


def test_a_word_that_only_the_vocabulary_knows_is_a_note():
    found = findings(rule, hats("serafukku", "hat"))
    assert texts(rule, found) == ['"serafukku" is on one image and is no known word; "serafuku" may have been meant']
    assert severities(rule, found) == ["info"]


def test_the_usual_spelling_is_on_three_times_as_many():
    assert len(findings(rule, hats(*["long hair"] * 6, *["lnog hair"] * 2))) == 1
    known = {"groups": {"hair": ["short hair"]}}
    assert findings(rule, hats(*["long hair"] * 5, *["lnog hair"] * 2, vocabulary=known)) == []


def test_what_is_on_more_images_is_meant_so():
    data = hats(*["long hair"] * 30, *["lnog hair"] * 3)
    assert findings(rule, data) == []
    assert len(findings(rule, data, max_images=3)) == 1


def test_triggers_and_core_tags_are_chosen_words():
    assert findings(rule, hats(*["smlie, smile"] * 2, "smile")) == []
    data = dataset(concept("hat", captions=[*["smile"] * 6, "smlie"], core_tags=["smlie"]))
    assert findings(rule, data) == []


def test_plain_descriptions_are_not_reported_for_being_in_no_list():
    captions = ["kerb in the background, chain-link fence", "leather armchair, cafe", "ビールのグラス, 木のテーブル"]
    assert findings(rule, hats(*captions)) == []


def test_each_concept_with_the_slip_is_named():
    data = dataset(
        concept("a", captions=[*["smile"] * 6, "smlie"]), concept("b", captions=["smlie", "hat"]), concept("c", n=2)
    )
    assert subjects(findings(rule, data)) == ["a: smlie", "b: smlie"]


def test_sentences_and_sets_without_captions_are_not_judged():
    assert skips(rule, hats("A hat.", caption_style="sentences")) == [
        "the captions are sentences, and this rule reads tags"
    ]
    assert skips(rule, hats(None)) == ["there are no captions"]
    assert skips(rule, dataset(concept("reg", captions=["hat"], role="regularization"))) == [
        "there are no training images"
    ]


def test_what_the_users_own_list_lacks_is_told_near_ones_one_by_one_the_others_together():
    listed = hats("x").vocabulary.with_tag_list(TagList({"nekomimi hood": 40, "long hair": 900}))
    captions = ["smlie, nekomimi hodo, zorvax", "smlie, zorvax, long hair, hat", "quibble"]
    found = findings(rule, hats(*captions, vocabulary=listed))
    assert texts(rule, found) == [
        '"nekomimi hodo" is on one image and not in the tag list; the nearest there is "nekomimi hood"',
        "2 of the 6 tags in use are not in the tag list: zorvax (2), quibble (1)",
    ]
    assert severities(rule, found) == ["warning", "info"]
    assert subjects(found) == ["hat: nekomimi hodo", "hats"]
    assert findings(rule, hats(*captions)) == []
