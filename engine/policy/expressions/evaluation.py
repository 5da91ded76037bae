"""Checked expressions computed on whole columns."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Mask, Ragged, Rows
from tagmetry.policy.expressions.facts import Facts
from tagmetry.policy.expressions.names import Name, Scope
from tagmetry.policy.expressions.operands import (
    Numbers,
    Operand,
    Texts,
    Truths,
    both,
    compared,
    finite,
    judged_in_pairs,
    operand_of,
)
from tagmetry.policy.expressions.patterns import TagPattern
from tagmetry.policy.expressions.program import (
    Aggregate,
    Among,
    Arithmetic,
    Call,
    Compare,
    Logic,
    Negative,
    Node,
    Not,
    Read,
    TagCall,
    Written,
)
from tagmetry.text import normal_form

_WHOLE_FROM: Final = 2.0**52
"""Floats from here on have nothing after the point."""

_COMPARATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


class Evaluator:
    """Computes programs of one scope. `rows` picks images of the dataset in scope row; None is all of them."""

    def __init__(self, facts: Facts, scope: Scope, rows: Rows | None = None) -> None:
        self._facts = facts
        self._scope = scope
        self._rows = rows

    @property
    def n(self) -> int:
        """How many values come out: one per image, one per concept, or one."""
        if self._scope == "row":
            return self._facts.dataset.n if self._rows is None else len(self._rows)
        return len(self._facts.dataset.concept_infos) if self._scope == "concept" else 1

    def evaluated(self, program: Node) -> Column:
        with np.errstate(all="ignore"):
            found = self._operand(program)
        assert not isinstance(found, Texts)
        return found.column(self.n)

    def is_missing(self, name: Name) -> bool:
        """Whether a name of which there is one value has none."""
        column = self._facts.column(name)
        return bool(column.codes[0] < 0 if isinstance(column, Codes) else not column.valid[0])

    def _operand(self, node: Node) -> Operand:
        match node:
            case Written(value=value):
                return _written(value)
            case Read(name=name):
                return self._read(name)
            case Negative(operand=operand):
                numbers = self._numbers(operand)
                return Numbers(-numbers.values, numbers.valid)
            case Arithmetic(sign=sign, left=left, right=right):
                return _arithmetic(sign, self._numbers(left), self._numbers(right))
            case Not(operand=operand):
                return self._truths(operand).negated()
            case Logic(word=word, parts=parts):
                return _logic(word, [self._truths(part) for part in parts])
            case Compare(comparator=comparator, left=left, right=right):
                return _comparison(comparator, self._operand(left), self._operand(right))
            case Among(operand=operand, members=members):
                return _among(self._operand(operand), members)
            case Call():
                return self._call(node)
            case TagCall():
                return self._tag_call(node)
            case Aggregate():
                return self._aggregate(node)

    def _numbers(self, node: Node) -> Numbers:
        found = self._operand(node)
        assert isinstance(found, Numbers)
        return found

    def _truths(self, node: Node) -> Truths:
        found = self._operand(node)
        assert isinstance(found, Truths)
        return found

    def _texts(self, node: Node) -> Texts:
        found = self._operand(node)
        assert isinstance(found, Texts)
        return found

    def _read(self, name: Name) -> Operand:
        column = self._facts.column(name)
        if self._scope != "row":
            return operand_of(column)
        if name.scope == "concept":
            concept_of = self._facts.dataset.concept_of
            rows = concept_of if self._rows is None else concept_of[self._rows]
            return operand_of(column.take(rows.astype(np.int64)))
        if name.scope == "row" and self._rows is not None:
            return _in_use(operand_of(column.take(self._rows)))
        return operand_of(column)

    # Functions of values

    def _call(self, call: Call) -> Operand:
        name, arguments = call.function.name, call.arguments
        if name in _OF_NUMBERS:
            return _OF_NUMBERS[name](*(self._numbers(argument) for argument in arguments))
        if name == "round":
            return _rounded(self._numbers(arguments[0]), call.data)
        if name == "has_tag":
            return self._has_tag_of(self._texts(arguments[0]))
        if name == "len" and isinstance(arguments[0], Read) and arguments[0].name.name == "tags":
            return self._of_captions(self._facts.dataset.captions.tags.lengths().astype(np.float64))
        texts = self._texts(arguments[0])
        if name == "len":
            return texts.numbers(len)
        if name == "lower":
            return texts.changed(str.lower)
        if name == "matches":
            return texts.truths(call.data.found_in)
        return judged_in_pairs(_OF_TEXTS[name], texts, self._texts(arguments[1]))

    # Tags. What a caption has is settled once per distinct text.

    def _tag_call(self, call: TagCall) -> Operand:
        tags = self._facts.dataset.captions.tags
        found = [self._tag_ids(pattern) for pattern in call.patterns]
        if call.function.name == "tag_count":
            counts = tags.lengths() if not found else _different_among(tags, np.concatenate(found), self._n_tags)
            return self._of_captions(counts.astype(np.float64))
        if call.function.name == "has_all":
            return self._truths_of_captions(reduce(np.logical_and, (_holds(tags, ids, self._n_tags) for ids in found)))
        return self._truths_of_captions(_holds(tags, np.concatenate(found), self._n_tags))

    @property
    def _n_tags(self) -> int:
        return len(self._facts.dataset.captions.forms)

    def _tag_ids(self, pattern: TagPattern) -> NDArray[np.int64]:
        return pattern.ids(self._facts.dataset.captions.forms, self._facts.dataset.tag_of_form)

    def _captions(self) -> Texts:
        ids = self._facts.dataset.captions.text_of
        return Texts(ids if self._rows is None else ids[self._rows], self._facts.dataset.captions.texts)

    def _truths_of_captions(self, of_text: Mask) -> Truths:
        return self._captions().truths_of(of_text)

    def _of_captions(self, of_text: NDArray[np.float64]) -> Numbers:
        codes = self._captions().codes
        valid = codes >= 0
        values = of_text[codes] if len(of_text) else np.zeros(len(codes))
        return Numbers(values, None if valid.all() else valid)

    def _has_tag_of(self, wanted: Texts) -> Truths:
        """Whether each image's caption has the tag that its own text names, as in has_tag(concept.trigger)."""
        index = self._facts.dataset.tag_of_form
        tag_of = wanted.per_label(lambda text: index.get(normal_form(text), -1), np.int64)
        codes = np.broadcast_to(wanted.codes, (self.n,))
        captions = self._captions().codes
        valid = (codes >= 0) & (captions >= 0)
        rows = np.flatnonzero(valid)
        yes = np.zeros(self.n, dtype=bool)
        if len(rows):
            tags = self._facts.dataset.captions.tags.take(captions[rows].astype(np.int64))
            of_row = tag_of[codes[rows]]
            yes[rows] = _any_in_row(tags, tags.ids == np.repeat(of_row, tags.lengths()))
        return Truths(yes, valid & ~yes)

    # Figures over many images

    def _aggregate(self, node: Aggregate) -> Numbers:
        dataset = self._facts.dataset
        column = self._of_images(node.argument)
        other = None if node.other is None else self._of_images(node.other)
        if self._scope == "concept":
            return _figure(node, column, other, dataset.concept_of, self.n)
        rows = np.arange(dataset.n) if node.all_roles else np.flatnonzero(dataset.roles.equals("train"))
        rows = rows.astype(np.int64)
        other = None if other is None else other.take(rows)
        return _figure(node, column.take(rows), other, np.zeros(len(rows), dtype=np.int32), 1)

    def _of_images(self, node: Node) -> Column:
        found = Evaluator(self._facts, "row")._operand(node)
        assert not isinstance(found, Texts)
        return found.column(self._facts.dataset.n)


