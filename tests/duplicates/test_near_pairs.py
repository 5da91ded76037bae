"""Near-duplicates on small drawn pictures: what is one picture, and what only looks like it."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tagmetry.duplicates.candidates import hypotheses, likely_pairs, sign_keys
from tagmetry.duplicates.decision import Evidence, Strictness
from tagmetry.duplicates.pairs import near_pairs, pairs_between
from tagmetry.duplicates.registration import registered
from tagmetry.duplicates.views import PACKED_BYTES, Views
from tagmetry.duplicates.windows import TURNS, descriptions, turned
from tagmetry.feature import Header, Picture
from tagmetry.features.measure_view import view

T = Image.Transpose


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


def on_white(seed, size=(200, 260)):
    """A figure of a few shapes in the middle of a white page; different seeds share the pose."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((60, 40, 140, 120), fill=(230, 60, 60), outline="black", width=3)
    pen.rectangle((75, 115, 125, 200), fill=(60, 60, 200), outline="black", width=3)
    for side in (-1, 1):
        x, y = 100 + side * 25, 130
        lift = float(rng.uniform(-50, 60))
        pen.line((x, y, x + side * 40, y + lift), fill="black", width=14)
        foot = float(rng.uniform(5, 40))
        pen.line((100 + side * 15, 195, 100 + side * foot, 245), fill="black", width=14)
        pen.ellipse((x - 12, 70, x - 2, 70 + float(rng.uniform(4, 14))), fill="white", outline="black", width=2)
    return image


