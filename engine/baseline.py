"""Earlier reports: what was known, what is new, what is fixed, by fingerprint."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.messages import Message, message

FORMAT: Final = "tagmetry-report/1"
LARGEST_REPORT_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """A finding of an earlier report: what it takes to compare and to show it."""

    fingerprint: str
    rule: str
    severity: Severity
    status: str
    message: str
    subject: str
    former: tuple[str, ...] = ()
    """The fingerprints that it had under former ids of its rule."""

    def is_among(self, fingerprints: frozenset[str]) -> bool:
        return self.fingerprint in fingerprints or not fingerprints.isdisjoint(self.former)


@dataclass(frozen=True, slots=True)
class SavedReport:
    """An earlier report. `judged` are the rules that judged, whether they found anything or not."""

    findings: tuple[SavedFinding, ...]
    judged: frozenset[str]

    @property
    def fingerprints(self) -> frozenset[str]:
        return frozenset(name for one in self.findings for name in (one.fingerprint, *one.former))

    @property
    def known(self) -> frozenset[str]:
        """The fingerprints of what was seen and not suppressed: once a suppression ends, its findings are new."""
        return frozenset(one.fingerprint for one in self.findings if one.status != "suppressed")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report against an earlier one. `gone` are those whose rule did not judge this time, so nobody knows."""

    new: tuple[SavedFinding, ...]
    known: tuple[SavedFinding, ...]
    fixed: tuple[SavedFinding, ...]
    gone: tuple[SavedFinding, ...]


def compared(before: SavedReport, after: SavedReport) -> Comparison:
    """What is new, known and fixed in `after`. What it suppresses is none of these."""
    known = before.known
    open_now = [one for one in after.findings if one.status != "suppressed"]
    still = after.fingerprints
    missing = [one for one in before.findings if one.fingerprint in known and one.fingerprint not in still]
    return Comparison(
        new=tuple(one for one in open_now if not one.is_among(known)),
        known=tuple(one for one in open_now if one.is_among(known)),
        fixed=tuple(one for one in missing if one.rule in after.judged),
        gone=tuple(one for one in missing if one.rule not in after.judged),
    )


def read_report(path: Path) -> SavedReport:
    """A JSON report as an earlier run wrote it. Raises UsageError for what is none."""
    return saved_report(read_data(path), path)


def read_data(path: Path) -> Mapping[str, Any]:
    """The data of a JSON report, of which only the format was looked at. Raises UsageError for what is none."""
    try:
        if path.stat().st_size > LARGEST_REPORT_BYTES:
            raise UsageError(message("{path} is too large for a report", path=str(path)))
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(message("{path} cannot be read: {reason}", path=str(path), reason=reason)) from error
    except (ValueError, RecursionError) as error:
        raise no_report(path, message("it is not JSON")) from error
    if not isinstance(data, Mapping) or not isinstance(data.get("format"), str):
        raise no_report(path, message("it has no format"))
    if data["format"] != FORMAT:
        raise no_report(path, message("its format is {format}, not {ours}", format=data["format"][:80], ours=FORMAT))
    return data


def saved_report(data: Mapping[str, Any], path: Path) -> SavedReport:
    """What a report's data say of findings and rules; `path` is for the error. Raises UsageError."""
    try:
        findings = tuple(_finding(one) for one in _listed(data, "findings"))
        judged = frozenset(
            _text(one, "rule") for one in _listed(data, "rules") if one.get("outcome") in ("found", "clean")
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise no_report(path, message("its findings or rules are not written as a report writes them")) from error
    return SavedReport(findings, judged)


def no_report(path: Path, reason: Message) -> UsageError:
    """The error for a file that is no report, with the reason and the way to one."""
    return UsageError(
        message("{path} is no report: {reason}", path=str(path), reason=reason.english()),
        message("write one with: tagmetry check DATASET -o json=report.json"),
    )


def _listed(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = data[key]
    if not isinstance(found, list):
        raise TypeError(key)
    return found


def _finding(data: Mapping[str, Any]) -> SavedFinding:
    return SavedFinding(
        fingerprint=_text(data, "fingerprint"),
        rule=_text(data, "rule"),
        severity=Severity[_text(data, "severity").upper()],
        status=_text(data, "status"),
        message=_text(data, "message"),
        subject=_text(data["subject"], "name"),
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data[key]
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def at_or_above(findings: Iterable[SavedFinding], fail_on: str) -> bool:
    """Whether any finding that counts reaches a severity; `never` is reached by none."""
    if fail_on == "never":
        return False
    limit = Severity[fail_on.upper()]
    return any(one.severity >= limit and one.status in ("open", "known") for one in findings)
