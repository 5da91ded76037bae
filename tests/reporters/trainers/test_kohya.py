"""The dataset config for sd-scripts, judged by the trainer's rules as written down here, not by the product's own."""

import os
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from report_testing import context, files, report_of
from rule_testing import concept, dataset, problem
from tagmetry.api import CannotExport, Translator
from tagmetry.columns import codes_of
from tagmetry.reporters.trainers.kohya import reporter

HERE = PurePosixPath("/data/hats")


def config_text(report, **options):
    return files(reporter, report, **options)[""]


def config(report, **options):
    return tomllib.loads(config_text(report, **options))


def subsets(report, **options):
    return config(report, **options)["datasets"][0]["subsets"]


def comments(report, **options):
    """The comments as one text without line breaks."""
    lines = [line[1:].strip() for line in config_text(report, **options).splitlines() if line.startswith("#")]
    return " ".join(lines)


def refusal(report, **options):
    with pytest.raises(CannotExport) as caught:
        files(reporter, report, **options)
    return str(caught.value)


def tags(n, trigger="sks", class_word="cat"):
    return [f"{trigger}, {class_word}, pose {i % 9}, place {i % 7}" for i in range(n)]


def four_concepts(*more, **profile):
    """4, 6, 24 and 60 images: the median exposure is 15, the multipliers are 2, 2, 0.625 and 0.5."""
    profile = {"resolution": 1024, **profile}
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


def one_concept(*more, captions=None, path=HERE, **profile):
    profile = {"resolution": 1024, **profile}
    return report_of(dataset(concept("hat", captions=captions or tags(40)), *more, **profile), path=path)


# --- the trainer's acceptance rules, from its schema -------------------------------------------------------------

INT, BOOL, STR, NUMBER, FLOAT = (int,), (bool,), (str,), (int, float), (float,)

UPPER = {
    "batch_size": INT,
    "bucket_no_upscale": BOOL,
    "bucket_reso_steps": INT,
    "enable_bucket": BOOL,
    "max_bucket_reso": INT,
    "min_bucket_reso": INT,
    "network_multiplier": FLOAT,
    "resize_interpolation": STR,
    "validation_seed": INT,
    "validation_split": FLOAT,
}
ANYWHERE = {
    "num_repeats": INT,
    "shuffle_caption": BOOL,
    "enable_wildcard": BOOL,
    "color_aug": BOOL,
    "flip_aug": BOOL,
    "random_crop": BOOL,
    "caption_separator": STR,
    "keep_tokens": INT,
    "keep_tokens_separator": STR,
    "secondary_separator": STR,
    "caption_prefix": STR,
    "caption_suffix": STR,
    "token_warmup_min": INT,
    "token_warmup_step": NUMBER,
    "caption_dropout_rate": NUMBER,
    "caption_tag_dropout_rate": NUMBER,
    "caption_dropout_every_n_epochs": INT,
    "caption_extension": STR,
    "class_tokens": STR,
    "cache_info": BOOL,
}
ONLY_SUBSET = {"image_dir": STR, "is_reg": BOOL, "alpha_mask": BOOL}


def assert_accepted(text):
    """What stops sd-scripts: unknown keys, wrong types, no resolution, limits of buckets that do not hold it."""
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    data = tomllib.loads(text)
    assert set(data) == {"general", "datasets"}
    _keys(data["general"], UPPER | ANYWHERE)
    assert data["datasets"], "nothing to train on"
    for one in data["datasets"]:
        assert {"resolution", "subsets"} <= set(one)
        _keys({key: value for key, value in one.items() if key not in ("resolution", "subsets")}, UPPER | ANYWHERE)
        assert type(one["resolution"]) is int
        assert one["enable_bucket"] is True
        steps, side = one["bucket_reso_steps"], one["resolution"]
        assert steps % 64 == 0, "some training scripts take multiples of 64 only"
        least, most = one["min_bucket_reso"], one["max_bucket_reso"]
        assert steps <= least - least % steps <= side <= most, "the trainer asserts this"
        assert one["batch_size"] >= 1
        folders = [subset["image_dir"] for subset in one["subsets"]]
        assert len(set(folders)) == len(folders), "the later one would be passed over"
        for subset in one["subsets"]:
            _keys(subset, ANYWHERE | ONLY_SUBSET)
            assert subset["num_repeats"] >= 1, "the subset would be passed over"
        assert any(not subset.get("is_reg") for subset in one["subsets"])
    _old_reader(text)


