"""The generated schema: a valid one, that every editor can use, and that says where exactly a mistake is."""

import json

import pytest
from jsonschema import Draft202012Validator

from policy_testing import PLUGINS, RULES, loaded, rule
from tagmetry.options import options_of
from tagmetry.plan.options import POLICY_KEYS
from tagmetry.plugins import load_plugins
from tagmetry.policy.schema import KINDS, policy_schema, schema_at, takes
from tagmetry.policy.yaml_reader import read_yaml, to_data

SCHEMA = policy_schema(RULES)
INSTALLED = policy_schema(load_plugins(foreign=False).rules.values())
BOTH = pytest.mark.parametrize("schema", [SCHEMA, INSTALLED], ids=["small", "installed"])


def parts(schema):
    """Every part of a schema that is a schema itself."""
    yield schema
    for keyword, value in schema.items():
        if keyword in ("properties", "$defs"):
            for inner in value.values():
                yield from parts(inner)
        elif keyword in ("if", "then", "else", "items", "additionalProperties", "propertyNames"):
            yield from parts(value)


def words_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)


def as_editors_see_it(text):
    """Where a policy is wrong by the schema alone."""
    data = to_data(read_yaml("tagmetry: 1\n" + text, file="tagmetry.yaml"))
    return [error.json_path for error in Draft202012Validator(json.loads(json.dumps(SCHEMA))).iter_errors(data)]


@BOTH
def test_the_schema_is_valid(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@BOTH
def test_the_schema_is_json_and_nothing_else(schema):
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema


@BOTH
def test_no_choice_is_made_by_trying(schema):
    # With these an error says that nothing fits, and not what is wrong.
    assert {"oneOf", "anyOf", "allOf", "not", "dependentSchemas"} & set(words_of(schema)) == set()


@BOTH
def test_every_mapping_with_known_keys_refuses_others(schema):
    open_mappings = [part for part in parts(schema) if "properties" in part and "unevaluatedProperties" not in part]
    # Each kind of rules is told apart by its name before its own mapping is looked at.
    assert [sorted(part["properties"]) for part in open_mappings] == [["kind"]] * (len(KINDS) + 1)
    assert all(part.get("unevaluatedProperties", False) is False for part in parts(schema))
    assert all("type" in part for part in parts(schema) if "properties" in part)


@BOTH
def test_nothing_outside_the_schema_is_referred_to(schema):
    references = [part["$ref"] for part in parts(schema) if "$ref" in part]
    assert references
    assert all(reference.startswith("#/$defs/") for reference in references)


def test_every_rule_has_its_options_with_description_default_and_range():
    options = schema_at(SCHEMA, ("rules", "tag-frequency"))["else"]["properties"]
    assert options["limit"] == {
        "description": "Share of the images.",
        "default": 0.9,
        "if": {"type": "null"},
        "else": {
            "if": {"type": "string"},
            "then": {"type": "string", "pattern": "^\\s*([0-9]+\\.?[0-9]*|\\.[0-9]+)\\s*[%％]?\\s*$"},
            "else": {"type": "number", "minimum": 0, "maximum": 1},
        },
    }
    assert options["min_images"]["else"] == {"type": "integer", "minimum": 1, "maximum": 1000}
    assert options["style"]["else"] == {"enum": ["tags", "sentences", "auto"]}
    assert options["strict"]["else"] == {"type": "boolean"}
    assert options["word"] == {
        "description": "A word.",
        "default": None,
        "if": {"type": "null"},
        "else": {"type": "string"},
    }
    sizes = {"type": "array", "items": {"type": "integer", "minimum": 64}}
    assert options["sizes"] == {
        "description": "Sides.",
        "default": [512, 768],
        "if": {"type": "null"},
        "else": {
            "if": {"type": "object"},
            "then": {"type": "object", "properties": {"add": sizes, "remove": sizes}, "unevaluatedProperties": False},
            "else": sizes,
        },
    }


def test_every_default_is_valid():
    for one in load_plugins(foreign=False).rules.values():
        for name, known in options_of(one.options).items():
            part = schema_at(INSTALLED, ("rules", one.id, name))
            default = list(known.default) if isinstance(known.default, tuple) else known.default
            assert Draft202012Validator(part).is_valid(default), (one.id, name)


def test_a_rule_stands_under_its_former_names_too():
    rules = schema_at(SCHEMA, ("rules",))["else"]["properties"]
    assert rules["soft-image"] == {**rules["blurry-image"], "deprecated": True}


def test_a_rule_that_is_given_up_is_marked():
    assert schema_at(SCHEMA, ("rules", "acme/no-artists"))["deprecated"] is True
    assert "deprecated" not in schema_at(SCHEMA, ("rules", "tag-frequency"))


def test_all_keys_of_the_language_are_there():
    keys = "tagmetry name extends profile rules define overrides suppressions vocabulary balance risks playbooks gate"
    assert list(SCHEMA["properties"]) == keys.split()
    assert schema_at(SCHEMA, ("define", "acme/a", "kind"))["enum"] == list(KINDS)
    for key in (*POLICY_KEYS, "steps", "never", "tags_good"):
        assert schema_at(SCHEMA, ("balance", *key.split("."))), key


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("tagmetry",), ("1",)),
        (("extends",), ("null", "a text", "a list of texts")),
        (("extends", 0), ("a text",)),
        (("rules",), ("null", "a mapping")),
        (("rules", "tag-frequency"), ("off", "info", "warning", "error", "a mapping")),
        (("rules", "tag-frequency", "strict"), ("null", "true or false")),
        (("rules", "tag-frequency", "sizes"), ("null", "a mapping", "a list")),
        (("rules", "tag-frequency", "sizes", "add", 3), ("a whole number",)),
        (("overrides", 2, "rules", "tag-frequency", "limit"), ("null", "a text", "a number")),
        (("profile", "concepts", "any name", "match"), ("null", "a mapping", "a text", "a list of texts")),
        (("gate", "fail_on"), ("null", "error", "warning", "info", "never")),
        (("nowhere",), ()),
        (("rules", "nowhere", "limit"), ()),
        (("rules", 0), ()),
    ],
)
def test_what_a_value_may_be_is_told_in_words(path, words):
    assert takes(schema_at(SCHEMA, path)) == words


