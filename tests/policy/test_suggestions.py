"""Which known name is suggested for an unknown one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.policy.suggestions import LONGEST, did_you_mean

KEYS = ("tagmetry", "name", "extends", "profile", "rules", "overrides", "suppressions", "vocabulary", "balance", "gate")
OPTIONS = ("severity", "limit", "where", "when", "tolerate", "because", "lock", "min_images", "error_limit")
RULES = (
    "exact-duplicates",
    "near-duplicate-cluster",
    "near-duplicate-ratio",
    "missing-caption",
    "caption-encoding",
    "caption-too-long",
    "tag-frequency",
    "concept-imbalance",
    "blurry-image",
    "unreadable-image",
    "acme/min-side",
    "acme/no-artists",
)


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("min_sdie", ("metric", "min", "max"), "min"),
        ("rule", KEYS, "rules"),
        ("supression", KEYS, "suppressions"),
        ("vocab", KEYS, "vocabulary"),
        ("serverity", OPTIONS, "severity"),
        ("warn", ("off", "info", "warning", "error"), "warning"),
        ("tags-frequency", RULES, "tag-frequency"),
        ("blurry", RULES, "blurry-image"),
        ("sd1.5", ("sd15", "sdxl", "flux"), "sd15"),
        ("training", ("train", "regularization", "holdout"), "train"),
    ],
)
def test_a_slip_or_a_shorter_word_is_recognized(name, known, meant):
    assert did_you_mean(name, known) == meant


@pytest.mark.parametrize("name", ["min-images", "MIN_IMAGES", "min images", "minImages", "ｍｉｎ＿ｉｍａｇｅｓ"])
def test_case_width_and_what_parts_the_words_make_no_difference(name):
    assert did_you_mean(name, OPTIONS) == "min_images"


@pytest.mark.parametrize(
    ("name", "meant"), [("caption-missing", "missing-caption"), ("caption-length", "caption-too-long")]
)
def test_words_in_another_order_count_more_than_a_common_start(name, meant):
    assert did_you_mean(name, RULES) == meant


@pytest.mark.parametrize(("name", "meant"), [("imbalance", "concept-imbalance"), ("min-side", "acme/min-side")])
def test_the_only_name_with_the_same_words_is_suggested(name, meant):
    assert did_you_mean(name, RULES) == meant


def test_of_several_names_with_the_same_word_none_is_suggested():
    assert did_you_mean("image", RULES) is None


def test_a_common_namespace_makes_no_names_alike():
    assert did_you_mean("acme/foo", RULES) is None
    assert did_you_mean("acme/min-sdie", RULES) == "acme/min-side"
    assert did_you_mean("tagmetry:zzz", ("tagmetry:sdxl", "tagmetry:flux")) is None
    assert did_you_mean("tagmetry:sdlx", ("tagmetry:sdxl", "tagmetry:flux")) == "tagmetry:sdxl"


@pytest.mark.parametrize("name", ["foo", "no", "x", "", "-", "critical", "画風"])
def test_what_resembles_nothing_has_no_suggestion(name):
    assert did_you_mean(name, KEYS) is None


def test_nothing_is_suggested_where_nothing_is_known():
    assert did_you_mean("limit", ()) is None


def test_of_equally_near_names_the_first_in_the_alphabet_is_taken():
    for known in itertools.permutations(["limit_c", "limit_a", "limit_b"]):
        assert did_you_mean("limit_d", known) == "limit_a"


def test_a_very_long_name_is_not_compared():
    known = ["a" * LONGEST]
    assert did_you_mean("a" * (LONGEST - 1), known) == known[0]
    assert did_you_mean("a" * (LONGEST + 1), known) is None


@given(st.text(), st.lists(st.text()))
def test_a_suggestion_is_always_a_known_name(name, known):
    assert did_you_mean(name, known) in (*known, None)
    assert did_you_mean(name, known) == did_you_mean(name, reversed(known))
