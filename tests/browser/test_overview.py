"""The overview of several datasets, as a team has it in front of it."""

import pytest

from saved_report_testing import finding, saved
from tagmetry.cli import exit_code_of, tagmetry

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def overview(tmp_path_factory):
    place = tmp_path_factory.mktemp("overview")
    reports = [
        saved(place / "alpha-1.json", "alpha", finding(1), finding(2), n_images=40),
        saved(place / "alpha-2.json", "alpha", finding(2), n_images=38),
        saved(place / "beta.json", "beta", finding(1, "error", "missing-caption"), n_images=9),
        saved(place / "gamma.json", "a dataset with a name that goes on <b>and on</b>" * 3, n_images=200),
    ]
    page = place / "overview.html"
    words = ["report", *(word for path in reports for word in ("--from", str(path))), "-o", f"overview={page}"]
    assert exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False)) == 0
    return page


def order(page):
    return page.tab.evaluate(
        "() => [...document.querySelectorAll('#datasets-table tbody th')].map((one) => one.innerText.slice(0, 5))"
    )


def test_datasets_are_sorted_by_any_column_both_ways_and_stay_so_in_another_language(overview, opened):
    with opened(overview) as page:
        assert order(page) == ["beta\n", "alpha", "a dat"]
        images = page.tab.locator("#datasets-table th button", has_text="images")
        images.click()
        assert order(page) == ["a dat", "alpha", "beta\n"]
        assert page.tab.locator("[aria-sort=descending]").inner_text().startswith("images")
        images.click()
        assert order(page) == ["beta\n", "alpha", "a dat"]
        assert page.tab.locator("[aria-sort=ascending]").count() == 1
        page.tab.click("button[data-language=ja]")
        assert order(page) == ["beta\n", "alpha", "a dat"]
        assert page.tab.locator("[aria-sort=ascending]").count() == 1


def test_sorting_takes_keys_alone(overview, opened):
    with opened(overview) as page:
        page.tab.focus("#datasets-table th button")
        page.tab.keyboard.press("Enter")
        assert order(page) == ["a dat", "alpha", "beta\n"]


def test_a_dataset_leads_to_its_runs(overview, opened):
    with opened(overview, "#dataset-2") as page:
        box = page.tab.locator("#dataset-2").bounding_box()
        assert 0 <= box["y"] < 900
        assert page.tab.locator("table.runs tbody tr").count() == 2


def test_without_script_everything_but_the_sorting_is_there(overview, opened):
    with opened(overview, script=False) as page:
        assert page.tab.locator("#datasets-table tbody tr").count() == 3
        assert page.tab.locator("#datasets-table button").count() == 0
        assert not page.tab.locator("#sort-datasets").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_reaches_beyond_the_screen(overview, opened, width, theme):
    with opened(overview, width=width, theme=theme) as page:
        assert page.tab.evaluate("() => document.documentElement.scrollWidth") <= width
        assert page.violations() == []
        page.tab.click("button[data-language=ja]")
        assert page.violations() == []
