"""The effective policy as data, and as a policy file with the origin of every value beside it."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from tagmetry.finding import Severity
from tagmetry.messages import Message, Translator, english, message
from tagmetry.options import options_of
from tagmetry.plan.conditions import BalanceStep, Condition
from tagmetry.plan.options import KEEP_TOKENS, POLICY_KEYS, BalanceOptions
from tagmetry.playbooks import Playbook
from tagmetry.policy.expressions import Expression
from tagmetry.policy.match import Match
from tagmetry.policy.model import (
    RESET,
    EffectiveRule,
    ListPatch,
    Lock,
    Policy,
    RulePatch,
    Suppression,
    Told,
    Tolerance,
)
from tagmetry.policy.place import Place
from tagmetry.policy.yaml_reader import read_yaml, to_data
from tagmetry.profile import Setting
from tagmetry.rule import Rule

COLUMNS: Final = 80
ORIGIN_COLUMN: Final = 44
"""Where origins stand, unless the value needs more room."""


def as_data(policy: Policy, rules: Iterable[Rule], *, place: Place | None = None) -> dict[str, Any]:
    """The effective policy for JSON: each value with its origin, in the keys of a policy file.

    A severity of null leaves the rule's own, which is beside it, and what the rule proposes for single findings.
    With a place the rules are as they hold there, and the overrides are spent.
    """
    return {
        **({} if place is None else {"at": {"path": place.path, "role": place.role, "concept": place.concept}}),
        "name": policy.name,
        "sources": list(policy.sources),
        "sha256": policy.sha256,
        "profile": {
            **{key: _told(setting) for key, setting in policy.profile().settings.items()},
            "concepts": {
                name: {key: _told(setting) for key, setting in fields.items()}
                for name, fields in policy.concepts().items()
            },
            "roles": {role: _told(setting) for role, setting in policy.roles().items()},
        },
        "define": {one.rule.id: {"definition": to_plain(one.written), "origin": one.place} for one in policy.defined},
        "rules": {rule.id: _rule_data(_rule_at(policy, rule, place), policy.standing(rule).lock) for rule in rules},
        **({"overrides": [_override_data(*one) for one in _overrides(policy)]} if place is None else {}),
        "suppressions": [_suppression_data(one) | {"origin": one.place} for one in policy.suppressions()],
        "vocabulary": [{"source": source, "patch": dict(patch)} for source, patch in policy.vocabulary_patches()],
        "balance": {key: _told(setting) for key, setting in _balance(policy).items()} | _conditions_told(policy),
        "risks": _risks_data(policy),
        "playbooks": [_playbook_data(book) | {"origin": book.place} for book in policy.playbooks()],
        "gate": {"fail_on": _told(policy.gate())},
    }


def _rule_at(policy: Policy, rule: Rule, place: Place | None) -> EffectiveRule:
    met = () if place is None else [match for match in policy.matches(rule) if place.meets(match)]
    return policy.rule(rule, met)


def _overrides(policy: Policy) -> list[tuple[Match, list[RulePatch]]]:
    """The overrides in order, those that follow one another and mean the same part as one."""
    found: list[tuple[Match, list[RulePatch]]] = []
    for patch in policy.overrides():
        assert patch.match is not None
        if not found or found[-1][0] != patch.match or any(one.rule == patch.rule for one in found[-1][1]):
            found.append((patch.match, []))
        found[-1][1].append(patch)
    return found


def _override_data(match: Match, patches: Sequence[RulePatch]) -> dict[str, Any]:
    return {"match": match.as_data(), "rules": {patch.rule: _patch_data(patch) for patch in patches}}


def _patch_data(patch: RulePatch) -> dict[str, Any]:
    return {name: {"value": patched(one.value), "origin": one.place} for name, one in told_by(patch).items()} | (
        {"because": patch.because} if patch.because else {}
    )


def told_by(patch: RulePatch) -> dict[str, Told]:
    """All that a patch says, by key."""
    keys = {
        "severity": patch.severity,
        **patch.options,
        "where": patch.where,
        "when": patch.when,
        "tolerate": patch.tolerate,
        "lock": patch.lock,
    }
    return {key: told for key, told in keys.items() if told is not None}


def patched(value: Any) -> Any:
    """What a patch says as plain data, as it stands in a policy file."""
    if value is RESET:
        return None
    if isinstance(value, Severity):
        return value.label
    if isinstance(value, Tolerance):
        return value.as_data()
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, ListPatch):
        return {key: list(members) for key, members in (("add", value.add), ("remove", value.remove)) if members}
    return _plain(value)


def _suppression_data(one: Suppression) -> dict[str, Any]:
    match = {"match": one.match.as_data()} if one.match is not None else {}
    expires = {"expires": one.expires.isoformat()} if one.expires is not None else {}
    different = {"different": True} if one.different else {}
    return {"rule": one.rule, **match, "reason": one.reason, **expires, **different}


def _rule_data(settled: EffectiveRule, lock: Lock | None) -> dict[str, Any]:
    severity, tolerate = settled.severity, settled.tolerate
    return {
        "severity": {
            "value": severity.label if severity is not None else None,
            "own": settled.rule.severity.label,
            "origin": settled.severity_place or "default",
        },
        "options": {
            name: {"value": _plain(getattr(settled.options, name)), "origin": settled.origins[name]}
            for name in options_of(settled.rule.options)
        },
        **{
            key: {"value": told.value.text, "origin": told.place}
            for key, told in (("where", settled.where), ("when", settled.when))
            if told is not None
        },
        **({"tolerate": {"value": tolerate.as_data(), "origin": settled.tolerate_place}} if tolerate else {}),
        **({"lock": {"value": True, "origin": lock.place}} if lock else {}),
    }


def to_plain(value: Any) -> Any:
    """A definition as JSON holds it."""
    if isinstance(value, Mapping):
        return {key: to_plain(member) for key, member in value.items()}
    return [to_plain(member) for member in value] if isinstance(value, list | tuple) else value


def _told(setting: Setting) -> dict[str, Any]:
    return {"value": _plain(setting.value), "origin": setting.place or setting.origin}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _conditions_told(policy: Policy) -> dict[str, Any]:
    found = {}
    for key, told in policy.balance_told().items():
        one = told.value
        value = [_condition_data(member) for member in one] if isinstance(one, tuple) else _condition_data(one)
        found[key] = {"value": value, "origin": told.place}
    return found


def _balance(policy: Policy) -> dict[str, Setting]:
    settings = policy.balance_settings()
    return {key: settings[name] for key, name in POLICY_KEYS.items()}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file and what is said of it."""

    text: str
    origin: Message | None = None


