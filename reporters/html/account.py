"""What stands behind the review: risks, files left out, rules run, and where everything comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import Context, Excluded, Plural, Report, ReportedFinding, RuleOutcome, Severity, Translator, msgid
from tagmetry.reporters.html.findings import Mode, anchor, card_anchor, mode
from tagmetry.reporters.html.overview import Fact, profile_facts
from tagmetry.reporters.html.wording import (
    COUNTED,
    FAILURE_MODES,
    counted,
    name_text,
    path_text,
    rule_title,
    sentence,
    severity_mark,
)

SHOWN_PATHS: Final = 6
FOLDED_PATHS: Final = 200


@dataclass(frozen=True, slots=True)
class Behind:
    """The findings of one rule behind a risk: a link to its card, or to the one finding."""

    rule: str
    n: str
    anchor: str


@dataclass(frozen=True, slots=True)
class RiskRow:
    mode: Mode
    look: str
    level: str
    filled: tuple[bool, bool, bool]
    behind: tuple[Behind, ...]


@dataclass(frozen=True, slots=True)
class Risks:
    rows: tuple[RiskRow, ...]
    none: tuple[Mode, ...]


_LEVELS: Final = {
    "low": ("note", msgid("low"), 1),
    "medium": ("warning", msgid("medium"), 2),
    "high": ("error", msgid("high"), 3),
}


def risks(report: Report, say: Translator) -> Risks:
    by_fingerprint = {finding.fingerprint: finding for finding in report.findings}
    rows = []
    for risk in report.risks:
        look, level, filled = _LEVELS[risk.level]
        behind = [by_fingerprint[name] for name in risk.because if name in by_fingerprint]
        rows.append(
            RiskRow(
                mode=mode(risk.failure_mode, say),
                look=look,
                level=say.text(level),
                filled=(filled > 0, filled > 1, filled > 2),
                behind=_behind(behind, say),
            )
        )
    rows.sort(key=lambda row: -sum(row.filled))
    pointed = {risk.failure_mode for risk in report.risks}
    return Risks(tuple(rows), tuple(mode(name, say) for name in FAILURE_MODES if name not in pointed))


def _behind(findings: Sequence[ReportedFinding], say: Translator) -> tuple[Behind, ...]:
    groups: dict[tuple[Severity, str], list[ReportedFinding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    return tuple(
        Behind(
            rule,
            counted(COUNTED[severity], len(members), say),
            anchor(members[0]) if len(members) == 1 else card_anchor(severity, rule),
        )
        for (severity, rule), members in groups.items()
        if severity in COUNTED
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files left out for one reason; `n` counts files, of which a hidden folder may stand for many."""

    reason: str
    n: str
    paths: tuple[str, ...]
    folded: tuple[str, ...]
    folded_title: str
    untold: str


_REASONS: Final = {
    "link-inside": "links to files that are read in their own place",
    "second-caption": "a second caption of an image that has one",
    "hidden-folder": "files in hidden folders",
}
"""Reasons whose texts name a file each, told as one group."""


def left_out(report: Report, say: Translator) -> tuple[LeftOut, ...]:
    groups: dict[str, list[Excluded]] = {}
    for entry in report.dataset.excluded:
        reason = say.text(_REASONS[entry.id]) if entry.id in _REASONS else say.render(entry.text)
        groups.setdefault(reason, []).append(entry)
    return tuple(
        _left_out(reason, entries, say)
        for reason, entries in sorted(groups.items(), key=lambda group: (-sum(one.n for one in group[1]), group[0]))
    )


def _left_out(reason: str, entries: Sequence[Excluded], say: Translator) -> LeftOut:
    paths = [path_text(entry.path) for entry in entries[: SHOWN_PATHS + FOLDED_PATHS]]
    untold = len(entries) - len(paths)
    return LeftOut(
        reason=reason,
        n=say.value(sum(entry.n for entry in entries), "count"),
        paths=tuple(paths[:SHOWN_PATHS]),
        folded=tuple(paths[SHOWN_PATHS:]),
        folded_title=say.format("{n:count} more", {"n": len(entries) - SHOWN_PATHS})
        if len(entries) > SHOWN_PATHS
        else "",
        untold=say.format("and {n:count} more", {"n": untold}) if untold else "",
    )