def darker(image):
    return image.point([level * 4 // 5 for level in range(256)] * 3)


def packed(*images):
    rows = []
    for image in images:
        header = Header("PNG", "RGB", image.width, image.height, 1, False, 1, 1000)
        rows.append(view.function(Picture(header, image)))
    return np.stack(rows)


def kinds(*images, **options):
    return {(*sorted((pair.row_a, pair.row_b)), pair.kind) for pair in near_pairs(packed(*images), **options)}


def kind(first, second):
    """How the one pair is called, or None."""
    return next((pair.kind for pair in near_pairs(packed(first, second))), None)


def cropped(image, share, at=(0.5, 0.5)):
    width, height = image.size
    left, top = width * share * at[0], height * share * at[1]
    return image.crop(tuple(round(v) for v in (left, top, left + width * (1 - share), top + height * (1 - share))))


def letterboxed(image, bars=40):
    return ImageOps.expand(image, (0, bars, 0, bars), "black")


CHANGES = {
    "as it is": lambda i: i,
    "half size": lambda i: i.resize((i.width // 2, i.height // 2), Image.Resampling.LANCZOS),
    "darker": lambda i: i.point(lambda level: level * 0.5),
    "gamma": lambda i: i.point([round(255 * (level / 255) ** 1.4) for level in range(256)] * 3),
    "blurred": lambda i: i.filter(ImageFilter.GaussianBlur(2)),
    "grey": lambda i: i.convert("L").convert("RGB"),
    "white border": lambda i: ImageOps.expand(i, 12, "white"),
    "black border": lambda i: ImageOps.expand(i, 24, "black"),
    "letterbox": letterboxed,
    "turned by 2": lambda i: i.rotate(2, Image.Resampling.BICUBIC),
    "turned by 5": lambda i: i.rotate(-5, Image.Resampling.BICUBIC),
    "squeezed": lambda i: i.resize((200, 200)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_near(change):
    for seed in (1, 2):
        assert kind(drawn(seed), change(drawn(seed))) == "near"


@pytest.mark.parametrize("share", [0.05, 0.10, 0.15, 0.2])
@pytest.mark.parametrize("at", [(0.5, 0.5), (0.0, 1.0)], ids=["middle", "corner"])
def test_a_crop_is_found_and_said_to_be_one(share, at):
    assert kind(drawn(3), cropped(drawn(3), share, at)) == "crop"


def test_two_percent_less_is_no_crop_yet():
    assert kind(drawn(3), cropped(drawn(3), 0.02)) == "near"


def test_what_shows_less_than_60_percent_is_no_copy():
    assert kind(drawn(3), cropped(drawn(3), 0.3)) is None


def test_two_cuttings_of_one_picture_are_found():
    whole = drawn(4, (340, 200))
    assert kind(whole.crop((0, 0, 260, 200)), whole.crop((72, 0, 332, 200))) == "crop"


@pytest.mark.parametrize("share", [0, 0.1], ids=["whole", "cropped"])
@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (T.FLIP_LEFT_RIGHT, "mirrored"),
        (T.FLIP_TOP_BOTTOM, "mirrored"),
        (T.TRANSPOSE, "mirrored"),
        (T.TRANSVERSE, "mirrored"),
        (T.ROTATE_90, "rotated"),
        (T.ROTATE_180, "rotated"),
        (T.ROTATE_270, "rotated"),
    ],
)
def test_all_orientations_are_found(turn, expected, share):
    assert kind(drawn(5), cropped(drawn(5).transpose(turn), share)) == expected


def test_descriptions_of_turned_pictures_need_no_new_transform():
    pictures = {
        0: lambda i: i,
        1: lambda i: i.transpose(T.FLIP_LEFT_RIGHT),
        2: lambda i: i.transpose(T.FLIP_TOP_BOTTOM),
        3: lambda i: i.transpose(T.ROTATE_180),
        4: lambda i: i.transpose(T.TRANSPOSE),
    }
    grey = drawn(6, (64, 64)).convert("L")
    expected = turned(descriptions(np.asarray(grey, dtype=np.float32)[None])[:, 0])
    for k, turn in pictures.items():
        found = descriptions(np.asarray(turn(grey), dtype=np.float32)[None])[:, 0]
        assert np.abs(found - expected[:, k]).max() < 1e-5
    assert sorted({round(float(np.linalg.det(turn))) for turn in TURNS}) == [-1, 1]
    assert len(np.unique(TURNS.reshape(8, 4), axis=0)) == 8


def test_likeness_of_candidates_is_the_best_product_of_descriptions():
    views = Views.of(packed(*(drawn(seed, (96, 72)) for seed in range(7)), letterboxed(drawn(1))))
    everything = np.arange(views.n)
    a, b, likeness = likely_pairs(views, everything, everything, least=-1)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(i, j) for i in range(8) for j in range(i + 1, 8)]
    forth = likely_pairs(views, everything[:3], everything[3:], least=-1)
    alone = {(i, j): value for i, j, value in zip(a.tolist(), b.tolist(), likeness.tolist(), strict=True)}
    for i, j, value in zip(*(part.tolist() for part in forth), strict=True):
        assert value == pytest.approx(alone[i, j], abs=1e-5)
    described = descriptions(views.grey(np.arange(len(views.picture))))
    windows = described[:, :23]
    for (i, j), value in alone.items():
        if 7 in (i, j):
            continue
        both = [turned(described[None, x, 0])[0] @ windows[y].T for x, y in ((i, j), (j, i))]
        assert value >= max(part.max() for part in both) - 1e-5


def test_registration_recovers_an_affine_map():
    image = drawn(8, (256, 256)).convert("L")
    moved = image.transform(
        image.size, Image.Transform.AFFINE, (1.03, 0.05, -6, -0.05, 1.03, 3), Image.Resampling.BICUBIC
    )
    first, second = (
        np.asarray(i.resize((64, 64), Image.Resampling.BOX), dtype=np.float32)[None] for i in (moved, image)
    )
    start = np.array([[[1, 0, 0], [0, 1, 0]]], dtype=np.float32)
    found, hopeful = registered(first, second, start)
    # (x, y) in pixels of 256 against coordinates from -1 to 1.
    expected = [[1.03, 0.05, 1.03 + 0.05 - 1 - 6 / 128], [-0.05, 1.03, -0.05 + 1.03 - 1 + 3 / 128]]
    assert hopeful.all()
    assert np.abs(found[0] - expected).max() < 0.01


def test_hopeless_pairs_are_not_registered():
    first, second = (np.asarray(drawn(s, (64, 64)).convert("L"), dtype=np.float32)[None] for s in (1, 2))
    start = np.array([[[1, 0, 0], [0, 1, 0]]], dtype=np.float32)
    assert not registered(first, second, start)[1].any()


# --- what only looks alike -----------------------------------------------------------------------


def test_different_pictures_are_apart():
    assert kinds(*(drawn(seed) for seed in range(12))) == set()


def test_figures_in_one_pose_on_white_are_apart():
    assert kinds(*(on_white(seed) for seed in range(6))) == set()


@pytest.mark.parametrize("share", [0, 0.08], ids=["copied", "cropped"])
def test_copies_of_a_figure_on_white_are_found(share):
    assert kind(on_white(1), cropped(on_white(1), share)) in ("near", "crop")


def framed(image):
    card = Image.new("RGB", (240, 300), (230, 220, 190))
    pen = ImageDraw.Draw(card)
    for k in range(8):
        pen.rectangle((4 + 3 * k, 4 + 3 * k, 235 - 3 * k, 295 - 3 * k), outline=(150 - 15 * k, 60, 20 * k))
    pen.text((40, 250), "No. 17 of 60", fill="black", font_size=24)
    card.paste(image.resize((160, 190)), (40, 40))
    return card


def with_banner(image):
    image = image.copy()
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, image.height * 0.75, *image.size), fill=(20, 40, 120))
    pen.text((10, image.height * 0.78), "SALE 50 %", fill="yellow", font_size=34)
    return image


def with_grid(image):
    over = Image.new("RGBA", image.size)
    pen = ImageDraw.Draw(over)
    for k in range(-8, 16):
        pen.line((k * 40, 0, k * 40 + image.height, image.height), fill=(255, 255, 255, 120), width=3)
    return Image.alpha_composite(image.convert("RGBA"), over).convert("RGB")


SHARED = {
    "frame of a card": framed,
    "banner": with_banner,
    "watermark": with_grid,
    "black border": lambda i: ImageOps.expand(i, 30, "black"),
    "letterbox": letterboxed,
    "white border": lambda i: ImageOps.expand(i, 60, "white"),
}


@pytest.mark.parametrize("change", SHARED.values(), ids=SHARED)
def test_what_different_pictures_share_does_not_join_them(change):
    assert kinds(*(change(drawn(seed)) for seed in range(8))) == set()


@pytest.mark.parametrize("change", SHARED.values(), ids=SHARED)
def test_copies_that_share_it_are_still_found(change):
    assert kind(change(drawn(1)), change(drawn(1).point(lambda level: level * 0.8))) == "near"


def test_halves_of_a_picture_are_apart_from_each_other_and_from_it():
    whole = drawn(9, (300, 220))
    assert kinds(whole, whole.crop((0, 0, 150, 220)), whole.crop((150, 0, 300, 220))) == set()


def test_a_collage_does_not_join_its_parts():
    collage = Image.new("RGB", (480, 180))
    collage.paste(drawn(1), (0, 0))
    collage.paste(drawn(2), (240, 0))
    assert kinds(drawn(1), drawn(2), collage) == set()


def test_a_moved_thing_before_one_background_is_another_picture():
    def scene(x):
        image = drawn(10, (300, 220))
        image.paste(drawn(11, (120, 160)), (x, 40))
        return image

    assert kind(scene(40), scene(110)) is None


def test_another_detail_makes_a_variant():
    changed = drawn(12)
    changed.paste(drawn(13).resize((66, 50)), (100, 70))
    (pair,) = near_pairs(packed(drawn(12), changed))
    assert pair.variant
    assert pair.low < 0.7 < pair.likeness
    (copy,) = near_pairs(packed(drawn(12), CHANGES["half size"](drawn(12))))
    assert not copy.variant
    assert copy.low > 0.9


def test_pictures_without_structure_are_left_out():
    plain = Image.new("RGB", (200, 150), (90, 120, 200))
    sky = Image.fromarray(np.tile(np.linspace(120, 220, 150, dtype=np.uint8)[:, None, None], (1, 200, 3)))
    assert kinds(plain, plain, sky, sky, sky.transpose(T.ROTATE_180)) == set()


# --- groups --------------------------------------------------------------------------------------


def test_of_a_group_each_copy_comes_once_with_the_picture_to_keep():
    images = [change(drawn(1)) for change in reversed(CHANGES.values())]
    rank = np.arange(len(images))[::-1]
    found = list(near_pairs(packed(*images, drawn(2)), rank=np.append(rank, len(images))))
    keeper = len(images) - 1
    assert {pair.row_a for pair in found} == {keeper}
    assert sorted(pair.row_b for pair in found) == list(range(keeper))


def test_groups_are_stars_and_no_chains():
    long = drawn(14, (640, 200))
    # Each shows 85 % of the one before, and the last nothing like enough of the first.
    steps = [long.crop((x, 0, x + 300, 200)) for x in range(0, 300, 45)]
    pairs = list(near_pairs(packed(*steps), rank=np.arange(len(steps))))
    centres = {pair.row_a for pair in pairs}
    assert 0 in centres
    assert len(pairs) == len({pair.row_b for pair in pairs})
    assert not centres & {pair.row_b for pair in pairs}
    assert all(abs(pair.row_a - pair.row_b) <= 2 for pair in pairs)


def test_without_an_order_every_pair_is_given():
    images = [drawn(1), CHANGES["half size"](drawn(1)), CHANGES["letterbox"](drawn(1))]
    assert kinds(*images) == {(0, 1, "near"), (0, 2, "near"), (1, 2, "near")}


def test_pairs_that_were_declared_different_stay_apart():
    images = packed(drawn(1), CHANGES["half size"](drawn(1)), CHANGES["letterbox"](drawn(1)))
    apart = np.array([[1, 0]])
    assert {(p.row_a, p.row_b) for p in near_pairs(images, rank=np.arange(3), apart=apart)} == {(0, 2)}
    assert len(list(near_pairs(images, apart=apart))) == 2
    assert {(p.row_a, p.row_b) for p in near_pairs(images, rank=np.arange(3), apart=apart, exact_up_to=0)} == {(0, 2)}


def test_rows_that_are_not_comparable_are_left_out():
    images = packed(drawn(1), drawn(1), drawn(1))
    found = near_pairs(images, comparable=np.array([True, False, True]))
    assert [sorted((pair.row_a, pair.row_b)) for pair in found] == [[0, 2]]


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("exact_up_to", [0, 100])
def test_few_pictures_have_no_pairs(n, exact_up_to):
    rows = np.zeros((n, PACKED_BYTES), dtype=np.uint8)
    assert list(near_pairs(rows, exact_up_to=exact_up_to)) == []
    assert list(near_pairs(rows, rank=np.arange(n), exact_up_to=exact_up_to)) == []


def test_signs_find_easy_copies_among_many():
    easy = [CHANGES[name] for name in ("half size", "darker", "blurred", "grey", "black border")]
    images = [change(drawn(seed)) for seed in range(4) for change in (lambda i: i, *easy)]
    images += [drawn(0).transpose(T.FLIP_LEFT_RIGHT), drawn(1).transpose(T.ROTATE_90)]
    found = list(near_pairs(packed(*images), rank=np.arange(len(images)), exact_up_to=0))
    groups = {(pair.row_a, pair.row_b) for pair in found}
    assert groups == {(6 * k, 6 * k + j) for k in range(4) for j in range(1, 6)} | {(0, 24), (6, 25)}
    assert {pair.kind for pair in found if pair.row_b >= 24} == {"mirrored", "rotated"}


def test_sign_keys_of_turned_pictures_are_those_of_the_picture():
    views = Views.of(packed(drawn(1), drawn(1).transpose(T.ROTATE_90)))
    keys = sign_keys(views, np.arange(2))
    nearest = min(int(key ^ keys[1, 0]).bit_count() for key in keys[0])
    assert nearest <= 4


def test_hypotheses_start_where_the_crop_was_taken():
    views = Views.of(packed(cropped(drawn(3), 0.1, (0, 0)), drawn(3)))
    ways = hypotheses(views, np.array([0]), np.array([1]))
    assert ways.pair.tolist() == [0, 0]
    assert np.abs(ways.affine[0] - [[0.9, 0, -0.1], [0, 0.9, -0.1]]).max() < 0.051


names = st.sampled_from(sorted(CHANGES))


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 50), change=names, other=names, share=st.floats(0, 0.25), order=st.permutations(range(4)))
def test_the_order_of_the_pictures_does_not_matter(seed, change, other, share, order):
    original = drawn(seed)
    images = [original, CHANGES[change](original), cropped(CHANGES[other](original), share), drawn(seed + 100)]
    first = {
        (*sorted((p.row_a, p.row_b)), p.kind, p.variant, round(p.likeness, 2)) for p in near_pairs(packed(*images))
    }
    second = {
        (*sorted((order[p.row_a], order[p.row_b])), p.kind, p.variant, round(p.likeness, 2))
        for p in near_pairs(packed(*(images[k] for k in order)))
    }
    assert first == second
    assert all(3 not in pair[:2] for pair in first)


