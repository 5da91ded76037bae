"""`tagmetry policy`: check a policy, show the effective one with the origin of every value, print the schema."""

import json
from pathlib import Path
from typing import Any

import click

from tagmetry.cli.options import CONTEXT, flag
from tagmetry.messages import english, message
from tagmetry.options import options_of
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.loader import find_policy, load_policy
from tagmetry.policy.model import Policy
from tagmetry.policy.schema import policy_schema
from tagmetry.policy.vocabulary import effective_vocabulary


@click.group("policy", context_settings=CONTEXT)
def policy() -> None:
    """Check, show and describe policies."""


_CHOSEN = click.argument("chosen", metavar="[FILE-or-NAME]", required=False)
_ROOT = flag(
    "--policy-root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder below which a policy may extend files.",
)
_NO_PLUGINS = flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")


@policy.command("check", context_settings=CONTEXT)
@_CHOSEN
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_ROOT
@_NO_PLUGINS
def check(chosen: str | None, text_format: str, policy_root: Path | None, no_plugins: bool) -> int:
    """Say everything that is wrong with a policy; by default the nearest tagmetry.yaml."""
    plugins = load_plugins(foreign=not no_plugins)
    try:
        loaded = _loaded(chosen, plugins, policy_root)
    except PolicyError as error:
        if text_format == "json":
            click.echo(json.dumps([one.as_data() for one in error.diagnostics], indent=2, ensure_ascii=False))
            return 2
        raise
    if text_format == "json":
        click.echo("[]")
    else:
        shown = message("{name} is a valid policy ({sources})", name=loaded.name, sources=", ".join(loaded.sources))
        click.echo(english().render(shown))
    return 0


@policy.command("show", context_settings=CONTEXT)
@_CHOSEN
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_ROOT
@_NO_PLUGINS
def show(chosen: str | None, text_format: str, policy_root: Path | None, no_plugins: bool) -> int:
    """Print the effective policy with the origin of each value."""
    plugins = load_plugins(foreign=not no_plugins)
    data = _effective(_loaded(chosen, plugins, policy_root), plugins)
    if text_format == "json":
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
        return 0
    for line in _lines(data):
        click.echo(line)
    return 0


@policy.command("schema", context_settings=CONTEXT)
@_NO_PLUGINS
def schema(no_plugins: bool) -> int:
    """Print the JSON Schema of policy files for the installed rules."""
    plugins = load_plugins(foreign=not no_plugins)
    click.echo(json.dumps(policy_schema(plugins.rules.values()), indent=2, ensure_ascii=False))
    return 0


def _loaded(chosen: str | None, plugins: Plugins, policy_root: Path | None) -> Policy:
    """The chosen policy, or the nearest one from the current folder upward; its vocabulary is checked as well."""
    if chosen is None:
        found = find_policy(Path.cwd())
        chosen = str(found) if found is not None else None
    loaded = load_policy(chosen, plugins, policy_root=policy_root)
    effective_vocabulary(plugins, loaded)
    return loaded


def _effective(loaded: Policy, plugins: Plugins) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    for rule in plugins.rules.values():
        settled = loaded.rule(rule)
        severity = settled.severity.label if settled.severity is not None else rule.severity.label
        rules[rule.id] = {
            "severity": {"value": severity, "origin": settled.severity_place or "rule"},
            "options": {
                name: {"value": _plain(getattr(settled.options, name)), "origin": settled.origins[name]}
                for name in options_of(rule.options)
            },
        }
    profile = {
        key: {"value": setting.value, "origin": setting.place or setting.origin}
        for key, setting in loaded.profile().settings.items()
    }
    return {
        "name": loaded.name,
        "sources": list(loaded.sources),
        "sha256": loaded.sha256,
        "gate": {"fail_on": loaded.fail_on},
        "profile": profile,
        "rules": rules,
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [
        f"{data['name']}  (from {', '.join(data['sources'])})",
        "",
        f"gate.fail_on: {data['gate']['fail_on']}",
        "",
        "profile:",
    ]
    lines += [f"  {key}: {_shown(entry['value'])}  # {entry['origin']}" for key, entry in data["profile"].items()]
    lines += ["", "rules:"]
    for rule, entry in data["rules"].items():
        lines.append(f"  {rule}:")
        lines.append(f"    severity: {entry['severity']['value']}  # {entry['severity']['origin']}")
        lines += [f"    {name}: {_shown(told['value'])}  # {told['origin']}" for name, told in entry["options"].items()]
    return lines


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
