"""Rules that look at all pictures of a concept: formats, tone, palette, rendering, conditions."""

import numpy as np
import pytest

from rule_testing import concept, dataset, findings, judge, remedies, severities, skips, subjects, texts
from tagmetry.features import (
    brightness,
    colour_moments,
    contrast,
    crispness,
    hues,
    level_range,
    noise,
    peak_chroma,
    rendering,
)
from tagmetry.rules.pictures import mixed_formats, mixed_rendering, skewed_palette, tonal_outlier, uneven_conditions


def messages(rule, data, **options):
    return [(found.message, found.subject.paths) for found in findings(rule, data, **options)]


def test_transparency_among_others_is_told_with_the_images():
    data = dataset(concept("hat", n=3, has_alpha=[True, False, False]))
    assert messages(mixed_formats.rule, data) == [("alpha", ("hat/000.png",))]
    assert messages(mixed_formats.rule, dataset(concept("hat", n=3, has_alpha=True)))[0][0] == "alpha"
    assert messages(mixed_formats.rule, dataset(concept("hat", n=3))) == []


def test_a_palette_is_told_where_others_have_none():
    assert messages(mixed_formats.rule, dataset(concept("hat", n=2, modes=["P", "RGB"]))) == [
        ("palette", ("hat/000.png",))
    ]
    assert messages(mixed_formats.rule, dataset(concept("hat", n=2, modes="P"))) == []


def test_animations_are_left_to_their_own_rule():
    data = dataset(concept("hat", n=3, has_alpha=[True, False, False], modes=["P", "RGB", "P"], frames=[4, 1, 2]))
    assert messages(mixed_formats.rule, data) == []


def test_formats_alone_are_a_note():
    data = dataset(concept("hat", n=3, formats=["PNG", "JPEG", "WEBP"]))
    found = findings(mixed_formats.rule, data)
    assert severities(mixed_formats.rule, found) == ["info"]
    assert texts(mixed_formats.rule, found) == [
        '1 of the 3 images of "hat" are stored without loss (PNG), the others are compressed (JPEG, WEBP)'
    ]
    assert messages(mixed_formats.rule, dataset(concept("hat", n=2, formats=["JPEG", "WEBP"]))) == []


def rendered(*values, span=200.0, grain=0.5, **options):
    n = len(values)
    grains = grain if isinstance(grain, list) else [grain] * n
    data = dataset(concept("hat", n=n, features={rendering: list(values), noise: grains, level_range: [span] * n}))
    return messages(mixed_rendering.rule, data, **options)


def test_a_drawing_among_photographs_is_found():
    assert rendered(0.01, 0.05, 0.02, 0.25) == [("drawings", ("hat/003.png",))]
    assert rendered(0.01, 0.05, 0.02, 0.249) == []


def test_a_drawing_without_grain_among_photographs_with_grain_is_found_sooner():
    grain = [0.4, 0.3, 0.25, 0.2]
    assert rendered(0.01, 0.05, 0.02, 0.15, grain=grain) == [("drawings", ("hat/003.png",))]
    assert rendered(0.01, 0.05, 0.02, 0.149, grain=grain) == []
    assert rendered(0.01, 0.05, 0.02, 0.15, grain=[0.4, 0.3, 0.25, 0.21]) == []
    assert rendered(0.01, 0.05, 0.02, 0.15, grain=[0.4, 0.2, 0.2, 0.2]) == []


def test_a_photograph_among_drawings_is_found():
    assert rendered(0.4, 0.5, 0.45, 0.06) == [("photographs", ("hat/003.png",))]
    assert rendered(0.4, 0.5, 0.45, 0.07) == []
    assert rendered(0.4, 0.5, 0.45, 0.06, grain=0.34) == []


