"""`tagmetry check`: audit a dataset, print the findings, write further outputs from the same run."""

from pathlib import Path
from typing import Any

import click

from tagmetry import reporting
from tagmetry.cli.delivery import TRAINER_CONFIGS, deliver, in_turn, prechecks, print_output, targets_of
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, flag, paths_argument
from tagmetry.cli.running import Run, audited, read_flags
from tagmetry.outputs import Target, as_bytes, check_targets, rendered
from tagmetry.report import Report


@click.command("check", context_settings=CONTEXT)
@paths_argument
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="NAME=PATH",
    help="Write html, json, kohya, everydream, torch or a plugin's output; - is standard output.",
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
    """Audit the dataset in PATH: a folder of images and captions in any trainer's layout, or a trainer's own config.

    Several paths are one dataset, such as kohya's training and regularization folders.
    """
    asked = read_flags(paths, flags)
    targets = targets_of(asked, outputs)
    check_targets(targets, asked.dataset_folders(), force=bool(flags["force"]))
    report = audited(
        asked,
        with_thumbnails=any("thumbnails" in target.reporter.needs for target in targets),
        every_thumbnail=any("thumbnails" in target.reporter.needs and target.is_folder for target in targets),
        exports=any(target.reporter.name in TRAINER_CONFIGS for target in targets),
        fail_on=flags["fail_on"],
        prechecks=prechecks(targets),
    )
    for target in in_turn(asked, targets):
        failure = deliver(asked, target, report)
        if failure is not None:
            report = reporting.with_failure(report, failure)
    if all(target.path is not None for target in targets):
        show(asked, report, text_format)
    return report.exit_code


def show(asked: Run, report: Report, text_format: str) -> None:
    """Print the report on standard output."""
    name = "json" if text_format == "json" else "text"
    target = asked.target(name, None)
    context = asked.context()
    if text_format == "concise":
        target = Target(target.reporter, None, type(target.options)(concise=True))
    print_output(b"".join(as_bytes(file.content) for file in rendered(target, report, context)), machine=name == "json")
