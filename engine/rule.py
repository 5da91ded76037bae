"""The contract of a rule: what it needs, what it asks, how it says what it finds."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagmetry.columns import Mask
from tagmetry.feature import Feature
from tagmetry.finding import FAILURE_MODES, Evidence, Finding, Location, Measurement, Severity, Subject
from tagmetry.messages import Message, Template, Value, message, template_fields
from tagmetry.options import NoOptions, Option, Source, Status, options_of

if TYPE_CHECKING:
    from tagmetry.dataset import Concept, Dataset, Samples
    from tagmetry.suppression import SuppressionUse
    from tagmetry.trainer_config import TrainerConfig

Scope = Literal["each_sample", "each_concept", "whole_dataset", "each_config", "each_suppression"]

HEADINGS: Final = ("What it finds", "Why it matters", "What to do", "Known limits")


class Skip(Exception):
    """Raised by a rule that cannot judge; `reason` is a key of the rule's messages or of `COMMON_SKIPS`."""

    def __init__(self, reason: str, /, **values: Value) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


COMMON_SKIPS: Final[Mapping[str, Template]] = {
    "no-trainer": "no trainer is named: set profile.trainer or use --trainer",
    "trainer-not-modelled": "what this trainer does with images is not modelled yet",
    "no-resolution": "no training resolution is known: use --base-model or --set profile.resolution=1024",
    "resolution-refused": "the trainer takes no such resolution",
    "no-batch-size": "no batch size is known: set profile.batch_size",
    "no-base-model": "no base model is named: set profile.base_model or use --base-model",
    "no-captions": "there are no captions",
    "sentence-captions": "the captions are sentences, and this rule reads tags",
    "no-trigger": "no trigger word is known: set profile.concepts.NAME.trigger",
    "no-training-images": "there are no training images",
    "no-images-of": "there are no images of the role {roles}",
    "nothing-chosen": "the policy's condition 'where' chooses no image",
    "no-config": "no trainer config was given; --config FILE gives one",
    "not-in-config": "the config does not tell {key}: give the training config or command line as well",
    "trainer-lacks-it": "this trainer has nothing of the kind",
    "off-here": "the policy switches it off for all that is there",
}


@dataclass(frozen=True, slots=True)
class Remedies:
    """What to do, for the data and for the training; templates over the finding's values."""

    data: tuple[Template, ...] = ()
    training: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """What a sample rule found: a mask over the samples it was given, with columns of values.

    `mask` is bool of shape (n,). Each of `values` is either one value for all or an array or sequence of n.
    `measured` is (metric, array of n or one figure, limit, option).
    """

    message: str
    mask: Mask
    values: Mapping[str, Any] = field(default_factory=dict)
    metric: str | None = None
    measured: NDArray[Any] | float | None = None
    limit: float | None = None
    option: str | None = None
    unit: str | None = None
    origin: str = ""
    """Of a limit that no option gives, as in `Measurement`."""
    severity: Severity | None = None
    key: str = ""
    about: Literal["sample", "caption"] = "sample"
    evidence: Evidence | None = None


SampleCheck = Callable[["Samples", Any], Iterator[Hits]]
ConceptCheck = Callable[["Concept", Any], Iterator[Finding]]
DatasetCheck = Callable[["Dataset", Any], Iterator[Finding]]
ConfigCheck = Callable[["TrainerConfig", Any], Iterator[Finding]]
SuppressionCheck = Callable[["SuppressionUse", Any], Iterator[Finding]]


