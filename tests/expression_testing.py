"""Expressions of policies tried on datasets in memory: what their tests share.

from expression_testing import mistakes, values
from rule_testing import concept, dataset

hats = dataset(concept("hat", sizes=[(512, 512), (2048, 1024)]))
assert values("width > 1000", hats) == [False, True]
assert mistakes("wdth > 1000") == ["0-4 expression-unknown-name: the name wdth is not known (did you mean width?)"]
"""

from dataclasses import replace

import numpy as np

from tagmetry.columns import Codes, Column
from tagmetry.features import FEATURES
from tagmetry.policy.expressions import ExpressionError, Facts, Registry, compile_expression
from tagmetry.reporting import metrics


def facts(data, counts=None, **figures):
    """The facts of a dataset with its real metrics, some of them replaced."""
    return Facts(data, metrics(data) | figures, counts)


def compiled(text, scope="row", *, want="boolean", features=FEATURES):
    return compile_expression(text, Registry(scope, features), want=want)


def values(text, data, *, scope="row", want="boolean", features=FEATURES, rows=None, **figures):
    """One value per image or concept, None where it is missing."""
    rows = None if rows is None else np.array(rows, dtype=np.int64)
    column = compiled(text, scope, want=want, features=features).evaluate(facts(data, **figures), rows)
    return listed(column)


def numbers(text, data, **more):
    return values(text, data, want="number", **more)


def value(text, data, *, scope="dataset", want="boolean", counts=None, **figures):
    """The one value of an expression about the whole dataset or a risk."""
    return compiled(text, scope, want=want).value(facts(data, counts, **figures))


def figure(text, data, **more):
    return value(text, data, want="number", **more)


def listed(column):
    return [each.item() if valid else None for each, valid in zip(column.values, column.valid, strict=True)]


def refused(text, scope="row", *, want="boolean", features=FEATURES):
    """The error of an expression that cannot be used."""
    try:
        compiled(text, scope, want=want, features=features)
    except ExpressionError as error:
        return error
    raise AssertionError(f"{text!r} is taken as an expression")


def mistakes(text, scope="row", **more):
    """What is wrong, one line each: `start-end code: message (help)`, places in characters of the text."""
    return [
        f"{mistake.start}-{mistake.end} {mistake.code}: {mistake.text.english()}"
        + (f" ({mistake.help.english()})" if mistake.help else "")
        for mistake in refused(text, scope, **more).mistakes
    ]


def places(text, scope="row", **more):
    """The parts of the text that mistakes point at, each with its code."""
    return [(text[one.start : one.end], one.code) for one in refused(text, scope, **more).mistakes]


def with_columns(data, **columns):
    """The dataset with other header facts; None in a list is missing."""
    found = dict(data.columns)
    for name, given in columns.items():
        valid = np.array([each is not None for each in given])
        if isinstance(found[name], Codes):
            labels = tuple(sorted({each for each in given if each is not None}))
            codes = [-1 if each is None else labels.index(each) for each in given]
            found[name] = Codes(np.array(codes, dtype=np.int32), labels)
        else:
            kept = np.array([0 if each is None else each for each in given], dtype=found[name].values.dtype)
            found[name] = Column(kept, valid)
    return replace(data, columns=found)
