"""The form of one policy file: what the schema refuses, in our words and at its place."""

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from tagmetry.messages import Message, message
from tagmetry.options import Option, OptionError, coerced, option_named, options_of, without_none
from tagmetry.plan.options import POLICY_KEYS, BalanceOptions
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.kinds.kind import Kind
from tagmetry.policy.model import FAIL_ON, RESET, ListPatch
from tagmetry.policy.schema import (
    RULE_KEYS,
    Schema,
    definition_fields,
    definition_schema,
    schema_at,
    takes,
)
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode, to_data
from tagmetry.profile import ProfileOptions
from tagmetry.rule import Rule

Path = tuple[str | int, ...]
Wrong = tuple[Span, Message, Message | None]
"""A place, what is wrong there, and the way out."""

MOST_MISTAKES: Final = 200
"""Places of one file that are told; looking for what was meant takes time at each of them."""

_SAID_OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("no", "none", "false", "disable", "disabled", "ignore", "skip"), ("off", "never")),
    "off": ("never",),
    **dict.fromkeys(("note", "hint"), ("info",)),
    **dict.fromkeys(("critical", "fatal", "high"), ("error",)),
}
"""Words of other linters and of YAML 1.1, with what they may mean here."""

_TRUTH: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def check_form(root: MappingNode, schema: Schema, plugins: Plugins, problems: Problems) -> frozenset[Path]:
    """Tells what the schema refuses and what is not read yet. The result is where something is wrong.

    Values of options that have the right type are left to `option_value`, whose errors name the range.
    """
    form = _Form(root, schema, plugins, problems)
    # An empty registry: no `$ref` beyond the schema itself is ever looked up.
    validator = Draft202012Validator(schema, registry=Registry())
    for error in validator.iter_errors(to_data(root)):
        form.tell(error)
        if len(form.refused) >= MOST_MISTAKES:
            form.tell_too_many()
            break
    return frozenset(form.refused)


def rule_named(name: str, plugins: Plugins) -> Rule | None:
    """The rule with an id or a former id."""
    found = plugins.rules.get(name)
    return found or next((rule for rule in plugins.rules.values() if name in rule.aliases), None)


def option_value(known: Option, node: Node, path: Path) -> tuple[Any, list[Wrong]]:
    """What the node at a path says for an option (a value, RESET or a ListPatch), and what is wrong with it.

    What only the schema refuses gives a value here all the same.
    """
    # The texts about an option begin with its name, which is not always the key.
    known = replace(known, name=dotted(path))
    if isinstance(node, ScalarNode) and node.value is None:
        return RESET, []
    members = option_members(known)
    wrong: list[Wrong] = []
    if members is None:
        if not isinstance(node, ScalarNode):
            return RESET, []
        return _coerced(known, node, wrong), wrong
    if isinstance(node, MappingNode):
        add, remove = (tuple(_members(members, node.get(key), wrong)) for key in ("add", "remove"))
        return ListPatch(add, remove), wrong
    return tuple(_members(members, node, wrong)), wrong


def option_members(known: Option) -> Option | None:
    """What each member of a list option is; None for an option that takes a single value."""
    _, wanted = without_none(known.type)
    if typing.get_origin(wanted) is not tuple:
        return None
    return Option(known.name, typing.get_args(wanted)[0], None, known.info)


def _members(known: Option, node: Node | None, wrong: list[Wrong]) -> Iterable[Any]:
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    values = [_coerced(known, one, wrong) for one in nodes if isinstance(one, ScalarNode)]
    return [value for value in values if value is not RESET]


def _coerced(known: Option, node: ScalarNode, wrong: list[Wrong]) -> Any:
    try:
        return coerced(known, node.value)
    except OptionError as problem:
        choices = known.info.choices or ()
        near = _TRUTH.get(node.raw.lower()) if known.type is bool else did_you_mean(node.raw, choices)
        help = message("did you mean '{near}'?", near=near) if near else None
        wrong.append((node.span, problem.text, help))
        return RESET


