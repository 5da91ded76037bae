"""The JSON Schema of the policy language, generated from the installed rules.

Rules are a mapping by id and every choice is made by `if`/`then`/`else`, never by `oneOf` or `anyOf`: only then do
errors point at the real mistake, here and in editors.
"""

import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tagmetry.finding import FAILURE_MODES, Evidence
from tagmetry.options import Option, options_of, without_none
from tagmetry.plan.options import KEEP_TOKENS, POLICY_KEYS, PRESERVATION_SHARE, BalanceOptions
from tagmetry.playbooks import ADJUSTMENTS
from tagmetry.policy.kinds.kind import Field, Kind
from tagmetry.policy.kinds.registered import KINDS
from tagmetry.policy.model import FAIL_ON
from tagmetry.profile import BASE_MODELS, ROLES, ProfileOptions
from tagmetry.rule import Rule

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SEVERITIES: Final = ("off", "info", "warning", "error")
RULE_KEYS: Final = ("severity", "because", "where", "when", "tolerate", "lock")
"""What every rule takes besides its options; an option cannot have one of these names."""

MOST_EXTENDS: Final = 64
SYMPTOM: Final = "^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$"
RISK_LEVELS: Final = ("high", "medium")
"""Levels of risk with a condition of their own; a mode to which any other finding points is at low risk."""

Schema = dict[str, Any]

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_TEXTS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "string"}}
_TEXT_OR_TEXTS: Final[Mapping[str, Any]] = {"if": {"type": "string"}, "else": _TEXTS}
_TEXT_OR_NULL: Final[Mapping[str, Any]] = {"if": {"type": "null"}, "else": _TEXT}
_SHARE: Final = r"^\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*[%％]?\s*$"


def policy_schema(rules: Iterable[Rule], *, kinds: Mapping[str, Kind] = KINDS, others: bool = False) -> Schema:
    """The schema of a policy file for these rules.

    With `others` it also takes rules with a namespace that policies define, which an editor cannot know.
    """
    severity = {"description": "Severity of every finding of the rule.", **_or_null({"enum": list(SEVERITIES)})}
    return {
        "$schema": DIALECT,
        "title": "Tagmetry policy",
        "description": "Which rules judge a dataset, with which options, and what the dataset is.",
        **_mapping(
            {
                "tagmetry": {"description": "Version of the policy language.", "type": "integer", "const": 1},
                "name": {"description": "namespace/name of this policy.", **_TEXT, "minLength": 1},
                "extends": {
                    "description": "Built-in policies by name, or files relative to this one; this file comes last.",
                    **_or_null({"if": {"type": "string"}, "else": {**_TEXTS, "maxItems": MOST_EXTENDS}}),
                },
                "profile": _or_empty(_profile()),
                "rules": {"$ref": "#/$defs/rules"},
                "define": _or_empty(_define(kinds)),
                "overrides": _or_empty(_overrides()),
                "suppressions": _or_empty(_suppressions()),
                "vocabulary": _or_empty(_vocabulary()),
                "balance": _or_empty(_balance()),
                "risks": _or_empty(_risks()),
                "playbooks": _or_empty(_playbooks()),
                "gate": _or_empty(
                    {
                        "description": "What makes exit code 1.",
                        **_mapping({"fail_on": _or_null({"enum": list(FAIL_ON), "default": "error"})}),
                    }
                ),
            },
            required=("tagmetry",),
        ),
        "$defs": {
            "rules": _or_empty(
                {
                    "description": "Severity and options of rules, by id.",
                    **_mapping(
                        {name: _rule(rule, name, severity) for rule in rules for name in (rule.id, *rule.aliases)}
                    ),
                    **({"patternProperties": {"/": _other_rule(severity)}} if others else {}),
                }
            )
        },
    }


