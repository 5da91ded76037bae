"""`tagmetry rules`: the installed rules with what they find."""

import json
from pathlib import Path
from typing import Any

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken, spoken_with
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.cli.policy import policy_flags, with_rules_of
from tagmetry.messages import paragraphs
from tagmetry.outputs import as_bytes
from tagmetry.plugins import load_plugins
from tagmetry.wrapping import wrapped


@click.command("rules", context_settings=CONTEXT)
@language_flag
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@policy_flags
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def rules(text_format: str, no_plugins: bool, policy: str | None, policy_root: Path | None) -> int:
    """List the rules with their severity and what they find; with --policy also those that the policy defines."""
    plugins = with_rules_of(policy, load_plugins(foreign=not no_plugins), policy_root)
    for failure in plugins.failures:
        click.echo(spoken().render(failure.text()), err=True)
    if text_format == "json":
        found: list[dict[str, Any]] = [
            {
                "rule": rule.id,
                "severity": rule.severity.label,
                "evidence": rule.evidence,
                "points_to": list(rule.points_to),
                "status": rule.status,
                "since": rule.since,
                "replaced_by": rule.replaced_by or None,
                "former_names": list(rule.aliases),
                "plugin": plugins.provider[rule].name,
                "title": rule.title,
            }
            for rule in plugins.rules.values()
        ]
        click.echo(as_bytes(json.dumps(found, indent=2, ensure_ascii=False)))
        return 3 if plugins.failed else 0
    say = spoken_with(plugins)
    widest = max((len(rule_id) for rule_id in plugins.rules), default=0)
    for rule in plugins.rules.values():
        title = say.text(paragraphs(rule.title)[0])
        if rule.status != "stable":
            title = f"[{say.text(rule.status)}] {title}"
        head = f"{rule.id:<{widest}}  {rule.severity.label:<7}  "
        for line in wrapped(title, width(), indent=" " * len(head), first=head):
            click.echo(line)
    return 3 if plugins.failed else 0