def test_drawings_with_soft_backgrounds_are_known_by_their_want_of_grain():
    clean = [0.0, 0.2, 0.1, 0.35]
    assert rendered(0.09, 0.09, 0.2, 0.06, grain=clean) == [("photographs", ("hat/003.png",))]
    assert rendered(0.08, 0.08, 0.2, 0.06, grain=clean) == []
    assert rendered(0.09, 0.09, 0.2, 0.06, grain=[0.3, 0.3, 0.3, 0.35]) == []


def test_without_a_clear_majority_nothing_is_said():
    assert rendered(0.15, 0.12, 0.01, 0.4) == []
    assert rendered(0.15, 0.16, 0.2, 0.4) == []


def test_few_images_are_not_judged_by_their_rendering():
    data = dataset(
        concept("hat", n=3, features={rendering: [0.01, 0.01, 0.5], noise: [0.5] * 3, level_range: [200.0] * 3})
    )
    assert skips(mixed_rendering.rule, data) == ["a concept has 3 images; 4 are needed to tell a majority"]


def test_the_odd_drawings_are_named():
    data = dataset(
        concept("hat", n=5, features={rendering: [0.0, 0.0, 0.0, 0.5, 0.4], noise: [0.5] * 5, level_range: [200.0] * 5})
    )
    found = findings(mixed_rendering.rule, data)
    assert texts(mixed_rendering.rule, found) == [
        (
            '2 flat drawings are among the 5 images of "hat", most of which are photographs or painted like them: '
            "hat/003.png, hat/004.png"
        )
    ]
    assert remedies(mixed_rendering.rule, found[0]) == [
        'take these out of "hat", or make a concept of them: hat/003.png, hat/004.png'
    ]


LIGHT = [118.0, 125, 131, 140, 122, 128, 135, 119, 133]


def toned(light=(), hardness=(), colour=(), captions=None, span=None, chroma=0.3, **facts):
    n = max(len(light), len(hardness), len(colour))
    moments = [[0.6, *(colour[at] if colour else (0.0, 0.0)), *[0.1] * 6] for at in range(n)]
    features = {
        brightness: list(light) or [120.0] * n,
        contrast: list(hardness) or [50.0] * n,
        colour_moments: moments,
        hues: [[chroma / 12] * 12] * n,
        level_range: span or [200.0] * n,
    }
    return dataset(concept("hat", n=n, captions=captions, features=features), **facts)


def out_of_tone(**facts):
    found = findings(tonal_outlier.rule, toned(**facts))
    return list(zip(subjects(found), [finding.message for finding in found], strict=True))


def test_a_picture_far_darker_or_lighter_than_the_rest_is_found():
    assert out_of_tone(light=[*LIGHT, 20.0]) == [("hat/009.png", "darker")]
    assert out_of_tone(light=[*LIGHT, 240.0]) == [("hat/009.png", "lighter")]
    assert out_of_tone(light=[*LIGHT, 230.0]) == []
    assert out_of_tone(light=[*LIGHT, 59.0]) == []


@pytest.mark.parametrize(
    ("light", "span", "message"),
    [
        (49.0, 79.0, "black"),
        (50.0, 79.0, None),
        (49.0, 80.0, None),
        (201.0, 139.0, "washed-out"),
        (200.0, 139.0, None),
        (201.0, 140.0, None),
    ],
)
def test_nearly_black_and_washed_out_pictures_are_found_without_comparison(light, span, message):
    data = toned(light=[light], span=[span])
    found = [finding.message for finding in judge(tonal_outlier.rule, data).findings]
    assert found == ([] if message is None else [message])


def test_light_that_varies_has_no_outliers():
    assert out_of_tone(light=[20.0, 240, 60, 200, 100, 160, 130, 40, 220, 90]) == []


def test_a_caption_that_names_the_light_makes_it_meant():
    captions = ["hat"] * 9 + ["hat, night, city lights"]
    assert out_of_tone(light=[*LIGHT, 20.0], captions=captions) == []
    assert out_of_tone(light=[*LIGHT, 240.0], captions=captions) == [("hat/009.png", "lighter")]


