"""The manual page of a rule, from its docstring, options and texts."""

from collections.abc import Iterable, Mapping
from typing import Final

from tagmetry.messages import Template, Translator, english, msgid
from tagmetry.options import Option, options_of, type_name
from tagmetry.rule import HEADINGS, Rule

SOURCES: Final[Mapping[str, str]] = {
    "S0": "the source on balancing strategies",
    "S1": "the source on failure modes",
    "S2": "the source on preparing images and captions for Flux",
    "trainer": "a trainer's code",
    "tagmetry": "Tagmetry's own choice",
    "plugin": "the plugin's own choice",
}
EVIDENCE: Final[Mapping[str, str]] = {
    "documented": "documented: a trainer's code or documents, or a paper, say so",
    "community": "community: practitioners report it",
    "heuristic": "heuristic: inferred from statistics",
}


def rule_page(rule: Rule, say: Translator | None = None) -> str:
    """The page as Markdown, in English where no language is given; `tagmetry explain` prints the same text."""
    say = say or english()
    sections = rule.sections()
    lines = [f"# {rule.id}", "", *_prose(sections[""], say), ""]
    severity = say.text(rule.severity.label)
    modes = ", ".join(rule.points_to) or say.text("no failure mode by itself")
    lines += [
        say.format("- severity: {severity}", {"severity": severity}),
        *_standing(rule, say),
        say.format("- evidence: {evidence}", {"evidence": say.text(EVIDENCE[rule.evidence])}),
        say.format("- points to: {modes}", {"modes": modes}),
        "",
    ]
    for heading in HEADINGS:
        if sections.get(heading):
            lines += [f"## {say.text(heading)}", "", *_prose(sections[heading], say), ""]
    options = options_of(rule.options)
    if options:
        lines += [f"## {say.text('Options')}", "", *option_table(options.values(), rule, say=say), ""]
    lines += [f"## {say.text('What it says')}", ""]
    lines += [f"- `{key}`: {_shown(template, say)}" for key, template in rule.messages.items()]
    remedies = _remedies(rule, say)
    if remedies:
        lines += ["", f"## {say.text('Remedies')}", "", *remedies]
    return "\n".join(lines).rstrip() + "\n"


def _prose(text: str, say: Translator) -> list[str]:
    """A section as its writer broke the lines, or in the paragraphs of another language."""
    return (text if say.language == "en" else say.prose(text)).split("\n")


def _standing(rule: Rule, say: Translator) -> list[str]:
    """Lines about a rule that is no ordinary one, or had other names."""
    facts = {"since": rule.since, "other": rule.replaced_by}
    lines = []
    if rule.status == "preview":
        text = "- status: preview since {since}; it runs only where a policy gives it a severity"
        lines.append(say.format(text, facts))
    elif rule.status == "deprecated" and rule.replaced_by:
        lines.append(say.format("- status: deprecated since {since}, will be removed; use {other}", facts))
    elif rule.status == "deprecated":
        lines.append(say.format("- status: deprecated since {since}, will be removed", facts))
    if rule.told_by:
        lines.append(say.format(_TOLD_BY, {"names": ", ".join(rule.told_by)}))
    if rule.aliases:
        lines.append(say.format("- former names: {names}", {"names": ", ".join(rule.aliases)}))
    return lines


_TOLD_BY: Final = msgid("- its notes are left out where findings of these rules name all their images: {names}")


def option_table(options: Iterable[Option], rule: Rule | None = None, *, say: Translator | None = None) -> list[str]:
    """A Markdown table of options with type, range, default and the origin of the default."""
    say = say or english()
    heads = [say.text(head) for head in _HEADS]
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    rows += [
        f"| `{known.name}` | {_takes(known, say)} | {_default(known, say)} | {_described(known, say)} "
        f"| {say.text(SOURCES[rule.source_of(known) if rule is not None else known.info.source])} |"
        for known in options
    ]
    return rows


_HEADS: Final = (msgid("option"), msgid("takes"), msgid("default"), msgid("what it is"), msgid("default from"))


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


def _described(known: Option, say: Translator) -> str:
    """What an option is, with what is to be known of one that is no ordinary one, or had other names."""
    info = known.info
    facts = {"since": info.since, "other": f"`{info.replaced_by}`"}
    parts = [say.text(info.doc)]
    if info.status == "preview":
        parts.append(say.text("Preview: it may still change."))
    elif info.status == "deprecated" and info.replaced_by:
        parts.append(say.format("Deprecated since {since}, will be removed; use {other}.", facts))
    elif info.status == "deprecated":
        parts.append(say.format("Deprecated since {since}, will be removed.", facts))
    if info.aliases:
        names = ", ".join(f"`{alias}`" for alias in info.aliases)
        parts.append(say.format("Formerly {names}.", {"names": names}))
    return " ".join(parts)


def _takes(known: Option, say: Translator) -> str:
    parts = [say.text(type_name(known))]
    low, high = (None if end is None else f"{end:g}" for end in (known.info.low, known.info.high))
    if low is not None and high is not None:
        parts.append(say.format("{low} to {high}", {"low": low, "high": high}))
    elif low is not None:
        parts.append(say.format("at least {low}", {"low": low}))
    elif high is not None:
        parts.append(say.format("at most {high}", {"high": high}))
    if known.info.unit is not None and known.info.unit != "share":
        parts.append(say.text(known.info.unit))
    return ", ".join(parts)


def _default(known: Option, say: Translator) -> str:
    if known.default is None:
        return say.text("none")
    if isinstance(known.default, tuple):
        return ", ".join(f"`{member}`" for member in known.default) or say.text("empty")
    if isinstance(known.default, bool):
        return f"`{str(known.default).lower()}`"
    return f"`{known.default}`"


def _remedies(rule: Rule, say: Translator) -> list[str]:
    lines: list[str] = []
    seen: set[str] = set()
    for key in rule.messages:
        remedies = rule.remedies_for(key)
        for form, texts in ((_FOR_DATA, remedies.data), (_FOR_TRAINING, remedies.training)):
            for text in texts:
                shown = say.text(form).replace("{remedy}", _shown(text, say))
                if shown not in seen:
                    seen.add(shown)
                    lines.append(shown)
    return lines


_FOR_DATA: Final = msgid("- data: {remedy}")
_FOR_TRAINING: Final = msgid("- training: {remedy}")


def _shown(template: Template, say: Translator) -> str:
    """The template itself, with its placeholders."""
    return say.text(template) if isinstance(template, str) else say.template(template)
