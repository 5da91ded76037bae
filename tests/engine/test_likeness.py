"""Groups of alike images: equal files, equal pixels, pictures that are one; and the image to keep of each."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tagmetry.columns import Column
from tagmetry.duplicates.decision import STRICTNESS
from tagmetry.duplicates.views import PACKED_BYTES
from tagmetry.feature import Header, Picture
from tagmetry.features import view
from tagmetry.finding import Alike
from tagmetry.likeness import Likeness, duplicates_among, with_other_roles

T = Image.Transpose
SAME = Alike("exact", 1.0)


@lru_cache(maxsize=64)
def drawn(seed, size=(240, 180)):
    """Large and small shapes in many greys."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", size, int(rng.integers(40, 216)))
    pen = ImageDraw.Draw(image)
    for radius in (80, 45, 30, 20, 12, 8, 5):
        for _ in range(7):
            x, y = (int(v) for v in rng.integers(0, size))
            wide, high = radius * rng.uniform(0.5, 1.2, 2)
            pen.ellipse((x - wide, y - high, x + wide, y + high), fill=int(rng.integers(0, 256)))
    return image.convert("RGB")


def darker(image):
    return image.point([level * 4 // 5 for level in range(256)] * 3)


def cut(image):
    return image.crop((0, 0, int(image.width * 0.88), int(image.height * 0.88)))


def lettered(image):
    """A dark bar with letters where one block of the picture was."""
    found = image.copy()
    pen = ImageDraw.Draw(found)
    pen.rectangle((30, 60, 70, 80), fill="black")
    for x in range(34, 68, 6):
        pen.line((x, 64, x + 3, 76), fill="white", width=2)
    return found


def seen(image):
    header = Header("PNG", "RGB", image.width, image.height, 1, False, 1, 1000)
    return view.function(Picture(header, image))


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
            "views": np.zeros((n, PACKED_BYTES), dtype=np.uint8),
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
        self.facts["views"][list(rows)] = self.facts["views"][rows[0]]
        return self.equal_hashes(*rows)

    def equal_hashes(self, *rows):
        self.facts["hashes"][list(rows)] = self.facts["hashes"][rows[0]]
        return self

    def showing(self, pictures):
        """`pictures` by row; the others are blank."""
        for row, picture in pictures.items():
            self.facts["views"][row] = seen(picture)
        return self

    def found(self, *, rows=None, others=(), likeness=0.85, apart=()):
        """What is alike among `rows`, by default all, and which of `others` are one of them."""
        facts = self.facts

        def digests(wanted):
            self.asked.append(wanted)
            return {row: facts["digests"][row] for row in wanted}

        compared = Likeness(
            content=facts["content"],
            hashes=Column(facts["hashes"], facts["valid"]),
            views=Column(facts["views"], facts["valid"]),
            comparable=facts["comparable"],
            width=facts["width"],
            height=facts["height"],
            sharpness=Column(np.nan_to_num(facts["sharpness"]), ~np.isnan(facts["sharpness"])),
            size_bytes=facts["size_bytes"],
            caption_length=facts["caption_length"],
        )
        rows = np.arange(self.n) if rows is None else np.array(rows)
        strictness = STRICTNESS.at(likeness)
        declared = np.array(apart, dtype=np.int64).reshape(-1, 2)
        alike = duplicates_among(
            rows.astype(np.int64),
            compared,
            strictness=strictness,
            pixel_digests=digests,
            apart=declared,
        )
        return with_other_roles(
            np.array(others, dtype=np.int64), compared, alike, strictness=strictness, apart=declared
        )


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


def test_equal_hashes_alone_make_no_group():
    images = Images(4).equal_hashes(0, 2).showing({row: drawn(row) for row in range(4)})
    found = images.found()
    assert (found.exact, found.near) == ((), ())
    assert images.asked == [[0, 2]]


@pytest.mark.parametrize("side", ["width", "height"])
def test_pixels_of_unlike_sizes_are_not_compared(side):
    images = Images(3).equal_pixels(0, 2)
    images.facts[side][2] = 999
    assert images.found().exact == ()
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


def test_a_picture_in_other_tones_is_near_and_says_how_alike():
    found = Images(3).showing({0: drawn(1), 1: drawn(2), 2: darker(drawn(1))}).found()
    assert (found.exact, found.near, found.surplus, found.n_compared) == ((), ((0, 2),), 1, 3)
    keeper, other = found.alike[0, 2]
    assert keeper == SAME
    assert (other.kind, other.variant) == ("near", False)
    assert 0.99 < other.likeness <= 1
    assert found.near_kind((0, 2)) == "near"


def test_a_cutting_counts_as_near_and_is_told_as_a_crop():
    found = Images(2).showing({0: drawn(1), 1: cut(drawn(1))}).found()
    assert found.near == ((0, 1),)
    assert [alike.kind for alike in found.alike[0, 1]] == ["exact", "crop"]
    assert found.near_kind((0, 1)) == "crop"


def test_a_group_with_copies_and_cuttings_is_near():
    found = Images(3).showing({0: drawn(1), 1: cut(drawn(1)), 2: darker(drawn(1))}).found()
    assert [alike.kind for alike in found.alike[0, 1, 2]] == ["exact", "crop", "near"]
    assert found.near_kind((0, 1, 2)) == "near"


def test_a_picture_with_another_detail_is_a_variant():
    found = Images(3).showing({0: drawn(1), 1: lettered(drawn(1)), 2: darker(drawn(1))}).found()
    assert [alike.variant for alike in found.alike[0, 1, 2]] == [False, True, False]


@pytest.mark.parametrize(("turn", "kind"), [(T.FLIP_LEFT_RIGHT, "mirrored"), (T.ROTATE_90, "rotated")])
def test_mirrored_and_turned_copies_are_kept_apart_and_do_not_count(turn, kind):
    found = Images(3).showing({0: drawn(1).transpose(turn), 1: drawn(2), 2: drawn(1)}).found()
    assert (found.near, found.surplus) == ((), 0)
    assert {"mirrored": found.mirrored, "rotated": found.rotated} == {"mirrored": (), "rotated": (), kind: ((0, 2),)}
    assert found.keepers == {(0, 2): 0}
    keeper, other = found.alike[0, 2]
    assert (keeper, other.kind) == (SAME, kind)


def test_copies_of_a_mirrored_copy_are_near_duplicates_of_each_other():
    flipped, turned = drawn(1).transpose(T.FLIP_LEFT_RIGHT), drawn(1).transpose(T.ROTATE_180)
    pictures = {0: drawn(1), 1: flipped, 2: turned, 3: darker(flipped), 4: darker(drawn(1)), 5: darker(turned)}
    found = Images(6).showing(pictures).found()
    assert (found.near, found.mirrored, found.rotated) == (((0, 4), (1, 3), (2, 5)), ((0, 1, 3),), ((0, 2, 5),))
    assert found.surplus == 3
    assert found.keepers == {(0, 4): 0, (1, 3): 1, (2, 5): 2, (0, 1, 3): 0, (0, 2, 5): 0}


def test_exact_copies_of_a_mirrored_picture_are_mirrored_too():
    flipped = drawn(1).transpose(T.FLIP_LEFT_RIGHT)
    found = Images(4).showing({0: drawn(1), 1: flipped, 2: flipped}).equal_files(1, 2).equal_files(0, 3).found()
    assert (found.near, found.mirrored) == (((0, 3), (1, 2)), ((0, 1, 2),))
    assert [alike.kind for alike in found.alike[0, 1, 2]] == ["exact", "mirrored", "mirrored"]


def test_exact_copies_belong_to_the_group_of_what_resembles_them():
    images = Images(4).showing({0: drawn(1), 1: darker(drawn(1)), 2: drawn(2)}).equal_files(1, 3)
    found = images.found()
    assert (found.exact, found.near, found.surplus) == (((1, 3),), ((0, 1, 3),), 2)
    assert [alike.kind for alike in found.alike[0, 1, 3]] == ["exact", "near", "near"]


def test_of_equal_files_the_one_to_keep_is_compared():
    images = Images(4, caption_length=[0, 0, 9, 0]).showing({0: drawn(1), 1: darker(drawn(1))}).equal_files(0, 2, 3)
    found = images.found()
    assert (found.n_compared, found.near, found.keepers[0, 1, 2, 3]) == (2, ((0, 1, 2, 3),), 2)
    assert [alike.kind for alike in found.alike[0, 1, 2, 3]] == ["exact", "near", "exact", "exact"]


@pytest.mark.parametrize(("likeness", "few"), [(0.7, 0.9), (0.85, 0.9), (0.9, 0.9), (0.95, 0.95)])
def test_pictures_that_show_little_are_never_judged_more_loosely(likeness, few):
    limits = STRICTNESS.at(likeness)
    assert (limits.agreement, limits.few_agreement) == (likeness, few)
    assert STRICTNESS.at(STRICTNESS.agreement) == STRICTNESS


def test_the_likeness_that_is_asked_for_decides():
    images = Images(2).showing({0: drawn(1), 1: lettered(drawn(1))})
    likeness = images.found().alike[0, 1][1].likeness
    assert 0.87 < likeness < 0.985
    assert images.found(likeness=likeness - 0.001).near == ((0, 1),)
    assert images.found(likeness=likeness + 0.001).near == ()


def test_pictures_without_structure_are_compared_exactly_only():
    images = Images(4).showing({row: drawn(1) for row in range(3)}).equal_pixels(0, 1)
    images.facts["comparable"][:] = False
    found = images.found()
    assert (found.exact, found.near) == (((0, 1),), ((0, 1),))


def test_images_without_hash_and_view_are_alike_by_their_files_alone():
    images = Images(4).showing({row: drawn(1) for row in range(4)}).equal_pixels(0, 1).equal_files(2, 3)
    images.facts["valid"][:] = False
    found = images.found()
    assert (found.exact, found.near, images.asked) == (((2, 3),), ((2, 3),), [])


def test_only_the_given_rows_are_compared():
    images = Images(6).showing({3: drawn(1), 1: drawn(1)}).equal_files(0, 1).equal_files(2, 4, 5)
    found = images.found(rows=[1, 2, 4])
    assert (found.exact, found.near) == (((2, 4),), ((2, 4),))
    assert found.keepers == {(2, 4): 2}


# --- the image to keep --------------------------------------------------------------------------------------------


def kept(**facts):
    n = len(next(iter(facts.values())))
    found = Images(n, **facts).showing({row: drawn(1) for row in range(n)}).found()
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


def test_images_of_other_roles_are_compared_with_those_of_training_only():
    images = Images(5).showing({0: drawn(1), 1: drawn(2), 2: darker(drawn(1)), 3: drawn(3), 4: darker(drawn(3))})
    found = images.found(rows=[0, 1], others=[2, 3, 4])
    assert found.near == ()
    assert found.across == ((0, 2),)
    assert found.keepers[0, 2] == 0
    assert found.alike[0, 2][0] == SAME
    assert found.alike[0, 2][1].kind == "near"


def test_images_of_other_roles_mirrored_are_told():
    images = Images(2).showing({0: drawn(1), 1: drawn(1).transpose(T.FLIP_LEFT_RIGHT)})
    found = images.found(rows=[0], others=[1])
    assert found.alike[0, 1][1].kind == "mirrored"


def test_equal_files_of_another_role_need_no_structure():
    found = Images(3, comparable=[False] * 3).equal_files(0, 2).found(rows=[0, 1], others=[2])
    assert (found.across, found.alike[0, 2]) == (((0, 2),), (SAME, SAME))


def test_a_copy_of_a_copy_goes_with_the_image_to_keep_of_both():
    images = Images(3, width=[1000, 500, 1000]).showing({0: drawn(1), 1: darker(drawn(1))}).equal_files(1, 2)
    found = images.found(rows=[0, 1], others=[2])
    assert found.near == ((0, 1),)
    assert found.across == ((0, 2),)


def test_equal_files_of_another_role_are_in_one_group():
    images = Images(3).equal_files(1, 2).showing({0: drawn(1), 1: darker(drawn(1)), 2: darker(drawn(1))})
    assert images.found(rows=[0], others=[1, 2]).across == ((0, 1, 2),)


def test_without_images_of_other_roles_nothing_is_across():
    assert Images(2).equal_files(0, 1).found(others=[]).across == ()


# --- declared different -------------------------------------------------------------------------------------------


def three_alike():
    """One picture and two smaller copies of it; the first is the largest and the one to keep."""
    images = Images(3, width=[1000, 900, 800])
    picture = drawn(1)
    return images.showing({0: picture, 1: picture.resize((200, 150)), 2: picture.resize((180, 135))})


def test_pictures_that_were_declared_different_make_no_group():
    assert three_alike().found(rows=[0, 1]).near == ((0, 1),)
    assert three_alike().found(rows=[0, 1], apart=[(1, 0)]).near == ()


def test_two_that_were_declared_different_are_in_no_group_around_a_third():
    assert three_alike().found().near == ((0, 1, 2),)
    assert three_alike().found(apart=[(2, 1)]).near == ((0, 1),)


def test_what_was_declared_of_a_copy_holds_for_the_picture():
    images = Images(4, width=[1000, 900, 900, 800])
    picture = drawn(1)
    images.showing(dict.fromkeys(range(4), picture)).equal_files(1, 2)
    assert images.found(apart=[(0, 2)]).near == ((0, 3), (1, 2))


def test_equal_files_stay_together_whatever_is_declared():
    images = Images(2).equal_files(0, 1)
    assert images.found(apart=[(0, 1)]).exact == ((0, 1),)


def test_declarations_about_other_rows_are_not_looked_at():
    assert three_alike().found(rows=[0, 1], apart=[(0, 2), (1, 2)]).near == ((0, 1),)


def test_an_image_of_another_role_that_was_declared_different_is_not_across():
    assert three_alike().found(rows=[0], others=[1, 2]).across == ((0, 1, 2),)
    assert three_alike().found(rows=[0], others=[1, 2], apart=[(2, 0)]).across == ((0, 1),)


def test_two_images_of_another_role_that_were_declared_different_are_not_across_together():
    found = three_alike().found(rows=[0], others=[1, 2], apart=[(1, 2)])
    assert len(found.across) == 1
    assert len(found.across[0]) == 2


def test_what_was_declared_of_one_training_image_leaves_the_others_of_its_look():
    images = Images(3).showing({0: drawn(1), 1: drawn(2), 2: darker(drawn(2))})
    assert images.found(rows=[0, 1], others=[2], apart=[(0, 2)]).across == ((1, 2),)


def test_what_was_declared_of_a_file_of_another_role_holds_for_equal_files():
    images = Images(3).equal_files(1, 2).showing({0: drawn(1), 1: darker(drawn(1)), 2: darker(drawn(1))})
    assert images.found(rows=[0], others=[1, 2], apart=[(0, 2)]).across == ()
    images = Images(3).equal_files(0, 1).showing({0: drawn(1), 1: drawn(1), 2: darker(drawn(1))})
    assert images.found(rows=[0, 1], others=[2], apart=[(1, 2)]).across == ()


def test_equal_files_of_two_roles_stay_together_whatever_is_declared():
    assert Images(2).equal_files(0, 1).found(rows=[0], others=[1], apart=[(0, 1)]).across == ((0, 1),)
