"""The JSON Schema of the policy language, generated from the installed rules.

Rules are a mapping by id and every choice is made by `if`/`then`: only then do errors point at the real mistake.
"""

import typing
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tagmetry.finding import FAILURE_MODES
from tagmetry.options import Option, options_of, without_none
from tagmetry.plan.options import POLICY_KEYS, BalanceOptions
from tagmetry.policy.model import FAIL_ON
from tagmetry.profile import ROLES, ProfileOptions
from tagmetry.rule import Rule

SCHEMA_ID: Final = "https://json-schema.org/draft/2020-12/schema"
SEVERITIES: Final = ("off", "info", "warning", "error")
RULE_KEYS: Final = ("severity", "because", "where", "when", "tolerate", "lock")
"""What every rule takes besides its options; an option cannot have one of these names."""

NOT_YET: Final[Mapping[str, str]] = {
    "define": "object",
    "overrides": "array",
    "suppressions": "array",
    "risks": "object",
    "playbooks": "array",
}
"""Keys of language version 1 that are checked for their form, and used by a later release."""

NOT_YET_IN_RULES: Final = ("where", "when", "tolerate", "lock")
NOT_YET_IN_BALANCE: Final = ("steps", "never", "tags_good", "preservation")

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_TEXTS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "string"}}


def policy_schema(rules: Iterable[Rule]) -> dict[str, Any]:
    """The schema of a policy file for these rules."""
    return {
        "$schema": SCHEMA_ID,
        "title": "Tagmetry policy",
        "description": "Which rules judge a dataset, with which options, and what the dataset is.",
        "type": "object",
        "required": ["tagmetry"],
        "properties": {
            "tagmetry": {"description": "Version of the policy language.", "type": "integer", "const": 1},
            "name": {"description": "namespace/name of this policy.", **_TEXT},
            "extends": {
                "description": "Built-in policies by name, or files relative to this one; this file is applied last.",
                "if": {"type": "string"},
                "else": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
            },
            "profile": _profile(),
            "rules": {
                "description": "Severity and options of rules, by id.",
                "type": "object",
                "properties": {rule.id: _rule(rule) for rule in rules},
                "unevaluatedProperties": False,
            },
            "define": {"description": "New rules without code.", "type": "object"},
            "overrides": {
                "description": "Patches for paths, roles or concepts.",
                "type": "array",
                "items": {"type": "object"},
            },
            "suppressions": {
                "description": "Findings accepted for a reason.",
                "type": "array",
                "items": {"type": "object"},
            },
            "vocabulary": _vocabulary(),
            "balance": _balance(),
            "risks": {
                "description": "How levels of risk are derived from findings.",
                "type": "object",
                "properties": {mode: {"type": "object"} for mode in FAILURE_MODES},
                "unevaluatedProperties": False,
            },
            "playbooks": {"description": "Advice by symptom.", "type": "array", "items": {"type": "object"}},
            "gate": {
                "description": "What makes exit code 1.",
                "type": "object",
                "properties": {"fail_on": {"enum": list(FAIL_ON)}},
                "unevaluatedProperties": False,
            },
        },
        "unevaluatedProperties": False,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "severity": {"description": "Severity of every finding of the rule.", "enum": list(SEVERITIES)},
        "because": {"description": "Why this policy says so.", **_TEXT},
        "where": {"description": "Which samples (row expression).", **_TEXT},
        "when": {"description": "Whether the rule runs at all (dataset expression).", **_TEXT},
        "tolerate": {"description": "Share or count of subjects that may fail."},
        "lock": {"description": "Afterwards only a higher severity is possible.", "type": "boolean"},
    }
    properties.update({name: option_schema(known) for name, known in options_of(rule.options).items()})
    return {
        "description": rule.title,
        "if": {"type": "string"},
        "then": {"enum": list(SEVERITIES)},
        "else": {"type": "object", "properties": properties, "unevaluatedProperties": False},
    }


