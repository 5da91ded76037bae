"""Rank, alpha, rates, and the weight of regularization images."""

import pytest

from rule_testing import concept, dataset, figures, findings, severities, skips, texts, training_config
from tagmetry.rules.balance import epoch_fraction_low, over_exposure
from tagmetry.rules.settings import (
    network_alpha_mismatch,
    prior_loss_weight,
    rank_vs_data,
    text_encoder_learning,
)

FOLDERS = """
[[datasets]]
resolution = 512
[[datasets.subsets]]
image_dir = "hat"
num_repeats = 10
"""
WITH_REG = FOLDERS + '[[datasets.subsets]]\nimage_dir = "reg"\nis_reg = true\n'


def trained(options, n=20, folders=FOLDERS, **profile):
    config = training_config(folders, options)
    reg = (concept("reg", n=4, role="regularization"),) if folders is WITH_REG else ()
    return dataset(concept("hat", n=n), *reg, config=config, **profile)


@pytest.mark.parametrize(
    ("rank", "n", "expected"), [(65, 29, 1), (64, 29, 0), (65, 30, 0), (4, 200, 1), (5, 200, 0), (4, 199, 0)]
)
def test_a_rank_far_from_the_number_of_pictures_is_found(rank, n, expected):
    found = findings(rank_vs_data.rule, trained(f"network_dim = {rank}\nnetwork_alpha = 1", n))
    assert len(found) == expected


def test_which_way_a_rank_errs_is_told():
    rule = rank_vs_data.rule
    found = findings(rule, trained("network_dim = 128\nnetwork_alpha = 128"))
    assert texts(rule, found) == [
        "network_dim = 128 is much for 20 different pictures: there is room to store them whole"
    ]
    assert figures(found) == [("network_dim", 128, 64, "large_rank", None)]
    found = findings(rule, trained("learning_rate = 1e-4\nseed = 1", 200))
    assert texts(rule, found) == ["network_dim is not set, so it is 4, little for 200 different pictures"]


def test_the_rank_of_other_methods_is_not_judged():
    options = 'network_dim = 100000\nnetwork_module = "lycoris.kohya"'
    assert skips(rank_vs_data.rule, trained(options)) == [
        "the rank of lycoris.kohya means something else than that of a LoRA"
    ]


@pytest.mark.parametrize(
    ("alpha", "expected"), [(32, []), (16, ["info"]), (15.9, ["warning"]), (33, ["warning"]), (1, ["warning"])]
)
def test_an_alpha_unlike_the_rank_is_found(alpha, expected):
    rule = network_alpha_mismatch.rule
    found = findings(rule, trained(f"network_dim = 32\nnetwork_alpha = {alpha}"))
    assert severities(rule, found) == expected


def test_an_alpha_that_is_not_set_is_one():
    rule = network_alpha_mismatch.rule
    found = findings(rule, trained("network_dim = 32\nseed = 1"))
    assert texts(rule, found) == [
        "network_alpha is not set and so 1, with network_dim 32: the LoRA acts at 0.031 of its strength"
    ]
    assert findings(rule, trained("seed = 1\nlearning_rate = 1e-4")) == []


@pytest.mark.parametrize(("n", "expected"), [(49, 1), (50, 0)])
def test_a_text_encoder_as_fast_as_the_unet_on_a_small_set_is_found(n, expected):
    options = "unet_lr = 1e-4\ntext_encoder_lr = 1e-4"
    assert len(findings(text_encoder_learning.rule, trained(options, n))) == expected


def test_a_weaker_or_untrained_text_encoder_is_fine():
    rule = text_encoder_learning.rule
    assert findings(rule, trained("unet_lr = 1e-4\ntext_encoder_lr = 5e-5")) == []
    assert findings(rule, trained("learning_rate = 1e-4\nnetwork_train_unet_only = true")) == []
    found = findings(rule, trained("learning_rate = 1e-4\nseed = 1"))
    assert texts(rule, found) == [
        (
            "the text encoder learns at 0.0001, the U-Net at 0.0001, from 20 different pictures: it is bent as hard as "
            "the picture part"
        )
    ]
    assert skips(rule, trained("learning_rate = 1.0\nseed = 1")) == ["the optimizer finds its rates itself"]


def test_sdxl_wants_two_rates():
    rule = text_encoder_learning.rule
    found = findings(rule, trained("unet_lr = 1e-4\ntext_encoder_lr = 5e-5", base_model="sdxl"))
    assert texts(rule, found) == [
        "both text encoders of SDXL learn at the one rate 5e-05: the larger one bends more easily"
    ]
    assert findings(rule, trained("unet_lr = 1e-4\ntext_encoder_lr = [5e-5, 1e-5]", base_model="sdxl")) == []


@pytest.mark.parametrize(("weight", "expected"), [(0.49, 1), (0.5, 0), (2.0, 0), (2.01, 1)])
def test_a_prior_loss_weight_far_from_one_is_found(weight, expected):
    data = trained(f"prior_loss_weight = {weight}\nseed = 1", folders=WITH_REG)
    assert len(findings(prior_loss_weight.rule, data)) == expected


def test_a_prior_loss_weight_without_regularization_images_does_nothing():
    assert skips(prior_loss_weight.rule, trained("prior_loss_weight = 9.0\nseed = 1")) == [
        "there are no regularization images"
    ]


@pytest.mark.parametrize(("epochs", "expected"), [(40, 0), (41, 1)])
def test_images_shown_very_often_are_found(epochs, expected):
    found = findings(over_exposure.rule, trained(f"max_train_epochs = {epochs}\nseed = 1"))
    assert len(found) == expected


def test_exposures_are_told_with_their_reckoning():
    rule = over_exposure.rule
    found = findings(rule, trained("max_train_epochs = 60\nseed = 1"))
    assert texts(rule, found) == [
        "20 of 20 training images are shown more than 400 times, up to 600: 10 per epoch in 60 epochs"
    ]
    assert (found[0].subject.name, found[0].location.line) == ("config2.toml", 1)


def test_steps_are_turned_into_epochs():
    # 20 images, 10 repeats, batches of 1: 200 steps are one epoch.
    assert findings(over_exposure.rule, trained("max_train_steps = 8000\nseed = 1")) == []
    (found,) = findings(over_exposure.rule, trained("max_train_steps = 8200\nseed = 1"))
    assert found.values["epochs"] == 41.0


def test_near_duplicates_are_one_picture():
    config = training_config(FOLDERS, "max_train_epochs = 25\nseed = 1")
    near = [("hat/000.png", "hat/001.png")]
    found = findings(over_exposure.rule, dataset(concept("hat", n=20), near=near, config=config))
    assert [finding.subject.paths[1:] for finding in found] == [("hat/000.png", "hat/001.png")]


def test_a_config_without_a_length_is_not_judged():
    config = training_config(FOLDERS)
    assert skips(over_exposure.rule, dataset(concept("hat", n=20), config=config)) == [
        "the config tells neither epochs nor steps"
    ]


def test_other_trainers_draw_no_fractions():
    assert skips(epoch_fraction_low.rule, trained("seed = 1\nnetwork_dim = 8")) == [
        "this trainer has nothing of the kind"
    ]
