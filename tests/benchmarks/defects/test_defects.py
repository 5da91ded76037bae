"""Planting and scoring do what they say, and rules find what is planted; a quick part of the measuring."""

import numpy as np
import pytest

import tagmetry.features
from benchmarks.defects import suite
from benchmarks.defects.degradations import BLUR, FALLS, FOLLOWS, RISES, follows
from benchmarks.defects.planting import NOT_PLANTED, PLANTINGS, Expected
from benchmarks.defects.scoring import scored
from benchmarks.defects.sets import clean_set
from tagmetry.finding import Finding, Subject
from tagmetry.plugins import load_plugins

RULES = load_plugins(foreign=False).rules
QUICK = ("exact-duplicates", "missing-caption", "tag-frequency", "unreadable-image")


def test_every_rule_has_a_planted_defect_or_a_reason_why_it_cannot_be_planted():
    assert set(PLANTINGS) | set(NOT_PLANTED) == set(RULES)
    assert set(PLANTINGS) & set(NOT_PLANTED) == set()


def test_what_a_planting_calls_its_consequences_are_rules():
    told = {rule for plantings in PLANTINGS.values() for one in plantings for rule in one.consequences}
    assert told - set(RULES) == set()


def finding(*paths, name="hat"):
    return Finding("a-rule", Subject("cluster", name, identity=(name,), paths=paths), "found", {})


def test_an_expectation_of_paths_is_met_by_a_finding_that_has_them_all():
    wanted = Expected(paths=frozenset(("a.png", "b.png")))
    assert wanted.is_named_by(finding("a.png", "b.png", "c.png"))
    assert not wanted.is_named_by(finding("a.png", "c.png"))


def test_a_listed_expectation_is_met_by_just_these_paths():
    wanted = Expected(paths=frozenset(("a.png", "b.png")), listed=True)
    assert wanted.is_named_by(finding("b.png", "a.png"))
    assert not wanted.is_named_by(finding("a.png", "b.png", "c.png"))


def test_an_expectation_of_a_name_looks_at_no_paths():
    assert Expected(name="hat").is_named_by(finding("a.png"))
    assert not Expected(name="cap").is_named_by(finding("a.png"))


@pytest.fixture(scope="module")
def quick():
    return scored(0, rules=QUICK)


@pytest.mark.parametrize("rule", QUICK)
def test_rules_find_what_was_planted_and_nothing_else(quick, rule):
    tally = quick.tallies[rule]
    assert (tally.named, tally.right) == (tally.planted, tally.findings)
    assert tally.planted > 0


def test_nothing_is_said_of_a_clean_set(quick):
    assert {rule: tally.clean_alarms for rule, tally in quick.tallies.items() if tally.clean_alarms} == {}
    assert quick.failures == []


def test_the_suite_of_caption_defects_names_plantings_that_are_there():
    known = {(rule, one.name) for rule, plantings in PLANTINGS.items() for one in plantings}
    assert set(suite.CAPTION_DEFECTS.values()) - known == set()
    assert len(suite.CAPTION_DEFECTS) == 20


@pytest.fixture(scope="module")
def picture():
    return clean_set(0).train[0].picture()


@pytest.mark.parametrize(("name", "degradation", "direction"), FOLLOWS, ids=lambda part: getattr(part, "name", part))
def test_figures_of_quality_follow_a_degradation(picture, name, degradation, direction):
    assert follows(getattr(tagmetry.features, name), degradation, direction, picture)


def test_a_figure_that_goes_the_other_way_does_not_follow(picture):
    assert follows(tagmetry.features.sharpness, BLUR, FALLS, picture)
    assert not follows(tagmetry.features.sharpness, BLUR, RISES, picture)


def test_the_same_seed_gives_the_same_set():
    first, again = clean_set(3), clean_set(3)
    assert first == again
    assert [sample.caption for sample in first.samples] != [sample.caption for sample in clean_set(4).samples]


def test_a_planting_does_not_change_the_clean_set_that_it_begins_with():
    planting = PLANTINGS["missing-caption"][0]
    clean = planting.clean(0)
    planting.plant(clean.copy(), np.random.default_rng(0))
    assert clean == planting.clean(0)