def _keys(table, allowed):
    for key, value in table.items():
        assert key in allowed, f"extra key {key}"
        # bool is an int for the trainer; it is none that anybody means.
        assert type(value) in allowed[key], f"{key} = {value!r}"


def _old_reader(text):
    """The trainer's reader of TOML: known escapes only, no inline tables of subsets, one kind of value per list."""
    for line in text.splitlines():
        if line.startswith("#") or not line or line.startswith("["):
            continue
        key, value = re.fullmatch(r"([a-z_]+) = (.*)", line).groups()
        assert not value.startswith(("{", "[", "'")), f"{key}: strings stand in double quotes, nothing inline"
        for escape in re.findall(r"\\(.)", value.replace(r"\\", "")):
            assert escape in 'bfnrtuU"', f"{key}: the escape \\{escape}"


@pytest.mark.parametrize(
    "report",
    [
        four_concepts(),
        four_concepts(concept("reg", n=30, captions=[None] * 30, role="regularization")),
        four_concepts(caption_style="sentences"),
        four_concepts(purpose="style", batch_size=4),
        one_concept(),
        one_concept(captions=[None] * 3),
        one_concept(concept("val", n=4, role="holdout")),
    ],
)
@pytest.mark.parametrize("balance", [True, False])
@pytest.mark.parametrize("randomize", [True, False])
@pytest.mark.parametrize("resolution", [64, 100, 256, 500, 512, 1024, 1536, 8192])
def test_the_trainer_accepts_what_is_written(report, balance, randomize, resolution):
    assert_accepted(config_text(report, balance=balance, randomize=randomize, resolution=resolution))


def test_the_whole_file_of_a_small_set():
    report = report_of(
        dataset(
            concept("lumi", folder="2_lumi girl", captions=["lumi, girl, hat", "lumi, girl, coat"], repeats=2,
                    trigger="lumi", class_word="girl"),
            concept("girl", folder="1_girl", captions=[None] * 3, role="regularization"),
            layout="kohya-folders",
            trainer="kohya",
            base_model="sd15",
            resolution=512,
            batch_size=2,
        ),
        path=PurePosixPath("/data/lumi"),
    )  # fmt: skip
    assert config_text(report) == WHOLE


WHOLE = """\
# Dataset config for kohya's sd-scripts by Tagmetry 0.0.0, for the dataset lumi. Give it to the
# training command as --dataset_config. Facts about the trainer: sd-scripts 0.10.1 (48d368fa).
#
# What this changes against equal exposure (every training image equally often):
#   nothing: every training image is shown equally often
#   all training images: 4 exposures per epoch (as found 4)
#
# How to get it without:
#   the plan leaves the repeats as they were found; --set kohya.balance=false is the same
#   2 training images
#   nothing is balanced: so few images would make a distribution of their own
#   --set kohya.randomize=false leaves the captions as they are
#
# Regularization:
#   sd-scripts shows these images as often as all training images together (4 per epoch), whatever
#     num_repeats says; an epoch takes twice the steps for it
#   each is shown 1 to 2 times per epoch
#
# For the training command; these may not stand in a dataset config:
#   --prior_loss_weight=1
#   1 is the trainer's own; less where regularization holds the concept back
#   leave out --cache_text_encoder_outputs (and _to_disk): shuffle and dropout change the captions,
#     and the trainer stops on both together; --set kohya.randomize=false chooses the cache instead

# shuffle_caption: a fixed order is learned as such
# keep_tokens: the trigger and class word stay in front, where shuffle and dropout leave them alone
# caption_tag_dropout_rate: no tag is then always there; for a style up to 20 %
# caption_dropout_rate: 0; 0.02 to 0.05 only where short prompts fail
[general]
caption_extension = ".txt"
shuffle_caption = true
keep_tokens = 2
caption_tag_dropout_rate = 0.1
caption_dropout_rate = 0.0

[[datasets]]
resolution = 512
batch_size = 2
enable_bucket = true
min_bucket_reso = 256
max_bucket_reso = 1024
bucket_reso_steps = 64

# "lumi": 2 images x 2 = 4 exposures per epoch
[[datasets.subsets]]
image_dir = "/data/lumi/2_lumi girl"
num_repeats = 2
class_tokens = "lumi girl"

# regularization "girl": 3 images
# 3 images have no caption: class_tokens stands in where no caption file is
[[datasets.subsets]]
image_dir = "/data/lumi/1_girl"
num_repeats = 1
class_tokens = "girl"
is_reg = true
"""


