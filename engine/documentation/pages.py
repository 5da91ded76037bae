"""All generated pages as path -> text, relative to the docs folder."""

import inspect
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

import click

from tagmetry.cli import tagmetry
from tagmetry.documentation.rule_pages import option_table, rule_index, rule_page
from tagmetry.options import options_of
from tagmetry.plain_words import FAILURES, GLOSSARY, QUESTIONS, TECHNIQUES
from tagmetry.plan.options import POLICY_KEYS, BalanceOptions
from tagmetry.plugins import load_plugins
from tagmetry.policy.expressions import reference_page
from tagmetry.policy.kinds.registered import KINDS
from tagmetry.policy.schema import RULE_KEYS, policy_schema, schema_at, takes
from tagmetry.profile import ProfileOptions

HEADER = "<!-- This page is written from the code by `python3 dev.py docs`; change it there. -->\n\n"


def generated_pages() -> Mapping[str, str]:
    """Pages of our own plugins, in the order of their paths."""
    plugins = load_plugins(foreign=False)
    rules = list(plugins.rules.values())
    pages = {f"rules/{rule.id}.md": HEADER + rule_page(rule) for rule in rules}
    pages["rules/index.md"] = HEADER + rule_index(rules)
    pages["reference/command-line.md"] = HEADER + _command_line()
    pages["reference/policy.md"] = HEADER + _policy_reference()
    pages["reference/expressions.md"] = HEADER + reference_page()
    pages["reference/policy.schema.json"] = (
        json.dumps(policy_schema(rules, others=True), indent=2, ensure_ascii=False) + "\n"
    )
    pages["reference/plain-words.md"] = HEADER + _plain_words()
    outputs = [
        "# Outputs",
        "",
        "`tagmetry check DATASET -o NAME=PATH`, as often as wanted. What shows saved reports says so.",
        "",
    ]
    for reporter in plugins.reporters.values():
        outputs += [f"## {reporter.name}", "", f"{reporter.doc} {_WRITES[reporter.kind]}", ""]
        options = options_of(reporter.options)
        if options:
            outputs += [
                f"Options, set by `--set {reporter.name}.OPTION=VALUE`:",
                "",
                *option_table(options.values()),
                "",
            ]
    pages["reference/outputs.md"] = HEADER + "\n".join(outputs).rstrip() + "\n"
    return dict(sorted(pages.items()))


_WRITES: Final = {
    "file": "Writes a file.",
    "folder": "Writes a folder.",
    "either": "Writes a file, or a folder where the path has no suffix or ends in `/`.",
}


def _plain_words() -> str:
    lines = ["# Plain words", "", "For everybody who meets these things here first.", "", "## What can go wrong", ""]
    for failure in FAILURES:
        lines += [f"### {failure.name}", "", failure.what, ""]
        lines += [f"- How it shows: {failure.shows}", f"- What leads there: {failure.why}"]
        lines += [f"- What to do first: {failure.first}", f"- In reports and policies: `{failure.id}`", ""]
    lines += ["## Ways to balance", ""]
    for technique in TECHNIQUES:
        lines += [f"### {technique.name}", "", f"{technique.what} {technique.school}", ""]
        lines += [f"- Suits: {technique.suits}.", f"- Goes wrong as: {technique.wrong}."]
        lines += [f"- Settings: {', '.join(f'`{one}`' for one in technique.settings.split(', '))}", ""]
    lines += ["## Questions", ""]
    for question in QUESTIONS:
        lines += [f"### {question.question}", "", question.answer, ""]
    lines += ["## Glossary", "", "| word | meaning |", "|---|---|"]
    lines += [f"| {term.word} | {term.meaning} |" for term in GLOSSARY]
    return "\n".join(lines) + "\n"


def _policy_reference() -> str:
    profile = option_table(options_of(ProfileOptions).values())
    by_option = {name: key for key, name in POLICY_KEYS.items()}
    balance = [
        line.replace(f"| `{name}` ", f"| `{by_option[name]}` ", 1)
        for name, line in zip(
            options_of(BalanceOptions), option_table(options_of(BalanceOptions).values())[2:], strict=True
        )
        if name in by_option
    ]
    head = option_table([])
    schema = policy_schema(load_plugins(foreign=False).rules.values())
    return "\n".join(
        [
            "# Policy reference",
            "",
            "The keys of a policy file besides its rules, whose options stand on [their pages](../rules/index.md).",
            "[policy.schema.json](policy.schema.json) holds the same for editors.",
            "",
            "## Keys of the file",
            "",
            *_keys(schema),
            "",
            "## profile",
            "",
            *profile,
            "",
            "## balance",
            "",
            *head,
            *balance,
            "",
            "## Rules, overrides, suppressions",
            "",
            "What every rule takes beside its options:",
            "",
            *_keys(schema_at(schema, ("rules", "missing-caption")), only=RULE_KEYS),
            "",
            "An entry of `overrides` has `match`, `rules` and `because`; an entry of `suppressions`:",
            "",
            *_keys(schema_at(schema, ("suppressions", 0))),
            "",
            *_kinds_of_rules(),
        ]
    )


