"""What is inferred when nobody says it: both sides of each share, and who wins over whom."""

import numpy as np
import pytest

from rule_testing import concept, dataset
from tagmetry.dataset import ConceptInfo
from tagmetry.inference import (
    ConceptRows,
    completed_profile,
    concept_info,
    concept_name_of,
    role_of,
)
from tagmetry.layout import FolderReading, Reading
from tagmetry.profile import DeclaredConcept, Profile, Setting


def inferred(captions, *, trigger_hint=None, class_hint=None, role="train", declared=None):
    data = dataset(concept("hat", captions=list(captions)))
    rows = ConceptRows("hat", role, np.arange(data.n, dtype=np.int64), trigger_hint, class_hint, declared)
    return concept_info(rows, data.captions, data.vocabulary)


def trigger_of(captions, **hints):
    return inferred(captions, **hints).trigger


# --- triggers from captions ---------------------------------------------------------------------------------------


def test_the_tag_that_leads_the_captions_is_the_trigger_with_its_basis():
    info = inferred(["sks, red hat"] * 9 + ["red hat"])
    assert (info.trigger, info.trigger_origin) == ("sks", "inferred")
    assert info.trigger_basis.english() == "first in 90 % of the captions, on 90 % of them, and no general tag"


@pytest.mark.parametrize(("leading", "trigger"), [(8, "sks"), (7, None)])
def test_a_trigger_leads_at_least_80_percent(leading, trigger):
    assert trigger_of(["sks, cap"] * leading + ["cap, sks"] * (10 - leading)) == trigger


@pytest.mark.parametrize(("holding", "trigger"), [(9, "sks"), (8, None)])
def test_a_trigger_is_on_at_least_90_percent(holding, trigger):
    assert trigger_of(["sks, cap"] * holding + ["cap"] * (10 - holding)) == trigger


@pytest.mark.parametrize(("n", "leading"), [(5, 4), (15, 12), (35, 28), (85, 68)])
def test_four_in_five_is_80_percent_whatever_the_number(n, leading):
    captions = ["sks, cap"] * leading + ["cap, sks"] * (n - leading)
    assert trigger_of(captions) == "sks"
    assert trigger_of([*captions[1:], "cap, sks"]) is None


@pytest.mark.parametrize("general", ["1girl", "solo", "Looking_At_Viewer", "smile"])
def test_a_general_tag_is_no_trigger(general):
    assert trigger_of([f"{general}, red hat"] * 10) is None


@pytest.mark.parametrize("quality", ["masterpiece", "best quality", "Best_Quality"])
def test_a_quality_word_is_no_trigger(quality):
    assert trigger_of([f"{quality}, red hat"] * 10) is None


def test_a_trigger_that_stands_behind_a_general_tag_is_not_found_by_its_place():
    assert trigger_of(["1girl, sks, red hat"] * 10) is None


def test_of_two_that_lead_half_each_none_is_the_trigger():
    assert trigger_of(["sks, cap", "ohwx, cap"] * 5) is None


def test_the_trigger_is_named_by_its_most_common_spelling():
    assert trigger_of(["SKS_Hat"] * 3 + ["sks hat"] * 2) == "SKS_Hat"


def test_a_repeated_tag_counts_once():
    assert trigger_of(["sks, sks, sks"] * 8 + ["cap", "sks"]) == "sks"
    assert trigger_of(["sks, sks, sks"] * 8 + ["cap", "cap"]) is None


def test_images_without_a_caption_do_not_count():
    assert trigger_of(["sks, cap"] * 4 + [None] * 20) == "sks"


def test_empty_captions_count_as_captions_without_the_trigger():
    assert trigger_of(["sks, cap"] * 9 + [""]) == "sks"
    assert trigger_of(["sks, cap"] * 8 + ["", ""]) is None


@pytest.mark.parametrize("captions", [[None], [None, None], [""], ["", None], [","]])
def test_without_words_there_is_no_trigger(captions):
    assert trigger_of(captions, trigger_hint="sks") is None