def test_an_editor_finds_the_place_of_a_mistake():
    assert as_editors_see_it("gate: {fail_on: sometimes}") == ["$.gate.fail_on"]
    assert as_editors_see_it("rules: {tag-frequency: of}") == ["$.rules['tag-frequency']"]
    assert as_editors_see_it("rules: {tag-frequency: {limit: much}}") == ["$.rules['tag-frequency'].limit"]
    assert as_editors_see_it("profile: {concepts: {hat: {trigger: [a]}}}") == ["$.profile.concepts.hat.trigger"]
    assert as_editors_see_it("profile: {purpose: fun}") == ["$.profile.purpose"]


def test_an_editor_finds_nothing_wrong_with_what_is_valid(folder):
    text = """
name: acme/hats
extends: [tagmetry:sdxl]
profile:
  base_model: sdxl
  roles: {regularization: {add: "reg/**"}, holdout: [val/**]}
  concepts: {hat: {match: "hat/**", trigger: ohwx, core_tags: {add: "red hat, brim"}}}
rules:
  long-tail-tags: off
  tag-frequency: {limit: 80%, ignore: {remove: [solo]}, style: tags, severity: error, because: So.}
vocabulary:
  groups: {background: {add: green screen}}
  synonyms: {tram: [streetcar]}
balance: {tag_cap: {threshold: 80%}}
gate: {fail_on: never}
"""
    assert as_editors_see_it(text) == []
    assert loaded(text).name == "acme/hats"


def test_the_schema_of_a_rule_without_options_takes_what_every_rule_takes():
    made = policy_schema([rule("a-rule")])
    assert sorted(schema_at(made, ("rules", "a-rule"))["else"]["properties"]) == [
        "because",
        "lock",
        "severity",
        "tolerate",
        "when",
        "where",
    ]


def test_the_schema_is_the_same_every_time():
    assert json.dumps(policy_schema(PLUGINS.rules.values())) == json.dumps(policy_schema(PLUGINS.rules.values()))
