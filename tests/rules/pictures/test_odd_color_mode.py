import pytest

from rule_testing import concept, dataset, findings, severities, subjects, texts
from tagmetry.features import level_range, peak_chroma
from tagmetry.rules.pictures.odd_color_mode import rule


def said(trainer=None, n=1, **facts):
    features = {peak_chroma: facts.pop("chroma", 0.1), level_range: facts.pop("span", 200.0)}
    data = dataset(concept("hat", n=n, features=features, **facts), trainer=trainer)
    found = findings(rule, data)
    return list(zip(subjects(found), [finding.message for finding in found], severities(rule, found), strict=True))


def test_a_plain_picture_is_not_odd():
    assert said() == []
    assert said(modes="P") == said(colour_profile="srgb") == said(colour_profile="grey") == []


@pytest.mark.parametrize("mode", ["CMYK", "LAB"])
def test_other_colour_spaces_are_found(mode):
    assert said(modes=mode, colour_profile="other") == [("hat/000.png", "mode", "warning")]


def test_a_wide_profile_is_found_and_srgb_is_not():
    assert said(n=2, colour_profile=["other", "srgb"]) == [("hat/000.png", "profile", "warning")]


def test_sixteen_bit_grey_turns_white_and_sixteen_bit_colour_is_a_note():
    assert said(modes="I;16", bit_depth=16, chroma=0.0) == [("hat/000.png", "deep-grey", "warning")]
    assert said(bit_depth=16) == [("hat/000.png", "deep", "info")]
    assert said(bit_depth=8) == []


@pytest.mark.parametrize(
    ("trainer", "message", "severity"),
    [
        ("kohya", "sideways", "warning"),
        ("musubi", "sideways", "warning"),
        (None, "turned", "info"),
        ("everydream", None, None),
        ("onetrainer", None, None),
    ],
)
def test_orientation_matters_where_the_trainer_ignores_it(trainer, message, severity):
    found = said(trainer=trainer, n=2, exif_orientation=[1, 6])
    assert found == ([] if message is None else [("hat/001.png", message, severity)])


def test_a_grey_picture_among_coloured_ones_is_found():
    assert said(n=4, chroma=[0.1, 0.012, 0.05, 0.2]) == [("hat/001.png", "grey", "warning")]
    assert said(n=4, chroma=[0.1, 0.0125, 0.05, 0.2]) == []


def test_grey_is_not_odd_where_the_concept_is_pale_or_few_can_be_compared():
    assert said(n=4, chroma=[0.0, 0.02, 0.03, 0.1]) == []
    assert said(n=4, chroma=[0.0, 0.03, 0.03, 0.1]) == [("hat/000.png", "grey", "warning")]
    assert said(n=3, chroma=[0.0, 0.1, 0.1]) == []


@pytest.mark.parametrize("caption", ["sks, monochrome", "A black and white photo of a hat.", "帽子、モノクロ"])
def test_a_caption_that_says_so_makes_it_meant(caption):
    assert said(chroma=[0.0, 0.1, 0.1, 0.1], n=4, captions=[caption, "hat", "hat", "hat"]) == []


@pytest.mark.parametrize(("span", "found"), [(2.0, False), (59.0, False), (60.0, True)])
def test_a_blank_or_black_picture_is_not_called_grey(span, found):
    assert bool(said(n=4, chroma=[0.0, 0.1, 0.1, 0.1], span=[span, 200.0, 200.0, 200.0])) is found


def test_it_is_told_of_every_role():
    data = dataset(
        concept("hat", n=1, features={peak_chroma: 0.1, level_range: 200.0}),
        concept("reg", n=1, role="regularization", modes="CMYK", features={peak_chroma: 0.1, level_range: 200.0}),
    )
    found = findings(rule, data)
    assert texts(rule, found) == [
        "reg/000.png is stored as CMYK; trainers convert it without its profile, and its colours change"
    ]
