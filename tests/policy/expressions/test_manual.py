"""The manual of expressions: its tables are made from the code, and its examples are true."""

import re
from pathlib import Path

import pytest

from expression_testing import compiled, refused
from tagmetry.feature import Feature
from tagmetry.features import FEATURES
from tagmetry.policy.expressions import (
    FUNCTIONS,
    ExpressionError,
    Registry,
    functions_table,
    names_table,
    reference_page,
)

PAGE = Path(__file__).parents[3] / "docs" / "expressions.md"
SCOPES = ("row", "concept", "dataset", "risk")


def test_the_table_of_names_has_each_name_once():
    listed = [line.split("`")[1] for line in names_table() if line.startswith("| `")]
    known = {name for scope in SCOPES for name in Registry(scope).visible()}
    assert sorted(listed) == sorted(known)
    assert len(listed) == len(set(listed))


def test_the_table_of_names_shows_the_features_of_plugins():
    grain = Feature("grain", version=1, unit="grey levels", doc="Strength of film grain.")
    grain.module = "acme_tagmetry.grain"
    lines = names_table((*FEATURES, grain))
    assert "| `grain` | number | grey levels | Strength of film grain. |" in lines
    assert "| `acme_tagmetry.grain` | number | grey levels | Strength of film grain. |" in lines


def test_the_table_of_names_says_what_a_closed_list_can_be():
    assert (
        "| `role` | one of `train`, `regularization`, `preservation`, `holdout`, `earlier` |  |"
        " What the image is there for. |"
    ) in names_table()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=str)
def test_the_example_of_each_function_is_an_expression(function):
    errors = []
    for scope in SCOPES:
        for want in ("boolean", "number"):
            try:
                compiled(function.example, scope, want=want)
            except ExpressionError as error:
                errors.append(str(error))
                continue
            return
    if function.result.sort == "text":
        assert compiled(f"{function.example} == 'a'")
        return
    raise AssertionError("\n".join(errors))


def test_the_reference_holds_both_tables():
    page = reference_page()
    for table in (names_table(), functions_table()):
        assert "\n".join(table) in page


def rows_below(heading):
    """The two columns of the table below a heading of the page."""
    section = re.split(r"^#+ ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    rows = re.findall(r"^\| `(.*)` \| (.*) \|$", text, flags=re.MULTILINE)
    assert len(rows) > 0
    return rows


@pytest.mark.parametrize(
    ("heading", "scope", "want"),
    [
        ("About one image", "row", "boolean"),
        ("About one concept", "concept", "boolean"),
        ("A figure about one concept", "concept", "number"),
        ("About the whole dataset", "dataset", "boolean"),
        ("About a risk", "risk", "boolean"),
    ],
)
def test_each_example_of_the_page_is_an_expression_about_what_it_says(heading, scope, want):
    for expression, _ in rows_below(heading):
        assert compiled(expression, scope, want=want)


def test_each_mistake_of_the_page_is_answered_as_it_says():
    for expression, answer in rows_below("Mistakes and their answers"):
        assert answer in str(refused(expression)), expression
