"""Expressions of policies: conditions and figures written as text, checked when a policy is loaded.

    registry = Registry("row", plugins.features.values())
    condition = compile_expression("role == 'train' and sharpness < 80", registry, want="boolean")
    condition.needs                       # the features that have to be measured
    condition.evaluate(facts).values      # shape (n,): which images it selects

The grammar is a small part of Python's. Text is parsed by the standard library's `ast` and never compiled, evaluated
or formatted; what is left after checking cannot fail.
"""

from tagmetry.policy.expressions.expression import Expression, compile_expression
from tagmetry.policy.expressions.facts import Facts, FindingCounts
from tagmetry.policy.expressions.functions import FUNCTIONS, Function
from tagmetry.policy.expressions.kinds import BOOLEAN, NUMBER, TAGS, TEXT, Kind
from tagmetry.policy.expressions.manual import functions_table, names_table, reference_page
from tagmetry.policy.expressions.mistakes import ExpressionError, Mistake
from tagmetry.policy.expressions.names import Name, Registry, Scope
from tagmetry.policy.expressions.places import diagnostics_of

__all__ = [
    # from text to a checked expression
    "compile_expression", "Expression", "ExpressionError", "Mistake", "diagnostics_of",
    # what can be read, and from what
    "Registry", "Scope", "Name", "Kind", "NUMBER", "TEXT", "BOOLEAN", "TAGS", "Facts", "FindingCounts",
    # the manual
    "FUNCTIONS", "Function", "functions_table", "names_table", "reference_page",
]  # fmt: skip
