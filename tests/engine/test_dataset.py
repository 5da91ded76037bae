"""Views on a dataset: frequencies, presence and co-occurrence against naive counts, subjects, concepts, duplicates."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quickness import answers_within
from rule_testing import concept, dataset
from tagmetry.columns import Column, Ragged
from tagmetry.dataset import LISTED_MEMBERS, ConceptInfo, Duplicates, Folder
from tagmetry.finding import Subject
from tagmetry.text import normal_form, split_tags

TAG = st.sampled_from(["red hat", "Red_Hat", "cap", "smile", "sks", "1girl", "帽子", ""])
CAPTION = st.none() | st.lists(TAG, max_size=5).map(", ".join)
CAPTIONS = st.lists(CAPTION, min_size=1, max_size=8)


def tags_of(caption):
    return {normal_form(tag) for tag in split_tags(caption or "") if normal_form(tag)}


def counted(found):
    return [(tag.form, tag.n, tag.share) for tag in found]


def naive_frequencies(captions):
    counts = Counter(tag for caption in captions for tag in tags_of(caption))
    n = len(captions)
    return [(form, count, count / n) for form, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


# --- tags ---------------------------------------------------------------------------------------------------------


@settings(max_examples=200)
@given(CAPTIONS)
@example([None])
@example([""])
@example(["red hat, Red_Hat, red hat"])
@example([None, "cap", "", "cap"])
def test_presence_is_the_set_of_tags_of_each_caption(captions):
    data = dataset(concept("hat", captions=captions))
    forms = data.captions.forms
    assert len(data.tag_presence) == data.n
    for row, caption in enumerate(captions):
        assert [forms[tag] for tag in data.tag_presence.row(row)] == sorted(tags_of(caption))


@settings(max_examples=200)
@given(CAPTIONS, CAPTIONS)
def test_frequencies_are_those_of_a_naive_count_in_each_view(one, other):
    data = dataset(concept("a", captions=one), concept("b", captions=other, role="regularization"))
    assert counted(data.samples.tag_frequencies()) == naive_frequencies(one + other)
    assert counted(data.train.tag_frequencies()) == naive_frequencies(one)
    for view, captions in zip(data.concepts, (one, other), strict=True):
        assert counted(view.tag_frequencies()) == naive_frequencies(captions)


@settings(max_examples=200)
@given(CAPTIONS, TAG)
def test_with_tag_and_cooccurrence_are_those_of_a_naive_count(captions, tag):
    view = dataset(concept("hat", captions=captions)).train
    form = normal_form(tag)
    holding = [form in tags_of(caption) for caption in captions]
    assert view.with_tag(tag).tolist() == holding
    among = [caption for caption, holds in zip(captions, holding, strict=True) if holds]
    assert counted(view.cooccurrence(tag)) == naive_frequencies(among)


def test_a_tag_is_found_in_any_spelling_and_named_by_the_most_common_one():
    view = dataset(concept("hat", captions=["Red_Hat", "red hat, cap", "Red_Hat"])).train
    assert [(tag.form, tag.name) for tag in view.tag_frequencies()] == [("red hat", "Red_Hat"), ("cap", "cap")]
    assert view.with_tag("RED  hat").tolist() == [True, True, True]
    assert view.with_tag("unheard of").tolist() == [False, False, False]


def test_a_dataset_without_any_caption_has_no_tags():
    data = dataset(concept("hat", captions=[None, None]))
    assert data.train.tag_frequencies() == []
    assert data.train.with_tag("hat").tolist() == [False, False]
    assert data.train.cooccurrence("hat") == []
    assert data.train.captioned.tolist() == [False, False]
    assert data.train.tokens.valid.tolist() == [False, False]


def test_a_dataset_of_regularization_images_only_has_empty_training_views():
    data = dataset(concept("woman", n=3, role="regularization"))
    assert (data.n, data.train.n, data.effective_n) == (3, 0, 0)
    assert data.training_concepts == ()
    assert [view.name for view in data.concepts_of("regularization")] == ["woman"]
    assert data.train.tag_frequencies() == []
    assert data.train.paths == []
    assert data.train.short_side_px.tolist() == []
    assert data.train.with_tag("woman").tolist() == []
    assert data.train.captioned.tolist() == []


def test_captioned_needs_something_in_the_caption():
    view = dataset(concept("hat", captions=["cap", "", "  \t", "\u3000", None, ","])).train
    assert view.captioned.tolist() == [True, False, False, False, False, True]


def test_tokens_are_missing_without_a_caption_file():
    view = dataset(concept("hat", captions=["a b c", None, ""]), tokens={"a b c": 3, "": 0}).train
    assert view.tokens.valid.tolist() == [True, False, True]
    assert view.tokens.values[view.tokens.valid].tolist() == [3, 0]


def test_captions_that_several_images_share_count_for_each():
    view = dataset(concept("hat", captions=["cap"] * 3 + ["hat"])).train
    assert len(view.dataset.captions.texts) == 2
    assert counted(view.tag_frequencies()) == [("cap", 3, 0.75), ("hat", 1, 0.25)]


# --- concepts and roles -------------------------------------------------------------------------------------------


def test_training_concepts_come_first_then_by_role_and_name():
    data = dataset(
        concept("woman", role="regularization"),
        concept("b", n=2),
        concept("a", n=1),
        concept("held", role="holdout"),
        concept("A", n=1),
    )
    assert [view.name for view in data.concepts] == ["A", "a", "b", "held", "woman"]
    assert [view.name for view in data.training_concepts] == ["A", "a", "b"]
    assert [view.n for view in data.concepts] == [1, 1, 2, 1, 1]
    assert data.role("holdout").paths == ["held/000.png"]
    assert data.role("nonsense").n == 0


def test_rows_of_views_are_in_path_order():
    data = dataset(concept("z", n=2), concept("a", n=2))
    assert list(data.paths) == ["a/000.png", "a/001.png", "z/000.png", "z/001.png"]
    assert [view.paths for view in data.concepts] == [["a/000.png", "a/001.png"], ["z/000.png", "z/001.png"]]


def test_exposure_is_images_times_repeats_of_their_folders():
    data = dataset(concept("hat", n=3, repeats=10), concept("dog", n=2, repeats=2.5))
    assert [(view.name, view.exposure, view.repeats) for view in data.concepts] == [("dog", 5, 2.5), ("hat", 30, 10)]


def test_repeats_of_a_concept_with_unlike_folders_are_the_mean_over_images():
    data = dataset(concept("hat", n=3, repeats=10, folder="x"), concept("hut", n=1, repeats=2, folder="y"))
    joined = replace(
        data,
        concept_of=np.zeros(4, dtype=np.int32),
        concept_infos=(ConceptInfo("hat", "train"),),
        folders=(Folder("x", 0, 10.0, 3), Folder("y", 0, 2.0, 1)),
    )
    (view,) = joined.concepts
    assert (view.exposure, view.repeats) == (32.0, 8.0)
    assert [folder.path for folder in view.folders] == ["x", "y"]


def test_folders_without_readable_images_belong_to_no_concept():
    data = dataset(concept("hat", n=1))
    data = replace(data, folders=(*data.folders, Folder("empty", -1, 1.0, 0)))
    assert [folder.path for view in data.concepts for folder in view.folders] == ["hat"]


def test_a_concepts_own_words_are_trigger_class_word_and_core_tags():
    (view,) = dataset(concept("hat", trigger="Sks_Hat", class_word="hat", core_tags=["Red Brim"])).concepts
    assert view.protected_words == {"sks hat", "hat", "red brim"}
    assert [view.is_own_word(form) for form in ("sks hat", "hat", "red brim", "sks", "2hats", "1hat", "brim")] == [
        True,
        True,
        True,
        True,
        False,
        True,
        False,
    ]


# --- subjects -----------------------------------------------------------------------------------------------------


def test_a_sample_is_its_content_and_a_caption_is_that_of_its_image():
    data = dataset(concept("hat", captions=["cap", None]))
    digest = data.digest(0)
    assert len(digest) == 64
    assert data.sample(0) == Subject("sample", "hat/000.png", (digest,), ("hat/000.png",))
    assert data.caption(0) == Subject("caption", "hat/000.txt", (digest,), ("hat/000.txt", "hat/000.png"))
    assert data.caption(1) == Subject("caption", "hat/001.png", (data.digest(1),), ("hat/001.png",))


def test_concepts_tags_and_pairs_are_their_names():
    (view,) = dataset(concept("hat", captions=["Red_Hat, cap", "Red_Hat", "cap"])).concepts
    tags = {tag.form: tag for tag in view.tag_frequencies()}
    assert view.subject() == Subject("concept", "hat", ("hat",))
    assert view.tag(tags["red hat"]) == Subject("tag", "Red_Hat", ("hat", "red hat"), ("hat/000.png", "hat/001.png"))
    pair = view.pair(tags["red hat"], tags["cap"])
    assert (pair.identity, pair.paths) == (("hat", "cap", "red hat"), ("hat/000.png",))
    assert view.pair(tags["cap"], tags["red hat"]).identity == pair.identity


def test_the_dataset_and_files_are_named():
    data = dataset(concept("hat"), root="my-set")
    assert data.subject() == Subject("dataset", "my-set", ("dataset",))
    assert data.file("x/a.txt") == Subject("file", "x/a.txt", ("x/a.txt",), ("x/a.txt",))


def test_a_cluster_is_its_keeper():
    data = dataset(concept("hat", n=3), near=[("hat/002.png", "hat/000.png")])
    subject = data.cluster("near", (0, 2))
    assert (subject.name, subject.identity) == ("hat/002.png", (data.digest(2),))
    assert subject.paths == ("hat/000.png", "hat/002.png")
    assert (subject.cluster.kind, subject.cluster.keeper) == ("near", "hat/002.png")
    assert subject.cluster.distances == ((0, 1), (1, 0))


# --- duplicates ---------------------------------------------------------------------------------------------------


def hashes(*values):
    column = Column(np.array(values, dtype=np.uint64), np.ones(len(values), dtype=bool))
    return Duplicates((), (), (), {}, column)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6))
def test_distances_are_the_bits_that_differ(values):
    assert hashes(*values).distances(tuple(range(len(values)))) == tuple(
        tuple((one ^ other).bit_count() for other in values) for one in values
    )


def test_large_groups_are_told_without_their_distances():
    found = hashes(*range(LISTED_MEMBERS + 1))
    assert len(found.distances(tuple(range(LISTED_MEMBERS)))) == LISTED_MEMBERS
    assert found.distances(tuple(range(LISTED_MEMBERS + 1))) == ()


def test_effective_size_counts_each_group_once():
    data = dataset(
        concept("hat", n=6), near=[("hat/000.png", "hat/001.png", "hat/002.png"), ("hat/004.png", "hat/005.png")]
    )
    assert (data.duplicates.surplus, data.effective_n) == (3, 3)


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.lists(st.integers(-1, 3), min_size=12, max_size=12)
)
def test_effective_sizes_of_concepts_count_each_group_once_per_concept(names, groups):
    parts = [concept(name, n=names.count(name)) for name in sorted(set(names))]
    paths = [path for part in parts for path in part.paths]
    members = {}
    for path, group in zip(paths, groups, strict=False):
        members.setdefault(group, []).append(path)
    near = [group for number, group in sorted(members.items()) if number >= 0 and len(group) > 1]
    data = dataset(*parts, near=near)
    for view in data.concepts:
        own = [path for group in near for path in group if path in view.paths]
        touched = [group for group in near if any(path in view.paths for path in group)]
        assert data.effective_sizes[view.number] == view.n - len(own) + len(touched)


# --- size ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large():
    """40,000 images in 4,000 concepts, 20 tags each out of 20,000."""
    n, n_concepts, n_tags, per_image = 40_000, 4_000, 20_000, 20
    small = dataset(concept("hat", n=1))
    number = (np.arange(n) // (n // n_concepts)).astype(np.int32)
    ids = np.random.default_rng(1).integers(0, n_tags, n * per_image).astype(np.int32)
    forms = tuple(f"tag {tag:05d}" for tag in range(n_tags))
    return replace(
        small,
        paths=tuple(f"{row:05d}.png" for row in range(n)),
        content=np.zeros((n, 32), dtype=np.uint8),
        roles=replace(small.roles, codes=np.zeros(n, dtype=np.int32)),
        folder_of=number,
        concept_of=number,
        folders=tuple(Folder(f"{one}", one, 2.0, n // n_concepts) for one in range(n_concepts)),
        concept_infos=tuple(ConceptInfo(f"{one}", "train") for one in range(n_concepts)),
        columns={},
        captions=replace(
            small.captions,
            text_of=np.arange(n, dtype=np.int32),
            path_of=(None,) * n,
            n_lines=np.ones(n, dtype=np.int32),
            texts=tuple(f"caption {row}" for row in range(n)),
            tags=Ragged(np.arange(0, n * per_image + 1, per_image, dtype=np.int64), ids),
            forms=forms,
            names=forms,
            tokens=np.zeros(n, dtype=np.int32),
        ),
    )


def test_thousands_of_concepts_and_tags_take_linear_time(large):
    def look():
        assert len(large.concepts) == 4_000
        assert sum(view.exposure for view in large.concepts) == 80_000
        assert sum(len(view.folders) for view in large.concepts) == 4_000
        assert sum(int(view.captioned.sum()) for view in large.concepts) == large.n

    # Looking through all captions for each concept takes half a minute.
    assert answers_within(5, look)


def test_asking_for_many_tags_one_by_one_looks_at_the_captions_once(large):
    def ask():
        found = sum(int(large.train.with_tag(form).sum()) for form in large.captions.forms)
        assert found == len(large.tag_presence.ids)

    assert answers_within(5, ask)
