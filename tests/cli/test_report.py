"""`tagmetry report --from`: saved reports side by side."""

import json

import pytest

from command_testing import draw, run
from html_pages import Page
from saved_report_testing import finding, saved
from tagmetry.cli import exit_code_of, tagmetry


@pytest.fixture
def overview(tmp_path):
    """The overview of some reports: its page."""

    def called(*reports, language="en"):
        words = [word for path in reports for word in ("--from", path)]
        target = tmp_path / "overview.html"
        words = ["report", *map(str, words), "-o", f"overview={target}", "--lang", language]
        assert exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False)) == 0
        return Page(target.read_text(encoding="utf-8"))

    return called


def test_datasets_stand_side_by_side_the_worst_verdict_first(overview, tmp_path):
    page = overview(
        saved(tmp_path / "a.json", "alpha"),
        saved(tmp_path / "b.json", "beta", finding(1, "error", "missing-caption"), finding(2)),
        saved(tmp_path / "c.json", "gamma", finding(1)),
    )
    names = [one["data-value"] for one in page.having("th", scope="row") if "data-value" in one]
    # By name they are alpha, beta, gamma; twice, for the page holds both languages.
    assert names == ["1", "2", "0"] * 2
    assert "3 datasets from 3 reports." in page.text
    assert "1 not ready 1 ready with warnings 1 ready" in page.text


def test_what_is_sorted_by_is_the_figure_itself(overview, tmp_path):
    page = overview(saved(tmp_path / "a.json", "alpha", finding(1), finding(2), n_images=1234))
    values = [one["data-value"] for one in page.having("td", class_="number") if "data-value" in one]
    assert values[:8] == ["0", "2", "0", "1234", "1234", "1", "0.25", ""]
    assert "1,234" in page.text


def test_runs_of_a_dataset_show_what_is_new_and_fixed_in_the_order_named(overview, tmp_path):
    page = overview(
        saved(tmp_path / "may.json", "alpha", finding(1), finding(2), finding(3)),
        saved(tmp_path / "other.json", "beta"),
        saved(tmp_path / "june.json", "alpha", finding(3), finding(4)),
    )
    assert "1 new, 2 fixed" in page.text
    assert "2 runs: errors from 0 to 0, warnings from 3 to 2, images from 20 to 20." in page.text
    assert page.links.count("#dataset-1") == 2
    assert len(page.having("polyline")) == 2


def test_a_run_by_another_policy_says_so(overview, tmp_path):
    told = "Judged by another policy than the run before."
    one = saved(tmp_path / "1.json", "alpha", finding(1))
    assert told not in overview(one, saved(tmp_path / "2.json", "alpha")).text
    assert told in overview(one, saved(tmp_path / "3.json", "alpha", sha256="b" * 64)).text


def test_a_folder_stands_for_its_reports_by_name(overview, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    saved(folder / "2.json", "alpha", finding(1))
    saved(folder / "1.json", "alpha", finding(1), finding(2))
    (folder / "notes.txt").write_text("not a report")
    assert "0 new, 1 fixed" in overview(folder).text


def test_folders_of_one_name_in_two_places_are_two_datasets_where_the_reports_say_so(overview, tmp_path):
    page = overview(
        saved(tmp_path / "1.json", "train", path="/data/a/train"),
        saved(tmp_path / "2.json", "train", path="/data/b/train"),
    )
    assert "2 datasets from 2 reports." in page.text
    assert "/data" not in page.text


def test_rules_are_listed_by_the_datasets_they_find_something_in_and_notes_last(overview, tmp_path):
    page = overview(
        saved(tmp_path / "1.json", "a", finding(1), finding(2, "info", "dataset-size")),
        saved(tmp_path / "2.json", "b", finding(1), finding(2, "info", "dataset-size")),
        saved(tmp_path / "3.json", "c", finding(1, "error", "missing-caption"), finding(2, "info", "dataset-size")),
        saved(tmp_path / "4.json", "d", finding(1, status="suppressed"), finding(2, "info", "dataset-size")),
    )
    body = page.text.partition("What is found most")[2]
    order = [body.index(rule) for rule in ("blurry-image", "missing-caption", "dataset-size")]
    assert order == sorted(order)
    assert "2 of 4" in body


def test_markup_in_names_stays_text_and_hidden_characters_are_shown(overview, tmp_path):
    plain = overview(saved(tmp_path / "1.json", "alpha", finding(1, rule="acme/rule")))
    hostile = overview(
        saved(tmp_path / "<img src=x>.json", "<script>alert(1)</script>\u202e", finding(1, rule='a"><b>{{ 1 }}'))
    )
    assert hostile.shape == plain.shape
    assert "<script>alert(1)</script>" in hostile.text
    assert "\u202e" not in hostile.text


def test_a_real_report_is_taken_in_and_the_same_input_gives_the_same_bytes(tmp_path):
    for i in range(6):
        draw(tmp_path / "set" / f"{i}.png", seed=i, size=(256, 256))
    assert run("check", "set", "-o", "json=a.json", "--fail-on", "never", cwd=tmp_path).returncode == 0
    for name in ("one", "two"):
        result = run("report", "--from", "a.json", "-o", f"overview={name}.html", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    one = (tmp_path / "one.html").read_bytes()
    assert one == (tmp_path / "two.html").read_bytes()
    assert str(tmp_path) not in one.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "a.json", "-o", "html=x.html"], "html shows a run, not saved reports"),
        (["--from", "a.json", "-o", "overveiw=x.html"], "there is no output named overveiw"),
        (["--from", "a.json", "--from", "a.json", "-o", "overview=x.html"], "a.json is named twice"),
        (["--from", "a.json", "-o", "overview=a.json"], "the output a.json would replace a report that is read"),
        (["--from", "empty", "-o", "overview=x.html"], "empty holds no JSON reports"),
        (["--from", "bare.json", "-o", "overview=x.html"], "bare.json is no report: it is not written as a report is"),
        (["--from", "text.json", "-o", "overview=x.html"], "text.json is no report: it is not JSON"),
        (["--from", "gone.json", "-o", "overview=x.html"], "gone.json"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(tmp_path, monkeypatch, capsys, words, said):
    saved(tmp_path / "a.json", "alpha")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.json").write_text("no json")
    (tmp_path / "bare.json").write_text(json.dumps({"format": "tagmetry-report/1", "findings": [], "rules": []}))
    monkeypatch.chdir(tmp_path)
    words = ["report", *words]
    assert exit_code_of(lambda: tagmetry.main(args=words, prog_name="tagmetry", standalone_mode=False)) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


def test_check_refuses_the_overview_and_names_the_command_for_it(tmp_path):
    draw(tmp_path / "set" / "a.png", seed=1)
    result = run("check", "set", "-o", "overview=x.html", cwd=tmp_path)
    assert result.returncode == 2
    assert "tagmetry report --from a.json -o overview=PATH" in result.stderr