# --- the decision, rule by rule ------------------------------------------------------------------

FAR_INSIDE = {
    "correlation": 1.0,
    "share": 1.0,
    "weighted_share": 1.0,
    "mean": 1.0,
    "low": 1.0,
    "blocks": 60,
    "moved": 0,
    "tone": 1.0,
    "common": 1.0,
    "cover": 1.0,
    "most_cover": 1.0,
    "scale": 1.0,
    "unequal": 0.0,
    "turn": 0.0,
    "shear": 0.0,
    "turned": False,
    "mirrored": False,
}
LIMITS = Strictness()


def convinces(**seen):
    figures = {**FAR_INSIDE, **seen}
    return bool(Evidence(**{name: np.array([value]) for name, value in figures.items()}).convinces(LIMITS)[0])


@pytest.mark.parametrize(
    ("figure", "good", "bad"),
    [
        ("correlation", 0.86, 0.84),
        ("share", 0.86, 0.84),
        ("weighted_share", 0.86, 0.84),
        ("mean", 0.84, 0.82),
        ("blocks", 6, 5),
        ("tone", 0.94, 0.92),
        ("common", 0.11, 0.09),
        ("cover", 0.61, 0.59),
        ("scale", 1.35, 1.37),
        ("unequal", 0.04, 0.06),
        ("turn", -8.9, -9.1),
        ("turn", 8.9, 9.1),
        ("moved", 2, 3),
        ("shear", 0.029, 0.031),
        ("shear", -0.029, -0.031),
    ],
)
def test_both_sides_of_each_limit(figure, good, bad):
    assert convinces(**{figure: good})
    assert not convinces(**{figure: bad})


