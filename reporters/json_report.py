"""The JSON report: the public contract `tagmetry-report/1`, built field by field.

Texts are English whatever the language of the run, with message ids and values beside them. Paths are relative to the
root. The same report gives the same bytes.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from tagmetry.api import (
    Cluster,
    Context,
    File,
    Message,
    NoOptions,
    Report,
    ReportedFinding,
    Reporter,
    plan_as_data,
    rounded,
)

FORMAT: Final = "tagmetry-report/1"

reporter = Reporter("json", doc="The whole report for programs; also the baseline for later runs.", options=NoOptions)


@reporter.render
def render(report: Report, options: NoOptions, context: Context) -> Iterator[File]:
    text = json.dumps(
        as_data(report, absolute_paths=context.absolute_paths), indent=2, ensure_ascii=False, allow_nan=False
    )
    yield File("", text + "\n")


def as_data(report: Report, *, absolute_paths: bool = False) -> dict[str, Any]:
    """The report as plain data in the order of the contract."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "tool": {"name": "tagmetry", "version": report.version},
        "dataset": _dataset(report),
        "policy": {
            "name": report.policy.name,
            "sources": list(report.policy.sources),
            "sha256": report.policy.sha256,
            "profile": {
                key: {"value": setting.value, "origin": setting.origin}
                | ({"place": setting.place} if setting.place else {})
                | ({"basis": setting.basis.english()} if setting.basis is not None else {})
                for key, setting in report.policy.profile.items()
            },
        },
        "metrics": {name: rounded(value) for name, value in report.metrics.items()},
        "tokens": {"counter": report.token_counter, "exact": report.tokens_exact},
        "findings": [_finding(finding) for finding in report.findings],
        "clusters": [
            {
                "kind": cluster.kind,
                "paths": list(cluster.paths),
                "keeper": cluster.keeper,
                "distances": [list(row) for row in cluster.distances],
                "likeness": [rounded(alike.likeness) for alike in cluster.alike],
                "kinds": [alike.kind for alike in cluster.alike],
                "variants": _variants(cluster),
            }
            for cluster in report.clusters
        ],
        "coverage": [
            {
                "concept": row.concept,
                "group": row.group,
                "n": row.n,
                "named": row.named,
                "n_values": row.n_values,
                "values": [{"tag": tag, "n": n} for tag, n in row.values],
                "entropy": None if row.entropy is None else rounded(row.entropy),
                "never": list(row.never),
                "estimated": row.estimated,
            }
            for row in report.coverage
        ],
        "preview": report.preview,
        "plan": plan_as_data(report.plan),
        "risks": [
            {
                "failure_mode": risk.failure_mode,
                "level": risk.level,
                "because": list(risk.because),
                "condition": risk.condition,
                "condition_origin": risk.place,
            }
            for risk in report.risks
        ],
        "rules": [
            {"rule": line.rule, "outcome": line.outcome, "reason": _text(line.reason), "n": line.n}
            for line in report.rules
            if line.outcome != "off"
        ],
        "rules_off": [line.rule for line in report.rules if line.outcome == "off"],
        "plugins": [
            {
                "name": plugin.name,
                "version": plugin.version,
                "distribution": plugin.distribution,
                "outcome": plugin.outcome,
                "reason": plugin.reason,
            }
            for plugin in report.plugins
        ],
        "failures": [
            {
                "kind": failure.kind,
                "name": failure.name,
                "plugin": failure.plugin,
                "version": failure.version,
                "reason": failure.reason,
            }
            | ({"n": failure.n} if failure.n else {})
            for failure in report.failures
        ],
        "notices": [notice.english() for notice in report.notices],
        "summary": {
            "error": report.summary.error,
            "warning": report.summary.warning,
            "info": report.summary.info,
            "suppressed": report.summary.suppressed,
            "known": report.summary.known,
            "tolerated": report.summary.tolerated,
            "verdict": report.summary.verdict,
        },
    }
    if report.baseline is not None:
        data["baseline"] = {
            "new": report.baseline.n_new,
            "known": report.baseline.n_known,
            "fixed": [
                {"fingerprint": one.fingerprint, "rule": one.rule, "severity": one.severity, "message": one.message}
                for one in report.baseline.fixed
            ],
            "not_judged": report.baseline.n_not_judged,
        }
    if absolute_paths:
        data["dataset"]["path"] = str(report.dataset.path)
    return data


def _variants(cluster: Cluster) -> list[str]:
    """The images of a cluster in which a detail is another than in its keeper."""
    if not cluster.alike:
        return []
    return [path for path, alike in zip(cluster.paths, cluster.alike, strict=True) if alike.variant]


def _dataset(report: Report) -> dict[str, Any]:
    dataset = report.dataset
    return {
        "root": dataset.root,
        "layout": dataset.layout,
        "configs": list(dataset.configs),
        "n_images": dataset.n_images,
        "n_captions": dataset.n_captions,
        "files": {
            "seen": dataset.files.seen,
            "audited_images": dataset.files.audited_images,
            "used_captions": dataset.files.used_captions,
            "explained": dataset.files.explained,
        },
        "excluded": [
            {"path": entry.path, "reason": {"id": entry.id, "text": entry.text.english()}}
            | ({"n": entry.n} if entry.n != 1 else {})
            for entry in dataset.excluded
        ],
        "concepts": [
            {
                "name": concept.name,
                "role": concept.role,
                "n": concept.n,
                "effective_n": concept.effective_n,
                "trigger": concept.trigger,
                "trigger_origin": concept.trigger_origin or None,
                "class_word": concept.class_word,
                "repeats": rounded(concept.repeats),
            }
            for concept in dataset.concepts
        ],
    }


def _finding(finding: ReportedFinding) -> dict[str, Any]:
    measured = finding.measured
    data: dict[str, Any] = {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity.label,
        "status": finding.status,
        "message": finding.message.english(),
        "message_id": finding.message_id,
        "values": {name: _value(value) for name, value in finding.values.items()},
        "subject": {"kind": finding.subject.kind, "name": finding.subject.name, "paths": list(finding.subject.paths)},
        "evidence": finding.evidence,
        "points_to": list(finding.points_to),
        "remedies": {
            "data": [remedy.english() for remedy in finding.data_remedies],
            "training": [remedy.english() for remedy in finding.training_remedies],
        },
    }
    if measured is not None:
        data["measured"] = {
            "metric": measured.metric,
            "value": rounded(measured.value),
            "limit": None if measured.limit is None else rounded(measured.limit),
            "limit_origin": finding.limit_origin or None,
            "unit": measured.unit,
        }
    if finding.suppressed_by is not None:
        by = finding.suppressed_by
        data["suppression"] = {"reason": by.reason, "expires": by.expires or None, "place": by.place}
    if finding.location is not None:
        data["location"] = {"line": finding.location.line, "column": finding.location.column}
    return data


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return rounded(value) if isinstance(value, float) else value


def _text(text: Message | None) -> str:
    return "" if text is None else text.english()