# --- exposures ---------------------------------------------------------------------------------------------------


def simulated_epoch(text, counts):
    """How often each image is trained in one epoch, by folder: repeats, then regularization until it is even."""
    [one] = tomllib.loads(text)["datasets"]
    shown = {subset["image_dir"]: [subset["num_repeats"]] * counts[subset["image_dir"]] for subset in one["subsets"]}
    reg = [subset["image_dir"] for subset in one["subsets"] if subset.get("is_reg")]
    wanted = sum(sum(times) for folder, times in shown.items() if folder not in reg)
    waiting = [(folder, image) for folder in reg for image in range(len(shown[folder]))]
    repeats = {place: shown[place[0]][place[1]] for place in waiting}
    n, first, drawn = 0, True, dict.fromkeys(waiting, 0)
    while waiting and n < wanted:
        for place in waiting:
            if first:
                drawn[place] = repeats[place]
                n += repeats[place]
            else:
                drawn[place] += 1
                n += 1
            if n >= wanted:
                break
        first = False
    for folder in reg:
        shown[folder] = [drawn[folder, image] for image in range(len(shown[folder]))]
    return shown


def test_repeats_give_the_planned_exposures_of_four_unlike_concepts():
    report = four_concepts()
    counts = {"/data/hats/can": 4, "/data/hats/clock": 6, "/data/hats/dog": 24, "/data/hats/cat": 60}
    shown = simulated_epoch(config_text(report), counts)
    wanted = {"can": 2.0, "clock": 2.0, "dog": 15 / 24, "cat": 0.5}
    scale = report.plan.scale
    for name, multiplier in wanted.items():
        times = shown[f"/data/hats/{name}"]
        assert len(set(times)) == 1
        assert times[0] / scale == pytest.approx(multiplier, rel=0.05)


def test_rounding_beyond_half_a_percent_is_stated():
    # Exposures 135, 20 and 22 towards 22: 0.5, 1.1 and 1 times the repeats, without a longer epoch.
    report = report_of(
        dataset(
            concept("a", captions=tags(45), repeats=3),
            concept("b", captions=tags(10), repeats=2),
            concept("c", captions=tags(11), repeats=2),
            resolution=512,
        ),
        path=HERE,
        balance={"largest_scale": 1},
    )
    residuals = {one.name: one.residual for one in report.plan.concepts}
    assert max(map(abs, residuals.values())) > 0.05
    told = comments(report)
    for name, residual in residuals.items():
        assert (f'rounding: "{name}"' in told) == (abs(residual) >= 0.005)


def test_regularization_is_as_often_as_training_and_the_comment_says_how_often():
    report = four_concepts(concept("reg", n=31, captions=[None] * 31, role="regularization"))
    counts = {"can": 4, "clock": 6, "dog": 24, "cat": 60, "reg": 31}
    counts = {f"/data/hats/{name}": n for name, n in counts.items()}
    shown = simulated_epoch(config_text(report), counts)
    reg = shown.pop("/data/hats/reg")
    assert sum(reg) == sum(map(sum, shown.values()))
    assert f"each is shown {min(reg)} to {max(reg)} times per epoch" in comments(report)
    assert subsets(report)[-1] == {"image_dir": "/data/hats/reg", "num_repeats": 1, "is_reg": True}


