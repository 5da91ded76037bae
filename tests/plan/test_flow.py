"""The default flow on datasets of every kind: which branch is taken, what is proposed, and what never is."""

import pytest

from policy_testing import loaded
from rule_testing import concept, dataset
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.options import BalanceOptions
from tagmetry.plan.tag_noise import tag_noise

TAGS = ["lumi, girl, smile, park", "lumi, girl, frown, street", "lumi, girl, hat, beach", "lumi, girl, coat, snow"]


def plan_of(data, applied=False, **options):
    return proposed_plan(data, BalanceOptions(**options), applied=applied)


def taken(plan):
    return {step.node: step.taken.english() for step in plan.trace}


def repeats(plan):
    return {folder.path: folder.repeats_after for folder in plan.folders}


def captions(n, trigger="lumi"):
    return [f"{trigger}, girl, {TAGS[i % 4].split(', ', 2)[2]}, tag{i % 7}" for i in range(n)]


def test_29_images_are_never_balanced():
    plan = plan_of(dataset(concept("a", n=24, captions=captions(24)), concept("b", n=5, captions=captions(5))))
    assert plan.technique == "weak-randomization"
    assert repeats(plan) == {"a": 1, "b": 1}
    assert "nothing is balanced" in taken(plan)["size"]
    assert plan.tags == ()


def test_30_images_are_balanced_lightly():
    plan = plan_of(dataset(concept("a", n=24, captions=captions(24)), concept("b", n=6, captions=captions(6))))
    assert plan.technique == "repeats"
    # Median exposure 15: wanted 0.625 and min(2.5, 2) = 2.
    assert [(one.name, one.multiplier) for one in plan.concepts] == [("a", 0.625), ("b", 2.0)]
    assert plan.scale == 5
    assert repeats(plan) == {"a": 3, "b": 10}
    assert taken(plan)["size"] == "balance lightly, multipliers up to 2"


def test_from_200_images_multipliers_go_to_3():
    plan = plan_of(dataset(concept("a", n=190), concept("b", n=10)))
    assert [one.multiplier for one in plan.concepts] == [pytest.approx(100 / 190), 3.0]


def test_199_images_stay_light():
    plan = plan_of(dataset(concept("a", n=189), concept("b", n=10)))
    assert plan.concepts[1].multiplier == 2.0


def test_an_imbalance_of_exactly_two_is_left():
    plan = plan_of(dataset(concept("a", n=40), concept("b", n=20)))
    assert plan.technique == "weak-randomization"
    assert repeats(plan) == {"a": 1, "b": 1}


def test_an_imbalance_just_over_two_is_balanced():
    assert plan_of(dataset(concept("a", n=41), concept("b", n=20))).technique == "repeats"


def test_repeats_as_found_count_for_the_imbalance():
    plan = plan_of(dataset(concept("a", n=40, repeats=1), concept("b", n=10, repeats=4)))
    assert plan.technique == "weak-randomization"
    assert repeats(plan) == {"a": 1, "b": 4}


def test_one_concept_has_nothing_to_balance():
    plan = plan_of(dataset(concept("a", n=40, captions=captions(40))))
    assert taken(plan)["imbalance"] == "nothing to balance between concepts"
    assert plan.technique == "weak-randomization"


def test_exposures_are_images_times_repeats_before_and_after():
    plan = plan_of(dataset(concept("a", n=24, repeats=2), concept("b", n=6, repeats=2)))
    after = {one.name: (one.exposure_before, one.exposure_after) for one in plan.concepts}
    # Wanted 2 x 0.625 = 1.25 and 2 x 2 = 4; at four times 5 and 16.
    assert (plan.scale, repeats(plan)) == (4, {"a": 5, "b": 16})
    assert after == {"a": (48.0, 120.0), "b": (12.0, 96.0)}
    assert [one.residual for one in plan.concepts] == [0.0, 0.0]


def test_a_longer_epoch_is_said():
    plan = plan_of(dataset(concept("a", n=24), concept("b", n=6)))
    assert [advice.english() for advice in plan.advice] == [
        "repeats are raised without regularization images: add some of the class, and stop at an early checkpoint",
        (
            "to begin with, about 30 real images of the class, captioned like yours without the trigger; save a "
            "checkpoint every epoch and compare them"
        ),
        "one epoch is now 5 times as long: divide the number of epochs by 5",
    ]