def schema_at(root: Mapping[str, Any], path: Sequence[str | int]) -> Schema:
    """The part of a schema of ours that speaks of the value at a path; empty where none does."""
    place: Mapping[str, Any] = _resolved(root, root)
    for part in path:
        branches = [_resolved(root, branch) for branch in _branches(place)]
        steps = [
            branch["items"] if isinstance(part, int) else _member(branch, part)
            for branch in branches
            if (isinstance(part, int) and "items" in branch) or (isinstance(part, str) and _member(branch, part))
        ]
        if not steps:
            return {}
        place = _resolved(root, steps[0])
    return dict(place)


def takes(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """What a value may be, in words, for a part of a schema that `schema_at` gave."""
    found: list[str] = []
    for branch in _branches(schema):
        if "enum" in branch:
            found.extend(str(choice) for choice in branch["enum"])
        elif "const" in branch:
            found.append(str(branch["const"]))
        elif branch.get("type") == "array":
            words = takes(branch.get("items", {}))
            found.append("a list of texts" if words == ("a text",) else "a list")
        elif "type" in branch:
            found.append(_TYPES[branch["type"]])
    return tuple(dict.fromkeys(found))


_TYPES: Final = {
    "object": "a mapping",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a schema: the condition counts as one where nothing more is asked of what meets it."""
    if "if" not in schema:
        return [schema]
    then = schema.get("then", schema["if"])
    return [*_branches(then), *_branches(schema.get("else", {}))]


def _member(schema: Mapping[str, Any], key: str) -> Any:
    return schema.get("properties", {}).get(key) or schema.get("additionalProperties")


def _resolved(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return {**schema, **found}


def option_schema(known: Option) -> Schema:
    """An option's schema: type, range, choices, default and description. `null` takes it back to its default."""
    _, wanted = without_none(known.type)
    if typing.get_origin(wanted) is tuple:
        element = Option(known.name, typing.get_args(wanted)[0], None, known.info)
        value = _list_or_patch({"type": "array", "items": _value(element)})
        return {**_described(known), "default": list(known.default or ()), **_or_null(value)}
    return {**_described(known), "default": known.default, **_or_null(_value(known))}


def _described(known: Option) -> Schema:
    return {"description": known.info.doc} | ({"deprecated": True} if known.info.status == "deprecated" else {})


def _value(known: Option) -> Schema:
    _, wanted = without_none(known.type)
    info = known.info
    if info.choices is not None:
        return {"enum": list(info.choices)}
    if wanted is bool:
        return {"type": "boolean"}
    if wanted is str:
        return {"type": "string"}
    number: Schema = {"type": "integer" if wanted is int else "number"}
    if info.low is not None:
        number["minimum"] = info.low
    if info.high is not None:
        number["maximum"] = info.high
    if info.unit == "share":
        return {"if": {"type": "string"}, "then": {"type": "string", "pattern": _SHARE}, "else": number}
    return number


def _mapping(properties: Mapping[str, Any], *, required: Sequence[str] = ()) -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "unevaluatedProperties": False}
    return found | ({"required": list(required)} if required else {})


def _by_name(value: Mapping[str, Any]) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _items(value: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": value}


def _or_null(schema: Mapping[str, Any]) -> Schema:
    return {"if": {"type": "null"}, "else": schema}


def _or_empty(schema: Mapping[str, Any]) -> Schema:
    """A part of the file that may stand there with nothing in it, as where all of it is commented out."""
    description = schema.get("description")
    inner = {key: value for key, value in schema.items() if key != "description"}
    return ({"description": description} if description else {}) | _or_null(inner)


def _list_or_patch(members: Mapping[str, Any]) -> Schema:
    patch = _mapping({"add": members, "remove": members})
    return {"if": {"type": "object"}, "then": patch, "else": members}


def _texts_or_patch() -> Schema:
    patch = _mapping({"add": _TEXT_OR_TEXTS, "remove": _TEXT_OR_TEXTS})
    return _or_null({"if": {"type": "object"}, "then": patch, "else": _TEXT_OR_TEXTS})


def _other_rule(severity: Schema) -> Schema:
    """A rule whose options nobody knows here."""
    options = {"type": "object", "properties": _rule_keys(severity)}
    return {
        "description": "A rule that a policy defines.",
        "if": {"type": "string"},
        "then": {"enum": list(SEVERITIES)},
        "else": options,
    }


def _rule_keys(severity: Schema) -> Schema:
    return {
        "severity": severity,
        "because": {"description": "Why this policy says so.", **_TEXT},
        "where": {"description": "Which samples (row expression).", **_TEXT_OR_NULL},
        "when": {"description": "Whether the rule runs at all (dataset expression).", **_TEXT_OR_NULL},
        "tolerate": {
            "description": "Share (2%) or count (3) of what was judged that may fail before the gate counts it.",
            **_or_null(
                {
                    "if": {"type": "string"},
                    "then": {"type": "string", "pattern": _SHARE},
                    "else": {"type": "number", "minimum": 0},
                }
            ),
        },
        "lock": {"description": "Afterwards only a higher severity is possible.", "type": "boolean"},
    }


def _options(options: type) -> dict[str, Schema]:
    """The options by their names and former names."""
    return {
        name: option_schema(known) | ({"deprecated": True} if name != known.name else {})
        for known in options_of(options).values()
        for name in (known.name, *known.info.aliases)
    }


def _rule(rule: Rule, name: str, severity: Schema) -> Schema:
    properties = _rule_keys(severity)
    properties.update(_options(rule.options))
    return {
        "description": rule.title,
        **({"deprecated": True} if rule.status == "deprecated" or name != rule.id else {}),
        "if": {"type": "string"},
        "then": {"enum": list(SEVERITIES)},
        "else": _mapping(properties),
    }


def _profile() -> Schema:
    concept = _mapping(
        {
            "match": {"description": "Path patterns of the concept's images.", **_texts_or_patch()},
            "trigger": {"description": "The rare word that calls the concept.", **_TEXT_OR_NULL},
            "class_word": {"description": "Its general noun.", **_TEXT_OR_NULL},
            "core_tags": {"description": "Tags that belong to the concept itself.", **_texts_or_patch()},
            "expected_fusion": {
                "description": "Words that the trigger may come to stand for and bring along; the class word, too.",
                **_texts_or_patch(),
            },
        }
    )
    properties = _options(ProfileOptions)
    concepts = {"description": "Concepts by name; by default one per folder of training images.", **_by_name(concept)}
    roles = {"description": "Path patterns by role.", **_mapping({role: _texts_or_patch() for role in ROLES})}
    return {
        "description": "What this dataset is and what it is for.",
        **_mapping({**properties, "concepts": _or_empty(concepts), "roles": _or_empty(roles)}),
    }


def _define(kinds: Mapping[str, Kind]) -> Schema:
    # Kinds are told apart one after the other: a choice among all at once would point at none.
    defined: Schema = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"description": "What the rule is made from.", "enum": list(kinds)}},
    }
    for kind in reversed([*kinds.values()]):
        is_kind = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind.name}}}
        defined = {"if": is_kind, "then": definition_schema(kind, kinds), "else": defined}
    return {
        "description": "New rules without code, named namespace/name.",
        **_by_name(defined),
        "propertyNames": {"pattern": r"^[a-z0-9][a-z0-9._-]*/[a-z0-9]+(-[a-z0-9]+)*$"},
    }