def test_surplus_regularization_images_are_counted():
    report = one_concept(concept("reg", n=100, captions=[None] * 100, role="regularization"))
    shown = simulated_epoch(config_text(report), {"/data/hats/hat": 40, "/data/hats/reg": 100})
    assert sum(shown["/data/hats/reg"]) == 40
    assert "of 100 images only the first 40 are used" in comments(report)


def test_without_the_plan_repeats_are_as_found():
    report = report_of(
        dataset(
            concept("a", captions=tags(60), repeats=5),
            concept("b", captions=tags(10), repeats=3),
            concept("r", n=10, repeats=4, role="regularization"),
            resolution=512,
        ),
        path=HERE,
    )
    assert [one["num_repeats"] for one in subsets(report)] != [5, 3, 4]
    assert [one["num_repeats"] for one in subsets(report, balance=False)] == [5, 3, 4]
    assert "--set kohya.balance=false writes the repeats as they were found" in comments(report)
    assert "these are the repeats as they were found" in comments(report, balance=False)


def test_fractions_as_found_become_whole_numbers_of_a_longer_epoch():
    report = report_of(
        dataset(concept("a", captions=tags(20), repeats=0.5), concept("b", captions=tags(20)), resolution=512),
        path=HERE,
    )
    assert [one["num_repeats"] for one in subsets(report, balance=False)] == [1, 2]
    assert "divide the number of epochs by 2" in comments(report, balance=False)


def test_a_folder_that_its_repeats_leave_out_is_no_subset():
    report = report_of(
        dataset(concept("a", captions=tags(40)), concept("b", captions=tags(3)), resolution=512), path=HERE
    )
    folders = tuple(replace(one, repeats_before=0.0) if one.path == "b" else one for one in report.plan.folders)
    report = replace(report, plan=replace(report.plan, folders=folders))
    assert [one["image_dir"] for one in subsets(report, balance=False)] == ["/data/hats/a"]
    assert "b: its repeats say that it is left out" in comments(report, balance=False)


def test_a_small_set_is_not_balanced_and_the_head_says_why():
    report = report_of(
        dataset(concept("a", captions=tags(20), repeats=4), concept("b", captions=tags(5), repeats=1), resolution=512),
        path=HERE,
    )
    assert [one["num_repeats"] for one in subsets(report)] == [4, 1]
    assert "nothing is balanced: so few images would make a distribution of their own" in comments(report)
    assert '"b": 5 images, 5 exposures per epoch (as found 5), 0.29 times equal exposure' in comments(report)


def test_what_changes_is_told_against_equal_exposure():
    told = comments(four_concepts())
    assert '"cat": 60 images, 240 exposures per epoch (as found 60), 0.72 times equal exposure' in told
    assert '"can": 4 images, 64 exposures per epoch (as found 4), 2.89 times equal exposure' in told
    assert "num_repeats = 1 in every subset is equal exposure" in told
    assert "one epoch is now 8 times as long: divide the number of epochs by 8" in told
    assert "repeats are raised without regularization images" in told


def test_a_hundred_concepts_are_not_all_told():
    many = [concept(f"c{i:03d}", captions=tags(2 + i % 9)) for i in range(100)]
    report = report_of(dataset(*many, resolution=512), path=HERE)
    assert "… and 60 more concepts" in comments(report)
    assert len(subsets(report)) == 100


# --- captions ----------------------------------------------------------------------------------------------------

RANDOMIZATION = ("shuffle_caption", "caption_tag_dropout_rate", "caption_dropout_rate", "token_warmup_step")


def test_tags_are_shuffled_behind_the_kept_ones():
    general = config(four_concepts())["general"]
    assert general == {
        "caption_extension": ".txt",
        "shuffle_caption": True,
        "keep_tokens": 2,
        "caption_tag_dropout_rate": 0.1,
        "caption_dropout_rate": 0.0,
    }


