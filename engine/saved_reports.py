"""Saved JSON reports as rows of an overview: what each run counted, and what changed since the run before it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tagmetry.baseline import SavedFinding, SavedReport, compared, no_report, read_data, saved_report
from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.messages import message

VERDICTS: Final = ("ready", "ready-with-warnings", "not-ready", "incomplete")
_LEVELS: Final = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class RunChanges:
    """A run against the one before it. `gone` findings are missing because their rule did not judge this time."""

    new: int
    fixed: int
    gone: int
    same_policy: bool


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What a saved report says of its dataset as a whole.

    `file` is the report's own name, `root` that of the dataset's folder, and `dataset` tells datasets apart: the
    folder's place where the report holds it, else `root`. `rules` are the open findings by rule and severity, `risks`
    the level of each failure mode, `profile` the settings that have a value. `changes` is None in a first run.
    """

    file: str
    dataset: str
    root: str
    layout: str
    n_images: int
    n_captions: int
    n_concepts: int
    version: str
    policy: str
    profile: Mapping[str, str]
    metrics: Mapping[str, float]
    verdict: str
    errors: int
    warnings: int
    notes: int
    rules: Mapping[tuple[str, Severity], int]
    risks: Mapping[str, str]
    changes: RunChanges | None


def report_files(given: Sequence[Path]) -> tuple[Path, ...]:
    """The files named by `--from`; a folder stands for its `.json` files in the order of their names.

    Raises UsageError for a folder without any, and for a file that is named twice.
    """
    found: list[Path] = []
    for path in given:
        found += _within(path) if path.is_dir() else [path]
    places = Counter(path.resolve() for path in found)
    for path in found:
        if places[path.resolve()] > 1:
            raise UsageError(
                message("{path} is named twice", path=str(path)), message("each report is one run; name it once")
            )
    return tuple(found)


def _within(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json" and path.is_file())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(message("{path} cannot be read: {reason}", path=str(folder), reason=reason)) from error
    if not found:
        raise UsageError(
            message("{path} holds no JSON reports", path=str(folder)),
            message("write one with: tagmetry check DATASET -o json=report.json"),
        )
    return found


def read_runs(files: Sequence[Path]) -> Iterator[SavedRun]:
    """The runs in the given order, each compared with the one of its dataset before it. Raises UsageError.

    One report is in memory at a time, beside the findings of the last run of each dataset.
    """
    last: dict[str, tuple[SavedReport, str]] = {}
    for path in files:
        data = read_data(path)
        after = saved_report(data, path)
        try:
            dataset, sha256 = _identity(data), _text(data["policy"], "sha256")
            before = last.get(dataset)
            changes = None if before is None else _changes(before[0], after, same_policy=before[1] == sha256)
            run = _run(data, path, after, changes)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise no_report(path, message("it is not written as a report is")) from error
        last[dataset] = after, sha256
        yield run


def _identity(data: Mapping[str, Any]) -> str:
    dataset = data["dataset"]
    return _text(dataset, "path") if "path" in dataset else _text(dataset, "root")


def _changes(before: SavedReport, after: SavedReport, *, same_policy: bool) -> RunChanges:
    found = compared(before, after)
    return RunChanges(len(found.new), len(found.fixed), len(found.gone), same_policy)


def _run(data: Mapping[str, Any], path: Path, saved: SavedReport, changes: RunChanges | None) -> SavedRun:
    dataset, policy, summary = data["dataset"], data["policy"], data["summary"]
    verdict = _text(summary, "verdict")
    if verdict not in VERDICTS:
        raise ValueError(verdict)
    return SavedRun(
        file=path.name,
        dataset=_identity(data),
        root=_text(dataset, "root"),
        layout=_text(dataset, "layout"),
        n_images=_count(dataset, "n_images"),
        n_captions=_count(dataset, "n_captions"),
        n_concepts=sum(_text(one, "role") == "train" for one in dataset["concepts"]),
        version=_text(data["tool"], "version"),
        policy=_text(policy, "name"),
        profile={
            name: str(setting["value"]) for name, setting in policy["profile"].items() if setting["value"] is not None
        },
        metrics={name: float(value) for name, value in data["metrics"].items() if value is not None},
        verdict=verdict,
        errors=_count(summary, "error"),
        warnings=_count(summary, "warning"),
        notes=_count(summary, "info"),
        rules=_open(saved.findings),
        risks={_text(one, "failure_mode"): _level(one) for one in data["risks"]},
        changes=changes,
    )


def _open(findings: Sequence[SavedFinding]) -> Mapping[tuple[str, Severity], int]:
    return Counter((one.rule, one.severity) for one in findings if one.status == "open")


def _level(risk: Mapping[str, Any]) -> str:
    level = _text(risk, "level")
    if level not in _LEVELS:
        raise ValueError(level)
    return level


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data[key]
    if not isinstance(found, str):
        raise TypeError(key)
    return found


def _count(data: Mapping[str, Any], key: str) -> int:
    found = data[key]
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise TypeError(key)
    return found
