"""Names: those of Tagmetry, those of features, and whose figure each one is."""

import numpy as np
import pytest

from expression_testing import compiled, facts, figure, mistakes, numbers, places, value, values, with_columns
from rule_testing import concept, dataset
from tagmetry.attributes import ATTRIBUTES
from tagmetry.columns import Codes
from tagmetry.extraction.sniffing import ALLOWED
from tagmetry.feature import Feature
from tagmetry.features import FEATURES, sharpness
from tagmetry.policy.expressions import FindingCounts, Registry
from tagmetry.policy.expressions.names import FORMATS
from tagmetry.reporting import metrics

HATS = dataset(
    concept(
        "hat",
        captions=["sks, red hat", "sks, cap, CAP", None, ""],
        sizes=[(512, 768), (2048, 1024), (100, 100), (3000, 1000)],
        formats=["PNG", "JPEG", "PNG", "WEBP"],
        has_alpha=[True, False, False, False],
        size_bytes=[1000, 2000, 3000, 4000],
        trigger="sks",
        class_word="hat",
        repeats=3,
        features={sharpness: [10.0, float("nan"), 30.0, 40.0]},
    ),
    concept("reg", n=2, role="regularization", folder="reg/1_hat"),
    near=[("hat/000.png", "hat/001.png")],
    base_model="sdxl",
    resolution=1024,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("width", [512, 2048, 100, 3000, 1024, 1024]),
        ("height", [768, 1024, 100, 1000, 1024, 1024]),
        ("short_side_px", [512, 1024, 100, 1000, 1024, 1024]),
        ("long_side_px", [768, 2048, 100, 3000, 1024, 1024]),
        ("megapixels", [0.393216, 2.097152, 0.01, 3.0, 1.048576, 1.048576]),
        ("aspect_ratio", [512 / 768, 2.0, 1.0, 3.0, 1.0, 1.0]),
        ("frames", [1] * 6),
        ("exif_orientation", [1] * 6),
        ("size_bytes", [1000, 2000, 3000, 4000, 500_000, 500_000]),
        ("repeats", [3, 3, 3, 3, 1, 1]),
        ("cluster_size", [2, 2, 1, 1, None, None]),
        ("caption_lines", [1, 1, None, 0, 1, 1]),
        ("tokens", [4, 5, None, 0, 1, 1]),
        ("tag_count", [2, 3, None, 0, 1, 1]),
        ("len(tags)", [2, 3, None, 0, 1, 1]),
        ("sharpness", [10, None, 30, 40, None, None]),
        ("len(caption)", [12, 13, None, 0, 3, 3]),
        ("len(path)", [11, 11, 11, 11, 17, 17]),
        ("len(folder)", [3, 3, 3, 3, 9, 9]),
        ("concept.n", [4, 4, 4, 4, 2, 2]),
        ("concept.effective_n", [3, 3, 3, 3, 2, 2]),
        ("concept.exposure", [12, 12, 12, 12, 2, 2]),
        ("concept.repeats", [3, 3, 3, 3, 1, 1]),
        ("dataset.n_images", [6] * 6),
        ("dataset.median_exposure", [12] * 6),
        ("profile.resolution", [1024] * 6),
        ("profile.batch_size", [None] * 6),
    ],
)
def test_numbers_of_images(name, expected):
    assert numbers(name, HATS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("has_alpha", [True, False, False, False, False, False]),
        ("has_caption", [True, True, False, False, True, True]),
        ("format == 'PNG'", [True, False, True, False, True, True]),
        ("mode == 'RGB'", [True] * 6),
        ("role == 'train'", [True, True, True, True, False, False]),
        ("role in ['regularization', 'holdout']", [False, False, False, False, True, True]),
        ("concept == 'hat'", [True, True, True, True, False, False]),
        ("concept == concept.name", [True] * 6),
        ("role == concept.role", [True] * 6),
        ("folder == 'reg/1_hat'", [False, False, False, False, True, True]),
        ("caption == 'sks, red hat'", [True, False, None, False, False, False]),
        ("concept.trigger == 'sks'", [True, True, True, True, None, None]),
        ("concept.has_trigger", [True, True, True, True, False, False]),
        ("concept.class_word == 'hat'", [True, True, True, True, None, None]),
        ("concept.has_class_word", [True, True, True, True, False, False]),
        ("profile.base_model == 'sdxl'", [True] * 6),
        ("profile.purpose == 'style'", [None] * 6),
    ],
)
def test_truths_and_texts_of_images(text, expected):
    assert values(text, HATS) == expected