def test_regularization_follows_the_training_exposure_and_never_exceeds_it():
    plan = plan_of(dataset(concept("a", n=40), concept("girl", n=15, role="regularization")))
    assert repeats(plan) == {"a": 1, "girl": 2}
    assert [one.exposure_after for one in plan.concepts] == [40.0, 30.0]


def test_kohya_evens_regularization_out_itself():
    data = dataset(
        concept("a", n=40, repeats=2), concept("girl", n=15, role="regularization", repeats=3), trainer="kohya"
    )
    plan = plan_of(data)
    assert repeats(plan) == {"a": 2, "girl": 1}
    assert [one.exposure_after for one in plan.concepts] == [80.0, 80.0]


def test_small_sets_keep_their_regularization_repeats():
    plan = plan_of(dataset(concept("a", n=13, repeats=5), concept("girl", n=11, role="regularization")))
    assert repeats(plan) == {"a": 5, "girl": 1}


def test_tags_get_weak_randomization():
    plan = plan_of(dataset(concept("a", captions=captions(40), trigger="lumi")))
    assert dict(plan.settings) == {
        "shuffle_caption": True,
        "keep_tokens": 1,
        "caption_tag_dropout_rate": 0.10,
        "caption_dropout_rate": 0.0,
        "cache_text_encoder_outputs": False,
    }


def test_trigger_and_class_word_in_front_are_both_kept():
    plan = plan_of(dataset(concept("a", captions=captions(40), trigger="lumi", class_word="girl")))
    assert plan.settings["keep_tokens"] == 2


def test_sentences_never_get_shuffle_or_tag_dropout():
    sentences = ["A girl stands in a park and smiles at the camera."] * 40
    plan = plan_of(dataset(concept("a", captions=sentences), caption_style="sentences", purpose="style"))
    assert dict(plan.settings) == {
        "shuffle_caption": False,
        "keep_tokens": 0,
        "caption_tag_dropout_rate": 0.0,
        "caption_dropout_rate": 0.0,
    }
    assert plan.tags == ()
    assert plan.technique == "none"


@pytest.mark.parametrize("style", ["tags", "sentences"])
@pytest.mark.parametrize("n", [10, 60, 250])
def test_caching_of_the_text_encoder_and_randomization_never_go_together(style, n):
    plan = plan_of(dataset(concept("a", captions=captions(n), trigger="lumi"), caption_style=style))
    random = plan.settings["shuffle_caption"] or plan.settings["caption_tag_dropout_rate"]
    assert not (random and plan.settings.get("cache_text_encoder_outputs", False))


def test_without_captions_nothing_is_randomized():
    plan = plan_of(dataset(concept("a", n=40, captions=[None] * 40)))
    assert dict(plan.settings) == {}
    assert plan.technique == "none"


def test_a_style_gets_more_tag_dropout():
    plan = plan_of(dataset(concept("a", captions=captions(40), trigger="lumi"), purpose="style"))
    assert plan.settings["caption_tag_dropout_rate"] == 0.20


def test_frequent_tags_are_proposed_for_a_cap_but_never_protected_ones():
    data = dataset(
        concept("a", captions=[f"lumi, girl, park, tag{i}" for i in range(40)], trigger="lumi", class_word="girl")
    )
    plan = plan_of(data)
    assert [(cap.tag, cap.share_before, cap.share_after) for cap in plan.tags] == [("park", 1.0, 0.8)]
    assert set(plan.protected) >= {"lumi", "girl"}


def test_noisy_tags_get_no_cap():
    clean = [f"lumi, park, tag{i}" for i in range(36)]
    noisy = [f"lumi, park, day, night, tag{i}" for i in range(4)]
    assert tag_noise(dataset(concept("a", captions=clean + noisy)).train) == pytest.approx(0.1)
    assert plan_of(dataset(concept("a", captions=clean + noisy, trigger="lumi"))).tags != ()
    one_more = dataset(concept("a", captions=clean[1:] + noisy + noisy[:1], trigger="lumi"))
    assert tag_noise(one_more.train) == pytest.approx(0.125)
    plan = plan_of(one_more)
    assert plan.tags == ()
    assert taken(plan)["tags"] == "no cap on frequent tags: it would take good captions away"


