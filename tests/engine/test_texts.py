"""Every text that a user reads goes through the one door: found in the source, not by running it."""

import ast
import re
from pathlib import Path

import pytest

import tagmetry.messages
from tagmetry.messages import Plural, template_fields
from tagmetry.plugins import load_plugins
from tagmetry.rule import HEADINGS

ROOT = Path(tagmetry.messages.__file__).resolve().parent.parent
SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in ("engine", "rules", "reporters")
    for path in sorted((ROOT / folder).rglob("*.py"))
}

DOORS = frozenset({"message", "Message", "Plural", "text", "format", "msgid", "prose"})
"""What takes a template or a fixed text: the functions of `tagmetry.messages` and the methods of a translator."""

NAMED_FOR_THE_MANUAL = frozenset({"help", "doc", "metavar"})
"""Arguments in which commands, options and reporters carry their documentation, which the manual prints."""

A_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? +[A-Za-z]{2,}")

OUTSIDE = {
    # Templates in a loop, each given to the translator there.
    ("reporters/html/account.py", "{n:count} could not judge"),
    # Headings by which the sections of a rule's page are looked up.
    *(("reporters/html/findings.py", heading) for heading in HEADINGS),
    # A directive of the content security policy.
    ("reporters/html/templates.py", "img-src data:"),
    # A command to type.
    ("engine/cli/diagnose.py", "tagmetry plan "),
}
"""Literals in functions that look like sentences and are none, or reach the door on another way."""


def name_of(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def all_calls():
    found = {}
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.setdefault(name_of(node.func), []).append((f"{path}:{node.lineno}", node))
    return found


CALLS = all_calls()
"""Calls by the name of what is called: (place, node)."""


def calls(name):
    return CALLS.get(name, [])


def literals(node):
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def fields_of(template):
    """The values that a template needs, None where it is no literal."""
    if is_text(template):
        return set(template_fields(template.value))
    if isinstance(template, ast.Call) and name_of(template.func) == "Plural":
        forms = [part.value for part in template.args[:2] if is_text(part)]
        by = [part.value.value for part in template.keywords if part.arg == "by"] or [
            part.value for part in template.args[2:3]
        ]
        return set(template_fields(Plural(*forms, *by))) if len(forms) == 2 else None
    return None


# --- templates ----------------------------------------------------------------------------------------------------


def test_the_sources_are_looked_at():
    assert {"engine/messages.py", "engine/cli/check.py", "rules/tags/tag_frequency.py"} <= set(SOURCES)
    assert len(calls("message")) > 100


@pytest.mark.parametrize("name", ["message", "Message"])
def test_a_message_has_all_the_values_that_its_template_asks_for(name):
    wrong = []
    for place, call in calls(name):
        fields = fields_of(call.args[0]) if call.args else None
        open_ended = any(part.arg is None for part in call.keywords) or name == "Message"
        given = {part.arg for part in call.keywords}
        if fields is not None and not open_ended and fields - given:
            wrong.append(f"{place}: {sorted(fields - given)}")
    assert wrong == []


def test_a_translators_format_has_all_the_values_that_its_template_asks_for():
    wrong = []
    for place, call in calls("format"):
        if len(call.args) < 2 or not isinstance(call.args[1], ast.Dict) or None in call.args[1].keys:
            continue
        fields = fields_of(call.args[0])
        given = {key.value for key in call.args[1].keys if is_text(key)}
        if fields is not None and fields - given:
            wrong.append(f"{place}: {sorted(fields - given)}")
    assert wrong == []


def test_every_literal_template_can_be_read():
    for name in ("message", "Message", "Plural", "Remedies"):
        for place, call in calls(name):
            templates = literals(call) if name == "Remedies" else [part.value for part in call.args if is_text(part)]
            for template in templates:
                try:
                    template_fields(template)
                except ValueError as error:
                    pytest.fail(f"{place}: {error}")


def test_no_template_is_put_together_when_it_is_shown():
    wrong = [
        place
        for name in ("message", "Message", "Plural")
        for place, call in calls(name)
        if call.args and any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in ast.walk(call.args[0]))
    ]
    assert wrong == [], "a template with its values in it can be neither translated nor told from them"


