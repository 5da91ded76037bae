"""Tag noise against its definition, spelled out caption by caption."""

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry.plan.tag_noise import tag_noise
from tagmetry.text import normal_form, split_tags

VOCABULARY = {
    "groups": {"any": ["day", "night", "dawn", "long hair", "short hair", "hat", "cap"]},
    "exclusive": {"time": ["day", "night", "dawn"], "length": ["long hair", "short hair"], "mixed": ["dawn", "hat"]},
    "synonyms": {"hat": ["headwear", "topper"], "cap": ["baseball cap"]},
}
TAGS = st.sampled_from(
    ["day", "night", "dawn", "long hair", "Long_Hair", "short hair", "hat", "headwear", "topper", "cap", "tree", ""]
)
CAPTIONS = st.lists(st.none() | st.lists(TAGS, max_size=5).map(", ".join), min_size=1, max_size=8)


def noise(captions, **parts):
    data = dataset(concept("a", captions=captions), vocabulary=VOCABULARY, **parts)
    return tag_noise(data.train), data.vocabulary


def _tags(caption):
    return {normal_form(tag) for tag in split_tags(caption)}


def plain(captions, vocabulary):
    written = [[normal_form(tag) for tag in split_tags(caption)] for caption in captions if caption is not None]
    holding = Counter(tag for caption in captions if caption is not None for tag in _tags(caption))
    meaning = {}
    for tag in holding:
        meaning.setdefault(vocabulary.preferred(tag), []).append(tag)
    usual = {
        preferred: min(tags, key=lambda tag: (-holding[tag], tag != preferred, tag))
        for preferred, tags in meaning.items()
    }

    def is_noisy(tags):
        told = {(name, vocabulary.preferred(tag)) for tag in tags for name in vocabulary.exclusive_sets_of(tag)}
        sets = Counter(name for name, _ in told)
        others = [tag for tag in tags if usual[vocabulary.preferred(tag)] != tag]
        return len(set(tags)) < len(tags) or max(sets.values(), default=0) > 1 or bool(others)

    return sum(map(is_noisy, written)) / len(written) if written else 0.0


@settings(max_examples=300)
@given(CAPTIONS)
@example([None])
@example(["", None])
@example(["dawn, day, hat"])
def test_it_agrees_with_the_definition(captions):
    found, vocabulary = noise(captions)
    assert found == pytest.approx(plain(captions, vocabulary))


@pytest.mark.parametrize(
    ("caption", "is_noisy"),
    [
        ("day, tree", False),
        ("tree, Tree", True),
        ("day, night", True),
        ("day, day", True),
        ("long hair, day", False),
        ("hat, dawn", True),
        ("headwear", False),
        ("headwear, hat", True),
    ],
)
def test_one_caption_is_noisy_or_not(caption, is_noisy):
    assert noise([caption])[0] == float(is_noisy)


def test_a_variant_is_noise_only_while_another_spelling_is_in_use_in_any_caption():
    assert noise(["headwear", "tree"])[0] == 0.0
    assert noise(["headwear", "hat"])[0] == 0.5
    assert noise(["headwear", "headwear", "hat", "topper"])[0] == 0.5


def test_a_probable_slip_is_noise():
    data = dataset(concept("a", captions=["serafuku"] * 9 + ["serafukku"]))
    assert tag_noise(data.train) == 0.1


def test_equal_captions_count_as_often_as_they_stand_and_missing_ones_not():
    assert noise(["day, night"] * 3 + ["tree", None, None])[0] == 0.75


def test_only_the_given_samples_are_looked_at():
    data = dataset(
        concept("a", captions=["headwear"]),
        concept("reg", captions=["hat, day, night"], role="regularization"),
        vocabulary=VOCABULARY,
    )
    assert (tag_noise(data.train), tag_noise(data.samples)) == (0.0, 1.0)