def definition_fields(kind: Kind) -> tuple[str, ...]:
    """The fields of a definition that belong to its kind, then those of every kind."""
    own = (*(one.name for one in kind.fields), *options_of(kind.options))
    return (*own, "severity", "message", "because", "where", "when")


def definition_schema(kind: Kind, names: Iterable[str] = KINDS) -> Schema:
    """The schema of a definition of one kind; `names` are those of all kinds."""
    own: Schema = {one.name: {"description": one.doc, **_field(one)} for one in kind.fields}
    own |= {name: _defined_option(known) for name, known in options_of(kind.options).items()}
    common: Schema = {
        "kind": {"description": kind.doc, "enum": list(names)},
        "severity": {"description": "Severity of its findings; warning if nothing is said.", "enum": list(SEVERITIES)},
        "message": {"description": "What is said of a finding, with placeholders in braces.", **_TEXT, "minLength": 1},
        "because": {"description": "Why the rule matters.", **_TEXT},
        "where": {"description": "Which images (row expression).", **_TEXT},
        "when": {"description": "Whether the rule runs at all (dataset expression).", **_TEXT},
    }
    return {
        "description": kind.doc,
        **_mapping(common | own, required=("kind", *(one.name for one in kind.fields if one.required))),
    }


def _field(field: Field) -> Schema:
    if field.sort == "choice":
        return {"enum": list(field.choices)}
    if field.sort == "swap":
        return {"type": "object", "additionalProperties": _TEXT}
    if field.sort == "tags":
        return dict(_TEXT_OR_TEXTS)
    return dict(_TEXT)


