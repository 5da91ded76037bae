"""`tagmetry reporters`: the outputs that `check -o NAME=PATH` can write, with their options."""

import json
from typing import Any

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.options import options_of, type_name
from tagmetry.outputs import as_bytes
from tagmetry.plugins import load_plugins
from tagmetry.wrapping import wrapped


@click.command("reporters", context_settings=CONTEXT)
@language_flag
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def reporters(text_format: str, no_plugins: bool) -> int:
    """List the outputs that `tagmetry check DATASET -o NAME=PATH` can write, with the options that `--set` takes."""
    plugins = load_plugins(foreign=not no_plugins)
    say = spoken()
    if text_format == "json":
        found: list[dict[str, Any]] = [
            {
                "reporter": reporter.name,
                "writes": reporter.kind,
                "plugin": plugins.provider[reporter].name,
                "doc": reporter.doc,
                "options": [
                    {
                        "option": option.name,
                        "takes": type_name(option),
                        "default": option.default,
                        "doc": option.info.doc,
                    }
                    for option in options_of(reporter.options).values()
                ],
            }
            for reporter in plugins.reporters.values()
        ]
        click.echo(as_bytes(json.dumps(found, indent=2, ensure_ascii=False)))
        return 3 if plugins.failed else 0
    widest = max((len(name) for name in plugins.reporters), default=0)
    for reporter in plugins.reporters.values():
        head = f"{reporter.name:<{widest}}  "
        indent = " " * len(head)
        for line in wrapped(say.text(reporter.doc), width(), indent=indent, first=head):
            click.echo(line)
        for option in options_of(reporter.options).values():
            setting = f"{indent}--set {reporter.name}.{option.name}=...  "
            for line in wrapped(say.text(option.info.doc), width(), indent=indent + "    ", first=setting):
                click.echo(line)
    return 3 if plugins.failed else 0