def test_the_tables_of_texts_can_be_read():
    """Texts at the top of a module, which a function gives to the translator later."""
    for path, tree in SOURCES.items():
        for statement in tree.body:
            if not path.startswith(("reporters/", "engine/cli/", "rules/")) or not isinstance(statement, ast.AnnAssign):
                continue
            for text in literals(statement.value) if isinstance(statement.value, ast.Dict) else []:
                if A_SENTENCE.search(text):
                    template_fields(text)


def test_all_texts_of_rules_can_be_read_and_those_that_count_agree():
    for rule in load_plugins(foreign=False).rules.values():
        for template in rule.texts():
            fields = template_fields(template)
            if isinstance(template, Plural):
                assert set(template_fields(template.one)) <= set(fields), rule.id


# --- texts outside the door ---------------------------------------------------------------------------------------


class Outside(ast.NodeVisitor):
    """Literals in functions that look like sentences and go neither through the door nor into the manual."""

    def __init__(self):
        self.found = []
        self._in_function = False

    def visit_FunctionDef(self, node):
        outer, self._in_function = self._in_function, True
        first = node.body[0]
        # Decorators declare commands; the first text is the documentation.
        is_documented = isinstance(first, ast.Expr) and is_text(first.value)
        for statement in node.body[is_documented:]:
            self.visit(statement)
        self._in_function = outer

    def visit_Call(self, node):
        if name_of(node.func) in DOORS:
            return
        self.visit(node.func)
        for part in node.args:
            self.visit(part)
        for part in node.keywords:
            if part.arg not in NAMED_FOR_THE_MANUAL:
                self.visit(part.value)

    def visit_Raise(self, node):
        # Built-in exceptions are for programmers; ours carry messages.
        if isinstance(node.exc, ast.Call) and name_of(node.exc.func) in ("AssertionError", "ValueError", "TypeError"):
            return
        self.generic_visit(node)

    def visit_Assert(self, node):
        return

    def visit_Expr(self, node):
        # A text that stands alone documents what is above it.
        if not is_text(node.value):
            self.generic_visit(node)

    def visit_Constant(self, node):
        if self._in_function and isinstance(node.value, str) and A_SENTENCE.search(node.value):
            self.found.append((node.lineno, node.value))


def outside(tree):
    visitor = Outside()
    visitor.visit(tree)
    return visitor.found


def test_commands_and_reporters_speak_through_the_door():
    found = [
        (path, text)
        for path, tree in SOURCES.items()
        if path.startswith(("engine/cli/", "reporters/"))
        for _, text in outside(tree)
    ]
    assert set(found) - OUTSIDE == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('def f():\n    click.echo("all is well")', ["all is well"]),
        ('def f():\n    click.echo(f"read {n} files of it")', [" files of it"]),
        ('def f():\n    yield "the " + "dataset is fine"', ["dataset is fine"]),
        ('def f():\n    lines = ["nothing was found"]', ["nothing was found"]),
        ('def f():\n    raise UsageError("no such folder")', ["no such folder"]),
        ('def f():\n    echo(say.text("all is well"))', []),
        ('def f():\n    echo(english().render(message("all is well")))', []),
        ('def f():\n    "All is well here."', []),
        ('@command(help="all is well")\ndef f():\n    flag("-x", help="all is well")', []),
        ('def f():\n    raise ValueError("no such folder")', []),
        ('NAMES = {"a": "all is well"}', []),
        ('def f():\n    echo(json.dumps({"name": 1}), "a-b", "UTF-8", "x y")', []),
    ],
)
def test_what_is_outside_the_door_is_seen(source, found):
    assert [text for _, text in outside(ast.parse(source))] == found


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "reporters" / "html").glob("*.html")), ids=lambda path: path.name)
def test_templates_of_the_page_have_no_words_of_their_own(path):
    text = path.read_text(encoding="utf-8")
    for part in (r"\{#.*?#\}", r"\{%.*?%\}", r"\{\{.*?\}\}", r"<!--.*?-->", r"<(script|style)\b.*?</\1>", r"<[^>]*>"):
        text = re.sub(part, " ", text, flags=re.DOTALL)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"&\w+;", " ", text))
    # The name, and the command that tells more.
    assert set(words) <= {"Tagmetry", "tagmetry", "explain"}
