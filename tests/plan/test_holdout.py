"""The hold-out: representative, in proportion, and never with a copy of it left in the training."""

from rule_testing import concept, dataset
from tagmetry.plan.holdout import hold_out
from tagmetry.plan.subset import without


def tagged(name, n, common="park"):
    return concept(name, captions=[f"lumi, {common if i % 3 else 'street'}, smile" for i in range(n)], trigger="lumi")


def names(data, rows):
    return [data.paths[row] for row in rows]


def test_concepts_give_in_proportion_to_their_images():
    data = dataset(tagged("a", 60), tagged("b", 30))
    held = hold_out(data, 12, seed=0)
    concepts = [data.paths[row].split("/")[0] for row in held.rows]
    assert (concepts.count("a"), concepts.count("b")) == (8, 4)
    assert held.told().english() == "12 images are held out"


def test_no_concept_gives_more_than_a_fifth():
    held = hold_out(dataset(tagged("a", 14)), 10, seed=0)
    assert len(held.rows) == 2
    assert "only 2 of 10 images are held out: a concept gives up at most 20 %" in held.told().english()


def test_a_concept_of_four_images_gives_none():
    assert hold_out(dataset(tagged("a", 4)), 10, seed=0).rows == ()


def test_the_tags_of_the_hold_out_are_those_of_the_concept():
    data = dataset(tagged("a", 60))
    held = hold_out(data, 12, seed=0)
    texts = [data.captions.texts[data.captions.text_of[row]] for row in held.rows]
    assert sum("street" in text for text in texts) == 4


def test_copies_of_an_image_that_is_held_out_leave_the_training_with_it():
    groups = [tuple(f"a/{i:03d}.png" for i in range(first, first + 3)) for first in range(0, 60, 3)]
    data = dataset(tagged("a", 60), near=groups)
    held = hold_out(data, 10, seed=0)
    assert len(held.rows) == 4  # twelve images, a fifth of sixty
    for row in held.rows:
        (group,) = [group for group in groups if data.paths[row] in group]
        assert set(names(data, [row, *held.twins[row]])) == set(group)
    assert "and 8 that are alike to them leave the training too" not in held.told().english()
    left = without(data, held.removed)
    assert len(left.duplicates.near) == 16
    assert left.effective_n == 16


def test_mirrored_and_turned_copies_leave_too():
    mirrored = [(f"a/{i:03d}.png", f"a/{i + 20:03d}.png") for i in range(20)]
    data = dataset(tagged("a", 40), mirrored=mirrored)
    held = hold_out(data, 4, seed=0)
    assert len(held.removed) == 2 * len(held.rows)
    assert "and 4 that are alike to them leave the training too" in held.told().english()


def test_the_seed_decides_between_equals():
    data = dataset(concept("a", captions=["lumi, smile"] * 60))
    assert hold_out(data, 10, 1).rows == hold_out(data, 10, 1).rows
    assert hold_out(data, 10, 1).rows != hold_out(data, 10, 2).rows


def test_a_dataset_without_images_keeps_the_others_as_they_were():
    data = dataset(tagged("a", 6), tagged("b", 4), near=[("a/000.png", "a/001.png", "b/000.png")])
    left = without(data, [0, 5])
    assert left.paths == data.paths[1:5] + data.paths[6:]
    assert [folder.n for folder in left.folders] == [4, 4]
    assert [[left.paths[row] for row in group] for group in left.duplicates.near] == [["a/001.png", "b/000.png"]]
    assert [concept.n for concept in left.concepts] == [4, 4]
    assert left.captions.texts[left.captions.text_of[0]] == data.captions.texts[data.captions.text_of[1]]
