"""The page of formulas: its examples are computed again, and the rules that it names are there."""

import re
from pathlib import Path

import numpy as np
import pytest

from tagmetry import api
from tagmetry.plugins import load_plugins

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"`(\w+\([^`]*\))` is (\([^)]*\)|[0-9.e-]*[0-9])", PAGE)
FUNCTIONS = {
    name: getattr(api, name)
    for name in (
        "wilson_interval",
        "fisher_together",
        "fisher_apart",
        "evenness",
        "gini",
        "top_share",
        "jaccard",
        "likeness",
    )
}


def shrunk_npmi(both, one, other, n):
    return float(api.shrunk_npmi(np.array([both]), np.array([one]), np.array([other]), n)[0])


@pytest.mark.parametrize(("call", "said"), EXAMPLES)
def test_an_example_is_what_the_page_says(call, said):
    found = np.atleast_1d(eval(call, {**FUNCTIONS, "shrunk_npmi": shrunk_npmi}))
    wanted = [float(figure) for figure in said.strip("()").split(",")]
    digits = len(said.partition(".")[2].partition("e")[0].rstrip(",1) "))
    near = 0.06 if "e" in said else 0.5 * 10.0 ** -max(digits, 1)
    assert len(found) == len(wanted)
    for figure, expected in zip(found.tolist(), wanted, strict=True):
        assert figure == pytest.approx(expected, rel=near if "e" in said else 0, abs=0 if "e" in said else near)


def test_each_formula_with_a_function_has_an_example():
    assert {call.partition("(")[0] for call, _ in EXAMPLES} == {*FUNCTIONS, "shrunk_npmi"}


def test_the_rules_that_the_page_names_are_there():
    rules = load_plugins(foreign=False).rules
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", PAGE))
    assert named
    assert named <= set(rules)
