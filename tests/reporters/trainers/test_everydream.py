"""The tree for EveryDream2, judged by the trainer's rules as written down here, not by the product's own."""

import json
import math
import random
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

import pytest
import yaml

from report_testing import context, files, report_of
from rule_testing import concept, dataset, problem
from tagmetry.api import CannotExport, Message, Translator
from tagmetry.columns import codes_of
from tagmetry.dataset import Excluded
from tagmetry.reporters.trainers.everydream import reporter

HERE = PurePosixPath("/data/hats")


def tree(report, **options):
    return files(reporter, report, **options)


def multipliers(report, **options):
    """The text of every multiply.txt, by folder."""
    written = tree(report, **options)
    return {path.rpartition("/")[0] or ".": text for path, text in written.items() if path.endswith("multiply.txt")}


def settings(report, **options):
    return json.loads(tree(report, **options)["train-settings.json"])


def readme(report, **options):
    """The README as one text without line breaks."""
    return " ".join(line.strip() for line in tree(report, **options)["README.txt"].splitlines())


def refusal(report, **options):
    with pytest.raises(CannotExport) as caught:
        tree(report, **options)
    return str(caught.value)


def tags(n, trigger="sks", class_word="cat"):
    return [f"{trigger}, {class_word}, pose {i % 9}, place {i % 7}" for i in range(n)]


def four_concepts(*more, **profile):
    """4, 6, 24 and 60 images: the median exposure is 15, the multipliers are 2, 2, 0.625 and 0.5."""
    profile = {"resolution": 512, **profile}
    return report_of(
        dataset(
            concept("can", captions=tags(4, "abc", "can"), trigger="abc", class_word="can"),
            concept("clock", captions=tags(6, "def", "clock"), trigger="def", class_word="clock"),
            concept("dog", captions=tags(24, "ghi", "dog"), trigger="ghi", class_word="dog"),
            concept("cat", captions=tags(60), trigger="sks", class_word="cat"),
            *more,
            **profile,
        ),
        path=HERE,
    )


def one_concept(*more, captions=None, path=HERE, folder="hat", excluded=(), **profile):
    profile = {"resolution": 512, **profile}
    data = dataset(concept("hat", captions=captions or tags(40), folder=folder), *more, excluded=excluded, **profile)
    return report_of(data, path=path)


def control_file(path):
    return Excluded(path, "trainer-control-file", Message("control or cache file of a trainer"))


# --- the trainer's acceptance rules ------------------------------------------------------------------------------

TRAIN_JSON = {
    "data_root": (str, list),
    "resolution": (int,),
    "batch_size": (int,),
    "cond_dropout": (float,),
    "shuffle_tags": (bool,),
    "validation_config": (type(None),),
}
SIDES = [*range(256, 1153, 64), 1280, 1536]


def assert_accepted(written):
    raw = written["train-settings.json"]
    assert raw.isascii(), "the trainer opens it in the encoding of the system"
    data = json.loads(raw)
    for key, value in data.items():
        assert type(value) in TRAIN_JSON[key], f"{key} = {value!r}"
    roots = data["data_root"] if isinstance(data["data_root"], list) else [data["data_root"]]
    assert roots and all(isinstance(root, str) and root for root in roots)
    if "resolution" in data:
        assert data["resolution"] // 64 * 64 in SIDES
    assert data["validation_config"] is None, "else 15 % of the images are taken away"
    assert 0 <= data.get("cond_dropout", 0) <= 0.26
    folders = [path for path in written if path.endswith("multiply.txt")]
    assert folders
    for path in folders:
        number = float(written[path])
        assert math.isfinite(number)
        assert number > 0, "0 counts as 1, a negative number shrinks the epoch of all others"
        assert written[path].isascii()
        assert path == "multiply.txt" or path.endswith("/multiply.txt")