def _in_use(operand: Operand) -> Operand:
    """Without the labels that few rows leave unused, so that a text function looks at no others."""
    if not isinstance(operand, Texts) or len(operand.labels) <= len(operand.codes):
        return operand
    used, codes = np.unique(operand.codes[operand.codes >= 0], return_inverse=True)
    found = np.full(len(operand.codes), -1, dtype=np.int32)
    found[operand.codes >= 0] = codes
    return Texts(found, tuple(operand.labels[code] for code in used.tolist()))


def _written(value: float | str | bool) -> Operand:
    if isinstance(value, bool):
        return Truths(np.array([value]), np.array([not value]))
    if isinstance(value, str):
        return Texts(np.zeros(1, dtype=np.int32), (value,))
    return Numbers(np.array([value], dtype=np.float64))


def _arithmetic(sign: str, left: Numbers, right: Numbers) -> Numbers:
    """Division by zero and overflow give nothing finite, and so what is missing."""
    return finite(_SIGNS[sign](left.values, right.values), both(left.valid, right.valid))


def _logic(word: str, parts: list[Truths]) -> Truths:
    """`and` is false where one part is, and missing where a missing part could still make it so; `or` mirrors it."""
    if word == "or":
        return _logic("and", [part.negated() for part in parts]).negated()
    yes = reduce(np.logical_and, (part.yes for part in parts))
    no = reduce(np.logical_or, (part.no for part in parts))
    return Truths(yes, no)


def _comparison(comparator: str, left: Operand, right: Operand) -> Truths:
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        return compared(_COMPARATORS[comparator], left, right)
    if isinstance(left, Truths) and isinstance(right, Truths):
        equal = Truths((left.yes & right.yes) | (left.no & right.no), (left.yes & right.no) | (left.no & right.yes))
    else:
        assert isinstance(left, Texts) and isinstance(right, Texts)
        equal = judged_in_pairs(operator.eq, left, right)
    return equal if comparator == "==" else equal.negated()


def _among(operand: Operand, members: frozenset[float | str | bool]) -> Truths:
    if isinstance(operand, Texts):
        return operand.truths(members.__contains__)
    if isinstance(operand, Truths):
        return _logic("or", [operand if member else operand.negated() for member in members])
    found = np.isin(operand.values, sorted(members))
    valid = np.ones(1, dtype=bool) if operand.valid is None else operand.valid
    return Truths(found & valid, ~found & valid)