def as_text(policy: Policy, rules: Iterable[Rule], say: Translator | None = None, *, place: Place | None = None) -> str:
    """The effective policy as a policy file of its own, with the origins as comments. Ends with a line break.

    With a place the rules are as they hold there, and the overrides are spent.
    """
    lines = [
        *([_Line(f"# at: {_in_comment((say or english()).render(place.told()))}")] if place is not None else ()),
        _Line(f"# sources: {' + '.join(map(_in_comment, policy.sources))}"),
        _Line(f"# sha256: {policy.sha256}"),
        _Line("tagmetry: 1"),
        _Line(f"name: {_scalar(policy.name)}"),
        _Line(""),
        *_profile_lines(policy),
        _Line(""),
        *_define_lines(policy),
        _Line("rules:"),
        *_rules_lines(policy, rules, place),
        *_suppression_lines(policy),
    ]
    patches = policy.vocabulary_patches()
    lines += [_Line("")] if patches else []
    for source, patch in patches:
        keys = ", ".join(_vocabulary_keys(patch))
        lines.append(_Line(f"# vocabulary: {_in_comment(keys)}", _said(source)))
    lines += [_Line(""), *_balance_lines(policy), *_risk_lines(policy), *_playbook_lines(policy)]
    lines += [_Line(""), _Line("gate:")]
    lines += _value_lines("fail_on", policy.gate().value, _origin(policy.gate()), depth=1)
    return "".join(f"{_with_origin(line, say or english())}\n" for line in lines)


