"""`define`: from the text of a policy to rules that the engine runs like any other."""

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from tagmetry.failures import reason_of
from tagmetry.feature import Feature
from tagmetry.finding import Severity
from tagmetry.layout import Layout
from tagmetry.messages import Template, message
from tagmetry.options import options_of
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.expressions import (
    Expression,
    ExpressionError,
    Mistake,
    Name,
    Registry,
    Scope,
    compile_expression,
    diagnostics_of,
)
from tagmetry.policy.expressions.patterns import PatternError, compiled_regex, tag_pattern
from tagmetry.policy.form import option_value
from tagmetry.policy.kinds.kind import Definition, Field, Kind, described
from tagmetry.policy.kinds.wording import completed, fields_of
from tagmetry.policy.model import RESET, DefinedRule, RulePatch, Told
from tagmetry.policy.schema import SEVERITIES, definition_fields
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode, to_data
from tagmetry.report import PluginOutcome
from tagmetry.reporter import Reporter
from tagmetry.rule import Rule
from tagmetry.text.normal_form import normal_form

RULE_ID: Final = re.compile(r"([a-z0-9][a-z0-9._-]*)/[a-z0-9]+(-[a-z0-9]+)*")
OWN_NAMESPACE: Final = "tagmetry"
MOST_SWAPS: Final = 500
"""Words that one rule swaps."""

_SCOPES: Final[Mapping[str, Scope]] = {"image": "row", "concept": "concept", "dataset": "dataset"}


@dataclass(frozen=True, slots=True)
class Around:
    """What a policy's definitions meet: the rules that are there already, what was defined below, groups of tags."""

    plugins: Plugins
    defined: Sequence[DefinedRule]
    groups: Callable[[], Collection[str]]


def read_definitions(
    root: MappingNode, *, label: str, numbered: bool, around: Around, problems: Problems
) -> tuple[tuple[DefinedRule, ...], tuple[RulePatch, ...]]:
    """The rules that a policy file defines, and what it says of their severity and options.

    What is wrong is added to `problems`; what has a wrong form is left to the schema. A rule with mistakes is there
    all the same, without a check, so that what is said about it elsewhere can be looked at.
    """
    reader = _Reader(root, label, numbered, around, problems)
    found = tuple(reader.read())
    return tuple(defined for defined, _ in found), tuple(patch for _, patch in found)


def with_defined(plugins: Plugins, defined: Sequence[DefinedRule]) -> Plugins:
    """The plugins with the rules that a policy defines among theirs."""
    if not defined:
        return plugins
    rules = {**plugins.rules, **{one.rule.id: one.rule for one in defined}}
    brought: dict[Rule | Feature | Layout | Reporter, PluginOutcome] = {
        one.rule: PluginOutcome(one.source, "", "loaded", distribution="") for one in defined
    }
    return replace(
        plugins,
        rules=dict(sorted(rules.items())),
        provider=MappingProxyType({**plugins.provider, **brought}),
    )


