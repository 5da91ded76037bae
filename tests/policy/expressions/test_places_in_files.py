"""Mistakes of expressions as problems of the policy file that they stand in."""

import pytest

from expression_testing import refused
from tagmetry.policy.diagnostics import render
from tagmetry.policy.expressions import diagnostics_of
from tagmetry.policy.yaml_reader import read_yaml


def problems(yaml, scope="row"):
    """The problems of the expression at `where`, as shown on a terminal."""
    node = read_yaml(yaml, file="tagmetry.yaml").get("where")
    return render(diagnostics_of(refused(node.raw, scope), node))


def test_a_plain_expression_is_marked_at_its_place():
    assert problems("where: role == 'training' and wdth > 1\n").split("\n") == [
        "error[expression-value]: role is never 'training'",
        " --> tagmetry.yaml:1:16",
        "  |",
        "1 | where: role == 'training' and wdth > 1",
        "  |                ^^^^^^^^^^",
        "  = help: did you mean 'train'? It can be: train, regularization, preservation, holdout, earlier",
        "",
        "error[expression-unknown-name]: the name wdth is not known",
        " --> tagmetry.yaml:1:31",
        "  |",
        "1 | where: role == 'training' and wdth > 1",
        "  |                               ^^^^",
        "  = help: did you mean width?",
    ]


@pytest.mark.parametrize(
    ("yaml", "marked"),
    [
        ("{a: 1, where: wdth > 1, b: 2}", "wdth"),
        ("where: \"role == 'train' and wdth > 1\"", "wdth"),
        ("where: 'role == ''train'' and wdth > 1'", "wdth"),
        ("where: 'role == ''training'''", "''training''"),
        ('where: "role == \\"training\\""', '\\"training\\"'),
        ("where: caption == '猫' and wdth > 1", "wdth"),
        ("where: 'caption == ''猫'' and wdth > 1'", "wdth"),
        ("where: wdth > 1     # too narrow", "wdth"),
    ],
)
def test_quotes_of_yaml_move_the_mark(yaml, marked):
    shown = problems(yaml + "\n").split("\n")
    source, carets = shown[3][4:], shown[4][4:]
    start = carets.index("^")
    # Wide characters take two columns of a terminal, and one of a text.
    start -= source[:start].count("猫")
    assert source[start : start + carets.count("^")] == marked


def test_what_is_missing_at_the_end_is_marked_behind_the_text():
    assert problems("where: width >\n").split("\n")[3:5] == ["1 | where: width >", "  |               ^"]


@pytest.mark.parametrize(
    "yaml",
    [
        "where: >\n  role == 'train'\n  and wdth > 1\n",
        "where: |\n  role == 'train'\n  and wdth > 1\n",
        "where: role == 'train'\n  and wdth > 1\n",
        'where: "role == \\u0027train\\u0027 and wdth > 1"\n',
    ],
)
def test_an_expression_of_several_lines_or_with_escapes_is_marked_whole(yaml):
    shown = problems(yaml).split("\n")
    assert shown[0] == "error[expression-unknown-name]: the name wdth is not known"
    assert shown[1] == " --> tagmetry.yaml:1:8"
    assert shown[-1] == "  = help: did you mean width?"
