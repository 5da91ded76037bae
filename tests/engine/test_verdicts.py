"""Verdicts about pairs of pictures are remembered by content, and change nothing."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tagmetry.duplicates.decision import STRICTNESS
from tagmetry.duplicates.pairs import near_pairs, pairs_between
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
