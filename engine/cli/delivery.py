"""Outputs that a command was asked for by `-o NAME=PATH`: found by name, checked before the run, written after it."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from tagmetry.cli.running import Run
from tagmetry.errors import OutputError, PluginError, UsageError
from tagmetry.failures import Failure
from tagmetry.messages import Message, message
from tagmetry.outputs import Target, as_bytes, rendered, write
from tagmetry.profile import Profile
from tagmetry.report import Report
from tagmetry.reporter import CannotExport, SavedRuns

TRAINER_CONFIGS: Final = ("kohya", "everydream", "torch")
"""Outputs that a trainer reads: asking for one is the user's yes to the plan."""


def targets_of(asked: Run, outputs: Sequence[str], *, saved: bool = False) -> list[Target]:
    """The outputs named by `-o`, of a run or of `saved` reports.

    Raises UsageError for an unknown one, for one that shows the other kind, and for two on standard output.
    """
    targets = [_target(asked, output, saved=saved) for output in outputs]
    if sum(target.path is None for target in targets) > 1:
        raise UsageError(message("only one output can go to standard output"))
    return targets


def _target(asked: Run, output: str, *, saved: bool) -> Target:
    name, equals, path = output.partition("=")
    if not equals or not path:
        raise UsageError(
            message("-o {output} is not of the form NAME=PATH", output=output),
            message("for example -o html=report.html"),
        )
    if name not in asked.plugins.reporters:
        known = ", ".join(asked.plugins.reporters)
        raise UsageError(
            message("there is no output named {name}", name=name),
            asked.plugins.way_out(name, asked.plugins.reporters, message("outputs: {names}", names=known)),
        )
    reporter = asked.plugins.reporters[name]
    if saved and reporter.saved_function is None:
        raise UsageError(
            message("{name} shows a run, not saved reports", name=name),
            message("write it with: tagmetry check DATASET -o {name}=PATH", name=name),
        )
    if not saved and reporter.function is None:
        raise UsageError(
            message("{name} shows saved reports, not a run", name=name),
            message("save one with -o json=a.json, then: tagmetry report --from a.json -o {name}=PATH", name=name),
        )
    if path == "-":
        return asked.target(name, None)
    return asked.target(name, Path(path), as_folder=path.endswith(("/", os.sep)) or not Path(path).suffix)


def in_turn(asked: Run, targets: Sequence[Target]) -> list[Target]:
    """Outputs that may fail come first, and those that programs and people judge by last, so that they can tell it."""
    return sorted(
        targets,
        key=lambda target: (
            target.path is None,
            target.reporter.name == "json",
            asked.plugins.is_own(target.reporter),
        ),
    )


def prechecks(targets: Sequence[Target]) -> tuple[Callable[[Profile], None], ...]:
    """What the outputs refuse as soon as the profile is known, before anything is measured. They raise UsageError."""
    return tuple(_precheck(target) for target in targets if target.reporter.precheck is not None)


def _precheck(target: Target) -> Callable[[Profile], None]:
    def check(profile: Profile) -> None:
        assert target.reporter.precheck is not None
        try:
            target.reporter.precheck(profile, target.options)
        except CannotExport as refusal:
            raise UsageError(
                message("{name}: {reason}", name=target.reporter.name, reason=refusal.text.english())
            ) from refusal

    return check


def deliver(asked: Run, target: Target, shown: Report | SavedRuns) -> Failure | None:
    """Write or print one output. When it could not be made, that is said and returned, and the others go on."""
    data = b""
    context = replace(asked.context(), as_folder=target.is_folder)
    try:
        if target.path is None:
            data = b"".join(as_bytes(file.content) for file in rendered(target, shown, context))
        else:
            write(target, rendered(target, shown, context))
    except CannotExport as refusal:
        asked.say(message("{name}: {reason}", name=target.reporter.name, reason=asked.translator.render(refusal.text)))
        return _failed(asked, target, refusal.text)
    except OutputError as error:
        asked.say(error.text)
        return _failed(asked, target, error.text)
    except PluginError as error:
        failure = _failed(asked, target, error.text)
        asked.say(failure.text())
        return failure
    if target.path is None:
        print_output(data, machine=target.reporter.name != "text")
    elif not asked.flags.get("quiet"):
        asked.say(message("wrote {path}", path=str(target.path)))
    return None


def _failed(asked: Run, target: Target, reason: Message) -> Failure:
    outcome = asked.plugins.provider[target.reporter]
    return Failure("output", target.reporter.name, outcome.name, outcome.version, reason.english())


def print_output(data: bytes, *, machine: bool) -> None:
    """Machine output as UTF-8 bytes; human output through the console's own encoding with escapes."""
    buffer = getattr(sys.stdout, "buffer", None)
    if machine and buffer is not None:
        sys.stdout.flush()
        buffer.write(data)
        buffer.flush()
    else:
        # The reporter knows whether colour is wanted; click would take it out of a pipe whatever was said.
        click.echo(data.decode("utf-8"), nl=False, color=True)
