"""The rules suppression_expired, suppression_unused and suppression_too_broad: both sides of each limit."""

import pytest

from tagmetry.finding import Location
from tagmetry.judging import judged_suppressions
from tagmetry.messages import Message
from tagmetry.policy.model import EffectiveRule
from tagmetry.rules.suppressions.suppression_expired import rule as suppression_expired
from tagmetry.rules.suppressions.suppression_too_broad import rule as suppression_too_broad
from tagmetry.rules.suppressions.suppression_unused import rule as suppression_unused
from tagmetry.suppression import SuppressionUse


def use(**changes):
    parts = {
        "rule": "missing-caption",
        "reason": "It is meant.",
        "shown": "path old/*",
        "expires": "",
        "is_expired": False,
        "file": "tagmetry.yaml",
        "line": 7,
        "n_findings": 3,
        "n_subjects": 3,
        "n_judged": 100,
        "was_judged": True,
    }
    return SuppressionUse(**(parts | changes))


def said(rule, **changes):
    """The English messages about one suppression; remedies have all their values."""
    settled = EffectiveRule(rule, None, "", rule.options(), {})
    judged = judged_suppressions(settled, [use(**changes)])
    assert not judged.failure, judged.failure
    return [Message(rule.messages[one.message], one.values).english() for one in judged.findings]


def test_a_suppression_that_is_over_is_told_with_what_is_open_again():
    assert said(suppression_expired, is_expired=True, expires="2026-01-31") == [
        "the suppression of missing-caption ended on 2026-01-31; 3 findings are open again"
    ]
    assert said(suppression_expired, is_expired=True, expires="2026-01-31", n_findings=1) == [
        "the suppression of missing-caption ended on 2026-01-31; 1 finding is open again"
    ]


def test_a_suppression_that_is_over_and_has_nothing_left_can_go():
    assert said(suppression_expired, is_expired=True, expires="2026-01-31", n_findings=0) == [
        "the suppression of missing-caption ended on 2026-01-31, and there is nothing left to accept"
    ]


def test_a_suppression_that_holds_is_not_over():
    assert said(suppression_expired, expires="2026-01-31") == []


def test_a_suppression_that_fits_nothing_is_told():
    assert said(suppression_unused, n_findings=0) == [
        "the suppression of missing-caption for path old/* fits no finding"
    ]
    assert said(suppression_unused, n_findings=0, shown="") == ["the suppression of missing-caption fits no finding"]


@pytest.mark.parametrize("changes", [{"n_findings": 1}, {"is_expired": True}, {"was_judged": False}])
def test_a_suppression_that_fits_or_is_over_or_was_not_asked_for_is_not_unused(changes):
    assert said(suppression_unused, **({"n_findings": 0} | changes)) == []


def test_a_suppression_of_half_of_all_is_too_broad():
    assert said(suppression_too_broad, n_subjects=50) == ["the suppression of missing-caption accepts 50 of 100 (50 %)"]
    assert said(suppression_too_broad, n_subjects=49) == []


def test_a_suppression_of_few_images_is_never_too_broad():
    assert said(suppression_too_broad, n_subjects=9, n_judged=9) == []
    assert len(said(suppression_too_broad, n_subjects=10, n_judged=10)) == 1


def test_a_suppression_of_a_rule_about_the_whole_dataset_is_not_too_broad():
    assert said(suppression_too_broad, n_subjects=10, n_judged=0) == []
    assert said(suppression_too_broad, n_subjects=50, is_expired=True) == []


def test_the_finding_points_at_the_line_of_the_policy():
    settled = EffectiveRule(suppression_unused, None, "", suppression_unused.options(), {})
    (one,) = judged_suppressions(settled, [use(n_findings=0)]).findings
    assert (one.subject.kind, one.subject.name, one.location) == ("config", "tagmetry.yaml", Location(7))
    assert one.subject.identity == ("tagmetry.yaml", "suppressions/missing-caption/path old/*")
    (one,) = judged_suppressions(settled, [use(n_findings=0, file="acme:house", line=0)]).findings
    assert one.location is None


def test_without_suppressions_there_is_nothing_to_say():
    judged = judged_suppressions(EffectiveRule(suppression_unused, None, "", suppression_unused.options(), {}), [])
    assert (judged.findings, judged.skipped, judged.failure) == ((), (), "")
