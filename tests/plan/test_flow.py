"""The default flow on datasets of every kind: which branch is taken, what is proposed, and what never is."""

import pytest

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
