"""What holds for every rule that comes with Tagmetry: a page, a place, texts in the house's manner, a test."""

import re
from pathlib import Path

import pytest

from tagmetry.messages import Plural, template_fields
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.policy.model import RuleInParts
from tagmetry.rule import HEADINGS

HERE = Path(__file__).parent
PLUGINS = load_plugins(foreign=False)
RULES = list(PLUGINS.rules.values())
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def test_the_manual_lists_every_rule_once_under_its_group():
    index = (HERE.parents[1] / "docs" / "rules" / "index.md").read_text(encoding="utf-8")
    listed = {}
    for section in index.split("\n## ")[1:]:
        group = section.partition("\n")[0]
        for rule, page in re.findall(r"^\| \[([a-z0-9-]+)\]\(([a-z0-9-]+)\.md\)", section, re.MULTILINE):
            assert rule == page
            assert listed.setdefault(rule, group) == group, rule
    assert listed == {rule.id: rule.module.split(".")[-2] for rule in RULES}


def test_the_recommended_policy_runs_every_rule_with_its_own_severity_and_limits():
    recommended = load_policy("tagmetry:recommended", PLUGINS)
    for rule in RULES:
        settled = RuleInParts(recommended, rule, False).whole
        assert settled.enabled, rule.id
        assert settled.options == rule.options(), rule.id
        assert settled.severity is None, rule.id


def test_all_rule_groups_load():
    assert [outcome for outcome in PLUGINS.failed if outcome.name.startswith("tagmetry.rules.")] == []


@EVERY_RULE
def test_it_lies_where_its_id_says(rule):
    assert rule.module.startswith("tagmetry.rules.")
    assert rule.module.split(".")[-1] == rule.id.replace("-", "_")


@EVERY_RULE
def test_its_page_has_a_title_and_all_headings(rule):
    sections = rule.sections()
    assert list(sections) == ["", *HEADINGS]
    assert rule.title.endswith(".")
    assert len(rule.title) <= 100
    for heading in HEADINGS:
        assert sections[heading].endswith((".", ")")), heading


@EVERY_RULE
def test_its_page_names_only_options_that_it_has(rule):
    names = set(options_of(rule.options))
    written = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", " ".join(rule.sections().values())))
    others = {name for other in RULES for name in options_of(other.options)}
    assert written & others <= names


@EVERY_RULE
def test_its_options_say_what_they_are(rule):
    for known in options_of(rule.options).values():
        assert known.info.doc.endswith("."), known.name
        assert known.info.doc[0].isupper(), known.name


@EVERY_RULE
def test_its_texts_begin_in_lower_case_or_with_their_subject_and_do_not_end_in_a_full_stop(rule):
    names = ("SDXL", "SD1.5", "Flux")
    for template in rule.texts():
        for text in (template.one, template.other) if isinstance(template, Plural) else (template,):
            assert text[0].islower() or text[0] in '{"“' or text.startswith(names), text
            assert not text.endswith("."), text


@EVERY_RULE
def test_both_forms_of_a_text_that_counts_have_the_values_of_the_other(rule):
    for template in rule.texts():
        if isinstance(template, Plural):
            assert set(template_fields(template.one)) <= {*template_fields(template.other), template.by}


@EVERY_RULE
def test_it_has_tests(rule):
    texts = [path.read_text(encoding="utf-8") for path in sorted(HERE.rglob("test_*.py")) if path != Path(__file__)]
    assert any(re.search(rf"\b{rule.module.split('.')[-1]}\b", text) for text in texts)