def test_a_tag_twice_and_a_synonym_beside_its_preferred_form_are_noise():
    assert tag_noise(dataset(concept("a", captions=["lumi, hat, hat"] + ["lumi, hat"] * 3)).train) == 0.25
    mixed = dataset(concept("a", captions=["lumi, t-shirt"] * 3 + ["lumi, tshirt"]))
    assert tag_noise(mixed.train) == 0.25


def test_a_plan_is_a_proposal_until_it_is_asked_for():
    data = dataset(concept("a", n=40))
    assert plan_of(data).applied is False
    assert plan_of(data, applied=True).applied is True


# --- branches that were not taken --------------------------------------------------------------------------------


def step(plan, node):
    return next(one for one in plan.trace if one.node == node)


def test_the_other_branches_are_told_with_their_limits():
    size = step(plan_of(dataset(concept("a", n=40))), "size")
    assert [branch.english() for branch in size.not_taken] == [
        "below 30: nothing would be balanced",
        "from 200 on: in earnest, multipliers up to 3",
    ]


def test_a_question_that_was_made_idle_is_told_with_its_figures():
    plan = plan_of(dataset(concept("a", n=20), concept("b", n=4)))
    imbalance = step(plan, "imbalance")
    assert (imbalance.asked, imbalance.value.english()) == (False, "largest over smallest: 5")
    assert imbalance.taken.english() == "not asked: the set is too small"


def test_copies_are_told_beside_the_size():
    data = dataset(concept("a", n=40), near=[("a/000.png", "a/001.png", "a/002.png")])
    assert step(plan_of(data), "size").value.english() == "40 training images of 38 different pictures"


def test_the_purpose_of_a_small_set_is_told():
    plan = plan_of(dataset(concept("a", n=20), purpose="person"))
    assert "shift a likeness" in taken(plan)["size"]


# --- steps and conditions of a policy ----------------------------------------------------------------------------


def with_conditions(data, text, **options):
    conditions = loaded(f"balance:\n{text}").balance_conditions()
    return proposed_plan(data, BalanceOptions(**options), applied=False, conditions=conditions)


def unlike():
    return dataset(concept("a", n=40), concept("b", n=10))


def test_the_first_step_that_holds_decides():
    plan = with_conditions(
        unlike(),
        "  steps:\n"
        "    - {name: few, when: dataset.n_train < 10, action: none}\n"
        "    - {name: strong, when: dataset.concept_imbalance > 3, "
        'multiplier: "clip(dataset.median_exposure / concept.exposure, 0.5, 4)"}\n'
        "    - {name: rest, action: none}\n",
    )
    assert [one.multiplier for one in plan.concepts] == [0.625, 2.5]
    assert taken(plan)["step:few"] == "does not hold"
    assert step(plan, "step:strong").value.english() == "dataset.concept_imbalance = 4"
    assert step(plan, "step:strong").taken.english().startswith("holds: multiplier clip(")
    assert (step(plan, "step:rest").asked, taken(plan)["step:rest"]) == (False, 'not asked: step "strong" decides')
    assert "size" not in taken(plan)


def test_a_step_that_leaves_concepts_alone_gives_its_reason():
    plan = with_conditions(unlike(), "  steps: [{name: few, when: dataset.n_train < 60, action: none, because: Few.}]")
    assert plan.technique == "weak-randomization"
    assert taken(plan)["step:few"] == "holds: nothing is balanced, because: Few."
    assert plan.technique_plan("repeats").why.english() == "nothing is balanced: Few."


def test_without_a_step_that_holds_nothing_is_balanced():
    plan = with_conditions(unlike(), "  steps: [{name: few, when: dataset.n_train < 10, multiplier: '2'}]")
    assert plan.technique_plan("repeats").why.english() == "nothing is balanced: no step of the policy holds"


def test_a_multiplier_that_is_no_factor_leaves_the_concept_alone_and_says_so():
    plan = with_conditions(unlike(), "  steps: [{name: odd, multiplier: concept.n - 10}]")
    assert [one.multiplier for one in plan.concepts] == [30.0, 1.0]
    assert plan.advice[0].english() == (
        'the multiplier of step "odd" gives no factor above 0 for b, which keeps its repeats'
    )


