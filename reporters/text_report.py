"""The report on a terminal: what was read, what was found and what to do, the verdict last, where the eye rests."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tagmetry.api import (
    Context,
    File,
    Plural,
    Report,
    ReportedFinding,
    Reporter,
    Severity,
    Template,
    message,
    msgid,
    option,
    visible,
    wrapped,
)

SHOWN_PER_RULE: Final = 5
"""Findings of one rule that are told one by one; the rest is counted."""

SHOWN_PATHS: Final = 3
_LEFT_OUT_PATHS: Final = 2

SHOWN_SKIPPED: Final = 6
"""Rules named that could not judge for one reason; more are counted, unless -v is given."""

SHOWN_CONCEPTS: Final = 20
"""Concepts that are told one by one, in the head and in the plan; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Options:
    concise: bool = option(False, "One line per finding: path: severity rule: message.")
    all: bool = option(False, "Every finding, however many there are of one rule.")


reporter = Reporter("text", doc="The report as text for people.", options=Options)


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    lines = _concise(report, context) if options.concise else _full(report, options, context)
    yield File("", "\n".join(line.rstrip() for line in lines) + "\n")


def _concise(report: Report, context: Context) -> Iterator[str]:
    for finding in report.findings:
        # A tag or concept stands on many images; naming the first of them would blame it alone. A group of
        # duplicates is named by the image to keep.
        has_place = finding.subject.kind in ("sample", "caption", "file", "config") and finding.subject.paths
        place = visible(finding.subject.paths[0] if has_place else finding.subject.name)
        if finding.location is not None:
            place += f":{finding.location.line}:{finding.location.column}"
        severity = context.translator.text(finding.severity.label)
        status = f" [{_status(finding, context)}]" if finding.status != "open" else ""
        yield f"{place}: {severity} {finding.rule}: {context.translator.render(finding.message)}{status}"


def _status(finding: ReportedFinding, context: Context) -> str:
    """Why a finding does not count."""
    say, by = context.translator, finding.suppressed_by
    if by is None:
        return say.text(finding.status)
    if by.expires:
        values = {"reason": by.reason, "day": by.expires}
        return say.format("suppressed until {day}: {reason}", values)
    return say.format("suppressed: {reason}", {"reason": by.reason})