def _of_each(figure: Callable[..., NDArray[Any]]) -> Callable[..., Numbers]:
    def apply(*arguments: Numbers) -> Numbers:
        values = figure(*(argument.values for argument in arguments))
        return finite(values, reduce(both, (argument.valid for argument in arguments)))

    return apply


def _smallest(*values: NDArray[np.float64]) -> NDArray[np.float64]:
    return reduce(np.minimum, values)


def _largest(*values: NDArray[np.float64]) -> NDArray[np.float64]:
    return reduce(np.maximum, values)


_OF_NUMBERS: Final[Mapping[str, Callable[..., Numbers]]] = {
    "abs": _of_each(np.abs),
    "min": _of_each(_smallest),
    "max": _of_each(_largest),
    "clip": _of_each(lambda number, low, high: np.minimum(np.maximum(number, low), high)),
    "floor": _of_each(np.floor),
    "ceil": _of_each(np.ceil),
    "sqrt": _of_each(np.sqrt),
    "log2": _of_each(np.log2),
}
_OF_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}


def _rounded(numbers: Numbers, digits: int) -> Numbers:
    # numpy multiplies before it rounds, which large numbers do not survive.
    kept = np.abs(numbers.values) >= _WHOLE_FROM
    return Numbers(np.where(kept, numbers.values, np.round(numbers.values, digits)), numbers.valid)


def _any_in_row(ragged: Ragged, marks: Mask) -> Mask:
    """Which rows hold a mark; there is one mark for each of the ragged column's ids."""
    held = np.zeros(len(ragged), dtype=bool)
    # reduceat gives the element at the start of an empty row.
    filled = ragged.lengths() > 0
    if filled.any():
        held[filled] = np.logical_or.reduceat(marks, ragged.starts[:-1][filled])
    return held


def _marks(tags: Ragged, ids: NDArray[np.int64], n_tags: int) -> Mask:
    """Which of the ids in a ragged column are among some."""
    if len(ids) == 1:
        return np.asarray(tags.ids == ids[0])
    among = np.zeros(n_tags, dtype=bool)
    among[ids] = True
    return among[tags.ids]


def _holds(tags: Ragged, ids: NDArray[np.int64], n_tags: int) -> Mask:
    """Which texts have one of these tags."""
    return _any_in_row(tags, _marks(tags, ids, n_tags))


def _different_among(tags: Ragged, ids: NDArray[np.int64], n_tags: int) -> NDArray[np.int64]:
    """How many different ones of these tags each text has."""
    places = np.flatnonzero(_marks(tags, ids, n_tags))
    texts = np.searchsorted(tags.starts, places, side="right") - 1
    pairs = np.unique(texts * max(1, n_tags) + tags.ids[places])
    return np.bincount(pairs // max(1, n_tags), minlength=len(tags))


def _figure(
    node: Aggregate, column: Column, other: Column | None, group_of: NDArray[np.int32], n_groups: int
) -> Numbers:
    """A figure of each group over the rows that are not missing."""
    name = node.function.name
    valid = column.valid
    if other is not None:
        valid = valid & other.valid
        if name in ("pmi", "npmi"):
            return _information(name, column.values[valid], other.values[valid], group_of[valid], n_groups)
        valid = valid & other.values
    groups = group_of[valid]
    values = column.values[valid]
    n = np.bincount(groups, minlength=n_groups)
    if name in ("count", "share"):
        held = np.bincount(groups[values], minlength=n_groups)
        return Numbers(held.astype(np.float64)) if name == "count" else finite(held / n, None)
    if name == "mean":
        return finite(np.bincount(groups, weights=values, minlength=n_groups) / n, None)
    return _quantile(values, groups, n, node.fraction)


def _information(
    name: str, one: NDArray[Any], other: NDArray[Any], groups: NDArray[np.int32], n_groups: int
) -> Numbers:
    """Pointwise mutual information in bits, or normalized; missing where the two never meet, or one is everywhere."""
    n = np.bincount(groups, minlength=n_groups)
    both, first, second = (np.bincount(groups[held], minlength=n_groups) for held in (one & other, one, other))
    pmi = np.log2(both * n / (first.astype(np.float64) * second))
    # Normalized by the information of meeting at all (Bouma 2009), which is none where they always do.
    return finite(pmi if name == "pmi" else pmi / -np.log2(both / n), None)


def _quantile(values: NDArray[np.float64], groups: NDArray[np.int32], n: NDArray[np.int64], fraction: float) -> Numbers:
    """Between the two figures nearest to the place asked for, in proportion."""
    ordered = values[np.lexsort((values, groups))]
    filled = np.flatnonzero(n)
    starts = (np.cumsum(n) - n)[filled]
    place = fraction * (n[filled] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, n[filled] - 1)
    low, high = ordered[starts + below], ordered[starts + above]
    found = np.zeros(len(n))
    # Not from the formula alone: the difference of two very large figures is not finite.
    found[filled] = np.where(place == below, low, low + (high - low) * (place - below))
    return finite(found, n > 0)
