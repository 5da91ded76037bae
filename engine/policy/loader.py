"""From policy files to the effective policy: finding, extending, checking, layering.

Loading a policy never imports, evaluates or formats anything it names. All mistakes of all files are told at once,
before any image is read.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from tagmetry.errors import UsageError
from tagmetry.finding import Severity
from tagmetry.globs import GlobError, compiled
from tagmetry.messages import message
from tagmetry.options import Option, OptionError, coerced, options_of
from tagmetry.plan.options import POLICY_KEYS, BalanceOptions
from tagmetry.plugins import Plugins
from tagmetry.policy.diagnostics import PolicyError, Problems, Span
from tagmetry.policy.model import RESET, Layer, ListPatch, Policy, RulePatch, Told
from tagmetry.policy.schema import (
    NOT_YET,
    NOT_YET_IN_BALANCE,
    NOT_YET_IN_RULES,
    RULE_KEYS,
    policy_schema,
)
from tagmetry.policy.suggestions import did_you_mean
from tagmetry.policy.yaml_reader import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    declares_policy,
    read_policy_file,
    read_yaml,
    to_data,
)
from tagmetry.profile import DeclaredConcept, Origin, ProfileOptions
from tagmetry.rule import Rule

DEFAULT_POLICY: Final = "tagmetry:recommended"
POLICY_FILES: Final = ("tagmetry.yaml", "tagmetry.yml")
DEEPEST_EXTENDS: Final = 8
_BUILT_IN_PREFIX: Final = "tagmetry:"


def find_policy(folder: Path) -> Path | None:
    """The nearest policy file from a folder upward, to the first folder with `.git`, the home folder or the top.

    Raises UsageError where both spellings stand side by side.
    """
    home = Path.home()
    for place in (folder, *folder.parents):
        present = [place / name for name in POLICY_FILES if (place / name).is_file()]
        if len(present) > 1:
            raise UsageError(
                message("both {one} and {other} are there", one=str(present[0]), other=str(present[1])),
                message("keep one of them, or name one with --policy"),
            )
        if present:
            return present[0]
        if (place / ".git").exists() or place == home:
            return None
    return None


def load_policy(
    chosen: str | None, plugins: Plugins, *, beside: Path | None = None, policy_root: Path | None = None
) -> Policy:
    """The policy of a run: the file or name chosen, else the nearest file from `beside` upward, else recommended.

    Raises PolicyError with all that is wrong, and UsageError for a policy that is not there.
    """
    problems = Problems()
    loading = _Loading(plugins, problems)
    if chosen is None:
        found = find_policy(beside) if beside is not None else None
        if found is None:
            loading.built_in(DEFAULT_POLICY, None, ())
            return loading.policy(DEFAULT_POLICY)
        chosen = str(found)
    name = _built_in_name(chosen, plugins)
    if name is not None:
        loading.built_in(name, None, ())
        return loading.policy(name)
    path = Path(chosen)
    if not path.exists() and not any(part in chosen for part in ("/", "\\", ".")):
        known = [*plugins.policies, *(short.partition(":")[2] for short in plugins.policies)]
        names = ", ".join(sorted(plugins.policies))
        raise UsageError(
            message("there is no policy named {name} and no such file", name=chosen),
            plugins.way_out(chosen, known, message("policies: {names}", names=names)),
        )
    path = path.resolve()
    loading.root = policy_root.resolve() if policy_root is not None else _policy_root(path)
    loading.file(path, None, (), shown=chosen)
    return loading.policy(chosen)


def check_policy_text(text: str, plugins: Plugins, *, file: str) -> None:
    """Checks one policy's text by itself. Raises PolicyError."""
    loading = _Loading(plugins, Problems())
    loading.text(text.encode("utf-8"), file, ())
    loading.problems.raise_if_any()


def _built_in_name(chosen: str, plugins: Plugins) -> str | None:
    """`tagmetry:sdxl`, or `sdxl` where no file of that name is there."""
    if chosen in plugins.policies:
        return chosen
    short = _BUILT_IN_PREFIX + chosen
    return short if short in plugins.policies and not Path(chosen).exists() else None


def _policy_root(path: Path) -> Path:
    """Files may be extended below the nearest folder with `.git`, else below the policy's own folder."""
    return next((folder for folder in path.parents if (folder / ".git").exists()), path.parent)


