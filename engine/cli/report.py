"""`tagmetry report --from R.json -o NAME=PATH`: outputs made of saved JSON reports."""

from pathlib import Path
from typing import Any

import click

from tagmetry.cli.delivery import deliver, targets_of
from tagmetry.cli.language import spoken_with
from tagmetry.cli.options import CONTEXT, console_flags, flag
from tagmetry.cli.running import Run, user_settings
from tagmetry.errors import UsageError
from tagmetry.messages import message, paragraphs
from tagmetry.outputs import check_targets
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.loader import load_policy
from tagmetry.reporter import SavedRuns
from tagmetry.saved_reports import read_runs, report_files


@click.command("report", context_settings=CONTEXT)
@click.option(
    "--from",
    "sources",
    multiple=True,
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True),
    help="A JSON report that check wrote, or a folder of them. Of one dataset the earliest run first.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    required=True,
    metavar="NAME=PATH",
    help="Write overview or a plugin's output; - is standard output.",
)
@flag("--set", "settings", multiple=True, metavar="KEY=VALUE", help="REPORTER.OPTION.")
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
@flag("--force", is_flag=True, help="Replace an output folder that Tagmetry did not write.")
@console_flags
def report(sources: tuple[Path, ...], outputs: tuple[str, ...], settings: tuple[str, ...], **flags: Any) -> int:
    """Put saved reports side by side: the datasets of a team, and what became of each from run to run.

    Reports of one folder name are runs of one dataset, in the order in which they are named.
    """
    plugins = load_plugins(foreign=not flags["no_plugins"])
    _, reporter_settings = flag_layer(plugins, profile={}, settings=settings)
    asked = Run(
        paths=(),
        policy=load_policy("tagmetry:recommended", plugins),
        plugins=plugins,
        reporter_settings=reporter_settings,
        translator=spoken_with(plugins),
        flags=flags,
        settings=user_settings(plugins),
    )
    targets = targets_of(asked, outputs, saved=True)
    files = report_files(sources)
    check_targets(targets, (), force=bool(flags["force"]))
    for target in targets:
        if target.path is not None and target.path.resolve() in {path.resolve() for path in files}:
            raise UsageError(message("the output {path} would replace a report that is read", path=str(target.path)))
    titles = {rule.id: paragraphs(rule.title)[0] for rule in plugins.rules.values()}
    shown = SavedRuns(tuple(read_runs(files)), titles)
    failed = [deliver(asked, target, shown) for target in targets]
    return 3 if plugins.failed or any(failed) else 0
