"""The manual page of a rule, from its docstring, options and texts."""

from collections.abc import Iterable

from tagmetry.messages import Template
from tagmetry.options import Option, options_of, type_name
from tagmetry.rule import HEADINGS, Rule

SOURCES = {
    "S0": "the source on balancing strategies",
    "S1": "the source on failure modes",
    "S2": "the source on preparing images and captions for Flux",
    "trainer": "a trainer's code",
    "tagmetry": "Tagmetry's own choice",
    "plugin": "the plugin's own choice",
}
EVIDENCE = {
    "documented": "documented: a trainer's code or documents, or a paper, say so",
    "community": "community: practitioners report it",
    "heuristic": "heuristic: inferred from statistics",
}


def rule_page(rule: Rule) -> str:
    """The page as Markdown; `tagmetry explain` prints the same text."""
    sections = rule.sections()
    lines = [f"# {rule.id}", "", *sections[""].split("\n"), ""]
    lines += [
        f"- severity: {rule.severity.label}" + ("" if rule.status == "stable" else f" ({rule.status})"),
        f"- evidence: {EVIDENCE[rule.evidence]}",
        f"- points to: {', '.join(rule.points_to) if rule.points_to else 'no failure mode by itself'}",
        "",
    ]
    for heading in HEADINGS:
        if sections.get(heading):
            lines += [f"## {heading}", "", *sections[heading].split("\n"), ""]
    options = options_of(rule.options)
    if options:
        lines += ["## Options", "", *option_table(options.values(), rule), ""]
    lines += ["## What it says", ""]
    lines += [f"- `{key}`: {_shown(template)}" for key, template in rule.messages.items()]
    remedies = _remedies(rule)
    if remedies:
        lines += ["", "## Remedies", "", *remedies]
    return "\n".join(lines).rstrip() + "\n"


def option_table(options: Iterable[Option], rule: Rule | None = None) -> list[str]:
    """A Markdown table of options with type, range, default and the origin of the default."""
    rows = ["| option | takes | default | what it is | default from |", "|---|---|---|---|---|"]
    rows += [
        f"| `{known.name}` | {_takes(known)} | {_default(known)} | {known.info.doc} "
        f"| {SOURCES[rule.source_of(known) if rule is not None else known.info.source]} |"
        for known in options
    ]
    return rows


def rule_index(rules: Iterable[Rule]) -> str:
    """All rules by group, a line each."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.module.rpartition(".")[0].rpartition(".")[2], []).append(rule)
    lines = ["# Rules", "", "Each rule is one page: what it finds, why it matters, what to do, its options.", ""]
    for group, members in sorted(groups.items()):
        lines += [f"## {group}", "", "| rule | severity | finds |", "|---|---|---|"]
        lines += [f"| [{rule.id}]({rule.id}.md) | {rule.severity.label} | {rule.title} |" for rule in members]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _takes(known: Option) -> str:
    parts = [type_name(known)]
    if known.info.low is not None and known.info.high is not None:
        parts.append(f"{known.info.low:g} to {known.info.high:g}")
    elif known.info.low is not None:
        parts.append(f"at least {known.info.low:g}")
    elif known.info.high is not None:
        parts.append(f"at most {known.info.high:g}")
    if known.info.unit not in (None, "share"):
        parts.append(str(known.info.unit))
    return ", ".join(parts)


def _default(known: Option) -> str:
    if known.default is None:
        return "none"
    if isinstance(known.default, tuple):
        return ", ".join(f"`{member}`" for member in known.default) or "empty"
    if isinstance(known.default, bool):
        return f"`{str(known.default).lower()}`"
    return f"`{known.default}`"


def _remedies(rule: Rule) -> list[str]:
    lines: list[str] = []
    seen: set[str] = set()
    for key in rule.messages:
        remedies = rule.remedies_for(key)
        for kind, texts in (("data", remedies.data), ("training", remedies.training)):
            for text in texts:
                shown = f"- {kind}: {_shown(text)}"
                if shown not in seen:
                    seen.add(shown)
                    lines.append(shown)
    return lines


def _shown(template: Template) -> str:
    return template if isinstance(template, str) else template.other
