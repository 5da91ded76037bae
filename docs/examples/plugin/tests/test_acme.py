"""Tests of the example. They need no installed plugin and no files: `pip install -e .[dev]`, then `pytest`."""

import csv
import math
from importlib import resources
from io import StringIO

from PIL import Image
from tagmetry_acme import artist_tag, findings_csv, letterboxed_image, no_holdout, word_count
from tagmetry_acme.letterbox import letterbox

from tagmetry.testing import (
    concept,
    dataset,
    defined,
    figures,
    files,
    findings,
    measured,
    report_of,
    skips,
    texts,
    untranslated,
)

ARTISTS = {"groups": {artist_tag.GROUP: ["art by *", "claude monet"]}}


def with_bars(bar_px, size=(400, 300)):
    """A grey picture with black bars at top and bottom."""
    image = Image.new("RGB", size, "black")
    image.paste("grey", (0, bar_px, size[0], size[1] - bar_px))
    return image


def test_bars_are_measured_as_a_share_of_the_area():
    assert measured(letterbox, with_bars(0)) == 0.0
    assert measured(letterbox, with_bars(30)) == 0.2


def test_a_dark_floor_alone_is_no_bar():
    image = with_bars(30)
    image.paste("grey", (0, 0, 400, 100))
    assert measured(letterbox, image) == 0.0


def test_of_a_black_picture_nothing_is_known():
    assert math.isnan(measured(letterbox, Image.new("RGB", (40, 30))))


def test_bars_at_the_limit_are_found_and_below_it_are_not():
    films = dataset(concept("hero", features={letterbox: [0.02, 0.019, math.nan]}))
    found = findings(letterboxed_image.rule, films)
    assert [finding.subject.name for finding in found] == ["hero/000.png"]
    assert texts(letterboxed_image.rule, found) == ["2 % of the picture is black bars"]
    assert figures(found) == [("letterbox", 0.02, 0.02, "limit", "share")]


def test_an_artist_is_found_by_name_and_by_pattern():
    hats = dataset(concept("hat", captions=["hat, art by jane", "hat, claude monet", "hat"]), vocabulary=ARTISTS)
    assert texts(artist_tag.rule, findings(artist_tag.rule, hats)) == [
        '"art by jane" names an artist and is on 1 image of hat',
        '"claude monet" names an artist and is on 1 image of hat',
    ]


def test_an_allowed_artist_may_stay():
    hats = dataset(concept("hat", captions=["hat, Claude_Monet"]), vocabulary=ARTISTS)
    assert findings(artist_tag.rule, hats, allowed=("claude monet",)) == []


def test_sentences_are_not_judged():
    hats = dataset(concept("hat", captions="a hat, art by jane"), vocabulary=ARTISTS, caption_style="sentences")
    assert skips(artist_tag.rule, hats) == ["the captions are sentences, and this rule reads tags"]


def test_a_large_set_without_holdout_is_found():
    assert texts(no_holdout.rule, findings(no_holdout.rule, dataset(concept("hat", n=40)))) == [
        "none of the images is held out, and 40 are trained on"
    ]


def test_one_image_held_out_is_enough():
    assert findings(no_holdout.rule, dataset(concept("hat", n=40), concept("later", role="holdout", n=1))) == []


def test_a_small_set_is_not_judged():
    assert skips(no_holdout.rule, dataset(concept("hat", n=39))) == ["39 training images are too few to hold some out"]


def test_a_policy_asks_for_a_number_of_words():
    rule = defined(word_count.kind, min=2, max=4)
    hats = dataset(concept("hat", captions=["hat", "red hat", "a red hat here", "a red hat over there", None]))
    found = findings(rule, hats, min=2, max=4)
    assert texts(rule, found) == [
        "the caption has 1 words, fewer than 2",
        "the caption has 5 words, more than 4",
    ]
    assert figures(found) == [("words", 1, 2, "min", "words"), ("words", 5, 4, "max", "words")]


def test_the_table_has_one_row_per_finding():
    report = report_of(dataset(concept("hat", n=40)), no_holdout.rule)
    ((path, text),) = files(findings_csv.reporter, report, bom=False).items()
    assert path == ""
    (row,) = csv.DictReader(StringIO(text))
    assert (row["rule"], row["value"], row["limit"]) == ("acme/no-holdout", "40", "40")


def test_a_caption_that_a_spreadsheet_would_run_is_defused():
    hats = dataset(concept("=HYPERLINK(1)", n=1, features={letterbox: 0.5}))
    ((_, text),) = files(findings_csv.reporter, report_of(hats, letterboxed_image.rule), separator="tab").items()
    assert "\t'=HYPERLINK(1)/000.png\t" in text


def test_every_text_is_translated():
    po = (resources.files("tagmetry_acme") / "locale" / "ja.po").read_bytes()
    assert untranslated(po, artist_tag.rule, letterboxed_image.rule, no_holdout.rule) == []
