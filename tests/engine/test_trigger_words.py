from hypothesis import given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry.trigger_words import called, class_only, own_forms, with_class_word, with_word


def test_a_word_is_found_anywhere_in_a_caption_but_not_within_another():
    data = dataset(concept("a", captions=["sks, hat", "a SKS hat", "asks", None, ""]))
    assert with_word(data.train, "sks").tolist() == [True, True, False, False, False]


def test_a_class_word_may_be_counted():
    data = dataset(concept("a", captions=["1girl", "girl", "girls", None]))
    assert with_class_word(data.train, "girl").tolist() == [True, True, False, False]


def test_images_of_the_class_alone():
    data = dataset(
        concept("a", captions=["sks, hat", "hat", "sks"], trigger="sks", class_word="hat"),
        concept("b", captions=["zwx hat"], trigger="zwx"),
        concept("hat", captions=[None, "cap", "hat"], role="regularization"),
        concept("val", captions=["hat"], role="holdout"),
    )
    only = {data.paths[row] for row in class_only(data, "hat").nonzero()[0]}
    assert only == {"a/001.png", "hat/000.png", "hat/002.png"}
    assert {data.paths[row] for row in called(data).nonzero()[0]} == {"a/000.png", "a/002.png", "b/000.png"}


@settings(max_examples=200)
@given(
    st.lists(st.lists(st.sampled_from(["sks", "sks hat", "hat", "1hat", "red", "my sks", "a-b", "tan"]), max_size=4)),
    st.sampled_from([None, "sks", "sks hat", "wikipe-tan"]),
    st.sampled_from([None, "hat"]),
)
def test_own_forms_are_what_a_concept_calls_its_own_words(captions, trigger, class_word):
    one = concept("a", captions=[", ".join(tags) for tags in captions] or ["x"], trigger=trigger, class_word=class_word)
    data = dataset(one, concept("b", captions=["red"], core_tags=["red"]))
    expected = {form for form in data.captions.forms if any(each.is_own_word(form) for each in data.concepts)}
    assert own_forms(data) == expected