def test_concepts_come_by_their_number():
    assert [info.name for info in HATS.concept_infos] == ["hat", "reg"]
    assert numbers("concept.n", HATS, scope="concept") == [4, 2]
    assert values("concept.role == 'train'", HATS, scope="concept") == [True, False]
    assert numbers("dataset.n_images / concept.n", HATS, scope="concept") == [1.5, 3]


def test_each_metric_of_the_report_can_be_read_and_nothing_else():
    found = metrics(HATS)
    named = {name for name in Registry("dataset").visible() if name.startswith("dataset.")}
    # What no caption names has no entropy.
    unnamed = {f"dataset.entropy_{group}" for group in ATTRIBUTES if f"entropy_{group}" not in found}
    assert named == {f"dataset.{name}" for name in found} | {"dataset.median_exposure"} | unnamed
    assert numbers("dataset.entropy_season", HATS, scope="dataset") == [None]
    for name, figure_of_report in found.items():
        assert figure(f"dataset.{name}", HATS) == figure_of_report


def test_a_metric_that_has_no_value_is_missing():
    assert value("dataset.caption_tokens_median > 1", HATS, caption_tokens_median=None) is None
    assert value("tag_noise <= 0.1", HATS, tag_noise=float("nan")) is None


def test_each_name_can_be_read_from_a_dataset():
    facts_of_hats = facts(HATS, FindingCounts())
    for scope, n in (("row", 6), ("concept", 2), ("dataset", 1), ("risk", 1)):
        for name in Registry(scope).visible().values():
            if name.scope != scope or (name.feature is not None and name.feature is not sharpness):
                continue
            assert len(facts_of_hats.column(name)) == n, name.name


def test_formats_are_those_that_are_read():
    assert FORMATS == ALLOWED


def test_texts_that_no_list_knows_are_never_equal():
    odd = with_columns(HATS, mode=["RGB", "BGR;15", None, "RGB", "RGB", "RGB"])
    assert values("mode in ['RGB', 'L']", odd) == [True, False, None, True, True, True]


def test_a_figure_that_is_not_finite_is_missing():
    column = HATS.columns[sharpness.key]
    assert isinstance(HATS.columns["format"], Codes)
    odd = dataset(concept("hat", n=3, features={sharpness: [1.0, float("inf"), 2.0]}))
    assert column.valid.tolist() == [True, False, True, True, False, False]
    assert numbers("sharpness", odd) == [1.0, None, 2.0]


def test_an_expression_says_what_it_reads_and_what_has_to_be_measured():
    expression = compiled("sharpness > 5 and (width > 1 or has_tag('a')) and dataset.n_train > 1")
    assert expression.names == ("dataset.n_train", "sharpness", "tags", "width")
    assert expression.needs == (sharpness,)
    assert expression.kind == "boolean"
    assert expression.scope == "row"
    assert compiled("share(sharpness > 5) > 0.1", "dataset").needs == (sharpness,)
    assert compiled("true").names == ()


def test_a_feature_that_was_not_measured_is_an_error_of_the_caller():
    with pytest.raises(KeyError):
        values("brightness > 1", HATS)


def feature(name, module, *, dtype=np.float64, width=1, unit="grey levels"):
    made = Feature(name, version=1, unit=unit, doc="What a plugin measures.", dtype=dtype, width=width)
    made.module = module
    return made


GRAIN = feature("grain", "acme_tagmetry.measures.grain")
GLARE = feature("glare", "acme_tagmetry.glare", dtype=bool)
OTHER_GRAIN = feature("grain", "other_plugin.grain")
OWN_WIDTH = feature("width", "acme_tagmetry.width")
OTHER_SHARPNESS = feature("sharpness", "acme_tagmetry.sharper")
EDGES = feature("edges", "acme_tagmetry.edges", width=8, unit="shares of eight directions")
BITS = feature("bits", "acme_tagmetry.bits", dtype=np.uint64, unit="64 bits")
LEVELS = feature("levels", "acme_tagmetry.levels", dtype=np.uint16, unit="levels")


