"""`tagmetry diagnose PATH`: from what went wrong in training, and what the data show, to advice in order."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from tagmetry.cli.console import width
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, paths_argument
from tagmetry.cli.running import Run, audited, read_flags
from tagmetry.diagnosis import Diagnosed, Step, as_data, check_symptoms
from tagmetry.diagnosis import diagnose as diagnosed_by
from tagmetry.messages import Message, Plural, Translator, message
from tagmetry.outputs import as_bytes
from tagmetry.playbooks import Playbook
from tagmetry.policy.loader import load_policy
from tagmetry.wrapping import wrapped

BUILT_IN: Final = "tagmetry:playbooks"
SHOWN_FINDINGS: Final = 3
SHOWN_PATHS: Final = 4


@click.command("diagnose", context_settings=CONTEXT)
@paths_argument
@click.option("--symptom", "symptoms", metavar="NAME", multiple=True, help="What was seen after training.")
@click.option("--symptoms", "listed", is_flag=True, help="Only list the symptoms that can be named.")
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@dataset_flags
@console_flags
def diagnose(paths: tuple[Path, ...], symptoms: tuple[str, ...], listed: bool, text_format: str, **flags: Any) -> int:
    """Say what to change first when a training went wrong, from the symptoms and from what the data show.

    Without --symptom a terminal is asked what was seen. Where nothing is named, the advice comes from signs in the
    data alone, as a warning in advance. Nothing is changed.
    """
    asked = read_flags(paths, flags)
    playbooks = _playbooks(asked)
    if listed:
        for line in _symptom_lines(playbooks, asked.translator):
            click.echo(line)
        return 0
    chosen = symptoms or (_asked_for(playbooks, asked.translator) if text_format == "text" else ())
    check_symptoms(playbooks, chosen)
    report = audited(asked)
    found = diagnosed_by(report, playbooks, chosen)
    if text_format == "json":
        click.echo(as_bytes(json.dumps(as_data(found, chosen), indent=2, ensure_ascii=False)))
    else:
        for line in diagnosis_lines(found, chosen, asked.translator, width()):
            click.echo(line)
    return 3 if report.summary.verdict == "incomplete" else 0


def _playbooks(asked: Run) -> tuple[Playbook, ...]:
    """The built-in ones, then the policy's: one of the same symptom takes the built-in one's place."""
    built_in = load_policy(BUILT_IN, asked.plugins, beside=Path.cwd()).playbooks()
    found = {book.symptom: book for book in (*built_in, *asked.policy.playbooks())}
    return tuple(found.values())


def _symptom_lines(playbooks: Sequence[Playbook], say: Translator, *, numbered: bool = False) -> Iterator[str]:
    widest = max((len(book.symptom) for book in playbooks), default=0)
    for number, book in enumerate(playbooks, start=1):
        head = f"{number:>3}  " if numbered else f"{book.symptom:<{widest}}  "
        yield from wrapped(say.text(book.seen), width(), indent=" " * len(head), first=head)


def _asked_for(playbooks: Sequence[Playbook], say: Translator) -> tuple[str, ...]:
    """The symptoms that somebody at a terminal names by their numbers; none where nobody sits there."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return ()
    click.echo(say.text("What did you see after training?"), err=True)
    for line in _symptom_lines(playbooks, say, numbered=True):
        click.echo(line, err=True)
    question = say.text("Numbers with commas between, or nothing to go by the data alone")
    while True:
        answer = click.prompt(question, default="", show_default=False, err=True)
        numbers = [part.strip() for part in answer.replace("、", ",").split(",") if part.strip()]
        if all(part.isdecimal() and 1 <= int(part) <= len(playbooks) for part in numbers):
            return tuple(playbooks[int(part) - 1].symptom for part in numbers)
        click.echo(say.format("numbers go from 1 to {n:count}", {"n": len(playbooks)}), err=True)


def diagnosis_lines(
    found: Sequence[Diagnosed], symptoms: Sequence[str], say: Translator, columns: int
) -> Iterator[str]:
    """The advice as text of so many columns."""

    def told(text: Message | str, indent: str = "", first: str | None = None) -> list[str]:
        return wrapped(text if isinstance(text, str) else say.render(text), columns, indent=indent, first=first)

    if not symptoms:
        yield from told(
            message("No symptom was named: this is a warning in advance, from signs in the data alone.")
            if found
            else message("No symptom was named, and nothing in the data is a sign of one.")
        )
        if not found:
            yield from told(message("tagmetry diagnose --symptoms lists what can be named with --symptom"))
        yield ""
    for place, one in enumerate(found):
        if place:
            yield ""
        yield from told(say.text(one.playbook.seen), first=f"{one.playbook.symptom}: ", indent="  ")
        yield from _signal_lines(one, say, told)
        for title, steps in (
            (message("change in the data"), one.data),
            (message("change in the training"), one.training),
        ):
            if steps:
                yield f"  {say.render(title)}"
            for number, step in enumerate(steps, start=1):
                yield from _step_lines(number, step, say, told)


def _signal_lines(one: Diagnosed, say: Translator, told: Any) -> Iterator[str]:
    if one.signals:
        names = ", ".join(f"{signal.rule} ({say.text(signal.severity.label)})" for signal in one.signals)
        yield from told(message("signs in the data: {rules}", rules=names), indent="    ", first="  ")
    else:
        text = message("no sign of it in the data: look at the training first, and at what could not be judged")
        yield from told(text, indent="    ", first="  ")
    if one.not_judged:
        names = ", ".join(line.rule for line in one.not_judged)
        yield from told(message("could not be judged: {rules}", rules=names), indent="    ", first="  ")


def _step_lines(number: int, step: Step, say: Translator, told: Any) -> Iterator[str]:
    advice = step.advice
    yield from told(say.text(advice.do), indent="       ", first=f"    {number}. ")
    indent = "       "
    if step.findings:
        for finding in step.findings[:SHOWN_FINDINGS]:
            text = message("{rule}: {finding}", rule=finding.rule, finding=say.render(finding.message))
            yield from told(text, indent=indent + "  ", first=indent + "- ")
        left = len(step.findings) - SHOWN_FINDINGS
        if left > 0:
            more = Plural("and {n:count} more finding", "and {n:count} more findings")
            yield from told(say.format(more, {"n": left}), indent=indent + "  ", first=indent + "- ")
        if step.paths:
            images = Plural("{n:count} image: {paths}", "{n:count} images: {paths}")
            shown = step.paths[:SHOWN_PATHS] + (("…",) if step.n_paths > SHOWN_PATHS else ())
            yield from told(
                say.format(images, {"n": step.n_paths, "paths": ", ".join(shown)}), indent=indent, first=indent
            )
    elif advice.because:
        yield from told(say.text("nothing in the data speaks for it by itself"), indent=indent, first=indent)
    if advice.adjust:
        change = message("as a change to the plan: tagmetry plan PATH --adjust {name}", name=advice.adjust)
        yield from told(change, indent=indent, first=indent)
    evidence = say.format("evidence: {evidence}", {"evidence": say.text(advice.evidence)})
    unless = say.format("not needed if: {unless}", {"unless": say.text(advice.unless)}) if advice.unless else ""
    yield from told(f"{evidence}; {unless}" if unless else evidence, indent=indent, first=indent)
