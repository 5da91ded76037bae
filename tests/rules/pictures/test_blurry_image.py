import pytest

from rule_testing import concept, dataset, figures, findings, severities, subjects, texts
from tagmetry.features import crispness, crispness_evenness, detail_share, level_range
from tagmetry.rules.pictures.blurry_image import rule

SHARP = [1.9, 2.0, 2.1, 1.8, 2.2, 2.0, 1.95]


def data(*values, sizes=(1024, 1024), span=200.0, detail=1.0, even=0.9, **profile):
    n = len(values)
    features = {
        crispness: list(values),
        crispness_evenness: [even] * n,
        level_range: [span] * n,
        detail_share: [detail] * n,
    }
    return dataset(concept("hat", n=n, sizes=sizes, features=features), **profile)


def said(*values, **facts):
    found = findings(rule, data(*values, **facts))
    return list(zip(subjects(found), [finding.message for finding in found], strict=True))


@pytest.mark.parametrize(("value", "found"), [(0.749, True), (0.75, False), (float("nan"), False)])
def test_the_floor_holds_without_comparison(value, found):
    assert said(value) == ([("hat/000.png", "blurred")] if found else [])


@pytest.mark.parametrize(
    ("even", "crisp", "message"),
    [(0.59, 1.79, "smeared"), (0.6, 1.79, None), (0.59, 1.8, None), (0.3, 0.5, "blurred"), (float("nan"), 1.5, None)],
)
def test_soft_in_one_direction_is_smeared_unless_the_picture_is_crisp_all_the_same(even, crisp, message):
    assert said(crisp, even=even) == ([] if message is None else [("hat/000.png", message)])


def test_softer_than_the_rest_is_found_from_eight_images_on():
    assert said(*SHARP, 1.05) == [("hat/007.png", "softer")]
    assert said(*SHARP, 1.11) == []
    assert said(*SHARP[:6], 1.05) == []


def test_what_is_soft_like_the_rest_is_not_softer():
    assert said(*[1.0, 1.05, 0.95, 1.1, 0.9, 1.02, 0.98, 0.8]) == []


def test_a_set_that_is_blurred_throughout_is_reported_throughout():
    assert len(said(*[0.5] * 9)) == 9


def test_too_small_and_blank_pictures_are_left_to_their_own_rules():
    assert said(0.4, sizes=(511, 900)) == []
    assert said(0.4, sizes=(767, 900), base_model="flux") == []
    assert said(0.4, sizes=(767, 900), base_model="sdxl") == [("hat/000.png", "blurred")]
    assert said(0.4, span=10.0) == []


def test_a_style_may_be_soft_throughout_but_not_one_picture_of_it():
    assert said(*[0.5] * 9, purpose="style") == []
    assert said(*SHARP, 0.5, purpose="style") == [("hat/007.png", "softer")]


def test_an_enlarged_picture_is_a_note_where_its_detail_is_below_what_the_base_model_needs():
    found = findings(rule, data(1.5, sizes=(1024, 1024), detail=0.45))
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [
        (
            "hat/000.png has the detail of a picture of about 461 px on its short side, and 1,024 px: it was enlarged, "
            "or is soft"
        )
    ]
    assert figures(found) == [("detail_share", 0.45, 0.65, "least_detail", "share")]
    assert said(1.5, sizes=(2048, 2048), detail=0.45) == []
    assert said(1.5, sizes=(1024, 1024), detail=0.65) == []


def test_a_dark_or_washed_out_picture_is_not_called_enlarged():
    assert said(1.5, detail=0.3, span=139.0) == []
    assert said(1.5, detail=0.3, span=140.0) == [("hat/000.png", "enlarged")]


def test_one_picture_is_reported_once():
    assert said(0.5, detail=0.3) == [("hat/000.png", "blurred")]


def test_the_width_of_the_edges_is_told():
    found = findings(rule, data(0.5))
    assert texts(rule, found) == [
        "hat/000.png is blurred: its sharpest edges are 2 px wide at a longest side of 512 px"
    ]
    assert figures(found) == [("crispness", 0.5, 0.75, "least_crispness", None)]
