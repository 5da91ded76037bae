"""Every technique stands in the plan once, with its state, its reason and its settings."""

import pytest

from rule_testing import concept, dataset
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.model import TECHNIQUES
from tagmetry.plan.options import BalanceOptions

TAGS = [f"lumi, girl, place{i % 7}, wear{i % 5}, shape{i}" for i in range(400)]


def plan_of(*concepts, cap_tags=False, near=(), **profile):
    return proposed_plan(dataset(*concepts, near=near, **profile), BalanceOptions(), applied=False, cap_tags=cap_tags)


def states(plan):
    return {one.id: one.state for one in plan.techniques}


def unlike():
    return concept("a", captions=TAGS[:60], trigger="lumi"), concept("b", captions=TAGS[:9], trigger="lumi")


def test_a_small_set_is_only_varied():
    plan = plan_of(concept("a", captions=TAGS[:20], trigger="lumi"))
    assert list(states(plan)) == list(TECHNIQUES)
    assert states(plan) == {"hybrids": "taken"} | dict.fromkeys(TECHNIQUES[1:], "ruled-out")


def test_an_unbalanced_set_takes_repeats_and_is_offered_the_rest():
    plan = plan_of(*unlike())
    assert states(plan) == {
        "hybrids": "taken",
        "repeats": "taken",
        "fractional-epochs": "offered",
        "tag-caps": "offered",
        "stratified": "offered",
        "image-weights": "not-needed",
        "curriculum": "offered",
    }
    assert plan.technique_plan("fractional-epochs").settings == {"seed": 0, "floor": 0.3}


def test_fractions_are_planned_beside_whole_repeats():
    folders = {folder.path: folder for folder in plan_of(*unlike()).folders}
    # Median exposure 34.5: wanted 0.575 and 2.
    assert (folders["a"].wanted, folders["a"].whole, folders["a"].drawn) == (pytest.approx(0.575), 0, 34)
    assert (folders["b"].wanted, folders["b"].whole, folders["b"].drawn) == (2.0, 2, 0)


def test_concepts_are_the_strata_with_the_median_of_their_sizes():
    assert [(one.name, one.n, one.k) for one in plan_of(*unlike()).strata] == [("a", 60, 34), ("b", 9, 9)]


def test_caps_are_taken_when_they_are_asked_for():
    plan = plan_of(*unlike(), cap_tags=True)
    assert plan.technique_plan("tag-caps").state == "taken"
    assert plan.technique_plan("tag-caps").why.english() == "12 captions lose a frequent tag"
    assert all("girl" in caption.dropped for caption in plan.edited.values())
    shown = {one.tag: one for one in plan.tag_exposures}
    lost = 3 * len(plan.edited)
    assert shown["girl"].after == shown["lumi"].after - lost


def test_unreliable_tags_rule_caps_out():
    noisy = [f"lumi, day, night, tag{i}" for i in range(40)]
    plan = plan_of(concept("a", captions=noisy, trigger="lumi"))
    assert states(plan)["tag-caps"] == "ruled-out"
    assert plan.technique_plan("image-weights").why.english() == (
        "40 images with noisy captions would count for less; better is to correct them"
    )


def test_copies_offer_weights():
    near = [("a/000.png", "a/001.png", "a/002.png")]
    plan = plan_of(concept("a", captions=TAGS[:40], trigger="lumi"), near=near)
    weights = plan.technique_plan("image-weights")
    assert weights.state == "offered"
    assert weights.why.english() == "3 images with near-duplicates would count for less; better is to thin them out"
    assert plan.images.weight.tolist()[:4] == [pytest.approx(3**-0.5)] * 3 + [1.0]


def test_long_lists_of_tags_offer_a_warm_up():
    long = ", ".join(f"tag{i}" for i in range(24))
    plan = plan_of(concept("a", captions=[f"lumi, {long}, {i}" for i in range(40)], trigger="lumi"))
    settings = plan.technique_plan("curriculum").settings
    assert (settings["token_warmup_min"], settings["token_warmup_step"]) == (6, 0.2)


def test_short_lists_and_one_concept_need_none():
    assert states(plan_of(concept("a", captions=TAGS[:40], trigger="lumi")))["curriculum"] == "not-needed"


def test_sentences_are_left_as_they_are():
    texts = ["A girl stands in a park with many trees."] * 40
    plan = plan_of(concept("a", captions=texts), caption_style="sentences")
    assert states(plan)["hybrids"] == "ruled-out"
    assert states(plan)["tag-caps"] == "ruled-out"
