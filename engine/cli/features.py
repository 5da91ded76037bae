"""`tagmetry features`: what is measured on images, and which rules read it."""

import json
from typing import Any

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.outputs import as_bytes
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.wrapping import wrapped


@click.command("features", context_settings=CONTEXT)
@language_flag
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def features(text_format: str, no_plugins: bool) -> int:
    """List the figures that are measured on images, with unit, version and the rules that read them.

    A version counts up when the arithmetic changes; what the cache holds of an older one is then measured anew.
    """
    plugins = load_plugins(foreign=not no_plugins)
    say = spoken()
    readers = _readers(plugins)
    if text_format == "json":
        found: list[dict[str, Any]] = [
            {
                "feature": feature.name,
                "version": feature.version,
                "unit": feature.unit,
                "plugin": plugins.provider[feature].name,
                "doc": feature.doc,
                "rules": readers[feature.key],
            }
            for feature in plugins.features.values()
        ]
        click.echo(as_bytes(json.dumps(found, indent=2, ensure_ascii=False)))
        return 3 if plugins.failed else 0
    widest = max((len(feature.name) for feature in plugins.features.values()), default=0)
    for feature in plugins.features.values():
        head = f"{feature.name:<{widest}}  "
        told = say.format(
            "{doc} Unit: {unit}; version {version:count}.",
            {"doc": feature.doc, "unit": feature.unit, "version": feature.version},
        )
        if readers[feature.key]:
            told += " " + say.format("Read by {rules}.", {"rules": tuple(readers[feature.key])})
        for line in wrapped(told, width(), indent=" " * len(head), first=head):
            click.echo(line)
    return 3 if plugins.failed else 0


def _readers(plugins: Plugins) -> dict[str, list[str]]:
    """The rules that declare a feature as needed, by the feature's key."""
    readers: dict[str, list[str]] = {feature.key: [] for feature in plugins.features.values()}
    for rule in plugins.rules.values():
        for feature in rule.needs:
            readers.setdefault(feature.key, []).append(rule.id)
    return readers