def test_each_feature_of_ours_is_a_name_or_says_why_not():
    registry = Registry("row")
    refused = ["bars", "clipping", "colour_moments", "dhash", "hues", "phash", "view"]
    assert set(registry.visible()) >= {each.name for each in FEATURES} - set(refused)
    assert sorted(registry.refused) == refused


def test_a_plugins_feature_is_read_by_its_name_and_by_its_package():
    hats = dataset(concept("hat", n=2, features={GRAIN: [1.0, 5.0], GLARE: [0, 1]}))
    features = (*FEATURES, GRAIN, GLARE)
    assert numbers("grain", hats, features=features) == [1, 5]
    assert numbers("acme_tagmetry.grain", hats, features=features) == [1, 5]
    assert values("glare", hats, features=features) == [False, True]
    assert compiled("acme_tagmetry.grain > 1", features=features).needs == (GRAIN,)


def test_a_name_that_two_plugins_measure_needs_the_package():
    features = (OTHER_GRAIN, GRAIN)
    said = "0-5 expression-unknown-name: grain is measured by several plugins: write one of "
    assert mistakes("grain > 1", features=features) == [said + "acme_tagmetry.grain, other_plugin.grain"]
    assert compiled("other_plugin.grain > 1", features=features).needs == (OTHER_GRAIN,)


def test_the_order_of_the_features_makes_no_difference():
    features = (GRAIN, OTHER_GRAIN, OTHER_SHARPNESS, *FEATURES)
    one, other = Registry("row", features), Registry("row", reversed(features))
    assert list(one.visible()) == list(other.visible())
    assert dict(one.refused) == dict(other.refused)


def test_our_names_are_never_taken_by_a_plugin():
    features = (*FEATURES, OWN_WIDTH, OTHER_SHARPNESS)
    assert compiled("width > 1 and sharpness > 1", features=features).needs == (sharpness,)
    assert compiled("acme_tagmetry.width > 1", features=features).needs == (OWN_WIDTH,)
    assert compiled("acme_tagmetry.sharpness > 1", features=features).needs == (OTHER_SHARPNESS,)


def test_a_feature_of_several_figures_or_of_bits_is_no_name():
    features = (EDGES, BITS, LEVELS)
    assert places("edges > 1", features=features) == [("edges", "expression-unknown-name")]
    assert mistakes("acme_tagmetry.bits > 1", features=features) == [
        "0-18 expression-unknown-name: acme_tagmetry.bits is measured in 64 bits, which is no figure to compute with"
    ]
    assert compiled("levels > 1", features=features).needs == (LEVELS,)


def test_counts_of_findings_are_read_by_expressions_about_a_risk():
    high = "errors >= 1 or warnings >= 3"
    assert value(high, HATS, scope="risk", counts=FindingCounts(warnings=2)) is False
    assert value(high, HATS, scope="risk", counts=FindingCounts(warnings=3)) is True
    assert value(high, HATS, scope="risk", counts=FindingCounts(errors=1)) is True
    assert value("notes > 1 and dataset.n_train > 3", HATS, scope="risk", counts=FindingCounts(notes=2)) is True


def test_other_counts_beside_the_same_facts():
    expression = compiled("errors > dataset.n_concepts", "risk")
    all_facts = facts(HATS)
    with pytest.raises(ValueError, match="counts of findings"):
        expression.value(all_facts)
    assert [expression.value(all_facts.with_counts(FindingCounts(errors=n))) for n in (1, 2)] == [False, True]


def test_what_is_not_known_of_the_whole_is_named():
    expression = compiled("profile.purpose == 'style' and profile.batch_size > 1 and dataset.n_train > 1", "dataset")
    assert expression.value(facts(HATS)) is None
    assert expression.missing(facts(HATS)) == ("profile.batch_size", "profile.purpose")
    assert compiled("sharpness > 1 and profile.purpose == 'style'").missing(facts(HATS)) == ("profile.purpose",)


def test_rows_and_single_values_belong_to_their_scopes():
    with pytest.raises(ValueError, match="no rows to pick"):
        values("dataset.n_train > 1", HATS, scope="dataset", rows=[0])
    with pytest.raises(ValueError, match="many values"):
        compiled("width > 1").value(facts(HATS))