def test_contrast_and_tint_stand_out_too():
    assert out_of_tone(hardness=[50.0, 52, 48, 51, 47, 53, 49, 50, 110]) == [("hat/008.png", "harsher")]
    assert out_of_tone(hardness=[50.0, 52, 48, 51, 47, 53, 49, 50, 99]) == []
    assert out_of_tone(hardness=[60.0, 62, 58, 61, 57, 63, 59, 60, 9]) == [("hat/008.png", "flatter")]
    grey = [(0.01, 0.0), (0.0, 0.01), (-0.01, 0.0), (0.0, 0.0)] * 2
    assert out_of_tone(colour=[*grey, (0.13, 0.05)]) == [("hat/008.png", "tinted")]
    assert out_of_tone(colour=[*grey, (0.1, 0.05)]) == []
    assert out_of_tone(colour=[*grey, (0.09, 0.0)], chroma=0.0918) == [("hat/008.png", "tinted")]
    assert out_of_tone(colour=[*grey, (0.09, 0.0)], chroma=0.0919) == []
    assert out_of_tone(colour=[*grey, (0.04, 0.0)], chroma=0.04) == []


def test_one_picture_is_out_of_tone_once_and_a_blank_one_never():
    assert out_of_tone(light=[*LIGHT, 20.0], hardness=[50.0] * 9 + [5.0]) == [("hat/009.png", "darker")]
    assert out_of_tone(light=[*LIGHT, 2.0], span=[200.0] * 9 + [1.0]) == []


def test_few_images_tell_no_usual_tone():
    data = toned(light=[120.0] * 6 + [5.0])
    assert skips(tonal_outlier.rule, data) == [
        "no concept has the 8 images needed to tell what is usual; the largest has 7"
    ]


def coloured(colours, *, chroma=0.1, n_hues=0.05, captions=None, hardness=50.0, crisp=2.0, **facts):
    n = len(colours)
    features = {
        colour_moments: [[0.6, *colour, *[0.1] * 6] for colour in colours],
        contrast: [hardness] * n,
        crispness: [crisp] * n,
        hues: [[n_hues / 12] * 12] * n,
        level_range: [200.0] * n,
        peak_chroma: [chroma] * n,
    }
    return dataset(concept("hat", n=n, captions=captions, features=features), **facts)


NEUTRAL = [(0.0, 0.0)] * 8


def leaning(data, **options):
    return [found.message for found in findings(skewed_palette.rule, data, **options)]


def test_a_concept_that_leans_to_one_hue_is_found():
    orange = [(0.03, 0.045)] * 8 + [(0.0, 0.0)] * 2
    found = findings(skewed_palette.rule, coloured(orange))
    assert texts(skewed_palette.rule, found) == [
        '80 % of the images of "hat" lean to orange (8 of 10; 0.0541 from grey in Oklab)'
    ]
    assert leaning(coloured([(0.03, 0.045)] * 7 + [(0.0, 0.0)] * 3)) == []
    assert leaning(coloured([(0.02, 0.03)] * 10)) == []


def test_a_concept_without_colour_is_found_unless_all_captions_say_so():
    assert leaning(coloured(NEUTRAL, chroma=0.0)) == ["grey"]
    assert leaning(coloured(NEUTRAL, chroma=0.0, captions="hat, monochrome")) == []
    assert leaning(coloured(NEUTRAL, chroma=0.025)) == ["grey"]
    assert leaning(coloured(NEUTRAL, chroma=0.03)) == []


def test_extremes_throughout_are_found():
    assert leaning(coloured(NEUTRAL, n_hues=0.16)) == ["strong"]
    assert leaning(coloured(NEUTRAL, hardness=19.0)) == ["flat"]
    assert leaning(coloured(NEUTRAL, hardness=96.0)) == ["harsh"]
    assert leaning(coloured(NEUTRAL, crisp=3.7)) == ["sharpened"]
    assert leaning(coloured(NEUTRAL)) == []


