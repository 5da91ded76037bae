"""`tagmetry explain NAME`: one rule in full, with --at what the policy decided for an image, or a word of the field."""

from collections.abc import Iterator
from pathlib import Path

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken, spoken_with
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.cli.pages import fitted
from tagmetry.cli.policy import policy_flags
from tagmetry.documentation.rule_pages import rule_page
from tagmetry.documentation.word_pages import names, overview, word_page
from tagmetry.errors import UsageError
from tagmetry.messages import Message, message
from tagmetry.options import options_of
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.policy.form import rule_named
from tagmetry.policy.kinds.defining import with_defined
from tagmetry.policy.loader import load_policy, playbooks_of
from tagmetry.policy.model import Policy, RulePatch
from tagmetry.policy.place import Place, deciding, place_of
from tagmetry.policy.printing import default_of, flow, patched, shown, told_by
from tagmetry.rule import Rule
from tagmetry.wrapping import wrapped


@click.command("explain", context_settings=CONTEXT)
@language_flag
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--at", "at", metavar="PATH", help="Tell first what the policy says for this image, and where.")
@policy_flags
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def explain(name: str | None, at: str | None, no_plugins: bool, policy: str | None, policy_root: Path | None) -> int:
    """Show what a rule finds, why it matters, what to do, and its options; with --policy also one that it defines.

    NAME may also be a failure mode (memorization), a way to balance (repeats), a symptom (over-fitted), a word of the
    field ("trigger word"), or one of the pages glossary and questions. Without a name all of them are listed.

    With --at PATH, a path from the dataset's folder, it is told first which parts of the policy (by default the
    nearest tagmetry.yaml) decided for that image, in their order; the file need not be there.
    """
    plugins = load_plugins(foreign=not no_plugins)
    if name is None:
        loaded = load_policy(policy, plugins, beside=Path.cwd(), policy_root=policy_root)
        _show(overview(playbooks_of(loaded, with_defined(plugins, loaded.defined)), spoken_with(plugins)))
        return 0
    if at is None:
        _show(_page(name, plugins, policy, policy_root))
        return 0
    loaded = load_policy(policy, plugins, beside=Path.cwd(), policy_root=policy_root)
    rule = found_rule(name, with_defined(plugins, loaded.defined))
    for line in decision(loaded, rule, place_of(at, loaded)):
        indent = len(line) - len(line.lstrip())
        for part in wrapped(line.strip(), width(), first=" " * indent, indent=" " * (indent + 5)):
            click.echo(part)
    click.echo()
    _show(rule_page(rule, spoken_with(plugins)))
    return 0


def _page(name: str, plugins: Plugins, policy: str | None, policy_root: Path | None) -> str:
    """The page of a rule, or of a word. Raises UsageError with the nearest known name."""
    if rule_named(name, plugins) is not None and policy is None:
        return rule_page(found_rule(name, plugins), spoken_with(plugins))
    # It may be a rule or a symptom of the nearest policy, as for the other commands.
    loaded = load_policy(policy, plugins, beside=Path.cwd(), policy_root=policy_root)
    known = with_defined(plugins, loaded.defined)
    if rule_named(name, known) is not None:
        return rule_page(found_rule(name, known), spoken_with(plugins))
    playbooks = playbooks_of(loaded, known)
    page = word_page(name, playbooks, known.rules, spoken_with(plugins))
    if page is not None:
        return page
    words = [word for some in names(playbooks).values() for word in some]
    raise UsageError(
        message("there is no rule, failure mode, symptom or word {name}", name=name),
        known.way_out(name, (*known.rules, *words), message("tagmetry explain lists what can be explained")),
    )


def _show(page: str) -> None:
    click.echo(fitted(page, width()), nl=False)


def found_rule(rule_id: str, plugins: Plugins) -> Rule:
    """An installed rule by its id or an alias. Raises UsageError with the nearest known name."""
    for rule in plugins.rules.values():
        if rule_id == rule.id or rule_id in rule.aliases:
            return rule
    raise UsageError(
        message("there is no rule {rule}", rule=rule_id),
        plugins.way_out(rule_id, plugins.rules, message("tagmetry rules lists them")),
    )


def decision(policy: Policy, rule: Rule, place: Place) -> Iterator[str]:
    """The patches that decided for a place in the order of application, and what holds in the end."""
    say = spoken()
    patches = deciding(policy, rule, place)
    yield say.render(message("{rule} for {place}", rule=rule.id, place=say.render(place.told())))
    yield ""
    if not patches:
        yield "  " + say.text("no policy speaks of it here: its own severity and defaults hold")
    for number, patch in enumerate(patches, start=1):
        yield f"  {number}. {say.render(_told(patch))}"
        if patch.because:
            yield "     " + say.render(message("because: {reason}", reason=patch.because))
    settled = policy.rule(rule, [patch.match for patch in patches if patch.match is not None])
    severity = settled.severity
    yield ""
    yield "  " + say.render(
        message("in force: {severity}, the rule's own", severity=rule.severity.label)
        if severity is None
        else message("in force: {severity}, from {place}", severity=severity.label, place=settled.severity_place)
        if settled.severity_place
        else message("in force: {severity}, a preview that has to be asked for", severity=severity.label)
    )
    if settled.tolerate is not None:
        value, origin = shown(settled.tolerate), settled.tolerate_place
        yield "  " + say.render(
            message("{option}: {value}, from {place}", option="tolerate", value=value, place=origin)
        )
    for key, told in (("where", settled.where), ("when", settled.when)):
        if told is not None:
            text = message("{option}: {value}, from {place}", option=key, value=told.value.text, place=told.place)
            yield "  " + say.render(text)
    if (lock := policy.standing(rule).lock) is not None:
        yield "  " + say.render(message("locked in {place}", place=lock.place))
    for name in options_of(rule.options):
        value = flow(patched(getattr(settled.options, name)))
        origin = settled.origins[name]
        yield "  " + say.render(
            message("{option}: {value}, {source}", option=name, value=value, source=say.render(default_of(origin)))
            if origin == rule.source_of(options_of(rule.options)[name])
            else message("{option}: {value}, from {place}", option=name, value=value, place=origin)
        )


def _told(patch: RulePatch) -> Message:
    values = {name: patched(one.value) for name, one in told_by(patch).items()}
    said = ", ".join(
        f"{name} {value if name == 'severity' and value else flow(value)}" for name, value in values.items()
    )
    if patch.match is None:
        return message("{place}: {said}", place=patch.place, said=said)
    return message("{place}, for {match}: {said}", place=patch.place, match=patch.match.shown(), said=said)
