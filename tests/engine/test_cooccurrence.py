"""Pairs of tags: against a count by hand, over block limits, in the promised order."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry import cooccurrence
from tagmetry.columns import ragged_of

LISTS = st.lists(st.sets(st.integers(0, 6)).map(sorted), max_size=12)


def naive(lists, min_support):
    counts = Counter(tag for tags in lists for tag in tags)
    pairs = Counter()
    for tags in lists:
        for one, other in combinations(tags, 2):
            pairs[tuple(sorted((one, other), key=lambda tag: (-counts[tag], tag)))] += 1
    return {pair: n for pair, n in pairs.items() if n >= min_support}


def listed(lists, min_support):
    presence = ragged_of(lists)
    counts = np.bincount(presence.ids, minlength=7)
    found = []
    for block in cooccurrence.tag_pairs(presence, counts, min_support=min_support):
        assert len(block)
        found += zip(block.first.tolist(), block.second.tolist(), block.n.tolist(), strict=True)
    return found


@settings(max_examples=200)
@given(LISTS, st.integers(1, 4), st.sampled_from([1, 5, 1000]))
def test_pairs_are_those_of_a_naive_count_whatever_the_blocks(lists, min_support, entries):
    whole, cooccurrence.BLOCK_ENTRIES = cooccurrence.BLOCK_ENTRIES, entries
    try:
        found = listed(lists, min_support)
    finally:
        cooccurrence.BLOCK_ENTRIES = whole
    expected = naive(lists, min_support)
    assert {(first, second): n for first, second, n in found} == expected
    assert len(found) == len(expected)


def test_the_more_frequent_tag_is_first_and_blocks_go_from_frequent_to_rare():
    assert listed([[0, 1, 2], [1, 2], [1], [0, 1, 2]], 1) == [(1, 2, 3), (1, 0, 2), (2, 0, 2)]


def test_a_pair_just_under_the_support_is_not_listed():
    assert listed([[0, 1], [0, 1], [0], [1]], 3) == []


def test_a_pair_at_the_support_is_listed():
    assert listed([[0, 1], [0, 1], [0, 1]], 3) == [(0, 1, 3)]


def test_a_support_below_one_is_refused():
    with pytest.raises(ValueError, match="min_support must be at least 1, got 0"):
        listed([[0, 1]], 0)


def test_a_concept_gives_its_own_pairs():
    captions = ["red hat, cap", "cap, Red_Hat", "cap"]
    data = dataset(concept("a", captions=captions), concept("b", captions=["cap, smile"]))
    one, other = data.concepts
    forms = data.captions.forms
    (block,) = one.tag_pairs(min_support=2)
    assert [(forms[block.first[0]], forms[block.second[0]], int(block.n[0]))] == [("cap", "red hat", 2)]
    assert list(other.tag_pairs(min_support=2)) == []
    assert {forms[tag]: n for tag, n in enumerate(one.tag_images.tolist()) if n} == {"cap": 3, "red hat": 2}
