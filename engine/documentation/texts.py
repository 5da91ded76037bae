"""Every text of Tagmetry that a catalogue can translate, found in the code, the templates and the plugins.

Texts are found where they pass the door: as the first argument of `message`, `Message`, `msgid`, `Plural`, and of a
translator's `text` and `format`; a constant or a table of constants of a module counts where it is passed by name.
The texts of rules, their pages and options, and of the other plugins, come from the plugins themselves.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path
from typing import Final, get_args

from jinja2.ext import babel_extract

from tagmetry.finding import Severity
from tagmetry.messages import LIST_COMMA, Plural, Template, paragraphs
from tagmetry.options import Status, options_of, type_name
from tagmetry.plugins import Plugins, load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.profile import ROLES, ProfileOptions
from tagmetry.report import FindingStatus
from tagmetry.rule import HEADINGS, Rule

_DOORS: Final = ("message", "Message", "msgid", "Plural", "text", "format", "prose", "counted", "step")
PLAYBOOKS: Final = "tagmetry:playbooks"
_PREFIX: Final = "tagmetry."
_JINJA: Final = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


@dataclass(frozen=True, slots=True)
class Msgid:
    """One text: the English singular, the plural form or "", and the modules or rules that say it."""

    one: str
    other: str
    places: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """Texts by msgid, in the order in which they are met."""

    others: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, template: Template, place: str) -> None:
        one, other = (template, "") if isinstance(template, str) else (template.one, template.other)
        if re.search(r"[^\W\d_]", re.sub(r"\{[^}]*\}", "", one + other)):
            self.keep(template, place)
        # Figures and signs alone are the same in every language.

    def keep(self, template: Template, place: str) -> None:
        one, other = (template, "") if isinstance(template, str) else (template.one, template.other)
        self.others[one] = other or self.others.get(one, "")
        if place not in self.places.setdefault(one, []):
            self.places[one].append(place)


def all_texts(plugins: Plugins | None = None) -> tuple[Msgid, ...]:
    """The texts of our own modules, templates and plugins, sorted by where they are said first, then as met."""
    found = _Found()
    found.keep(LIST_COMMA, "tagmetry.messages")
    for name, tree in _modules():
        for template in _Passed(name, tree).texts():
            found.add(template, name)
    for name, text in _templates():
        for _, _, passed, _ in babel_extract(BytesIO(text.encode("utf-8")), ["_"], [], _JINJA):
            one = passed if isinstance(passed, str) else passed[0] if passed else None
            if one:
                found.add(one, name)
    for word in (
        *(severity.label for severity in Severity),
        *get_args(FindingStatus),
        *ROLES,
        *get_args(Status),
        *HEADINGS,
    ):
        found.add(word, "tagmetry.report")
    loaded = plugins if plugins is not None else load_plugins(foreign=False)
    for rule in loaded.rules.values():
        for template in rule_texts(rule):
            found.add(template, f"rule {rule.id}")
    for option in options_of(ProfileOptions).values():
        found.add(option.info.doc, "profile")
    for reporter in loaded.reporters.values():
        for told in (reporter.doc, *(option.info.doc for option in options_of(reporter.options).values())):
            found.add(told, f"output {reporter.name}")
    for book in load_policy(PLAYBOOKS, loaded, beside=Path()).playbooks():
        for said in (book.seen, *(text for step in (*book.data, *book.training) for text in (step.do, step.unless))):
            found.add(said, f"playbook {book.symptom}")
    return tuple(
        Msgid(one, found.others[one], tuple(places))
        for one, places in sorted(found.places.items(), key=lambda entry: entry[1][0])
    )


def rule_texts(rule: Rule) -> Iterator[Template]:
    """What a rule says in findings, and its page: paragraphs of each section, and what its options are."""
    yield from rule.texts()
    for text in rule.sections().values():
        yield from paragraphs(text)
    for option in options_of(rule.options).values():
        yield option.info.doc
        yield type_name(option)
        if option.info.unit is not None:
            yield option.info.unit


def _modules() -> Iterator[tuple[str, ast.Module]]:
    seen = set()
    for package in ("tagmetry", "tagmetry.reporters", "tagmetry.rules"):
        for name, file in _files(resources.files(package), package, ".py"):
            if name not in seen:  # an ordinary install has them all in one folder
                seen.add(name)
                yield name.removesuffix(".__init__"), ast.parse(file.read_text(encoding="utf-8"))


def _templates() -> Iterator[tuple[str, str]]:
    for name, file in _files(resources.files("tagmetry.reporters"), "tagmetry.reporters", ".html"):
        yield name, file.read_text(encoding="utf-8")


def _files(folder: Traversable, name: str, suffix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and entry.name.isidentifier():
            yield from _files(entry, f"{name}.{entry.name}", suffix)
        elif entry.name.endswith(suffix):
            yield f"{name}.{entry.name.removesuffix(suffix)}", entry


class _Passed:
    """The texts that a module passes through the door."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._tree = tree
        self._constants = _constants(tree)
        self._imported = _imported(name, tree)

    def texts(self) -> Iterator[Template]:
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Constant):
                continue  # "...".format(...) is Python's own
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name == "Plural":
                yield from _plural(node)
            elif name == "msgid":
                for argument in node.args:
                    yield from self._of(argument)
            elif name in _DOORS:
                yield from self._of(node.args[0])

    def _of(self, node: ast.expr) -> Iterator[Template]:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value
        elif isinstance(node, ast.Name):
            value = self._constants.get(node.id) or self._imported.get(node.id)
            if value is not None:
                yield from self._of(value)
        elif isinstance(node, ast.IfExp):
            yield from self._of(node.body)
            yield from self._of(node.orelse)
        elif isinstance(node, ast.Subscript):
            yield from self._of(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            for part in (node.func.value, *node.args[1:]):
                yield from self._of(part)
        elif isinstance(node, ast.Dict):
            for member in node.values:
                yield from self._of(member)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "MappingProxyType":
            yield from self._of(node.args[0])
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from self._of(node.left)
            yield from self._of(node.right)


def _plural(node: ast.Call) -> Iterator[Plural]:
    forms = [part.value for part in node.args[:2] if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if len(forms) == 2:
        yield Plural(*forms)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """What the module's names are set to at its top level."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node.value
    return found


def _imported(name: str, tree: ast.Module) -> Mapping[str, ast.expr]:
    """The constants that a module has from another module of ours."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(_PREFIX) or node.module == name:
            continue
        source = _source_of(str(node.module))
        if source is None:
            continue
        constants = _constants(source)
        found |= {alias.asname or alias.name: constants[alias.name] for alias in node.names if alias.name in constants}
    return found


def _source_of(module: str) -> ast.Module | None:
    package, _, name = module.rpartition(".")
    file = resources.files(package).joinpath(f"{name}.py")
    return ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else None


def placeholders(text: str) -> tuple[str, ...]:
    """The placeholders of a text with their kinds, sorted; a translation must have the same."""
    return tuple(sorted(re.findall(r"\{\w+(?::\w+)?\}", text)))
