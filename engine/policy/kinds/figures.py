"""What expressions of defined rules give on a dataset, worked out once for all concepts and all calls."""

from collections.abc import Iterator, Mapping

import numpy as np

from tagmetry.columns import Codes, Column, Mask
from tagmetry.dataset import Dataset, Samples
from tagmetry.policy.expressions import Expression, Facts, Name


class _Metrics(Mapping[str, float]):
    """The figures of the whole dataset, computed when the first expression asks for one."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._found: Mapping[str, float] | None = None

    def _figures(self) -> Mapping[str, float]:
        from tagmetry.reporting import metrics

        if self._found is None:
            self._found = metrics(self._dataset)
        return self._found

    def __getitem__(self, name: str) -> float:
        return self._figures()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures())

    def __len__(self) -> int:
        return len(self._figures())


def facts_of(dataset: Dataset) -> Facts:
    """What expressions read from a dataset."""
    found = dataset.derived.get(Facts)
    if not isinstance(found, Facts):
        found = dataset.derived[Facts] = Facts(dataset, _Metrics(dataset))
    return found


def evaluated(expression: Expression, dataset: Dataset) -> Column:
    """The expression's column over all images or all concepts."""
    # By identity: to compare two programs takes longer than to find one, and none dies before its dataset.
    kept = dataset.derived.setdefault("expressions", {})
    found = kept.get(id(expression))
    if found is None:
        found = kept[id(expression)] = (expression, expression.evaluate(facts_of(dataset)))
    column: Column = found[1]
    return column


def column_of(name: Name, dataset: Dataset) -> Column | Codes:
    """The column of a name over all images."""
    column = facts_of(dataset).column(name)
    if name.scope == "concept":
        return column.take(dataset.concept_of.astype(np.int64))
    return column


def judged_samples(dataset: Dataset, *expressions: Expression) -> Samples:
    """What figures of the whole dataset go over: training images, or all images where a condition names `role`."""
    return dataset.samples if any("role" in one.names for one in expressions) else dataset.train


def holds(column: Column) -> Mask:
    return np.asarray(column.values.astype(bool) & column.valid)
