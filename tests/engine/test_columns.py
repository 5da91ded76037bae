"""Columns of figures, codes and lists of unlike length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagmetry.columns import Codes, Column, codes_of, ragged_of, rows_by_group

LISTS = st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=8)


def rows(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_a_column_gives_the_values_that_are_there():
    column = Column(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
    assert len(column) == 3
    assert column.present().tolist() == [1.0, 3.0]
    taken = column.take(rows(2, 1))
    assert (taken.values.tolist(), taken.valid.tolist()) == ([3.0, 2.0], [True, False])


def test_values_and_validity_are_of_one_length():
    with pytest.raises(ValueError, match="3 values with 2 validity marks"):
        Column(np.zeros(3), np.ones(2, dtype=bool))


def test_a_column_may_hold_several_figures_per_row():
    column = Column(np.arange(6).reshape(3, 2), np.array([True, True, False]))
    assert column.take(rows(1)).values.tolist() == [[2, 3]]
    assert column.present().tolist() == [[0, 1], [2, 3]]


def test_codes_do_not_depend_on_the_order_of_rows():
    one, other = codes_of(["b", None, "a", "b"]), codes_of(["a", "b", "b", None])
    assert one.labels == other.labels == ("a", "b")
    assert one.codes.tolist() == [1, -1, 0, 1]
    assert [one.label(row) for row in range(4)] == ["b", "", "a", "b"]
    assert one.equals("b").tolist() == [True, False, False, True]
    assert one.equals("c").tolist() == [False] * 4
    assert one.take(rows(3, 1)).codes.tolist() == [1, -1]


def test_codes_of_nothing_and_of_missing_texts_only():
    assert (len(codes_of([])), codes_of([]).labels) == (0, ())
    assert codes_of([None, None]).equals("a").tolist() == [False, False]
    assert isinstance(codes_of([]), Codes)


@given(LISTS, st.data())
def test_ragged_rows_are_the_lists(lists, data):
    ragged = ragged_of(lists)
    assert [ragged.row(number).tolist() for number in range(len(ragged))] == lists
    assert ragged.lengths().tolist() == [len(members) for members in lists]
    assert ragged.owners().tolist() == [number for number, members in enumerate(lists) for _ in members]
    wanted = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=10)) if lists else []
    taken = ragged.take(rows(*wanted))
    assert [taken.row(number).tolist() for number in range(len(taken))] == [lists[number] for number in wanted]


@given(st.lists(st.integers(-1, 6), max_size=40))
def test_rows_by_group_are_the_rows_that_carry_its_number(groups):
    found = rows_by_group(np.array(groups, dtype=np.int32), 8)
    assert [members.tolist() for members in found] == [
        [row for row, group in enumerate(groups) if group == number] for number in range(8)
    ]