@pytest.mark.parametrize(
    "report",
    [
        four_concepts(),
        four_concepts(concept("reg", n=30, captions=[None] * 30, role="regularization")),
        four_concepts(caption_style="sentences"),
        four_concepts(purpose="style", batch_size=4),
        four_concepts(resolution=1216),
        one_concept(resolution=None),
        one_concept(captions=[None] * 3),
        one_concept(concept("val", n=4, role="holdout")),
    ],
)
@pytest.mark.parametrize("balance", [True, False])
@pytest.mark.parametrize("randomize", [True, False])
def test_the_trainer_accepts_what_is_written(report, balance, randomize):
    assert_accepted(tree(report, balance=balance, randomize=randomize))


def test_the_whole_tree_of_a_small_set():
    report = report_of(
        dataset(
            concept("lumi", folder="lumi", captions=["lumi, hat", "lumi, coat"], repeats=2, trigger="lumi"),
            concept("girl", folder="reg/girl", captions=[None] * 3, role="regularization"),
            layout="everydream-tree",
            trainer="everydream",
            base_model="sd15",
            resolution=512,
            batch_size=2,
        ),
        path=PurePosixPath("/data/set"),
    )
    assert tree(report) == {
        "README.txt": WHOLE,
        "train-settings.json": json.dumps(
            {
                "data_root": ["/data/set/lumi", "/data/set/reg/girl"],
                "resolution": 512,
                "batch_size": 2,
                "cond_dropout": 0.0,
                "shuffle_tags": True,
                "validation_config": None,
            },
            indent=2,
        )
        + "\n",
        "lumi/multiply.txt": "2\n",
        "reg/girl/multiply.txt": "1\n",
    }


WHOLE = """\
Settings for EveryDream2 by Tagmetry 0.0.0, for the dataset set. Facts about the
trainer: EveryDream2trainer (5098db83).

What this changes against equal exposure (every training image equally often):
  nothing: every training image is shown equally often
  all training images: 4 exposures per epoch (as found 4)

How to get it without:
  the plan leaves the repeats as they were found; --set everydream.balance=false is the
    same
  2 training images
  nothing is balanced: so few images would make a distribution of their own
  without the multiply.txt files every image is shown once per epoch: that is equal
    exposure
  --set everydream.randomize=false leaves the captions as they are

How to use it:
  1. Copy the folders of this tree over the dataset, or over a copy of it: each
    multiply.txt belongs beside the images of its folder and replaces one that lies
    there. It holds for its own folder alone.
  2. Put the keys of train-settings.json into your train.json, in place of those it has;
    the other keys are yours.
  data_root is a list of folders, so that nothing else near them is trained.

Regularization:
  EveryDream2 treats these images like all others, so multiply.txt alone sets their
    exposure: 3 per epoch against 4 of training, 0.75 to 1

Why these settings (train-settings.json):
  cond_dropout 0: the share of captions that are dropped whole; the trainer's own is
    0.04
  shuffle_tags: the first tag stays in front, the others change their order each epoch
  validation_config null: the shipped one takes 15 % of the images out of the training,
    whatever their multipliers

What EveryDream2 cannot say:
  tag dropout of 10 %: the trainer has none; what always comes with the trigger stays
    with it

Look at these before training:
  reg/girl: 3 images have no caption, and the trainer takes the file name up to its
    first _; a local.yaml with main_prompt gives the folder a caption
"""


# --- exposures ---------------------------------------------------------------------------------------------------


def drawn(multiply, epochs, seed=555):
    """How often each image is trained per epoch: whole parts, then walks in a fixed order for the rest."""
    order = list(range(len(multiply)))
    random.Random(seed).shuffle(order)
    size = math.floor(sum(multiply))
    totals = [0] * len(multiply)
    for number in range(epochs):
        generator = random.Random(seed + 1 + number)
        for image, factor in enumerate(multiply):
            totals[image] += int(factor)
        left = {image: multiply[image] - int(multiply[image]) for image in order}
        room = size - sum(int(factor) for factor in multiply)
        while room > 0:
            for image in order:
                if room and generator.random() < left[image]:
                    left[image] = 0
                    totals[image] += 1
                    room -= 1
    return [total / epochs for total in totals]


def means(report, counts, **options):
    """The mean exposures per epoch of the images of each folder in 1000 epochs."""
    written = multipliers(report, **options)
    owners = [folder for folder, n in counts.items() for _ in range(n)]
    rates = drawn([float(written[folder]) for folder in owners], 1000)
    return {
        folder: sum(rate for rate, owner in zip(rates, owners, strict=True) if owner == folder) / n
        for folder, n in counts.items()
    }


