"""`tagmetry explain RULE`: one rule in full, the same text as the manual and the report."""

from pathlib import Path

import click

from tagmetry.cli.options import CONTEXT, flag
from tagmetry.cli.policy import policy_flags, with_rules_of
from tagmetry.documentation.rule_pages import rule_page
from tagmetry.errors import UsageError
from tagmetry.messages import message
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.rule import Rule


@click.command("explain", context_settings=CONTEXT)
@click.argument("rule_id", metavar="RULE")
@policy_flags
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def explain(rule_id: str, no_plugins: bool, policy: str | None, policy_root: Path | None) -> int:
    """Show what a rule finds, why it matters, what to do, and its options; with --policy also one that it defines."""
    plugins = with_rules_of(policy, load_plugins(foreign=not no_plugins), policy_root)
    click.echo(rule_page(found_rule(rule_id, plugins)), nl=False)
    return 0


def found_rule(rule_id: str, plugins: Plugins) -> Rule:
    """An installed rule by its id or an alias. Raises UsageError with the nearest known name."""
    for rule in plugins.rules.values():
        if rule_id == rule.id or rule_id in rule.aliases:
            return rule
    raise UsageError(
        message("there is no rule {rule}", rule=rule_id),
        plugins.way_out(rule_id, plugins.rules, message("tagmetry rules lists them")),
    )
