"""One policy file as a layer: every value with its type and its place, whatever else is wrong with the file."""

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from tagmetry.finding import FAILURE_MODES, Evidence, Severity
from tagmetry.globs import LONGEST_PATTERN, GlobError, compiled
from tagmetry.messages import Message, message
from tagmetry.options import Option, OptionError, OptionInfo, coerced, option_named, options_of
from tagmetry.plan.conditions import BalanceStep, Condition
from tagmetry.plan.options import KEEP_TOKENS, POLICY_KEYS, PRESERVATION_SHARE, BalanceOptions
from tagmetry.playbooks import Advice, Playbook, Sign
from tagmetry.plugins import Plugins
from tagmetry.policy import notices
from tagmetry.policy.diagnostics import Problems, Span
from tagmetry.policy.expressions import ExpressionError, Registry, Scope, compile_expression, diagnostics_of
from tagmetry.policy.form import Path, check_form, dotted, node_at, option_value, rule_named
from tagmetry.policy.match import MATCH_KEYS, Match
from tagmetry.policy.model import (
    FAIL_ON,
    RESET,
    Layer,
    ListPatch,
    Lock,
    Policy,
    RulePatch,
    Standing,
    Suppression,
    Told,
    Tolerance,
)
from tagmetry.policy.notices import Notice
from tagmetry.policy.schema import RISK_LEVELS, SEVERITIES, SYMPTOM, Schema
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.vocabulary import checked_patch
from tagmetry.policy.yaml_reader import MappingNode, Node, ScalarNode, SequenceNode, to_data
from tagmetry.profile import ROLES, ProfileOptions
from tagmetry.rule import Rule
from tagmetry.vocabulary import Vocabulary, VocabularyError, tags_of_text

_MATCHES_OF_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "each_sample": ("path", "concept", "role"),
    "each_concept": ("concept", "role"),
}
"""By which keys a rule's overrides can be told apart."""