def test_multipliers_give_the_planned_exposures_of_four_unlike_concepts():
    report = four_concepts()
    counts = {"can": 4, "clock": 6, "dog": 24, "cat": 60}
    shown = means(report, counts)
    for folder, multiplier in {"can": 2.0, "clock": 2.0, "dog": 15 / 24, "cat": 0.5}.items():
        assert shown[folder] / report.plan.scale == pytest.approx(multiplier, rel=0.05)
    assert multipliers(report) == {"can": "16\n", "clock": "16\n", "dog": "5\n", "cat": "4\n"}


def test_regularization_is_near_to_the_training_exposure_and_not_above():
    report = four_concepts(concept("reg", n=31, captions=[None] * 31, role="regularization"))
    shown = means(report, {"can": 4, "clock": 6, "dog": 24, "cat": 60, "reg": 31})
    reg = 31 * shown.pop("reg")
    train = sum(n * shown[folder] for folder, n in {"can": 4, "clock": 6, "dog": 24, "cat": 60}.items())
    assert train - 31 < reg <= train
    assert f"{reg:.0f} per epoch against {train:.0f} of training" in readme(report)


def test_regularization_of_kohya_folders_is_raised_here_since_this_trainer_does_not_do_it_itself():
    reg = concept("girl", n=10, captions=[None] * 10, role="regularization", folder="reg/1_girl")
    report = four_concepts(reg, trainer="kohya", layout="kohya-folders")
    assert {folder.path: folder.repeats_after for folder in report.plan.folders}["reg/1_girl"] == 1
    assert multipliers(report)["reg/1_girl"] == "52\n"
    assert "520 per epoch against 520 of training, 1 to 1" in readme(report)


def test_more_regularization_than_training_is_said():
    report = one_concept(concept("reg", n=100, captions=[None] * 100, role="regularization"))
    assert multipliers(report)["reg"] == "1\n"
    assert "that is more than the training images get: leave some of them out" in readme(report)
    fewer = one_concept(concept("reg", n=40, captions=[None] * 40, role="regularization"))
    assert "leave some of them out" not in readme(fewer)


def test_a_weight_of_regularization_goes_into_loss_scale():
    reg = concept("reg", n=10, captions=[None] * 10, role="regularization")
    data = dataset(concept("hat", captions=tags(40)), reg, resolution=512)
    assert "reg/loss_scale.txt" not in tree(report_of(data, path=HERE))
    report = report_of(data, path=HERE, balance={"prior_loss_weight": 0.75})
    assert tree(report)["reg/loss_scale.txt"] == "0.75\n"
    assert "hat/loss_scale.txt" not in tree(report)
    assert "loss_scale.txt beside them weighs their loss by 0.75" in readme(report)


def test_without_the_plan_multipliers_are_as_found_fractions_too():
    report = report_of(
        dataset(
            concept("a", captions=tags(60), repeats=2.5),
            concept("b", captions=tags(10), repeats=3),
            concept("r", n=10, repeats=4, role="regularization"),
            resolution=512,
        ),
        path=HERE,
    )
    assert all(text.strip().isdigit() for text in multipliers(report).values())
    assert multipliers(report, balance=False) == {"a": "2.5\n", "b": "3\n", "r": "4\n"}
    shown = means(report, {"a": 60, "b": 10, "r": 10}, balance=False)
    assert shown == pytest.approx({"a": 2.5, "b": 3, "r": 4}, rel=0.01)
    assert "multipliers with a fraction are drawn at random each epoch" in readme(report, balance=False)
    assert "multipliers with a fraction" not in readme(report)


def test_a_multiplier_that_leaves_a_folder_out_is_never_written():
    report = report_of(
        dataset(concept("a", captions=tags(40)), concept("b", captions=tags(3)), resolution=512), path=HERE
    )
    folders = tuple(replace(one, repeats_before=0.0) if one.path == "b" else one for one in report.plan.folders)
    report = replace(report, plan=replace(report.plan, folders=folders))
    assert multipliers(report, balance=False) == {"a": "1\n"}