def test_sentences_are_neither_shuffled_nor_dropped():
    report = four_concepts(caption_style="sentences")
    general = config(report)["general"]
    assert not any(general.get(key) for key in RANDOMIZATION)
    assert general["shuffle_caption"] is False
    assert "sentences lose their meaning" in comments(report)


@pytest.mark.parametrize("style", ["tags", "sentences"])
@pytest.mark.parametrize("randomize", [True, False])
def test_a_cache_of_the_text_encoder_is_never_offered_beside_randomization(style, randomize):
    report = four_concepts(caption_style=style)
    randomized = any(config(report, randomize=randomize)["general"].get(key) for key in RANDOMIZATION)
    told = comments(report, randomize=randomize)
    assert ("leave out --cache_text_encoder_outputs" in told) == randomized
    assert ("--cache_text_encoder_outputs may be given" in told) == (not randomized)
    assert "cache_text_encoder_outputs =" not in config_text(report, randomize=randomize)


def test_without_captions_nothing_is_said_of_them_and_the_extension_is_written_all_the_same():
    report = one_concept(captions=[None] * 40)
    assert config(report)["general"] == {"caption_extension": ".txt"}
    assert "40 images have no caption and are trained without words" in comments(report)


def test_the_extension_is_the_one_found():
    captions = concept("hat", captions=tags(40), caption_suffix=".caption")
    report = report_of(dataset(captions, resolution=512), path=HERE)
    assert config(report)["general"]["caption_extension"] == ".caption"
    assert "caption_extension" not in subsets(report)[0]


def test_a_folder_with_another_extension_says_so_itself():
    report = report_of(
        dataset(
            concept("a", captions=tags(10), caption_suffix=".caption"), concept("b", captions=tags(20)), resolution=512
        ),
        path=HERE,
    )
    assert config(report)["general"]["caption_extension"] == ".txt"
    assert [one.get("caption_extension") for one in subsets(report)] == [".caption", None]


def test_two_extensions_in_one_folder_are_refused():
    mixed = [f"hat/{i:03d}.{'txt' if i % 2 else 'caption'}" for i in range(40)]
    report = report_of(dataset(concept("hat", captions=tags(40), caption_paths=mixed), resolution=512), path=HERE)
    assert refusal(report).startswith("the captions of hat end in .caption, .txt, and sd-scripts reads one extension")


@pytest.mark.parametrize("manifest", ["metadata.jsonl", "metadata.csv"])
def test_captions_in_a_manifest_are_refused(manifest):
    beside = [f"hat/{manifest}"] * 40
    report = report_of(dataset(concept("hat", captions=tags(40), caption_paths=beside), resolution=512), path=HERE)
    assert "the captions of hat stand in a manifest" in refusal(report)
    assert "write each caption to a .txt file" in refusal(report)


def class_tokens(*, layout="plain-folders", **parts):
    report = report_of(dataset(concept(**{"name": "x", **parts}), layout=layout, resolution=512), path=HERE)
    return subsets(report)[0].get("class_tokens")


def test_class_tokens_are_trigger_and_class_word():
    assert class_tokens(trigger="sks", class_word="cat") == "sks cat"
    assert class_tokens(trigger="sks") == "sks"
    assert class_tokens(class_word="cat") == "cat"


def test_a_trigger_that_ends_with_the_class_word_is_enough():
    assert class_tokens(trigger="sks cat", class_word="cat") == "sks cat"


def test_class_tokens_else_come_from_a_kohya_folder():
    assert class_tokens(folder="img/5_Wikipe-tan, girl", layout="kohya-folders") == "Wikipe-tan, girl"
    assert class_tokens(folder="img/5_Wikipe-tan, girl") is None
    assert class_tokens(folder="img/5", layout="kohya-folders") is None


@pytest.mark.parametrize(("longest", "flag"), [(75, None), (76, 150), (150, 150), (151, 225), (225, 225)])
def test_longer_captions_are_the_commands_to_allow(longest, flag):
    told = comments(one_concept(max_token_length=longest))
    assert ("--max_token_length" in told) == (flag is not None)
    assert flag is None or f"--max_token_length={flag}" in told