DECLARED_AT: Final = "near-duplicate-cluster"
"""The rule whose suppressions may declare images different."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Before:
    """What a layer finds when it is applied: the policy so far, and its vocabulary, read when first asked for.

    `symptoms` are those of the playbooks that are there without this policy, likewise.
    """

    policy: Policy
    vocabulary: Callable[[], Vocabulary]
    symptoms: Callable[[], Collection[str]]


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
        rules=reader.patches(),
        profile=reader.profile(),
        concepts=reader.concepts(),
        roles=reader.roles(),
        vocabulary=MappingProxyType(vocabulary),
        balance=reader.balance(),
        balance_conditions=reader.balance_conditions(),
        risks=reader.risks(),
        playbooks=tuple(reader.playbooks()),
        fail_on=reader.fail_on(),
        suppressions=tuple(reader.suppressions()),
        notices=tuple(reader.notices) if numbered else (),
    )


@dataclass(slots=True)
class _LayerReader:
    root: MappingNode
    label: str
    numbered: bool
    plugins: Plugins
    before: Before
    problems: Problems
    own: list[RulePatch] = field(default_factory=list)
    """The patches of this file that were read so far."""
    standings: dict[str, Standing] = field(default_factory=dict)
    """Severities and locks after them, of the rules that they speak of."""
    notices: list[Notice] = field(default_factory=list)

    def patches(self) -> tuple[RulePatch, ...]:
        """What stands under `rules`, then the overrides."""
        for patch in itertools.chain(self.rules(), self.overrides()):
            self.own.append(patch)
        return tuple(self.own)

    def rules(self) -> Iterator[RulePatch]:
        for key, node in _entries(self.root.get("define")):
            rule = self.plugins.rules.get(key)
            if rule is not None and isinstance(node, MappingNode):
                where, when = self._where(rule, node), self._condition(node.get("when"), "dataset")
                yield RulePatch(rule.id, where=where, when=when, place=self._place(node.span))
        yield from self._rule_patches(self.root.get("rules"), ("rules",), None)

    def overrides(self) -> Iterator[RulePatch]:
        """The patches of the overrides. What could never apply is told where it stands."""
        overrides = self.root.get("overrides")
        for number, override in enumerate(overrides.items if isinstance(overrides, SequenceNode) else ()):
            if not isinstance(override, MappingNode):
                continue
            match = self._match(override, ("overrides", number))
            path: Path = ("overrides", number, "rules")
            because = override.get("because")
            reason = str(because.value) if isinstance(because, ScalarNode) else ""
            for patch in self._rule_patches(override.get("rules"), path, match):
                yield replace(patch, because=patch.because or reason)

    def suppressions(self) -> Iterator[Suppression]:
        node = self.root.get("suppressions")
        for number, one in enumerate(node.items if isinstance(node, SequenceNode) else ()):
            if isinstance(one, MappingNode) and (found := self._suppression(one, ("suppressions", number))) is not None:
                yield found

    def _suppression(self, node: MappingNode, path: Path) -> Suppression | None:
        named, reason, expires = (node.get(key) for key in ("rule", "reason", "expires"))
        match = self._match(node, path) if "match" in node else None
        if not isinstance(named, ScalarNode) or not isinstance(named.value, str) or not isinstance(reason, ScalarNode):
            return None
        if isinstance(reason.value, str) and reason.value and not reason.value.strip():
            self.problems.add("policy-value", message("{key} is empty", key=dotted((*path, "reason"))), reason.span)
        rule = rule_named(named.value, self.plugins)
        if rule is None:
            help = self.plugins.way_out(named.value, self.plugins.rules, message("tagmetry rules lists the rules"))
            self.problems.add(
                "policy-unknown-rule", message("unknown rule '{rule}'", rule=named.value), named.span, help
            )
            return None
        if rule.scope == "each_suppression":
            text = message("{rule} watches over suppressions, so it cannot be suppressed itself", rule=rule.id)
            self.problems.add("policy-value", text, named.span, message("switch it off under 'rules', for all to see"))
        self._notice(notices.of_rule(rule, named.value, self._place(named.span)))
        lock = self.standing(rule).lock
        if lock is not None:
            text = message("{rule} cannot be suppressed: it is locked in {place}", rule=rule.id, place=lock.place)
            self.problems.add("policy-locked", text, named.span, message("mend the findings, or talk to who locked it"))
        return Suppression(
            rule.id,
            str(reason.value),
            match,
            self._day(expires, (*path, "expires")),
            self.label,
            node.key_span("rule").line if self.numbered else 0,
            different=self._different(node.get("different"), rule, match),
        )

    def _different(self, node: Node | None, rule: Rule, match: Match | None) -> bool:
        """Whether a suppression declares images different, which it can do by their paths alone."""
        if not isinstance(node, ScalarNode) or node.value is not True:
            return False
        if rule.id != DECLARED_AT or match is None or match.keys != ("path",):
            text = message("'different' goes with 'rule: {rule}' and a match of paths alone", rule=DECLARED_AT)
            self.problems.add("policy-value", text, node.span, message("name the images under match: path"))
        return True

    def _day(self, node: Node | None, path: Path) -> date | None:
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or not _DAY.fullmatch(node.value):
            return None
        try:
            return date.fromisoformat(node.value)
        except ValueError:
            text = message("{key} is {value}, and there is no such day", key=dotted(path), value=node.value)
            self.problems.add("policy-value", text, node.span)
            return None

    def _match(self, holder: MappingNode, path: Path) -> Match:
        node = holder.get("match")
        if not isinstance(node, MappingNode):
            return Match()
        found = Match(
            path=self._patterns(part) if (part := node.get("path")) is not None else (),
            concept=self._concepts(part) if (part := node.get("concept")) is not None else (),
            role=tuple(text for text, _ in _texts(part)) if (part := node.get("role")) is not None else (),
        )
        empty = [key for key in MATCH_KEYS if isinstance(list_ := node.get(key), SequenceNode) and not list_.items]
        if empty or not len(node):
            text = (
                message("{key} is empty, so it would never be met", key=dotted((*path, "match", empty[0])))
                if empty
                else message("{key} names nothing", key=dotted((*path, "match")))
            )
            way = (
                message("give path, concept or role, or leave match out where all findings are meant")
                if path[0] == "suppressions"
                else message("give path, concept or role; what is meant for everything stands under 'rules'")
            )
            span = node.key_span(empty[0]) if empty else holder.key_span("match")
            self.problems.add("policy-match", text, span, way)
        return found

    def _concepts(self, node: Node) -> tuple[str, ...]:
        """Names of concepts, in which the signs of path patterns may stand."""
        found = []
        for text, span in _texts(node):
            try:
                compiled(text)
            except GlobError as error:
                problem = message("the pattern '{pattern}' cannot be read: {reason}", pattern=text, reason=str(error))
                self.problems.add("policy-pattern", problem, span)
            else:
                found.append(text)
        return tuple(found)

    def _check_scope(self, rule: Rule, match: Match, path: Path, span: Span) -> None:
        """A rule is called per image, per concept or once; what it is not called for cannot be overridden."""
        if rule.scope is None:
            return  # its definition is wrong, which is told where that stands
        taken = _MATCHES_OF_SCOPE.get(rule.scope, ())
        wrong = [key for key in match.keys if key not in taken]
        if not wrong:
            return
        place = dotted((*path[:2], "match", wrong[0]))
        if taken:
            text = message("{rule} judges whole concepts, so {key} cannot be met", rule=rule.id, key=place)
            way = message("match concepts by 'concept' or 'role'; single findings can be accepted by a suppression")
        else:
            text = message("{rule} judges the dataset as a whole, so {key} cannot be met", rule=rule.id, key=place)
            way = message("set it under 'rules' for all of it; single findings can be accepted by a suppression")
        self.problems.add("policy-match-scope", text, span, way)

    def _rule_patches(self, rules: Node | None, path: Path, match: Match | None) -> Iterator[RulePatch]:
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
            self._notice(notices.of_rule(rule, key, self._place(span)))
            if match is not None:
                self._check_scope(rule, match, path, span)
            if isinstance(node, MappingNode):
                patch = self._rule_patch(rule, node, path=(*path, key), match=match, span=span)
            elif (severity := self._severity(node)) is not None and severity.value is not RESET:
                patch = RulePatch(rule.id, severity=severity, match=match, place=self._place(span))
            else:
                continue
            self._check_lock(rule, patch, rules, key)
            yield patch

    def _notice(self, notice: Notice | None) -> None:
        if notice is not None:
            self.notices.append(notice)

    def _check_lock(self, rule: Rule, patch: RulePatch, rules: MappingNode, key: str) -> None:
        """After a lock only a higher severity is possible."""
        standing = self.standing(rule)
        lock = standing.lock
        if lock is not None and (name := lock.refuses(patch)) is not None:
            node = rules.get(key)
            named = isinstance(node, MappingNode) and name in node
            span = node.key_span(name) if isinstance(node, MappingNode) and named else rules.key_span(key)
            text, help = locked(rule.id, name, lock)
            self.problems.add("policy-locked", text, span, help)
        self.standings[rule.id] = standing.after(patch, rule)

    def standing(self, rule: Rule) -> Standing:
        """The rule's severity and lock after what was read so far."""
        known = self.standings.get(rule.id)
        return self.before.policy.standing(rule) if known is None else known

    def _rule_patch(self, rule: Rule, node: MappingNode, *, path: Path, match: Match | None, span: Span) -> RulePatch:
        known = options_of(rule.options)
        because = node.get("because")
        # Only what is patched asks what was there before.
        patched = any(isinstance(value, MappingNode) for _, value in _entries(node))
        before = self._options_before(rule, match) if patched else {}
        return RulePatch(
            rule.id,
            severity=self._severity(node.get("severity")),
            options=self._options(known, node, path, before, owner=rule.id),
            because=str(because.value) if isinstance(because, ScalarNode) else "",
            where=self._where(rule, node),
            when=self._condition(node.get("when"), "dataset"),
            match=match,
            place=self._place(span),
            tolerate=self._tolerance(rule, node.get("tolerate"), (*path, "tolerate")),
            lock=self._lock(node.get("lock")),
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

    def _condition(
        self, node: Node | None, scope: Scope, *, want: Literal["boolean", "number"] = "boolean"
    ) -> Told | None:
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        if not isinstance(node.value, str):
            return None
        try:
            registry = Registry(scope, self.plugins.features.values())
            return self._told(compile_expression(node.value, registry, want=want), node)
        except ExpressionError as error:
            self.problems.extend(diagnostics_of(error, node))
            return None

    def _lock(self, node: Node | None) -> Told | None:
        return self._told(node.value, node) if isinstance(node, ScalarNode) and isinstance(node.value, bool) else None

    def _tolerance(self, rule: Rule, node: Node | None, path: Path) -> Told | None:
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        try:
            tolerance = tolerance_of(node.raw if isinstance(node.value, bool) else node.value, key=dotted(path))
        except OptionError as problem:
            self.problems.add("policy-value", problem.text, node.span, _TOLERANCES)
            return None
        if tolerance.share is not None and rule.scope is not None and rule.scope not in _MATCHES_OF_SCOPE:
            text = message("{rule} judges the dataset as a whole, so there is nothing to take a share of", rule=rule.id)
            self.problems.add("policy-value", text, node.span, message("write how many findings may stand, as 3"))
        return self._told(tolerance, node)

    def _options_before(self, rule: Rule, match: Match | None) -> Mapping[str, Any]:
        """What the options are when a patch is applied, in a part of the dataset that meets all overrides so far."""
        policy = self.before.policy
        if match is not None:
            policy = policy.with_layer(Layer(self.label, self.label, rules=tuple(self.own)))
        options = policy.rule(rule, () if match is None else policy.matches(rule)).options
        return {name: getattr(options, name) for name in options_of(rule.options)}

    def _severity(self, node: Node | None) -> Told | None:
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        return self._told(Severity[str(node.value).upper()], node) if node.value in SEVERITIES else None

    def profile(self) -> Mapping[str, Told]:
        settings = self.before.policy.profile().settings
        before = {name: setting.value for name, setting in settings.items()}
        profile = self.root.get("profile")
        return self._options(options_of(ProfileOptions), profile, ("profile",), before, owner="profile")

    def concepts(self) -> Mapping[str, Mapping[str, Told]]:
        earlier = self.before.policy.concepts()
        found: dict[str, Mapping[str, Told]] = {}
        for name, node in _entries(_member(self.root, "profile", "concepts")):
            before = {key: setting.value for key, setting in earlier.get(name, {}).items()}
            told: dict[str, Told] = {}
            for key, value in _entries(node):
                if key in ("trigger", "class_word"):
                    told |= self._word(key, value)
                elif key in ("match", "core_tags", "expected_fusion"):
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
            path = ("balance", *key.split("."))
            node, _ = node_at(self.root, path)
            if node is None:
                continue
            if name == KEEP_TOKENS and isinstance(node, ScalarNode) and node.value == "auto":
                found[name] = self._told(None, node)
            else:
                found[name] = self._option(known[name], node, path, None)
            if name == PRESERVATION_SHARE:
                self._check_order(found[name].value, node, path)
        return MappingProxyType(found)

    def _check_order(self, value: Any, node: Node, path: Path) -> None:
        if isinstance(value, tuple) and len(value) == 2 and value[0] > value[1]:
            text = message("{key} begins with the greater number", key=dotted(path))
            self.problems.add("policy-option-value", text, node.span, message("write the lesser one first"))

    def balance_conditions(self) -> Mapping[str, Told]:
        """`steps`, `never` and `tags_good` as they were compiled, those that the file speaks of."""
        found: dict[str, Told] = {}
        steps, never, good = (_member(self.root, "balance", key) for key in ("steps", "never", "tags_good"))
        for key, node in (("steps", steps), ("never", never), ("tags_good", good)):
            if isinstance(node, ScalarNode) and node.value is None:
                found[key] = self._told(RESET, node)
        if isinstance(steps, SequenceNode):
            read = [self._step(node, number) for number, node in enumerate(steps.items)]
            found["steps"] = self._told(tuple(step for step in read if step is not None), steps)
        if isinstance(never, SequenceNode):
            told = [(self._condition(node, "dataset"), node) for node in never.items]
            conditions = (Condition(one.value, self._place(node.span)) for one, node in told if one is not None)
            found["never"] = self._told(tuple(conditions), never)
        told_good = self._condition(good, "dataset")
        if good is not None and told_good is not None and told_good.value is not RESET:
            found["tags_good"] = self._told(Condition(told_good.value, told_good.place), good)
        return MappingProxyType(found)

    def _step(self, node: Node, number: int) -> BalanceStep | None:
        if not isinstance(node, MappingNode):
            return None
        path: Path = ("balance", "steps", number)
        if ("action" in node) == ("multiplier" in node):
            text = (
                message("{key} has both action and multiplier", key=dotted(path))
                if "action" in node
                else message("{key} says neither action nor multiplier", key=dotted(path))
            )
            help = message("action: none leaves the concepts alone; multiplier is a factor on their repeats")
            self.problems.add("policy-value", text, node.span, help)
            return None
        name, because = node.get("name"), node.get("because")
        when = self._condition(node.get("when"), "dataset")
        multiplier = self._condition(node.get("multiplier"), "concept", want="number")
        wrong = ("when" in node and when is None) or ("multiplier" in node and multiplier is None)
        if not isinstance(name, ScalarNode) or wrong:
            return None
        return BalanceStep(
            name=str(name.value),
            when=when.value if when is not None and when.value is not RESET else None,
            multiplier=multiplier.value if multiplier is not None and multiplier.value is not RESET else None,
            because=str(because.value) if isinstance(because, ScalarNode) else "",
            place=self._place(node.span),
        )

    def risks(self) -> Mapping[tuple[str, str], Told]:
        """Conditions of the levels by (failure mode, level)."""
        found = {}
        for mode, levels in _entries(self.root.get("risks")):
            for level, node in _entries(levels):
                if mode in FAILURE_MODES and level in RISK_LEVELS:
                    told = self._condition(node, "risk")
                    if told is not None:
                        found[mode, level] = told
        return MappingProxyType(found)

    def playbooks(self) -> Iterator[Playbook]:
        """What the file's playbooks say; one without a proper name is told by its form."""
        node = self.root.get("playbooks")
        for book in node.items if isinstance(node, SequenceNode) else ():
            if not isinstance(book, MappingNode):
                continue
            symptom = _text_of(book.get("symptom"))
            if not re.fullmatch(SYMPTOM, symptom):
                continue
            evidence = _evidence_of(book.get("evidence"), "heuristic")
            if adds := _is_true(book.get("add")):
                self._check_symptom(symptom, book.key_span("add"))
            yield Playbook(
                symptom,
                seen=_text_of(book.get("seen")),
                points_to=tuple(text for text, _ in _texts(book.get("points_to")) if text in FAILURE_MODES),
                signals=self._signs(book.get("signals")),
                data=tuple(self._advice(book.get("data"), evidence)),
                training=tuple(self._advice(book.get("training"), evidence)),
                base_models=tuple(text for text, _ in _texts(book.get("base_models"))),
                place=self._place(book.key_span("symptom")),
                adds=adds,
            )

    def _check_symptom(self, symptom: str, span: Span) -> None:
        """That there is a playbook to add to."""
        known = {*self.before.symptoms(), *(book.symptom for book in self.before.policy.playbooks())}
        if symptom not in known:
            near = did_you_mean(symptom, known)
            self.problems.add(
                "policy-unknown-symptom",
                message("there is no playbook for the symptom {symptom} to add to", symptom=symptom),
                span,
                message("did you mean {near}?", near=near)
                if near
                else message("tagmetry diagnose --symptoms lists the symptoms"),
            )

    def _advice(self, node: Node | None, evidence: Evidence) -> Iterator[Advice]:
        for step in node.items if isinstance(node, SequenceNode) else ():
            if isinstance(step, ScalarNode):
                yield Advice(_text_of(step), evidence=evidence)
            elif isinstance(step, MappingNode):
                when = self._condition(step.get("when"), "dataset")
                yield Advice(
                    _text_of(step.get("do")),
                    because=self._signs(step.get("because")),
                    evidence=_evidence_of(step.get("evidence"), evidence),
                    unless=_text_of(step.get("unless")),
                    adjust=_text_of(step.get("adjust")),
                    when=when.value if when is not None and when.value is not RESET else None,
                    anyway=_is_true(step.get("anyway")),
                )

    def _signs(self, node: Node | None) -> tuple[Sign, ...]:
        """Rules or RULE.MESSAGE, former ids turned into today's; what is not there is told with the nearest name."""
        found = []
        for text, span in _texts(node):
            name, _, wanted = text.partition(".")
            rule = rule_named(name, self.plugins)
            if rule is None:
                self.problems.add(
                    "policy-unknown-rule",
                    message("there is no rule {rule}", rule=name),
                    span,
                    self.plugins.way_out(name, self.plugins.rules, message("tagmetry rules lists them")),
                )
            elif wanted and wanted not in rule.messages:
                near = did_you_mean(wanted, rule.messages)
                self.problems.add(
                    "policy-unknown-message",
                    message("the rule {rule} has no message {name}", rule=rule.id, name=wanted),
                    span,
                    message("did you mean {near}?", near=f"{rule.id}.{near}")
                    if near
                    else message("its messages: {names}", names=", ".join(rule.messages)),
                )
            else:
                found.append(Sign(rule.id, wanted))
        return tuple(dict.fromkeys(found))

    def fail_on(self) -> Told | None:
        node = _member(self.root, "gate", "fail_on")
        if not isinstance(node, ScalarNode):
            return None
        if node.value is None:
            return self._told(RESET, node)
        return self._told(node.value, node) if node.value in FAIL_ON else None

    def _told(self, value: Any, node: Node) -> Told:
        return Told(value, self._place(node.span))

    def _place(self, span: Span) -> str:
        return f"{self.label}:{span.line}" if self.numbered else self.label

    def _options(
        self, known: Mapping[str, Option], node: Node | None, path: Path, before: Mapping[str, Any], *, owner: str
    ) -> Mapping[str, Told]:
        found: dict[str, Told] = {}
        for key, value in _entries(node):
            one = option_named(known, key)
            if one is None or not isinstance(node, MappingNode):
                continue
            span = node.key_span(key)
            if one.name in found:
                text = message("'{name}' and a former name of it stand here", name=one.name)
                self.problems.add("policy-option-twice", text, span, message("keep one of the two"))
            self._notice(notices.of_option(one, key, owner=owner, place=self._place(span)))
            found[one.name] = self._option(one, value, (*path, key), before.get(one.name))
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


def _text_of(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, ScalarNode) and isinstance(node.value, str) else ""


def _is_true(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.value is True


def _evidence_of(node: Node | None, otherwise: Evidence) -> Evidence:
    text = _text_of(node)
    return next((level for level in get_args(Evidence) if level == text), otherwise)


_TOLERANCES: Final = message("write a share as 2%, or a whole number of subjects as 3")


def tolerance_of(value: Any, *, key: str) -> Tolerance:
    """A share (`2%`, 0.02) or a count (3). Raises OptionError for what is neither, or could be both."""
    shares = Option(key, float, None, OptionInfo("", unit="share", low=0, high=1))
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        return Tolerance(share=coerced(shares, value))
    neither = message("{key} is {value}, which is neither a share nor a count", key=key, value=str(value)[:80])
    try:
        number = coerced(Option(key, float, None, OptionInfo("")), value)
    except OptionError as error:
        raise OptionError(neither) from error
    if number < 0:
        raise OptionError(message("{key} is {value}; the smallest value is 0", key=key, value=str(value)[:80]))
    if 0 < number < 1:
        return Tolerance(share=number)
    if isinstance(value, int) or (isinstance(value, str) and value.strip().isdigit()):
        return Tolerance(count=int(number))
    raise OptionError(neither)


def locked(rule: str, key: str, lock: Lock) -> tuple[Message, Message]:
    """That a lock forbids something, and what it allows."""
    text = message("{key} cannot be changed: {rule} is locked in {place}", key=key, rule=rule, place=lock.place)
    if lock.severity is Severity.ERROR:
        return text, message("nothing of the rule can be changed after the lock")
    return text, message("after the lock only a severity above {severity} is possible", severity=lock.severity.label)


def _member(root: MappingNode, *path: str) -> Node | None:
    return node_at(root, path)[0]


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    for key, value in node.items if isinstance(node, MappingNode) else ():
        yield key.text, value


def _texts(node: Node | None) -> Iterator[tuple[str, Span]]:
    """The texts of a text or a list of texts; what is something else is the schema's to refuse."""
    for member in node.items if isinstance(node, SequenceNode) else (node,):
        if isinstance(member, ScalarNode) and isinstance(member.value, str):
            yield member.value, member.span


def _span_of_member(node: Node | None, member: str) -> Span | None:
    for text, span in _texts(node):
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
