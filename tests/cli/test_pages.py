"""Pages of the manual in lines that fit a terminal."""

from textwrap import dedent

import pytest

from tagmetry.cli.pages import fitted
from tagmetry.documentation.rule_pages import rule_page
from tagmetry.plugins import load_plugins
from tagmetry.wrapping import columns

PLUGINS = load_plugins(foreign=False)


def page(text, width=30):
    return fitted(dedent(text), width)


def test_what_fits_stays_as_it_is_written():
    text = "# a\n\ntwo\nshort lines\n\n- one\n  more\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert fitted(text, 30) == text


def test_a_paragraph_is_broken_anew():
    assert page("a paragraph of words that does not\nfit\n") == "a paragraph of words that does\nnot fit\n"


def test_an_entry_keeps_its_indent():
    text = "- `found`: the caption has too many words\n  for it\n1. first of all, something that is too long\n"
    assert page(text) == (
        "- `found`: the caption has too\n  many words for it\n1. first of all, something\n   that is too long\n"
    )


def test_a_table_that_does_not_fit_becomes_a_list():
    text = "| option | takes | what it is |\n|---|---|---|\n| `limit` | a share | Share of all images. |\n"
    assert page(text) == "- `limit`\n  takes: a share\n  what it is: Share of all\n    images.\n"


def test_what_is_indented_stays_indented():
    text = "text\n\n    some words that do not fit into it\n    - an entry that does not fit either\n"
    assert page(text) == (
        "text\n\n    some words that do not fit\n    into it\n    - an entry that does not\n      fit either\n"
    )


@pytest.mark.parametrize("rule_id", PLUGINS.rules)
def test_every_page_fits_eighty_columns(rule_id):
    wide = [line for line in fitted(rule_page(PLUGINS.rules[rule_id]), 80).split("\n") if columns(line) > 80]
    assert wide == []
