"""Every row of the catalogue is a rule, listed in the manual, run by the recommended policy, with what its row asks."""

import re
from pathlib import Path

import pytest
import yaml

from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.rule import Remedies

HERE = Path(__file__).parent
SECTIONS = yaml.safe_load((HERE / "catalogue.yaml").read_text(encoding="utf-8"))
ROWS = {rule: row for rows in SECTIONS.values() for rule, row in rows.items()}
PLUGINS = load_plugins(foreign=False)
ORIGINS = {
    "Tagmetry's own choice",
    "a trainer's code",
    "the source on balancing strategies",
    "the source on failure modes",
    "the source on preparing images and captions for Flux",
}
EVERY_ROW = pytest.mark.parametrize("rule_id", ROWS)


def test_no_row_stands_twice():
    assert len(ROWS) == sum(len(rows) for rows in SECTIONS.values())
    assert len(ROWS) - len(SECTIONS["beyond the catalogue"]) == 98


def test_rows_and_rules_are_the_same():
    assert set(PLUGINS.rules) == set(ROWS)


def test_rows_and_pages_of_the_manual_are_the_same():
    pages = HERE.parents[1] / "docs" / "rules"
    index = (pages / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| \[([a-z0-9-]+)\]\(\1\.md\)", index, re.MULTILINE)) == set(ROWS)
    assert {path.stem for path in pages.glob("*.md")} - {"index"} == set(ROWS)


def test_rows_and_rules_of_the_recommended_policy_are_the_same():
    written = [patch.rule for layer in load_policy("tagmetry:recommended", PLUGINS).layers for patch in layer.rules]
    assert sorted(written) == sorted(ROWS)


@EVERY_ROW
def test_it_points_to_the_failure_modes_of_its_row_on_the_evidence_told_there(rule_id):
    rule = PLUGINS.rules[rule_id]
    assert (list(rule.points_to), rule.evidence) == (ROWS[rule_id]["points_to"], ROWS[rule_id]["evidence"])


@EVERY_ROW
def test_it_has_remedies_where_its_row_asks_for_them(rule_id):
    given = PLUGINS.rules[rule_id].remedies
    groups = [given] if isinstance(given, Remedies) else list(given.values())
    assert [kind for kind in ("data", "training") if any(getattr(one, kind) for one in groups)] == ROWS[rule_id][
        "remedies"
    ]


@EVERY_ROW
def test_its_numbers_have_a_range(rule_id):
    numbers = [one for one in options_of(PLUGINS.rules[rule_id].options).values() if one.type in (int, float)]
    assert [one.name for one in numbers if one.info.low is None] == []
    for one in numbers:
        assert one.info.low <= one.default, one.name
        assert one.info.high is None or one.default <= one.info.high, one.name


@EVERY_ROW
def test_its_page_has_every_part_and_each_option_with_its_origin(rule_id):
    page = (HERE.parents[1] / "docs" / "rules" / f"{rule_id}.md").read_text(encoding="utf-8")
    parts = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert {"What it finds", "Why it matters", "What to do", "Known limits", "Remedies"} - parts == set()
    _, _, options = page.partition("\n## Options\n")
    told = re.findall(r"^\| `(\w+)` \|.* \| ([^|]+) \|$", options.partition("\n## ")[0], re.MULTILINE)
    assert [name for name, _ in told] == list(options_of(PLUGINS.rules[rule_id].options))
    assert {origin for _, origin in told} <= ORIGINS
