"""The built-in policies with the installed rules: they load, agree with the flags, and speak of every rule."""

import pytest
from jsonschema import Draft202012Validator

from quickness import answers_within
from tagmetry.options import options_of
from tagmetry.plugins import load_plugins
from tagmetry.policy.flags import flag_layer
from tagmetry.policy.loader import load_policy
from tagmetry.policy.schema import policy_schema
from tagmetry.policy.yaml_reader import read_yaml, to_data

PLUGINS = load_plugins(foreign=False)
NAMES = ["recommended", "strict", "sd15", "sdxl", "flux", "character", "person", "style", "fashion"]


def load(name):
    return load_policy(f"tagmetry:{name}", PLUGINS)


def settled(policy):
    """Severity and options of every rule, the profile, the balance figures and the gate, without their origins."""
    rules = {one.rule.id: (one.severity, one.options) for one in policy.rules(PLUGINS.rules.values())}
    profile = {key: setting.value for key, setting in policy.profile().settings.items()}
    return rules, profile, policy.balance(), policy.fail_on, policy.vocabulary_patches()


def test_the_built_in_policies_are_these():
    # Playbooks are advice, and judge nothing.
    assert sorted(PLUGINS.policies) == sorted(f"tagmetry:{name}" for name in (*NAMES, "playbooks"))


@pytest.mark.parametrize("name", NAMES)
def test_every_built_in_policy_loads(name):
    policy = load(name)
    assert policy.name == f"tagmetry/{name}"
    assert policy.sources[0] == "tagmetry:recommended"
    assert policy.sources[-1] == f"tagmetry:{name}"
    policy.rules(PLUGINS.rules.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_built_in_policy_is_valid_to_editors(name):
    data = to_data(read_yaml(PLUGINS.policies[f"tagmetry:{name}"].text, file=name))
    assert list(Draft202012Validator(policy_schema(PLUGINS.rules.values())).iter_errors(data)) == []


def test_every_rule_stands_in_the_recommended_policy():
    data = to_data(read_yaml(PLUGINS.policies["tagmetry:recommended"].text, file="recommended.yaml"))
    assert sorted(data["rules"]) == sorted(PLUGINS.rules)


def test_the_recommended_policy_changes_no_rule():
    for one in load("recommended").rules(PLUGINS.rules.values()):
        defaults = {name: known.default for name, known in options_of(one.rule.options).items()}
        assert {name: getattr(one.options, name) for name in defaults} == defaults
        assert one.severity_place == ""


@pytest.mark.parametrize("base_model", ["sd15", "sdxl", "flux"])
def test_a_policy_of_a_base_model_equals_the_flag(base_model):
    layer, _ = flag_layer(PLUGINS, profile={"base_model": base_model})
    assert settled(load(base_model)) == settled(load("recommended").with_layer(layer))


@pytest.mark.parametrize("purpose", ["character", "person", "style", "fashion"])
def test_a_policy_of_a_purpose_equals_the_flag(purpose):
    layer, _ = flag_layer(PLUGINS, profile={"purpose": purpose})
    assert settled(load(purpose)) == settled(load("recommended").with_layer(layer))


def test_the_strict_policy_is_nowhere_looser():
    strict, usual = load("strict"), load("recommended")
    assert strict.fail_on == "warning"
    changed = []
    for one in PLUGINS.rules.values():
        after, before = strict.rule(one), usual.rule(one)
        assert after.severity is None or after.severity >= one.severity
        changed += [
            (one.id, name, getattr(before.options, name), getattr(after.options, name))
            for name in options_of(one.options)
            if getattr(before.options, name) != getattr(after.options, name)
        ]
    assert changed == [
        ("effective-size", "limit", 0.8, 0.9),
        ("near-duplicate-ratio", "limit", 0.15, 0.1),
        ("near-duplicate-ratio", "error_limit", 0.2, 0.15),
    ]


def test_loading_a_policy_takes_no_time_to_speak_of():
    # A run begins with it. The vocabulary alone would take as long as the limit.
    assert answers_within(0.05, lambda: load("sdxl"))