def test_a_small_set_is_not_balanced_and_the_readme_says_why():
    report = report_of(
        dataset(concept("a", captions=tags(20), repeats=4), concept("b", captions=tags(5), repeats=1), resolution=512),
        path=HERE,
    )
    assert multipliers(report) == {"a": "4\n", "b": "1\n"}
    assert "nothing is balanced: so few images would make a distribution of their own" in readme(report)


def test_what_changes_is_told_against_equal_exposure():
    told = readme(four_concepts())
    assert '"cat": 60 images, 240 exposures per epoch (as found 60), 0.72 times equal exposure' in told
    assert "with the number of epochs divided by 8 that is 65 for each epoch of before" in told
    assert "--set everydream.balance=false writes the repeats as they were found" in told
    assert "these are the repeats as they were found" in readme(four_concepts(), balance=False)


# --- captions ----------------------------------------------------------------------------------------------------


def test_tags_are_shuffled_and_no_caption_is_dropped():
    assert (settings(four_concepts())["shuffle_tags"], settings(four_concepts())["cond_dropout"]) == (True, 0.0)


def test_a_planned_caption_dropout_becomes_cond_dropout():
    data = dataset(concept("hat", captions=tags(40)), resolution=512)
    report = report_of(data, path=HERE, balance={"caption_dropout": 0.05})
    assert settings(report)["cond_dropout"] == 0.05
    assert settings(report, randomize=False)["cond_dropout"] == 0.0


def test_sentences_are_neither_shuffled_nor_dropped():
    report = four_concepts(caption_style="sentences")
    assert settings(report)["shuffle_tags"] is False
    assert settings(report)["cond_dropout"] == 0.0
    assert "shuffle_tags is off: the captions keep their order" in readme(report)
    assert "tag dropout" not in readme(report)


def test_without_randomization_captions_stay():
    assert settings(four_concepts(), randomize=False)["shuffle_tags"] is False
    assert "tag dropout of" not in readme(four_concepts(), randomize=False)


def test_without_captions_nothing_is_set_for_them():
    assert set(settings(one_concept(captions=[None] * 40))) == {"data_root", "resolution", "validation_config"}


def test_kept_tags_beyond_the_first_cannot_be_said():
    assert "2 tags kept in front: only the first one stays" in readme(four_concepts())
    one_kept = one_concept(captions=[f"sks, pose {i % 9}" for i in range(40)])
    assert "kept in front: only" not in readme(one_kept)


@pytest.mark.parametrize("tokens", ["girl", "Wikipe-tan, girl", "女の子 🎩", 'a "b" \\c', "a\nb: [x]\x85\ufeff"])
def test_a_folder_without_captions_gets_one_since_the_trainer_would_take_file_names(tokens):
    reg = concept("reg", n=3, captions=[None] * 3, role="regularization", folder=f"reg/1_{tokens}")
    report = one_concept(reg, layout="kohya-folders")
    assert yaml.safe_load(tree(report)[f"reg/1_{tokens}/local.yaml"]) == {"main_prompt": tokens}
    assert "3 images have no caption; local.yaml gives them" in readme(report)
    assert "hat/local.yaml" not in tree(report)


def test_a_local_file_of_the_dataset_is_not_replaced():
    reg = concept("reg", n=3, captions=[None] * 3, role="regularization", folder="reg/1_girl")
    report = one_concept(reg, layout="kohya-folders", excluded=[control_file("reg/1_girl/local.yml")])
    assert not any(path.endswith("local.yaml") for path in tree(report))
    assert "reg/1_girl: 3 images have no caption, and the trainer takes the file name" in readme(report)


def test_a_folder_with_some_captions_is_left_alone():
    some = concept("dog", captions=[None, "zwx, dog"], trigger="zwx")
    report = one_concept(some)
    assert "dog/local.yaml" not in tree(report)
    assert "dog: 1 image has no caption, and the trainer takes the file name" in readme(report)