def test_one_image_is_enough():
    assert trigger_of(["sks, cap"]) == "sks"


def test_captions_that_are_equal_count_as_often_as_they_stand():
    assert trigger_of(["sks"] * 9 + ["cap"]) == "sks"
    assert trigger_of(["sks", *["ohwx, sks"] * 9]) == "ohwx"


# --- triggers from folder names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("holding", "trigger"), [(6, "ohwx"), (5, None)])
def test_the_first_word_of_a_folder_needs_60_percent_of_the_captions(holding, trigger):
    captions = ["photo of ohwx dog"] * holding + ["photo of a dog"] * (10 - holding)
    info = inferred(captions, trigger_hint="ohwx")
    assert info.trigger == trigger
    if trigger:
        assert info.trigger_origin == "inferred"
        assert info.trigger_basis.english() == "first word of the folder's name, in 60 % of the captions"


def test_the_folders_word_is_looked_for_as_a_word():
    assert trigger_of(["ohwxdog, cap"] * 5 + ["a, ohwxdog"] * 5, trigger_hint="ohwx") is None


def test_the_place_in_the_captions_comes_before_the_folders_name():
    assert trigger_of(["sks, ohwx"] * 10, trigger_hint="ohwx") == "sks"


# --- what is declared ---------------------------------------------------------------------------------------------


def test_a_declared_trigger_wins_even_if_no_caption_holds_it():
    declared = DeclaredConcept("hat", trigger="zwx", class_word="cap", core_tags=("red brim",))
    info = inferred(["sks, cap"] * 10, trigger_hint="ohwx", class_hint="hat", declared=declared)
    assert info == ConceptInfo(
        "hat",
        "train",
        trigger="zwx",
        trigger_origin="policy",
        class_word="cap",
        class_word_origin="policy",
        core_tags=("red brim",),
        declared=True,
    )


def test_a_declaration_without_words_leaves_them_to_inference():
    info = inferred(["sks, cap"] * 10, class_hint="hat", declared=DeclaredConcept("hat"))
    assert (info.trigger, info.trigger_origin, info.class_word, info.class_word_origin) == (
        "sks",
        "inferred",
        "hat",
        "layout",
    )


def test_only_training_concepts_have_triggers():
    info = inferred(["sks, cap"] * 10, role="regularization", trigger_hint="sks", class_hint="woman")
    assert (info.trigger, info.class_word) == (None, "woman")


def test_without_a_kohya_folder_there_is_no_class_word():
    assert inferred(["sks, cap"]).class_word is None


# --- roles --------------------------------------------------------------------------------------------------------

FOLDER = FolderReading("x", "x")


def role(path, folder=FOLDER, **roles):
    return role_of(path, folder, {name: tuple(patterns) for name, patterns in roles.items()})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.png", "train"),
        ("hat/a.png", "train"),
        ("reg/a.png", "regularization"),
        ("REG/a.png", "regularization"),
        ("Reg_Woman/a.png", "regularization"),
        ("reg_/a.png", "regularization"),
        ("img_reg/1_girl/a.png", "regularization"),
        ("sets/regularization/deep/er/a.png", "regularization"),
        ("Regularisation/a.png", "regularization"),
        ("CLASS_IMAGES/a.png", "regularization"),
        ("reg_\nx/a.png", "regularization"),
        ("val/a.png", "holdout"),
        ("Validation/a.png", "holdout"),
        ("holdout/x/a.png", "holdout"),
        ("preservation/a.png", "preservation"),
        ("regular/a.png", "train"),
        ("register_1/a.png", "train"),
        ("valley/a.png", "train"),
        ("myreg/a.png", "train"),
        ("reg.png", "train"),
        ("reg\n/a.png", "train"),
        ("1_reg/a.png", "train"),
        ("earlier/a.png", "train"),
    ],
)
def test_roles_are_told_by_the_names_of_folders_at_any_level_and_in_any_case(path, found):
    assert role(path) == found


