"""Calling rules: what they yield is taken only when it keeps the contract."""

from dataclasses import replace

import numpy as np
import pytest

from tagmetry.api import Finding, Hits, Location, Measurement, Rule, Severity, Skip, Subject
from tagmetry.judging import judged
from tagmetry.testing import concept, dataset

HATS = dataset(concept("hat", n=3), concept("class", role="regularization", n=2))


def rule(**more):
    return Rule("acme/x", severity=Severity.INFO, evidence="heuristic", messages={"found": "{n:count}"}, **more)


def whole(check):
    """What comes of a rule over the dataset whose check gets the rule itself."""
    made = rule()
    made.whole_dataset(lambda dataset, options: check(made, dataset))
    return judged(made, HATS, made.options())


def sound(made, data):
    return made.finding(data.subject(), "found", values={"n": 1})


def test_a_sound_finding_is_taken():
    said = whole(lambda made, data: [sound(made, data)])
    assert [finding.values for finding in said.findings] == [{"n": 1}]
    assert (said.failure, said.n_judged) == ("", 1)


BROKEN = {
    "severity-off": (lambda found: replace(found, severity=Severity.OFF), "the severity of a finding is Severity"),
    "severity": (lambda found: replace(found, severity="error"), "the severity of a finding is str"),
    "location": (lambda found: replace(found, location=(1, 2)), "the location of a finding is tuple"),
    "key": (lambda found: replace(found, key=None), "a finding's key is a text"),
    "evidence": (lambda found: replace(found, evidence="sure"), "its evidence one of documented, community, heuristic"),
    "subject": (lambda found: replace(found, subject="hat"), "the subject of a finding is str"),
    "kind": (lambda found: replace(found, subject=Subject("hat", "a", ("a",))), "the kind of a subject is none of"),
    "identity": (lambda found: replace(found, subject=Subject("file", "a", (1,))), "tuples of texts"),
    "paths": (lambda found: replace(found, subject=Subject("file", "a", ("a",), ["a"])), "tuples of texts"),
    "message": (lambda found: replace(found, message="lost"), "a finding lost of acme/x is none of its own"),
    "value": (lambda found: replace(found, values={"n": None}), "the value n is NoneType"),
    "list": (lambda found: replace(found, values={"n": ["a"]}), "the value n is list"),
    "infinity": (lambda found: replace(found, values={"n": float("inf")}), "the value n is inf"),
    "measured": (lambda found: replace(found, measured=Measurement("m", float("nan"))), "the value of a measurement"),
    "limit": (lambda found: replace(found, measured=Measurement("m", 1, "2")), "the limit of a measurement is str"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_finding_that_breaks_the_contract_fails_the_rule(name):
    change, reason = BROKEN[name]
    said = whole(lambda made, data: [change(sound(made, data))])
    assert reason in said.failure
    assert said.findings == ()


def test_one_broken_finding_takes_the_sound_ones_along():
    said = whole(lambda made, data: [sound(made, data), "found"])
    assert (said.findings, said.failure) == ((), "the check yielded str; it yields findings")


def test_a_location_and_a_measurement_without_limit_are_fine():
    more = {"location": Location(3), "measured": Measurement("n", 1)}
    said = whole(lambda made, data: [replace(sound(made, data), **more)])
    assert len(said.findings) == 1


def test_a_check_may_raise_skip_without_being_a_generator():
    def check(made, data):
        raise Skip("no-trainer")

    said = whole(check)
    assert [reason.english().split(":")[0] for reason in said.skipped] == ["no trainer is named"]
    assert (said.failure, said.n_judged) == ("", 0)


def test_a_rule_over_configs_is_skipped_and_says_so():
    made = rule()
    made.each_config(lambda config, options: iter(()))
    assert [reason.english() for reason in judged(made, HATS, made.options()).skipped] == [
        "no trainer config was given; --config FILE gives one"
    ]


def samples(**parts):
    made = rule()
    made.each_sample(lambda samples, options: [Hits("found", **{"mask": np.ones(samples.n, dtype=bool)} | parts)])
    return judged(made, HATS, made.options())


def test_values_of_hits_are_taken_apart_and_made_plain():
    said = samples(mask=[True, False, True], values={"n": np.array([7, 8, 9])})
    assert [(finding.subject.name, finding.values["n"]) for finding in said.findings] == [
        ("hat/000.png", 7),
        ("hat/002.png", 9),
    ]
    assert all(type(finding.values["n"]) is int for finding in said.findings)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"mask": np.ones(5, dtype=bool)}, "mask has the shape (5,); the rule was given 3 samples"),
        ({"mask": [True]}, "mask has the shape (1,); the rule was given 3 samples"),
        ({"values": {"n": np.arange(5)}}, "n has the shape (5,); the rule was given 3 samples"),
        (
            {"values": {"n": 1}, "metric": "m", "measured": np.zeros((3, 2))},
            "measured has the shape (3, 2); the rule was given 3 samples",
        ),
    ],
)
def test_columns_of_another_length_fail_the_rule(parts, reason):
    assert samples(**parts).failure == reason


def test_a_finding_made_by_hand_needs_nothing_that_the_rule_does_not_ask_for():
    said = whole(lambda made, data: [Finding("acme/x", data.subject(), "found", {"n": 1})])
    assert len(said.findings) == 1
