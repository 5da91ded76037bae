import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, subjects, texts
from tagmetry.rules.balance.dataset_size import rule


def said(n, **options):
    """Severity and text for so many training images on Flux; empty where nothing is said."""
    found = findings(rule, dataset(concept("hat", n=n), base_model="flux"), **options)
    return list(zip(severities(rule, found), texts(rule, found), strict=True))


@pytest.mark.parametrize(
    ("n", "message"),
    [
        (4, "too-few"),
        (5, "unstable"),
        (10, "unstable"),
        (11, None),
        (14, None),
        (15, "efficient"),
        (25, "efficient"),
        (26, None),
        (29, None),
        (30, "best"),
        (50, "best"),
        (51, None),
        (59, None),
        (60, "little-gain"),
        (600, "little-gain"),
    ],
)
def test_on_flux_each_band_is_told_and_nothing_between(n, message):
    found = findings(rule, dataset(concept("hat", n=n), base_model="flux"))
    assert [finding.message for finding in found] == ([] if message is None else [message])


def test_below_the_lowest_band_it_is_a_warning():
    assert said(4) == [
        ("warning", "4 training images are fewer than the smallest sets reported for Flux, which have 5"),
    ]
    assert said(1) == [
        ("warning", "one training image is fewer than the smallest sets reported for Flux, which have 5"),
    ]


def test_inside_a_band_it_is_a_note():
    assert said(8) == [
        (
            "info",
            (
                "8 training images: on Flux, sets of 5 to 10 are reported to give results "
                "that change from one training to the next"
            ),
        ),
    ]
    assert said(20) == [
        ("info", "20 training images: on Flux, sets of 15 to 25 are reported as the most efficient"),
    ]
    (best,) = said(40)
    assert best[1].endswith("on Flux, sets of 30 to 50 are reported to give the best quality if the images are even")
    assert said(80) == [
        ("info", "80 training images: on Flux, 60 and more are reported to add little but repetition"),
    ]


def test_the_figure_is_held_against_the_edge_of_its_band():
    (few,) = findings(rule, dataset(concept("hat", n=4), base_model="flux"))
    assert figures([few]) == [("n_train", 4, 5, "unstable_from", "images")]
    assert remedies(rule, few) == ["add images of the same quality, up to about 15"]
    (many,) = findings(rule, dataset(concept("hat", n=61), base_model="flux"))
    assert figures([many]) == [("n_train", 61, 60, "little_gain_from", "images")]
    assert remedies(rule, many) == ["leave out the weakest images and those that show nothing new"]


def test_bands_can_be_set():
    assert said(10, unstable_to=9) == []
    assert said(3, unstable_from=2, unstable_to=3)[0][0] == "info"


@pytest.mark.parametrize(("base_model", "shown"), [("sdxl", "SDXL"), ("sd15", "SD1.5")])
def test_for_other_base_models_it_notes_that_no_guide_values_are_known(base_model, shown):
    found = findings(rule, dataset(concept("hat", n=12), base_model=base_model))
    assert subjects(found) == ["hats"]
    assert severities(rule, found) == ["info"]
    assert texts(rule, found) == [f"12 training images; for {shown} no guide values are known"]
    assert remedies(rule, found[0]) == []


def test_only_training_images_count():
    data = dataset(concept("hat", n=4), concept("person", n=50, role="regularization"), base_model="flux")
    assert [finding.message for finding in findings(rule, data)] == ["too-few"]


def test_without_a_base_model_it_is_skipped():
    assert skips(rule, dataset(concept("hat", n=4))) == [
        "no base model is named: set profile.base_model or use --base-model"
    ]


def test_without_training_images_it_is_skipped():
    assert skips(rule, dataset(base_model="flux")) == ["there are no training images"]