def option_schema(known: Option) -> dict[str, Any]:
    """An option's schema: type, range, choices, default and description."""
    _, wanted = without_none(known.type)
    schema: dict[str, Any] = {"description": known.info.doc}
    if not isinstance(known.default, tuple):
        schema["default"] = known.default
    if typing.get_origin(wanted) is tuple:
        element = Option(known.name, typing.get_args(wanted)[0], None, known.info)
        members = {"type": "array", "items": _value(element)}
        patch = {"type": "object", "properties": {"add": members, "remove": members}, "unevaluatedProperties": False}
        schema |= {"default": list(known.default), "if": {"type": "object"}, "then": patch}
        schema["else"] = {"if": {"type": "null"}, "else": members}
        return schema
    value = _value(known)
    # null takes an option back to its default, whether or not it may be unset.
    return schema | {"if": {"type": "null"}, "else": value}


def _value(known: Option) -> dict[str, Any]:
    _, wanted = without_none(known.type)
    info = known.info
    if info.choices is not None:
        return {"enum": list(info.choices)}
    if wanted is bool:
        return {"type": "boolean"}
    if wanted is str:
        return {"type": "string"}
    number: dict[str, Any] = {"type": "integer" if wanted is int else "number"}
    if info.low is not None:
        number["minimum"] = info.low
    if info.high is not None:
        number["maximum"] = info.high
    if info.unit == "share":
        return {"if": {"type": "string"}, "then": {"pattern": r"^[0-9]+(\.[0-9]+)? ?%?$"}, "else": number}
    return number


def _profile() -> dict[str, Any]:
    concept = {
        "type": "object",
        "properties": {
            "match": {"description": "Path patterns of the concept's images.", "if": _TEXT, "else": _TEXTS},
            "trigger": {"description": "The rare word that calls the concept.", **_TEXT},
            "class_word": {"description": "Its general noun.", **_TEXT},
            "core_tags": {"description": "Tags that belong to the concept itself.", **_TEXTS},
        },
        "unevaluatedProperties": False,
    }
    roles = {role: {"if": _TEXT, "else": _TEXTS} for role in ROLES}
    properties = {name: option_schema(known) for name, known in options_of(ProfileOptions).items()}
    return {
        "description": "What this dataset is and what it is for.",
        "type": "object",
        "properties": properties
        | {
            "concepts": {
                "description": "Concepts by name; by default one per folder of training images.",
                "type": "object",
                "additionalProperties": concept,
            },
            "roles": {
                "description": "Path patterns by role.",
                "type": "object",
                "properties": roles,
                "unevaluatedProperties": False,
            },
        },
        "unevaluatedProperties": False,
    }


def _vocabulary() -> dict[str, Any]:
    patch = {
        "if": {"type": "object"},
        "then": {"type": "object", "properties": {"add": _TEXTS, "remove": _TEXTS}, "unevaluatedProperties": False},
        "else": {"if": _TEXT, "else": _TEXTS},
    }
    by_name = {"type": "object", "additionalProperties": patch}
    return {
        "description": "Tags that rules read as groups, exclusive sets, synonyms and implications.",
        "type": "object",
        "properties": {
            "groups": by_name,
            "roles": by_name,
            "exclusive": by_name,
            "synonyms": by_name,
            "implications": by_name,
            "protected": patch,
            "single_subject": patch,
        },
        "unevaluatedProperties": False,
    }


def _balance() -> dict[str, Any]:
    """The nested keys of `balance` from their dotted names, and those that a later release fills."""
    known = options_of(BalanceOptions)
    root: dict[str, Any] = {"type": "object", "properties": {}, "unevaluatedProperties": False}
    for dotted, name in POLICY_KEYS.items():
        place = root
        *parents, last = dotted.split(".")
        for parent in parents:
            place = place["properties"].setdefault(
                parent, {"type": "object", "properties": {}, "unevaluatedProperties": False}
            )
        place["properties"][last] = option_schema(known[name])
    for name in NOT_YET_IN_BALANCE:
        root["properties"][name] = {"description": "Read by a later release."}
    return root | {"description": "The figures of the balance plan."}
