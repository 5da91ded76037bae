"""Reports of datasets in memory, made by the engine's own functions: what the tests of all reporters share.

from report_testing import context, files, report_of
from rule_testing import concept, dataset

report = report_of(dataset(concept("hat", n=40)), rule)
assert files(reporter, report)["README.txt"].startswith("Settings")
"""

from dataclasses import replace

from tagmetry import reporting
from tagmetry.audit import exit_code
from tagmetry.judging import judged
from tagmetry.messages import translator
from tagmetry.options import coerced, options_of
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.options import BalanceOptions
from tagmetry.policy.model import EffectiveRule
from tagmetry.report import PolicySummary, Report, RuleText
from tagmetry.reporter import Context


def report_of(data, *rules, path=None, balance=None, thumbnails=None, **changes):
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
        summary = replace(summary, path=path, root=path.name or str(path))
    report = Report(
        version="0.0.0",
        dataset=summary,
        policy=PolicySummary("tagmetry:recommended", ("tagmetry:recommended",), "0" * 64, data.profile.settings),
        metrics=reporting.metrics(data),
        findings=findings,
        clusters=reporting.clusters(findings),
        plan=proposed_plan(data, BalanceOptions(**(balance or {})), applied=False),
        risks=reporting.risks(findings),
        rules=reporting.outcomes(results, findings, ()),
        rule_texts={rule.id: RuleText(rule.id, rule.title, rule.sections()) for rule in rules},
        plugins=(),
        summary=reporting.summary(findings, incomplete=False),
        images=reporting.image_table(data),
        tags=reporting.tag_rows(data),
        thumbnails=thumbnails or {},
        notices=(),
        token_counter=data.captions.token_counter,
        tokens_exact=data.captions.tokens_exact,
        exit_code=exit_code(findings, "error", incomplete=False),
        dataset_view=data,
    )
    return replace(report, **changes)


def context(**settings):
    """What a reporter is told, in English and without a terminal unless said otherwise."""
    return Context(translator=translator("en"), **settings)


def files(reporter, report, /, *, told=None, **options):
    """What a reporter writes, by path; options are given as on the command line, in Python's types or as texts."""
    known = options_of(reporter.options)
    chosen = reporter.options(**{name: coerced(known[name], value) for name, value in options.items()})
    written = list(reporter.function(report, chosen, told or context()))
    assert len({file.path for file in written}) == len(written), "two files of the same path"
    return {file.path: file.content for file in written}


def _origins(rule):
    return {name: known.info.source for name, known in options_of(rule.options).items()}
