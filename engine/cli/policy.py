"""`tagmetry policy`: check a policy, show the effective one, print the schema, run the tests of policies."""

import json
from pathlib import Path
from typing import Any

import click

from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.messages import Plural, message
from tagmetry.outputs import as_bytes
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.policy.diagnostics import PolicyError, render
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import DEFAULT_POLICY, find_policy, load_policy
from tagmetry.policy.model import Policy
from tagmetry.policy.place import place_of
from tagmetry.policy.printing import as_data, as_text
from tagmetry.policy.schema import policy_schema


@click.group("policy", context_settings=CONTEXT)
def policy() -> None:
    """Check, show and describe policies."""


_CHOSEN = click.argument("chosen", metavar="[FILE-or-NAME]", required=False)
_FORMAT = click.option(
    "--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output."
)
_ROOT = flag(
    "--policy-root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder below which a policy may extend files.",
)
_NO_PLUGINS = flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")


@policy.command("check", context_settings=CONTEXT)
@language_flag
@_CHOSEN
@_FORMAT
@_ROOT
@_NO_PLUGINS
def check(chosen: str | None, text_format: str, policy_root: Path | None, no_plugins: bool) -> int:
    """Say everything that is wrong with a policy, by default with the nearest tagmetry.yaml from here upward.

    Ends with 0 if nothing is wrong, else with 2.
    """
    plugins = _plugins(no_plugins)
    try:
        loaded = _loaded(chosen, plugins, policy_root)
    except PolicyError as error:
        problems = error.diagnostics
        if text_format == "json":
            _print_json([one.as_data() for one in problems])
        else:
            counted = message(Plural("{n:count} problem", "{n:count} problems"), n=len(problems))
            click.echo(f"{render(problems)}\n\n{spoken().render(counted)}")
        return 2
    if text_format == "json":
        _print_json([])
    else:
        valid = message("{name} is valid: {sources}", name=loaded.name, sources=" + ".join(loaded.sources))
        click.echo(spoken().render(valid))
        for notice in loaded.notices():
            click.echo(spoken().render(message("note: {text}", text=spoken().render(notice))), err=True)
    return _exit_code(plugins)


@policy.command("show", context_settings=CONTEXT)
@language_flag
@_CHOSEN
@_FORMAT
@click.option("--at", "at", metavar="PATH", help="What holds for this image, by its path from the dataset's folder.")
@_ROOT
@_NO_PLUGINS
def show(chosen: str | None, text_format: str, at: str | None, policy_root: Path | None, no_plugins: bool) -> int:
    """Print the effective policy with the origin of each value, by default of the nearest tagmetry.yaml.

    The text is a policy file with the origins as comments; changes of the vocabulary are named and not repeated.
    With --at the overrides are applied as for that image. Its role and concept are told from the policy and the
    folders' names alone; the file need not be there.
    """
    plugins = _plugins(no_plugins)
    loaded = _loaded(chosen, plugins, policy_root)
    rules = with_defined(plugins, loaded.defined).rules.values()
    place = None if at is None else place_of(at, loaded)
    if text_format == "json":
        _print_json(as_data(loaded, rules, place=place))
    else:
        click.echo(as_text(loaded, rules, place=place), nl=False)
    return _exit_code(plugins)


@policy.command("schema", context_settings=CONTEXT)
@language_flag
@_NO_PLUGINS
def schema(no_plugins: bool) -> int:
    """Print the JSON Schema of policy files for the installed rules, for editors."""
    plugins = _plugins(no_plugins)
    # In ASCII, since a shell may write it down in any encoding.
    click.echo(json.dumps(policy_schema(plugins.rules.values(), kinds=plugins.kinds, others=True), indent=2))
    return _exit_code(plugins)


@policy.command("test", context_settings=CONTEXT)
@language_flag
@click.argument("places", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path, exists=True))
@_FORMAT
@click.option("--coverage", is_flag=True, help="Also list the rules, overrides and suppressions that no case touched.")
@_ROOT
@_NO_PLUGINS
def test(places: tuple[Path, ...], text_format: str, coverage: bool, policy_root: Path | None, no_plugins: bool) -> int:
    """Run policy tests: files in or below PATH (by default the current folder) that begin with `tagmetry-test: 1`.

    No pictures are needed: a case gives the figures of images, and what is expected to be found. Ends with 0 if all
    is as expected, 1 if not, 2 for a test file or policy that cannot be used.
    """
    from tagmetry.cli.policy_tests import run_tests

    plugins = _plugins(no_plugins)
    code = run_tests(
        places or (Path(),), plugins, as_json=text_format == "json", coverage=coverage, policy_root=policy_root
    )
    return code if code == 2 else _exit_code(plugins) or code


def policy_flags(command: Any) -> Any:
    """The flags of commands that tell rules, those of a policy among them."""
    named = flag("--policy", metavar="FILE-or-NAME", help="Also the rules that this policy defines.")
    return named(_ROOT(command))


def with_rules_of(chosen: str | None, plugins: Plugins, policy_root: Path | None) -> Plugins:
    """The plugins with the rules of a policy, if one is named. Raises PolicyError and UsageError."""
    if chosen is None:
        return plugins
    return with_defined(plugins, load_policy(chosen, plugins, policy_root=policy_root).defined)


def _plugins(no_plugins: bool) -> Plugins:
    plugins = load_plugins(foreign=not no_plugins)
    for failure in plugins.failures:
        click.echo(spoken().render(failure.text()), err=True)
    return plugins


def _exit_code(plugins: Plugins) -> int:
    """What a plugin that did not load would have brought is missing in every answer."""
    return 3 if plugins.failed else 0


def _loaded(chosen: str | None, plugins: Plugins, policy_root: Path | None) -> Policy:
    """The chosen policy, or the nearest one from the current folder upward."""
    here = Path.cwd()
    if chosen is None and find_policy(here) is None:
        text = message("no tagmetry.yaml is here or above: {policy} is what applies", policy=DEFAULT_POLICY)
        click.echo(spoken().render(text), err=True)
    return load_policy(chosen, plugins, beside=here, policy_root=policy_root)


def _print_json(data: Any) -> None:
    # Bytes, since JSON is UTF-8 whatever the console.
    click.echo(as_bytes(json.dumps(data, indent=2, ensure_ascii=False)))