def test_protected_words_that_dropout_can_hit_are_named():
    captions = [f"sks, red eyes, pose {i % 9}" for i in range(40)]
    report = report_of(
        dataset(concept("hat", captions=captions, trigger="sks", core_tags=["red eyes"]), resolution=512), path=HERE
    )
    told = "protected words (red eyes): dropout spares the first 1 tag of a caption and no others"
    assert told in comments(report)
    assert "protected words" not in comments(report, randomize=False)


# --- resolution, batches, buckets --------------------------------------------------------------------------------


def test_without_a_resolution_the_way_out_is_said():
    text = refusal(one_concept(resolution=None))
    assert "--base-model" in text
    assert "--set kohya.resolution=1024" in text


def test_the_option_beats_the_profile():
    assert config(one_concept(resolution=512))["datasets"][0]["resolution"] == 512
    assert config(one_concept(resolution=512), resolution="768")["datasets"][0]["resolution"] == 768
    assert config(one_concept(resolution=None), resolution=1024)["datasets"][0]["resolution"] == 1024


@pytest.mark.parametrize(
    ("side", "least", "most"),
    [(64, 64, 128), (100, 64, 256), (255, 192, 512), (256, 256, 512), (500, 256, 1024), (1024, 256, 2048)],
)
def test_buckets_may_be_twice_as_wide_as_the_resolution(side, least, most):
    [one] = config(one_concept(resolution=side))["datasets"]
    assert (one["min_bucket_reso"], one["max_bucket_reso"], one["bucket_reso_steps"]) == (least, most, 64)


def test_a_resolution_off_the_steps_is_said():
    assert "resolution: 500 px is no multiple of 64" in comments(one_concept(resolution=500))
    assert "is no multiple of" not in comments(one_concept(resolution=512))


def test_the_batch_size_is_the_options_the_profiles_or_one():
    assert config(one_concept(), batch_size=3)["datasets"][0]["batch_size"] == 3
    assert config(one_concept(batch_size=4))["datasets"][0]["batch_size"] == 4
    assert "none is known" not in comments(one_concept(batch_size=4))
    assert config(one_concept())["datasets"][0]["batch_size"] == 1
    assert "batch_size: none is known, so this is 1; --set kohya.batch_size= sets it" in comments(one_concept())


# --- places ------------------------------------------------------------------------------------------------------

NAMES = [
    "5_Wikipe-tan, girl",
    "10_ナナ 女の子",
    "1_it's",
    "1_#hash [x] {y}",
    "1_100% = \u00e9\u0301",
    " 1_blank ",
    "1_🎩",
]
NOT_ON_WINDOWS = ['1_say "hi"', "1_back\\slash", "1_a\nb\t[general]", "1_\\u0041"]


@pytest.mark.parametrize("name", NAMES + ([] if sys.platform == "win32" else NOT_ON_WINDOWS))
def test_the_trainer_finds_the_folder_whatever_its_name(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "000.png").write_bytes(b"")
    report = report_of(dataset(concept(name, n=1), resolution=512), path=tmp_path)
    text = config_text(report)
    assert_accepted(text)
    [subset] = tomllib.loads(text)["datasets"][0]["subsets"]
    assert os.listdir(subset["image_dir"]) == ["000.png"]
    assert os.path.isabs(subset["image_dir"])


def test_folders_inside_folders_are_subsets_of_their_own():
    report = report_of(
        dataset(
            concept("outer", n=3, folder="a"),
            concept("inner", n=2, folder="a/b"),
            concept("root", n=2, folder="."),
            resolution=512,
        ),
        path=HERE,
    )
    assert sorted(one["image_dir"] for one in subsets(report)) == ["/data/hats", "/data/hats/a", "/data/hats/a/b"]


