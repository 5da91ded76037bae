"""A trainer's configuration as rules of scope `each_config` see it: settings with their places, and their images.

What stands in the files is in `tagmetry.trainers.settings`; here it meets the dataset.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Rows
from tagmetry.dataset import Concept, Dataset, Samples
from tagmetry.finding import Evidence, Finding, Location, Measurement, Severity, Subject
from tagmetry.messages import Value
from tagmetry.rule import Rule, Skip
from tagmetry.trainers.settings import (
    ConfiguredDataset,
    ConfiguredSubset,
    DatasetSetting,
    Given,
    Place,
    PlacedProblem,
    SubsetSetting,
    TrainingConfig,
    TrainingSetting,
)

MOST_PATHS: Final = 5_000
"""Images that a finding about a config lists at most; it tells how many there are."""


@dataclass(frozen=True, eq=False)
class ConfigPart:
    """Images that share all settings: a subset of the config with the rows that it feeds, ascending."""

    config: "TrainerConfig"
    subset: ConfiguredSubset
    of_dataset: ConfiguredDataset
    rows: Rows

    @property
    def is_regularization(self) -> bool:
        return self.subset.is_regularization

    @cached_property
    def samples(self) -> Samples:
        return Samples(self.config.dataset, self.rows)

    @property
    def place(self) -> Place:
        """Where the config names these images."""
        return self.subset.place

    @property
    def title(self) -> str:
        """What the config calls them: its text for the folder or the metadata file."""
        return self.subset.metadata or self.subset.folder or ""

    def given(self, name: SubsetSetting) -> Given | None:
        """The value that counts for these images, None where the trainer has nothing of the kind."""
        return self.subset.settings.get(name)

    def value(self, name: SubsetSetting) -> Any:
        return self.subset.value(name)

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """The concepts of which it holds images."""
        numbers = set(np.unique(self.config.dataset.concept_of[self.rows]).tolist())
        return tuple(concept for concept in self.config.dataset.concepts if concept.number in numbers)


@dataclass(frozen=True, eq=False)
class TrainerConfig:
    """Everything that was told about one training, from one file or several."""

    dataset: Dataset
    told: TrainingConfig

    @property
    def trainer(self) -> str:
        return self.told.trainer

    @property
    def version(self) -> str:
        """The release and commit whose code the facts about this trainer were read from."""
        return self.told.version

    @property
    def files(self) -> tuple[str, ...]:
        return self.told.files

    @property
    def problems(self) -> tuple[PlacedProblem, ...]:
        return self.told.problems

    @cached_property
    def parts(self) -> tuple[ConfigPart, ...]:
        """The subsets that feed images, in the order of the config. An image may be in several."""
        return tuple(part for _, parts in self.datasets for part in parts if len(part.rows))

    @cached_property
    def datasets(self) -> tuple[tuple[ConfiguredDataset, tuple[ConfigPart, ...]], ...]:
        """What is batched together, with all its parts; those without images have no rows."""
        paths = {folder.path: number for number, folder in enumerate(self.dataset.folders)}
        found = []
        for of_dataset in self.told.datasets:
            parts = []
            for subset in _trained_once(of_dataset.subsets, self.trainer):
                numbers = [paths[path] for path in subset.located if path in paths]
                if subset.kind == "tree":
                    numbers = [number for path, number in paths.items() if _is_below(path, subset.located)]
                rows = np.flatnonzero(np.isin(self.dataset.folder_of, numbers)).astype(np.int64)
                parts.append(ConfigPart(self, subset, of_dataset, rows))
            found.append((of_dataset, tuple(parts)))
        return tuple(found)

    @property
    def training_parts(self) -> tuple[ConfigPart, ...]:
        return tuple(part for part in self.parts if not part.is_regularization)

    def given(self, name: TrainingSetting) -> Given:
        """A setting of the whole training, defaults included. Raises Skip where the files do not tell it."""
        found = self.told.settings.get(name)
        if found is None and self.told.tells_training:
            raise Skip("trainer-lacks-it")
        if found is None:
            raise Skip("not-in-config", key=name)
        return found

    def value(self, name: TrainingSetting) -> Any:
        """The value, None where the files do not tell it."""
        return self.told.value(name)

    def by_place(self, name: SubsetSetting) -> Iterator[tuple[Given, tuple[ConfigPart, ...]]]:
        """Each value of a setting once, where it stands, with the parts that it counts for.

        Parts for which the trainer's default counts come together as well; those without such a setting not at all.
        """
        found: dict[tuple[Place | None, str], list[ConfigPart]] = {}
        first: dict[tuple[Place | None, str], Given] = {}
        for part in self.parts:
            given = part.given(name)
            if given is not None:
                key = (given.place, repr(given.value))
                first.setdefault(key, given)
                found.setdefault(key, []).append(part)
        yield from ((first[key], tuple(parts)) for key, parts in found.items())

    def of_datasets(self, name: DatasetSetting) -> Iterator[tuple[Given, ConfiguredDataset, Rows]]:
        """The setting of each dataset of the config, with the rows that it feeds."""
        for of_dataset, parts in self.datasets:
            given = of_dataset.settings.get(name)
            if given is not None:
                yield given, of_dataset, rows_of(parts)

    def place_of(self, given: Given, parts: Iterable[ConfigPart] = ()) -> Place:
        """Where a value stands; for a default, where the first of the parts is named, or the file's first line."""
        if given.place is not None:
            return given.place
        for part in parts:
            return part.place
        return Place(self.files[0] if self.files else ".")

    def subject(self, place: Place, rows: Iterable[int] = ()) -> Subject:
        """A place of the config with the images that the finding speaks of, of very many the first."""
        paths = tuple(self.dataset.paths[row] for row in islice(rows, MOST_PATHS))
        return self._subject(place, paths)

    def finding(
        self,
        rule: Rule,
        message: str,
        place: Place,
        *,
        values: Mapping[str, Value] | None = None,
        rows: Iterable[int] = (),
        paths: tuple[str, ...] = (),
        measured: Measurement | None = None,
        severity: Severity | None = None,
        evidence: Evidence | None = None,
        key: str = "",
    ) -> Finding:
        """A finding of the rule at a place of the config, about the images at `rows` or `paths`."""
        subject = self._subject(place, paths) if paths else self.subject(place, rows)
        return rule.finding(
            subject,
            message,
            values=values,
            measured=measured,
            severity=severity,
            evidence=evidence,
            key=key,
            location=Location(place.line, place.column),
        )

    def _subject(self, place: Place, paths: tuple[str, ...]) -> Subject:
        keys = ".".join(str(part) for part in place.key_path)
        return Subject("config", place.file, identity=(place.file, keys), paths=(place.file, *paths))


def _trained_once(subsets: tuple[ConfiguredSubset, ...], trainer: str) -> Iterator[ConfiguredSubset]:
    """Without the subsets that sd-scripts ignores, for an earlier one of their dataset has the same text."""
    texts = set()
    for subset in subsets:
        text = subset.metadata or subset.folder
        if trainer != "kohya" or text is None or text not in texts:
            yield subset
        texts.add(text)


def rows_of(parts: Iterable[ConfigPart]) -> Rows:
    """The rows of several parts, ascending, each once."""
    found = [part.rows for part in parts]
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, dtype=np.int64)


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(root in (".", path) or path.startswith(f"{root}/") for root in roots)


def caption_dropout(dataset: Dataset) -> NDArray[np.float64]:
    """Shape (n,): how often the trainer leaves out each image's caption, as its config says; 0 without one."""
    found = np.zeros(dataset.n)
    if dataset.config is not None:
        for given, parts in TrainerConfig(dataset, dataset.config).by_place("caption_dropout_rate"):
            rows = rows_of(parts)
            found[rows] = np.maximum(found[rows], min(1.0, max(0.0, float(given.value))))
    return found