@dataclass(slots=True)
class _Loading:
    plugins: Plugins
    problems: Problems
    root: Path | None = None
    layers: list[Layer] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    digest: Any = field(default_factory=hashlib.sha256)
    name: str = ""

    def policy(self, fallback_name: str) -> Policy:
        self.problems.raise_if_any()
        return Policy(
            name=self.name or fallback_name,
            sources=tuple(self.sources),
            sha256=self.digest.hexdigest(),
            layers=tuple(self.layers),
        )

    def built_in(self, name: str, named_at: Span | None, chain: tuple[str, ...]) -> None:
        if self._enter(name, named_at, chain):
            self.text(self.plugins.policies[name].text.encode("utf-8"), name, (*chain, name))

    def file(self, path: Path, named_at: Span | None, chain: tuple[str, ...], *, shown: str) -> None:
        key = str(path)
        if not self._enter(key, named_at, chain):
            return
        try:
            data = read_policy_file(path, shown=shown, named_at=named_at)
        except PolicyError as error:
            self.problems.extend(error.diagnostics)
            return
        if named_at is not None and not declares_policy(data):
            # A stranger's policy must not get a private file quoted in an error.
            self.problems.add(
                "policy-extends",
                message("{name} is no policy: it does not say which language version it is written in", name=shown),
                named_at,
                message("a policy begins with: tagmetry: 1"),
            )
            return
        self.text(data, shown, (*chain, key), folder=path.parent)

    def _enter(self, key: str, named_at: Span | None, chain: tuple[str, ...]) -> bool:
        if key in chain:
            circle = " -> ".join((*chain[chain.index(key) :], key))
            self.problems.add(
                "policy-extends-cycle", message("policies extend each other: {chain}", chain=circle), named_at
            )
            return False
        if len(chain) >= DEEPEST_EXTENDS:
            self.problems.add(
                "policy-extends-depth",
                message("more than {n:count} policies extend one another in a row", n=DEEPEST_EXTENDS),
                named_at,
            )
            return False
        if key in self.done:
            return False
        self.done.add(key)
        return True

    def text(self, data: bytes, file: str, chain: tuple[str, ...], folder: Path | None = None) -> None:
        """Read one policy's text, what it extends first, and add its layer."""
        try:
            root = read_yaml(data, file=file, problems=self.problems)
        except PolicyError:
            return  # what stopped the reading is among the problems already
        self._extends(root, chain, folder)
        layer = _LayerReader(root, file, self.plugins, self.problems).layer()
        self.layers.append(layer)
        self.sources.append(file)
        self.digest.update(data)
        self.name = layer.name

    def _extends(self, root: MappingNode, chain: tuple[str, ...], folder: Path | None) -> None:
        node = root.get("extends")
        members = node.items if isinstance(node, SequenceNode) else (node,) if node is not None else ()
        for member in members:
            if not isinstance(member, ScalarNode) or not isinstance(member.value, str):
                continue  # the schema says what is wrong with it
            self._extend(member.value, member.span, chain, folder)

    def _extend(self, name: str, span: Span, chain: tuple[str, ...], folder: Path | None) -> None:
        if name in self.plugins.policies:
            self.built_in(name, span, chain)
            return
        if ":" in name or name.startswith(("/", "\\")) or "\0" in name:
            otherwise = message("name a built-in policy, or a file relative to this one")
            self.problems.add(
                "policy-extends",
                message("{name} is no installed policy, and other addresses are not read", name=name),
                span,
                self.plugins.way_out(name, self.plugins.policies, otherwise),
            )
            return
        if folder is None:
            self.problems.add(
                "policy-extends",
                message("a built-in policy extends built-in policies only, not {name}", name=name),
                span,
            )
            return
        path = (folder / name).resolve()
        if self.root is not None and self.root not in path.parents:
            self.problems.add(
                "policy-extends",
                message("{name} lies outside the folder that policies may be read from", name=name),
                span,
                message("move it below that folder, or widen it with --policy-root DIR"),
            )
            return
        self.file(path, span, chain, shown=name)