def _defined_option(known: Option) -> Schema:
    """An option in a definition, where there is no list yet that could be patched."""
    _, wanted = without_none(known.type)
    if typing.get_origin(wanted) is tuple:
        return {"description": known.info.doc, **_TEXT_OR_TEXTS}
    return {"description": known.info.doc, **_value(known)}


def _match() -> Schema:
    role = {"enum": list(ROLES)}
    return {
        "description": "Which subjects this is about.",
        **_mapping(
            {
                "path": _TEXT_OR_TEXTS,
                "role": {
                    "if": {"type": "string"},
                    "then": {"enum": list(ROLES)},
                    "else": _items(role),
                },
                "concept": _TEXT_OR_TEXTS,
            }
        ),
    }


def _overrides() -> Schema:
    patch = _mapping({"match": _match(), "because": _TEXT, "rules": {"$ref": "#/$defs/rules"}}, required=("match",))
    return {"description": "Patches for paths, roles or concepts; the last that matches wins.", **_items(patch)}


def _suppressions() -> Schema:
    accepted = _mapping(
        {
            "rule": {"description": "Id of the rule whose findings are accepted.", **_TEXT},
            "match": _match(),
            "reason": {"description": "Why they are accepted; shown in every report.", **_TEXT, "minLength": 1},
            "expires": {
                "description": "The last day on which they are accepted, as 2027-03-31.",
                **_TEXT,
                "pattern": r"^\d{4}-\d{2}-\d{2}$",
            },
            "different": {
                "description": "Whether the images of the match are different pictures, whatever they look like; "
                "only for near-duplicate-cluster.",
                "type": "boolean",
            },
        },
        required=("rule", "reason"),
    )
    return {"description": "Findings accepted for a reason.", **_items(accepted)}


def _risks() -> Schema:
    level = {
        "description": "Condition over errors, warnings and notes that point to the failure mode.",
        **_TEXT_OR_NULL,
    }
    levels = _mapping(dict.fromkeys(RISK_LEVELS, level))
    return {
        "description": "How levels of risk come from counts of findings; a mode to which none points has no level.",
        **_mapping(dict.fromkeys(FAILURE_MODES, _or_empty(levels))),
    }


