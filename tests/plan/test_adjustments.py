"""Named changes to a plan, made for what was seen in samples."""

import pytest

from rule_testing import concept, dataset
from tagmetry import playbooks
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


def test_fewer_repeats_go_half_way_back():
    assert multipliers(plan_of()) == [0.575, 2.0]
    assert multipliers(plan_of("fewer-repeats")) == [round(0.575**0.5, 4), round(2**0.5, 4)]


def test_more_regularization_lowers_the_multipliers_too():
    options = adjusted(BalanceOptions(), ["more-regularization"])
    assert (options.strength, options.regularization_ratio, options.repeats_factor) == (0.5, 1.25, 0.5)


def repeats_of(plan):
    return [(folder.repeats_after, folder.whole, folder.drawn) for folder in plan.folders if folder.role == "train"]


def test_repeats_as_they_were_found_are_halved_and_never_below_one():
    one = (concept("a", captions=TAGS[:12], repeats=5), concept("b", captions=TAGS[:13]))
    assert repeats_of(plan_of(concepts=one)) == [(5, 5, 0), (1, 1, 0)]
    halved = plan_of("fewer-repeats", concepts=one)
    assert repeats_of(halved) == [(3, 2, 6), (1, 1, 0)]
    assert [round(concept.residual, 2) for concept in halved.concepts] == [0.2, 0.0]
    assert repeats_of(plan_of("multipliers-back", "more-regularization", concepts=one)) == repeats_of(halved)


@pytest.mark.parametrize(("trainer", "weight", "ratio"), [("kohya", 1.25, 1.0), ("everydream", 1.0, 1.25)])
def test_more_regularization_is_exposure_or_where_that_is_out_of_reach_weight(trainer, weight, ratio):
    parts = (
        concept("a", captions=TAGS[:60], repeats=4),
        concept("b", captions=TAGS[:9], repeats=4),
        concept("class", n=60, role="regularization"),
    )
    wanted = []
    for name in ("fewer-repeats", "more-regularization"):
        plan = proposed_plan(dataset(*parts, trainer=trainer), adjusted(BalanceOptions(), [name]), applied=False)
        wanted += [folder.wanted for folder in plan.folders if folder.role == "regularization"]
    assert plan.settings["prior_loss_weight"] == weight
    assert wanted[1] / wanted[0] == pytest.approx(ratio)


def test_weak_randomization_undoes_a_policy_without_it():
    options = adjusted(BalanceOptions(shuffle_tags=False, tag_dropout=0.0), ["weak-randomization"])
    assert (options.shuffle_tags, options.tag_dropout) == (True, 0.1)
    assert adjusted(BalanceOptions(tag_dropout=0.15), ["weak-randomization"]).tag_dropout == 0.15


def test_equal_exposure_balances_what_differs_little():
    parts = (concept("a", captions=TAGS[:40]), concept("b", captions=TAGS[:30]))
    assert multipliers(plan_of(concepts=parts)) == [1.0, 1.0]
    assert multipliers(plan_of("equal-exposure", concepts=parts)) == [0.875, round(35 / 30, 4)]


def test_caption_dropout_is_set_and_taken_away():
    assert plan_of().settings["caption_dropout_rate"] == 0
    assert plan_of("some-caption-dropout").settings["caption_dropout_rate"] == pytest.approx(0.03)
    assert adjusted(BalanceOptions(caption_dropout=0.05), ["some-caption-dropout"]).caption_dropout == 0.05
    assert adjusted(BalanceOptions(caption_dropout=0.05), ["no-caption-dropout"]).caption_dropout == 0


def test_multipliers_go_back_and_more_is_preserved():
    parts = (
        concept("a", captions=TAGS[:60]),
        concept("b", captions=TAGS[:9]),
        concept("keep", n=200, role="preservation"),
    )
    plan = plan_of("multipliers-back", concepts=parts)
    assert multipliers(plan) == [1.0, 1.0]
    kept = next(folder for folder in plan.folders if folder.role == "preservation")
    assert (kept.whole, kept.drawn) == (0, 34)  # half of 69


def test_a_name_twice_changes_once():
    assert adjusted(BalanceOptions(), ["fewer-repeats", "fewer-repeats"]).strength == 0.5


def test_the_plan_names_its_adjustments():
    names = ("fewer-repeats", "some-caption-dropout")
    assert plan_of(*names).adjustments == names


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        adjusted(BalanceOptions(), ["more-of-it"])


def test_playbooks_name_the_same_ones():
    assert tuple(ADJUSTMENTS) == playbooks.ADJUSTMENTS
    assert all(one.does.english() and one.besides.english() for one in ADJUSTMENTS.values())