@dataclass(slots=True)
class _LayerReader:
    """Checks one file against the schema and turns it into a layer, keeping the place of each value."""

    root: MappingNode
    file: str
    plugins: Plugins
    problems: Problems

    def layer(self) -> Layer:
        before = len(self.problems)
        self._check_form()
        self._check_not_yet()
        if len(self.problems) > before:
            return Layer(name="", source=self.file)
        profile, concepts, roles = self._profile()
        gate = _member(self.root, "gate")
        fail_on = gate.get("fail_on") if gate is not None else None
        name = self.root.get("name")
        return Layer(
            name=str(name.value) if isinstance(name, ScalarNode) else self.file,
            source=self.file,
            rules=tuple(self._rules()),
            profile=profile,
            concepts=concepts,
            roles=roles,
            vocabulary=self._vocabulary(),
            balance=self._balance(),
            fail_on=Told(fail_on.value, fail_on.span.place) if isinstance(fail_on, ScalarNode) else None,
        )

    def _check_form(self) -> None:
        schema = policy_schema(self.plugins.rules.values())
        validator = Draft202012Validator(schema, registry=Registry())
        for error in validator.iter_errors(to_data(self.root)):
            for leaf in _leaves(error):
                self._tell(leaf)

    def _tell(self, error: ValidationError) -> None:
        """One schema error in our words, at the place of the mistake."""
        path = tuple(error.absolute_path)
        if error.validator in ("unevaluatedProperties", "additionalProperties"):
            self._tell_unknown_keys(error, path)
            return
        if error.validator == "required":
            self.problems.add(
                "policy-version",
                message("the language version is missing"),
                _first_span(self.root),
                message("begin the file with: tagmetry: 1"),
            )
            return
        node, span = _at(self.root, path)
        known = self._option_at(path)
        if known is not None:
            try:
                coerced(known, to_data(node) if node is not None else None)
            except OptionError as problem:
                self.problems.add("policy-option-value", problem.text, span)
                return
        shown = error.instance if isinstance(error.instance, str) else str(error.instance)[:80]
        if error.validator == "const":
            text = message("this is version {version} of the policy language; it can only be 1 here", version=shown)
            self.problems.add("policy-version", text, span)
        elif error.validator == "enum":
            choices = tuple(str(choice) for choice in error.validator_value)
            near = did_you_mean(shown, choices)
            self.problems.add(
                "policy-value",
                message("{value} is not one of {choices}", value=shown, choices=choices),
                span,
                message("did you mean {near}?", near=near) if near else None,
            )
        elif error.validator == "type":
            wanted = _TYPE_WORDS.get(str(error.validator_value), str(error.validator_value))
            self.problems.add(
                "policy-type", message("{value} stands where {wanted} is wanted", value=shown, wanted=wanted), span
            )
        else:
            self.problems.add("policy-value", message("{value} is not allowed here", value=shown), span)

    def _tell_unknown_keys(self, error: ValidationError, path: tuple[str | int, ...]) -> None:
        node, _ = _at(self.root, path)
        known = sorted(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
        if not isinstance(node, MappingNode):
            return
        for key, _value in node.items:
            if key.text in known:
                continue
            near = did_you_mean(key.text, known)
            code, text, help_text = self._unknown(path, key.text, near, known)
            self.problems.add(code, text, key.span, help_text)

    def _unknown(
        self, path: tuple[str | int, ...], key: str, near: str | None, known: Sequence[str]
    ) -> tuple[str, Any, Any]:
        if path == ("rules",):
            help_text = self.plugins.way_out(key, known, message("tagmetry rules lists the rules"))
            return "policy-unknown-rule", message("unknown rule {rule}", rule=key), help_text
        names = tuple(name for name in known if name not in RULE_KEYS or path[:1] != ("rules",))
        shown = ", ".join(names)
        if path[:1] == ("rules",) and len(path) == 2:
            code, text = (
                "policy-unknown-option",
                message("unknown option {option} of rule {rule}", option=key, rule=str(path[1])),
            )
            rest = (
                message("options: {names}", names=shown)
                if names
                else message("the rule has no options besides severity")
            )
        else:
            place = ".".join(str(part) for part in path)
            code = "policy-unknown-key"
            text = (
                message("unknown key {key} in {place}", key=key, place=place)
                if place
                else message("unknown key {key}", key=key)
            )
            rest = message("keys: {names}", names=shown)
        if near is None:
            return code, text, rest
        return code, text, message("did you mean {near}? {rest}", near=near, rest=rest.english())

    def _option_at(self, path: tuple[str | int, ...]) -> Option | None:
        """The option whose value stands at a path of the file."""
        if len(path) >= 3 and path[0] == "rules" and path[2] not in RULE_KEYS:
            rule = self.plugins.rules.get(str(path[1]))
            return options_of(rule.options).get(str(path[2])) if rule is not None and len(path) == 3 else None
        if len(path) == 2 and path[0] == "profile":
            return options_of(ProfileOptions).get(str(path[1]))
        if path[:1] == ("balance",):
            name = POLICY_KEYS.get(".".join(str(part) for part in path[1:]))
            return options_of(BalanceOptions)[name] if name is not None else None
        return None

    def _check_not_yet(self) -> None:
        """Parts of the language that are read by a later release are refused, never ignored in silence."""
        for key in NOT_YET:
            node = self.root.get(key)
            if isinstance(node, MappingNode | SequenceNode) and len(node):
                self._not_yet(key, self.root.key_span(key))
        rules = _member(self.root, "rules")
        for key, node in rules.items if rules is not None else ():
            if isinstance(node, MappingNode):
                for name in NOT_YET_IN_RULES:
                    if name in node:
                        self._not_yet(f"rules.{key.text}.{name}", node.key_span(name))
        balance = _member(self.root, "balance")
        for name in NOT_YET_IN_BALANCE:
            if balance is not None and name in balance:
                self._not_yet(f"balance.{name}", balance.key_span(name))

    def _not_yet(self, key: str, span: Span) -> None:
        self.problems.add(
            "policy-not-yet",
            message("{key} is part of the language, but this version does not read it yet", key=key),
            span,
            message("leave it out for now: nothing in a policy is skipped in silence"),
        )

    def _rules(self) -> Iterable[RulePatch]:
        rules = _member(self.root, "rules")
        for key, node in rules.items if rules is not None else ():
            rule = self.plugins.rules[key.text]
            if isinstance(node, ScalarNode):
                severity = Severity[str(node.value).upper()]
                yield RulePatch(rule.id, severity=Told(severity, node.span.place))
            elif isinstance(node, MappingNode):
                yield self._rule_patch(rule, node)

    def _rule_patch(self, rule: Rule, node: MappingNode) -> RulePatch:
        severity = node.get("severity")
        because = node.get("because")
        options = {}
        for name, known in options_of(rule.options).items():
            value = node.get(name)
            if value is not None:
                options[name] = Told(self._value(known, value), value.span.place)
        return RulePatch(
            rule.id,
            severity=Told(Severity[str(severity.value).upper()], severity.span.place)
            if isinstance(severity, ScalarNode)
            else None,
            options=MappingProxyType(options),
            because=str(because.value) if isinstance(because, ScalarNode) else "",
        )

    def _value(self, known: Option, node: Node) -> Any:
        if isinstance(node, ScalarNode) and node.value is None:
            return RESET
        try:
            if isinstance(node, MappingNode):
                patch = {key.text: coerced(known, to_data(value)) for key, value in node.items}
                return ListPatch(add=patch.get("add", ()), remove=patch.get("remove", ()))
            return coerced(known, to_data(node))
        except OptionError as problem:
            self.problems.add("policy-option-value", problem.text, node.span)
            return RESET

    def _profile(self) -> tuple[Mapping[str, Told], tuple[DeclaredConcept, ...], Mapping[str, tuple[str, ...]]]:
        node = _member(self.root, "profile")
        if node is None:
            return MappingProxyType({}), (), MappingProxyType({})
        settings = {}
        for name, known in options_of(ProfileOptions).items():
            value = node.get(name)
            if value is not None:
                settings[name] = Told(self._value(known, value), value.span.place)
        concepts_node, roles_node = _member(node, "concepts"), _member(node, "roles")
        concepts = [
            self._concept(key.text, value)
            for key, value in (concepts_node.items if concepts_node is not None else ())
            if isinstance(value, MappingNode)
        ]
        roles = {key.text: self._patterns(value) for key, value in (roles_node.items if roles_node is not None else ())}
        return MappingProxyType(settings), tuple(concepts), MappingProxyType(roles)

    def _concept(self, name: str, node: MappingNode) -> DeclaredConcept:
        def text(key: str) -> str | None:
            value = node.get(key)
            return value.raw if isinstance(value, ScalarNode) and value.value is not None else None

        match, core_tags = node.get("match"), node.get("core_tags")
        return DeclaredConcept(
            name=name,
            match=self._patterns(match) if match is not None else (),
            trigger=text("trigger"),
            class_word=text("class_word"),
            core_tags=_texts(core_tags) if core_tags is not None else (),
        )

    def _patterns(self, node: Node) -> tuple[str, ...]:
        for pattern in _texts(node):
            try:
                compiled(pattern)
            except GlobError as error:
                self.problems.add(
                    "policy-pattern",
                    message("the pattern {pattern} cannot be read: {reason}", pattern=pattern, reason=str(error)),
                    node.span,
                )
        return _texts(node)

    def _vocabulary(self) -> Mapping[str, Any]:
        node = _member(self.root, "vocabulary")
        return MappingProxyType(to_data(node)) if node is not None else MappingProxyType({})

    def _balance(self) -> Mapping[str, Told]:
        node = _member(self.root, "balance")
        found: dict[str, Told] = {}
        if node is None:
            return MappingProxyType(found)
        known = options_of(BalanceOptions)
        for dotted, name in POLICY_KEYS.items():
            value, _ = _at(node, tuple(dotted.split(".")))
            if value is not None:
                found[name] = Told(self._value(known[name], value), value.span.place)
        return MappingProxyType(found)


_TYPE_WORDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _leaves(error: ValidationError) -> Iterable[ValidationError]:
    """The innermost errors: those of `if`/`then` branches are wrapped in one of the branch."""
    if error.context:
        for child in error.context:
            yield from _leaves(child)
    else:
        yield error


def _member(node: MappingNode, key: str) -> MappingNode | None:
    value = node.get(key)
    return value if isinstance(value, MappingNode) else None


def _texts(node: Node) -> tuple[str, ...]:
    members = node.items if isinstance(node, SequenceNode) else (node,)
    return tuple(member.raw for member in members if isinstance(member, ScalarNode))


def _at(root: Node, path: Sequence[str | int]) -> tuple[Node | None, Span]:
    """The node at a path with its place; where a value is a mapping or list, the place of its key."""
    node: Node | None = root
    span = root.span
    for part in path:
        if isinstance(node, MappingNode) and isinstance(part, str) and part in node:
            child = node.get(part)
            span = child.span if isinstance(child, ScalarNode) else node.key_span(part)
            node = child
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node):
            node = node.items[part]
            span = node.span
        else:
            return None, span
    return node, span


