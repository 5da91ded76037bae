"""Playbooks of teams and plugins: read, merged, and refused with file and line."""

from dataclasses import replace

import pytest

from policy_testing import write
from tagmetry.hookspecs import PolicySource
from tagmetry.plugins import load_plugins
from tagmetry.policy.diagnostics import PolicyError
from tagmetry.policy.loader import load_policy, playbook_policies, playbooks_of

PLUGINS = load_plugins(foreign=False)
BROUGHT = """tagmetry: 1
playbooks:
  - symptom: over-fitted
    add: true
    signals: [long-tail-tags]
    data: [{do: Ask the plugin., because: [long-tail-tags]}]
  - {symptom: acme/grey, seen: All is grey., data: [Paint it.]}
"""


@pytest.fixture
def with_plugin():
    policies = {**PLUGINS.policies, "acme:playbooks": PolicySource("acme:playbooks", BROUGHT)}
    return replace(PLUGINS, policies=policies)


def books(plugins, path="house.yaml"):
    return {book.symptom: book for book in playbooks_of(load_policy(path, plugins), plugins)}


def test_a_step_is_read_whole(folder):
    write(
        "house.yaml",
        """
        playbooks:
          - symptom: house/dull
            seen: All colours come out grey.
            points_to: [style-drift]
            base_models: [sdxl]
            signals: [rank-vs-data.large, skewed-palette]
            evidence: community
            data:
              - do: Take the scans out.
                because: [skewed-palette.grey]
                when: dataset.n_train > 20
                unless: They are all there is.
            training:
              - {do: Train less., anyway: true, adjust: fewer-repeats, evidence: documented}
        """,
    )
    book = books(PLUGINS)["house/dull"]
    assert [sign.name for sign in book.signals] == ["rank-vs-data.large", "skewed-palette"]
    assert (book.points_to, book.base_models, book.place) == (("style-drift",), ("sdxl",), "house.yaml:4")
    (scans,), (less,) = book.data, book.training
    assert [sign.name for sign in scans.because] == ["skewed-palette.grey"]
    assert (scans.when.text, scans.unless, scans.evidence) == (
        "dataset.n_train > 20", "They are all there is.", "community",
    )  # fmt: skip
    assert (less.anyway, less.adjust, less.evidence) == (True, "fewer-repeats", "documented")


def test_a_playbook_takes_the_place_of_the_built_in_one(folder):
    write("house.yaml", "playbooks: [{symptom: over-fitted, seen: Alike., data: [Thin them.]}]")
    found = books(PLUGINS)
    assert (found["over-fitted"].seen, [step.do for step in found["over-fitted"].data]) == ("Alike.", ["Thin them."])
    assert len(found) == 12


def test_a_playbook_that_adds_comes_after_what_is_said_already(folder):
    write("house.yaml", "playbooks: [{symptom: over-fitted, add: true, signals: [long-tail-tags], data: [Ask us.]}]")
    built_in = books(PLUGINS, "tagmetry:recommended")["over-fitted"]
    found = books(PLUGINS)["over-fitted"]
    assert found.seen == built_in.seen
    assert [step.do for step in found.data] == [*(step.do for step in built_in.data), "Ask us."]
    assert found.training == built_in.training
    assert found.signals[:-1] == built_in.signals and found.signals[-1].name == "long-tail-tags"


def test_layers_add_one_after_the_other(folder):
    write("house.yaml", "playbooks: [{symptom: house/dull, seen: Dull., data: [Lamp.]}]")
    write("set.yaml", "extends: house.yaml\nplaybooks: [{symptom: house/dull, add: true, data: [Window.]}]")
    assert [step.do for step in books(PLUGINS, "set.yaml")["house/dull"].data] == ["Lamp.", "Window."]


def test_playbooks_of_plugins_are_there_without_being_extended(folder, with_plugin):
    assert playbook_policies(with_plugin) == ["tagmetry:playbooks", "acme:playbooks"]
    write("house.yaml", "playbooks: [{symptom: acme/grey, add: true, data: [Then frame it.]}]")
    found = books(with_plugin)
    assert [step.do for step in found["acme/grey"].data] == ["Paint it.", "Then frame it."]
    assert found["over-fitted"].data[-1].do == "Ask the plugin."


def test_a_policy_that_extends_a_plugins_playbooks_has_them_once(folder, with_plugin):
    write("house.yaml", "extends: acme:playbooks")
    assert [step.do for step in books(with_plugin)["over-fitted"].data].count("Ask the plugin.") == 1


@pytest.mark.parametrize(
    ("text", "place", "said", "help"),
    [
        (
            "playbooks:\n- {symptom: dull, signals: [missing-captoin]}",
            (3, 29), "there is no rule missing-captoin", "did you mean missing-caption?",
        ),
        (
            "playbooks:\n- {symptom: dull, data: [{do: It., because: [rank-vs-data.larg]}]}",
            (3, 46), "the rule rank-vs-data has no message larg", "did you mean rank-vs-data.large?",
        ),
        (
            "playbooks:\n- {symptom: dull, data: [{do: It., because: [trigger-missing.zzz]}]}",
            (3, 46), "the rule trigger-missing has no message zzz",
            "its messages: found, inferred, nowhere",
        ),
        (
            "playbooks:\n- {symptom: overfitted, add: true}",
            (3, 25), "there is no playbook for the symptom overfitted to add to", "did you mean over-fitted?",
        ),
        (
            "playbooks:\n- {symptom: dull, data: [{do: It., when: dataset.n_trains > 2}]}",
            (3, 42), None, None,
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(folder, text, place, said, help):
    write("house.yaml", text)
    with pytest.raises(PolicyError) as error:
        load_policy("house.yaml", PLUGINS)
    (one,) = error.value.diagnostics
    assert (one.span.file, one.span.line, one.span.column) == ("house.yaml", *place)
    if said is not None:
        assert (one.message.english(), one.help.english()) == (said, help)


@pytest.mark.parametrize(
    "text",
    [
        "playbooks: [{seen: Alike.}]",
        "playbooks: [{symptom: Over Fitted}]",
        "playbooks: [{symptom: dull, data: [{because: [missing-caption]}]}]",
        "playbooks: [{symptom: dull, data: [{do: It., adjust: more}]}]",
        "playbooks: [{symptom: dull, data: [{do: It., anyway: perhaps}]}]",
        "playbooks: [{symptom: dull, points_to: [boredom]}]",
        "playbooks: [{symptom: dull, sings: []}]",
    ],
)
def test_another_form_is_refused(folder, text):
    write("house.yaml", text)
    with pytest.raises(PolicyError) as error:
        load_policy("house.yaml", PLUGINS)
    assert {one.span.line for one in error.value.diagnostics} == {2}