def test_a_style_and_a_small_concept_are_not_judged_by_their_palette():
    assert skips(skewed_palette.rule, coloured(NEUTRAL, hardness=5.0, purpose="style")) == [
        "the purpose is a style, whose palette is what is wanted"
    ]
    assert skips(skewed_palette.rule, coloured(NEUTRAL[:7], hardness=5.0)) == [
        "a concept has 7 images; 8 are needed to tell a leaning"
    ]


def conditions(light=None, sizes=(1024, 1024), captions=None, n=12, **facts):
    features = {brightness: light or list(np.linspace(100, 150, n)), level_range: [200.0] * n}
    return dataset(concept("hat", n=n, sizes=sizes, captions=captions, features=features), **facts)


def told(data):
    found = findings(uneven_conditions.rule, data)
    return list(zip([finding.message for finding in found], severities(uneven_conditions.rule, found), strict=True))


DIM_AND_LIGHT = [40.0, 45, 50, 150, 152, 155, 158, 160, 149, 151, 154, 157]


def test_dim_and_light_groups_are_a_warning_for_flux_and_a_note_elsewhere():
    assert told(conditions(light=DIM_AND_LIGHT, base_model="flux")) == [("light", "warning")]
    assert told(conditions(light=DIM_AND_LIGHT, base_model="sdxl")) == [("light", "info")]
    assert told(conditions(light=DIM_AND_LIGHT, base_model="flux", purpose="style")) == [("light", "info")]


def test_the_smaller_group_is_named():
    found = findings(uneven_conditions.rule, conditions(light=DIM_AND_LIGHT))
    assert found[0].subject.paths == ("hat/000.png", "hat/001.png", "hat/002.png")
    assert texts(uneven_conditions.rule, found) == [
        'the images of "hat" fall into dim and light ones: 3 around 45 and 9 around 154 of 255'
    ]


def test_groups_of_light_are_told_apart_by_ratios():
    pictures = [96.0, 104, 113, 125, 139, 150, 166, 186, 205, 212]
    dimmed = [32.0, 37, 41, 46, 54]
    assert told(conditions(light=[*dimmed, *pictures], n=15)) == [("light", "info")]


def test_light_without_groups_is_even():
    assert told(conditions()) == []
    assert told(conditions(light=list(np.linspace(20, 240, 12)))) == []
    assert told(conditions(light=[40.0] + [150.0] * 11)) == []


def test_small_and_large_pictures_are_groups():
    sizes = [(512, 512)] * 4 + [(3840, 2160)] * 8
    assert told(conditions(sizes=sizes, base_model="flux")) == [("size", "warning")]
    assert told(conditions(sizes=[(768, 768)] * 4 + [(1024, 1024)] * 8)) == []


def test_camera_distances_are_read_from_captions():
    captions = ["hat, close-up"] * 5 + ["hat, full body"] * 4 + ["hat, upper body"] * 3
    flux = {"base_model": "flux", "purpose": "person"}
    found = findings(uneven_conditions.rule, conditions(captions=captions, **flux))
    assert severities(uneven_conditions.rule, found) == ["warning"]
    assert texts(uneven_conditions.rule, found) == [
        (
            'the images of "hat" are taken from several distances, and none has 80 % of them: close-up 5, '
            "upper body 3, full body 4"
        )
    ]
    assert len(found[0].subject.paths) == 7
    assert told(conditions(captions=captions, base_model="sdxl")) == []
    assert told(conditions(captions=captions, base_model="flux")) == []
    assert told(conditions(captions=["hat, close-up"] * 10 + ["hat, full body"] * 2, **flux)) == []
    assert told(conditions(captions=["a hat in close-up"] * 6 + ["a hat"] * 6, **flux)) == []


def test_few_images_tell_no_groups():
    data = conditions(light=DIM_AND_LIGHT[:9], n=9)
    assert skips(uneven_conditions.rule, data) == ["a concept has 9 images; 10 are needed to tell groups"]