def _first_span(root: MappingNode) -> Span:
    return root.items[0][0].span if root.items else root.span


def flag_layer(
    plugins: Plugins,
    *,
    profile: Mapping[str, Any],
    settings: Sequence[str] = (),
    origins: Mapping[str, Origin] | None = None,
) -> tuple[Layer, dict[str, dict[str, str]]]:
    """The command line as the last layer, and what `--set` says to reporters: name -> option -> text.

    `profile` holds the values of the flags that were given; `settings` are the texts of `--set KEY=VALUE`.
    Raises UsageError naming the flag.
    """
    told: dict[str, Told] = {}
    known_profile = options_of(ProfileOptions)
    for name, value in profile.items():
        flag = "--" + name.replace("_", "-")
        origin: Origin = (origins or {}).get(name, "flag")
        told[name] = Told(_from_flag(known_profile[name], value, flag), flag, origin)
    patches: list[RulePatch] = []
    reporters: dict[str, dict[str, str]] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        owner, dot, name = key.strip().rpartition(".")
        shown = f"--set {key.strip()}"
        if not equals or not dot:
            raise UsageError(
                message("--set {setting} is not of the form KEY=VALUE", setting=setting),
                message("for example --set near-duplicate-ratio.limit=0.2 or --set profile.purpose=style"),
            )
        if owner == "profile":
            _known(name, known_profile, "profile")
            told[name] = Told(_from_flag(known_profile[name], value, shown), shown, "flag")
        elif owner in plugins.rules:
            rule = plugins.rules[owner]
            if name == "severity":
                if value not in ("off", "info", "warning", "error"):
                    raise UsageError(
                        message("{flag}: {value} is not off, info, warning or error", flag=shown, value=value)
                    )
                patches.append(RulePatch(owner, severity=Told(Severity[value.upper()], shown, "flag")))
                continue
            options = options_of(rule.options)
            _known(name, options, owner)
            patches.append(
                RulePatch(owner, options={name: Told(_from_flag(options[name], value, shown), shown, "flag")})
            )
        elif owner in plugins.reporters:
            _known(name, options_of(plugins.reporters[owner].options), owner)
            reporters.setdefault(owner, {})[name] = value
        else:
            known_owners = ["profile", *plugins.rules, *plugins.reporters]
            raise UsageError(
                message("--set: there is no rule, reporter or profile named {owner}", owner=owner),
                plugins.way_out(owner, known_owners, message("tagmetry rules lists the rules")),
            )
    layer = Layer(name="command line", source="command line", rules=tuple(patches), profile=MappingProxyType(told))
    return layer, reporters


def _known(name: str, known: Mapping[str, Any], owner: str) -> None:
    if name not in known:
        near = did_you_mean(name, known)
        raise UsageError(
            message("{owner} has no option {name}", owner=owner, name=name),
            message("did you mean {near}?", near=near)
            if near
            else message("options: {names}", names=", ".join(known) or "none"),
        )


def _from_flag(known: Option, value: Any, flag: str) -> Any:
    is_list = isinstance(known.default, tuple)
    try:
        return coerced(known, value.split(",") if is_list and isinstance(value, str) else value)
    except OptionError as error:
        raise UsageError(message("{flag}: {problem}", flag=flag, problem=error.text.english())) from error
