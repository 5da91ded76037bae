from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.concepts import class_hijack_risk
from tagmetry.rules.regularization.missing_regularization import rule

MIXED = ["sks, dog, grass", "sks, dog, sofa", "sks, street", "sks, beach"]
BARE = [None] * 4


def dog(captions, *, name="sks dog", **more):
    return concept(name, captions=captions, **{"trigger": "sks", "class_word": "dog", **more})


def reg(*captions, role="regularization", name="class", **more):
    return concept(name, captions=list(captions), role=role, **more)


def test_half_of_the_images_with_both_words_and_no_class_picture_are_found():
    found = findings(rule, dataset(dog(MIXED)))
    assert texts(rule, found) == [
        'no picture shows "dog" alone, and 50 % of the images of "sks dog" teach it together with the trigger (2 of 4)'
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("class_with_subject_share", 0.5, 0.5, "limit", "share")]
    assert remedies(rule, found[0]) == [
        'add regularization images of "dog", with captions that name background and attributes',
        "until then train shorter and the text encoder weaker, and try the class word alone",
    ]


def test_fewer_than_half_of_the_images_are_not():
    assert findings(rule, dataset(dog([*MIXED, "sks, park"]))) == []


def test_one_class_picture_is_enough():
    assert findings(rule, dataset(dog(MIXED), reg("a dog on grass"))) == []
    assert findings(rule, dataset(dog(MIXED), reg("a dog", role="preservation"))) == []
    assert findings(rule, dataset(dog(MIXED), reg(None, name="dog"))) == []


def test_regularization_images_of_another_class_are_none():
    assert len(findings(rule, dataset(dog(MIXED), reg("a cat")))) == 1


def test_a_fixed_pair_is_left_to_class_hijack_risk():
    data = dataset(dog(["sks, dog, grass"] * 19 + ["sks, street"]))
    assert findings(rule, data) == []
    assert len(findings(class_hijack_risk.rule, data)) == 1


def test_just_under_a_fixed_pair_this_rule_speaks():
    data = dataset(dog(["sks, dog, grass"] * 18 + ["sks, street"] * 2))
    assert len(findings(rule, data)) == 1
    assert findings(class_hijack_risk.rule, data) == []


def test_images_without_captions_are_trained_on_their_folder_with_sd_scripts():
    data = dataset(dog(BARE, trigger=None), trainer="kohya")
    assert texts(rule, findings(rule, data)) == [
        (
            'no picture shows "dog" alone, and 100 % of the images of "sks dog" have no caption, so that they are '
            "trained on the name of their folder, class word included (4 of 4)"
        )
    ]
    assert skips(class_hijack_risk.rule, dataset(dog(BARE), trainer="kohya")) == ["there are no captions"]


def test_other_trainers_do_not_read_folder_names():
    assert findings(rule, dataset(dog(BARE))) == []
    assert findings(rule, dataset(dog(BARE), trainer="everydream")) == []


def test_a_folder_that_names_the_class_alone_is_itself_a_class_picture():
    assert findings(rule, dataset(dog(BARE, name="dog"), trainer="kohya")) == []


def test_concepts_of_few_images_are_not_judged():
    assert skips(rule, dataset(dog(MIXED[:2]))) == ["the concept has too few images to judge"]
    assert len(findings(rule, dataset(dog(MIXED[:3])))) == 1


def test_a_style_has_no_class():
    assert skips(rule, dataset(dog(MIXED), purpose="style")) == [
        "the purpose is a style, which has no class that could be lost"
    ]


def test_without_a_class_word_nothing_is_judged():
    assert skips(rule, dataset(dog(MIXED, class_word=None))) == [
        "no class word is known: set profile.concepts.NAME.class_word"
    ]
