"""What captions say of attributes, against naive counts."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry.attributes import ATTRIBUTES, attributes, never_named, spread
from tagmetry.distributions import evenness

TAGS = ["beach", "forest", "white background", "smile", "red dress", "ohwx", ""]


def of(*captions, **parts):
    return dataset(concept("a", captions=list(captions), trigger="ohwx"), **parts)


@settings(max_examples=150)
@given(st.lists(st.none() | st.lists(st.sampled_from(TAGS), max_size=5).map(", ".join), min_size=1, max_size=12))
def test_the_spread_is_that_of_a_naive_count(captions):
    data = of(*captions)
    found = spread(data.train, ("background",))
    named = [
        tuple(sorted({tag for tag in caption.split(", ") if data.vocabulary.in_group(tag, "background")}))
        for caption in captions
        if caption
    ]
    sets = Counter(tags for tags in named if tags)
    counts = Counter(tag for tags in named for tag in tags)
    assert found.n == sum(bool(caption and caption.strip()) for caption in captions)
    assert found.named == sets.total()
    assert found.n_sets == len(sets)
    assert found.evenness == pytest.approx(evenness(list(sets.values())))
    assert {form: n for _, form, n in found.values} == counts
    assert found.n_usual == max(sets.values(), default=0)
    assert not sets or sets[tuple(sorted(found.usual))] == found.n_usual


def test_values_are_named_by_the_most_common_spelling_the_most_frequent_first():
    found = spread(of("Beach", "beach, forest", "Beach").train, ("background",))
    assert found.values == (("Beach", "beach", 3), ("forest", "forest", 1))


def test_what_is_left_out_does_not_count():
    found = spread(of("beach, forest", "forest").train, ("background",), without={"forest"})
    assert (found.named, found.values) == (1, (("beach", "beach", 1),))


def test_in_sentences_the_words_of_the_vocabulary_are_looked_for():
    data = of(
        "A close-up of ohwx, smiling softly in the living room at night.",
        "Ohwx in a Red Dress stands on the beach. It's raining!",
        "砂浜で笑顔の少女",
        None,
        caption_style="sentences",
    )
    found = attributes(data)
    assert found.estimated
    said = [sorted(found.forms[value] for value in found.of_image.row(row)) for row in range(data.n)]
    assert said == [
        ["at night", "close-up", "living room", "smiling"],
        ["on the beach", "raining", "red dress", "stands"],
        ["砂浜", "笑顔"],
        [],
    ]


def test_of_overlapping_words_the_longest_counts():
    data = of("A woman with long hair.", "A woman with very long hair.", caption_style="sentences")
    found = attributes(data)
    said = [[found.forms[value] for value in found.of_image.row(row)] for row in range(data.n)]
    assert said == [["long hair"], ["very long hair"]]


def test_the_ends_of_a_scale_that_nobody_names_are_told():
    data = of("day, close-up", "day, upper body")
    assert never_named(data.train, "time") == ("night",)
    assert "full body" in never_named(data.train, "framing")
    assert "upper body" not in never_named(data.train, "framing")
    assert never_named(data.train, "hair_colour") == ()


def test_a_value_counts_with_what_it_implies():
    assert "lying" not in never_named(of("lying on back").train, "pose")


def test_every_attribute_is_a_group_of_the_vocabulary():
    assert [group for group in ATTRIBUTES if group not in of("x").vocabulary.groups] == []


def test_a_set_without_captions_says_nothing():
    found = spread(of(None, "").train, ATTRIBUTES)
    assert (found.n, found.named, found.values, found.evenness, found.usual) == (0, 0, (), 0.0, ())
