"""Faults of tags, against what a reader would say, and the vocabulary against itself."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rule_testing import dataset
from tagmetry.columns import ragged_of
from tagmetry.tag_faults import contradictions, repeated_tags, same_tags, slips, unlisted
from tagmetry.tag_list import TagList
from tagmetry.testing import concept

VOCABULARY = dataset(concept("a", captions=["x"])).vocabulary
KNOWN = sorted(VOCABULARY.known_tags)


def told(caption):
    """The contradictions of one caption by the built-in vocabulary, as pairs of tags."""
    data = dataset(concept("a", captions=[caption]))
    found = contradictions(data.captions, np.array([0]), data.vocabulary).get(0, ())
    return [(data.captions.forms[two.one], data.captions.forms[two.other]) for two in found]


def same(*tags):
    """What is taken for the same among tags with their counts, given as ("tag", n)."""
    tags = sorted(tags)
    found = same_tags([tag for tag, _ in tags], np.array([n for _, n in tags]), VOCABULARY)
    return [(one.kind, [tags[tag][0] for tag in one.tags]) for one in found]


def meant(*tags, **more):
    """What was probably meant by which tag, among tags with their counts."""
    tags = sorted(tags)
    found = slips([tag for tag, _ in tags], np.array([n for _, n in tags]), VOCABULARY, **{"most": 2, **more})
    return {tags[slip.tag][0]: (slip.meant, slip.n_meant) for slip in found}


@given(st.lists(st.lists(st.integers(0, 6), max_size=6), max_size=8))
def test_repetitions_are_those_of_a_naive_count(rows):
    owners, ids = repeated_tags(ragged_of(rows), 7)
    expected = [(row, tag) for row, tags in enumerate(rows) for tag in sorted(set(tags)) if tags.count(tag) > 1]
    assert list(zip(owners.tolist(), ids.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    ("caption", "pairs"),
    [
        ("day, night", [("day", "night")]),
        ("at night, daytime", [("at night", "daytime")]),
        ("indoors, outdoors", [("indoors", "outdoors")]),
        ("indoors, outdoors, window", []),
        ("1girl, smile, sad", [("smile", "sad")]),
        ("solo, 2girls", [("solo", "2girls")]),
        ("solo, 1girl, 1boy", [("1girl", "1boy")]),
        ("1girl, 1boy, black hair, blonde hair", []),
        ("woman, man, black hair, blonde hair", []),
        ("woman, black hair, blonde hair", [("black hair", "blonde hair")]),
        ("2girls, black hair, blonde hair, standing, sitting", []),
        ("solo, black hair, blonde hair, two-tone hair", []),
        ("very long hair, short hair", [("very long hair", "short hair")]),
        ("very long hair, long hair", []),
        ("black hair, brown hair, blonde hair", [("black hair", "brown hair"), ("black hair", "blonde hair")]),
        ("standing, sitting, multiple views", []),
        ("昼, 夜", [("昼", "夜")]),
        ("白天，夜晚", [("白天", "夜晚")]),
        ("ｄａｙ、night", [("day", "night")]),
        ("一人、黒髪、金髪", [("黒髪", "金髪")]),
        ("双人，黑发，金发", []),
    ],
)
def test_contradictions_are_what_a_reader_would_call_so(caption, pairs):
    assert told(caption) == pairs


def test_no_single_tag_contradicts_itself():
    data = dataset(concept("a", captions=KNOWN))
    assert contradictions(data.captions, np.arange(len(data.captions.texts)), data.vocabulary) == {}


@settings(max_examples=200)
@given(st.sampled_from(sorted(VOCABULARY.synonyms)))
def test_no_two_spellings_of_one_tag_contradict_each_other(preferred):
    caption = ", ".join((preferred, *VOCABULARY.synonyms[preferred]))
    assert told(caption) == []


@settings(max_examples=300)
@given(st.sampled_from(sorted(VOCABULARY.implications)))
def test_no_tag_contradicts_what_it_implies(tag):
    assert told(", ".join((tag, *VOCABULARY.implied_by(tag)))) == []


@settings(max_examples=200)
@given(st.sampled_from(sorted(VOCABULARY.exclusive)))
def test_every_two_members_of_a_set_contradict_each_other_for_one_figure(name):
    for one, other in combinations(VOCABULARY.exclusive[name], 2):
        assert told(f"{one}, {other}, solo"), (one, other)


def test_texts_that_were_not_asked_for_are_not_looked_at():
    data = dataset(concept("a", captions=["day, night", "day, dusk"]))
    assert list(contradictions(data.captions, np.array([0]), data.vocabulary)) == [0]
    assert contradictions(data.captions, np.array([1]), data.vocabulary) == {}
    assert contradictions(data.captions, np.array([], dtype=np.int64), data.vocabulary) == {}


def test_synonyms_in_use_are_one_tag_the_most_common_first():
    assert same(("t-shirt", 2), ("tee shirt", 5), ("smile", 9)) == [("synonym", ["tee shirt", "t-shirt"])]
    assert same(("t-shirt", 2), ("tee shirt", 2)) == [("synonym", ["t-shirt", "tee shirt"])]
    assert same(("tee shirt", 2)) == []


def test_other_gaps_make_no_other_tag():
    assert same(("moss-green", 3), ("mossgreen", 1)) == [("gaps", ["moss-green", "mossgreen"])]
    assert same((">-<", 3), (">.<", 1)) == []


def test_a_plural_in_s_is_a_kind_of_its_own():
    assert same(("blueberry jar", 3), ("blueberry jars", 1)) == [("plural", ["blueberry jar", "blueberry jars"])]
    assert same(("tree", 3), ("trees", 1)) == [("plural", ["tree", "trees"])]


@pytest.mark.parametrize(
    "pair", [("glass", "glasses"), ("short", "shorts"), ("1girl", "2girls"), ("bus", "bu"), ("cat", "cars")]
)
def test_words_that_only_look_like_a_plural_are_two(pair):
    assert same(*((tag, 3) for tag in pair)) == []


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("lnog hair", "long hair"),
        ("smlie", "smile"),
        ("serafukku", "serafuku"),
        ("brwn hair", "brown hair"),
        ("blonde hakr", "blonde hair"),
        ("full bodyy", None),
    ],
)
def test_a_rare_word_beside_a_usual_one_is_a_slip(slip, right):
    found = meant((slip, 1), (right or "full body", 9))
    assert found == ({slip: (right, 9)} if right else {})


def test_the_usual_spelling_is_in_three_times_as_many_captions():
    assert meant(("mossy stome", 2), ("mossy stone", 6)) == {"mossy stome": ("mossy stone", 6)}
    assert meant(("mossy stome", 2), ("mossy stone", 5)) == {}


def test_more_than_a_few_are_meant_so():
    assert meant(("serafukku", 3), ("serafuku", 90)) == {}
    assert meant(("serafukku", 3), ("serafuku", 90), most=3) == {"serafukku": ("serafuku", 90)}


def test_the_vocabulary_alone_speaks_for_a_word_with_letters_in_a_row_as_nowhere_else():
    assert meant(("serafukku", 1)) == {"serafukku": ("serafuku", 0)}
    assert meant(("stage", 1), ("flagon", 1), ("fern", 1), ("kerb", 1)) == {}


def test_own_words_and_other_scripts_are_no_slips():
    assert meant(("smlie", 1), ("smile", 9), own_words={"smlie"}) == {}
    assert meant(("白背影", 1), ("白背景", 9)) == {}


def test_inflections_and_compounds_are_no_slips():
    assert meant(("smiled", 1), ("smile", 9), ("walks", 1), ("walking", 9)) == {}
    assert meant(("campfire", 1), ("ballroom", 1), ("balloon", 9)) == {}


@settings(max_examples=200)
@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_a_known_tag_is_never_a_slip(one, other):
    assert meant(*{one: 1, other: 9}.items()) == {}


LISTED = TagList({"long hair": 900, "serafuku": 300, "nekomimi hood": 5}, {"sailor uniform": "serafuku"})


def not_listed(*tags):
    tags = sorted(tags)
    found = unlisted(tags, np.ones(len(tags), dtype=np.int64), VOCABULARY.with_tag_list(LISTED), own_words={"ohwx"})
    return {tags[one.tag]: (one.nearest, one.uses) for one in found}


def test_tags_that_the_users_own_list_lacks_come_with_the_nearest_of_it():
    assert not_listed("nekomimi hodo", "zorvax", "ohwx", "long hair", "sailor uniform", "beach") == {
        "nekomimi hodo": ("nekomimi hood", 5),
        "zorvax": ("", 0),
    }


def test_without_a_list_no_tag_is_unlisted():
    assert unlisted(["zorvax"], np.array([1]), VOCABULARY) == []


def test_words_of_the_users_own_list_are_known():
    tags = ["nekomimi hood", "nekommii hood"]
    known = slips(tags, np.array([9, 1]), VOCABULARY.with_tag_list(LISTED), most=2)
    assert [(tags[slip.tag], slip.meant) for slip in known] == [("nekommii hood", "nekomimi hood")]


def test_an_alias_of_the_users_own_list_is_another_spelling():
    forms = ["sailor uniform", "serafuku"]
    found = same_tags(forms, np.array([2, 5]), VOCABULARY.with_tag_list(LISTED))
    assert [[forms[tag] for tag in one.tags] for one in found] == [["serafuku", "sailor uniform"]]
