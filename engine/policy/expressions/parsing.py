"""From checked tokens to Python's syntax tree, with places in characters. Nothing of it is ever compiled or run."""

import ast
import warnings
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tagmetry.messages import message
from tagmetry.policy.expressions.lexing import DEEPEST, as_one_line, read_tokens
from tagmetry.policy.expressions.mistakes import Mistakes


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of an expression and its text.

    `indent` is the number of characters before the first token, `starts` the offsets in UTF-8 of those from there on.
    """

    text: str
    tree: ast.expr
    indent: int
    starts: Sequence[int]

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Start and end in characters."""
        assert node.end_col_offset is not None
        return self._characters(node.col_offset), self._characters(node.end_col_offset)

    def written(self, node: ast.expr) -> str:
        start, end = self.place(node)
        return self.text[start:end]

    def _characters(self, offset: int) -> int:
        return self.indent + bisect_left(self.starts, offset)


def parse(text: str, mistakes: Mistakes) -> Parsed:
    """The tree of an expression. Raises ExpressionError."""
    line = as_one_line(text, read_tokens(text, mistakes))
    # Python's parser takes no white space at the start.
    indent = len(line) - len(line.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(line[indent:], mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        mistakes.add("expression-syntax", message("the expression cannot be read"), (0, len(text)))
        mistakes.raise_if_any()
        raise
    _check_depth(tree, mistakes, (0, len(text)))
    starts = tuple(accumulate((len(character.encode("utf-8")) for character in line[indent:]), initial=0))
    return Parsed(text, tree, indent, starts)


def _check_depth(tree: ast.expr, mistakes: Mistakes, place: tuple[int, int]) -> None:
    """Chains of operators nest without brackets, so that the tree is looked at as well; without recursion."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    if depth > DEEPEST:
        said = message("the expression is nested more than {most:count} levels deep", most=DEEPEST)
        help = message("each sign of a long sum or product is a level of its own")
        mistakes.add("expression-too-deep", said, place, help=help)
        mistakes.raise_if_any()
