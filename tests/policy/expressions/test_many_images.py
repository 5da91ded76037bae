"""Figures over many images, in expressions about the whole dataset and about concepts."""

import math

import numpy as np
import pytest

from expression_testing import figure, numbers, value, values
from rule_testing import concept, dataset
from tagmetry.features import sharpness

SETS = dataset(
    concept(
        "hat",
        captions=["sks, smile", "sks", None, "smile"],
        sizes=[(512, 512), (1024, 1024), (768, 768), (2048, 2048)],
        features={sharpness: [10.0, math.nan, 30.0, 50.0]},
        repeats=2,
    ),
    concept("cap", captions=["smile", "", "hair"], features={sharpness: [math.nan] * 3}),
    concept("reg", n=3, captions="smile", role="regularization", sizes=(64, 64), has_alpha=True),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(true)", 7),
        ("count(width > 1000)", 5),
        ("count(has_alpha)", 0),
        ("count(role == 'regularization')", 3),
        ("count(role == 'train' and has_tag('smile'))", 3),
        ("count(has_tag('smile'))", 3),
        ("count(sharpness > 20)", 2),
        ("share(has_tag('smile'))", 0.5),
        ("share(sharpness > 20)", 2 / 3),
        ("share(role == 'train')", 0.7),
        ("share(not has_caption)", 2 / 7),
        ("mean(sharpness)", 30),
        ("mean(width)", (512 + 1024 + 768 + 2048 + 3 * 1024) / 7),
        ("median(sharpness)", 30),
        ("median(width)", 1024),
        ("median(tag_count)", 1),
        ("quantile(sharpness, 0)", 10),
        ("quantile(sharpness, 1)", 50),
        ("quantile(sharpness, 0.25)", 20),
        ("quantile(width - concept.n, 0.5)", 1021),
        ("quantile(width, 1) / dataset.short_side_px_median", 2),
        ("max(count(width > 1000), count(width < 1000))", 5),
    ],
)
def test_over_the_training_images_of_the_dataset(text, expected):
    assert figure(text, SETS) == pytest.approx(expected, rel=1e-12)


def test_conditions_about_the_whole():
    assert value("share(has_tag('smile')) >= 0.5 and dataset.n_train < 10", SETS) is True
    assert value("share(has_tag('smile')) > 0.5", SETS) is False
    assert value("true", SETS) is True


def test_a_figure_over_nothing_is_missing_and_a_count_is_none():
    assert figure("mean(sharpness / 0)", SETS) is None
    assert figure("median(sharpness / 0)", SETS) is None
    assert figure("quantile(sharpness / 0, 0.5)", SETS) is None
    assert figure("share(sharpness / 0 > 1)", SETS) is None
    assert figure("count(sharpness / 0 > 1)", SETS) == 0


def test_a_dataset_without_training_images():
    data = dataset(concept("reg", n=2, role="regularization"))
    assert figure("count(true)", data) == 0
    assert figure("share(true)", data) is None
    assert figure("median(width)", data) is None
    assert figure("count(role == 'regularization')", data) == 2
    assert figure("dataset.median_exposure", data) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(has_tag('smile'))", [2, 1, 3]),
        ("share(has_tag('smile'))", [2 / 3, 1 / 3, 1]),
        ("mean(sharpness)", [30, None, None]),
        ("median(sharpness)", [30, None, None]),
        ("median(width)", [896, 1024, 64]),
        ("quantile(width, 0.1)", [588.8, 1024, 64]),
        ("count(has_alpha) / concept.n", [0, 0, 1]),
        ("count(width > concept.n * 200)", [2, 3, 0]),
        ("count(role == 'train')", [4, 3, 0]),
        ("clip(dataset.median_exposure / concept.exposure, 0.5, 3)", [5.5 / 8, 5.5 / 3, 5.5 / 3]),
    ],
)
def test_over_the_images_of_each_concept(text, expected):
    found = numbers(text, SETS, scope="concept")
    assert [each is None for each in found] == [each is None for each in expected]
    assert [each for each in found if each is not None] == pytest.approx(
        [each for each in expected if each is not None]
    )


def test_conditions_about_each_concept():
    assert values("share(sharpness > 20) > 0.5", SETS, scope="concept") == [True, None, None]
    assert values("concept.role == 'train' and concept.n < 4", SETS, scope="concept") == [False, True, False]


@pytest.mark.parametrize("fraction", [0, 0.1, 0.25, 0.5, 0.77, 0.9, 1])
def test_quantiles_are_those_of_numpy(fraction):
    rng = np.random.default_rng(3)
    for n in (1, 2, 5, 40):
        figures = rng.normal(size=n).round(2)
        data = dataset(concept("hat", n=n, features={sharpness: figures.tolist()}))
        found = figure(f"quantile(sharpness, {fraction})", data)
        assert found == pytest.approx(float(np.quantile(figures, fraction)), abs=1e-12)


def test_quantiles_of_very_large_figures_are_there():
    data = dataset(concept("hat", n=3, features={sharpness: [-1.5e308, 0.0, 1.5e308]}))
    assert figure("quantile(sharpness, 0)", data) == -1.5e308
    assert figure("median(sharpness)", data) == 0
    assert figure("mean(sharpness)", data) == 0
    assert figure("quantile(sharpness, 1)", data) == 1.5e308


def test_a_sum_beyond_all_floats_leaves_no_mean():
    data = dataset(concept("hat", n=2, features={sharpness: [1.5e308, 1.5e308]}))
    assert figure("mean(sharpness)", data) is None
