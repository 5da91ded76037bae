"""`tagmetry demo`: the main job on a sample dataset that Tagmetry makes itself."""

from pathlib import Path
from typing import Any

import click

from tagmetry.cli.check import show
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, console_flags
from tagmetry.cli.running import audited, read_flags
from tagmetry.errors import UsageError
from tagmetry.messages import message
from tagmetry.outputs import Target, rendered, write


@click.command("demo", context_settings=CONTEXT)
@click.argument(
    "folder", metavar="[DIR]", required=False, default="tagmetry-demo", type=click.Path(path_type=Path, file_okay=False)
)
@console_flags
def demo(folder: Path, **flags: Any) -> int:
    """Write a sample dataset with planted faults (by default to ./tagmetry-demo), audit it, write its HTML report."""
    from tagmetry.demo import write_demo

    report_path = folder.parent / f"{folder.name}-report.html"
    if not folder.parent.is_dir():
        raise UsageError(message("the folder {folder} does not exist", folder=str(folder.parent)))
    click.echo(spoken().text("making the sample dataset ..."), err=True)
    made = write_demo(folder)
    asked = read_flags((made.root,), flags | {"no_cache": True, "no_plugins": True, "policy": "tagmetry:sdxl"})
    report = audited(asked, with_thumbnails=True)
    show(asked, report, "text")
    html = asked.plugins.reporters["html"]
    target = Target(html, report_path, asked.options_for(html))
    write(target, rendered(target, report, asked.context()))
    click.echo("")
    asked.say(message("sample dataset: {folder}", folder=str(folder)), error=False)
    asked.say(message("report:         {path}", path=str(report_path)), error=False)
    asked.say(message("try next:       tagmetry check {folder} -o html=report.html", folder=str(folder)), error=False)
    return 0
