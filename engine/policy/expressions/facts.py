"""What expressions read their values from: a dataset, the figures of the whole, and counts of findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tagmetry.columns import Codes, Column
from tagmetry.dataset import Dataset

if TYPE_CHECKING:
    from tagmetry.policy.expressions.names import Name


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """Open findings that point to one failure mode, by severity; notes are those of severity info."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0


class Facts:
    """Columns by name, each made once, when the first expression reads it.

    `metrics` are the figures of the whole dataset by name (`tagmetry.reporting.metrics`), computed by the caller; one
    that is not among them is missing. `counts` are wanted by expressions about a risk only.
    """

    def __init__(
        self, dataset: Dataset, metrics: Mapping[str, float | None], counts: FindingCounts | None = None
    ) -> None:
        self.dataset = dataset
        self.metrics = metrics
        self.counts = counts
        self._columns: dict[str, Column | Codes] = {}

    def with_counts(self, counts: FindingCounts) -> "Facts":
        """The same facts beside other counts of findings."""
        facts = Facts(self.dataset, self.metrics, counts)
        # Counts are never kept among the columns.
        facts._columns = self._columns
        return facts

    def column(self, name: "Name") -> Column | Codes:
        """The values of a name: per image, per concept (in the order of `concept_infos`), or a single one.

        Numbers are float64, and missing where they are not finite. Raises KeyError for a feature that was not measured.
        """
        if name.scope == "risk":
            return _as_kind(name, name.read(self))
        found = self._columns.get(name.name)
        if found is None:
            found = self._columns[name.name] = _as_kind(name, name.read(self))
        return found


def _as_kind(name: "Name", column: Column | Codes) -> Column | Codes:
    if isinstance(column, Codes):
        return column
    if name.kind.sort == "boolean":
        return Column(column.values.astype(bool), column.valid)
    values = column.values.astype(np.float64)
    return Column(values, column.valid & np.isfinite(values))