@pytest.mark.parametrize(
    ("root", "folder"),
    [
        ("/mnt/set", "/mnt/set/hat"),
        ("/mnt/set/", "/mnt/set/hat"),
        ("/", "/hat"),
        (r"D:\data\my set", "D:/data/my set/hat"),
        ("D:\\", "D:/hat"),
        ("D:/データ", "D:/データ/hat"),
        (r"\\server\share\set", "//server/share/set/hat"),
        ("set", "set/hat"),
        ("", "/data/hats/hat"),
    ],
)
def test_another_place_of_the_dataset(root, folder):
    assert subsets(one_concept(), root=root)[0]["image_dir"] == folder
    assert_accepted(config_text(one_concept(), root=root))


def test_a_dataset_on_windows_is_named_with_forward_slashes():
    report = one_concept(path=PureWindowsPath(r"C:\Users\花子\set"))
    assert subsets(report)[0]["image_dir"] == "C:/Users/花子/set/hat"
    assert '"C:/Users/花子/set/hat"' in config_text(report)


def test_a_home_folder_is_refused():
    assert "trainers do not look up ~" in refusal(one_concept(), root="~/set")


def test_a_name_that_is_no_unicode_is_refused_with_the_way_out():
    assert refusal(one_concept(path=PurePosixPath("/data/caf\udce9"))) == (
        "the name of hat or of a folder above it is not valid Unicode, so no config can name it; "
        "rename the folder, or give another place with --set kohya.root="
    )


def test_names_that_the_old_reader_misreads_are_refused():
    assert "begins with quotation marks" in refusal(one_concept(), root='""/set')
    clash = report_of(dataset(concept("hat", n=2, folder="\\u0041\x01"), resolution=512), path=HERE)
    assert "has a control character and a back-slash before u" in refusal(clash)


def test_folders_that_windows_cannot_tell_apart_are_refused():
    report = report_of(dataset(concept("A", n=2), concept("a", n=2), resolution=512), path=HERE)
    assert len(subsets(report)) == 2
    assert "differs from another folder only in its case" in refusal(report, root=r"D:\set")


def test_names_cannot_break_out_of_the_comments():
    bad = 'x\n[general]\ncaption_extension = ".evil"\r\u2028#\x00'
    report = report_of(
        dataset(concept(bad, n=2, folder="a"), concept("v", n=2, folder="v\n[x]", role="holdout"), resolution=512),
        path=PurePosixPath("/data/ha\nts"),
    )
    text = config_text(report)
    assert_accepted(text)
    assert tomllib.loads(text)["general"]["caption_extension"] == ".txt"
    assert ".evil" in comments(report)


# --- what is left out, and what cannot be said -------------------------------------------------------------------


def test_held_out_folders_are_left_out_and_named():
    report = one_concept(concept("val", n=4, role="holdout"))
    assert [one["image_dir"] for one in subsets(report)] == ["/data/hats/hat"]
    assert "val: 4 images with the role holdout" in comments(report)


def test_preservation_images_are_mixed_in_at_the_share_of_the_plan():
    report = one_concept(concept("keep", n=8, role="preservation"))
    # 40 training images, a quarter of their exposure: 10, which once each of 8 images comes nearest to.
    assert [(one["image_dir"], one["num_repeats"]) for one in subsets(report)] == [
        ("/data/hats/hat", 1),
        ("/data/hats/keep", 1),
    ]
    assert "8 preservation images are mixed in: 8 exposures per epoch, 20 % of the training images'" in comments(report)
    assert 'preservation "keep": 8 images' in comments(report)


def test_a_preservation_folder_that_is_too_large_for_whole_repeats_is_left_out_and_said():
    report = one_concept(concept("keep", n=100, role="preservation"))
    assert [one["image_dir"] for one in subsets(report)] == ["/data/hats/hat"]
    assert (
        "keep: its 100 preservation images would be too many per epoch; put 10 of them into a folder of their own"
        in comments(report)
    )
    assert "keep: 100 images with the role preservation" in comments(report)


def test_repeats_as_found_leave_preservation_images_out():
    report = one_concept(concept("keep", n=8, role="preservation"))
    assert [one["image_dir"] for one in subsets(report, balance=False)] == ["/data/hats/hat"]


