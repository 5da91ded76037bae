"""Diagnosis: playbooks opened on reports."""

import json

import pytest

from report_testing import report_of
from rule_testing import concept, dataset
from tagmetry.diagnosis import as_data, diagnose
from tagmetry.errors import UsageError
from tagmetry.finding import FAILURE_MODES
from tagmetry.playbooks import ADJUSTMENTS, Advice, Playbook
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy

PLUGINS = load_plugins(foreign=False)


@pytest.fixture(scope="module")
def built_in(tmp_path_factory):
    return load_policy("tagmetry:playbooks", PLUGINS, beside=tmp_path_factory.mktemp("beside")).playbooks()


@pytest.fixture(scope="module")
def report():
    """Two of five captions are missing, and one lacks the trigger."""
    captions = ["ohwx, girl, smile", "ohwx, girl, hat", None, "girl, coat", None]
    rules = [PLUGINS.rules[name] for name in ("missing-caption", "trigger-missing", "concept-imbalance")]
    return report_of(dataset(concept("ohwx girl", captions=captions, trigger="ohwx")), *rules)


def book(symptom, *signals, base_models=(), data=(), training=()):
    return Playbook(symptom, f"{symptom} is seen", ("memorization",), signals, data, training, base_models)


def test_a_named_symptom_is_opened_with_the_findings_behind_each_step(report):
    advice = Advice("write the captions", because=("missing-caption",), evidence="community", unless="never")
    other = Advice("lower the rank")
    found = diagnose(report, [book("blur", "missing-caption", data=(advice,), training=(other,))], ["blur"])
    (one,) = found
    assert one.observed
    assert [(signal.rule, len(signal.findings)) for signal in one.signals] == [("missing-caption", 2)]
    (step,) = one.data
    assert step.paths == ("ohwx girl/002.png", "ohwx girl/004.png")
    assert {finding.rule for finding in step.findings} == {"missing-caption"}
    assert one.training[0].findings == () and one.training[0].paths == ()


def test_without_symptoms_only_playbooks_with_signs_of_weight_are_opened(report):
    playbooks = [book("quiet", "concept-imbalance"), book("loud", "missing-caption")]
    found = diagnose(report, playbooks, ())
    assert [(one.playbook.symptom, one.observed) for one in found] == [("loud", False)]


def test_a_playbook_for_another_base_model_is_left_alone_unless_its_symptom_was_seen():
    rules = [PLUGINS.rules["missing-caption"]]
    sdxl = report_of(dataset(concept("hat", captions=[None]), base_model="sdxl"), *rules)
    playbooks = [book("lean", "missing-caption", base_models=("flux",))]
    assert diagnose(sdxl, playbooks, ()) == ()
    assert [one.playbook.symptom for one in diagnose(sdxl, playbooks, ["lean"])] == ["lean"]


def test_signs_that_could_not_be_judged_are_named(report):
    (one,) = diagnose(report, [book("blur", "concept-imbalance", "missing-caption")], ["blur"])
    skipped = {line.rule for line in report.rules if line.outcome == "skipped"}
    assert {line.rule for line in one.not_judged} == skipped & {"concept-imbalance", "missing-caption"}


def test_an_unknown_symptom_is_refused_with_the_nearest_name(report):
    with pytest.raises(UsageError) as error:
        diagnose(report, [book("over-fitted")], ["overfitted"])
    assert "overfitted" in str(error.value)
    assert error.value.help.english() == "did you mean over-fitted?"


def test_the_diagnosis_as_data_is_json(report):
    advice = Advice("write the captions", because=("missing-caption",), adjust="fewer-repeats")
    playbooks = [book("blur", "missing-caption", data=(advice,))]
    data = json.loads(json.dumps(as_data(diagnose(report, playbooks, ["blur"]), ["blur"])))
    assert data["from_signals_alone"] is False
    step = data["playbooks"][0]["data"][0]
    assert (step["do"], step["adjust"], step["n_paths"]) == ("write the captions", "fewer-repeats", 2)
    assert [one["rule"] for one in step["because"]] == ["missing-caption"] * 2


def test_the_built_in_playbooks_are_whole(built_in):
    assert len(built_in) == 12
    for one in built_in:
        assert one.seen and one.points_to and set(one.points_to) <= set(FAILURE_MODES), one.symptom
        assert one.signals and one.data, one.symptom
        for step in (*one.data, *one.training):
            assert step.do.endswith(".") and step.unless.endswith("."), step
            assert step.adjust in ("", *ADJUSTMENTS)
            assert step.do and set(step.because) <= set(PLUGINS.rules)
        assert set(one.signals) <= set(PLUGINS.rules)


def test_each_failure_mode_is_reached_by_a_playbook_and_by_three_rules(built_in):
    for mode in FAILURE_MODES:
        assert [one for one in built_in if mode in one.points_to], mode
        assert sum(mode in rule.points_to for rule in PLUGINS.rules.values()) >= 3, mode