@dataclass(slots=True)
class _Reader:
    root: MappingNode
    label: str
    numbered: bool
    around: Around
    problems: Problems
    registries: dict[Scope, Registry] = field(default_factory=dict)

    def read(self) -> Iterator[tuple[DefinedRule, RulePatch]]:
        defined = self.root.get("define")
        if not isinstance(defined, MappingNode) or not len(defined):
            return
        namespace = self._namespace(defined)
        for key, node in defined.items:
            match = RULE_ID.fullmatch(key.text)
            if match is None or not isinstance(node, MappingNode):
                continue
            if namespace is not None and match.group(1) != namespace:
                self.problems.add(
                    "policy-define-namespace",
                    message(
                        "'{rule}' is not in the policy's own namespace '{namespace}'",
                        rule=key.text,
                        namespace=namespace,
                    ),
                    key.span,
                    message("write '{rule}'", rule=f"{namespace}/{key.text.partition('/')[2]}"),
                )
            kind = self._kind(node)
            if kind is None or self._is_taken(key.text, key.span):
                continue
            yield self._defined(key.text, key.span, node, kind)

    def _kind(self, node: MappingNode) -> Kind | None:
        return self.around.plugins.kinds.get(_text(node.get("kind")))

    def _namespace(self, defined: MappingNode) -> str | None:
        """The namespace that the policy's name owns; None where it owns none, which is told."""
        name = self.root.get("name")
        first = defined.items[0][0]
        written = name.value if isinstance(name, ScalarNode) and isinstance(name.value, str) else ""
        namespace, slash, rest = written.partition("/")
        wanted = first.text.partition("/")[0] if RULE_ID.fullmatch(first.text) else "acme"
        if namespace == OWN_NAMESPACE:
            assert name is not None
            self.problems.add(
                "policy-define-namespace",
                message("the namespace '{namespace}' is Tagmetry's own", namespace=namespace),
                name.span,
                message("name the policy after yourself, for example: name: acme/house"),
            )
            return None
        if slash and rest and RULE_ID.fullmatch(f"{namespace}/a"):
            return namespace
        self.problems.add(
            "policy-define-namespace",
            message("a policy that defines rules has a name with a namespace, and this one has not")
            if not written
            else message("'{name}' is no name with a namespace, which rules are named by", name=written),
            name.span if name is not None and written else first.span,
            message("write at the top of the file: name: {name}", name=f"{wanted}/house"),
        )
        return None

    def _is_taken(self, rule_id: str, span: Span) -> bool:
        before = next((one for one in self.around.defined if one.rule.id == rule_id), None)
        taken = rule_id in self.around.plugins.rules or any(
            rule_id in rule.aliases for rule in self.around.plugins.rules.values()
        )
        if before is None and not taken:
            return False
        self.problems.add(
            "policy-define-taken",
            message("the rule '{rule}' is defined in {place} already", rule=rule_id, place=before.place)
            if before is not None
            else message("there is a rule '{rule}' already; a plugin brings it", rule=rule_id),
            span,
            message("to change it, put it under 'rules'; to define another one, give it another name"),
        )
        return True

    def _defined(self, rule_id: str, span: Span, node: MappingNode, kind: Kind) -> tuple[DefinedRule, RulePatch]:
        n_before = len(self.problems)
        options = self._options(kind, rule_id, node)
        given = {one.name: self._field(one, node) for one in kind.fields}
        # An expression is about what `each` says, wherever in the definition that stands.
        definition = Definition(rule_id, MappingProxyType(given))
        self._check_complete(kind, node, rule_id, span)
        self._check_each(kind, node, definition)
        complete = len(self.problems) == n_before and all(
            given[one.name] is not None for one in kind.fields if one.required
        )
        written = {key: value for key, value in to_data(node).items() if key not in _SAID_OTHERWISE}
        place = self._place(span)
        rule = Rule(
            id=rule_id,
            severity=self._own_severity(node),
            evidence="heuristic",
            messages={},
            options=kind.options,
            doc=described(
                kind,
                written,
                summary=self._summary(kind, definition, node) if complete else kind.doc,
                place=place,
                because=_text(node.get("because")),
            ),
        )
        if complete and len(self.problems) == n_before:
            with self._blamed_on(kind, node):
                self._finish(rule, kind, definition, node)
        patch = RulePatch(
            rule_id, severity=self._off(node), options=options, because=_text(node.get("because")), place=place
        )
        return DefinedRule(rule, MappingProxyType(dict(to_data(node))), place, self.label), patch

    def _summary(self, kind: Kind, definition: Definition, node: MappingNode) -> str:
        with self._blamed_on(kind, node):
            return kind.summary(definition).english()
        return kind.doc

    @contextlib.contextmanager
    def _blamed_on(self, kind: Kind, node: MappingNode) -> Iterator[None]:
        """What the code of a kind raises is a plugin's failure, told at the place that asks for it."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plugin's kind may raise anything, sys.exit included
            package = kind.build.__module__.partition(".")[0]
            span = (node.get("kind") or node).span
            text = message("the kind {kind} failed: {reason}", kind=kind.name, reason=reason_of(error, package=package))
            self.problems.add("policy-kind-failed", text, span, message("that is a bug of the plugin which brings it"))

    def _finish(self, rule: Rule, kind: Kind, definition: Definition, node: MappingNode) -> None:
        """Messages, needs and check of a rule whose fields are right."""
        placeholders = kind.placeholders(definition)
        figure = kind.figure(definition)
        own = node.get("message")
        said = kind.messages if kind.says is None else kind.says(definition)
        texts: dict[str, str] = {key: completed(kind.messages[key], placeholders, figure) for key in said}
        if isinstance(own, ScalarNode) and isinstance(own.value, str):
            try:
                texts = dict.fromkeys(texts, completed(own.value, placeholders, figure))
            except ExpressionError as error:
                self.problems.extend(diagnostics_of(error, own))
        messages: dict[str, Template] = {**texts, **kind.skips}
        rule.messages = MappingProxyType(messages)
        expressions = [value for value in definition.given.values() if isinstance(value, Expression)]
        needs = {feature.key: feature for one in expressions for feature in one.needs}
        names = [value for value in definition.given.values() if isinstance(value, Name)]
        needs |= {name.feature.key: name.feature for name in names if name.feature is not None}
        rule.needs = tuple(feature for _, feature in sorted(needs.items()))
        kind.build(rule, replace(definition, wanted=fields_of(texts)))

    def _own_severity(self, node: MappingNode) -> Severity:
        word = _text(node.get("severity"))
        return Severity[word.upper()] if word in SEVERITIES and word != "off" else Severity.WARNING

    def _off(self, node: MappingNode) -> Told | None:
        severity = node.get("severity")
        return self._told(Severity.OFF, severity) if severity is not None and _text(severity) == "off" else None

    def _options(self, kind: Kind, rule_id: str, node: MappingNode) -> Mapping[str, Told]:
        found = {}
        for name, known in options_of(kind.options).items():
            value_node = node.get(name)
            if value_node is None:
                continue
            value, wrong = option_value(known, value_node, ("define", rule_id, name))
            for span, text, help in wrong:
                self.problems.add("policy-option-value", text, span, help)
            if value is not RESET:
                found[name] = self._told(value, value_node)
        return MappingProxyType(found)

    def _field(self, known: Field, node: MappingNode) -> Any:
        """What a field says, in the form that its kind works with; None where it is left out or wrong."""
        value = node.get(known.name)
        if known.sort == "choice":
            text = _text(value)
            return text if text in known.choices else known.default
        if known.sort in ("condition", "number", "value"):
            return self._expression(known, value, self._scope(node))
        if value is None:
            return None
        if known.sort == "swap":
            return self._swap(value)
        if known.sort == "tags":
            return self._tags(value)
        if not isinstance(value, ScalarNode) or not isinstance(value.value, str):
            return None
        return self._group(value.value, value) if known.sort == "group" else self._regex(value.value, value)

    def _scope(self, node: MappingNode) -> Scope:
        """About what the expressions of a definition speak: conditions of what is counted are about one image."""
        kind = self._kind(node)
        each = kind.field("each") if kind is not None else None
        if each is None or "image" not in each.choices:
            return "row"
        return _SCOPES.get(_text(node.get("each")), "row")

    def _expression(self, known: Field, node: Node | None, scope: Scope) -> Expression | Name | None:
        if node is None:
            return None if known.default is None else compile_expression(known.default, self._registry(scope))
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return None
        registry = self._registry(scope)
        if known.sort == "value":
            name = registry.find(node.value.strip())
            if name is not None and name.kind.sort != "tags":
                return name
        try:
            want: Literal["boolean", "number"] = "boolean" if known.sort == "condition" else "number"
            return compile_expression(node.value, registry, want=want)
        except ExpressionError as error:
            self.problems.extend(diagnostics_of(error, node))
            return None

    def _registry(self, scope: Scope) -> Registry:
        if scope not in self.registries:
            self.registries[scope] = Registry(scope, self.around.plugins.features.values())
        return self.registries[scope]

    def _regex(self, text: str, node: ScalarNode) -> Any:
        if not text:
            self.problems.add("policy-regex", message("the regular expression is empty"), node.span)
            return None
        try:
            return compiled_regex(text)
        except PatternError as error:
            place = error.place or (0, len(text))
            mistake = Mistake("policy-regex", error.text, *place, help=error.help)
            self.problems.extend(diagnostics_of(ExpressionError(text, [mistake]), node))
            return None

    def _group(self, name: str, node: ScalarNode) -> str | None:
        groups = self.around.groups()
        if name in groups:
            return name
        near = did_you_mean(name, groups)
        self.problems.add(
            "policy-define-group",
            message("the vocabulary has no group '{name}'", name=name),
            node.span,
            message("did you mean '{near}'?", near=near)
            if near
            else message("define it under vocabulary.groups, or list its tags under 'tags'"),
        )
        return None

    def _tags(self, node: Node) -> tuple[str, ...] | None:
        members = node.items if isinstance(node, SequenceNode) else (node,)
        found = []
        for member in members:
            if not isinstance(member, ScalarNode) or not isinstance(member.value, str):
                return None
            try:
                tag_pattern(member.value)
            except PatternError as error:
                self.problems.add("policy-option-value", error.text, member.span, error.help)
                return None
            found.append(member.value)
        return tuple(found)

    def _swap(self, node: Node) -> Mapping[str, str] | None:
        if not isinstance(node, MappingNode):
            return None
        if not 0 < len(node) <= MOST_SWAPS:
            text = (
                message("swap names no words")
                if not len(node)
                else message("swap names more than {most:count} words", most=MOST_SWAPS)
            )
            self.problems.add("policy-value", text, node.span)
            return None
        found = {}
        for key, value in node.items:
            if not isinstance(value, ScalarNode) or not isinstance(value.value, str):
                return None
            wrong, right = normal_form(key.text), normal_form(value.value)
            if not wrong or not right:
                self.problems.add("policy-value", message("a word of swap is empty"), key.span)
            elif wrong == right:
                self.problems.add(
                    "policy-value",
                    message("'{word}' and '{other}' are compared as the same", word=key.text, other=value.value),
                    key.span,
                    message("capitals, underscores and spaces make no difference between tags"),
                )
            found[key.text] = value.value
        return MappingProxyType(found)

    def _check_complete(self, kind: Kind, node: MappingNode, rule_id: str, span: Span) -> None:
        given = {name for name, value in ((key.text, value) for key, value in node.items) if not _is_nothing(value)}
        known = {"kind", *definition_fields(kind)}
        # A field with a slip in its name is not missing as well.
        for names in kind.one_of if all(key.text in known for key, _ in node.items) else ():
            if not given & set(names):
                self.problems.add(
                    "policy-missing-key",
                    message(
                        "a rule of kind {kind} needs {keys}",
                        kind=kind.name,
                        keys=" or ".join(f"'{name}'" for name in names),
                    ),
                    span,
                )
        for one, other in kind.not_both:
            if one in given and other in given:
                text = message("'{one}' and '{other}' are not read together", one=one, other=other)
                self.problems.add("policy-value", text, node.key_span(other), message("make two rules of it"))

    def _check_each(self, kind: Kind, node: MappingNode, definition: Definition) -> None:
        """What is the same for every image would be said once per image."""
        each = kind.field("each")
        if each is None or "image" not in each.choices or definition.each != "image":
            return
        for one in kind.fields:
            expression, written = definition.given[one.name], node.get(one.name)
            if not isinstance(expression, Expression) or not expression.read or written is None:
                continue
            scopes = {name.scope for name in expression.read}
            if "row" in scopes:
                continue
            wanted = "concept" if "concept" in scopes else "dataset"
            self.problems.add(
                "policy-define-each",
                message(
                    "the expression reads nothing that belongs to one image, and so would be told for each of them"
                ),
                written.span,
                message("write beside it: each: {each}", each=wanted),
            )

    def _told(self, value: Any, node: Node) -> Told:
        return Told(value, self._place(node.span))

    def _place(self, span: Span) -> str:
        return f"{self.label}:{span.line}" if self.numbered else self.label


_SAID_OTHERWISE: Final = ("severity", "because")
"""Parts of a definition that a rule's page shows in places of their own."""


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else ""


def _is_nothing(node: Node) -> bool:
    return (isinstance(node, ScalarNode) and node.value is None) or (isinstance(node, SequenceNode) and not node.items)
