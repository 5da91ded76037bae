"""The trainers by name, and what they have in common."""

import numpy as np
import pytest

from tagmetry.profile import TRAINERS as NAMES
from tagmetry.trainers import CONTROL_FILES, TRAINERS, everydream, is_control_file, kohya, trainer


def test_trainers_are_found_by_name():
    assert trainer("kohya") is kohya
    assert trainer("everydream") is everydream


def test_a_trainer_that_is_not_modelled_is_a_key_error():
    with pytest.raises(KeyError):
        trainer("nobody")


def test_names_are_those_of_the_profile():
    assert set(TRAINERS) <= set(NAMES)
    assert [module.TRAINER for module in TRAINERS.values()] == list(TRAINERS)


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_every_trainer_trains_each_image_once_where_nothing_is_repeated(name):
    module = trainer(name)
    assert module.exposures(np.ones(5), np.zeros(5, dtype=bool)).tolist() == [1.0] * 5
    assert module.legal_repeats(1)
    assert not module.legal_repeats(0)
    assert not module.legal_repeats(-1)


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_every_trainer_reads_its_own_suffixes(name):
    module = trainer(name)
    assert all(module.reads_image("a" + suffix) for suffix in module.IMAGE_SUFFIXES)
    assert not any(module.reads_image("a" + suffix) for suffix in module.CAPTION_SUFFIXES)
    assert module.VERSION


@pytest.mark.parametrize(
    "name",
    [
        "multiply.txt", "cond_dropout.txt", "flip_p.txt", "batch_id.txt", "loss_scale.txt", "shuffle_tags.txt",
        "global.yaml", "global.yml", "local.yaml", "local.yml", "metadata_cache.json", ".aitk_size.json",
        "dog_0512x0512_sd.npz", "dog_te_outputs.npz",
    ],
)  # fmt: skip
def test_control_files_are_known(name):
    assert is_control_file(name)


@pytest.mark.parametrize("name", ["dog.txt", "Multiply.txt", "multiply.txt.txt", "dog.yaml", "metadata.jsonl"])
def test_captions_and_near_names_are_no_control_files(name):
    assert not is_control_file(name)


def test_control_files_are_sorted():
    assert list(CONTROL_FILES) == sorted(CONTROL_FILES)