@dataclass(frozen=True, slots=True)
class _Ink:
    """Signs and colours that the terminal can show."""

    context: Context

    def sign(self, severity: Severity) -> str:
        rich, plain = {
            Severity.ERROR: ("✖", "x"),
            Severity.WARNING: ("▲", "!"),
            Severity.INFO: ("●", "i"),
            Severity.OFF: ("", ""),
        }[severity]
        return rich if self.context.encodable(rich) else plain

    def colored(self, text: str, severity: Severity) -> str:
        code = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36", Severity.OFF: "0"}[severity]
        return self.code(text, code)

    def bold(self, text: str) -> str:
        return self.code(text, "1")

    def dim(self, text: str) -> str:
        return self.code(text, "2")

    def code(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.context.color else text


def _full(report: Report, options: Options, context: Context) -> Iterator[str]:
    ink = _Ink(context)
    if context.verbosity >= 0:
        yield from _what_was_read(report, context, ink)
        yield ""
        yield from _findings(report, options, context, ink)
        yield from _set_aside(report, options, context, ink)
        yield from _risks(report, context, ink)
        yield from _plan(report, context, ink)
        yield from _skipped(report, context, ink)
    yield from _verdict(report, context, ink)


def _what_was_read(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    say = context.translator
    dataset, files = report.dataset, report.dataset.files
    name = str(dataset.path) if context.absolute_paths else dataset.root
    yield ink.bold(visible(name)) + f"  ({dataset.layout})"
    if dataset.configs:
        names = ", ".join(visible(name) for name in dataset.configs)
        yield from wrapped(say.format("config: {names}", {"names": names}), context.width, indent="    ", first="  ")
    seen = say.format(Plural("{n:count} file seen", "{n:count} files seen"), {"n": files.seen})
    told = [
        say.format(Plural("{n:count} image audited", "{n:count} images audited"), {"n": files.audited_images}),
        say.format(Plural("{n:count} caption used", "{n:count} captions used"), {"n": files.used_captions}),
        say.format("{n:count} explained", {"n": files.explained}),
    ]
    yield from wrapped(f"{seen} = {' + '.join(told)}", context.width, indent="  ")
    if dataset.n_captions and not files.used_captions:
        read = Plural("{n:count} caption stands in a manifest", "{n:count} captions stand in a manifest")
        yield "  " + say.format(read, {"n": dataset.n_captions})
    shown = dataset.concepts if context.verbosity > 0 else dataset.concepts[:SHOWN_CONCEPTS]
    for concept in shown:
        parts = [say.format(Plural("{n:count} image", "{n:count} images"), {"n": concept.n})]
        if concept.effective_n != concept.n:
            parts.append(
                say.format(
                    Plural("{n:count} different picture", "{n:count} different pictures"), {"n": concept.effective_n}
                )
            )
        if concept.repeats != 1:
            parts.append(say.format("repeats {n:number}", {"n": round(concept.repeats, 2)}))
        if concept.trigger is not None:
            inferred = say.text(" (inferred)") if concept.trigger_origin == "inferred" else ""
            parts.append(say.format('trigger "{trigger}"', {"trigger": concept.trigger}) + inferred)
        if concept.class_word is not None:
            parts.append(say.format('class word "{word}"', {"word": concept.class_word}))
        role = "" if concept.role == "train" else f" [{say.text(concept.role)}]"
        yield from wrapped(
            f"{visible(concept.name)}{role}: {', '.join(parts)}", context.width, indent="    ", first="  "
        )
        if context.verbosity > 0:
            yield from _never_named(report, concept.name, context)
    yield from _more_concepts(len(dataset.concepts) - len(shown), context)
    yield from _left_out(report, context, ink)
    policy = f"{say.text('policy')}: {visible(report.policy.name)}"
    known = [
        f"{key}={visible(str(report.policy.profile[key].value))}"
        for key in ("base_model", "purpose", "trainer", "caption_style")
        if report.policy.profile[key].value not in (None, "auto")
    ]
    yield from wrapped("; ".join([policy, *known]), context.width, indent="    ", first="  ")


def _never_named(report: Report, concept: str, context: Context) -> Iterator[str]:
    """What the captions of a training concept never speak of; the whole table is in the JSON report."""
    silent = tuple(row.group.replace("_", " ") for row in report.coverage if row.concept == concept and not row.named)
    if silent:
        text = context.translator.format("no caption names anything of: {groups}", {"groups": silent})
        yield from wrapped(text, context.width, indent="      ", first="    ")


def _more_concepts(n: int, context: Context) -> Iterator[str]:
    if n > 0:
        more = message(
            Plural("… and {n:count} more concept (-v shows all)", "… and {n:count} more concepts (-v shows all)"), n=n
        )
        yield "  " + context.translator.render(more)


def _left_out(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    """Files that are no part of the audit, grouped by their reason."""
    say = context.translator
    reasons: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for entry in report.dataset.excluded:
        text = say.text(_REASONS[entry.id]) if entry.id in _REASONS else say.render(entry.text)
        reasons.setdefault(text, []).append(entry.path)
        counts[text] = counts.get(text, 0) + entry.n
    for text, paths in reasons.items():
        shown = ", ".join(visible(path) for path in paths[:_LEFT_OUT_PATHS])
        more = ", …" if len(paths) > _LEFT_OUT_PATHS else ""
        line = say.format("left out, {n:count}: ", {"n": counts[text]}) + f"{text} ({shown}{more})"
        for part in wrapped(line, context.width, indent="    ", first="  "):
            yield ink.dim(part)


_REASONS: Final = {
    "link-inside": "links to files that are read in their own place",
    "second-caption": "a second caption of an image that has one",
    "hidden-folder": "hidden folders",
}
"""Reasons whose texts name a file each, told as one group."""


def _findings(report: Report, options: Options, context: Context, ink: _Ink) -> Iterator[str]:
    groups: dict[tuple[Severity, str], list[ReportedFinding]] = {}
    for finding in report.findings:
        if finding.status != "open" or (finding.severity is Severity.INFO and context.verbosity < 0):
            continue
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    limit = len(report.findings) if options.all or context.verbosity > 0 else SHOWN_PER_RULE
    for (severity, rule), findings in groups.items():
        head = f"{ink.sign(severity)} {context.translator.text(severity.label)}"
        yield f"{ink.colored(head, severity)}  {ink.bold(rule)}"
        shown = findings[:limit]
        limits = [_limit(finding, context) for finding in shown]
        is_one_limit = len(set(limits)) == 1
        for finding, told in zip(shown, limits, strict=True):
            yield from wrapped(context.translator.render(finding.message), context.width, indent="    ", first="  ")
            parts = [_place(finding, context), "" if is_one_limit else told]
            yield from _aside("; ".join(part for part in parts if part), context, ink)
        if len(findings) > limit:
            more = message("… and {n:count} more of this rule (-v shows all)", n=len(findings) - limit)
            yield "  " + context.translator.render(more)
        if is_one_limit:
            yield from _aside(limits[0], context, ink)
        yield from _remedies(shown, context)
        yield ""


def _set_aside(report: Report, options: Options, context: Context, ink: _Ink) -> Iterator[str]:
    """The findings that do not count, by rule and by why."""
    say = context.translator
    groups: dict[tuple[str, str], list[ReportedFinding]] = {}
    for finding in report.findings:
        if finding.status != "open":
            groups.setdefault((finding.rule, _status(finding, context)), []).append(finding)
    if groups:
        yield ink.bold(say.text("findings that do not count"))
    is_all = options.all or context.verbosity > 0
    for (rule, why), findings in groups.items():
        n = say.format(Plural("{n:count} finding", "{n:count} findings"), {"n": len(findings)})
        for line in wrapped(f"{rule}: {n}, {why}", context.width, indent="    ", first="  "):
            yield ink.dim(line)
        for finding in findings if is_all else ():
            for line in wrapped(say.render(finding.message), context.width, indent="      ", first="    "):
                yield ink.dim(line)
    if groups:
        yield ""


_LEVELS: Final = {
    "high": (msgid("high"), Severity.ERROR),
    "medium": (msgid("medium"), Severity.WARNING),
    "low": (msgid("low"), Severity.INFO),
}
"""Levels of risk, the highest first, and the colour they have."""


def _risks(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    """Per failure mode its level, and the rules whose findings point there; -v also tells how the level came about."""
    if not report.risks:
        return
    say = context.translator
    rule_of = {finding.fingerprint: finding.rule for finding in report.findings}
    yield ink.bold(say.text("risks"))
    yield from wrapped(
        say.text("what the findings point to; no symptom was seen, for nothing has been trained"),
        context.width,
        indent="  ",
    )
    for level, (word, severity) in _LEVELS.items():
        for risk in report.risks:
            if risk.level != level:
                continue
            counts = Counter(rule_of[fingerprint] for fingerprint in risk.because)
            rules = ", ".join(f"{rule} ({n})" if n > 1 else rule for rule, n in counts.items())
            values = {"mode": risk.failure_mode, "level": say.text(word), "rules": rules}
            text = say.format("{mode}, {level}: {rules}", values)
            if context.verbosity > 0 and risk.condition:
                text += f" [{risk.condition}]"
            first, *others = wrapped(text, context.width, indent="    ", first="  ")
            yield "  " + ink.colored(first[2:], severity)
            yield from others
    yield ""


def _aside(text: str, context: Context, ink: _Ink) -> Iterator[str]:
    """A line beside the message, less bright; nothing where there is nothing to say."""
    for line in wrapped(text, context.width, indent="    ") if text else ():
        yield ink.dim(line)


def _place(finding: ReportedFinding, context: Context) -> str:
    """Where it is, unless the message says so."""
    # A tag or pair is told by its message; its images are many and stand in the other outputs.
    if finding.subject.kind in ("tag", "pair") and context.verbosity <= 0:
        return ""
    say = context.translator
    text = say.render(finding.message)
    untold = [path for path in finding.subject.paths if visible(path) not in text]
    # A caption's message names the image or its file; the other one says nothing more. Where a message names the first
    # of several images, it has said which are meant.
    if finding.subject.kind in ("caption", "concept") and len(untold) < len(finding.subject.paths):
        return ""
    place = ""
    if finding.subject.kind == "config" and finding.location is not None:
        place = f"{visible(finding.subject.name)}:{finding.location.line}"
        untold = [path for path in untold if path != finding.subject.name]
    shown = untold[: len(untold) if context.verbosity > 0 else SHOWN_PATHS]
    told = ", ".join(part for part in (place, *(visible(path) for path in shown)) if part)
    if len(untold) > len(shown):
        told += say.format(" and {n:count} more", {"n": len(untold) - len(shown)})
    return told


_LIMIT_SOURCES: Final = {
    "S0": "advice on balancing",
    "S1": "advice on failure modes",
    "S2": "experience with Flux",
    "trainer": "the trainer's code",
    "tagmetry": "Tagmetry's choice",
    "plugin": "the plugin's choice",
}


def _limit(finding: ReportedFinding, context: Context) -> str:
    """The limit that was held against, and where it comes from."""
    if finding.measured is None or finding.measured.limit is None or not finding.limit_origin:
        return ""
    say, origin = context.translator, finding.limit_origin
    told = say.text(_LIMIT_SOURCES[origin]) if origin in _LIMIT_SOURCES else origin
    limit = _figure(finding.measured.limit, finding.measured.unit, context)
    return say.format("limit: {limit} ({origin})", {"limit": limit, "origin": told})


def _figure(value: float, unit: str | None, context: Context) -> str:
    kind = {"share": "percent", "px": "px", "bits": "bits", "tokens": "tokens", "bytes": "bytes"}.get(
        unit or "", "number"
    )
    return context.translator.value(value, kind)


def _remedies(findings: Sequence[ReportedFinding], context: Context) -> Iterator[str]:
    """What to do about the findings of one rule: each remedy once, in the words of the first finding that has it."""
    say = context.translator
    for name, kind in (
        (say.text("data"), [finding.data_remedies for finding in findings]),
        (say.text("training"), [finding.training_remedies for finding in findings]),
    ):
        texts: dict[Template, dict[str, None]] = {}
        for remedy in (remedy for remedies in kind for remedy in remedies):
            texts.setdefault(remedy.template, {})[say.render(remedy)] = None
        for told in texts.values():
            text = next(iter(told))
            if len(told) > 1:
                text += say.text(" (likewise for the others)")
            yield from wrapped(text, context.width, indent=" " * 5, first=f"  -> {name}: ")


def _plan(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    say, plan = context.translator, report.plan
    taken = plan.trace[-1] if plan.trace else None
    if taken is None:
        return
    yield ink.bold(say.text("balance plan"))
    for step in plan.trace:
        told = f"{say.text(step.node)}: {say.render(step.value)}; {say.render(step.taken)}"
        yield from wrapped(told, context.width, indent="    ", first="  ")
    changed = [
        concept
        for concept in plan.concepts
        if concept.role == "train" and concept.repeats_after != concept.repeats_before
    ]
    shown = changed if context.verbosity > 0 else changed[:SHOWN_CONCEPTS]
    for concept in shown:
        text = say.format(
            "{name}: repeats {before:number} -> {after:number}",
            {"name": concept.name, "before": round(concept.repeats_before, 2), "after": concept.repeats_after},
        )
        yield from wrapped(text, context.width, indent="    ", first="  ")
    yield from _more_concepts(len(changed) - len(shown), context)
    for advice in plan.advice:
        yield from wrapped(say.render(advice), context.width, indent="    ", first="  ")
    yield ""


def _skipped(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    """What could not judge, and what broke: silence must mean that somebody looked."""
    say = context.translator
    reasons: dict[str, list[str]] = {}
    for line in report.rules:
        if line.outcome == "skipped" and line.reason is not None:
            reasons.setdefault(say.render(line.reason), []).append(line.rule)
    for reason, rules in reasons.items():
        if len(rules) > SHOWN_SKIPPED and context.verbosity == 0:
            text = say.format(
                "not judged ({reason}): {n:count} rules; -v names them", {"reason": reason, "n": len(rules)}
            )
        else:
            text = say.format("not judged ({reason}): ", {"reason": reason}) + ", ".join(rules)
        for part in wrapped(text, context.width, indent="  ", first=""):
            yield ink.dim(part)
    for failure in report.failures:
        for part in wrapped(say.render(failure.text()), context.width, indent="  ", first=""):
            yield ink.colored(part, Severity.ERROR)
    if reasons or report.failures:
        yield ""


_VERDICTS: Final[dict[str, tuple[str, Severity]]] = {
    "ready": (msgid("READY: nothing stands in the way of training"), Severity.INFO),
    "ready-with-warnings": (msgid("READY WITH WARNINGS: training works, the result may suffer"), Severity.WARNING),
    "not-ready": (msgid("NOT READY: mend the errors before training"), Severity.ERROR),
    "incomplete": (msgid("INCOMPLETE: something failed, so this says less than it should"), Severity.ERROR),
}


def _verdict(report: Report, context: Context, ink: _Ink) -> Iterator[str]:
    say, summary = context.translator, report.summary
    text, severity = _VERDICTS[summary.verdict]
    yield ink.code(
        say.text(text), "1;32" if summary.verdict == "ready" else "1;31" if severity is Severity.ERROR else "1;33"
    )
    counts = [
        say.render(message(Plural("{n:count} error", "{n:count} errors"), n=summary.error)),
        say.render(message(Plural("{n:count} warning", "{n:count} warnings"), n=summary.warning)),
        say.render(message(Plural("{n:count} note", "{n:count} notes"), n=summary.info)),
    ]
    if summary.suppressed:
        counts.append(say.render(message("{n:count} suppressed by the policy", n=summary.suppressed)))
    if summary.known:
        counts.append(say.render(message("{n:count} known", n=summary.known)))
    if summary.tolerated:
        counts.append(say.render(message("{n:count} tolerated", n=summary.tolerated)))
    yield "  " + ", ".join(counts)
    if report.baseline is not None:
        new, fixed = report.baseline.n_new, len(report.baseline.fixed)
        told = message("since the baseline: {new:count} new, {fixed:count} fixed", new=new, fixed=fixed)
        yield "  " + say.render(told)