@pytest.mark.parametrize(
    ("figure", "good", "bad"), [("share", 0.91, 0.89), ("correlation", 0.91, 0.89), ("mean", 0.89, 0.87)]
)
def test_few_blocks_must_agree_better(figure, good, bad):
    assert convinces(blocks=23, **{figure: good})
    assert not convinces(blocks=23, **{figure: bad})
    assert convinces(blocks=24, **{figure: bad})


@pytest.mark.parametrize(("figure", "good", "bad"), [("turn", 0.9, 1.1), ("unequal", 0.014, 0.016)])
def test_cuttings_side_by_side_must_lie_straight(figure, good, bad):
    assert convinces(cover=0.7, most_cover=0.8, **{figure: good})
    assert not convinces(cover=0.7, most_cover=0.8, **{figure: bad})
    assert convinces(cover=0.7, most_cover=0.94, **{figure: bad})


def test_every_figure_of_the_evidence_has_a_value_here():
    assert {field.name for field in fields(Evidence)} == set(FAR_INSIDE)


def test_kinds_follow_from_orientation_and_cover():
    seen = [{}, {"cover": 0.92}, {"cover": 0.94}, {"turned": True}, {"turned": True, "mirrored": True, "cover": 0.8}]
    columns = {name: np.array([{**FAR_INSIDE, **one}[name] for one in seen]) for name in FAR_INSIDE}
    assert Evidence(**columns).kinds(LIMITS) == ["near", "crop", "near", "rotated", "mirrored"]