def test_captions_that_the_trainer_does_not_find_are_said():
    suffix = report_of(dataset(concept("hat", captions=tags(40), caption_suffix=".TXT"), resolution=512), path=HERE)
    assert "hat: captions that end in .TXT are not read; rename them to .txt" in readme(suffix)
    assert "are not read; rename" not in readme(one_concept())


@pytest.mark.parametrize("manifest", ["metadata.jsonl", "metadata.csv"])
def test_captions_in_a_manifest_are_refused(manifest):
    beside = [f"hat/{manifest}"] * 40
    report = report_of(dataset(concept("hat", captions=tags(40), caption_paths=beside), resolution=512), path=HERE)
    assert "the captions of hat stand in a manifest, and EveryDream2 reads a text file beside" in refusal(report)


# --- settings ----------------------------------------------------------------------------------------------------


def test_what_is_unknown_is_left_out_and_said():
    assert set(settings(one_concept(resolution=None))) & {"resolution", "batch_size"} == set()
    assert "resolution: none is known; name the model with --base-model" in readme(one_concept(resolution=None))
    assert "batch_size: none is known" in readme(one_concept())
    assert settings(one_concept(batch_size=3))["batch_size"] == 3


@pytest.mark.parametrize(("side", "written"), [(255, False), (256, True), (500, True), (1152, True), (1216, False)])
def test_only_resolutions_with_a_table_are_written(side, written):
    report = one_concept(resolution=side)
    assert ("resolution" in settings(report)) == written
    assert (f"resolution: EveryDream2 has no sizes for {side:,} px" in readme(report)) == (not written)


def test_models_that_the_trainer_does_not_know_are_said():
    assert "EveryDream2 trains Stable Diffusion 1 and 2; the profile says sdxl" in readme(
        one_concept(base_model="sdxl")
    )
    assert "the profile says" not in readme(one_concept(base_model="sd15"))


# --- places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        ("/mnt/set/", "/mnt/set/hat"),
        (r"D:\data\my set", "D:/data/my set/hat"),
        ("D:/データ", "D:/データ/hat"),
        (r"\\server\share", "//server/share/hat"),
        ("", "/data/hats/hat"),
    ],
)
def test_another_place_of_the_dataset(root, folder):
    assert settings(one_concept(), root=root)["data_root"] == folder
    assert_accepted(tree(one_concept(), root=root))
    assert "is relative to the folder" not in readme(one_concept(), root=root)


def test_a_relative_place_is_said():
    assert settings(one_concept(), root="input")["data_root"] == "input/hat"
    assert "data_root is relative to the folder in which the training is started." in readme(
        one_concept(), root="input"
    )


def test_a_home_folder_is_refused():
    assert "trainers do not look up ~" in refusal(one_concept(), root="~/set")


def test_a_dataset_on_windows_is_named_with_forward_slashes():
    report = one_concept(path=PureWindowsPath(r"C:\Users\花子\set"))
    assert settings(report)["data_root"] == "C:/Users/花子/set/hat"
    assert "\\u82b1" in tree(report)["train-settings.json"]


def test_the_tree_mirrors_the_folders_with_images_whatever_their_names():
    names = ["5_Wikipe-tan, girl", "10_ナナ 女の子", "it's", "#x [y] {z}", 'say "hi"', "back\\slash", "a\nb"]
    report = report_of(dataset(*(concept(name, n=5) for name in names), resolution=512), path=HERE)
    assert set(multipliers(report)) == set(names)
    assert_accepted(tree(report))
    assert "\nb" not in tree(report)["README.txt"]


def test_images_in_the_datasets_own_folder_have_their_multiplier_at_the_top():
    report = report_of(
        dataset(concept("root", n=2, folder="."), concept("in", n=2, folder="in"), resolution=512), path=HERE
    )
    assert set(multipliers(report)) == {".", "in"}
    assert settings(report)["data_root"] == "/data/hats"


def test_a_folder_inside_another_is_walked_with_it():
    report = report_of(
        dataset(concept("a", n=2), concept("b", n=2, folder="a/b"), concept("ab", n=2), resolution=512), path=HERE
    )
    assert settings(report)["data_root"] == ["/data/hats/a", "/data/hats/ab"]


