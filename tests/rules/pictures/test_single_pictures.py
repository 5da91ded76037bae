"""Rules that look at one picture: frames, flat colour, bars, compression, dimensions."""

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, subjects, texts
from tagmetry.features import bars, bits_per_pixel, level_range, rendering
from tagmetry.rules.pictures import animated_image, blank_image, extreme_compression, extreme_dimensions, letterbox_bars

FULL = {level_range: 200.0}


def test_a_file_of_several_pictures_is_found_in_every_role():
    data = dataset(
        concept("hat", n=3, frames=[1, 2, 12]),
        concept("reg", n=1, frames=5, role="regularization"),
    )
    found = findings(animated_image.rule, data)
    assert subjects(found) == ["hat/001.png", "hat/002.png", "reg/000.png"]
    assert texts(animated_image.rule, found)[1] == "hat/002.png holds 12 pictures; training sees the first one at most"
    assert remedies(animated_image.rule, found[0]) == [
        "save the frame that is wanted as a picture of its own, or remove hat/001.png"
    ]
    assert figures(found)[0] == ("frames", 2, 1, None, None)


@pytest.mark.parametrize(("span", "found"), [(0.0, True), (16.0, True), (16.5, False), (float("nan"), False)])
def test_a_picture_is_blank_up_to_the_limit(span, found):
    data = dataset(concept("hat", n=1, features={level_range: span}))
    assert bool(findings(blank_image.rule, data)) is found


def test_blank_is_said_with_its_levels():
    found = findings(blank_image.rule, dataset(concept("hat", n=1, features={level_range: 3.0})))
    assert texts(blank_image.rule, found) == ["hat/000.png is one flat colour: its levels span 3 of 255"]
    assert figures(found) == [("level_range", 3, 16, "limit", None)]


def barred(*shares, span=200.0, **options):
    data = dataset(
        concept("hat", features={bars: [list(share) for share in shares], level_range: [span] * len(shares)})
    )
    found = findings(letterbox_bars.rule, data, **options)
    return [(finding.subject.name, finding.message, finding.measured.value) for finding in found]


def test_bars_of_two_opposite_sides_count_together():
    assert barred((0.02, 0, 0.02, 0), (0.02, 0, 0.019, 0)) == [("hat/000.png", "sides", pytest.approx(0.04))]
    assert barred((0, 0.1, 0, 0.12)) == [("hat/000.png", "ends", pytest.approx(0.22))]
    assert barred((0.1, 0.1, 0.1, 0.1)) == [("hat/000.png", "frame", pytest.approx(0.2))]


def test_a_bar_on_one_side_and_a_blank_picture_are_not_reported():
    assert barred((0, 0.3, 0, 0), (0.3, 0, 0, 0.3)) == []
    assert barred((0, 0.3, 0, 0.3), span=5.0) == []


def test_bars_are_said_with_their_share():
    data = dataset(concept("hat", n=1, features={bars: [[0, 0.125, 0, 0.125]], level_range: [200.0]}))
    found = findings(letterbox_bars.rule, data)
    assert texts(letterbox_bars.rule, found) == ["hat/000.png has bars above and below: 25 % of its height"]


def compressed(**facts):
    given = {bits_per_pixel: 2.0, rendering: 0.02, **FULL, **facts.pop("features", {})}
    data = dataset(concept("hat", n=1, features=given, **facts))
    return [(finding.message, finding.measured.option) for finding in findings(extreme_compression.rule, data)]


@pytest.mark.parametrize(("quality", "found"), [(49, True), (50, False), (0, False)])
def test_a_jpeg_is_judged_by_its_tables(quality, found):
    assert compressed(formats="JPEG", jpeg_quality=quality) == ([("quality", "least_quality")] if found else [])


@pytest.mark.parametrize(
    ("format", "bits", "option"),
    [
        ("JPEG", 0.249, "least_jpeg_bits"),
        ("JPEG", 0.25, None),
        ("WEBP", 0.199, "least_webp_bits"),
        ("WEBP", 0.2, None),
        ("AVIF", 0.199, "least_webp_bits"),
        ("PNG", 0.01, None),
    ],
)
def test_photographs_are_judged_by_their_bits(format, bits, option):
    found = compressed(formats=format, features={bits_per_pixel: bits})
    assert found == ([] if option is None else [("bits", option)])


def test_drawings_blank_pictures_and_what_its_tables_told_are_not_judged_by_bits():
    assert compressed(formats="JPEG", features={bits_per_pixel: 0.1, rendering: 0.2}) == []
    assert compressed(formats="JPEG", features={bits_per_pixel: 0.1, level_range: 3.0}) == []
    found = compressed(formats="JPEG", jpeg_quality=20, features={bits_per_pixel: 0.1})
    assert found == [("quality", "least_quality")]


def sized(*sizes, **options):
    found = findings(extreme_dimensions.rule, dataset(concept("hat", sizes=list(sizes))), **options)
    return list(
        zip(
            subjects(found),
            [finding.message for finding in found],
            severities(extreme_dimensions.rule, found),
            strict=True,
        )
    )


USUAL = [(1024, 1024), (1000, 1100), (1152, 896), (900, 1200), (1024, 1024), (1100, 1000), (1200, 900)]


def test_sixteen_times_the_pixels_of_the_others_is_reported():
    assert sized(*USUAL, (4200, 4200)) == [("hat/007.png", "larger", "warning")]
    assert sized(*USUAL, (4000, 4000)) == []


def test_one_sixteenth_is_reported_unless_the_base_model_speaks_first():
    large = [(4 * width, 4 * height) for width, height in USUAL]
    assert sized(*large, (1000, 1000)) == [("hat/007.png", "smaller", "warning")]
    assert sized(*large, (511, 700)) == []


def test_the_others_must_be_alike_and_enough():
    assert sized(*USUAL[:6], (4096, 4100)) == []
    mixed = [(256 * factor, 512 * factor) for factor in (2, 3, 5, 8, 12, 17)]
    assert sized(*mixed, (512, 600), (512, 512)) == []


def test_a_giant_is_one_without_comparison():
    assert sized((12_001, 2000), (12_000, 2000)) == [("hat/000.png", "giant", "warning")]


def test_the_other_images_are_those_of_the_concept():
    large = concept("large", sizes=[(4096, 4096)] * 8)
    usual = concept("usual", sizes=[*USUAL, (1024, 1024)])
    assert findings(extreme_dimensions.rule, dataset(large, usual)) == []


def test_dimensions_are_said():
    found = findings(extreme_dimensions.rule, dataset(concept("hat", sizes=[*USUAL, (8192, 8192)])))
    assert texts(extreme_dimensions.rule, found) == [
        "hat/007.png has 62 times the pixels of the other images (8,192 × 8,192 px)"
    ]
