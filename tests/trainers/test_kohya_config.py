"""Which dataset configs sd-scripts takes. Each case was put to the trainer's own code."""

import pytest

from tagmetry.trainers import kohya
from tagmetry.trainers.kohya import literal, validate_dataset_config


def config(subset=None, dataset=None, general=None, subsets=None):
    """A config that is accepted, with changes at each level."""
    parts = subsets if subsets is not None else [{"image_dir": "/data/dog"} | (subset or {})]
    data = {"datasets": [{"resolution": 512, "subsets": parts} | (dataset or {})]}
    return data | ({"general": general} if general is not None else {})


def codes(data, **options):
    return [(problem.code, problem.stops) for problem in validate_dataset_config(data, **options)]


def only(data, **options):
    (problem,) = validate_dataset_config(data, **options)
    return problem


def test_minimal_file_is_accepted():
    data = {
        "general": {"caption_extension": ".txt"},
        "datasets": [
            {
                "resolution": [1024, 1024],
                "batch_size": 4,
                "enable_bucket": True,
                "min_bucket_reso": 256,
                "max_bucket_reso": 2048,
                "subsets": [{"image_dir": "C:/data/dog", "num_repeats": 10, "class_tokens": "sks dog"}],
            }
        ],
    }
    assert validate_dataset_config(data) == []


@pytest.mark.parametrize("level", ["general", "dataset", "subset"])
def test_subset_options_are_legal_at_all_levels(level):
    assert codes(config(**{level: {"num_repeats": 2, "class_tokens": "dog", "caption_dropout_rate": 1}})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("resolution", 512), ("batch_size", 1), ("enable_bucket", True), ("validation_split", 0.1)],
)
def test_dataset_options_are_not_legal_in_subsets(key, value):
    problem = only(config(subset={key: value}))
    assert (problem.code, problem.key_path, problem.stops) == (
        "wrong-level",
        ("datasets", 0, "subsets", 0, key),
        True,
    )
    assert problem.values == {"key": key, "level": "subset", "levels": ("dataset", "general")}


@pytest.mark.parametrize("key", ["is_reg", "alpha_mask"])
@pytest.mark.parametrize("level", ["general", "dataset"])
def test_subset_only_options_are_not_legal_higher_up(key, level):
    assert codes(config(**{level: {key: True}})) == [("wrong-level", True)]


def test_options_at_the_top_level_are_not_legal():
    problem = only(config() | {"resolution": 512})
    assert (problem.code, problem.key_path) == ("wrong-level", ("resolution",))


@pytest.mark.parametrize(
    ("key", "instead"),
    [("prior_loss_weight", ""), ("max_token_length", ""), ("cache_latents", ""), ("train_batch_size", "batch_size")],
)
def test_training_options_belong_to_the_command_line(key, instead):
    problem = only(config(general={key: 1}))
    assert (problem.code, problem.key_path, problem.stops) == ("command-line-key", ("general", key), True)
    assert problem.values["instead"] == instead


def test_unknown_key_names_the_nearest():
    problem = only(config(subset={"num_repeat": 2}))
    assert (problem.code, problem.values) == ("unknown-key", {"key": "num_repeat", "nearest": "num_repeats"})
    assert only(config(subset={"caption_dir": "x"})).values["nearest"] == ""


@pytest.mark.parametrize(
    ("key", "value", "expected", "found"),
    [
        ("num_repeats", 3.0, "int", "float"),
        ("num_repeats", "3", "int", "str"),
        ("num_repeats", None, "int", "null"),
        ("shuffle_caption", 1, "bool", "int"),
        ("face_crop_aug_range", [1, 3], "float-pair", "list"),
        ("face_crop_aug_range", [1.0], "float-pair", "list"),
        ("custom_attributes", [], "table", "list"),
        ("caption_dropout_rate", "0.1", "number", "str"),
    ],
)
def test_wrong_types_are_rejected(key, value, expected, found):
    problem = only(config(subset={key: value}))
    assert (problem.code, problem.stops) == ("wrong-type", True)
    assert problem.values == {"key": key, "expected": expected, "found": found}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("validation_split", 0),
        ("network_multiplier", 1),
        ("resolution", "512"),
        ("resolution", [512]),
        ("resolution", [512, 512.0]),
        ("resolution", 512.0),
    ],
)
def test_wrong_types_of_dataset_options_are_rejected(key, value):
    assert codes(config(dataset={key: value})) == [("wrong-type", True)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("caption_dropout_rate", 0),
        ("caption_tag_dropout_rate", 1),
        ("token_warmup_step", 100),
        ("token_warmup_step", 0.5),
        ("face_crop_aug_range", [1.0, 3.0]),
        ("custom_attributes", {"a": 1}),
    ],
)
def test_number_options_take_integers_and_floats(key, value):
    assert codes(config(subset={key: value})) == []


def test_true_passes_for_one():
    problem = only(config(subset={"num_repeats": True}))
    assert (problem.code, problem.stops) == ("bool-for-number", False)