def test_strictness_can_be_set():
    first, second = drawn(1), cropped(drawn(1), 0.1)
    assert [p.kind for p in near_pairs(packed(first, second), strictness=replace(LIMITS, crop_cover=0.5))] == ["near"]
    assert list(near_pairs(packed(first, second), strictness=replace(LIMITS, cover=0.95))) == []


@pytest.mark.parametrize("exact_up_to", [0, 100])
def test_between_two_sides_only_pictures_of_both_are_paired(exact_up_to):
    images = packed(drawn(1), darker(drawn(1)), drawn(2), drawn(2), drawn(3), darker(drawn(1)))
    sides = np.array([0, 1, 2]), np.array([3, 4, 5])
    pairs = pairs_between(images, *sides, comparable=np.ones(6, dtype=bool), exact_up_to=exact_up_to)
    # Each of the second side comes once, although two of the first are the same picture.
    assert sorted(pair.row_b for pair in pairs) == [3, 5]


@pytest.mark.parametrize("exact_up_to", [0, 100])
@pytest.mark.parametrize("sides", [([], [0]), ([0], []), ([], [])])
def test_between_two_sides_of_which_one_is_empty_there_is_nothing(sides, exact_up_to):
    first, second = (np.array(side, dtype=np.int64) for side in sides)
    found = pairs_between(packed(drawn(1)), first, second, comparable=np.ones(1, dtype=bool), exact_up_to=exact_up_to)
    assert list(found) == []


