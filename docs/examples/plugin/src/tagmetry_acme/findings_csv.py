"""The findings as a table for spreadsheet programs: `tagmetry check DATASET -o acme-csv=findings.csv`.

One row per finding, messages in the language of the run. Captions and file names are strangers' text, so a cell that
a spreadsheet would run as a formula is written with an apostrophe in front (OWASP, "CSV Injection").
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from tagmetry.api import Context, File, Report, Reporter, option, visible

COLUMNS = ("severity", "rule", "subject", "path", "message", "value", "limit", "fingerprint")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@dataclass(frozen=True, slots=True)
class Options:
    separator: str = option("comma", "What stands between the cells.", choices=tuple(SEPARATORS))
    bom: bool = option(True, "Begin with a byte order mark, by which Excel knows UTF-8.")


reporter = Reporter("acme-csv", doc="The findings as a table (CSV).", options=Options)


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    table = StringIO()
    writer = csv.writer(table, delimiter=SEPARATORS[options.separator], lineterminator="\n")
    writer.writerow(COLUMNS)
    for finding in report.findings:
        measured = finding.measured
        writer.writerow(
            (
                finding.severity.label,
                finding.rule,
                finding.subject.kind,
                _cell(finding.subject.paths[0] if finding.subject.paths else finding.subject.name),
                _cell(context.translator.render(finding.message)),
                "" if measured is None else f"{measured.value:.6g}",
                "" if measured is None or measured.limit is None else f"{measured.limit:.6g}",
                finding.fingerprint,
            )
        )
    yield File("", ("\ufeff" if options.bom else "") + table.getvalue())


def _cell(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown
