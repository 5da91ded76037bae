"""`tagmetry explain RULE`: one rule in full, the same text as the manual and the report."""

import click

from tagmetry.cli.options import CONTEXT, flag
from tagmetry.documentation.rule_pages import rule_page
from tagmetry.errors import UsageError
from tagmetry.messages import message
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.rule import Rule


@click.command("explain", context_settings=CONTEXT)
@click.argument("rule_id", metavar="RULE")
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def explain(rule_id: str, no_plugins: bool) -> int:
    """Show what a rule finds, why it matters, what to do, and its options."""
    click.echo(rule_page(found_rule(rule_id, load_plugins(foreign=not no_plugins))), nl=False)
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