def _keys(schema: Mapping[str, Any], *, only: Collection[str] = ()) -> list[str]:
    """A table of the keys of a part of the schema."""
    # What may be a severity alone has its keys in the other branch.
    properties = schema.get("properties") or schema["else"]["properties"]
    rows = ["| key | takes | what it is |", "|---|---|---|"]
    for name, written in properties.items():
        inner = schema_at(schema, (name,)) if "$ref" in written else written
        if not only or name in only:
            taken = ", ".join(word for word in takes(inner) if word != "null" or len(takes(inner)) == 1)
            rows.append(f"| `{name}` | {taken or 'a mapping'} | {inner.get('description', '')} |")
    return rows


def _kinds_of_rules() -> list[str]:
    lines = [
        "## Kinds of rules",
        "",
        "What definitions under `define` are made of, besides `kind`, `severity`, `message`, `because`, `where` and",
        "`when`. What is marked as an option can be changed by policies that build on the defining one.",
        "",
    ]
    for kind in KINDS.values():
        lines += [f"### {kind.name}", "", kind.doc, "", "| field | takes | default | what it is |", "|---|---|---|---|"]
        for field in kind.fields:
            taken = ", ".join(field.choices) if field.choices else _SORTS[field.sort]
            default = "required" if field.required else f"`{field.default}`" if field.default else "none"
            lines.append(f"| `{field.name}` | {taken} | {default} | {field.doc} |")
        for row in option_table(options_of(kind.options).values())[2:]:
            name, taken, default, doc, _ = (cell.strip() for cell in row.strip("|").split(" | "))
            lines.append(f"| {name} (option) | {taken} | {default} | {doc} |")
        for names in kind.one_of:
            lines += ["", "At least one of " + ", ".join(f"`{name}`" for name in names) + "."]
        for one, other in kind.not_both:
            lines += ["", f"`{one}` and `{other}` are not given together."]
        lines += ["", "It says, unless `message` says otherwise:", ""]
        lines += [f"- {text}" for text in kind.messages.values()]
        lines.append("")
    return lines


_SORTS: Final = {
    "condition": "a condition (expression)",
    "number": "a figure (name or expression)",
    "value": "a name, or an expression that gives a number",
    "regex": "a regular expression",
    "swap": "words, each with what to write instead",
    "choice": "a choice",
    "group": "a group of the vocabulary",
    "tags": "a list of tags",
}


def _command_line() -> str:
    lines = ["# Command line", ""]
    context = click.Context(tagmetry, info_name="tagmetry")
    for name in tagmetry.list_commands(context):
        command = tagmetry.get_command(context, name)
        assert command is not None
        lines += _help_of(command, f"tagmetry {name}", context)
    lines += [
        "## Environment",
        "",
        "An option with an environment name can be set there, for example `TAGMETRY_BASE_MODEL=sdxl`.",
        "",
        "## Exit codes",
        "",
        "| code | meaning |",
        "|---|---|",
        "| 0 | passed |",
        "| 1 | findings at or above `--fail-on` |",
        "| 2 | wrong usage, invalid policy or config, or no images: nothing was audited |",
        "| 3 | incomplete: a plugin, rule or output failed |",
        "| 4 | internal error |",
        "| 130 | interrupted |",
        "",
    ]
    return "\n".join(lines)


def _help_of(command: click.Command, title: str, parent: click.Context) -> list[str]:
    """A command's section, from its parameters: click's own layout of the help changes between its releases."""
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    options = [param for param in command.params if isinstance(param, click.Option)]
    usage = " ".join([title, *(["[OPTIONS]"] if options else []), *(str(one.metavar or one.name) for one in arguments)])
    about = inspect.cleandoc(command.help or "")
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=title, parent=parent)
        lines = [f"## {title}", "", about, ""]
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            lines += _help_of(child, f"{title} {name}", parent)
        return lines
    lines = [f"## {title}", "", f"`{usage}`", "", about, ""]
    if options:
        lines += ["| option | what it does | environment |", "|---|---|---|"]
        lines += [_option_row(option) for option in options]
        lines.append("")
    return lines


def _option_row(option: click.Option) -> str:
    value = ""
    if isinstance(option.type, click.Choice):
        value = " " + "\\|".join(str(choice) for choice in option.type.choices)
    elif not option.is_flag and not option.count:
        value = f" {option.metavar or option.type.name.upper()}"
    names = ", ".join(f"`{name}`" for name in option.opts)
    told = (option.help or "").rstrip()
    if option.multiple:
        told += " Can be given several times."
    if option.show_default and option.default is not None:
        told += f" Default: {option.default}."
    environment = f"`{option.envvar}`" if option.envvar else ""
    return f"| {names}{value} | {told} | {environment} |"