@pytest.mark.parametrize(
    ("key", "value"), [("caption_dropout_rate", 7.5), ("caption_dropout_rate", -0.1), ("keep_tokens", -1)]
)
def test_ranges_are_not_checked_by_the_trainer(key, value):
    assert codes(config(subset={key: value})) == [("out-of-range", False)]


def test_validation_split_outside_its_range_only_warns():
    problem = only(config(dataset={"validation_split": 1.5}))
    assert (problem.code, problem.stops) == ("out-of-range", False)
    assert problem.values == {"key": "validation_split", "value": 1.5, "least": 0.0, "most": 1.0}


@pytest.mark.parametrize("repeats", [0, -1])
def test_a_subset_with_repeats_below_one_is_ignored(repeats):
    subsets = [{"image_dir": "a", "num_repeats": repeats}, {"image_dir": "b"}]
    problem = only(config(subsets=subsets))
    assert (problem.code, problem.key_path, problem.stops) == (
        "repeats-below-one",
        ("datasets", 0, "subsets", 0, "num_repeats"),
        False,
    )


@pytest.mark.parametrize(
    "data",
    [
        config(subset={"num_repeats": 0}),
        config(subset={"is_reg": True}),
        config(dataset={"validation_split": 1.0}),
        config(subsets=[]),
        config(subsets=[{"image_dir": "a", "is_reg": True}, {"image_dir": "a"}]),
    ],
)
def test_without_training_images_the_trainer_stops(data):
    assert codes(data)[-1] == ("nothing-trained", True)


def test_missing_folder_and_missing_resolution():
    assert codes(config(subsets=[{"num_repeats": 1}])) == [("missing-key", True)]
    assert codes({"datasets": [{"subsets": [{"image_dir": "a"}]}]}) == [("missing-resolution", True)]


def test_resolution_may_come_from_general_or_the_command_line():
    bare = {"datasets": [{"subsets": [{"image_dir": "a"}]}]}
    assert codes(bare | {"general": {"resolution": 512}}) == []
    assert codes(bare, command_line={"resolution": [512, 768]}) == []


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        ({}, "no-datasets", ("datasets",)),
        ({"datasets": {}}, "not-a-list", ("datasets",)),
        ({"datasets": ["a"]}, "not-a-table", ("datasets", 0)),
        (config() | {"general": []}, "not-a-table", ("general",)),
        (config(subsets={}), "not-a-list", ("datasets", 0, "subsets")),
        (config(subsets=["a"]), "not-a-table", ("datasets", 0, "subsets", 0)),
    ],
)
def test_structure(data, code, path):
    first = validate_dataset_config(data)[0]
    assert (first.code, first.key_path, first.stops) == (code, path, True)


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ({}, []),
        ({"min_bucket_reso": 575}, []),
        ({"min_bucket_reso": 576}, [("min-above-resolution", True)]),
        ({"max_bucket_reso": 449}, []),
        ({"max_bucket_reso": 448}, [("max-below-resolution", True)]),
        ({"resolution": [512, 1088]}, [("max-below-resolution", True)]),
        ({"min_bucket_reso": 63}, [("min-below-steps", True)]),
        ({"bucket_reso_steps": 0}, [("steps-not-positive", True)]),
    ],
)
def test_bucket_limits_are_checked_while_bucketing(dataset, expected):
    assert codes(config(dataset={"enable_bucket": True} | dataset)) == expected
    assert codes(config(dataset=dataset)) == []


def test_lower_levels_win_and_false_and_zero_override():
    general = {"enable_bucket": True, "min_bucket_reso": 576}
    assert codes(config(general=general)) == [("min-above-resolution", True)]
    assert only(config(general=general)).key_path == ("general", "min_bucket_reso")
    assert codes(config(general=general, dataset={"enable_bucket": False})) == []
    assert codes(config(general=general, dataset={"min_bucket_reso": 256})) == []


@pytest.mark.parametrize(
    ("dataset", "code"),
    [({"batch_size": 0}, "batch-size-not-positive"), ({"resolution": 0}, "resolution-not-positive")],
)
def test_values_that_divide_by_zero_stop(dataset, code):
    assert codes(config(dataset=dataset)) == [(code, True)]


def test_interpolation_is_checked_above_subsets_only():
    assert codes(config(dataset={"resize_interpolation": "area"})) == []
    assert codes(config(dataset={"resize_interpolation": "weird"})) == [("unknown-choice", True)]
    assert codes(config(general={"resize_interpolation": "weird"})) == [("unknown-choice", True)]
    assert codes(config(subset={"resize_interpolation": "weird"})) == [("unknown-choice", False)]


def test_an_empty_separator_stops_once_captions_are_split():
    assert codes(config(subset={"caption_separator": ""})) == []
    assert codes(config(subset={"caption_separator": "", "shuffle_caption": True})) == [("empty-separator", True)]


def test_the_same_folder_text_is_used_once():
    problem = only(config(subsets=[{"image_dir": "a"}, {"image_dir": "b"}, {"image_dir": "a", "num_repeats": 5}]))
    assert (problem.code, problem.key_path, problem.stops) == (
        "duplicate-subset",
        ("datasets", 0, "subsets", 2, "image_dir"),
        False,
    )
    assert problem.values == {"first": ("datasets", 0, "subsets", 0, "image_dir")}


@pytest.mark.parametrize(
    ("first", "second"), [("/d/a", "/d/a/"), ("/d/a/", "/d/a"), ("C:\\d\\a", "C:\\d\\a\\"), ("C:/a", "C:/a/")]
)
def test_a_slash_more_lets_the_later_subset_replace_the_earlier(first, second):
    assert codes(config(subsets=[{"image_dir": first}, {"image_dir": second}])) == [("folder-overrides", False)]


@pytest.mark.parametrize(
    ("first", "second"), [("d/a", "./d/a"), ("/d/a", "/d/x/../a"), ("C:\\d\\a", "C:/d/a"), ("C:/D/a", "c:/d/A")]
)
def test_another_spelling_of_a_folder_trains_it_twice(first, second):
    assert codes(config(subsets=[{"image_dir": first}, {"image_dir": second}])) == [("folder-again", False)]


def test_case_counts_in_paths_that_are_not_of_windows():
    assert codes(config(subsets=[{"image_dir": "/d/A"}, {"image_dir": "/d/a"}])) == []


def test_the_same_folder_in_two_datasets_is_legal():
    dataset = {"resolution": 512, "subsets": [{"image_dir": "a"}]}
    assert codes({"datasets": [dataset, dataset | {"resolution": 768}]}) == []


def test_an_ignored_subset_is_no_first():
    subsets = [{"image_dir": "a", "num_repeats": 0}, {"image_dir": "a"}]
    assert codes(config(subsets=subsets)) == [("repeats-below-one", False)]


def test_kinds_of_subsets_do_not_mix_in_a_dataset():
    subsets = [{"image_dir": "a"}, {"metadata_file": "m.json"}]
    assert codes(config(subsets=subsets)) == [("mixed-subset-kinds", True)]
    apart = [{"resolution": 512, "subsets": [subset]} for subset in subsets]
    assert codes({"datasets": apart}) == []


@pytest.mark.parametrize("key", ["caption_extension", "class_tokens", "cache_info"])
def test_finetuning_datasets_take_no_caption_files(key):
    value = False if key == "cache_info" else "x"
    subsets = [{"metadata_file": "m.json"}]
    assert codes(config(subsets=subsets, dataset={key: value})) == [("wrong-kind", True)]
    assert codes(config(subsets=subsets, general={key: value})) == []


def test_finetuning_subsets_repeat_by_their_metadata_file():
    subsets = [{"metadata_file": "m.json", "image_dir": "a"}, {"metadata_file": "n.json", "image_dir": "a"}]
    assert codes(config(subsets=subsets)) == []
    assert codes(config(subsets=[subsets[0], subsets[0]])) == [("duplicate-subset", False)]


def test_conditioning_images_need_a_script_that_takes_them():
    data = config(subset={"conditioning_data_dir": "c"})
    assert codes(data) == [("wrong-kind", True)]
    assert codes(data, controlnet=True) == []


@pytest.mark.parametrize("key", ["is_reg", "class_tokens", "alpha_mask"])
def test_conditioning_subsets_take_no(key):
    value = "x" if key == "class_tokens" else False
    data = config(subset={"conditioning_data_dir": "c", key: value})
    assert codes(data, controlnet=True) == [("wrong-kind", True)]


def test_conditioning_subsets_refuse_random_crop():
    data = config(subset={"conditioning_data_dir": "c"}, general={"random_crop": True})
    assert codes(data, controlnet=True) == [("random-crop-with-conditioning", True)]


def test_a_folder_with_an_escape_in_its_name_is_noticed():
    assert codes(config(subset={"image_dir": "C:\temp"})) == [("control-character", False)]


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("validation_split", 0, 0.0),
        ("network_multiplier", 1, 1.0),
        ("num_repeats", 3.0, 3),
        ("resolution", [512.0, 768], [512, 768]),
        ("resolution", 512.0, 512),
        ("face_crop_aug_range", [1, 3], [1.0, 3.0]),
        ("caption_dropout_rate", 0, 0),
        ("caption_dropout_rate", 0.1, 0.1),
        ("class_tokens", "sks dog", "sks dog"),
        ("is_reg", True, True),
    ],
)
def test_values_are_written_in_the_type_of_the_schema(key, value, written):
    result = literal(key, value)
    assert (result, type(result)) == (written, type(written))
    level = "subset" if "subset" in kohya.SCHEMA[key].levels else "dataset"
    others = [{"image_dir": "other"}] if key == "is_reg" else []
    data = config(**{level: {key: result}})
    data["datasets"][0]["subsets"] += others
    assert codes(data) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_repeats", 2.5), ("num_repeats", "3"), ("num_repeats", True), ("is_reg", 1), ("class_tokens", None)],
)
def test_values_that_would_change_are_not_written(key, value):
    with pytest.raises(ValueError, match="cannot be written"):
        literal(key, value)


def test_defaults_are_of_their_own_type():
    for name, key in kohya.SCHEMA.items():
        if key.default is not None:
            assert literal(name, key.default) == key.default