@dataclass(slots=True, eq=False)
class Rule:
    """One rule of a plugin. Declared once at the top level of its module, whose docstring is its manual page.

    `messages` are templates by key; the keys of `Skip` stand among them. `remedies` is one set for all
    findings or one per message key. `roles` says which samples and concepts a rule of scope `each_sample` or
    `each_concept` is given. Raises ValueError at declaration for a text that breaks the message rules.
    """

    id: str
    severity: Severity
    evidence: Evidence
    messages: Mapping[str, Template]
    points_to: tuple[str, ...] = ()
    options: type = NoOptions
    remedies: Remedies | Mapping[str, Remedies] = field(default_factory=Remedies)
    needs: tuple[Feature, ...] = ()
    roles: tuple[str, ...] = ("train",)
    status: Status = "stable"
    since: str = "0.1"
    """The version from which on the status holds."""
    replaced_by: str = ""
    """The id of the rule that takes the place of a deprecated one."""
    aliases: tuple[str, ...] = ()
    """Former ids, which policies, suppressions and flags may still use."""
    told_by: tuple[str, ...] = ()
    """Rules that may tell the same cause: a note of this one is left out where their findings name all its images."""
    scope: Scope | None = None
    check: Callable[..., Iterator[Any]] | None = None
    module: str = ""
    doc: str = ""
    """Documentation of a rule that has no module of its own, in the form of a docstring."""

    def __post_init__(self) -> None:
        unknown = set(self.points_to) - set(FAILURE_MODES)
        if unknown:
            raise ValueError(f"{self.id}: unknown failure modes {sorted(unknown)}")
        for template in self.texts():
            template_fields(template)
        options_of(self.options)

    def each_sample(self, check: SampleCheck) -> SampleCheck:
        """The check gets the columns of many samples at once and yields `Hits`."""
        self._checked_by(check, "each_sample")
        return check

    def each_concept(self, check: ConceptCheck) -> ConceptCheck:
        """The check gets one concept and yields findings."""
        self._checked_by(check, "each_concept")
        return check

    def whole_dataset(self, check: DatasetCheck) -> DatasetCheck:
        """The check gets the dataset and yields findings."""
        self._checked_by(check, "whole_dataset")
        return check

    def each_config(self, check: ConfigCheck) -> ConfigCheck:
        """The check gets what the trainer's own files say of one training, and yields findings."""
        self._checked_by(check, "each_config")
        return check

    def each_suppression(self, check: SuppressionCheck) -> SuppressionCheck:
        """The check gets one suppression of the policy with what it did in this run, and yields findings."""
        self._checked_by(check, "each_suppression")
        return check

    def finding(
        self,
        subject: Subject,
        message: str,
        *,
        values: Mapping[str, Value] | None = None,
        measured: Measurement | None = None,
        severity: Severity | None = None,
        key: str = "",
        location: Location | None = None,
        evidence: Evidence | None = None,
    ) -> Finding:
        """A finding of this rule; `message` is a key of its messages."""
        if message not in self.messages:
            raise KeyError(f"{self.id} has no message {message!r}")
        return Finding(
            rule=self.id,
            subject=subject,
            message=message,
            values=dict(values or {}),
            measured=measured,
            severity=severity,
            key=key,
            location=location,
            evidence=evidence,
        )

    def hits(self, message: str, mask: Mask, **parts: Any) -> Hits:
        """The samples that a sample rule found; the parts are the fields of `Hits`."""
        if message not in self.messages:
            raise KeyError(f"{self.id} has no message {message!r}")
        return Hits(message=message, mask=np.asarray(mask, dtype=bool), **parts)

    def source_of(self, known: Option) -> Source:
        """Where an option's default comes from; what a plugin chose itself is no choice of Tagmetry.

        A rule with a `doc` of its own is made from one of Tagmetry's kinds, which chose the default.
        """
        source = known.info.source
        return self.own_choice if source == "tagmetry" else source

    @property
    def own_choice(self) -> Source:
        """Whose choice a figure is that the rule itself holds."""
        return "plugin" if "/" in self.id and not self.doc else "tagmetry"

    def remedies_for(self, key: str) -> Remedies:
        if isinstance(self.remedies, Remedies):
            return self.remedies
        return self.remedies.get(key, Remedies())

    def skip_message(self, skip: Skip) -> Message:
        """The text of a reason not to judge. Raises KeyError for a reason that nobody declared."""
        template = self.messages.get(skip.reason, COMMON_SKIPS.get(skip.reason))
        if template is None:
            raise KeyError(f"{self.id} has no text for the reason {skip.reason!r}")
        return message(template, **skip.values)

    @property
    def title(self) -> str:
        """The first sentence of the documentation."""
        return self.sections()[""].split("\n\n")[0].replace("\n", " ").strip()

    def sections(self) -> dict[str, str]:
        """The documentation by heading; "" holds what stands before the first heading."""
        written = self.doc or (sys.modules[self.module].__doc__ if self.module else "")
        doc = inspect.cleandoc(written or "")
        sections: dict[str, str] = {}
        heading = ""
        lines: list[str] = []
        for line in doc.split("\n"):
            if line in HEADINGS:
                sections[heading] = inspect.cleandoc("\n".join(lines)).strip()
                heading, lines = line, []
            else:
                lines.append(line[4:] if heading and line.startswith("    ") else line)
        sections[heading] = inspect.cleandoc("\n".join(lines)).strip()
        return sections

    def texts(self) -> Iterator[Template]:
        """Every text of the rule that a user may read in a finding."""
        yield from self.messages.values()
        groups = [self.remedies] if isinstance(self.remedies, Remedies) else list(self.remedies.values())
        for remedies in groups:
            yield from remedies.data
            yield from remedies.training

    def _checked_by(self, check: Callable[..., Iterator[Any]], scope: Scope) -> None:
        if self.check is not None:
            raise ValueError(f"{self.id} has two checks")
        self.check = check
        self.scope = scope
        self.module = check.__module__
