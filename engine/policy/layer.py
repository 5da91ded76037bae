"""One policy file as a layer: every value with its type and its place, whatever else is wrong with the file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tagmetry.finding import Severity
from tagmetry.globs import LONGEST_PATTERN, GlobError, compiled
from tagmetry.messages import Message, message
from tagmetry.options import Option, options_of
from tagmetry.plan.options import POLICY_KEYS, BalanceOptions
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.expressions import ExpressionError, Registry, Scope, compile_expression, diagnostics_of
from tagmetry.policy.form import Path, check_form, dotted, node_at, option_value, rule_named
from tagmetry.policy.model import FAIL_ON, RESET, Layer, ListPatch, Policy, RulePatch, Told
from tagmetry.policy.schema import SEVERITIES, Schema
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.vocabulary import checked_patch
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode, to_data
from tagmetry.profile import ROLES, ProfileOptions
from tagmetry.rule import Rule
from tagmetry.vocabulary import Vocabulary, VocabularyError, tags_of_text


@dataclass(frozen=True, slots=True)
class Before:
    """What a layer finds when it is applied: the policy so far, and its vocabulary, read when first asked for."""

    policy: Policy
    vocabulary: Callable[[], Vocabulary]


def read_layer(
    root: MappingNode,
    *,
    label: str,
    numbered: bool,
    schema: Schema,
    plugins: Plugins,
    before: Before,
    problems: Problems,
) -> Layer:
    """The layer of a policy file. What is wrong is added to `problems`, and the layer holds what the rest says.

    `label` names the file in origins, with the line if `numbered`.
    """
    refused = check_form(root, schema, plugins, problems)
    reader = _LayerReader(root, label, numbered, plugins, before, problems)
    name = root.get("name")
    vocabulary = reader.vocabulary([path[1:] for path in refused if path[:1] == ("vocabulary",)])
    return Layer(
        name=name.value if isinstance(name, ScalarNode) and isinstance(name.value, str) and name.value else label,
        source=label,
        rules=tuple(reader.rules()),
        profile=reader.profile(),
        concepts=reader.concepts(),
        roles=reader.roles(),
        vocabulary=MappingProxyType(vocabulary),
        balance=reader.balance(),
        fail_on=reader.fail_on(),
    )


@dataclass(slots=True)
class _LayerReader:
    root: MappingNode
    label: str
    numbered: bool
    plugins: Plugins
    before: Before
    problems: Problems

    def rules(self) -> Iterator[RulePatch]:
        for key, node in _entries(self.root.get("define")):
            rule = self.plugins.rules.get(key)
            if rule is not None and isinstance(node, MappingNode):
                yield RulePatch(
                    rule.id, where=self._where(rule, node), when=self._condition(node.get("when"), "dataset")
                )
        rules = self.root.get("rules")
        seen: dict[str, Span] = {}
        for key, node in _entries(rules):
            rule = rule_named(key, self.plugins)
            if rule is None or not isinstance(rules, MappingNode):
                continue
            span = rules.key_span(key)
            if rule.id in seen:
                self.problems.add(
                    "policy-rule-twice",
                    message("'{name}' is a former name of '{rule}', which stands here too", name=key, rule=rule.id)
                    if key != rule.id
                    else message("'{rule}' stands here under a former name too", rule=rule.id),
                    span,
                    message("keep one of the two; the other is in line {line}", line=str(seen[rule.id].line)),
                )
            seen[rule.id] = span
            if isinstance(node, MappingNode):
                yield self._rule_patch(rule, key, node)
            elif (severity := self._severity(node)) is not None and severity.value is not RESET:
                yield RulePatch(rule.id, severity=severity)

    def _rule_patch(self, rule: Rule, key: str, node: MappingNode) -> RulePatch:
        effective = self.before.policy.rule(rule)
        known = options_of(rule.options)
        because = node.get("because")
        return RulePatch(
            rule.id,
            severity=self._severity(node.get("severity")),
            options=self._options(
                known, node, ("rules", key), {name: getattr(effective.options, name) for name in known}
            ),
            because=str(because.value) if isinstance(because, ScalarNode) else "",
            where=self._where(rule, node),
            when=self._condition(node.get("when"), "dataset"),
        )

    def _where(self, rule: Rule, node: MappingNode) -> Told | None:
        where = node.get("where")
        if where is None:
            return None
        # A rule whose definition is wrong has no scope yet.
        if rule.scope not in (None, "each_sample"):
            self.problems.add(
                "policy-where",
                message(
                    "{rule} does not judge images one by one, so that 'where' cannot choose among them", rule=rule.id
                ),
                node.key_span("where"),
                message("'when' says whether a rule runs at all"),
            )
            return None
        return self._condition(where, "row")

    def _condition(self, node: Node | None, scope: Scope) -> Told | None:
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        if not isinstance(node.value, str):
            return None
        try:
            return self._told(compile_expression(node.value, Registry(scope, self.plugins.features.values())), node)
        except ExpressionError as error:
            self.problems.extend(diagnostics_of(error, node))
            return None

    def _severity(self, node: Node | None) -> Told | None:
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        return self._told(Severity[str(node.value).upper()], node) if node.value in SEVERITIES else None

    def profile(self) -> Mapping[str, Told]:
        settings = self.before.policy.profile().settings
        before = {name: setting.value for name, setting in settings.items()}
        return self._options(options_of(ProfileOptions), self.root.get("profile"), ("profile",), before)

    def concepts(self) -> Mapping[str, Mapping[str, Told]]:
        earlier = self.before.policy.concepts()
        found: dict[str, Mapping[str, Told]] = {}
        for name, node in _entries(_member(self.root, "profile", "concepts")):
            before = {key: setting.value for key, setting in earlier.get(name, {}).items()}
            told: dict[str, Told] = {}
            for key, value in _entries(node):
                if key in ("trigger", "class_word"):
                    told |= self._word(key, value)
                elif key in ("match", "core_tags"):
                    read = self._patterns if key == "match" else self._tags
                    told[key] = self._list(value, read, before.get(key, ()))
            found[name] = MappingProxyType(told)
        return MappingProxyType(found)

    def roles(self) -> Mapping[str, Told]:
        earlier = self.before.policy.roles()
        return MappingProxyType(
            {
                role: self._list(node, self._patterns, earlier[role].value if role in earlier else ())
                for role, node in _entries(_member(self.root, "profile", "roles"))
                if role in ROLES
            }
        )

    def vocabulary(self, refused: Iterable[Path]) -> Mapping[str, Any]:
        """The patch as plain data. What has a wrong form is left out, what has no sense is told."""
        node = self.root.get("vocabulary")
        if not isinstance(node, MappingNode) or not len(node):
            return {}
        return checked_patch(to_data(node), refused, self.before.vocabulary(), self.label, self._tell_vocabulary)

    def _tell_vocabulary(self, path: Path, error: VocabularyError) -> None:
        path = ("vocabulary", *path)
        text = Message(error.text.template, {**error.text.values, "key": dotted(path)})
        self.problems.add("policy-vocabulary", text, node_at(self.root, path)[1], error.help)

    def balance(self) -> Mapping[str, Told]:
        known = options_of(BalanceOptions)
        found = {}
        for key, name in POLICY_KEYS.items():
            node, _ = node_at(self.root, ("balance", *key.split(".")))
            if node is not None:
                found[name] = self._option(known[name], node, ("balance", *key.split(".")), None)
        return MappingProxyType(found)

    def fail_on(self) -> Told | None:
        node = _member(self.root, "gate", "fail_on")
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        return self._told(node.value, node) if node.value in FAIL_ON else None

    def _told(self, value: Any, node: Node) -> Told:
        return Told(value, f"{self.label}:{node.span.line}" if self.numbered else self.label)

    def _options(
        self, known: Mapping[str, Option], node: Node | None, path: Path, before: Mapping[str, Any]
    ) -> Mapping[str, Told]:
        found = {
            key: self._option(known[key], value, (*path, key), before.get(key))
            for key, value in _entries(node)
            if key in known
        }
        return MappingProxyType(found)

    def _option(self, known: Option, node: Node, path: Path, before: Any) -> Told:
        value, wrong = option_value(known, node, path)
        for span, text, help in wrong:
            self.problems.add("policy-option-value", text, span, help)
        if isinstance(value, ListPatch) and not wrong:
            self._check_removed(node, value.remove, before)
        return self._told(value, node)

    def _list(self, node: Node, read: Callable[[Node], tuple[str, ...]], before: tuple[str, ...]) -> Told:
        if isinstance(node, ScalarNode) and node.value is None:
            return self._told(RESET, node)
        if not isinstance(node, MappingNode):
            return self._told(read(node), node)
        add, remove = (read(part) if part is not None else () for part in (node.get("add"), node.get("remove")))
        self._check_removed(node, remove, before)
        return self._told(ListPatch(add, remove), node)

    def _check_removed(self, node: Node, removed: tuple[Any, ...], before: Iterable[Any] | None) -> None:
        """What is not there cannot be taken away: that is a slip, or the layer below has changed."""
        left = list(before or ())
        place = node.get("remove") if isinstance(node, MappingNode) else None
        for member in removed:
            if member in left:
                continue
            near = did_you_mean(str(member), map(str, left))
            self.problems.add(
                "policy-remove",
                message("there is no '{member}' to remove", member=str(member)),
                _span_of_member(place, str(member)) or node.span,
                message("did you mean '{near}'?", near=near)
                if near
                else message("the list is empty here")
                if not left
                else message("the list holds: {members}", members=tuple(map(str, left))),
            )

    def _patterns(self, node: Node) -> tuple[str, ...]:
        found = []
        for text, span in _texts(node):
            if (problem := _pattern_problem(text)) is None:
                found.append(text)
            else:
                self.problems.add("policy-pattern", problem[0], span, problem[1])
        return tuple(found)

    def _tags(self, node: Node) -> tuple[str, ...]:
        found = []
        for text, span in _texts(node):
            for tag in tags_of_text(text):
                if tag:
                    found.append(tag)
                else:
                    self.problems.add("policy-value", message("a tag is empty"), span)
        return tuple(dict.fromkeys(found))

    def _word(self, key: str, node: Node) -> dict[str, Told]:
        """A trigger or class word: one tag."""
        if not isinstance(node, ScalarNode):
            return {}
        if node.value is None:
            return {key: self._told(RESET, node)}
        tags = tags_of_text(node.raw)
        if len(tags) != 1 or not tags[0]:
            text = (
                message("{key} is empty; null takes it back", key=key)
                if not node.raw.strip(" ,")
                else message("{key} is one tag, and this holds several", key=key)
            )
            self.problems.add("policy-value", text, node.span)
            return {}
        return {key: self._told(tags[0], node)}


def _member(root: MappingNode, *path: str) -> Node | None:
    return node_at(root, path)[0]


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    for key, value in node.items if isinstance(node, MappingNode) else ():
        yield key.text, value


def _texts(node: Node) -> Iterator[tuple[str, Span]]:
    """The texts of a text or a list of texts; what is something else is the schema's to refuse."""
    for member in node.items if isinstance(node, SequenceNode) else (node,):
        if isinstance(member, ScalarNode) and isinstance(member.value, str):
            yield member.value, member.span


def _span_of_member(node: Node | None, member: str) -> Span | None:
    for text, span in _texts(node) if node is not None else ():
        if member == text or member in tags_of_text(text):
            return span
    return None


def _pattern_problem(pattern: str) -> tuple[Message, Message | None] | None:
    """What keeps a path pattern from ever matching an image, with the way out."""
    relative = message("patterns are relative to the dataset's folder, as reg/**")
    if not pattern.strip():
        return message("the pattern is empty"), message("** stands for everything")
    if len(pattern) > LONGEST_PATTERN:
        return message("the pattern is longer than {limit:count} characters", limit=LONGEST_PATTERN), None
    parts = pattern.replace("\\", "/").split("/")
    if pattern[0] in "/\\~" or pattern[1:2] == ":":
        return message("the pattern '{pattern}' begins outside the dataset", pattern=pattern), relative
    if ".." in parts:
        return message("the pattern '{pattern}' leads out of the dataset", pattern=pattern), relative
    if not parts[-1] or not any(sign in parts[-1] for sign in "*?[."):
        folder = "/".join(part for part in parts if part)
        return (
            message("the pattern '{pattern}' names a folder, and patterns are compared with images", pattern=pattern),
            message("write {folder}/** for all that lies in it", folder=folder),
        )
    try:
        compiled(pattern)
    except GlobError as error:
        return message("the pattern '{pattern}' cannot be read: {reason}", pattern=pattern, reason=str(error)), None
    return None
