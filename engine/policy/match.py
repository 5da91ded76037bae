"""`match` in a policy: which images and concepts an override or a suppression is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tagmetry.columns import Mask
from tagmetry.dataset import Dataset
from tagmetry.globs import matches, matches_any

MATCH_KEYS: Final = ("path", "concept", "role")


@dataclass(frozen=True, slots=True)
class Match:
    """Path and concept patterns, and roles. Each key that is given has to be met, by any of its members."""

    path: tuple[str, ...] = ()
    concept: tuple[str, ...] = ()
    role: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are given."""
        return tuple(key for key in MATCH_KEYS if getattr(self, key))

    def meets(self, *, path: str | None, concept: str | None, role: str | None) -> bool:
        """Whether something is meant; None for what it does not have, which meets no condition."""
        return (
            (not self.path or (path is not None and matches_any(self.path, path)))
            and (not self.concept or (concept is not None and names_concept(self.concept, concept)))
            and (not self.role or role in self.role)
        )

    def as_data(self) -> dict[str, Any]:
        """As in a policy file: a single pattern as text, several as a list."""
        found = {key: list(getattr(self, key)) for key in self.keys}
        return {key: members[0] if len(members) == 1 else members for key, members in found.items()}

    def shown(self) -> str:
        """`path train/scans/**, role train`, for people."""
        return ", ".join(f"{key} {' or '.join(getattr(self, key))}" for key in self.keys)


def names_concept(patterns: Iterable[str], name: str) -> bool:
    """Whether a concept is named. Signs of patterns stand for themselves where a folder bears just that name."""
    return any(name == pattern or matches(pattern, name) for pattern in patterns)


class Masks:
    """The images of a dataset that each match means, worked out once for all rules."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._known: dict[Match, Mask] = {}

    def of(self, match: Match) -> Mask:
        """Shape (n,) over all rows of the dataset."""
        if match not in self._known:
            self._known[match] = self._mask(match)
        return self._known[match]

    def _mask(self, match: Match) -> Mask:
        dataset = self._dataset
        found = np.ones(dataset.n, dtype=bool)
        if match.role:
            found = np.zeros(dataset.n, dtype=bool)
            for role in match.role:
                found |= dataset.roles.equals(role)
        if match.concept:
            named = np.array([names_concept(match.concept, info.name) for info in dataset.concept_infos], dtype=bool)
            found &= named[dataset.concept_of]
        if match.path:
            # Only what is left after the cheap conditions is compared with patterns.
            rows = np.flatnonzero(found)
            paths = dataset.paths
            fitting = (matches_any(match.path, paths[row]) for row in rows.tolist())
            found[rows] = np.fromiter(fitting, dtype=bool, count=len(rows))
        return found


def groups_by_matches(masks: Iterable[Mask], n: int) -> list[tuple[tuple[int, ...], Mask]]:
    """Rows that meet the same of several masks: (the numbers of those masks, the rows as a mask). Never empty ones."""
    number = np.zeros(n, dtype=np.int64)
    met: list[tuple[int, ...]] = [()]
    for place, mask in enumerate(masks):
        both, number = np.unique(number * 2 + mask, return_inverse=True)
        met = [met[code // 2] + ((place,) if code % 2 else ()) for code in both.tolist()]
    return [(which, number == code) for code, which in enumerate(met)] if n else []