def _risks_data(policy: Policy) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for (mode, level), told in policy.risks().items():
        found.setdefault(mode, {})[level] = {"value": told.value.text, "origin": told.place}
    return found


def _risk_lines(policy: Policy) -> Iterator[_Line]:
    for mode, levels in _risks_data(policy).items():
        if mode == next(iter(_risks_data(policy))):
            yield from (_Line(""), _Line("risks:"))
        yield _Line(f"  {mode}:")
        for level, told in levels.items():
            yield _Line(f"    {level}: {_scalar(told['value'])}", _said(told["origin"]))


_OF_ADVICE: Final = ("do", "because", "evidence", "unless", "when", "anyway", "adjust")


def _playbook_data(book: Playbook) -> dict[str, Any]:
    found: dict[str, Any] = {"symptom": book.symptom, "seen": book.seen}
    for key in ("points_to", "base_models"):
        if getattr(book, key):
            found[key] = list(getattr(book, key))
    if book.signals:
        found["signals"] = [sign.name for sign in book.signals]
    for key, steps in (("data", book.data), ("training", book.training)):
        found[key] = [
            {name: _of_advice(value) for name in _OF_ADVICE if (value := getattr(step, name))} for step in steps
        ]
    if book.adds:
        found["add"] = True
    return found


def _of_advice(value: Any) -> Any:
    if isinstance(value, Expression):
        return value.text
    return [sign.name for sign in value] if isinstance(value, tuple) else value


def _playbook_lines(policy: Policy) -> Iterator[_Line]:
    """A line each: whole they are in JSON, and in the files that they come from."""
    for number, book in enumerate(policy.playbooks()):
        if not number:
            yield from (_Line(""), _Line("# playbooks, whole with --format json:"))
        yield _Line(f"#   {_in_comment(book.symptom)}", _said(book.place))


def _profile_lines(policy: Policy) -> Iterator[_Line]:
    yield _Line("profile:")
    for key, setting in policy.profile().settings.items():
        yield from _value_lines(key, setting.value, _origin(setting), depth=1)
    concepts, roles = policy.concepts(), policy.roles()
    if concepts:
        yield _Line("  concepts:")
    for name, fields in concepts.items():
        said = {key: setting for key, setting in fields.items() if setting.place}
        yield _Line(f"    {_scalar(name)}:" + ("" if said else " {}"))
        for key, setting in said.items():
            yield from _value_lines(key, setting.value, _origin(setting), depth=3)
    if roles:
        yield _Line("  roles:")
    for role, setting in roles.items():
        yield from _value_lines(role, setting.value, _origin(setting), depth=2)


def _define_lines(policy: Policy) -> Iterator[_Line]:
    defined = policy.defined
    if not defined:
        return
    yield _Line("define:")
    for one in defined:
        yield _Line(f"  {one.rule.id}:", _said(one.place))
        for key, value in one.written.items():
            # What `rules` below say is in force; without its severity here the rule would have another of its own.
            if key not in ("where", "when"):
                yield _Line(f"    {key}: {flow(value)}")
    yield _Line("")


def _rules_lines(policy: Policy, rules: Iterable[Rule], place: Place | None) -> Iterator[_Line]:
    overrides = _overrides(policy) if place is None else []
    overridden = {patch.rule for _, patches in overrides for patch in patches}
    locks = {}
    for rule in rules:
        lock = policy.standing(rule).lock
        if lock is not None and rule.id in overridden:
            locks[rule.id] = lock  # after the last override, which could not stand behind it
            lock = None
        yield from _rule_lines(_rule_at(policy, rule, place), lock)
    yield from _override_lines(overrides, locks)


