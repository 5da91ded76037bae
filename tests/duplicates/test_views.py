import numpy as np
import pytest
from PIL import Image, ImageOps

from tagmetry.duplicates.views import PACKED_BYTES, TRIMMED_SIDE, WHOLE_SIDE, Views, content_box, packed
from tagmetry.extraction.work import plain_value
from tagmetry.feature import Header, Picture
from tagmetry.features.measure_view import view


def noise(width, height, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def bordered(grey, left, top, right, bottom, level=0):
    return np.pad(grey, ((top, bottom), (left, right)), constant_values=level)


def measured(image):
    header = Header("PNG", "RGB", image.width, image.height, 1, False, 1, 1000)
    return view.function(Picture(header, image.convert("RGB")))


def head(row):
    return row[:12].view("<u2").tolist()


def test_a_picture_without_border_is_all_content():
    assert content_box(noise(200, 100)) == (0, 0, 200, 100)


def test_a_border_goes_and_one_pixel_more():
    assert content_box(bordered(noise(160, 90), 10, 0, 20, 7)) == (11, 0, 169, 89)


def test_sides_may_have_borders_of_different_levels():
    picture = bordered(bordered(noise(100, 100), 0, 20, 0, 20, 255), 30, 0, 30, 0, 0)
    left, top, right, bottom = content_box(picture)
    assert (left, right) == (31, 129)
    assert (top, bottom) == (21, 119)


def test_a_border_inside_a_border_goes_too():
    picture = bordered(bordered(noise(80, 80), 20, 20, 20, 20, 255), 0, 30, 0, 30, 0)
    left, top, right, bottom = content_box(picture)
    assert 20 <= left <= 22 and 98 <= right <= 100
    assert 50 <= top <= 52 and 128 <= bottom <= 130


@pytest.mark.parametrize(("n_off", "trimmed"), [(1, True), (2, False)])
def test_a_line_is_uniform_up_to_two_percent_of_other_pixels(n_off, trimmed):
    picture = bordered(noise(100, 80), 0, 20, 0, 0, 50)
    picture[:20, 10 : 10 + n_off] = 200
    assert (content_box(picture)[1] == 21) == trimmed


@pytest.mark.parametrize(("levels", "trimmed"), [(10, True), (11, False)])
def test_pixels_within_ten_levels_of_the_border_belong_to_it(levels, trimmed):
    picture = bordered(noise(100, 80), 0, 20, 0, 0, 50)
    picture[:20, ::3] = 50 + levels
    assert (content_box(picture)[1] == 21) == trimmed


@pytest.mark.parametrize(("border", "trimmed"), [(2, False), (3, True)])
def test_one_percent_is_no_border(border, trimmed):
    picture = bordered(noise(200 - border, 100), border, 0, 0, 0)
    assert (content_box(picture) != (0, 0, 200, 100)) == trimmed


def test_at_most_45_percent_go_off_a_side():
    for border, left in ((89, 90), (90, 91), (91, 91), (150, 91)):
        assert content_box(bordered(noise(200 - border, 100), border, 0, 0, 0))[0] == left


@pytest.mark.parametrize(("level", "trimmed"), [(39, False), (40, True)])
def test_a_border_inside_a_border_must_have_another_level(level, trimmed):
    picture = bordered(bordered(noise(100, 100), 30, 0, 0, 0, level), 20, 0, 0, 0, 0)
    assert content_box(picture)[0] == (51 if trimmed else 21)


def test_an_even_backdrop_goes_no_further_than_its_first_levels():
    picture = bordered(noise(60, 100), 140, 0, 0, 0)
    picture[:, :140] = np.arange(140, dtype=np.uint8)
    assert content_box(picture)[0] == 12


def test_flat_and_tiny_pictures_have_a_box():
    for shape in ((1, 1), (1, 300), (300, 1), (2, 2), (64, 64), (256, 3)):
        left, top, right, bottom = content_box(np.full(shape, 77, dtype=np.uint8))
        assert 0 <= left < right <= shape[1]
        assert 0 <= top < bottom <= shape[0]


def test_packed_views_come_back():
    whole, trimmed = noise(WHOLE_SIDE, WHOLE_SIDE), noise(TRIMMED_SIDE, TRIMMED_SIDE, 1)
    rows = np.stack(
        [
            packed((500, 300), (0, 0, 500, 300), whole, None),
            packed((400, 200), (100, 0, 300, 200), whole, trimmed),
        ]
    )
    views = Views.of(rows)
    assert views.n == 2
    assert views.picture.tolist() == [0, 1, 1]
    assert views.trimmed.tolist() == [-1, 2]
    assert views.size.tolist() == [[500, 300], [400, 200], [200, 200]]
    assert views.box.tolist() == [[-1, -1, 1, 1], [-0.5, -1, 0.5, 1], [-1, -1, 1, 1]]
    assert (views.grey(np.array([0, 1])) == whole).all()
    assert views.of_pictures(np.array([1])).tolist() == [1, 2]


def test_trimmed_views_are_enlarged_evenly():
    ramp = np.tile(np.arange(TRIMMED_SIDE, dtype=np.uint8) * 4, (TRIMMED_SIDE, 1))
    whole = np.zeros((WHOLE_SIDE, WHOLE_SIDE), dtype=np.uint8)
    views = Views.of(packed((100, 100), (10, 10, 90, 90), whole, ramp)[None])
    grey = views.grey(np.array([1]))[0]
    assert grey.shape == (WHOLE_SIDE, WHOLE_SIDE)
    assert np.allclose(np.diff(grey[5, 2:-2]), 3, atol=1e-4)
    assert np.allclose(grey, grey[0])


def test_frames_take_trimmed_views_into_the_whole():
    whole = np.zeros((WHOLE_SIDE, WHOLE_SIDE), dtype=np.uint8)
    views = Views.of(packed((400, 200), (100, 0, 400, 100), whole, whole[:48, :48])[None])
    assert views.frame(np.array([0, 1])).tolist() == [[[1, 0, 0], [0, 1, 0]], [[0.75, 0, 0.25], [0, 0.5, -0.5]]]


def test_rows_of_another_length_are_refused():
    with pytest.raises(ValueError, match="packed views have the shape"):
        Views.of(np.zeros((3, PACKED_BYTES - 1), dtype=np.uint8))


def test_no_pictures_are_no_views():
    views = Views.of(np.zeros((0, PACKED_BYTES), dtype=np.uint8))
    assert views.n == 0
    assert len(views.picture) == 0


def test_the_feature_is_a_vector_of_bytes_as_declared():
    row = measured(Image.fromarray(noise(300, 200)))
    assert row.shape == (view.width,) == (PACKED_BYTES,)
    assert row.dtype == view.dtype == np.uint8
    assert plain_value(view, row) == row.tobytes()
    assert PACKED_BYTES < 7000


@pytest.mark.parametrize("size", [(1, 1), (1, 512), (512, 1), (2, 2), (3, 3), (5, 2)])
def test_no_size_is_too_odd_for_the_feature(size):
    for image in (Image.new("RGB", size, (200, 10, 30)), Image.fromarray(noise(*size))):
        row = measured(image)
        assert head(row)[:2] == list(size)
        Views.of(row[None]).grey(np.array([0]))


@pytest.mark.parametrize("size", [(512, 384), (257, 511), (300, 300), (120, 90)])
def test_the_box_of_a_letterboxed_picture_lies_around_its_content(size):
    image = Image.fromarray(noise(*size))
    bars = size[1] // 4
    framed = ImageOps.expand(image, (0, bars, 0, bars), 0)
    framed.thumbnail((512, 512), Image.Resampling.BOX)
    width, height, left, top, right, bottom = head(measured(framed))
    assert (width, height) == framed.size
    assert (left, right) == (0, width)
    scale = height / (size[1] + 2 * bars)
    assert 0 <= top - bars * scale <= 8
    assert 0 <= (size[1] + bars) * scale - bottom <= 8


def test_a_picture_without_border_has_no_trimmed_view():
    row = measured(Image.fromarray(noise(400, 300)))
    assert head(row) == [400, 300, 0, 0, 400, 300]
    assert not row[12 + WHOLE_SIDE**2 :].any()
