"""`tagmetry diagnose PATH`: from what went wrong in training, and what the data show, to advice in order."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from tagmetry.cli.console import width
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, paths_argument
from tagmetry.cli.running import Run, audited, read_flags
from tagmetry.diagnosis import Diagnosed, Standing, Step, as_data, check_symptoms, errors_besides, only_base_model
from tagmetry.diagnosis import diagnose as diagnosed_by
from tagmetry.messages import Message, Plural, Translator, message
from tagmetry.outputs import as_bytes
from tagmetry.plan.adjustments import ADJUSTMENTS
from tagmetry.playbooks import Playbook
from tagmetry.policy.loader import playbooks_of
from tagmetry.report import ReportedFinding
from tagmetry.wrapping import wrapped

SHOWN_OF_RULE: Final = 2
SHOWN_FINDINGS: Final = 5
SHOWN_FOLDERS: Final = 2
SHOWN_NAMES: Final = 5
SHOWN_RULES: Final = 4


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
    playbooks = playbooks_of(asked.policy, asked.plugins)
    if listed:
        for line in _symptom_lines(playbooks, asked.translator):
            click.echo(line)
        return 0
    chosen = symptoms or (_asked_for(playbooks, asked.translator) if text_format == "text" else ())
    check_symptoms(playbooks, chosen)
    asked = _with_base_model(asked, only_base_model(playbooks, chosen), paths)
    report = audited(asked)
    found = diagnosed_by(report, playbooks, chosen)
    besides = errors_besides(report, found)
    if text_format == "json":
        click.echo(as_bytes(json.dumps(as_data(found, chosen, besides), indent=2, ensure_ascii=False)))
    else:
        for line in diagnosis_lines(found, chosen, besides, asked.translator, columns=width(), paths=asked.paths):
            click.echo(line)
    return 3 if report.summary.verdict == "incomplete" else 0


def _with_base_model(asked: Run, base_model: str | None, paths: tuple[Path, ...]) -> Run:
    """A symptom of one base model tells which one was trained, where nothing else does."""
    if base_model is None or asked.policy.profile().base_model is not None:
        return asked
    asked.say(
        message(
            "the symptom is one of {base_model}, so that base model is taken (--base-model names another)",
            base_model=base_model,
        )
    )
    return read_flags(paths, {**asked.flags, "base_model": base_model})


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
    found: Sequence[Diagnosed],
    symptoms: Sequence[str],
    besides: Mapping[str, int],
    say: Translator,
    *,
    columns: int,
    paths: Sequence[Path] = (),
) -> Iterator[str]:
    """The advice as text of so many columns. `paths` are named in the command that makes the changes."""
    text = _Text(say, columns)
    if not symptoms:
        yield from text.told(
            message("No symptom was named: this is a warning in advance, from signs in the data alone.")
            if found
            else message("No symptom was named, and nothing in the data is a sign of one.")
        )
        if not found:
            yield from text.told(message("tagmetry diagnose --symptoms lists what can be named with --symptom"))
        yield ""
    if besides:
        listed = ", ".join(f"{rule} ({n})" for rule, n in besides.items())
        yield from text.told(
            message(
                "First of all: errors stop the training, or let it train on something else. Mend them before anything "
                "below: {rules}",
                rules=listed,
            ),
            indent="  ",
            first="",
        )
        yield ""
    for place, one in enumerate(found):
        if place:
            yield ""
        yield from text.playbook(one)
    changes = tuple(dict.fromkeys(name for one in found for name in one.changes))
    if changes:
        named = " ".join(f'"{path}"' if " " in str(path) else str(path) for path in paths)
        options = " ".join(f"--adjust {name}" for name in changes)
        yield ""
        yield from text.told(
            message(
                "The changes to the plan, of which one at a time tells most, can be looked at and written for a "
                "trainer (-o kohya=FILE, -o everydream=FOLDER):"
            )
        )
        yield from text.told(f"tagmetry plan {named} {options}", indent="    ", first="  ")


@dataclass(slots=True)
class _Text:
    """Lines of one diagnosis. `shown` has the findings that a playbook told already, with the number of their step."""

    say: Translator
    columns: int
    shown: dict[str, int] = field(default_factory=dict)

    def told(self, text: Message | str, indent: str = "", first: str | None = None) -> list[str]:
        shown = text if isinstance(text, str) else self.say.render(text)
        return wrapped(shown, self.columns, indent=indent, first=first)

    def playbook(self, one: Diagnosed) -> Iterator[str]:
        self.shown.clear()
        yield from self.told(self.say.text(one.playbook.seen), first=f"{one.playbook.symptom}: ", indent="  ")
        yield from self._signs(one)
        number = 0
        for title, steps in (
            (message("change in the data"), one.data),
            (message("change in the training"), one.training),
        ):
            if not steps:
                continue
            yield f"  {self.say.render(title)}"
            for step in steps:
                if step.is_to_do:
                    number += 1
                    yield from self._step(number, step)
            yield from self._left_out(steps)
        yield from self._not_judged(one)

    def _signs(self, one: Diagnosed) -> Iterator[str]:
        if one.signals:
            names = ", ".join(f"{signal.rule} ({self.say.text(signal.severity.label)})" for signal in one.signals)
            text = message("signs in the data: {rules}", rules=names)
        elif one.not_judged:
            text = message("no sign of it in the data, as far as they could be judged")
        else:
            text = message("no sign of it in the data: look at the training first")
        yield from self.told(text, indent="    ", first="  ")

    def _not_judged(self, one: Diagnosed) -> Iterator[str]:
        """Signs that could not be judged, by the reason, which says what to give for it."""
        reasons: dict[str, list[str]] = {}
        for line in one.not_judged if one.observed else ():
            reasons.setdefault(self.say.render(line.reason) if line.reason is not None else "", []).append(line.rule)
        for reason, rules in reasons.items():
            text = (
                message("not judged ({reason}): {rules}", reason=reason, rules=", ".join(rules))
                if reason
                else message("not judged: {rules}", rules=", ".join(rules))
            )
            yield from self.told(text, indent="    ", first="  ")

    def _step(self, number: int, step: Step) -> Iterator[str]:
        advice, indent = step.advice, "       "
        yield from self.told(self.say.text(advice.do), indent=indent, first=f"    {number}. ")
        yield from self._because(number, step, indent)
        if advice.adjust:
            does = self.say.render(ADJUSTMENTS[advice.adjust].does)
            change = message("as a change to the plan: --adjust {name} ({change})", name=advice.adjust, change=does)
            yield from self.told(change, indent=indent, first=indent)
        evidence = self.say.text(advice.evidence)
        text = (
            message(
                "evidence: {evidence}; not needed if: {unless}", evidence=evidence, unless=self.say.text(advice.unless)
            )
            if advice.unless
            else message("evidence: {evidence}", evidence=evidence)
        )
        yield from self.told(text, indent=indent, first=indent)

    def _left_out(self, steps: Sequence[Step]) -> Iterator[str]:
        """What nobody could look into, what was looked into in vain, and what does not apply here, in short."""
        titles: dict[Standing, Message] = {
            "not-judged": message("could not be judged, so look at it yourself:"),
            "clean": message("looked into, and nothing was found:"),
            "not-needed": message("not needed here:"),
        }
        for standing, title in titles.items():
            listed = [step for step in steps if step.standing == standing]
            if listed:
                yield from self.told(title, indent="      ", first="    ")
            for step in listed:
                yield from self.told(self._in_short(step), indent="      ", first="    - ")

    def _in_short(self, step: Step) -> Message:
        do, advice = self.say.text(step.advice.do), step.advice
        if step.standing == "not-needed":
            return message("{do} {unless}", do=do, unless=self.say.text(advice.unless))
        rules = step.clean if step.standing == "clean" else step.not_judged
        named = ", ".join((*rules[:SHOWN_RULES], *(("…",) if len(rules) > SHOWN_RULES else ())))
        if advice.adjust and step.standing == "not-judged":
            return message("{do} ({rules}; --adjust {name})", do=do, rules=named, name=advice.adjust)
        return message("{do} ({rules})", do=do, rules=named)

    def _because(self, number: int, step: Step, indent: str) -> Iterator[str]:
        by_rule: dict[str, list[ReportedFinding]] = {}
        earlier: dict[int, list[str]] = {}
        for finding in step.findings:
            if finding.fingerprint in self.shown:
                earlier.setdefault(self.shown[finding.fingerprint], []).append(finding.rule)
            else:
                by_rule.setdefault(finding.rule, []).append(finding)
                self.shown[finding.fingerprint] = number
        lines = 0
        for rule, findings in by_rule.items():
            some = findings[: max(1, min(SHOWN_OF_RULE, SHOWN_FINDINGS - lines))]
            lines += len(some)
            for finding in some:
                text = message("{rule}: {finding}", rule=rule, finding=self.say.render(finding.message))
                yield from self.told(text, indent=indent + "  ", first=indent + "- ")
            if left := len(findings) - len(some):
                more = Plural("and {n:count} more of {rule}", "and {n:count} more of {rule}")
                yield from self.told(message(more, n=left, rule=rule), indent=indent + "  ", first=indent + "  ")
        for place, rules in earlier.items():
            text = message("as under {number}: {rules}", number=str(place), rules=", ".join(dict.fromkeys(rules)))
            yield from self.told(text, indent=indent + "  ", first=indent + "- ")
        if by_rule and step.paths:
            yield from self._images(step, indent)

    def _images(self, step: Step, indent: str) -> Iterator[str]:
        """Images by folder, so that a long name of a folder is not said with each."""
        folders: dict[str, list[str]] = {}
        for path in step.paths:
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, []).append(name)
        for folder, names in list(folders.items())[:SHOWN_FOLDERS]:
            shown = ", ".join((*names[:SHOWN_NAMES], *(("…",) if len(names) > SHOWN_NAMES else ())))
            text = (
                message(
                    Plural("{n:count} image in {folder}: {names}", "{n:count} images in {folder}: {names}"),
                    n=len(names),
                    folder=folder,
                    names=shown,
                )
                if folder
                else message(Plural("{n:count} image: {names}", "{n:count} images: {names}"), n=len(names), names=shown)
            )
            yield from self.told(text, indent=indent + "  ", first=indent)
        rest = step.n_paths - sum(len(names) for names in list(folders.values())[:SHOWN_FOLDERS])
        if rest:
            more = Plural("and {n:count} more image", "and {n:count} more images")
            yield from self.told(message(more, n=rest), indent=indent + "  ", first=indent)
