"""Named changes to a plan, made for what was seen in samples."""

import pytest

from rule_testing import concept, dataset
from tagmetry.plan.adjustments import ADJUSTMENTS, adjusted
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.options import BalanceOptions

TAGS = [f"lumi, smile, tag{i}" for i in range(99)]


def plan_of(*names, concepts=()):
    parts = concepts or (concept("a", captions=TAGS[:60]), concept("b", captions=TAGS[:9]))
    options = adjusted(BalanceOptions(), names)
    return proposed_plan(dataset(*parts), options, applied=False, adjustments=names)


def multipliers(plan):
    return [round(one.multiplier, 4) for one in plan.concepts if one.role == "train"]


def test_less_drift_goes_half_way_back_and_regularizes_more():
    assert multipliers(plan_of()) == [0.575, 2.0]
    assert multipliers(plan_of("less-drift")) == [round(0.575**0.5, 4), round(2**0.5, 4)]
    assert adjusted(BalanceOptions(), ["less-drift"]).regularization_ratio == 1.25


def test_short_prompts_get_a_little_caption_dropout():
    assert plan_of().settings["caption_dropout_rate"] == 0
    assert plan_of("short-prompts").settings["caption_dropout_rate"] == pytest.approx(0.03)


def test_caption_dropout_of_a_policy_is_not_lowered():
    assert adjusted(BalanceOptions(caption_dropout=0.05), ["short-prompts"]).caption_dropout == 0.05


def test_less_bleeding_takes_the_multipliers_back_and_preserves_more():
    parts = (
        concept("a", captions=TAGS[:60]),
        concept("b", captions=TAGS[:9]),
        concept("keep", n=200, role="preservation"),
    )
    plan = plan_of("less-bleeding", concepts=parts)
    assert multipliers(plan) == [1.0, 1.0]
    kept = next(folder for folder in plan.folders if folder.role == "preservation")
    assert (kept.whole, kept.drawn) == (0, 34)  # half of 69


def test_a_name_twice_changes_once():
    assert adjusted(BalanceOptions(), ["less-drift", "less-drift"]).strength == 0.5


def test_the_plan_names_its_adjustments():
    assert plan_of("less-drift", "short-prompts").adjustments == ("less-drift", "short-prompts")


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        adjusted(BalanceOptions(), ["more-of-it"])


def test_every_adjustment_says_what_it_is_for():
    assert list(ADJUSTMENTS) == ["less-drift", "short-prompts", "less-bleeding"]
    assert all(one.seen.english() and one.does.english() and one.besides.english() for one in ADJUSTMENTS.values())
