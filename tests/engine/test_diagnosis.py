"""Diagnosis: playbooks opened on reports."""

import json
from dataclasses import replace

import pytest

from report_testing import report_of
from rule_testing import concept, dataset
from tagmetry.diagnosis import as_data, diagnose, errors_besides, only_base_model
from tagmetry.errors import UsageError
from tagmetry.finding import FAILURE_MODES
from tagmetry.playbooks import ADJUSTMENTS, Advice, Playbook, Sign, merged
from tagmetry.plugins import load_plugins
from tagmetry.policy.expressions import Registry, compile_expression
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
    signs = tuple(map(Sign, signals))
    return Playbook(symptom, f"{symptom} is seen", ("memorization",), signs, data, training, base_models)


def test_a_named_symptom_is_opened_with_the_findings_behind_each_step(report):
    advice = Advice("write the captions", because=(Sign("missing-caption"),), evidence="community", unless="never")
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
    advice = Advice("write the captions", because=(Sign("missing-caption"),), adjust="fewer-repeats")
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
            assert step.when is None or step.unless, step


def outcome_of(*because, **advice):
    """The only step of a playbook, opened on five captions, of which one lacks the trigger and two are missing."""
    captions = ["ohwx, girl, smile", "ohwx, girl, hat", None, "girl, coat", None]
    names = ("missing-caption", "trigger-missing", "concept-overlap", "duplicate-tags")
    report = report_of(
        dataset(concept("ohwx girl", captions=captions, trigger="ohwx")), *(PLUGINS.rules[name] for name in names)
    )
    step = Advice("do it", because=tuple(because), **advice)
    (one,) = diagnose(report, [book("blur", "missing-caption", data=(step,))], ["blur"])
    return one.data[0]


def test_a_step_whose_rules_found_nothing_is_clean_and_names_them():
    step = outcome_of(Sign("duplicate-tags"))
    assert (step.standing, step.clean, step.findings) == ("clean", ("duplicate-tags",), ())


def test_a_step_that_follows_from_the_symptom_stands_also_where_its_rules_found_nothing():
    assert outcome_of(Sign("duplicate-tags"), anyway=True).standing == "open"
    assert outcome_of().standing == "open"


def test_a_step_whose_rules_could_not_judge_says_so():
    step = outcome_of(Sign("duplicate-tags"), Sign("concept-overlap"))
    assert (step.standing, step.clean, step.not_judged) == ("not-judged", ("duplicate-tags",), ("concept-overlap",))


def test_only_findings_with_the_message_named_speak_for_a_step():
    assert outcome_of(Sign("missing-caption", "missing")).standing == "found"
    assert outcome_of(Sign("missing-caption", "empty")).standing == "clean"


def test_a_finding_that_two_signs_name_counts_once():
    step = outcome_of(Sign("missing-caption"), Sign("missing-caption", "missing"))
    assert len(step.findings) == 2


@pytest.mark.parametrize(
    ("condition", "standing"),
    [
        ("dataset.n_concepts > 1", "not-needed"),
        ("dataset.n_concepts == 1", "found"),
        ('profile.base_model != "flux"', "found"),  # nobody knows the base model
    ],
)
def test_a_condition_that_does_not_hold_makes_a_step_needless(condition, standing):
    when = compile_expression(condition, Registry("dataset", ()))
    step = outcome_of(Sign("missing-caption"), when=when, unless="There is one concept.")
    assert step.standing == standing
    assert bool(step.findings) == (standing == "found")


def test_what_is_to_be_done_comes_first_in_the_order_of_the_playbook(report):
    steps = (
        Advice("thin", because=(Sign("duplicate-tags"),)),
        Advice("follow"),
        Advice("write", because=(Sign("missing-caption"),)),
    )
    rules = [PLUGINS.rules[name] for name in ("missing-caption", "duplicate-tags")]
    found = report_of(dataset(concept("a", captions=["cat", None])), *rules)
    (one,) = diagnose(found, [book("blur", data=steps)], ["blur"])
    assert [(step.advice.do, step.standing) for step in one.data] == [
        ("follow", "open"),
        ("write", "found"),
        ("thin", "clean"),
    ]
    (warned,) = diagnose(found, [book("blur", "missing-caption", data=steps)], ())
    assert [step.advice.do for step in warned.data] == ["write"]


def test_only_changes_of_steps_to_be_taken_are_named():
    steps = (
        Advice("thin", because=(Sign("duplicate-tags"),), adjust="fewer-repeats"),
        Advice("write", because=(Sign("missing-caption"),), adjust="no-caption-dropout"),
    )
    rules = [PLUGINS.rules[name] for name in ("missing-caption", "duplicate-tags")]
    found = report_of(dataset(concept("a", captions=["cat", None])), *rules)
    (one,) = diagnose(found, [book("blur", data=steps, training=steps)], ["blur"])
    assert one.changes == ("no-caption-dropout",)


def test_a_symptom_of_one_base_model_tells_which_it_was():
    books = [book("lean", base_models=("flux",)), book("weak", base_models=("sdxl",)), book("other")]
    assert only_base_model(books, ["lean", "other"]) == "flux"
    assert only_base_model(books, ["lean", "weak"]) is None
    assert only_base_model(books, ["other"]) is None


def test_errors_that_belong_to_no_symptom_are_counted():
    flux = dataset(concept("a", captions=["cat", None, None]), base_model="flux")
    report = report_of(flux, PLUGINS.rules["missing-caption"])
    assert errors_besides(report, diagnose(report, [book("blur")], ["blur"])) == {"missing-caption": 2}
    assert errors_besides(report, diagnose(report, [book("blur", "missing-caption")], ["blur"])) == {}


def test_a_later_playbook_takes_the_place_of_an_earlier_one_or_adds_to_it():
    first = book("blur", "missing-caption", data=(Advice("one"),))
    more = Playbook("blur", "", (), (Sign("duplicate-tags"),), (Advice("two"),), (), place="house.yaml:3", adds=True)
    (one,) = merged([first, more])
    assert [sign.name for sign in one.signals] == ["missing-caption", "duplicate-tags"]
    assert [step.do for step in one.data] == ["one", "two"]
    assert (one.seen, one.place) == ("blur is seen", "house.yaml:3")
    (other,) = merged([first, replace(more, adds=False)])
    assert [step.do for step in other.data] == ["two"]