def _suppression_lines(policy: Policy) -> Iterator[_Line]:
    suppressions = policy.suppressions()
    if suppressions:
        yield _Line("")
        yield _Line("suppressions:")
    for one in suppressions:
        rule, *others = _suppression_data(one).items()
        yield _Line(f"  - {rule[0]}: {flow(rule[1])}", _said(one.place))
        yield from (_Line(f"    {key}: {flow(value)}") for key, value in others)


def _rule_lines(settled: EffectiveRule, lock: Lock | None) -> Iterator[_Line]:
    names = list(options_of(settled.rule.options))
    conditions = [
        _Line(f"    {key}: {_scalar(told.value.text)}", _said(told.place))
        for key, told in (("where", settled.where), ("when", settled.when))
        if told is not None
    ]
    severity, own = settled.severity, settled.rule.severity
    key = f"  {settled.rule.id}:"
    is_more = bool(names or conditions or settled.tolerate or lock)
    if severity is None:
        yield _Line(key if is_more else f"{key} {{}}", message("{severity}, the rule's own", severity=own.label))
    elif not is_more:
        yield _Line(f"{key} {severity.label}", _said(settled.severity_place) or _NOT_ASKED_FOR)
    else:
        yield _Line(key)
        yield _Line(f"    severity: {severity.label}", _said(settled.severity_place) or _NOT_ASKED_FOR)
    for name in names:
        yield from _value_lines(name, getattr(settled.options, name), _said(settled.origins[name]), depth=2)
    yield from conditions
    if settled.tolerate is not None:
        yield _Line(f"    tolerate: {settled.tolerate.as_data()}", _said(settled.tolerate_place))
    if lock is not None:
        yield _Line("    lock: true", _said(lock.place))


def _override_lines(
    overrides: Sequence[tuple[Match, Sequence[RulePatch]]], locks: Mapping[str, Lock]
) -> Iterator[_Line]:
    last = {patch.rule: patch for _, patches in overrides for patch in patches}
    if overrides:
        yield _Line("")
        yield _Line("overrides:")
    for match, patches in overrides:
        yield _Line(f"  - match: {flow(match.as_data())}")
        yield _Line("    rules:")
        for patch in patches:
            told = {key: one for key, one in told_by(patch).items() if key != "lock"}
            if patch.rule in locks and last[patch.rule] is patch:
                told["lock"] = Told(True, locks[patch.rule].place)
            if [*told] == ["severity"] and told["severity"].value is not RESET:
                yield _Line(f"      {patch.rule}: {shown(told['severity'].value)}", _said(told["severity"].place))
                continue
            yield _Line(f"      {patch.rule}:")
            for name, one in told.items():
                if isinstance(one.value, tuple):
                    yield from _value_lines(name, one.value, _said(one.place), depth=4)
                else:
                    yield _Line(f"        {name}: {shown(one.value)}", _said(one.place))


def shown(value: Any) -> str:
    """What a patch says as it would be written in a policy file."""
    # A severity is read as a text whatever it is; quotes around `off` would only puzzle.
    return value.label if isinstance(value, Severity) else flow(patched(value))


def flow(value: Any) -> str:
    """Plain data as one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return _scalar(value)


_NOT_ASKED_FOR: Final = message("default: a preview, which has to be asked for")
_DEFAULTS: Final[Mapping[str, Message]] = {
    "S0": message("default: advice on balancing"),
    "S1": message("default: advice on failure modes"),
    "S2": message("default: experience with Flux"),
    "trainer": message("default: the trainer's code"),
    "tagmetry": message("default"),
    "plugin": message("default: the plugin's choice"),
}


def default_of(source: str) -> Message:
    """What is said of a default, by the label of its source."""
    return _DEFAULTS[source]


def _said(origin: str) -> Message | None:
    """Where a value comes from: a label of a default's source, or a place, which is no text of any language."""
    return _DEFAULTS.get(origin) or (message("{place}", place=origin) if origin else None)


