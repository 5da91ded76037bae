"""What a config says against what lies on disk and in the images: rules over its problems, repeats, augmentation."""

import json

import pytest

from rule_testing import concept, dataset, figures, findings, remedies, severities, skips, texts, training_config
from tagmetry.api import Excluded, Place, PlacedProblem, message
from tagmetry.rules.balance import epoch_fraction_low
from tagmetry.rules.settings import (
    augmentation_conflict,
    config_data_mismatch,
    config_misread,
    config_rejected,
    loss_scale_range,
    multiplier_range,
    stale_cache,
    validation_images_trained,
    validation_takes_images,
)
from tagmetry.trainers import everydream


def kohya(*subsets, upper="resolution = 512", training="", n=4, problems=(), **parts):
    """A dataset config with a subset per text, of folders a, b, c ..."""
    names = "abcdef"[: len(subsets)]
    text = f"[[datasets]]\n{upper}\n" + "".join(
        f'[[datasets.subsets]]\nimage_dir = "{name}"\n{subset}\n' for name, subset in zip(names, subsets, strict=True)
    )
    config = training_config(text, *([f"seed = 1\nnetwork_dim = 8\n{training}"] if training else []), problems=problems)
    captions = parts.pop("captions", None)
    images = [concept(name, n=n) if captions is None else concept(name, captions=captions) for name in names]
    return dataset(*images, config=config, **parts)


def from_folders(**contents):
    """An EveryDream tree of folders with the texts of their multiply.txt, loss_scale.txt and the like."""
    config = everydream.with_folder_settings(None, dict(sorted({".": {}, **contents}.items())))
    return dataset(*(concept(name, n=4) for name in contents), config=config, trainer="everydream")


def train_json(**settings):
    config = training_config(json.dumps({"data_root": "a", **settings}, indent=1))
    return dataset(concept("a", n=20), config=config)


# --- config-rejected, config-misread


@pytest.mark.parametrize(
    ("subset", "line", "text"),
    [
        ("num_repeats = 3.0", 5, "num_repeats is float, and the trainer takes a whole number without a point alone"),
        ('keep_tokens = "1"', 5, "keep_tokens is str, and the trainer takes a whole number without a point alone"),
        ("flip_aug = 1", 5, "flip_aug is int, and the trainer takes true or false without quotes"),
        ("class_tokens = 3", 5, "class_tokens is int, and the trainer takes a text in quotes"),
        ("face_crop_aug_range = [1, 3]", 5,
         "face_crop_aug_range is list, and the trainer takes two numbers with a point, as in [1.0, 3.0]"),
        ('caption_dir = "x"', 5, "the trainer knows no caption_dir and stops"),
        ("num_repeat = 3", 5, "the trainer knows no num_repeat and stops; num_repeats is meant perhaps"),
        ("max_token_length = 75", 5,
         "max_token_length is an option of the command line, and the trainer stops at it in a dataset config"),
        ("dataset_repeats = 2", 5, ("dataset_repeats is named num_repeats in a dataset config, and "
            "the trainer stops at it")),
        ("resolution = 512", 5, "resolution has no place here, only in: dataset, general"),
        (("shuffle_caption = true\ncaption_separator = "
            "''"), 6, "caption_separator is empty, and captions cannot be taken apart by it"),
        ("face_crop_aug_range = [1, 2.5]", 5, ("the trainer's old reader of TOML takes no list of "
            "several types (float, int)")),
    ],
)  # fmt: skip
def test_what_stops_the_trainer_is_told_at_its_line(subset, line, text):
    found = findings(config_rejected.rule, kohya(subset))
    assert text in texts(config_rejected.rule, found)
    assert {finding.location.line for finding in found} == {line}
    assert set(severities(config_rejected.rule, found)) == {"error"}


@pytest.mark.parametrize(
    ("upper", "text"),
    [
        ("batch_size = 2", "no resolution is set for these images"),
        ("resolution = 512\nbatch_size = 0", "the batch size 0 trains nothing"),
        ("resolution = 512\nvalidation_split = 0",
         "validation_split is int, and the trainer takes a number with a point alone, such as 1.0"),
        ("resolution = 512\nenable_bucket = true\nmax_bucket_reso = 256",
         "max_bucket_reso 256 is below the longer side of 512 × 512"),
        ("resolution = 512\nenable_bucket = true\nmin_bucket_reso = 768",
         "min_bucket_reso 768 is above the shorter side of 512 × 512"),
        ("resolution = 512\nenable_bucket = true\nmin_bucket_reso = 32",
         "min_bucket_reso 32 is less than one step of 64, and the trainer divides by 0"),
        ('resolution = "512"', ("resolution is str, and the trainer takes a whole number or two of "
            "them, as in [768, 1024]")),
    ],
)  # fmt: skip
def test_what_stops_a_dataset_is_told(upper, text):
    assert texts(config_rejected.rule, findings(config_rejected.rule, kohya("", upper=upper))) == [text]


def test_a_config_in_order_has_no_such_findings():
    data = kohya("num_repeats = 3", "", training="network_alpha = 8")
    assert findings(config_rejected.rule, data) == []
    assert findings(config_misread.rule, data) == []
    assert findings(config_data_mismatch.rule, data) == []


def test_settings_that_mean_something_else_are_told():
    text = """[[datasets]]
resolution = 512
[[datasets.subsets]]
image_dir = "a"
num_repeats = true
[[datasets.subsets]]
image_dir = "a"
keep_tokens = -1
[[datasets.subsets]]
image_dir = "./a"
[[datasets]]
resolution = 768
"""
    config = training_config(text, "network_dimm = 8\nnetwork_alpha = 8\nseed = 1")
    found = findings(config_misread.rule, dataset(concept("a", n=2), config=config))
    assert [(finding.subject.name, finding.location.line) for finding in found] == [
        ("config2.toml", 1),
        ("config.toml", 5),
        ("config.toml", 8),
        ("config.toml", 7),
        ("config.toml", 10),
        ("config.toml", 11),
    ]
    assert texts(config_misread.rule, found) == [
        "no script reads network_dimm; network_dim is meant perhaps",
        "num_repeats = true counts as a number here",
        "keep_tokens = -1 makes no sense, and the trainer does not check it",
        "line 4 names the same folder, so that this subset is ignored",
        "line 4 names the same folder spelled otherwise: its images are trained twice",
        "this [[datasets]] has no subsets and trains nothing",
    ]


def test_settings_that_everydream_never_applies_are_told():
    data = train_json(flip_p=0.5, keep_tags=1, cond_dropuot=0.0, seed=True)
    assert sorted(texts(config_misread.rule, findings(config_misread.rule, data))) == [
        "flip_p = 0.5 is read and never applied by this trainer",
        "keep_tags = 1 is read and never applied by this trainer",
        "no script reads cond_dropuot; cond_dropout is meant perhaps",
        "seed = true counts as a number here",
    ]
    found = findings(config_rejected.rule, train_json(batch_size="8", resolution=1344))
    assert sorted(text.partition(":")[0] for text in texts(config_rejected.rule, found)) == [
        "batch_size is str, and the trainer takes a whole number without a point alone",
        "the trainer has no buckets for resolution 1344",
    ]


def test_a_variable_that_a_script_does_not_set_is_a_note():
    text = "accelerate launch train_network.py --dataset_config=x.toml --network_dim=$DIM --seed=1"
    config = training_config('[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "a"\n', text)
    found = findings(config_misread.rule, dataset(concept("a", n=2), config=config))
    assert texts(config_misread.rule, found) == [
        "network_dim takes the value of DIM, which this file does not set: it is not judged"
    ]
    assert severities(config_misread.rule, found) == ["info"]


# --- config-data-mismatch


def problem(code, *, paths=(), **values):
    return PlacedProblem(code, Place("config.toml", 4), values, paths=paths)


@pytest.mark.parametrize(
    ("told", "text", "severity"),
    [
        (problem("folder-missing", path="x/y"), ("the folder x/y is not there: none of its images "
            "will be trained"), "error"),
        (problem("folder-empty", path="x"), "the folder x holds no image that the trainer finds", "error"),
        (problem("folder-on-windows", path="D:\\x"),
         "D:\\x is a path of Windows, and no such folder was found here: it is not audited", "error"),
        (problem("captions-elsewhere", n=3, total=4, extension=".caption", found=".txt"),
         "3 of 4 images have a caption in .txt, and the config reads .caption: none of them is read", "error"),
        (problem("images-unlisted", n=45, total=612, path="meta.json"),
         "45 of 612 images will never be trained: meta.json does not list them", "warning"),
        (problem("folders-unnamed", n=7, folders=("c",)),
         "7 images beside the folders of the config will never be trained: it does not name c", "warning"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_at_its_line(told, text, severity):
    rule = config_data_mismatch.rule
    found = findings(rule, kohya("", problems=[told]))
    assert (texts(rule, found), severities(rule, found)) == ([text], [severity])
    assert found[0].location.line == 4
    assert all(remedies(rule, found[0]))


def test_images_that_lie_where_no_subset_looks_are_counted():
    rule = config_data_mismatch.rule
    text = message("the config names no folder in which this file lies")
    left = [Excluded(f"a/more/{n}.png", "not-in-the-config", text, is_image=True) for n in range(2)]
    found = findings(rule, kohya("", excluded=left))
    assert texts(rule, found) == [
        "2 of 6 images will never be trained: the config names no folder in which they lie directly (a/more)"
    ]
    assert found[0].subject.paths == ("config.toml", "a/more/0.png", "a/more/1.png")


def test_a_regularization_folder_that_is_trained_as_such_is_found():
    text = """[[datasets]]
resolution = 512
[[datasets.subsets]]
image_dir = "hat"
[[datasets.subsets]]
image_dir = "data/reg"
"""
    rule = config_data_mismatch.rule
    folders = (concept("hat", n=3), concept("data/reg", n=2))
    found = findings(rule, dataset(*folders, config=training_config(text)))
    assert texts(rule, found) == [
        (
            "2 images in data/reg are trained like all others: the folder is named for regularization, "
            "and is_reg is not set"
        )
    ]
    assert findings(rule, dataset(*folders, config=training_config(text + "is_reg = true\n"))) == []


# --- multiplier-range, loss-scale-range, epoch-fraction-low


@pytest.mark.parametrize(("repeats", "expected"), [(3, []), (4, ["high"]), (1, [])])
def test_repeats_far_from_most_others_are_found(repeats, expected):
    found = findings(multiplier_range.rule, kohya("num_repeats = 1", "", f"num_repeats = {repeats}"))
    assert [finding.message for finding in found] == expected


def test_the_same_repeats_everywhere_shift_nothing():
    assert findings(multiplier_range.rule, kohya("num_repeats = 20", "num_repeats = 20")) == []
    (found,) = findings(multiplier_range.rule, kohya("num_repeats = 20", "num_repeats = 20", "num_repeats = 9"))
    assert (found.message, found.values["factor"]) == ("low", 0.45)


def test_repeats_of_none_leave_a_subset_out():
    rule = multiplier_range.rule
    found = findings(rule, kohya("", "num_repeats = 0"))
    assert texts(rule, found) == [
        "num_repeats = 0: 4 images will never be trained, for the trainer ignores their subset"
    ]
    assert severities(rule, found) == ["error"]


def test_everydreams_multipliers_are_judged_by_themselves():
    rule = multiplier_range.rule
    data = from_folders(
        a={"multiply.txt": "3"}, b={"multiply.txt": "3.1"}, c={"multiply.txt": "0.4"}, d={"multiply.txt": "0"}
    )
    found = findings(rule, data)
    assert [(finding.subject.name, finding.message) for finding in found] == [
        ("b/multiply.txt", "high"),
        ("c/multiply.txt", "low"),
        ("d/multiply.txt", "counts-as-one"),
    ]
    assert texts(rule, found)[2] == "multiply = 0 counts as 1: 4 images are trained like all others"


@pytest.mark.parametrize(
    ("multiply", "expected"), [("0.5", []), ("0.49", ["info"]), ("0.3", ["info"]), ("0.29", ["warning"])]
)
def test_a_small_part_per_epoch_is_found(multiply, expected):
    rule = epoch_fraction_low.rule
    found = findings(rule, from_folders(a={"multiply.txt": multiply}))
    assert severities(rule, found) == expected


def test_a_text_that_is_no_number_counts_as_not_set():
    data = from_folders(a={"multiply.txt": "two"})
    assert texts(config_misread.rule, findings(config_misread.rule, data)) == [
        'multiply holds "two", which is no number: it counts as not set'
    ]
    assert findings(multiplier_range.rule, data) == []


@pytest.mark.parametrize(
    ("scale", "expected"), [("0.5", []), ("2", []), ("0.49", ["warning"]), ("2.1", ["warning"]), ("-1", ["error"])]
)
def test_a_loss_scale_out_of_range_is_found(scale, expected):
    rule = loss_scale_range.rule
    found = findings(rule, from_folders(a={"loss_scale.txt": scale}))
    assert severities(rule, found) == expected
    if expected:
        assert (found[0].subject.name, found[0].location.line) == ("a/loss_scale.txt", 1)


def test_a_global_file_holds_for_folders_below_it():
    config = everydream.with_folder_settings(
        None, {".": {}, "a": {"global.yaml": {"multiply": 5}}, "a/b": {}, "c": {"multiply.txt": "1"}}
    )
    data = dataset(concept("a/b", n=4), concept("c", n=2), config=config, trainer="everydream")
    (found,) = findings(multiplier_range.rule, data)
    assert (found.subject.name, found.subject.paths[1]) == ("a/global.yaml", "a/b/000.png")


def test_sd_scripts_has_no_loss_scale():
    assert skips(loss_scale_range.rule, kohya("")) == ["this trainer has nothing of the kind"]


# --- augmentation-conflict


@pytest.mark.parametrize("name", ["color_aug", "random_crop"])
def test_augmentation_with_cached_latents_stops_the_trainer(name):
    rule = augmentation_conflict.rule
    found = findings(rule, kohya(f"{name} = true", training="cache_latents = true"))
    assert texts(rule, found) == [f"{name} does not go with cache_latents: the trainer stops before the first step"]
    assert severities(rule, found) == ["error"]
    assert findings(rule, kohya(f"{name} = true", training="network_alpha = 8")) == []


def test_flipping_pictures_with_sides_in_their_captions_is_found():
    rule = augmentation_conflict.rule
    captions = ["sks, looking to the left", "sks, english text", "sks, park"]
    found = findings(rule, kohya("flip_aug = true", captions=captions))
    assert texts(rule, found) == [
        "flip_aug mirrors 2 of 3 images whose captions name sides or writing, such as left, text"
    ]
    assert findings(rule, kohya("flip_aug = true", captions=["sks, park", "bright, leftover"])) == []
    assert findings(rule, kohya("", captions=captions)) == []


def test_flipping_mirrored_copies_is_found():
    rule = augmentation_conflict.rule
    found = findings(rule, kohya("flip_aug = true", mirrored=[("a/000.png", "a/001.png")]))
    assert texts(rule, found) == [
        "flip_aug mirrors 2 images that lie in the set mirrored already: both sides are shown twice"
    ]


def test_shifting_colours_matters_where_they_belong_to_the_concept():
    rule = augmentation_conflict.rule
    assert texts(rule, findings(rule, kohya("color_aug = true", purpose="style"))) == [
        "color_aug shifts the colours of 4 images, and colours belong to a style"
    ]
    assert findings(rule, kohya("color_aug = true", purpose="person")) == []


# --- validation


def test_a_validation_split_without_a_seed_trains_its_images():
    rule = validation_images_trained.rule
    upper = "resolution = 512\nvalidation_split = 0.5"
    found = findings(rule, kohya("", upper=upper, n=10))
    assert texts(rule, found) == [
        "validation_split without validation_seed: about 2 of 5 validation images are trained as well"
    ]
    assert found[0].location.line == 3
    assert findings(rule, kohya("", upper=upper + "\nvalidation_seed = 1", n=10)) == []


def test_rounding_can_share_an_image_in_spite_of_a_seed():
    rule = validation_images_trained.rule
    upper = "resolution = 512\nvalidation_split = 0.15\nvalidation_seed = 1"
    assert texts(rule, findings(rule, kohya("", upper=upper, n=10))) == [
        "validation_split 0.15 of 10 images shares 1 of 2 validation images with the training"
    ]
    assert findings(rule, kohya("", upper=upper, n=20)) == []
    assert skips(rule, kohya("")) == ["no images are held out for validation"]


def test_the_shipped_validation_takes_images_away():
    rule = validation_takes_images.rule
    found = findings(rule, train_json(validation_config="validation_default.json"))
    assert texts(rule, found) == [
        "3 of 20 images will never be trained: validation_config holds them out for validation"
    ]
    assert (severities(rule, found), figures(found)[0][:2]) == (["info"], ("validation_share", 0.15))
    assert skips(rule, train_json()) == ["no images are held out for validation"]
    assert skips(rule, kohya("")) == ["this trainer has nothing of the kind"]


# --- stale-cache


def cache(path):
    return Excluded(path, "trainer-control-file", message("control or cache file of a trainer"))


def test_a_latents_cache_of_another_size_is_found():
    rule = stale_cache.rule
    caches = [cache("a/000_0512x0768_sd.npz"), cache("a/001_0600x0640_sd.npz"), cache("a/002_te_outputs.npz")]
    data = kohya("", excluded=caches, n=4)
    width, height = (int(data.samples.column(name).values[0]) for name in ("width", "height"))
    data = kohya("", excluded=[caches[0], cache(f"a/001_{width:04}x{height:04}_sd.npz"), caches[2]], n=4)
    assert texts(rule, findings(rule, data)) == [
        "1 image has another size than its latents cache, and is trained at the old one: a/000.png"
    ]


def test_a_metadata_cache_is_trusted_where_cache_info_is_on():
    rule = stale_cache.rule
    caches = [cache("a/metadata_cache.json")]
    found = findings(rule, kohya("cache_info = true", excluded=caches))
    assert texts(rule, found) == [
        "cache_info is on and a/metadata_cache.json is there: changes of its 4 images and captions are not noticed"
    ]
    assert findings(rule, kohya("", excluded=caches)) == []
    assert skips(rule, kohya("")) == ["there are no caches"]
