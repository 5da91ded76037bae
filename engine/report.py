"""The report: everything that a run found, as plain frozen data. Reporters turn it into text.

The JSON reporter writes the public contract from these field by field; the classes themselves are no format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Codes, Column, Ragged
from tagmetry.dataset import Dataset, Excluded
from tagmetry.failures import Failure
from tagmetry.finding import Cluster, Evidence, Location, Measurement, Severity, Subject
from tagmetry.messages import Message, Value
from tagmetry.plan.model import Plan
from tagmetry.profile import Setting

FindingStatus = Literal["open", "suppressed", "known", "tolerated"]
Verdict = Literal["ready", "ready-with-warnings", "not-ready", "incomplete"]
Outcome = Literal["found", "clean", "skipped", "failed", "off"]


@dataclass(frozen=True, slots=True)
class SuppressedBy:
    """The suppression that accepts a finding: its reason in the policy's words, its last day or "", its place."""

    reason: str
    expires: str
    place: str


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding with its settled severity, status and fingerprint.

    `message` is the rule's template with the values; the remedies likewise. `limit_origin` is where the limit
    comes from: a source label, `policy` with file and line, or a flag.
    """

    fingerprint: str
    rule: str
    severity: Severity
    status: FindingStatus
    message_id: str
    message: Message
    subject: Subject
    measured: Measurement | None
    limit_origin: str
    evidence: Evidence
    points_to: tuple[str, ...]
    data_remedies: tuple[Message, ...]
    training_remedies: tuple[Message, ...]
    location: Location | None
    suppressed_by: SuppressedBy | None = None
    former_fingerprints: tuple[str, ...] = ()
    """The fingerprints that the finding had under former ids of its rule."""

    @property
    def values(self) -> Mapping[str, Value]:
        return self.message.values


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What became of one enabled rule: `reason` says why it was skipped or how it failed."""

    rule: str
    outcome: Outcome
    n: int
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule's documentation as a report shows it: sections of the manual page by heading."""

    id: str
    title: str
    sections: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PluginOutcome:
    """What became of a plugin: `name` is that of its entry point, `version` that of its distribution."""

    name: str
    version: str
    outcome: Literal["loaded", "failed"]
    reason: str = ""
    distribution: str = ""


@dataclass(frozen=True, slots=True)
class FileAccount:
    """Every directory entry that is no folder, counted once: seen = audited + captions + explained."""

    seen: int
    audited_images: int
    used_captions: int
    explained: int

    @property
    def adds_up(self) -> bool:
        return self.seen == self.audited_images + self.used_captions + self.explained


@dataclass(frozen=True, slots=True)
class ConceptSummary:
    """`repeats` is what the layout says, the mean over images where a concept's folders differ."""

    name: str
    role: str
    n: int
    effective_n: int
    exposure: float
    trigger: str | None
    trigger_origin: str
    trigger_basis: Message | None
    class_word: str | None
    repeats: float


@dataclass(frozen=True, slots=True)
class FolderSummary:
    """A folder of images: its path relative to the root, `.` for the root itself."""

    path: str
    concept: str
    role: str
    n: int
    repeats: float
    caption_suffixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag of a concept's training images, for tables and charts."""

    concept: str
    tag: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What the captions of a training concept say of one attribute: a row of the table concept by attribute.

    `group` is a group of the vocabulary. Of `n` captioned images `named` name a value; `values` are the most common
    with their images, `n_values` counts all. `entropy` is the normalized entropy of what is named together, None where
    at most one thing is. `never` is what no caption names of the group's scales, such as night of day and night.
    `estimated` says that words were looked for in sentences.
    """

    concept: str
    group: str
    n: int
    named: int
    n_values: int
    values: tuple[tuple[str, int], ...]
    entropy: float | None
    never: tuple[str, ...]
    estimated: bool


@dataclass(frozen=True, slots=True)
class ImageTable:
    """One row per readable image, as columns: what tables and charts of a report are drawn from.

    `width` and `height` in pixels as displayed, `tokens` of the caption; `captions` are texts, empty without one.
    `content` is the SHA-256 of each file, shape (n, 32). `text_of` int32 (n,) names a row of `tags`, -1 without a
    caption; `tags` holds ids into `tag_names`, in the order written, repetitions included.
    """

    paths: tuple[str, ...]
    content: NDArray[np.uint8]
    concept: Codes
    role: Codes
    width: Column
    height: Column
    size_bytes: Column
    tokens: Column
    captions: tuple[str, ...]
    text_of: NDArray[np.int32]
    tags: Ragged
    tag_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicySummary:
    name: str
    sources: tuple[str, ...]
    sha256: str
    profile: Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """`root` is the folder's name; `path` its place on this machine, shown only when asked for."""

    root: str
    path: Path
    layout: str
    n_images: int
    n_captions: int
    files: FileAccount
    excluded: tuple[Excluded, ...]
    concepts: tuple[ConceptSummary, ...]
    folders: tuple[FolderSummary, ...]
    configs: tuple[str, ...] = ()
    """The trainer's own files that were read, by name."""


@dataclass(frozen=True, slots=True)
class Risk:
    """A failure mode to which findings point, by their fingerprints.

    `condition` is the policy's condition that gave the level, "" for the lowest, which needs none; `place` is where the
    policy says it.
    """

    failure_mode: str
    level: Literal["low", "medium", "high"]
    because: tuple[str, ...]
    condition: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Open findings by severity, and how many do not count, by status."""

    error: int
    warning: int
    info: int
    suppressed: int
    verdict: Verdict
    known: int = 0
    tolerated: int = 0


@dataclass(frozen=True, slots=True)
class FixedFinding:
    """A finding of the baseline that is gone; `message` is what the earlier report said, in English."""

    fingerprint: str
    rule: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class BaselineSummary:
    """This run against an earlier one. `n_not_judged` findings are gone because their rule did not judge this time."""

    n_new: int
    n_known: int
    fixed: tuple[FixedFinding, ...]
    n_not_judged: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run. `thumbnails` holds WebP or JPEG bytes by path, only for reporters that declared the need for them.

    `dataset_view` is the measured dataset itself for callers of the Python interface; reporters do not read it.
    """

    version: str
    dataset: DatasetSummary
    policy: PolicySummary
    metrics: Mapping[str, float]
    findings: tuple[ReportedFinding, ...]
    clusters: tuple[Cluster, ...]
    plan: Plan
    risks: tuple[Risk, ...]
    rules: tuple[RuleOutcome, ...]
    rule_texts: Mapping[str, RuleText]
    plugins: tuple[PluginOutcome, ...]
    summary: Summary
    images: ImageTable
    tags: tuple[TagRow, ...]
    thumbnails: Mapping[str, bytes]
    notices: tuple[Message, ...]
    token_counter: str
    tokens_exact: bool
    exit_code: int
    dataset_view: Dataset | None = None
    preview: Mapping[str, Any] | None = None
    """What the trainer makes of the dataset, as data without its images; None without a trainer that is modelled."""
    baseline: BaselineSummary | None = None
    coverage: tuple[CoverageRow, ...] = ()
    thumbnail_px: int = 192
    """The longest side of the thumbnails; of smaller images their own."""
    failures: tuple[Failure, ...] = ()
    """Everything that broke although the run went on; with any of it the verdict is `incomplete`."""
