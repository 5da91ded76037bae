"""Calling rules: what they are given, what becomes of what they yield, and that whatever they do stays their own."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from rule_testing import concept, dataset
from tagmetry.finding import Finding, Location, Measurement, Severity, Subject
from tagmetry.judging import findings_of, judged
from tagmetry.messages import Plural
from tagmetry.options import NoOptions
from tagmetry.rule import Hits, Remedies, Rule, Skip

MESSAGES = {"found": "{path} is odd", "plain": "it is odd", "too-few": "only {n:count} images"}


def rule_of(scope, check, *, messages=MESSAGES, remedies=None, roles=("train",)):
    rule = Rule(
        id="odd",
        severity=Severity.WARNING,
        evidence="heuristic",
        messages=messages,
        remedies=remedies or Remedies(),
        roles=roles,
    )
    getattr(rule, scope)(check)
    return rule


def whole(check, **parts):
    return rule_of("whole_dataset", check, **parts)


def hits(*yielded):
    return rule_of("each_sample", lambda samples, options: iter(yielded))


HATS = dataset(concept("hat", n=3), concept("dog", n=2), concept("woman", n=2, role="regularization"))


def said(rule, data=HATS):
    return judged(rule, data, rule.options())


def failure(rule, data=HATS):
    found = said(rule, data)
    assert (found.findings, found.n_judged) == ((), 0)
    assert found.failure
    return found.failure


def skips(found):
    return [reason.english() for reason in found.skipped]


def paths(found):
    return [path for finding in found.findings for path in finding.subject.paths]


# --- what a rule is given -----------------------------------------------------------------------------------------


def test_a_rule_of_the_dataset_is_called_once_with_it():
    given = []
    found = said(whole(lambda data, options: given.append((data, options)) or []))
    assert given == [(HATS, NoOptions())]
    assert (found.findings, found.skipped, found.n_judged, found.failure) == ((), (), 1, "")


def test_a_rule_of_concepts_is_called_for_each_training_concept_by_name():
    given = []
    found = said(rule_of("each_concept", lambda one, options: given.append(one.name) or []))
    assert (given, found.n_judged) == (["dog", "hat"], 2)


def test_a_rule_of_samples_gets_all_of_its_roles_at_once():
    given = []
    rule = rule_of("each_sample", lambda samples, options: given.append(samples.paths) or [])
    assert said(rule).n_judged == 1
    assert given == [["dog/000.png", "dog/001.png", "hat/000.png", "hat/001.png", "hat/002.png"]]
    given.clear()
    said(rule_of("each_sample", rule.check, roles=("train", "regularization")))
    assert [len(rows) for rows in given] == [7]


@pytest.mark.parametrize("scope", ["each_sample", "each_concept"])
def test_a_rule_that_was_given_nothing_is_skipped_and_not_clean(scope):
    only_reg = dataset(concept("woman", n=2, role="regularization"))

    def check(given, options):
        raise AssertionError("called without anything to judge")

    found = said(rule_of(scope, check), only_reg)
    assert (skips(found), found.n_judged, found.failure) == (["there are no training images"], 0, "")
    found = said(rule_of(scope, check, roles=("holdout", "earlier")), only_reg)
    assert skips(found) == ["there are no images of the role holdout, earlier"]


def test_a_rule_of_trainer_configs_is_skipped_while_none_is_read():
    found = said(rule_of("each_config", lambda config, options: []))
    assert (skips(found), found.n_judged) == (["no trainer config was given; --config FILE gives one"], 0)


def test_a_rule_cannot_change_what_the_next_one_sees():
    def check(data, options):
        data.content[:] = 0
        return []

    assert "read-only" in failure(whole(check))


# --- findings of samples ------------------------------------------------------------------------------------------


def test_each_hit_sample_has_a_finding_with_its_own_values():
    mask = np.array([False, True, False, False, True])
    yielded = Hits(
        "found",
        mask,
        values={
            "path": [f"p{n}" for n in range(5)],
            "side": np.arange(5) * 100,
            "all": "same",
            "names": ("a", "b", "c", "d", "e"),
        },
        metric="side_px",
        measured=np.array([1.5, 2.5, 3.5, 4.5, 5.5]),
        limit=9.0,
        option="limit",
        unit="px",
        severity=Severity.ERROR,
        key="k",
        evidence="documented",
    )
    first, second = said(hits(yielded)).findings
    assert paths(said(hits(yielded))) == ["dog/001.png", "hat/002.png"]
    assert first.values == {"path": "p1", "side": 100, "all": "same", "names": ("a", "b", "c", "d", "e")}
    assert [type(value) for value in first.values.values()] == [str, int, str, tuple]
    assert first.measured == Measurement("side_px", 2.5, 9.0, option="limit", unit="px")
    assert second.measured.value == 5.5
    assert (first.severity, first.key, first.evidence) == (Severity.ERROR, "k", "documented")


def test_one_figure_may_stand_for_all_samples():
    yielded = Hits("plain", np.ones(5, dtype=bool), metric="share", measured=0.5)
    assert [finding.measured.value for finding in said(hits(yielded)).findings] == [0.5] * 5


def test_a_figure_needs_a_metric():
    assert said(hits(Hits("plain", np.ones(5, dtype=bool), measured=0.5))).findings[0].measured is None


def test_hits_about_captions_are_findings_about_captions():
    (finding, *_) = said(hits(Hits("plain", np.ones(5, dtype=bool), about="caption"))).findings
    assert (finding.subject.kind, finding.subject.paths) == ("caption", ("dog/000.txt", "dog/000.png"))


def test_a_mask_that_hits_none_yields_nothing():
    assert said(hits(Hits("found", np.zeros(5, dtype=bool)))).findings == ()


def test_a_list_of_one_value_per_sample_works_for_a_single_sample():
    rule = rule_of("each_sample", lambda samples, options: [Hits("found", np.array([True]), values={"path": ["x"]})])
    assert [finding.values for finding in said(rule, dataset(concept("hat", n=1))).findings] == [{"path": "x"}]


# --- skips --------------------------------------------------------------------------------------------------------


def raising(error):
    def check(given, options):
        raise error
        yield

    return check


def test_a_reason_is_one_of_the_rules_texts_or_a_common_one():
    assert skips(said(whole(raising(Skip("too-few", n=3))))) == ["only 3 images"]
    assert skips(said(whole(raising(Skip("no-captions"))))) == ["there are no captions"]


def test_the_same_reason_for_several_concepts_is_told_once():
    def check(one, options):
        raise Skip("too-few", n=2 if one.name == "dog" else 3)

    assert skips(said(rule_of("each_concept", check))) == ["only 2 images", "only 3 images"]
    assert skips(said(rule_of("each_concept", raising(Skip("no-trigger"))))) == [
        "no trigger word is known: set profile.concepts.NAME.trigger"
    ]


def test_concepts_that_could_be_judged_are_though_others_could_not():
    def check(one, options):
        if one.name == "dog":
            raise Skip("too-few", n=2)
        yield Finding("odd", one.subject(), "plain")

    found = said(rule_of("each_concept", check))
    assert (len(found.findings), skips(found), found.n_judged) == (1, ["only 2 images"], 1)


def test_what_was_found_before_a_skip_stays_found():
    def check(data, options):
        yield Finding("odd", data.subject(), "plain")
        raise Skip("no-captions")

    found = said(whole(check))
    assert (len(found.findings), skips(found), found.n_judged) == (1, ["there are no captions"], 0)


def test_a_check_that_is_no_generator_may_skip_as_well():
    def check(data, options):
        raise Skip("no-captions")

    assert skips(said(whole(check))) == ["there are no captions"]


def test_a_skip_for_a_reason_that_nobody_declared_is_a_failure():
    assert "no text for the reason 'tired'" in failure(whole(raising(Skip("tired"))))


def test_a_skip_that_lacks_its_values_is_a_failure():
    assert failure(whole(raising(Skip("too-few")))) == "KeyError: 'n'"


def test_a_skip_may_have_a_value_of_any_name():
    skip = Skip("why", reason="it rains", self="x")
    assert skips(said(whole(raising(skip), messages={"why": "{reason}, {self}"}))) == ["it rains, x"]


# --- failures -----------------------------------------------------------------------------------------------------


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("bad\nsecond line"), "ValueError: bad second line"),
        (KeyError("x"), "KeyError: 'x'"),
        (RuntimeError(), "RuntimeError"),
        (SystemExit(3), "it called sys.exit(3)"),
        (MemoryError(), "MemoryError"),
        (GeneratorExit(), "GeneratorExit"),
        (Unspeakable(), "Unspeakable"),
        (ValueError("\x1b[31mred\u202e"), "ValueError: \\x1b[31mred\\u202e"),
    ],
)
def test_whatever_a_rule_raises_is_its_failure_in_one_line(error, told):
    assert failure(whole(raising(error))).startswith(told)


def test_a_rule_that_leaves_by_sys_exit_or_never_returns_from_itself_fails_alone():
    def leaves(data, options):
        sys.exit("bye")

    def sinks(data, options):
        return sinks(data, options)

    assert failure(whole(leaves)).startswith("it called sys.exit('bye')")
    assert failure(whole(sinks)).startswith("RecursionError")


def test_a_failure_takes_back_what_was_found_before():
    def check(data, options):
        yield Finding("odd", data.subject(), "plain")
        raise ValueError("late")

    assert failure(whole(check)).startswith("ValueError: late")


def test_an_interruption_by_the_user_is_no_failure_of_the_rule():
    with pytest.raises(KeyboardInterrupt):
        said(whole(raising(KeyboardInterrupt())))


SUBJECT = Subject("dataset", "hats", ("dataset",))
GOOD = Finding("odd", SUBJECT, "plain")


@pytest.mark.parametrize(
    ("yielded", "told"),
    [
        ("text", "the check yielded str; it yields findings"),
        (None, "the check yielded NoneType; it yields findings"),
        (Hits("plain", np.ones(5, dtype=bool)), "the check yielded Hits; it yields findings"),
        (replace(GOOD, rule="another"), "a finding plain of another is none of its own"),
        (replace(GOOD, message="unheard"), "a finding unheard of odd is none of its own"),
        (replace(GOOD, message="found"), "the finding found lacks the values path"),
        (replace(GOOD, values={"x": None}), "the value x is NoneType"),
        (replace(GOOD, values={"x": ["a"]}), "the value x is list"),
        (replace(GOOD, values={"x": (1, 2)}), "the value x is tuple"),
        (replace(GOOD, values={"x": float("nan")}), "the value x is nan"),
        (replace(GOOD, values={"x": float("inf")}), "the value x is inf"),
        (replace(GOOD, values={"x": np.int64(3)}), "the value x is int64"),
        (replace(GOOD, subject=None), "the subject of a finding is NoneType"),
        (replace(GOOD, subject="hats"), "the subject of a finding is str"),
        (replace(GOOD, subject=replace(SUBJECT, identity="dataset")), "a subject's name is a text"),
        (replace(GOOD, subject=replace(SUBJECT, paths=("a", 1))), "a subject's name is a text"),
        (replace(GOOD, subject=replace(SUBJECT, name=None)), "a subject's name is a text"),
        (replace(GOOD, measured=Measurement("m", float("nan"))), "the value of a measurement is nan"),
        (replace(GOOD, measured=Measurement("m", 1.0, float("inf"))), "the limit of a measurement is inf"),
        (replace(GOOD, measured=Measurement("m", "1")), "the value of a measurement is str"),
        (replace(GOOD, severity="error"), "the severity of a finding is str"),
        (replace(GOOD, location=3), "the location of a finding is int"),
        (replace(GOOD, key=3), "a finding's key is a text"),
        (replace(GOOD, evidence="rumour"), "a finding's key is a text, and its evidence one of documented"),
    ],
)
def test_a_finding_that_would_break_when_it_is_shown_is_the_rules_failure(yielded, told):
    assert failure(whole(lambda data, options: [GOOD, yielded])).startswith(told)


@pytest.mark.parametrize("returned", [None, 3, "text", b"bytes", GOOD])
def test_a_check_that_yields_nothing_iterable_fails(returned):
    assert failure(whole(lambda data, options: returned)).startswith(
        f"the check gave {type(returned).__name__}; it yields what it found"
    )


def test_a_message_needs_the_values_of_its_remedies_and_what_it_counts_by():
    rule = whole(lambda data, options: [GOOD], remedies=Remedies(data=("remove {what}",)))
    assert failure(rule).startswith("the finding plain lacks the values what")
    rule = whole(lambda data, options: [GOOD], messages={"plain": Plural("one is odd", "some are odd", by="k")})
    assert failure(rule).startswith("the finding plain lacks the values k")


def ones(n):
    return np.ones(n, dtype=bool)


@pytest.mark.parametrize(
    ("yielded", "told"),
    [
        (GOOD, "the check yielded Finding; a rule of scope each_sample yields Hits"),
        (Hits("plain", ones(4)), "mask has the shape (4,); the rule was given 5 samples"),
        (Hits("plain", np.ones((5, 1), dtype=bool)), "mask has the shape (5, 1); the rule was given 5 samples"),
        (Hits("plain", ones(5), values={"x": np.arange(7)}), "x has the shape (7,); the rule was given 5 samples"),
        (Hits("plain", ones(5), values={"x": np.array(1)}), "x has the shape (); the rule was given 5 samples"),
        (Hits("plain", ones(5), metric="m", measured=np.arange(4)), "measured has the shape (4,)"),
        (Hits("found", ones(5), values={"path": ["a"] * 4}), "the value path is list"),
        (Hits("plain", ones(5), values={"x": np.array([None] * 5)}), "the value x is NoneType"),
        (Hits("plain", ones(5), metric="m", measured=np.full(5, np.nan)), "the value of a measurement is nan"),
        (Hits("unheard", ones(5)), "KeyError: \"odd has no message 'unheard'\""),
    ],
)
def test_hits_of_a_wrong_shape_are_the_rules_failure(yielded, told):
    assert failure(hits(yielded)).startswith(told)


def test_a_mask_may_be_any_array_of_truths():
    assert len(said(hits(Hits("plain", np.array([0, 1, 0, 2, 0])))).findings) == 2


def test_every_kind_of_value_of_a_finding_is_kept():
    finding = replace(
        GOOD,
        values={"a": "x", "b": 1, "c": 0.5, "d": True, "e": ("x", "y"), "f": np.float64(0.5)},
        location=Location(3),
        evidence="community",
    )
    assert said(whole(lambda data, options: [finding])).findings == (finding,)


def test_findings_of_is_for_tests_and_hides_nothing():
    assert findings_of(whole(lambda data, options: [GOOD]), HATS) == [GOOD]
    with pytest.raises(ValueError, match="bad"):
        findings_of(whole(raising(ValueError("bad"))), HATS)
    with pytest.raises(Skip):
        findings_of(whole(raising(Skip("no-captions"))), HATS)