def node_at(root: Node, path: Path) -> tuple[Node | None, Span]:
    """The node at a path and where to point for it: at a single value itself, else at its key.

    Where the path leads nowhere, the place is that of the last step that there is.
    """
    node: Node | None = root
    span = root.span
    for part in path:
        if isinstance(node, MappingNode) and isinstance(part, str) and part in node:
            span = node.key_span(part)
            node = node.get(part)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node):
            node = node.items[part]
            span = node.span
        else:
            return None, span
    return node, node.span if isinstance(node, ScalarNode) and (node.raw or node.quoted) else span


def dotted(path: Path) -> str:
    """`profile.concepts.portrait.core_tags[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class _Form:
    def __init__(self, root: MappingNode, schema: Schema, plugins: Plugins, problems: Problems) -> None:
        self.root = root
        self.schema = schema
        self.plugins = plugins
        self.problems = problems
        self.refused: set[Path] = set()

    def tell(self, error: ValidationError) -> None:
        """One error of the schema. At each place only the first is told; the others follow from it."""
        path: Path = tuple(error.absolute_path)
        if error.validator == "unevaluatedProperties":
            self._tell_unknown_keys(path, error)
        elif path not in self.refused:
            self.refused.add(path)
            if "propertyNames" in error.absolute_schema_path:
                self._tell_name(path, str(error.instance))
            elif error.validator == "required":
                self._tell_missing(path, error)
            else:
                self._tell_value(path, error)

    def tell_too_many(self) -> None:
        text = message("the file has {n:count} mistakes or more; the others are not told", n=MOST_MISTAKES)
        told = [one.span for one in self.problems.diagnostics if one.span is not None]
        own = [span for span in told if span.file == self.root.span.file]
        self.problems.add("policy-too-many-problems", text, own[-1])

    def _tell_unknown_keys(self, path: Path, error: ValidationError) -> None:
        node, _ = node_at(self.root, path)
        known = sorted(error.schema["properties"]) if isinstance(error.schema, Mapping) else []
        for key, _value in node.items if isinstance(node, MappingNode) else ():
            if key.text not in known and len(self.refused) < MOST_MISTAKES:
                self.refused.add((*path, key.text))
                self._tell_unknown_key(path, key.text, key.span, known)

    def _tell_unknown_key(self, path: Path, key: str, span: Span, known: Sequence[str]) -> None:
        if _among_rules(path) == ("rules",):
            if isinstance(defined := self.root.get("define"), MappingNode) and key in defined:
                return  # what is wrong with its definition is told where that stands
            otherwise = message("tagmetry rules lists the rules")
            help = self._belongs(path, key) or self.plugins.way_out(key, known, otherwise)
            self.problems.add("policy-unknown-rule", message("unknown rule '{rule}'", rule=key), span, help)
            return
        near = did_you_mean(key, known)
        if path[:1] == ("define",) and len(path) == 2 and (kind := self._kind_at(path)) is not None:
            text = message("a rule of kind {kind} has no field '{field}'", kind=kind.name, field=key)
            own = ", ".join(name for name in definition_fields(kind))
            help = (
                message("did you mean '{near}'? Fields: {names}", near=near, names=own)
                if near
                else message("fields: {names}", names=own)
            )
            self.problems.add("policy-unknown-field", text, span, help)
            return
        if (local := _among_rules(path))[:1] == ("rules",) and len(local) == 2:
            names = ", ".join(name for name in known if name not in RULE_KEYS)
            text = message("unknown option '{option}' of rule {rule}", option=key, rule=str(local[1]))
            if not names:
                help = message("the rule has no options; severity and because are what every rule takes")
            elif near is None:
                help = message("options: {names}", names=names)
            else:
                help = message("did you mean '{near}'? Options: {names}", near=near, names=names)
            self.problems.add("policy-unknown-option", text, span, help)
            return
        names = ", ".join(known)
        text = (
            message("unknown key '{key}' in {place}", key=key, place=dotted(path))
            if path
            else message("unknown key '{key}'", key=key)
        )
        if (help_text := self._belongs(path, key)) is None:
            help_text = (
                message("did you mean '{near}'? Keys: {names}", near=near, names=names)
                if near
                else message("keys: {names}", names=names)
            )
        self.problems.add("policy-unknown-key", text, span, help_text)

    def _belongs(self, path: Path, key: str) -> Message | None:
        """Where else the key is at home, for what was indented too far or not far enough."""
        if _among_rules(path) != ("rules",) and rule_named(key, self.plugins) is not None:
            return message("'{key}' is a rule: put it under 'rules'", key=key)
        if path != ("profile",) and schema_at(self.schema, ("profile", key)):
            return message("'{key}' belongs under 'profile'", key=key)
        if path and key in self.schema["properties"]:
            return message("'{key}' is a key of the file itself: begin it in the first column", key=key)
        return None

    def _tell_name(self, path: Path, name: str) -> None:
        _, span = node_at(self.root, (*path, name))
        parent, _ = node_at(self.root, path)
        self.problems.add(
            "policy-value",
            message("'{name}' is no name for a new rule", name=name),
            parent.key_span(name) if isinstance(parent, MappingNode) else span,
            message("name it namespace/kebab-case-name, for example acme/min-side"),
        )

    def _tell_missing(self, path: Path, error: ValidationError) -> None:
        node, span = node_at(self.root, path)
        required: Any = error.validator_value
        missing = [str(name) for name in required if isinstance(node, MappingNode) and name not in node]
        if not path:
            # An empty mapping has no first key.
            first = self.root.items[0][0].span if self.root.items else span
            self.problems.add(
                "policy-version",
                message("the policy does not say which version of the language it is written in"),
                first,
                message("begin it with: tagmetry: 1"),
            )
            return
        self.problems.add(
            "policy-missing-key",
            message("{place} has no {keys}", place=dotted(path), keys=" or ".join(f"'{name}'" for name in missing)),
            span,
        )

    def _tell_value(self, path: Path, error: ValidationError) -> None:
        node, span = node_at(self.root, path)
        local = _among_rules(path)
        # What a tolerance takes, the reading of the layer tells better.
        is_tolerance = len(local) == 3 and local[0] == "rules" and local[2] == "tolerate"
        if node is None or self._told_by_option(path) or (is_tolerance and isinstance(node, ScalarNode)):
            return
        if path == ("tagmetry",):
            self.problems.add(
                "policy-version",
                message("this Tagmetry reads version 1 of the policy language, not {version}", version=_shown(node)),
                span,
                message("write: tagmetry: 1"),
            )
            return
        key, shown = dotted(path), _shown(node)
        limit: Any = error.validator_value
        if error.validator == "minItems":
            text = message("{key} has fewer than {limit:count} entries", key=key, limit=limit)
            self.problems.add("policy-value", text, span)
        elif error.validator == "maxItems":
            self.problems.add(
                "policy-value", message("{key} has more than {limit:count} entries", key=key, limit=limit), span
            )
        elif error.validator == "minLength":
            self.problems.add("policy-value", message("{key} is empty", key=key), span)
        elif error.validator == "pattern":
            self.problems.add(
                "policy-value",
                message("{key} is {value}, which does not have the right form", key=key, value=shown),
                span,
                _form_help(path),
            )
        elif error.validator in ("minimum", "maximum"):
            template = (
                "{key} is {value}; the smallest value is {limit:number}"
                if error.validator == "minimum"
                else "{key} is {value}; the largest value is {limit:number}"
            )
            self.problems.add("policy-value", message(template, key=key, value=shown, limit=limit), span)
        else:
            # Every part of the file may be empty, but nobody writes null for that.
            wanted = tuple(word for word in takes(self._schema_at(path)) if word != "null" or len(path) > 1)
            code = "policy-type" if error.validator == "type" else "policy-value"
            text = (
                message("{key} has no value; it takes {wanted}", key=key, wanted=_either(wanted))
                if shown == "null"
                else message("{key} is {value}; it takes {wanted}", key=key, value=shown, wanted=_either(wanted))
            )
            help = _value_help(path, node, wanted)
            if path[:1] == ("define",) and len(path) == 3 and path[2] == "kind" and "/" in shown:
                # A kind with a namespace is a plugin's.
                help = self.plugins.way_out(shown, self.plugins.kinds, message("tagmetry plugins lists the plugins"))
            self.problems.add(code, text, span, help)

    def _told_by_option(self, path: Path) -> bool:
        """Whether `option_value` finds something wrong with the option at a path or around it."""
        for length in range(2, len(path) + 1):
            known = self._option_at(path[:length])
            if known is not None:
                node, _ = node_at(self.root, path)
                inner = known if length == len(path) else option_members(known)
                return node is not None and inner is not None and bool(option_value(inner, node, path)[1])
        return False

    def _option_at(self, path: Path) -> Option | None:
        """The option whose value stands at a path of the file."""
        if len(path) == 3 and path[0] == "define" and (kind := self._kind_at(path)) is not None:
            return options_of(kind.options).get(str(path[2]))
        local = _among_rules(path)
        if len(local) == 3 and local[0] == "rules":
            rule = rule_named(str(local[1]), self.plugins)
            return option_named(options_of(rule.options), str(local[2])) if rule is not None else None
        if len(path) == 2 and path[0] == "profile":
            return option_named(options_of(ProfileOptions), str(path[1]))
        if path[:1] == ("balance",):
            name = POLICY_KEYS.get(dotted(path[1:]))
            return options_of(BalanceOptions)[name] if name is not None else None
        return None

    def _kind_at(self, path: Path) -> Kind | None:
        """The kind of the definition that a path leads into."""
        node, _ = node_at(self.root, (*path[:2], "kind"))
        return self.plugins.kinds.get(str(node.value)) if isinstance(node, ScalarNode) else None

    def _schema_at(self, path: Path) -> Schema:
        """What the schema says of a path; each kind of rules has fields of its own."""
        if path[:1] == ("define",) and len(path) > 2 and (kind := self._kind_at(path)) is not None:
            return schema_at(definition_schema(kind, self.plugins.kinds), path[2:])
        return schema_at(self.schema, path)


def _among_rules(path: Path) -> Path:
    """The path from the nearest `rules` on: an override holds rules as the file itself does."""
    return path[2:] if len(path) > 2 and path[0] == "overrides" and path[2] == "rules" else path


def _shown(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.value is None:
        return "null"
    text = node.raw if len(node.raw) <= 60 else node.raw[:59] + "…"
    return f"'{text}'" if node.quoted else text


def _either(words: Sequence[str]) -> str:
    """`off, info, warning or error`; null comes last."""
    *others, last = sorted(words, key=lambda word: word == "null")
    return f"{', '.join(others)} or {last}" if others else last


def _value_help(path: Path, node: Node, wanted: Sequence[str]) -> Message | None:
    if (
        len(local := _among_rules(path)) == 2
        and local[0] == "rules"
        and isinstance(node, ScalarNode)
        and node.value is None
    ):
        return message("write {{}} to leave the rule as it is, or a severity")
    if isinstance(node, SequenceNode) and "a mapping" in wanted:
        return message("write its keys without '-' before them")
    if not isinstance(node, ScalarNode) or not node.raw:
        return None
    if path == ("gate",) and node.raw in FAIL_ON:
        return message("write: gate: {{fail_on: {severity}}}", severity=node.raw)
    if "a text" in wanted and not node.quoted:
        return message("put it in quotes: {text}", text="'" + node.raw.replace("'", "''") + "'")
    if node.quoted and any(word in wanted for word in ("a number", "a whole number", "true or false")):
        return message("leave the quotes out")
    near = next((word for word in _SAID_OTHERWISE.get(node.raw.lower(), ()) if word in wanted), None)
    if near is None:
        near = did_you_mean(node.raw, [word for word in wanted if " " not in word])
    return message("did you mean '{near}'?", near=near) if near else None


def _form_help(path: Path) -> Message:
    if path[-1] == "expires":
        return message("write a day as 2027-03-31")
    return message("write a share as 0.15 or 15%")