def test_a_folder_of_several_roles_is_refused():
    report = one_concept()
    roles = codes_of(["holdout", *["train"] * 39])
    report = replace(report, images=replace(report.images, role=roles))
    assert refusal(report) == (
        "the images of hat have several roles (holdout, train), and the trainer takes a folder as a whole; "
        "move the images of each role to a folder of their own"
    )


def test_a_folder_of_several_concepts_is_said():
    report = one_concept()
    names = codes_of(["cap", *["hat"] * 39])
    report = replace(report, images=replace(report.images, concept=names))
    assert "hat holds several concepts (cap, hat), and one number of repeats holds for all" in comments(report)


def test_images_that_the_trainer_does_not_read_are_named_and_not_counted():
    names = ["a.png", "b.tiff", "c.Jpg", "d.JPG", "e.gif", "f.jpg"]
    report = report_of(dataset(concept("hat", names=names), resolution=512), path=HERE)
    assert '"hat": 3 images x 1 = 3 exposures per epoch' in comments(report)
    assert "hat: 3 images that sd-scripts does not read (hat/b.tiff, hat/c.Jpg, hat/e.gif)" in comments(report)
    # Windows does not look at the case.
    assert "hat: 2 images that sd-scripts does not read (hat/b.tiff, hat/e.gif)" in comments(report, root="D:/set")


def test_a_folder_without_a_readable_image_is_no_subset():
    report = one_concept(concept("scans", names=["a.tiff", "b.tiff"]))
    assert [one["image_dir"] for one in subsets(report)] == ["/data/hats/hat"]
    assert "scans: 2 images that sd-scripts does not read" in comments(report)


def test_nothing_that_the_trainer_reads_is_refused():
    report = report_of(dataset(concept("scans", names=["a.tiff"]), resolution=512), path=HERE)
    assert "there is no training image that sd-scripts reads (it reads .png, .jpg" in refusal(report)
    only_reg = report_of(dataset(concept("reg", n=3, role="regularization"), resolution=512), path=HERE)
    assert "there is no training image" in refusal(only_reg)


def test_caps_on_tags_are_said_to_be_inexpressible():
    captions = [f"sks, sitting, pose {i % 9}, place {i % 7}" for i in range(40)]
    report = one_concept(captions=captions)
    assert [tag.tag for tag in report.plan.tags] == ["sitting", "sks"]
    assert "caps on 2 frequent tags (sitting, sks): tag dropout for all tags is the nearest" in comments(report)
    assert "caps on" not in comments(report, balance=False)


def test_errors_of_the_audit_are_said_first():
    from tagmetry.rules.files.unreadable_image import rule

    data = dataset(
        concept("hat", captions=tags(40)), resolution=512, problems=[problem("hat/x.png", "unreadable", "truncated")]
    )
    report = report_of(data, rule, path=HERE)
    assert report.summary.error == 1
    assert "The audit found 1 error in this dataset: solve it before training (tagmetry check)." in comments(report)
    assert "The audit found" not in comments(one_concept())


# --- the file as a whole -----------------------------------------------------------------------------------------


def test_the_same_report_gives_the_same_bytes():
    assert config_text(four_concepts()) == config_text(four_concepts())


def test_explanations_speak_the_users_language_and_the_config_stays_the_same():
    catalogue = {
        "How to get it without:": "使わない場合:\n[general]",
        "a fixed order is learned as such": "順番も\n学習されます",
    }
    told = replace(context(), translator=Translator("ja", [catalogue]))
    report = four_concepts()
    text = files(reporter, report, told=told)[""]
    assert "# 使わない場合: [general]\n" in text
    assert "# shuffle_caption: 順番も 学習されます\n" in text
    assert_accepted(text)
    assert tomllib.loads(text) == config(report)


def test_no_line_ends_in_blanks_and_the_file_ends_with_a_line_end():
    text = config_text(four_concepts())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(line == line.rstrip() for line in text.split("\n"))
