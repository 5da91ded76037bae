"""Rules in parts: a rule is called once for each part of the dataset that was told the same."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rule_testing import concept, dataset
from tagmetry.finding import Measurement, Severity
from tagmetry.judging import judged_in_parts
from tagmetry.options import option
from tagmetry.policy.expressions import Registry, compile_expression
from tagmetry.policy.match import Masks, Match, groups_by_matches
from tagmetry.policy.model import Layer, Policy, RuleInParts, RulePatch, Told
from tagmetry.reporting import outcomes, reported
from tagmetry.rule import Rule, Skip


@dataclass(frozen=True, slots=True)
class Options:
    limit: int = option(100, "Smallest side.", unit="px", source="S0")


def rule_of(scope, check, **parts):
    messages = {"found": "{path} is odd", "many": "it has {n:count} images", "no": "not here"}
    rule = Rule(id="odd", severity=Severity.WARNING, evidence="heuristic", messages=messages, options=Options, **parts)
    getattr(rule, scope)(check)
    return rule


CALLS = []


def small(samples, options):
    CALLS.append((samples.paths, options.limit))
    short = samples.short_side_px
    yield SMALL.hits(
        "found",
        short < options.limit,
        values={"path": np.array(samples.paths, dtype=object)},
        metric="short_side_px",
        measured=short,
        limit=options.limit,
        option="limit",
    )


def many(concept, options):
    CALLS.append((concept.name, options.limit))
    yield MANY.finding(
        concept.subject(), "many", values={"n": concept.n}, measured=Measurement("n", concept.n, options.limit)
    )


SMALL = rule_of("each_sample", small, roles=("train", "regularization"))
MANY = rule_of("each_concept", many)
DATA = dataset(
    concept("hat", sizes=[(90, 90), (400, 90), (500, 500)]),
    concept("cap", sizes=[(90, 200), (600, 600)]),
    concept("reg", sizes=[(50, 50)], role="regularization"),
)


def patch(match=None, *, severity=None, **options):
    place = "p.yaml:1" if match is None else f"p.yaml:{match.path or match.concept or match.role}"
    return RulePatch(
        "odd",
        severity=None if severity is None else Told(severity, place),
        options={name: Told(value, place) for name, value in options.items()},
        match=match,
        place=place,
    )


def said(rule, *patches, data=DATA, switched_off=False):
    CALLS.clear()
    policy = Policy("p", ("p",), "", (Layer("p", "p", rules=patches),))
    return judged_in_parts(RuleInParts(policy, rule, switched_off), data, Masks(data))


def found(judged):
    return [(one.subject.name, one.severity.label, one.limit_origin) for one in reported([judged], {})]


def test_without_overrides_a_rule_of_samples_is_called_once():
    assert found(said(SMALL)) == [
        ("cap/000.png", "warning", "S0"),
        ("hat/000.png", "warning", "S0"),
        ("hat/001.png", "warning", "S0"),
        ("reg/000.png", "warning", "S0"),
    ]
    assert len(CALLS) == 1


def test_samples_are_split_by_what_holds_for_them_and_each_part_is_judged_once():
    judged = said(
        SMALL,
        patch(Match(path=("hat/**",)), limit=450),
        patch(Match(path=("hat/000.png",)), severity=Severity.ERROR),
        patch(Match(role=("regularization",)), severity=Severity.OFF),
    )
    assert sorted(CALLS) == [
        (["cap/000.png", "cap/001.png"], 100),
        (["hat/000.png"], 450),
        (["hat/001.png", "hat/002.png"], 450),
    ]
    assert found(judged) == [
        ("hat/000.png", "error", "p.yaml:('hat/**',)"),
        ("cap/000.png", "warning", "S0"),
        ("hat/001.png", "warning", "p.yaml:('hat/**',)"),
    ]
    assert sorted(part.n for part in judged.parts) == [1, 2, 2]


def test_parts_that_were_told_the_same_are_one():
    said(SMALL, patch(Match(path=("hat/**",)), limit=450), patch(Match(path=("reg/**",)), limit=450))
    assert len(CALLS) == 3, "the limits come from two places"
    said(SMALL, patch(Match(path=("hat/**", "reg/**")), limit=450))
    assert sorted(CALLS) == [
        (["cap/000.png", "cap/001.png"], 100),
        (["hat/000.png", "hat/001.png", "hat/002.png", "reg/000.png"], 450),
    ]
    said(SMALL, patch(Match(path=("nothing/**",)), limit=450))
    assert len(CALLS) == 1


def test_a_rule_of_concepts_has_its_options_by_concept_and_role():
    judged = said(MANY, patch(Match(concept=("h*",)), limit=2, severity=Severity.ERROR))
    assert sorted(CALLS) == [("cap", 100), ("hat", 2)]
    assert found(judged) == [("hat", "error", "tagmetry"), ("cap", "warning", "tagmetry")]
    assert [(part.settled.options.limit, part.n) for part in judged.parts] == [(100, 1), (2, 1)]
    said(MANY, patch(Match(role=("train",)), severity=Severity.OFF))
    assert CALLS == []


def test_a_rule_can_be_on_for_a_part_alone():
    off, on = patch(severity=Severity.OFF), patch(Match(path=("cap/**",)), severity=Severity.INFO)
    assert found(said(SMALL, off, on)) == [("cap/000.png", "info", "S0")]
    rule = RuleInParts(Policy("p", (), "", (Layer("p", "p", rules=(off, on)),)), SMALL)
    assert (rule.whole.enabled, rule.enabled) == (False, True)
    later = (Layer("p", "p", rules=(off, on)), Layer("q", "q", rules=(patch(severity=Severity.OFF),)))
    assert not RuleInParts(Policy("p", (), "", later), SMALL).enabled


def test_a_rule_that_a_flag_leaves_out_is_on_nowhere():
    policy = Policy("p", (), "", (Layer("p", "p", rules=(patch(Match(path=("**",)), severity=Severity.ERROR),)),))
    assert not RuleInParts(policy, SMALL, switched_off=True).enabled


def test_a_rule_that_is_off_wherever_it_could_judge_is_skipped_and_not_clean():
    everywhere = patch(Match(role=("train", "regularization")), severity=Severity.OFF)
    judged = said(SMALL, everywhere)
    assert (CALLS, judged.findings, judged.n_judged) == ([], (), 0)
    (line,) = outcomes([judged], [], [])
    assert (line.outcome, line.reason.english()) == ("skipped", "the policy switches it off for all that is there")


def test_a_part_that_cannot_be_judged_leaves_the_others():
    def check(samples, options):
        if options.limit == 1:
            raise Skip("no")
        yield rule.hits("found", samples.short_side_px < options.limit, values={"path": "x"})

    rule = rule_of("each_sample", check)
    judged = said(rule, patch(Match(concept=("hat",)), limit=1))
    assert [one.subject.name for one in judged.findings] == ["cap/000.png"]
    assert [reason.english() for reason in judged.skipped] == ["not here"]
    assert [(part.settled.options.limit, part.n) for part in judged.parts] == [(100, 2), (1, 0)]


def test_without_anything_to_judge_overrides_change_nothing():
    data = dataset(concept("val", n=2, role="holdout"))
    judged = said(SMALL, patch(Match(path=("**",)), severity=Severity.OFF), data=data)
    assert [reason.english() for reason in judged.skipped] == ["there are no training images"]


def test_a_failure_in_one_part_is_the_rules_failure():
    def check(samples, options):
        raise ValueError("broken")
        yield

    judged = said(rule_of("each_sample", check), patch(Match(path=("hat/**",)), limit=1))
    assert judged.findings == () and judged.parts == ()
    assert "broken" in judged.failure


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), max_size=5))
def test_groups_are_all_rows_once_by_the_masks_that_they_meet(columns):
    groups = groups_by_matches([np.array(column) for column in columns], 7)
    rows = {int(row): met for met, mask in groups for row in np.flatnonzero(mask)}
    assert rows == {row: tuple(k for k, column in enumerate(columns) if column[row]) for row in range(7)}
    assert sum(int(mask.sum()) for _, mask in groups) == 7
    assert len({met for met, _ in groups}) == len(groups)


def test_no_rows_have_no_groups():
    assert groups_by_matches([np.zeros(0, dtype=bool)], 0) == []


def condition(text, scope="row"):
    return Told(compile_expression(text, Registry(scope, ())), "p.yaml:1")


def test_where_narrows_down_the_part_that_it_was_said_for():
    everywhere = RulePatch("odd", where=condition("width > 450"), match=Match(path=("hat/**",)))
    judged = said(SMALL, everywhere)
    assert sorted(CALLS) == [
        (["cap/000.png", "cap/001.png", "reg/000.png"], 100),
        (["hat/002.png"], 100),
    ]
    assert sorted(part.n for part in judged.parts) == [1, 3]


def test_a_part_of_which_nothing_is_chosen_or_wanted_is_skipped_with_the_reason():
    judged = said(
        SMALL,
        RulePatch("odd", where=condition("width > 5000"), match=Match(path=("hat/**",))),
        RulePatch("odd", when=condition("dataset.n_train > 99", "dataset"), match=Match(path=("reg/**",))),
    )
    assert CALLS == [(["cap/000.png", "cap/001.png"], 100)]
    assert sorted(reason.english() for reason in judged.skipped) == [
        "the policy's condition 'when' does not hold: dataset.n_train > 99",
        "the policy's condition 'where' chooses no image",
    ]
