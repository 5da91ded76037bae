"""Groups of alike images: equal files, equal pixels, hashes that are near; and the image to keep of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.columns import Column
from tagmetry.likeness import Likeness, duplicates_among


class Images:
    """Facts of some images, all different unless told otherwise, and what was asked of their pixels."""

    def __init__(self, n, **facts):
        random = np.random.default_rng(3)
        self.n = n
        self.asked = []
        self.facts = {
            "content": random.integers(0, 256, (n, 32), dtype=np.uint8),
            "hashes": random.integers(0, 2**63, n, dtype=np.uint64),
            "valid": np.ones(n, dtype=bool),
            "comparable": np.ones(n, dtype=bool),
            "width": np.full(n, 1000),
            "height": np.full(n, 1000),
            "sharpness": np.full(n, 5.0),
            "size_bytes": np.full(n, 100_000),
            "caption_length": np.zeros(n, dtype=np.int64),
            "digests": [bytes([row]) for row in range(n)],
        }
        for name, value in facts.items():
            self.facts[name] = value if name == "digests" else np.array(value, dtype=self.facts[name].dtype)

    def equal_files(self, *rows):
        self.facts["content"][list(rows)] = self.facts["content"][rows[0]]
        return self.equal_pixels(*rows)

    def equal_pixels(self, *rows):
        for row in rows[1:]:
            self.facts["digests"][row] = self.facts["digests"][rows[0]]
        return self.equal_hashes(*rows)

    def equal_hashes(self, *rows):
        self.facts["hashes"][list(rows)] = self.facts["hashes"][rows[0]]
        return self

    def near(self, row, other, bits):
        self.facts["hashes"][other] = self.facts["hashes"][row] ^ np.uint64((1 << bits) - 1)
        return self

    def found(self, *, rows=None, distance_bits=8):
        facts = self.facts

        def digests(wanted):
            self.asked.append(wanted)
            return {row: facts["digests"][row] for row in wanted}

        likeness = Likeness(
            content=facts["content"],
            hashes=Column(facts["hashes"], facts["valid"]),
            comparable=facts["comparable"],
            width=facts["width"],
            height=facts["height"],
            sharpness=Column(np.nan_to_num(facts["sharpness"]), ~np.isnan(facts["sharpness"])),
            size_bytes=facts["size_bytes"],
            caption_length=facts["caption_length"],
        )
        rows = np.arange(self.n) if rows is None else np.array(rows)
        return duplicates_among(rows.astype(np.int64), likeness, distance_bits=distance_bits, pixel_digests=digests)


def test_unlike_images_make_no_groups_and_no_pixels_are_read():
    images = Images(5)
    found = images.found()
    assert (found.exact, found.near, found.exact_kinds, found.keepers, found.surplus) == ((), (), (), {}, 0)
    assert images.asked == []


@pytest.mark.parametrize("rows", [[], [2]])
def test_no_image_and_one_image_are_alike_to_none(rows):
    images = Images(3).equal_files(0, 1, 2)
    assert images.found(rows=rows).near == ()


def test_equal_files_are_exact_and_need_no_look_at_pixels():
    images = Images(4).equal_files(1, 3)
    found = images.found()
    assert (found.exact, found.exact_kinds, found.near) == (((1, 3),), ("bytes",), ((1, 3),))
    assert images.asked == []


def test_equal_pixels_in_unlike_files_are_exact():
    images = Images(4).equal_pixels(0, 2)
    found = images.found()
    assert (found.exact, found.exact_kinds, found.near) == (((0, 2),), ("pixels",), ((0, 2),))
    assert images.asked == [[0, 2]]


def test_equal_hashes_with_unlike_pixels_are_near_only():
    images = Images(4).equal_hashes(0, 2)
    found = images.found()
    assert (found.exact, found.near) == ((), ((0, 2),))
    assert images.asked == [[0, 2]]


@pytest.mark.parametrize("side", ["width", "height"])
def test_pixels_of_unlike_sizes_are_not_compared(side):
    images = Images(3).equal_pixels(0, 2)
    images.facts[side][2] = 999
    found = images.found()
    assert (found.exact, found.near) == ((), ((0, 2),))
    assert images.asked == []


def test_one_of_equal_files_speaks_for_all_when_pixels_are_compared():
    images = Images(6).equal_pixels(0, 2, 4).equal_files(0, 2)
    found = images.found()
    assert (found.exact, found.exact_kinds) == (((0, 2, 4),), ("pixels",))
    assert images.asked == [[0, 4]]


def test_pixels_that_could_not_be_read_are_no_copies():
    images = Images(4).equal_hashes(0, 1, 2)
    images.facts["digests"][:3] = [None, None, b"x"]
    assert images.found().exact == ()


@pytest.mark.parametrize(("bits", "near"), [(8, ((0, 1),)), (9, ())])
def test_hashes_within_the_distance_are_near(bits, near):
    assert Images(3).near(0, 1, bits).found(distance_bits=8).near == near


def test_exact_copies_belong_to_the_group_of_what_resembles_them():
    found = Images(4).near(0, 1, 3).equal_files(1, 3).found()
    assert (found.exact, found.near, found.surplus) == (((1, 3),), ((0, 1, 3),), 2)


def test_pictures_without_structure_are_compared_exactly_only():
    images = Images(4).equal_pixels(0, 1).equal_hashes(0, 1, 2)
    images.facts["comparable"][:] = False
    found = images.found()
    assert (found.exact, found.near) == (((0, 1),), ((0, 1),))


def test_images_without_a_hash_are_alike_by_their_files_alone():
    images = Images(4).equal_pixels(0, 1).equal_files(2, 3)
    images.facts["valid"][:] = False
    found = images.found()
    assert (found.exact, found.near, images.asked) == (((2, 3),), ((2, 3),), [])


def test_only_the_given_rows_are_compared():
    images = Images(6).equal_files(0, 1).equal_files(2, 4, 5)
    found = images.found(rows=[1, 2, 4])
    assert (found.exact, found.near) == (((2, 4),), ((2, 4),))
    assert found.keepers == {(2, 4): 2}


# --- the image to keep --------------------------------------------------------------------------------------------


def kept(**facts):
    n = len(next(iter(facts.values())))
    found = Images(n, **facts).equal_hashes(*range(n)).found()
    (group,) = found.near
    return found.keepers[group]


def test_the_largest_is_kept():
    assert kept(width=[1000, 1100, 1000], sharpness=[9, 1, 9]) == 1


def test_of_the_largest_the_sharpest_is_kept():
    assert kept(sharpness=[1, 2, 3], size_bytes=[9, 9, 1]) == 2


def test_a_missing_sharpness_comes_last():
    assert kept(sharpness=[np.nan, 0.5, np.nan]) == 1
    assert kept(sharpness=[np.nan, np.nan], size_bytes=[1, 2]) == 1


def test_of_equally_sharp_ones_the_least_compressed_is_kept():
    assert kept(size_bytes=[100, 300, 200], caption_length=[9, 0, 9]) == 1


def test_then_the_one_with_the_longest_caption():
    assert kept(caption_length=[3, 3, 8]) == 2


def test_then_the_first_by_path():
    assert kept(caption_length=[3, 3, 3]) == 0


def test_a_picture_of_no_pixels_is_never_divided_by():
    assert kept(width=[0, 0], size_bytes=[1, 2]) == 1


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms())
def test_every_group_keeps_one_of_its_own_whatever_the_figures(labels, random):
    images = Images(len(labels), size_bytes=[random.randrange(3) for _ in labels])
    for label in set(labels):
        images.equal_files(*[row for row, other in enumerate(labels) if other == label])
    found = images.found()
    groups = {tuple(row for row, other in enumerate(labels) if other == label) for label in labels}
    assert set(found.exact) == {group for group in groups if len(group) > 1}
    assert all(found.keepers[group] in group for group in (*found.exact, *found.near))
    assert list(found.exact) == sorted(found.exact)
