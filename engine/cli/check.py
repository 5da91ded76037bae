"""`tagmetry check`: audit a dataset, print the findings, write further outputs from the same run."""

import sys
from pathlib import Path
from typing import Any

import click

from tagmetry import reporting
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, flag, paths_argument
from tagmetry.cli.running import Run, audited, read_flags
from tagmetry.errors import OutputError, PluginError, UsageError
from tagmetry.failures import Failure
from tagmetry.messages import Message, message
from tagmetry.outputs import Target, as_bytes, check_targets, rendered, write
from tagmetry.report import Report
from tagmetry.reporter import CannotExport

TRAINER_CONFIGS = ("kohya", "everydream")
"""Outputs that a trainer reads: asking for one is the user's yes to the plan."""


@click.command("check", context_settings=CONTEXT)
@paths_argument
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="NAME=PATH",
    help="Write html, json, kohya, everydream or a plugin's output; - is standard output.",
)
@dataset_flags
@flag(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    help="Severity from which on the exit code is 1 (default: the policy's gate, else error).",
)
@flag(
    "--baseline",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="An earlier JSON report: what it holds is known, and only new findings count.",
)
@click.option(
    "--format",
    "text_format",
    type=click.Choice(["text", "concise", "json"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@flag("--absolute-paths", is_flag=True, help="Show where files lie on this machine.")
@flag("--force", is_flag=True, help="Replace an output folder that Tagmetry did not write.")
@console_flags
def check(paths: tuple[Path, ...], outputs: tuple[str, ...], text_format: str, **flags: Any) -> int:
    """Audit the dataset in PATH: a folder of images and captions in any trainer's layout.

    Several paths are one dataset, such as kohya's training and regularization folders.
    """
    asked = read_flags(paths, flags)
    targets = [_target(asked, output) for output in outputs]
    printed = sum(1 for target in targets if target.path is None)
    if printed > 1:
        raise UsageError(message("only one output can go to standard output"))
    check_targets(targets, asked.dataset_folders(), force=bool(flags["force"]))
    report = audited(
        asked,
        with_thumbnails=any("thumbnails" in target.reporter.needs for target in targets),
        exports=any(target.reporter.name in TRAINER_CONFIGS for target in targets),
        fail_on=flags["fail_on"],
    )
    for target in sorted(targets, key=lambda target: _turn(asked, target)):
        failure = _deliver(asked, target, report)
        if failure is not None:
            report = reporting.with_failure(report, failure)
    if not printed:
        show(asked, report, text_format)
    return report.exit_code


def _turn(asked: Run, target: Target) -> tuple[bool, bool, bool]:
    """Outputs that may fail come first, and those that programs and people judge by last, so that they can tell it."""
    reporter = target.reporter
    return target.path is None, reporter.name == "json", asked.plugins.is_own(reporter)


def show(asked: Run, report: Report, text_format: str) -> None:
    """Print the report on standard output."""
    name = "json" if text_format == "json" else "text"
    target = asked.target(name, None)
    context = asked.context()
    if text_format == "concise":
        target = Target(target.reporter, None, type(target.options)(concise=True))
    _print(b"".join(as_bytes(file.content) for file in rendered(target, report, context)), machine=name == "json")


def _print(data: bytes, *, machine: bool) -> None:
    """Machine output as UTF-8 bytes; human output through the console's own encoding with escapes."""
    buffer = getattr(sys.stdout, "buffer", None)
    if machine and buffer is not None:
        sys.stdout.flush()
        buffer.write(data)
        buffer.flush()
    else:
        # The reporter knows whether colour is wanted; click would take it out of a pipe whatever was said.
        click.echo(data.decode("utf-8"), nl=False, color=True)


def _target(asked: Run, output: str) -> Target:
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
    return asked.target(name, None if path == "-" else Path(path))


def _deliver(asked: Run, target: Target, report: Report) -> Failure | None:
    """Write or print one output. When it could not be made, that is said and returned, and the others go on."""
    data = b""
    try:
        if target.path is None:
            data = b"".join(as_bytes(file.content) for file in rendered(target, report, asked.context()))
        else:
            write(target, rendered(target, report, asked.context()))
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
        _print(data, machine=target.reporter.name != "text")
    elif not asked.flags.get("quiet"):
        asked.say(message("wrote {path}", path=str(target.path)))
    return None


def _failed(asked: Run, target: Target, reason: Message) -> Failure:
    outcome = asked.plugins.provider[target.reporter]
    return Failure("output", target.reporter.name, outcome.name, outcome.version, reason.english())