def test_the_uppermost_name_decides():
    assert role("reg/val/a.png") == "regularization"
    assert role("val/reg/a.png") == "holdout"


def test_what_a_layout_says_comes_before_the_names():
    assert role("reg/a.png", FolderReading("reg", "x", role="train")) == "train"
    assert role("hat/a.png", FolderReading("hat", "x", role="preservation")) == "preservation"


def test_what_the_profile_says_comes_before_everything():
    layout_says = FolderReading("reg", "x", role="regularization")
    assert role("reg/a.png", layout_says, train=["reg/**"]) == "train"
    assert role("stage1/a.png", earlier=["stage1/**"]) == "earlier"
    assert role("stage1/a.png", earlier=["stage2/**"]) == "train"


def test_of_several_roles_whose_patterns_fit_the_first_counts():
    assert role("x/a.png", holdout=["x/**"], earlier=["**"]) == "holdout"


# --- concepts -----------------------------------------------------------------------------------------------------


def test_a_concept_is_the_first_that_is_declared_for_the_path_else_the_folders():
    declared = [
        DeclaredConcept("portrait", match=("x/portrait/**",)),
        DeclaredConcept("all", match=("x/**", "y/*.png")),
        DeclaredConcept("words only"),
    ]
    names = {
        path: concept_name_of(path, FOLDER, declared)
        for path in ("x/portrait/a.png", "x/a.png", "y/a.png", "y/z/a.png")
    }
    assert names == {"x/portrait/a.png": "portrait", "x/a.png": "all", "y/a.png": "all", "y/z/a.png": "x"}


# --- the profile --------------------------------------------------------------------------------------------------


def completed(*, trainer=None, style=None, **known):
    profile = dataset(concept("any")).profile
    settings = {
        **profile.settings,
        "caption_style": Setting("auto"),
        **{k: Setting(v, "flag") for k, v in known.items()},
    }
    reading = Reading("kohya-folders", (), (), (), (), (), trainer=trainer)
    found = completed_profile(Profile(settings), reading, style)
    return {
        key: (setting.value, setting.origin, setting.basis.english() if setting.basis else "")
        for key, setting in found.settings.items()
        if key in ("trainer", "resolution", "caption_style", "base_model", "purpose", "batch_size")
    }


def test_nothing_is_inferred_from_nothing():
    assert completed() == {
        "base_model": (None, "default", ""),
        "purpose": (None, "default", ""),
        "trainer": (None, "default", ""),
        "resolution": (None, "default", ""),
        "batch_size": (None, "default", ""),
        "caption_style": ("auto", "default", ""),
    }


def test_the_layout_tells_the_trainer_and_captions_their_style():
    found = completed(trainer="kohya", style="tags")
    assert found["trainer"] == ("kohya", "layout", "the layout kohya-folders is this trainer's")
    assert found["caption_style"] == ("tags", "inferred", "measured on the captions' separators and words")


@pytest.mark.parametrize(("model", "side"), [("sd15", 512), ("sdxl", 1024), ("flux", 1024)])
def test_the_base_model_tells_the_resolution(model, side):
    assert completed(base_model=model)["resolution"] == (side, "inferred", f"usual for the base model {model}")


def test_what_is_said_is_not_inferred():
    found = completed(trainer="kohya", style="tags", base_model="sdxl", resolution=768, caption_style="sentences")
    assert found["resolution"] == (768, "flag", "")
    assert found["caption_style"] == ("sentences", "flag", "")


def test_a_trainer_that_is_said_stays_though_the_layout_is_anothers():
    profile = dataset(concept("any")).profile
    settings = {**profile.settings, "trainer": Setting("everydream", "flag")}
    reading = Reading("kohya-folders", (), (), (), (), (), trainer="kohya")
    found = completed_profile(Profile(settings), reading, None)
    assert (found.trainer, found.settings["trainer"].origin) == ("everydream", "flag")
