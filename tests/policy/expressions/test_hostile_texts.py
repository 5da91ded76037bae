"""Expressions that are meant to hurt are refused or answered in no time, and only with the error of expressions."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expression_testing import compiled, facts
from quickness import answers_within
from rule_testing import concept, dataset
from tagmetry.policy.expressions import ExpressionError, Registry, compile_expression

REGISTRIES = {scope: Registry(scope) for scope in ("row", "concept", "dataset", "risk")}

HOSTILE = {
    "a hundred thousand signs": "-" * 100_000 + "1",
    "a hundred thousand words": "not " * 100_000 + "true",
    "as many signs as fit": "-" * 1999 + "1",
    "as many words as fit": "not " * 499 + "true",
    "as many brackets as fit": "(" * 1000 + ")" * 1000,
    "open brackets": "(" * 2000,
    "open lists": "[" * 2000,
    "open braces": "{" * 2000,
    "brackets and signs": "-(" * 100 + "1" + ")" * 100,
    "calls": "abs(" * 190 + "1" + ")" * 190,
    "a long sum": "1" + "+1" * 999,
    "a sum of the most parts": "width > 1" + "+1" * 98,
    "a long product": "1" + "*1" * 99,
    "a chain of comparisons": "1" + "<1" * 99,
    "a long condition": " and ".join(["width > 1"] * 60),
    "names nobody knows": " or ".join(f"nothing_{n:04}_known" for n in range(100)),
    "names of one letter": " or ".join("abcdefghij" * 9),
    "one name": "a" * 2000,
    "a name of many parts": "a" + ".a" * 999,
    "quotes": "'" * 1999,
    "an open text": "'" + "a" * 1999,
    "backslashes": "'" + "\\" * 1998 + "'",
    "digits": "1" * 2000,
    "digits in groups": "1_" * 999 + "x",
    "a large exponent": "1e" + "9" * 1990,
    "a long list": "width in [" + ",".join(["1"] * 990) + "]",
    "commas": "," * 2000,
    "NUL": "\0" * 2000,
    "halves of characters": "\ud800" * 2000,
    "faces": "\N{CAT FACE}" * 2000,
    "combining marks": "a" + "\u0301" * 1999,
    "lambdas": "lambda: " * 250,
    "conditional values": "1 if 1 else " * 150,
    "an f-string": "f'" + "{" * 1990 + "'",
    "white space": " " * 2000,
    "a pattern that backtracks": "matches(caption, '(a+)+$')",
    "a pattern of nested groups": "matches(caption, '" + "(" * 490 + "')",
    "nested repetitions": "matches(caption, '((((a{10}){10}){10}){10}')",
    "a pattern of many states": "matches(caption, r'" + r"\pL{10}" * 60 + "')",
    "many such patterns": " or ".join([r"matches(caption, r'(\pL{100}){10}')"] * 33),
    "many large patterns": " or ".join([r"matches(caption, r'\pL{3}')"] * 33),
    "tags with stars": "has_any([" + ",".join(["'*a*'"] * 190) + "])",
    "a tag of separators": "has_tag('" + "," * 1900 + "')",
    "a tag of stars": "has_tag('" + "*" * 1900 + "')",
}


def answer(text):
    try:
        compile_expression(text, REGISTRIES["row"])
    except ExpressionError as error:
        assert 1 <= len(error.mistakes) <= 20
        assert all(0 <= mistake.start <= mistake.end <= len(text) for mistake in error.mistakes)
        assert str(error)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_answered_at_once(name):
    # Each takes a few milliseconds; a slow machine may need more, and what is not bounded would need minutes.
    assert answers_within(1, lambda: answer(HOSTILE[name]))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", "(.*,)*x$", "(a?a?a?)*b", "(x+x+)+y"])
def test_patterns_that_backtrack_elsewhere_take_time_in_proportion(pattern):
    data = dataset(concept("hat", captions=["a" * 100_000 + "!", "x" * 100_000, "a," * 50_000]))
    expression = compiled(f"matches(caption, '{pattern}')")
    assert answers_within(1, lambda: expression.evaluate(facts(data)))


def judged(text, scope, want):
    """Compiles, and checks that a mistake lies within the text and can be shown."""
    try:
        return compile_expression(text, REGISTRIES[scope], want=want)
    except ExpressionError as error:
        for mistake in error.mistakes:
            assert 0 <= mistake.start <= mistake.end <= len(text)
            assert mistake.text.english()
            assert mistake.help is None or mistake.help.english()
        return None


SCOPES = st.sampled_from(sorted(REGISTRIES))
WANTS = st.sampled_from(["boolean", "number"])


@settings(max_examples=200)
@given(st.text(max_size=60), SCOPES, WANTS)
def test_no_text_raises_anything_but_the_error_of_expressions(text, scope, want):
    judged(text, scope, want)


WRITTEN_PIECES = """
( ) [ ] , . + - * / < <= > >= == != and or not in true false True None 0 1 2.5 1e9 0.5 '' 'a' 'train' 'a, b' 'x*'
r'\\d+' '(' '\\b' width height role concept caption tags has_alpha sharpness tag_count concept.n concept.trigger
dataset.n_train dataset.tag_noise profile.purpose errors tag_noise wdth abs( min( max( clip( round( sqrt( len( lower(
contains( matches( has_tag( has_any([ has_all([ tag_count( count( share( mean( median( quantile( lambda : = ** % #
"""
PIECES = WRITTEN_PIECES.split()


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=14), SCOPES, WANTS)
def test_no_row_of_pieces_raises_anything_but_the_error_of_expressions(pieces, scope, want):
    judged(" ".join(pieces), scope, want)


DATA = dataset(concept("hat", captions=["a", None, "x y"], sizes=[(1, 2), (3, 3), (5, 4)]))
CONDITIONS = [
    "width > 1 and not has_alpha",
    "role in ['train', 'holdout'] or caption == 'a'",
    "clip(width / height, 0.5, 2) > 1",
    "has_any(['a', 'x*']) and tag_count(['a']) == 1",
    "matches(lower(caption), r'^a$') and 1 < len(caption) <= 5",
    "min(width, height, 3) - -1 != round(aspect_ratio, 1)",
]


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_what_was_changed_in_an_expression_is_refused_or_can_be_evaluated(seed):
    rng = random.Random(seed)
    text = list(rng.choice(CONDITIONS))
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text))
        change = rng.choice(["drop", "double", "swap", "put"])
        if change == "drop":
            del text[place]
        elif change == "double":
            text.insert(place, text[place])
        elif change == "swap":
            other = rng.randrange(len(text))
            text[place], text[other] = text[other], text[place]
        else:
            text[place] = rng.choice("()[],.'\"+-*/<>=!0a_ \n\\")
    expression = judged("".join(text), "row", "boolean")
    if expression is not None:
        assert len(expression.evaluate(facts(DATA))) == 3