def _balance_lines(policy: Policy) -> Iterator[_Line]:
    known = options_of(BalanceOptions)
    yield _Line("balance:")
    told: list[str] = []
    for key, setting in sorted(_balance(policy).items(), key=lambda item: item[0].rpartition(".")[0]):
        *parents, last = key.split(".")
        for depth, parent in enumerate(parents):
            if told[: depth + 1] != parents[: depth + 1]:
                yield _Line(f"{'  ' * (depth + 1)}{parent}:")
                told = parents[: depth + 1]
        told = parents
        source = known[POLICY_KEYS[key]].info.source
        value = "auto" if POLICY_KEYS[key] == KEEP_TOKENS and setting.value is None else setting.value
        yield from _value_lines(last, value, _said(setting.place or source), depth=len(parents) + 1)
    yield from _condition_lines(policy)


def _condition_lines(policy: Policy) -> Iterator[_Line]:
    """What the plan's part says in expressions, where a policy speaks of it."""
    for key, told in policy.balance_told().items():
        if key == "tags_good":
            yield _Line(f"  {key}: {_scalar(told.value.expression.text)}", _said(told.place))
            continue
        yield _Line(f"  {key}:" + ("" if told.value else " []"), _said(told.place))
        for one in told.value:
            yield _Line(f"    - {flow(_condition_data(one))}", _said(one.place))


def _condition_data(one: BalanceStep | Condition) -> Any:
    return one.as_data() if isinstance(one, BalanceStep) else one.expression.text


def _origin(setting: Setting) -> Message | None:
    return _said(setting.place) or message(setting.origin)


def _vocabulary_keys(patch: Mapping[str, Any]) -> Iterator[str]:
    for key, value in patch.items():
        if isinstance(value, Mapping) and not value.keys() <= {"add", "remove"}:
            yield from (f"{key}.{name}" for name in value)
        else:
            yield key


def _value_lines(key: str, value: Any, origin: Message | None, *, depth: int) -> Iterator[_Line]:
    """A key with its value; a list that is too long for a line goes on below."""
    indent = "  " * depth
    if not isinstance(value, tuple):
        yield _Line(f"{indent}{key}: {_scalar(value)}", origin)
        return
    whole = f"{indent}{key}: [{', '.join(map(_scalar, value))}]"
    if _width(whole) <= COLUMNS:
        yield _Line(whole, origin)
        return
    yield _Line(f"{indent}{key}:", origin)
    yield from (_Line(text) for text in _wrapped([_scalar(member) for member in value], indent + "  "))


def _wrapped(members: Sequence[str], indent: str) -> Iterator[str]:
    row = indent + "["
    for number, member in enumerate(members):
        piece = member + ("]" if number == len(members) - 1 else ",")
        if row.strip(" [") and _width(f"{row} {piece}") > COLUMNS:
            yield row
            row = f"{indent} {piece}"
        else:
            row = row + piece if row.endswith("[") else f"{row} {piece}"
    yield row


_PLAIN = re.compile(r"\w[\w.*/()+'-]*(?: [\w.*/()+'-]+)*")
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_resolver = Resolver()


def _scalar(value: Any) -> str:
    """A value as YAML of any version reads it back."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if not isinstance(value, str):
        return json.dumps(value)
    # YAML 1.1, which others still read, sees numbers, dates and truth in other words than 1.2.
    as_1_1 = _resolver.resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    if _PLAIN.fullmatch(value) and as_1_1 == _TEXT_TAG and to_data(read_yaml(f"a: {value}", file=""))["a"] == value:
        return value
    return "".join(_escaped(character) for character in json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    """For what may not stand in a YAML text, or would not be seen there."""
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _in_comment(text: str) -> str:
    return "".join(map(_escaped, text))


def _with_origin(line: _Line, say: Translator) -> str:
    if line.origin is None:
        return line.text
    padding = " " * max(2, ORIGIN_COLUMN - _width(line.text))
    return f"{line.text}{padding}# {_in_comment(say.render(line.origin))}"


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )
