"""Figures of captions, triggers and buckets, and two conditions at once, held against what was counted by hand."""

import math

import pytest

from expression_testing import figure, mistakes, numbers, value
from rule_testing import concept, dataset, training_config
from tagmetry.reporting import metrics

CONFIG = """
[[datasets]]
[[datasets.subsets]]
image_dir = "hat"
caption_dropout_rate = 0.5
"""

HATS = dataset(
    concept(
        "hat",
        captions=["ohwx, hat, red brim", "ohwx, hat, beach", "a long way, ohwx, beach", "hat", None],
        trigger="ohwx",
        class_word="hat",
    ),
    concept("cap", captions=["cap, beach", "cap, beach"]),
)


def test_what_comes_with_a_trigger_is_a_share_among_its_images():
    assert numbers("share(has_tag('beach'), has_tag('ohwx'))", HATS, scope="concept") == [2 / 3, None]
    assert figure("share(has_tag('ohwx'), has_tag('beach'))", HATS) == 0.5
    assert figure("share(has_tag('ohwx'), has_tag('nowhere'))", HATS) is None


def test_information_of_two_conditions_is_that_of_the_formula():
    together, one, other, n = 2, 3, 4, 6
    pmi = math.log2(together / n / (one / n * other / n))
    assert figure("pmi(has_tag('ohwx'), has_tag('beach'))", HATS) == pytest.approx(pmi)
    assert figure("npmi(has_tag('ohwx'), has_tag('beach'))", HATS) == pytest.approx(pmi / -math.log2(together / n))
    assert figure("npmi(has_tag('beach'), has_tag('beach'))", HATS) == pytest.approx(1)


def test_what_never_meets_or_always_does_has_no_information():
    assert figure("pmi(has_tag('red brim'), has_tag('beach'))", HATS) is None
    assert figure("npmi(true, true)", HATS) is None
    assert figure("pmi(true, true)", HATS) == 0


def test_a_second_condition_is_checked_like_the_first():
    assert value("share(has_tag('beach'), width > 10) > 0.5", HATS)
    assert len(mistakes("share(has_tag('beach'), width) > 0.5", "dataset")) == 1
    assert len(mistakes("pmi(has_tag('beach')) > 0.5", "dataset")) == 1


def test_figures_of_a_concepts_words():
    def of(name):
        return numbers(f"concept.{name}", HATS, scope="concept")

    assert of("class_word_share") == [0.75, None]
    assert of("strongest_coupling") == [pytest.approx(2 / 3), None]
    assert of("distinct_words") == [5, 2]
    assert of("captionless_share") == [0.2, 0]


def test_tokens_before_the_trigger_are_counted_in_each_caption():
    data = dataset(concept("hat", captions=["ohwx, hat", "a long way to ohwx", "hat", None], trigger="ohwx"))
    first, later, *others = numbers("tokens_before_trigger", data)
    assert first == 0
    assert later >= 4
    assert others == [None, None]


def test_captions_that_dropout_leaves_out_count_as_missing():
    assert metrics(HATS)["captionless_share"] == pytest.approx(1 / 7)
    one = concept("hat", captions=["a", "b", "c", None])
    dropped = dataset(one, config=training_config(CONFIG))
    assert metrics(dropped)["captionless_share"] == pytest.approx((3 * 0.5 + 1) / 4)


def test_buckets_are_those_of_the_trainer_and_missing_without_one():
    hats = concept("hat", sizes=[(1024, 1024), (1000, 500), (300, 300)])
    assert numbers("crop_loss", dataset(hats, resolution=512)) == [None] * 3
    data = dataset(hats, trainer="kohya", resolution=512)
    widths, scales = numbers("bucket_width", data), numbers("upscale_factor", data)
    assert widths[0] == numbers("bucket_height", data)[0] == 512
    assert widths[1] > 512 > numbers("bucket_height", data)[1]
    assert scales[0] == pytest.approx(0.5)
    assert scales[2] > 1
    assert numbers("crop_loss", data)[0] == 0
