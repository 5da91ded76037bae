import pytest

from rule_testing import concept, dataset, figures, findings, remedies, skips, subjects, texts
from tagmetry.features import brightness, hues, level_range, peak_chroma
from tagmetry.rules.tags.tag_image_mismatch import rule

GREY = [0.0] * 12
BLUE = [0.0] * 8 + [0.08] + [0.0] * 3
MANY = [0.01] * 12


def data(*captions, light=120.0, chroma=0.1, colours=MANY, span=200.0, **profile):
    n = len(captions)
    features = {
        brightness: light if isinstance(light, list) else [light] * n,
        peak_chroma: [chroma] * n,
        hues: [colours] * n,
        level_range: [span] * n,
    }
    return dataset(concept("hat", captions=list(captions), features=features), **profile)


def said(*captions, **facts):
    return [finding.message for finding in findings(rule, data(*captions, **facts))]


@pytest.mark.parametrize("tag", ["greyscale", "black and white", "grayscale"])
def test_greyscale_on_a_coloured_picture(tag):
    assert said(f"hat, {tag}", colours=BLUE) == ["coloured"]
    assert said(f"hat, {tag}", chroma=0.05) == []


def test_monochrome_may_be_of_one_hue():
    assert said("hat, monochrome", colours=BLUE) == []
    assert said("hat, monochrome", colours=MANY) == ["coloured"]
    assert said("hat, monochrome", colours=GREY, chroma=0.0) == []


@pytest.mark.parametrize(("light", "found"), [(176.0, ["bright"]), (175.0, []), (30.0, [])])
def test_night_on_a_bright_picture(light, found):
    assert said("hat, night", light=light) == found


@pytest.mark.parametrize(("light", "found"), [(29.0, ["dark"]), (30.0, []), (200.0, [])])
def test_day_on_a_black_picture(light, found):
    assert said("hat, daytime", light=light) == found


def test_a_colour_that_is_nowhere_in_the_picture():
    assert said("hat, red background", colours=BLUE) == ["other-colour"]
    assert said("hat, blue background", colours=BLUE) == []
    assert said("hat, purple sky", colours=BLUE) == []
    assert said("hat, red background", colours=[0.0005] * 12) == []
    assert said("hat, red dress", colours=BLUE) == []


def test_one_picture_is_told_once_and_a_flat_one_never():
    assert said("hat, night, dark, red background", light=200.0, colours=BLUE) == ["bright"]
    assert said("hat, night", light=255.0, span=0.0) == []


def test_a_tag_that_says_nothing_of_light_is_not_judged():
    assert said("hat, nightgown, daydream, monochrome printer", light=5.0, colours=MANY) == []


def test_it_is_said_with_figure_and_remedy():
    found = findings(rule, data("hat, night", light=200.0))
    assert subjects(found) == ["hat/000.txt"]
    assert texts(rule, found) == ['hat/000.png is tagged "night", and is bright: 200 of 255']
    assert remedies(rule, found[0]) == ['look at hat/000.png: take the tag "night" out, or replace it by what is seen']
    assert figures(found) == [("brightness", 200, 175, "night_brightness", None)]


def test_a_lighting_tag_on_dark_and_bright_pictures_stands_for_two_looks():
    light = [40.0, 45, 50, 42, 180, 175, 190, 185]
    found = findings(rule, data(*["hat, soft lighting"] * 8, light=light))
    assert texts(rule, found) == [
        '"soft lighting" stands on 4 dark and 4 bright images of "hat" (around 43.5 and 182.5 of 255)'
    ]
    assert said(*["hat, soft lighting"] * 7, light=light[:7]) == []
    assert said(*["hat, soft lighting"] * 8, light=[100.0, 105, 110, 102, 180, 175, 185, 182]) == []


def test_sentences_and_missing_captions_are_not_judged():
    assert skips(rule, data("A hat at night.", light=250.0, caption_style="sentences")) != []
    assert skips(rule, dataset(concept("hat", captions=[None], features={}))) == ["there are no captions"]