def reported_files(report: Report, say: Translator) -> str:
    """Files that are neither audited nor left out, because a finding tells what is wrong with them."""
    files = report.dataset.files
    n = files.explained - sum(entry.n for entry in report.dataset.excluded)
    if n <= 0:
        return ""
    return say.format(
        Plural(
            "{n:count} further file could not be used; a finding above says why.",
            "{n:count} further files could not be used; findings above say why.",
        ),
        {"n": n},
    )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What became of a rule: `anchor` leads to the worst card of a rule that found something."""

    rule: str
    title: str
    look: str
    outcome: str
    reason: str
    anchor: str


_OUTCOMES: Final = {
    "failed": ("error", msgid("failed")),
    "found": ("note", msgid("found")),
    "skipped": ("skipped", msgid("not judged")),
    "clean": ("good", msgid("clean")),
    "off": ("off", msgid("off")),
}
"""Outcomes in the order of the table, with look and word."""

_FINDINGS: Final = Plural("{n:count} finding", "{n:count} findings")


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules with one outcome."""

    title: str
    n: str
    rows: tuple[RuleRow, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Rules:
    summary: str
    groups: tuple[RuleGroup, ...]


_GROUPS: Final = {
    "failed": msgid("Rules that failed"),
    "found": msgid("Rules that found something"),
    "skipped": msgid("Rules that could not judge, with the reason"),
    "clean": msgid("Rules that looked and found nothing"),
    "off": msgid("Rules that are off"),
}
_OPEN: Final = ("failed", "found")


def rules(report: Report, say: Translator) -> Rules:
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        if finding.status == "open":
            worst[finding.rule] = max(finding.severity, worst.get(finding.rule, Severity.OFF))
    order = list(_OUTCOMES)
    lines = sorted(
        report.rules,
        key=lambda line: (order.index(line.outcome), -worst.get(line.rule, Severity.OFF), line.rule),
    )
    counts = {name: sum(1 for line in lines if line.outcome == name) for name in order}
    parts = [
        counted(
            Plural("{n:count} rule has judged", "{n:count} rules have judged"), counts["found"] + counts["clean"], say
        )
    ]
    for name, text in (
        ("skipped", msgid("{n:count} could not judge")),
        ("failed", msgid("{n:count} failed")),
        ("off", msgid("{n:count} off")),
    ):
        if counts[name]:
            parts.append(say.format(text, {"n": counts[name]}))
    groups = []
    for outcome, title in _GROUPS.items():
        rows = tuple(_rule(report, line, worst.get(line.rule), say) for line in lines if line.outcome == outcome)
        if rows:
            groups.append(RuleGroup(say.text(title), say.value(len(rows), "count"), rows, open=outcome in _OPEN))
    return Rules("; ".join(parts) + ".", tuple(groups))


def _rule(report: Report, line: RuleOutcome, worst: Severity | None, say: Translator) -> RuleRow:
    look, word = _OUTCOMES[line.outcome]
    outcome = say.text(word)
    if line.outcome == "found":
        outcome = counted(_FINDINGS, line.n, say)
        look = severity_mark(worst, say).look if worst is not None else look
    text = report.rule_texts.get(line.rule)
    return RuleRow(
        rule=line.rule,
        title=rule_title(text.title, say) if text is not None else "",
        look=look,
        outcome=outcome,
        reason=_reason(line, say),
        anchor=card_anchor(worst, line.rule) if worst is not None else "",
    )


def _reason(line: RuleOutcome, say: Translator) -> str:
    """Why a rule did not judge; one that judged some concepts or files and not others says so."""
    if line.reason is None:
        return ""
    reason = say.render(line.reason)
    return say.format("not judged in part: {reason}", {"reason": reason}) if line.outcome == "clean" else reason


@dataclass(frozen=True, slots=True)
class Provenance:
    facts: tuple[Fact, ...]
    profile: tuple[Fact, ...]
    metrics: tuple[Fact, ...]
    plugins: tuple[Fact, ...]
    notices: tuple[str, ...]


def provenance(report: Report, context: Context, say: Translator) -> Provenance:
    policy = report.policy
    facts = [Fact(say.text("Tagmetry"), name_text(report.version))]
    if context.absolute_paths:
        facts.append(Fact(say.text("dataset"), path_text(str(report.dataset.path))))
    if context.command:
        facts.append(Fact(say.text("command"), name_text(context.command)))
    facts += [
        Fact(say.text("policy"), name_text(policy.name)),
        Fact(say.text("policy read from"), ", ".join(name_text(source) for source in policy.sources)),
        Fact(say.text("policy's SHA-256"), policy.sha256),
        Fact(
            say.text("token counter"),
            name_text(report.token_counter),
            say.text("exact") if report.tokens_exact else say.text("an estimate"),
        ),
    ]
    return Provenance(
        facts=tuple(facts),
        profile=profile_facts(report, say),
        metrics=tuple(
            Fact(name, say.value(round(value, 4), "number")) for name, value in sorted(report.metrics.items())
        ),
        plugins=tuple(
            Fact(
                name_text(plugin.name),
                name_text(plugin.version),
                say.text("loaded")
                if plugin.outcome == "loaded"
                else say.format("failed: {reason}", {"reason": plugin.reason}),
            )
            for plugin in report.plugins
        ),
        notices=tuple(sentence(notice, say) for notice in report.notices),
    )
