from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts
from tagmetry.rules.regularization.missing_regularization import rule

PAIR = ["sks, dog, grass", "sks, dog, sofa", "sks, dog, street", "sks, dog, beach"]


def dog(captions=PAIR, **more):
    return concept("dog", captions=captions, **{"trigger": "sks", "class_word": "dog", **more})


def reg(*captions, role="regularization", **more):
    return concept("class", captions=list(captions), role=role, **more)


def test_a_class_word_always_beside_the_trigger_without_class_pictures_is_found():
    data = dataset(dog())
    found = findings(rule, data)
    assert texts(rule, found) == [
        (
            'no picture shows a class without a trigger: the class word "dog" is always beside the trigger in the '
            'captions of "dog", and there are no regularization images'
        )
    ]
    assert severities(rule, found) == ["warning"]
    assert figures(found) == [("class_word_share", 1.0, 0.9, "limit", "share")]
    assert remedies(rule, found[0]) == [
        "add regularization images of the class, with captions that name background and attributes",
        "until then train shorter and the text encoder weaker, and try the class word alone",
    ]


def test_several_concepts_are_one_finding():
    cat = concept("cat", captions=["mau, cat"] * 3, trigger="mau", class_word="cat")
    assert texts(rule, findings(rule, dataset(dog(), cat))) == [
        (
            "no picture shows a class without a trigger: the class words cat, dog are always beside a trigger in the "
            "captions of cat, dog, and there are no regularization images"
        )
    ]


def test_one_class_picture_is_enough():
    assert findings(rule, dataset(dog(), reg("a dog on grass"))) == []


def test_class_pictures_are_known_by_the_count_of_boorus():
    girl = concept("girl", captions=["lumi, 1girl"] * 4, trigger="lumi", class_word="girl")
    assert len(findings(rule, dataset(girl))) == 1
    assert findings(rule, dataset(girl, reg("2girls, park"))) == []
    assert len(findings(rule, dataset(girl, reg("1girlish, park")))) == 1


def test_preservation_images_of_the_class_count_too():
    assert findings(rule, dataset(dog(), reg("a dog", role="preservation"))) == []


def test_uncaptioned_class_pictures_count_by_their_folder():
    captions = [None, None]
    assert findings(rule, dataset(dog(), reg(*captions, class_word="dog"))) == []
    assert findings(rule, dataset(dog(), concept("old dog", captions=captions, role="regularization"))) == []
    assert len(findings(rule, dataset(dog(), reg(*captions, class_word="cat")))) == 1


def test_another_individual_of_the_class_without_trigger_is_a_class_picture():
    assert findings(rule, dataset(dog(), concept("others", captions=["dog, park"]))) == []


def test_another_individual_with_a_trigger_is_none():
    other = concept("dog2", captions=["zwx, dog"] * 3, trigger="zwx", class_word="dog")
    assert len(findings(rule, dataset(dog(), other))) == 1


def test_regularization_images_of_another_class_do_not_help():
    found = findings(rule, dataset(dog(), reg("a cat")))
    assert texts(rule, found)[0].endswith("and no regularization image names it")
    assert remedies(rule, found[0]) == [
        "name the class word in the captions of the regularization images, or add some of that class"
    ]


def test_a_caption_with_the_class_word_alone_speaks_against_it():
    assert findings(rule, dataset(dog([*PAIR, "dog, park"]))) == []


def test_the_share_of_captions_with_both_words_decides():
    both = ["sks, dog"] * 9
    assert len(findings(rule, dataset(dog([*both, "sks, park"])))) == 1
    assert findings(rule, dataset(dog([*both, "sks, park", "sks, sea"]))) == []


def test_concepts_of_few_images_are_not_judged():
    assert skips(rule, dataset(dog(PAIR[:2]))) == ["every concept has too few images to judge"]
    assert len(findings(rule, dataset(dog(PAIR[:3])))) == 1


def test_a_style_has_no_class():
    assert skips(rule, dataset(dog(), purpose="style")) == [
        "the purpose is a style, which has no class that could be lost"
    ]


def test_without_trigger_class_word_or_captions_nothing_is_judged():
    assert skips(rule, dataset(dog(trigger=None))) == ["no trigger word is known: set profile.concepts.NAME.trigger"]
    assert skips(rule, dataset(dog(class_word=None))) == [
        "no class word is known: set profile.concepts.NAME.class_word"
    ]
    assert skips(rule, dataset(dog([None] * 4))) == ["there are no captions"]
