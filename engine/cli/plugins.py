"""`tagmetry plugins`: which plugins are installed, what each brings, and why one did not load."""

import json
from collections.abc import Mapping
from typing import Any

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.messages import Plural
from tagmetry.outputs import as_bytes
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.report import PluginOutcome
from tagmetry.wrapping import wrapped


@click.command("plugins", context_settings=CONTEXT)
@language_flag
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def plugins(text_format: str, no_plugins: bool) -> int:
    """List the installed plugins, Tagmetry's own among them, and what each brings; 3 when one did not load."""
    loaded = load_plugins(foreign=not no_plugins)
    say = spoken()
    brought = {outcome: _brought(outcome, loaded) for outcome in loaded.outcomes}
    if text_format == "json":
        found: list[dict[str, Any]] = [
            {
                "plugin": outcome.name,
                "version": outcome.version,
                "distribution": outcome.distribution,
                "outcome": outcome.outcome,
                "reason": outcome.reason,
                **parts,
            }
            for outcome, parts in brought.items()
        ]
        click.echo(as_bytes(json.dumps(found, indent=2, ensure_ascii=False)))
        return 3 if loaded.failed else 0
    for outcome, parts in brought.items():
        click.echo(say.format("{plugin} {version}", {"plugin": outcome.name, "version": outcome.version}))
        if outcome.outcome == "failed":
            told = say.format("FAILED: {reason}", {"reason": outcome.reason})
        else:
            told = "; ".join(say.format(_COUNTED[kind], {"n": len(names)}) for kind, names in parts.items() if names)
        for line in wrapped(told or say.text("brings nothing that is listed here"), width(), indent="    "):
            click.echo(line)
    for name in loaded.left_out:
        click.echo(say.format("{plugin}: not loaded, as --no-plugins asks", {"plugin": name}))
    return 3 if loaded.failed else 0


_COUNTED: Mapping[str, Plural] = {
    "rules": Plural("{n:count} rule", "{n:count} rules"),
    "features": Plural("{n:count} feature", "{n:count} features"),
    "layouts": Plural("{n:count} layout", "{n:count} layouts"),
    "reporters": Plural("{n:count} output", "{n:count} outputs"),
    "policies": Plural("{n:count} policy", "{n:count} policies"),
}


def _brought(outcome: PluginOutcome, loaded: Plugins) -> dict[str, list[str]]:
    """Names of what a plugin registered, by kind."""
    by_kind: dict[str, Mapping[str, Any]] = {
        "rules": loaded.rules,
        "features": loaded.features,
        "layouts": loaded.layouts,
        "reporters": loaded.reporters,
    }
    parts = {
        kind: [name for name, part in known.items() if loaded.provider.get(part) == outcome]
        for kind, known in by_kind.items()
    }
    parts["policies"] = [name for name, provider in loaded.policy_provider.items() if provider == outcome]
    return parts
