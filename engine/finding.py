"""Findings: what a rule says about a subject. Data, not exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Literal

from tagmetry.messages import Value


class Severity(IntEnum):
    """What happens if nothing is done about a finding, in rising order."""

    OFF = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()


Evidence = Literal["documented", "community", "heuristic"]
"""How well founded the claim is that the signal leads to the failure mode."""

FAILURE_MODES: Final = (
    "memorization",
    "concept-bleed",
    "identity-collapse",
    "prompt-sensitivity",
    "style-drift",
    "instability",
)

SubjectKind = Literal["dataset", "concept", "sample", "caption", "tag", "pair", "cluster", "config", "file"]


AlikeKind = Literal["exact", "near", "crop", "mirrored", "rotated"]


@dataclass(frozen=True, slots=True)
class Alike:
    """How an image is like the keeper of its group, which is `exact` itself.

    `likeness`, up to 1, is how well both agree where both show something. In a `variant` a detail is another: a text,
    the eyes of a drawing.
    """

    kind: AlikeKind
    likeness: float
    variant: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Images that are alike.

    `alike` says for each of `paths` how it is like the keeper; empty in groups of equal pictures. `distances` are bits
    of 64-bit pHashes, a square matrix over `paths`; empty when too large to list, and where the pictures lie otherwise
    or show other parts, so that the bits would mean nothing.
    """

    kind: AlikeKind
    paths: tuple[str, ...]
    keeper: str
    distances: tuple[tuple[int, ...], ...] = ()
    alike: tuple[Alike, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about. Made by the thing itself (`concept.tag(t)`), never by hand in a rule.

    `identity` is what the fingerprint stands on: a content hash, a name, a path; never wording or figures.
    """

    kind: SubjectKind
    name: str
    identity: tuple[str, ...]
    paths: tuple[str, ...] = ()
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """The figure that was judged, the limit it was held against, and the option that gave the limit.

    `origin` is for a limit that no option gives: a source label, or where a value of the profile comes from.
    """

    metric: str
    value: float
    limit: float | None = None
    option: str | None = None
    unit: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a text file, counted from 1."""

    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule yields. The policy settles its severity and status when the report is made.

    `message` is a key of the rule's messages, `key` the rule's own discriminator for two findings about one
    subject. `severity` and `evidence` are the rule's proposals for this finding; None leaves the rule's own.
    """

    rule: str
    subject: Subject
    message: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    measured: Measurement | None = None
    severity: Severity | None = None
    key: str = ""
    location: Location | None = None
    evidence: Evidence | None = None