def test_between_two_sides_rows_that_are_not_comparable_are_left_out():
    images = packed(drawn(1), darker(drawn(1)))
    comparable = np.array([True, False])
    assert list(pairs_between(images, np.array([0]), np.array([1]), comparable=comparable)) == []


@pytest.mark.parametrize("exact_up_to", [0, 100])
def test_between_two_sides_rows_that_were_declared_different_are_passed_over_for_others(exact_up_to):
    images = packed(drawn(1), darker(drawn(1)), darker(drawn(1)))
    sides = {"first": np.array([0, 1]), "second": np.array([2]), "comparable": np.ones(3, dtype=bool)}
    for apart, expected in (([(2, 0)], [1]), ([(0, 2)], [1]), ([(0, 2), (1, 2)], [])):
        found = pairs_between(images, **sides, apart=np.array(apart), exact_up_to=exact_up_to)
        assert [pair.row_a for pair in found] == expected


def test_a_thing_that_moved_before_its_background_makes_another_picture():
    thing = drawn(2).resize((90, 90))
    first, still, later = drawn(1), drawn(1), drawn(1)
    first.paste(thing, (80, 50))
    still.paste(thing, (80, 50))
    later.paste(thing, (86, 50))
    assert len(list(near_pairs(packed(first, darker(still))))) == 1
    assert list(near_pairs(packed(first, darker(later)))) == []
    loose = replace(LIMITS, moved=64, agreement=0.7, mean=0.7)
    assert len(list(near_pairs(packed(first, darker(later)), strictness=loose))) == 1
