"""Verdicts about pairs of pictures are remembered by content, and change nothing."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tagmetry.duplicates.decision import STRICTNESS
from tagmetry.duplicates.pairs import NearPair, near_pairs, pairs_between
from tagmetry.feature import Header, Picture
from tagmetry.features import view
from tagmetry.verdicts import RememberedVerdicts, method_of


class Store:
    """A store in memory that counts what it is asked and told."""

    def __init__(self):
        self.known = {}
        self.told = 0

    def pairs(self, method, pairs):
        return {pair: self.known[method, pair] for pair in pairs if (method, pair) in self.known}

    def keep_pairs(self, method, results):
        self.told += len(results)
        self.known.update({(method, pair): result for pair, result in results.items()})


def drawn(seed, size=(240, 180)):
    rng = np.random.default_rng(seed)
    image = Image.new("L", size, int(rng.integers(40, 216)))
    pen = ImageDraw.Draw(image)
    for radius in (80, 45, 30, 20, 12, 8, 5):
        for _ in range(7):
            x, y = (int(v) for v in rng.integers(0, size))
            wide, high = radius * rng.uniform(0.5, 1.2, 2)
            pen.ellipse((x - wide, y - high, x + wide, y + high), fill=int(rng.integers(0, 256)))
    return image.convert("RGB")


def packed(*images):
    header = Header("PNG", "RGB", 240, 180, 1, False, 1, 1000)
    return np.stack([view.function(Picture(header, image)) for image in images])


PICTURES = packed(
    drawn(1),
    drawn(1).resize((120, 90)),
    drawn(2),
    drawn(2).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    drawn(1).crop((8, 6, 240, 180)),
    drawn(3),
)
CONTENT = np.random.default_rng(0).integers(0, 256, (len(PICTURES), 32), dtype=np.uint8)


def memory(store, content=CONTENT, strictness=STRICTNESS):
    return RememberedVerdicts(store, method_of(view, strictness), content)


def found(remembered, exact_up_to=100):
    pairs = list(near_pairs(PICTURES, rank=np.arange(len(PICTURES)), memory=remembered, exact_up_to=exact_up_to))
    if remembered is not None:
        remembered.flush()
    return pairs


@pytest.mark.parametrize("exact_up_to", [0, 100])
def test_what_is_remembered_is_what_would_be_found(exact_up_to):
    store = Store()
    fresh = found(None, exact_up_to)
    assert fresh
    assert found(memory(store), exact_up_to) == fresh
    told = store.told
    assert told
    assert found(memory(store), exact_up_to) == fresh
    assert store.told == told


def test_only_pairs_of_new_contents_are_looked_at():
    store = Store()
    expected = found(memory(store))
    told = store.told
    changed = CONTENT.copy()
    changed[5] += 1
    assert found(memory(store, changed)) == expected
    assert store.told - told < told


def test_another_strictness_is_another_method():
    strict = STRICTNESS.at(0.95)
    assert method_of(view, strict) != method_of(view, STRICTNESS)


def test_pairs_between_roles_are_remembered_too():
    store = Store()
    first, second = np.array([0, 2]), np.array([1, 3, 4, 5])
    every = np.ones(len(PICTURES), dtype=bool)

    def between(remembered):
        pairs = list(pairs_between(PICTURES, first, second, comparable=every, memory=remembered))
        remembered.flush()
        return pairs

    expected = between(memory(store))
    told = store.told
    assert between(memory(store)) == expected
    assert store.told == told


def test_a_whole_result_is_remembered_with_its_order():
    store, rows, apart = Store(), np.array([0, 1, 2, 3]), np.zeros((0, 2), dtype=np.int64)
    rank = np.array([2, 0, 1, 3, 4, 5])
    pairs = [NearPair(1, 0, "crop", 0.9123, 0.5, True), NearPair(2, 3, "mirrored", 1.0, 0.75, False)]
    remembered = memory(store)
    assert remembered.pairs_of(rank, rows, apart, lambda: pairs) == pairs
    remembered.flush()
    assert memory(store).pairs_of(rank, rows, apart, list) == pairs
    # The same pictures in other rows: 5 is what 0 was.
    moved = memory(store, CONTENT[[5, 1, 2, 3, 4, 0]])
    found = moved.pairs_of(np.array([5, 0, 1, 3, 4, 2]), np.array([1, 2, 3, 5]), apart, list)
    assert [(pair.row_a, pair.row_b) for pair in found] == [(1, 5), (2, 3)]


def test_a_result_without_pairs_is_remembered_as_such():
    store, rows, apart = Store(), np.arange(3), np.zeros((0, 2), dtype=np.int64)
    remembered = memory(store)
    assert remembered.pairs_of(np.arange(6), rows, apart, list) == []
    remembered.flush()
    assert memory(store).pairs_of(np.arange(6), rows, apart, lambda: [1]) == []


@pytest.mark.parametrize(
    ("rank", "rows", "apart"),
    [
        ([1, 0, 2, 3, 4, 5], [0, 1, 2], []),
        ([0, 1, 2, 3, 4, 5], [0, 1], []),
        ([0, 1, 2, 3, 4, 5], [0, 1, 2], [(0, 1)]),
    ],
)
def test_another_order_other_pictures_and_other_declarations_are_another_result(rank, rows, apart):
    store, none = Store(), np.zeros((0, 2), dtype=np.int64)
    remembered = memory(store)
    assert remembered.pairs_of(np.arange(6), np.arange(3), none, list) == []
    remembered.flush()
    other = [NearPair(0, 1, "near", 1.0, 1.0, False)]
    declared = np.array(apart, dtype=np.int64).reshape(-1, 2)
    assert memory(store).pairs_of(np.array(rank), np.array(rows), declared, lambda: other) == other


def test_declarations_that_name_the_same_pictures_in_other_pairs_are_another_result():
    store, rows, rank = Store(), np.arange(4), np.arange(6)
    remembered = memory(store)
    first, other = [NearPair(0, 1, "near", 1.0, 1.0, False)], [NearPair(0, 2, "near", 1.0, 1.0, False)]
    assert remembered.pairs_of(rank, rows, np.array([(0, 3), (1, 2)]), lambda: first) == first
    remembered.flush()
    assert memory(store).pairs_of(rank, rows, np.array([(0, 2), (1, 3)]), lambda: other) == other
    assert memory(store).pairs_of(rank, rows, np.array([(2, 1), (3, 0)]), lambda: other) == first
