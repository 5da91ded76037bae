"""The written pages: generated ones are fresh, links lead somewhere, the JSON page names every field."""

import json
import re
from pathlib import Path

import click
import pytest

from report_testing import context, report_of
from rule_testing import concept, dataset
from tagmetry.cli import tagmetry
from tagmetry.documentation import generated_pages, measured_pages
from tagmetry.documentation.performance import SECTIONS, performance_page
from tagmetry.plugins import load_plugins
from tagmetry.reporters import json_report

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *(page for page in DOCS.rglob("*.md"))])


def test_generated_pages_are_fresh():
    stale = [
        path
        for path, text in {**generated_pages(), **measured_pages(DOCS / "measured")}.items()
        if not (DOCS / path).is_file() or (DOCS / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python3 dev.py docs"


def test_nothing_else_lies_among_the_generated_pages():
    written = {
        path.relative_to(DOCS).as_posix() for name in ("rules", "reference") for path in (DOCS / name).rglob("*.*")
    }
    assert written == set(generated_pages())


def test_the_page_of_performance_shows_every_row_of_its_tables(tmp_path):
    head = "what,value,unit,wanted\n"
    (tmp_path / "warm-runs.csv").write_text(
        head + "image-caption pairs,100000,,\nwarm run,9.5,s,under 12\nmachine,2 cores,,\n", encoding="utf-8"
    )
    page = performance_page(tmp_path)
    assert "| image-caption pairs | 100,000 | |\n| warm run | 9.5 s | under 12 |\n\nMeasured on 2 cores." in page
    assert "python tests/benchmarks/warm_runs.py" in page
    assert performance_page(tmp_path / "nowhere") == ""


def test_a_table_of_performance_with_columns_of_its_own_is_shown_as_it_is(tmp_path):
    (tmp_path / "near-duplicates-by-change.csv").write_text(
        "change,copies,found\nJPEG 95,1200,1200\ncrop 10 %,1200,1188\n", encoding="utf-8"
    )
    page = performance_page(tmp_path)
    assert "| change | copies | found |\n|---|--:|--:|\n| JPEG 95 | 1,200 | 1,200 |\n" in page
    assert page.endswith("| crop 10 % | 1,200 | 1,188 |\n")


def test_every_table_of_performance_has_a_script():
    for section in SECTIONS:
        assert (ROOT / section.command.split()[1]).is_file()


def test_every_rule_has_a_page_and_a_line_in_the_recommended_policy():
    rules = load_plugins(foreign=False).rules
    recommended = (ROOT / "policies" / "recommended.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"^  ([a-z0-9-]+): \{\}$", recommended, re.MULTILINE)) == set(rules)
    assert {page.stem for page in (DOCS / "rules").glob("*.md")} == {*rules, "index"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_that_are_there(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_in_the_pages_exist(page):
    text = page.read_text(encoding="utf-8")
    used = set(re.findall(r"^tagmetry ([a-z]+)", text, re.MULTILINE)) | set(re.findall(r"`tagmetry ([a-z]+)", text))
    assert used <= set(tagmetry.list_commands(click.Context(tagmetry)))


def test_the_json_page_names_every_field_of_a_report():
    report = report_of(
        dataset(
            concept("a", captions=["lumi, girl, park"] * 12, trigger="lumi"),
            near=[("a/000.png", "a/001.png", "a/002.png", "a/003.png")],
            base_model="sdxl",
        ),
        *load_plugins(foreign=False).rules.values(),
    )
    (file,) = json_report.render(report, json_report.reporter.options(), context())
    page = (DOCS / "json-report.md").read_text(encoding="utf-8")
    free = {"values", "settings", "metrics", "profile"}

    def keys(value):
        if isinstance(value, dict):
            for key, member in value.items():
                yield key
                if key not in free:
                    yield from keys(member)
        elif isinstance(value, list):
            for member in value:
                yield from keys(member)

    named = set(re.findall(r"[a-z_0-9]+", page))
    assert sorted(set(keys(json.loads(file.content))) - named) == []
