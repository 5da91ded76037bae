"""Mistakes of an expression as problems of the policy file in which it stands."""

import re
from dataclasses import replace

from tagmetry.policy.diagnostics import Diagnostic, Span
from tagmetry.policy.expressions.mistakes import ExpressionError
from tagmetry.policy.yaml_reader import ScalarNode


def diagnostics_of(error: ExpressionError, node: ScalarNode) -> list[Diagnostic]:
    """The mistakes of an expression that was written as this scalar, each at its place in the file.

    Where the text and what is written differ by more than quotes (line breaks, escapes of YAML), a mistake is shown
    at the whole scalar.
    """
    offsets = _offsets(error.expression, node.span)
    found = []
    for mistake in error.mistakes:
        span = node.span if offsets is None else _span(node.span, offsets, mistake.start, mistake.end)
        found.append(Diagnostic(mistake.code, mistake.text, span, mistake.help))
    return found


def _span(whole: Span, offsets: list[int], start: int, end: int) -> Span:
    column = whole.column + offsets[start]
    # What is missing at the end has no characters of its own.
    end_column = max(column + 1, whole.column + offsets[end])
    return replace(whole, column=column, end_line=whole.line, end_column=end_column)


def _offsets(text: str, span: Span) -> list[int] | None:
    """Where each character of the text, and its end, stands in what is written; None if that is not plain."""
    if span.source_line is None or span.line != span.end_line:
        return None
    written = span.source_line[span.column - 1 : span.end_column - 1]
    if written == text:
        return list(range(len(text) + 1))
    quote, inside = written[:1], written[1:-1]
    if quote == "'" and inside.replace("''", "'") == text:
        return [1 + match.start() for match in re.finditer("''|.", inside)] + [len(written) - 1]
    if quote == '"':
        pieces = list(re.finditer(r'\\["\\/]|[^\\]', inside))
        if "".join(piece.group()[-1] for piece in pieces) == text:
            return [1 + piece.start() for piece in pieces] + [len(written) - 1]
    return None