def _playbooks() -> Schema:
    step = {
        "if": {"type": "string"},
        "else": _mapping(
            {
                "do": {"description": "What to do.", **_TEXT, "minLength": 1},
                "because": {"description": "Rules, or RULE.MESSAGE, whose findings speak for it.", **_TEXTS},
                "evidence": {"enum": list(typing.get_args(Evidence))},
                "unless": {"description": "What would change the advice.", **_TEXT},
                "when": {"description": "Condition about the whole dataset; the step is for where it holds.", **_TEXT},
                "anyway": {
                    "description": "Follows from the symptom also where those rules find nothing.",
                    "type": "boolean",
                },
                "adjust": {"description": "The change to the balance plan.", "enum": list(ADJUSTMENTS)},
            },
            required=("do",),
        ),
    }
    book = _mapping(
        {
            "symptom": {"description": "Its name, in small letters with hyphens.", **_TEXT, "pattern": SYMPTOM},
            "seen": {"description": "What somebody sees who has it.", **_TEXT, "minLength": 1},
            "points_to": {"type": "array", "items": {"enum": list(FAILURE_MODES)}},
            "base_models": {"type": "array", "items": {"enum": list(BASE_MODELS)}},
            "signals": {"description": "Rules, or RULE.MESSAGE, whose findings are signs of it.", **_TEXTS},
            "add": {
                "description": "Signs and steps come after those of the playbook of this symptom.",
                "type": "boolean",
            },
            "data": _items(step),
            "training": _items(step),
            "evidence": {"enum": list(typing.get_args(Evidence))},
        },
        required=("symptom",),
    )
    return {"description": "Advice by symptom; one of the same name replaces an earlier one.", **_items(book)}


def _vocabulary() -> Schema:
    tags = _texts_or_patch()["else"]
    return {
        "description": "Tags that rules read as groups, exclusive sets, synonyms and implications.",
        **_mapping(
            {
                "groups": _by_name(tags),
                "roles": _by_name(tags),
                "exclusive": _by_name(tags),
                "excuses": _by_name(tags),
                "synonyms": _by_name(tags),
                "implications": _by_name(tags),
                "protected": tags,
                "single_subject": tags,
                "words": _by_name(tags),
            }
        ),
    }


def _balance() -> Schema:
    """The nested keys of `balance` from their dotted names, and what it says in expressions."""
    known = options_of(BalanceOptions)
    keys = {dotted: option_schema(known[name]) for dotted, name in POLICY_KEYS.items()}
    keys |= _special_balance()
    root = _mapping({})
    for dotted, schema in keys.items():
        place = root
        *parents, last = dotted.split(".")
        for parent in parents:
            place = place["properties"].setdefault(parent, _mapping({}))
        place["properties"][last] = schema
    return {"description": "The balance plan: its figures, its steps and when never to balance.", **root}


def _special_balance() -> dict[str, Schema]:
    known = options_of(BalanceOptions)
    keep, share = known[KEEP_TOKENS], known[PRESERVATION_SHARE]
    member = _value(Option(share.name, float, None, share.info))
    step = _mapping(
        {
            "name": {"description": "What the step is called in the plan.", **_TEXT, "minLength": 1},
            "when": {"description": "Condition about the whole dataset; without one the step always holds.", **_TEXT},
            "action": {"description": "`none` leaves every concept alone.", "enum": ["none"]},
            "multiplier": {"description": "Factor on a concept's repeats: an expression about a concept.", **_TEXT},
            "because": {"description": "The reason, as the plan shows it.", **_TEXT},
        },
        required=("name",),
    )
    return {
        "randomization.tags.keep_tokens": {
            "description": keep.info.doc,
            "default": "auto",
            **_or_null(
                {
                    "if": {"type": "string"},
                    "then": {"type": "string", "enum": ["auto"]},
                    "else": {"type": "integer", "minimum": 0},
                }
            ),
        },
        "preservation.share": {
            "description": share.info.doc,
            "default": list(share.default),
            **_or_null({"type": "array", "items": member, "minItems": 2, "maxItems": 2}),
        },
        "steps": {
            "description": "In place of the questions of size and imbalance; the first step that holds decides.",
            **_or_null(_items(step)),
        },
        "never": {
            "description": "Conditions about the whole dataset; where one holds, no concept is balanced.",
            **_or_null(_TEXTS),
        },
        "tags_good": {
            "description": "Condition about the whole dataset; only where it holds may frequent tags be capped.",
            **_or_null(_TEXT),
        },
    }
