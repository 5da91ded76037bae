"""`tagmetry diff A.json B.json`: what is new, known and fixed in a report against an earlier one."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from tagmetry.baseline import Comparison, SavedFinding, at_or_above, compared, read_report
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.messages import Plural, message, visible

_REPORT = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("diff", context_settings=CONTEXT)
@language_flag
@click.argument("before", metavar="A.json", type=_REPORT)
@click.argument("after", metavar="B.json", type=_REPORT)
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flag(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="Severity of a new finding from which on the exit code is 1.",
)
@click.option("-v", "--verbose", is_flag=True, help="List known findings too.")
def diff(before: Path, after: Path, text_format: str, fail_on: str, verbose: bool) -> int:
    """Compare two JSON reports of a dataset, the earlier one first.

    Findings are the same if their fingerprints are. What B suppresses is left out. Ends with 1 if a new finding reaches
    --fail-on.
    """
    found = compared(read_report(before), read_report(after))
    if text_format == "json":
        click.echo(json.dumps(as_data(found), indent=2, ensure_ascii=False).encode("utf-8"))
    else:
        for line in as_lines(found, verbose=verbose):
            click.echo(line)
    return int(at_or_above(found.new, fail_on))


def as_data(found: Comparison) -> dict[str, Any]:
    """The comparison for programs."""
    return {
        "format": "tagmetry-diff/1",
        "new": [_data(one) for one in found.new],
        "known": [_data(one) for one in found.known],
        "fixed": [_data(one) for one in found.fixed],
        "not_judged": [_data(one) for one in found.gone],
    }


def _data(one: SavedFinding) -> dict[str, Any]:
    return {
        "fingerprint": one.fingerprint,
        "rule": one.rule,
        "severity": one.severity.label,
        "status": one.status,
        "subject": one.subject,
        "message": one.message,
    }


def as_lines(found: Comparison, *, verbose: bool) -> Iterator[str]:
    """The comparison for people: what is new first, then what is fixed, the counts last."""
    say = spoken()
    yield from _listed("+", say.text("new"), found.new)
    yield from _listed("-", say.text("fixed"), found.fixed)
    yield from _listed("?", say.text("not judged this time"), found.gone)
    if verbose:
        yield from _listed(" ", say.text("known"), found.known)
    counts = message(
        "{new:count} new, {known:count} known, {fixed:count} fixed",
        new=len(found.new),
        known=len(found.known),
        fixed=len(found.fixed),
    )
    yield say.render(counts)
    if found.gone:
        left = message(
            Plural(
                "{n:count} more is gone because its rule did not judge this time",
                "{n:count} more are gone because their rules did not judge this time",
            ),
            n=len(found.gone),
        )
        yield say.render(left)


def _listed(sign: str, title: str, findings: Sequence[SavedFinding]) -> Iterator[str]:
    if not findings:
        return
    yield f"{title}:"
    say = spoken()
    for one in findings:
        status = f" [{say.text(one.status)}]" if one.status == "tolerated" else ""
        yield f"{sign} {say.text(one.severity.label)} {visible(one.rule)}: {visible(one.message)}{status}"
    yield ""
