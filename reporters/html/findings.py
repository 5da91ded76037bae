"""The findings as cards: one per rule and severity, with what, where, why, how to mend it and how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Cluster, Message, Plural, Report, ReportedFinding, Severity, Translator
from tagmetry.reporters.html.images import images_link
from tagmetry.reporters.html.pictures import Picture, Pictures
from tagmetry.reporters.html.wording import (
    EVIDENCE,
    FAILURE_MODES,
    Mark,
    Paragraph,
    counted,
    figure,
    limit_origin,
    paragraphs,
    path_text,
    rule_title,
    sentence,
    severity_mark,
)

SHOWN: Final = 12
"""Findings of a card, and pictures of a finding, that lie open; the rest is folded."""

_ALONE: Final = 3
"""Up to so many findings of a card with one picture each stand one below the other, more of them side by side."""

_FEW_PATHS: Final = 2
"""Up to so many paths of a finding lie open."""

FOLDED_PICTURES: Final = 36
FOLDED_PATHS: Final = 200
FOLDED_FINDINGS: Final = 60
"""Findings of a card that are told in full; those beyond are one line each, which keeps a page of thousands light."""

TOLD_FINDINGS: Final = 5000
"""Findings of a card that are told at all. A page with more could not be opened; the JSON report has every one."""


_PLACE: Final = "line {line:number}, column {column:number}"


@dataclass(frozen=True, slots=True)
class Remedies:
    data: tuple[str, ...] = ()
    training: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.data or self.training)


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding. `judged` (figure and limit), `remedies` and `sure` are empty where the whole card shares them."""

    anchor: str
    message: str
    place: str
    judged: str
    pictures: tuple[Picture, ...]
    folded: tuple[Picture, ...]
    folded_title: str
    paths: tuple[str, ...]
    paths_open: bool
    paths_left: str
    cluster: str
    remedies: Remedies
    sure: str


@dataclass(frozen=True, slots=True)
class Line:
    """A finding told in one line."""

    anchor: str
    message: str


@dataclass(frozen=True, slots=True)
class Mode:
    """A failure mode that findings point to."""

    id: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Card:
    """All open findings of one rule at one severity."""

    anchor: str
    severity: Severity
    mark: Mark
    rule: str
    images: str
    title: str
    n: int
    counted: str
    entries: tuple[Entry, ...]
    folded: tuple[Entry, ...]
    lines: tuple[Line, ...]
    folded_title: str
    paired: bool
    untold: str
    first_remedy: str
    remedies: Remedies
    advice: tuple[Paragraph, ...]
    why: tuple[Paragraph, ...]
    caveats: tuple[Paragraph, ...]
    measured: str
    limit: str
    limit_note: str
    sure: str
    modes: tuple[Mode, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A finding that does not count: suppressed, known or tolerated."""

    anchor: str
    status: str
    rule: str
    message: str
    reason: str


def cards(report: Report, pictures: Pictures, clusters: Mapping[Cluster, str], say: Translator) -> tuple[Card, ...]:
    """The cards of all open findings, the worst first; `clusters` are the anchors of the clusters by cluster."""
    groups: dict[tuple[Severity, str], list[ReportedFinding]] = {}
    for finding in report.findings:
        if finding.status == "open":
            groups.setdefault((finding.severity, finding.rule), []).append(finding)
    return tuple(
        _card(report, findings, pictures, clusters, say) for _, findings in sorted(groups.items(), key=_worst_first)
    )


def set_aside(report: Report, say: Translator) -> tuple[SetAside, ...]:
    return tuple(
        SetAside(
            anchor(finding),
            say.text(finding.status),
            finding.rule,
            sentence(finding.message, say),
            _accepted_because(finding, say),
        )
        for finding in report.findings
        if finding.status != "open"
    )


def _accepted_because(finding: ReportedFinding, say: Translator) -> str:
    """The reason of a suppression with its end, in the policy's own words."""
    by = finding.suppressed_by
    if by is None:
        return ""
    if by.expires:
        return say.format("{reason} (until {day})", {"reason": by.reason, "day": by.expires})
    return by.reason


def anchor(finding: ReportedFinding) -> str:
    return f"finding-{finding.fingerprint}"


def card_anchor(severity: Severity, rule: str) -> str:
    """Rules of plugins carry a slash in their ids, which is fine in an anchor."""
    return f"{severity.label}-{rule}"


def mode(name: str, say: Translator) -> Mode:
    title, meaning = FAILURE_MODES.get(name, (name, ""))
    return Mode(name, say.text(title), say.text(meaning) if meaning else "")


def _worst_first(group: tuple[tuple[Severity, str], Sequence[ReportedFinding]]) -> tuple[int, str]:
    severity, rule = group[0]
    return -severity, rule


def _card(
    report: Report,
    findings: Sequence[ReportedFinding],
    pictures: Pictures,
    clusters: Mapping[Cluster, str],
    say: Translator,
) -> Card:
    first = findings[0]
    text = report.rule_texts.get(first.rule)
    sections = {} if text is None else text.sections
    shared = _Shared.of(findings, say)
    entries = tuple(_entry(finding, pictures, clusters, shared, say) for finding in findings[: SHOWN + FOLDED_FINDINGS])
    lines = tuple(
        Line(anchor(finding), sentence(finding.message, say))
        for finding in findings[SHOWN + FOLDED_FINDINGS : TOLD_FINDINGS]
    )
    n_folded = len(findings) - SHOWN
    remedies = _remedies(first, say)
    return Card(
        anchor=card_anchor(first.severity, first.rule),
        severity=first.severity,
        mark=severity_mark(first.severity, say),
        rule=first.rule,
        images=images_link(rule=first.rule) if any(finding.subject.paths for finding in findings) else "",
        title=rule_title(text.title, say) if text is not None else first.rule,
        n=len(findings),
        counted=say.value(len(findings), "count"),
        entries=entries[:SHOWN],
        folded=entries[SHOWN:],
        lines=lines,
        folded_title=say.format("{n:count} more of this rule", {"n": n_folded}) if n_folded > 0 else "",
        paired=len(entries) > _ALONE and all(len(entry.pictures) == 1 for entry in entries),
        untold=say.format(
            "{n:count} more are not listed on this page; the JSON report has them all",
            {"n": len(findings) - TOLD_FINDINGS},
        )
        if len(findings) > TOLD_FINDINGS
        else "",
        first_remedy=next(iter((*remedies.data, *remedies.training)), ""),
        remedies=shared.remedies,
        advice=_section(sections, "What to do", say),
        why=_section(sections, "Why it matters", say),
        caveats=_section(sections, "Known limits", say),
        measured=_measured(first, say) if len(findings) == 1 else "",
        limit=shared.limit or "",
        limit_note=shared.limit_note,
        sure=shared.sure or "",
        modes=tuple(mode(name, say) for name in first.points_to),
    )


def _section(sections: Mapping[str, str], heading: str, say: Translator) -> tuple[Paragraph, ...]:
    text = sections.get(heading, "")
    return paragraphs(say.prose(text)) if text else ()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all findings of a card have in common; None, and no remedies, where they differ."""

    limit: str | None
    limit_note: str
    data: bool
    training: bool
    remedies: Remedies
    sure: str | None

    @classmethod
    def of(cls, findings: Sequence[ReportedFinding], say: Translator) -> "_Shared":
        limits = {(_limit(finding, say), _limit_note(finding, say)) for finding in findings}
        limit, note = limits.pop() if len(limits) == 1 else (None, "")
        data = {_rendered(finding.data_remedies, say) for finding in findings}
        training = {_rendered(finding.training_remedies, say) for finding in findings}
        evidence = {finding.evidence for finding in findings}
        return cls(
            limit=limit,
            limit_note=note,
            data=len(data) == 1,
            training=len(training) == 1,
            remedies=Remedies(data.pop() if len(data) == 1 else (), training.pop() if len(training) == 1 else ()),
            sure=say.text(EVIDENCE[evidence.pop()]) if len(evidence) == 1 else None,
        )


def _entry(
    finding: ReportedFinding, pictures: Pictures, clusters: Mapping[Cluster, str], shared: _Shared, say: Translator
) -> Entry:
    subject = finding.subject
    message = sentence(finding.message, say)
    shown = [path for path in subject.paths if pictures.is_image(path)]
    if subject.cluster is not None:
        # The one to keep stands first, where the eye begins to compare.
        keeper = subject.cluster.keeper
        shown = sorted(shown, key=lambda path: path != keeper)
    paths = [path_text(path) for path in subject.paths]
    few = len(paths) <= _FEW_PATHS
    # A path that the sentence has named already needs no line of its own.
    unnamed = [path for path in paths if path not in message] if few else paths
    location, own = finding.location, _remedies(finding, say)
    return Entry(
        anchor=anchor(finding),
        message=message,
        place=""
        if location is None
        else say.format(
            "{file}, line {line:number}, column {column:number}",
            {"file": path_text(subject.name), "line": location.line, "column": location.column},
        )
        if subject.kind == "config"
        else say.format(
            "line {line:number}, column {column:number}", {"line": location.line, "column": location.column}
        ),
        judged="" if shared.limit is not None else _judged(finding, say),
        pictures=pictures.each(shown[:SHOWN]),
        folded=pictures.each(shown[SHOWN : SHOWN + FOLDED_PICTURES]),
        folded_title=_all(len(paths), len(shown), say),
        paths=tuple(unnamed[:FOLDED_PATHS]),
        paths_open=few,
        paths_left=say.format("and {n:count} more", {"n": len(unnamed) - FOLDED_PATHS})
        if len(unnamed) > FOLDED_PATHS
        else "",
        cluster="" if subject.cluster is None else clusters.get(subject.cluster, ""),
        remedies=Remedies(() if shared.data else own.data, () if shared.training else own.training),
        sure="" if shared.sure is not None else say.text(EVIDENCE[finding.evidence]),
    )


def _all(n: int, n_images: int, say: Translator) -> str:
    if n == n_images:
        return counted(Plural("The {n:count} image", "All {n:count} images"), n, say)
    return counted(Plural("The {n:count} file", "All {n:count} files"), n, say)


def _measured(finding: ReportedFinding, say: Translator) -> str:
    measured = finding.measured
    return "" if measured is None else figure(measured.value, measured.unit, say)


def _judged(finding: ReportedFinding, say: Translator) -> str:
    """Figure and limit in one line, where the findings of a card were held against different limits."""
    limit = _limit(finding, say)
    if not limit:
        return ""
    values = {"value": _measured(finding, say), "limit": limit, "note": _limit_note(finding, say)}
    if not values["note"]:
        return say.format("measured {value}, limit {limit}", values)
    return say.format("measured {value}, limit {limit}: {note}", values)


def _limit(finding: ReportedFinding, say: Translator) -> str:
    measured = finding.measured
    if measured is None or measured.limit is None:
        return ""
    return figure(measured.limit, measured.unit, say)


def _limit_note(finding: ReportedFinding, say: Translator) -> str:
    """Where the limit comes from, and the option that sets it."""
    if not _limit(finding, say) or not finding.limit_origin:
        return ""
    assert finding.measured is not None
    if finding.measured.option is None:
        return limit_origin(finding.limit_origin, say)
    return say.format(
        "{origin} ({option})",
        {"origin": limit_origin(finding.limit_origin, say), "option": f"{finding.rule}.{finding.measured.option}"},
    )


def _remedies(finding: ReportedFinding, say: Translator) -> Remedies:
    return Remedies(_rendered(finding.data_remedies, say), _rendered(finding.training_remedies, say))


def _rendered(remedies: Iterable[Message], say: Translator) -> tuple[str, ...]:
    return tuple(sentence(remedy, say) for remedy in remedies)