def test_never_stands_above_the_steps():
    plan = with_conditions(unlike(), "  never: [dataset.n_train > 9]\n  steps: [{name: all, multiplier: '2'}]")
    assert [one.multiplier for one in plan.concepts] == [1.0, 1.0]
    assert taken(plan)["never"] == "nothing is balanced: the policy says never where dataset.n_train > 9"
    assert step(plan, "never").value.english() == "dataset.n_train = 50"
    assert taken(plan)["step:all"] == "not asked: the policy forbids to balance"


def test_never_that_does_not_hold_is_told_too():
    plan = with_conditions(unlike(), "  never: [dataset.n_train > 99]")
    assert step(plan, "never").value.english() == "none of these holds: dataset.n_train > 99"
    assert plan.technique == "repeats"


def test_the_policy_says_when_tags_are_good():
    data = dataset(concept("a", captions=[f"lumi, always, tag{i}" for i in range(40)]))
    assert len(with_conditions(data, "  tags_good: tag_noise <= 0.1").tags) > 0
    plan = with_conditions(data, "  tags_good: dataset.n_train > 1000")
    assert plan.tags == ()
    assert step(plan, "tags").value.english() == "dataset.n_train = 40"


# --- preservation ------------------------------------------------------------------------------------------------


def kept(plan):
    (folder,) = [folder for folder in plan.folders if folder.role == "preservation"]
    return folder.repeats_after, folder.whole, folder.drawn


def test_a_large_preservation_set_is_drawn_in_parts():
    # The case of the source: 200 new and 1,000 preservation images, 50 of them each epoch.
    plan = plan_of(dataset(concept("new", n=200), concept("keep", n=1000, role="preservation")))
    assert kept(plan) == (0, 0, 50)
    assert taken(plan)["preservation"] == "50 of them drawn anew per epoch, 25 % of the training exposures"


def test_raised_repeats_ask_for_the_larger_share():
    plan = plan_of(
        dataset(concept("a", n=190), concept("b", n=10), concept("keep", n=1000, role="preservation")),
    )
    # 100 + 30 training exposures, half of them.
    assert kept(plan)[2] == 65
    assert "repeats are raised without regularization" not in " ".join(one.english() for one in plan.advice)


# --- steps of the optimizer --------------------------------------------------------------------------------------


def test_steps_are_counted_before_and_after():
    plan = plan_of(dataset(concept("a", n=24), concept("b", n=6), batch_size=4))
    assert (plan.steps.before, plan.steps.after) == (8, 33)
    assert (plan.steps.is_batch_size_known, plan.steps.by_buckets) == (True, False)


def test_the_trainer_counts_batches_per_bucket():
    sizes = [(512, 512)] * 20 + [(768, 512)] * 20
    data = dataset(concept("a", n=40, sizes=sizes), trainer="kohya", resolution=512, batch_size=8)
    steps = plan_of(data).steps
    assert (steps.before, steps.by_buckets) == (6, True)


def test_epochs_follow_the_scale():
    data = dataset(concept("a", n=24), concept("b", n=6))
    plan = proposed_plan(data, BalanceOptions(), applied=False, epochs=12)
    assert (plan.steps.epochs, plan.steps.epochs_after) == (12, 2)
    # 24 and 6 images: 3 and 10 repeats in 2 epochs, once in 12 epochs as found.
    assert [plan.in_all(one) for one in plan.concepts] == [(288.0, 144.0), (72.0, 120.0)]


def test_without_epochs_there_is_no_sum_of_the_run():
    plan = plan_of(dataset(concept("a", n=24)))
    assert plan.in_all(plan.concepts[0]) is None


def test_images_that_are_never_trained_are_counted():
    names = [*(f"{i:03d}.png" for i in range(39)), "photo.gif"]
    plan = plan_of(dataset(concept("a", n=40, names=names), trainer="kohya"))
    assert [one.untrained for one in plan.concepts] == [1]


def test_copies_add_up_to_the_exposure_of_one_picture():
    group = tuple(f"a/{i:03d}.png" for i in range(10))
    plan = plan_of(dataset(concept("a", n=40, repeats=5), near=[group]))
    assert plan.concepts[0].effective_n == 31
    assert plan.concepts[0].per_picture_before == pytest.approx(200 / 31)
