"""The data that the page's script works on: columns that say the same as the report."""

import base64
import gzip
import json
from dataclasses import replace
from importlib import resources

import pytest

from html_pages import Page
from report_testing import context, files, report_of
from rule_testing import concept, dataset
from tagmetry.messages import Translator
from tagmetry.plugins import load_plugins
from tagmetry.reporters.html import reporter
from tagmetry.reporters.html.payload import CAPTION_KEPT, HASH_DIGITS, WORDS, report_id


@pytest.fixture(scope="module")
def report():
    rule = load_plugins(foreign=False).rules["missing-caption"]
    captions = ["ohwx, long_hair, smile", "ohwx, smile", None, "ohwx, " + "very long, " * 400]
    return report_of(dataset(concept("ohwx girl", captions=captions, trigger="ohwx")), rule)


def data_of(report, **told):
    page = Page(files(reporter, report, told=context() if not told else told["told"])[""])
    return json.loads(gzip.decompress(base64.b64decode(page.data)))


def test_the_columns_are_those_of_the_report(report):
    data, table = data_of(report), report.images
    assert data["paths"] == list(table.paths)
    assert data["hash"] == [bytes(row).hex()[:HASH_DIGITS] for row in table.content]
    assert data["width"] == table.width.values.tolist()
    assert [data["concepts"][number] for number in data["concept"]] == ["ohwx girl"] * 4
    assert [data["roles"][number] for number in data["role"]] == ["train"] * 4
    assert [number >= 0 for number in data["text"]] == [True, True, False, True]
    assert data["texts"][data["text"][1]] == "ohwx, smile"


def test_tags_are_those_that_the_report_counts(report):
    data = data_of(report)
    tags = [[data["tagNames"][tag] for tag in data["tags"][data["tagged"][row]]] for row in (0, 1)]
    assert tags == [["ohwx", "long_hair", "smile"], ["ohwx", "smile"]]
    assert data["tagged"][2] == -1


def test_a_very_long_caption_is_cut(report):
    data = data_of(report)
    assert len(data["texts"][data["text"][3]]) == CAPTION_KEPT


def test_a_finding_names_its_rule_severity_and_rows(report):
    data = data_of(report)
    assert [data["rules"][number] for number in data["findings"]["rule"]] == [one.rule for one in report.findings]
    assert data["findings"]["id"] == [one.fingerprint for one in report.findings]
    assert data["findings"]["severity"] == [int(one.severity) for one in report.findings]
    assert [[data["paths"][row] for row in rows] for rows in data["findings"]["rows"]] == [
        list(one.subject.paths) for one in report.findings
    ]


def test_the_script_has_its_words_in_every_language_of_the_page(report):
    japanese = Translator("ja", [{text: f"<{text}>" for text in WORDS.values()}])
    words = data_of(report, told=context(others=lambda: (japanese,)))["words"]
    assert set(words) == {"en", "ja"}
    assert words["en"].keys() == words["ja"].keys() == {*WORDS, "titles", "severities"}
    assert words["ja"]["images"] == "<{n} images>"


def test_the_page_holds_the_body_of_every_language_once(report):
    page = Page(files(reporter, report, told=context(others=lambda: (Translator("ja"),)))[""])
    assert [attributes["data-language"] for attributes in page.having("template", class_="other-language")] == ["ja"]
    assert [tag for tag, _ in page.elements].count("main") == 2


def test_style_and_script_stay_small():
    sizes = [
        len(entry.read_bytes())
        for entry in resources.files("tagmetry.reporters.html").iterdir()
        if entry.name.endswith((".css", ".js"))
    ]
    assert len(sizes) > 8
    assert sum(sizes) <= 80_000


def test_the_page_says_how_many_images_have_a_preview(report):
    page = files(reporter, replace(report, thumbnails={report.images.paths[0]: b"RIFF\x00\x00\x00\x00WEBP"}))[""]
    assert "1 of 4 images have a preview" in page


def test_where_all_images_have_a_preview_nothing_is_said(report):
    all_of_them = dict.fromkeys(report.images.paths, b"RIFF\x00\x00\x00\x00WEBP")
    assert "images have a preview" not in files(reporter, replace(report, thumbnails=all_of_them))[""]


def test_a_picture_has_the_shape_of_its_image_and_the_side_of_the_reports_pictures(report):
    thumbnails = {report.images.paths[0]: b"RIFF\x00\x00\x00\x00WEBP"}
    page = Page(files(reporter, replace(report, thumbnails=thumbnails, thumbnail_px=128))[""])
    assert [(image["width"], image["height"]) for image in page.having("image")] == [("128", "128")]


def test_another_image_makes_another_report_id(report):
    other = report_of(dataset(concept("ohwx girl", captions=["ohwx"], trigger="ohwx")))
    assert report_id(report) != report_id(other)
    assert report_id(report) == report_id(report)