def test_a_global_file_is_walked_through():
    report = one_concept(
        concept("cap", n=2, folder="train/cap"), folder="train/hat", excluded=[control_file("train/global.yaml")]
    )
    assert settings(report)["data_root"] == "/data/hats/train"
    at_the_top = one_concept(excluded=[control_file("global.yml")])
    assert settings(at_the_top)["data_root"] == "/data/hats"


# --- traps -------------------------------------------------------------------------------------------------------


def test_held_out_folders_are_not_walked():
    report = one_concept(concept("val", n=4, role="holdout"))
    assert settings(report)["data_root"] == "/data/hats/hat"
    assert set(multipliers(report)) == {"hat"}
    assert "lies inside data_root" not in readme(report)


def test_a_held_out_folder_inside_a_trained_one_is_named():
    report = one_concept(concept("val", n=4, role="holdout", folder="hat/val"))
    told = "hat/val is not to be trained and lies inside data_root: move it out, or let its name begin with a dot"
    assert told in readme(report)


def test_a_local_file_that_can_overrule_is_named():
    report = one_concept(excluded=[control_file("hat/local.yaml"), control_file("hat/flip_p.txt")])
    assert "hat/local.yaml: a multiply in it overrules multiply.txt" in readme(report)
    assert "flip_p" not in readme(report)


def test_an_image_of_the_name_of_a_settings_file_is_named():
    data = dataset(concept("hat", names=["multiply.png", "multiply_2.png"]), resolution=512)
    told = readme(report_of(data, path=HERE))
    assert "hat/multiply.png: the trainer takes multiply.txt for its caption; rename the image" in told
    assert "multiply_2" not in told


def test_images_that_the_trainer_does_not_read_are_named_and_not_counted():
    names = ["a.png", "b.tiff", "c.Jpg", "d.avif"]
    report = report_of(dataset(concept("hat", names=names), resolution=512), path=HERE)
    assert "all training images: 2 exposures per epoch (as found 2)" in readme(report)
    assert "hat: 2 images that EveryDream2 does not read (hat/b.tiff, hat/d.avif)" in readme(report)


def test_nothing_that_the_trainer_reads_is_refused():
    report = report_of(dataset(concept("scans", names=["a.tiff"]), resolution=512), path=HERE)
    assert "there is no training image that EveryDream2 reads (it reads .jpg" in refusal(report)


def test_a_folder_of_several_roles_is_refused():
    report = one_concept()
    report = replace(report, images=replace(report.images, role=codes_of(["holdout", *["train"] * 39])))
    assert "the images of hat have several roles (holdout, train)" in refusal(report)


def test_a_folder_of_several_concepts_is_said():
    report = one_concept()
    report = replace(report, images=replace(report.images, concept=codes_of(["cap", *["hat"] * 39])))
    assert "hat holds several concepts (cap, hat), and one multiplier holds for all of them" in readme(report)


def test_caps_on_tags_are_said_to_be_inexpressible():
    report = one_concept(captions=[f"sks, sitting, pose {i % 9}, place {i % 7}" for i in range(40)])
    assert "caps on 2 frequent tags (sitting, sks)" in readme(report)
    assert "caps on" not in readme(report, balance=False)


def test_errors_of_the_audit_are_said_first():
    from tagmetry.rules.files.unreadable_image import rule

    data = dataset(
        concept("hat", captions=tags(40)), resolution=512, problems=[problem("hat/x.png", "unreadable", "truncated")]
    )
    assert "The audit found 1 error in this dataset" in readme(report_of(data, rule, path=HERE))


# --- the tree as a whole -----------------------------------------------------------------------------------------


def test_the_same_report_gives_the_same_files():
    assert tree(four_concepts()) == tree(four_concepts())


def test_the_readme_speaks_the_users_language_and_the_settings_stay_the_same():
    told = replace(context(), translator=Translator("ja", [{"How to use it:": "使い方:"}]))
    report = four_concepts()
    translated = files(reporter, report, told=told)
    assert "\n使い方:\n" in translated.pop("README.txt")
    english = tree(report)
    del english["README.txt"]
    assert translated == english
