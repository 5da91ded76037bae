"""Reports of datasets in memory, made by the engine's own functions, and what reporters write of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from tagmetry import reporting
from tagmetry.dataset import Dataset
from tagmetry.judging import judged
from tagmetry.messages import translator
from tagmetry.options import coerced, options_of
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.options import BalanceOptions
from tagmetry.policy.model import EffectiveRule
from tagmetry.preview_data import preview_summary
from tagmetry.report import PolicySummary, Report, RuleText
from tagmetry.reporter import Context, Reporter
from tagmetry.risks import risks
from tagmetry.rule import Rule
from tagmetry.runner import exit_code


def report_of(
    data: Dataset,
    *rules: Rule,
    path: PurePath | None = None,
    balance: Mapping[str, Any] | None = None,
    thumbnails: Mapping[str, bytes] | None = None,
    **changes: Any,
) -> Report:
    """The report of a dataset judged by some rules with their default options.

    `path` is the dataset's place on the machine, a path of any system. `balance` are the options of the plan.
    `changes` replace fields of the finished report.
    """
    effective = {rule.id: EffectiveRule(rule, None, "", rule.options(), _origins(rule)) for rule in rules}
    results = [judged(rule, data, rule.options()) for rule in rules]
    findings = reporting.reported(results, effective)
    captions = {path for path in data.captions.path_of if path is not None}
    n_seen = data.n + len(captions) + len(data.file_problems) + sum(entry.n for entry in data.excluded)
    files, excluded = reporting.account(data, findings, n_seen + len(data.captions.orphans), captions)
    summary = reporting.dataset_summary(data, files, excluded)
    if path is not None:
        place: Any = path
        summary = replace(summary, path=place, root=path.name or str(path))
    report = Report(
        version="0.0.0",
        dataset=summary,
        policy=PolicySummary("tagmetry:recommended", ("tagmetry:recommended",), "0" * 64, data.profile.settings),
        metrics=reporting.metrics(data),
        findings=findings,
        clusters=reporting.clusters(findings),
        plan=proposed_plan(data, BalanceOptions(**(balance or {})), applied=False),
        risks=risks(findings, data),
        rules=reporting.outcomes(results, findings, ()),
        rule_texts={rule.id: RuleText(rule.id, rule.title, rule.sections()) for rule in rules},
        plugins=(),
        summary=reporting.summary(findings, incomplete=False),
        images=reporting.image_table(data),
        tags=reporting.tag_rows(data),
        coverage=reporting.coverage(data),
        thumbnails=thumbnails or {},
        notices=(),
        token_counter=data.captions.token_counter,
        tokens_exact=data.captions.tokens_exact,
        exit_code=exit_code(findings, "error", incomplete=False),
        dataset_view=data,
        preview=preview_summary(data),
    )
    return replace(report, **changes)


def context(language: str = "en", po: bytes = b"", **settings: Any) -> Context:
    """What a reporter is told: by default in English, without a terminal. `po` is the catalogue of a plugin."""
    return Context(translator=translator(language, [po] if po else []), **settings)


def files(
    reporter: Reporter, report: Report, /, *, told: Context | None = None, **options: Any
) -> dict[str, str | bytes]:
    """What a reporter writes, by path; options are given as on the command line, in Python's types or as texts."""
    assert reporter.function is not None, f"{reporter.name} has no render function"
    known = options_of(reporter.options)
    chosen = reporter.options(**{name: coerced(known[name], value) for name, value in options.items()})
    written = list(reporter.function(report, chosen, told or context()))
    assert len({file.path for file in written}) == len(written), "two files of the same path"
    return {file.path: file.content for file in written}


def _origins(rule: Rule) -> dict[str, str]:
    return {name: rule.source_of(known) for name, known in options_of(rule.options).items()}
