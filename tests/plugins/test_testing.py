"""What `tagmetry.testing` offers to authors of plugins.

Datasets in memory have their tests with those of the rules.
"""

import math

import numpy as np
import pytest
from PIL import Image

from tagmetry.api import Feature, Plural, Remedies, Rule, Severity
from tagmetry.testing import concept, context, dataset, findings, judge, measured, picture, untranslated

side = Feature("side", version=1, unit="px", width=2, dtype=np.int32)


@side.measure
def measure(picture):
    return picture.upright.size


rule = Rule(
    "acme/x",
    severity=Severity.INFO,
    evidence="heuristic",
    messages={"found": Plural("{n:count} hat", "{n:count} hats")},
    remedies=Remedies(data=("take {m:count} off",)),
)


@rule.whole_dataset
def check(dataset, options):
    yield rule.finding(dataset.subject(), "found", values={"n": 1, "m": 1})


def test_a_picture_has_the_size_that_features_see_and_its_own_header():
    seen = picture(Image.new("RGBA", (2000, 1000)))
    assert seen.upright.size == (512, 256)
    assert (seen.header.format, seen.header.width, seen.header.height, seen.header.mode) == ("PNG", 2000, 1000, "RGBA")


def test_a_figure_has_the_declared_type_and_width():
    assert measured(side, Image.new("L", (40, 30))) == (40, 30)


@pytest.mark.parametrize(("given", "error"), [([1.0, 2.0], TypeError), ("wide", TypeError), (1j, TypeError)])
def test_a_figure_that_breaks_the_declaration_is_refused(given, error):
    wrong = Feature("wrong", version=1, unit="px")
    wrong.measure(lambda picture: given)
    with pytest.raises(error):
        measured(wrong, Image.new("L", (4, 3)))


def test_infinity_is_missing():
    endless = Feature("endless", version=1, unit="px")
    endless.measure(lambda picture: math.inf)
    assert math.isnan(measured(endless, Image.new("L", (4, 3))))


def test_texts_without_a_translation_are_listed():
    po = (
        'msgid ""\nmsgstr "Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
        'msgid "{n:count} hat"\nmsgid_plural "{n:count} hats"\nmsgstr[0] "帽子 {n:count} 個"\n'
    ).encode()
    assert untranslated(po, rule) == ["What `tagmetry.testing` offers to authors of plugins.", "take {m:count} off"]
    assert context("ja", po).translator.format(rule.messages["found"], {"n": 3}) == "帽子 3 個"


def test_a_rule_that_breaks_its_contract_fails_the_test():
    broken = Rule("acme/y", severity=Severity.INFO, evidence="heuristic", messages={"found": "{n:count}"})
    broken.whole_dataset(lambda dataset, options: iter([broken.finding(dataset.subject(), "found")]))
    with pytest.raises(AssertionError, match="lacks the values n"):
        findings(broken, dataset(concept("hat")))


def test_an_option_that_a_rule_does_not_have_fails_the_test():
    with pytest.raises(AssertionError, match="has no option"):
        judge(rule, dataset(concept("hat")), limit=1)
