"""Sections of the page that count something: what is counted, and where the counts lead."""

from collections import Counter
from dataclasses import replace
from urllib.parse import unquote

import pytest

from html_pages import Page
from report_testing import context, files, report_of
from rule_testing import concept, dataset
from tagmetry.attributes import ATTRIBUTES
from tagmetry.messages import Translator
from tagmetry.plugins import load_plugins
from tagmetry.report import BaselineSummary, FixedFinding
from tagmetry.reporters.html import reporter
from tagmetry.reporters.html.checklist import POINTS, checklist
from tagmetry.reporters.html.coverage import ATTRIBUTE_NAMES, SHOWN_NEVER, coverage
from tagmetry.reporters.html.together import MOST_TAGS, together

EN = Translator("en")


def page_of(report):
    return Page(files(reporter, report, told=context())[""])


def hats(*captions, **more):
    return concept("hats", captions=list(captions), trigger="hat", **more)


# --- tags together --------------------------------------------------------------------------------------


def test_pairs_are_counted_as_the_images_that_hold_both():
    captions = ["hat, red, cat", "hat, red, cat", "hat, Red, dog", "hat, blue, dog, dog", "hat, blue, sun_set", None]
    (heat,) = together(report_of(dataset(hats(*captions))), EN)
    counted = {frozenset((pair.first, pair.second)): pair.n for pair in (*heat.pairs, *heat.apart)}
    assert heat.always == ("hat",)
    assert [label.text for label in heat.labels] == ["Red", "blue", "cat", "dog"]
    assert counted[frozenset(("Red", "cat"))] == "2"
    assert sum(shade.path.count("M") for shade in heat.shades) == 3
    link = next(unquote(pair.images) for pair in heat.pairs if {pair.first, pair.second} == {"Red", "cat"})
    assert link == '#images?role:="train" concept:="hats" tag:="Red" tag:="cat"'


def test_a_pair_that_never_parts_has_the_last_shade():
    captions = ["red, cat", "red, cat", "red, dog", "dog", "dog, red", "sun"]
    (heat,) = together(report_of(dataset(hats(*captions))), EN)
    assert [shade.path.count("M") for shade in heat.shades] == [0, 0, 1, 0, 1]


def test_frequent_tags_that_never_meet_are_told():
    captions = ["red, cat"] * 5 + ["blue, dog"] * 5
    (heat,) = together(report_of(dataset(hats(*captions))), EN)
    assert {frozenset((pair.first, pair.second)) for pair in heat.apart} == {
        frozenset(pair) for pair in (("red", "blue"), ("red", "dog"), ("cat", "blue"), ("cat", "dog"))
    }
    assert {(pair.n, pair.lift) for pair in heat.apart} == {("0", "2.5")}


def test_at_most_thirty_tags_are_drawn_and_those_on_one_image_never():
    names = [f"tag {number}" for number in range(MOST_TAGS + 5)]
    captions = [", ".join(names), ", ".join([*names, "alone"]), "other"]
    (heat,) = together(report_of(dataset(hats(*captions))), EN)
    assert len(heat.labels) == MOST_TAGS
    assert "alone" not in {label.text for label in heat.labels}


@pytest.mark.parametrize("captions", [["red, cat", "red, cat", "dog"], [None, None], ["hat"] * 4])
def test_too_few_tags_that_vary_are_no_table(captions):
    report = report_of(dataset(hats(*captions)))
    assert together(report, EN) == ()
    assert "together" not in page_of(report).ids


# --- what the captions name -----------------------------------------------------------------------------


def test_every_attribute_has_a_name():
    assert set(ATTRIBUTE_NAMES) == set(ATTRIBUTES)


def test_a_value_leads_to_its_images_where_one_search_finds_just_them():
    captions = ["hat, night, long hair", "hat, night", "hat, day, Long_Hair", "hat"]
    (found,) = coverage(report_of(dataset(hats(*captions))), EN).concepts
    rows = {row.name: row for row in found.rows}
    assert rows["time of day"].named == "3 of 4"
    values = {value.name: value for value in rows["time of day"].values}
    assert unquote(values["night"].images) == '#images?role:="train" concept:="hats" tag:="night"'
    assert values["night"].n == "2"


def test_what_no_caption_names_is_told_and_cut_where_it_is_long():
    (found,) = coverage(report_of(dataset(hats("hat, night", "hat"))), EN).concepts
    rows = {row.name: row for row in found.rows}
    assert rows["time of day"].never == ("day",)
    assert all(len(row.never) <= SHOWN_NEVER for row in found.rows)
    assert rows["pose"].values == () and rows["pose"].never_left


def test_without_captions_there_is_no_such_section():
    assert "coverage" not in page_of(report_of(dataset(hats(None, None)))).ids


# --- since the earlier report ---------------------------------------------------------------------------


def test_a_baseline_shows_what_is_new_known_and_fixed():
    fixed = (FixedFinding("abc", "blank-image", "error", "hats/1.png is <blank>"),)
    report = report_of(dataset(hats("hat", "hat")), baseline=BaselineSummary(2, 3, fixed, 1))
    page = page_of(report)
    assert page.ids["changes"] == page.ids["fixed"] == 1
    assert "2 new, 3 known and 1 fixed" in page.text
    assert "hats/1.png is <blank>" in page.text
    assert "1 earlier finding is gone because its rule did not judge this time." in page.text


def test_without_a_baseline_there_is_no_such_section():
    assert "changes" not in page_of(report_of(dataset(hats("hat", "hat")))).ids


def test_a_severity_of_a_later_version_is_shown_as_it_stands():
    fixed = (FixedFinding("abc", "blank-image", "grave", "gone"),)
    report = report_of(dataset(hats("hat", "hat")), baseline=BaselineSummary(0, 0, fixed, 0))
    assert "grave" in page_of(report).text


# --- the checklist --------------------------------------------------------------------------------------


def test_the_checklist_names_rules_that_exist_each_once():
    named = Counter(rule for _, _, rules in POINTS for rule in rules)
    assert set(named) <= set(load_plugins(foreign=False).rules)
    assert set(named.values()) == {1}
    assert len(POINTS) == 7


def test_a_point_has_the_outcome_of_its_rules():
    rules = load_plugins(foreign=False).rules
    data = dataset(hats("hat", None, "hat", sizes=[(1024, 1024)] * 3), base_model="flux")
    report = report_of(data, rules["missing-caption"], rules["extreme-dimensions"], rules["config-misread"])
    points = {point.id: point for point in checklist(report, EN)}
    assert list(points) == [name for name, _, _ in POINTS]
    assert (points["size"].look, points["size"].told) == ("good", "nothing found")
    assert points["captions"].look in ("warning", "error")
    assert points["config"].told == points["lighting"].told == "not judged"
    (answer,) = points["captions"].answers
    assert answer.anchor in page_of(report).ids
    assert page_of(replace(report)).ids["checklist"] == 1


def test_other_base_models_have_no_checklist():
    assert checklist(report_of(dataset(hats("hat", None), base_model="sdxl")), EN) == ()
