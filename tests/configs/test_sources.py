"""Configs on disk: which dataset they name, and how paths are found."""

import json
import os

import pytest

import tagmetry
from command_testing import draw
from tagmetry.errors import UsageError


@pytest.fixture
def data(tmp_path):
    """Folders with two small pictures each, one of them with a caption."""
    for number, folder in enumerate(("train/10_sks dog", "train/cat", "reg/1_dog")):
        for place in range(2):
            draw(tmp_path / folder / f"{place}.png", seed=number * 2 + place, size=(256, 256))
        (tmp_path / folder / "0.txt").write_text(f"sks, dog, {folder[:3]}", encoding="utf-8")
    return tmp_path


def audit(*paths, **settings):
    report = tagmetry.audit(paths, **settings)
    assert report.failures == ()
    return report


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text, indent=1), encoding="utf-8")
    return path


def dataset_toml(*folders, general='caption_extension = ".txt"', keys=""):
    subsets = "".join(f"[[datasets.subsets]]\nimage_dir = '{folder}'\n{keys}\n" for folder in folders)
    return f"[general]\n{general}\n[[datasets]]\nresolution = 256\nbatch_size = 2\n{subsets}"


def folders(report):
    return [(folder.path, folder.role, folder.n, folder.repeats) for folder in report.dataset.folders]


def found(report, rule):
    of_rule = [finding for finding in report.findings if finding.rule == rule]
    return [(finding.message_id, finding.location.line if finding.location else 0) for finding in of_rule]


def test_a_dataset_config_names_the_dataset_with_all_its_settings(data):
    text = dataset_toml(str(data / "train" / "cat"), keys='num_repeats = 4\nclass_tokens = "zq cat"')
    text += f"[[datasets.subsets]]\nimage_dir = {str(data / 'reg' / '1_dog')!r}\nis_reg = true\n"
    report = audit(write(data / "cfg" / "dataset.toml", text))
    assert report.dataset.layout == "trainer-config"
    assert report.dataset.configs == ("dataset.toml",)
    assert folders(report) == [("reg/1_dog", "regularization", 2, 1.0), ("train/cat", "train", 2, 4.0)]
    assert [concept.name for concept in report.dataset.concepts] == ["zq cat", "1_dog"]
    settings = report.policy.profile
    assert {key: (settings[key].value, settings[key].origin, settings[key].place)
            for key in ("trainer", "resolution", "batch_size")} == {
        "trainer": ("kohya", "trainer config", "dataset.toml:1"),
        "resolution": (256, "trainer config", "dataset.toml:4"),
        "batch_size": (2, "trainer config", "dataset.toml:5"),
    }  # fmt: skip


def test_relative_paths_count_from_the_current_folder_then_from_the_config(data, monkeypatch):
    config = write(data / "cfg" / "dataset.toml", dataset_toml("../train/cat"))
    assert folders(audit(config)) == [(".", "train", 2, 1.0)]
    draw(data / "elsewhere" / "train" / "cat" / "x.png", seed=9, size=(256, 256))
    (data / "elsewhere" / "here").mkdir()
    monkeypatch.chdir(data / "elsewhere" / "here")
    assert folders(audit(config)) == [(".", "train", 1, 1.0)]


@pytest.mark.skipif(os.name == "nt", reason="such paths exist there")
def test_a_windows_path_is_named_and_found_below_a_folder_given_besides(data):
    config = write(data / "cfg" / "dataset.toml", dataset_toml("D:\\sets\\train\\cat"))
    with pytest.raises(UsageError, match=r"dataset\.toml:7: the folder D:\\sets\\train\\cat is not here"):
        audit(config)
    report = audit(config, data / "train")
    assert folders(report) == [("cat", "train", 2, 1.0)]
    assert found(report, "config-data-mismatch") == [("unread", 3)]


@pytest.mark.skipif(os.name == "nt", reason="such paths exist there")
def test_of_several_folders_the_missing_windows_path_is_a_finding(data):
    config = write(data / "dataset.toml", dataset_toml("train/cat", "E:\\x"))
    assert found(audit(config), "config-data-mismatch") == [("folder-on-windows", 10)]


def test_folders_beside_those_of_the_config_are_told(data):
    draw(data / "train" / "bird" / "x.png", seed=9, size=(256, 256))
    config = write(data / "dataset.toml", dataset_toml("train/cat", "train/10_sks dog"))
    report = audit(config)
    (finding,) = [one for one in report.findings if one.rule == "config-data-mismatch"]
    assert finding.values == {"n": 1, "folders": ("bird",)}


def test_images_in_folders_inside_a_named_folder_are_counted(data):
    draw(data / "train" / "cat" / "more" / "x.png", seed=9, size=(256, 256))
    report = audit(write(data / "dataset.toml", dataset_toml("train/cat")))
    assert found(report, "config-data-mismatch") == [("unread", 3)]
    assert [entry.id for entry in report.dataset.excluded] == ["not-in-the-config"]


def test_captions_of_another_ending_are_an_error_and_audited(data):
    report = audit(write(data / "dataset.toml", dataset_toml("train/cat", general="")))
    assert found(report, "config-data-mismatch") == [("captions-elsewhere", 7)]
    assert found(report, "missing-caption") != []
    assert report.dataset.n_captions == 1


def test_an_ending_of_its_own_is_read(data):
    (data / "train" / "cat" / "0.txt").rename(data / "train" / "cat" / "0.tags")
    report = audit(write(data / "dataset.toml", dataset_toml("train/cat", general='caption_extension = "tags"')))
    assert (report.dataset.n_captions, report.dataset.files.used_captions) == (1, 1)
    assert found(report, "config-data-mismatch") == []


def test_the_caption_of_a_cropped_face_is_that_of_the_photo(data):
    for name in ("p.png", "p_10_20_30_40.png"):
        draw(data / "train" / "faces" / name, seed=len(name), size=(256, 256))
    write(data / "train" / "faces" / "p.txt", "sks, face")
    report = audit(write(data / "dataset.toml", dataset_toml("train/faces")))
    assert report.dataset.n_captions == 2


def test_two_resolutions_of_one_folder_are_two_datasets(data):
    text = dataset_toml("train/cat", keys="num_repeats = 3")
    text += '[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = "train/cat"\nnum_repeats = 2\n'
    report = audit(write(data / "dataset.toml", text))
    assert folders(report) == [(".", "train", 2, 5.0)]
    assert report.policy.profile["resolution"].value == 512


# --- options and command lines


def test_a_config_file_brings_the_dataset_config_that_it_names(data):
    write(data / "cfg" / "dataset.toml", dataset_toml(str(data / "train" / "cat")))
    config = write(
        data / "cfg" / "train.toml", '[a]\ndataset_config = "dataset.toml"\nnetwork_dim = 32\nnetwork_alpha = 1\n'
    )
    report = audit(config)
    assert report.dataset.configs == ("train.toml", "dataset.toml")
    assert [
        (one.subject.name, one.location.line) for one in report.findings if one.rule == "network-alpha-mismatch"
    ] == [("train.toml", 4)]


def test_folders_named_with_numbers_are_read_as_the_options_say(data):
    text = (
        "accelerate launch sdxl_train_network.py \\\n"
        f'  --train_data_dir="{data / "train"}" --reg_data_dir="{data / "reg"}" \\\n'
        "  --resolution=256,256 --train_batch_size=3 --network_dim=8 --network_alpha=8 --caption_extension=.txt\n"
    )
    report = audit(write(data / "train.sh", text))
    assert folders(report) == [("reg/1_dog", "regularization", 2, 1.0), ("train/10_sks dog", "train", 2, 10.0)]
    assert found(report, "unread-images") == [("kohya", 0)]
    assert report.policy.profile["batch_size"].value == 3
    assert {entry.id for entry in report.dataset.excluded} == {"not-in-a-kohya-folder"}


def test_a_folder_without_numbered_folders_is_an_error_and_audited(data):
    text = f"train_data_dir = {str(data / 'train' / 'cat')!r}\nresolution = '256'\nnetwork_dim = 8\n"
    config = write(data / "train.toml", text)
    report = audit(config)
    assert found(report, "config-data-mismatch") == [("no-numbered-folders", 1)]
    assert report.dataset.n_images == 2


def test_the_guis_settings_are_read(data):
    config = write(
        data / "gui.json",
        {
            "LoRA_type": "Standard", "train_data_dir": str(data / "train"), "max_resolution": "256,256",
            "network_dim": 64, "network_alpha": 64, "epoch": 500, "max_train_epochs": 0, "train_batch_size": 1,
            "caption_extension": ".txt", "enable_bucket": True, "text_encoder_lr": 0.0, "unet_lr": 0.0001,
        },
    )  # fmt: skip
    report = audit(config)
    assert folders(report) == [("10_sks dog", "train", 2, 10.0)]
    assert found(report, "over-exposure") == [("found", 7)]


# --- fine-tuning metadata


def test_metadata_gives_captions_and_what_it_lists_is_trained(data):
    write(data / "meta.json", {"0.png": {"caption": "a cat", "tags": "sks, grey"}, "gone.png": {"tags": "x"}})
    text = (
        '[[datasets]]\nresolution = 256\n[[datasets.subsets]]\nmetadata_file = "meta.json"\nimage_dir = "train/cat"\n'
    )
    report = audit(write(data / "dataset.toml", text))
    assert report.images.captions == ("a cat,sks, grey",)
    assert sorted(found(report, "config-data-mismatch")) == [("images-unlisted", 5), ("metadata-without-image", 5)]
    assert sorted(entry.id for entry in report.dataset.excluded) == ["not-in-metadata", "not-the-manifest"]


def test_metadata_in_lines_is_read_too(data):
    write(data / "meta.jsonl", '{"image_path": "0.png", "caption": "a cat"}\n{"image_path": "1.png", "tags": "grey"}\n')
    text = (
        '[[datasets]]\nresolution = 256\n[[datasets.subsets]]\nmetadata_file = "meta.jsonl"\nimage_dir = "train/cat"\n'
    )
    report = audit(write(data / "dataset.toml", text))
    assert report.images.captions == ("a cat", "grey")


# --- EveryDream


def test_a_train_json_names_its_tree_and_control_files_count(data):
    write(data / "train" / "cat" / "multiply.txt", "4")
    config = write(data / "train.json", {"data_root": "train", "resolution": 512, "cond_dropout": 0.5})
    report = audit(config)
    assert (report.dataset.layout, report.policy.profile["trainer"].value) == ("everydream-tree", "everydream")
    assert folders(report) == [("10_sks dog", "train", 2, 1.0), ("cat", "train", 2, 4.0)]
    assert found(report, "multiplier-range") == [("high", 1)]
    assert found(report, "caption-dropout-high") == [("high", 4)]


def test_control_files_are_judged_without_a_train_json(data):
    write(data / "train" / "cat" / "loss_scale.txt", "-2")
    write(data / "train" / "cat" / "multiply.txt", "1")
    report = audit(data / "train")
    (finding,) = [one for one in report.findings if one.rule == "loss-scale-range"]
    assert (finding.subject.name, finding.severity.label) == ("cat/loss_scale.txt", "error")


def test_the_validation_file_says_how_much_is_held_out(data):
    write(data / "val.json", {"validate_training": True, "val_split_mode": "automatic", "auto_split_proportion": 0.5})
    config = write(data / "train.json", {"data_root": "train", "validation_config": "val.json"})
    (finding,) = [one for one in audit(config).findings if one.rule == "validation-takes-images"]
    assert finding.values["n"] == 2


# --- what is said where nothing can be read


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toml", '[[datasets]]\nx = "C:\\data"\n', r"a.toml:2:8: \\d means nothing in double quotes"),
        ("a.toml", "x = \n", "a.toml: this is no valid TOML: Invalid value"),
        ("a.toml", "[[datasets]]\nimage_directory = 'x'\n", "looks like a config of musubi, which is not modelled yet"),
        ("a.toml", "colour = 'red'\n", "a.toml is no config of a trainer that is known here"),
        ("a.json", '{"data_root": \n', "a.json:2:1: this is no valid JSON"),
        ("a.json", "[1, 2]", "a.json is no config of a trainer"),
        ("a.json", "[" * 5000 + "]" * 5000, "a.json"),
        ("a.sh", "echo hello\n", "a.sh starts no training script"),
        ("a.yaml", "x: 1\n", "is a file, and neither a folder nor a trainer's config"),
        ("a.toml", "[[datasets]]\nresolution = 512\n", "a.toml names no folder with images"),
    ],
)  # fmt: skip
def test_a_file_that_says_nothing_is_wrong_usage(tmp_path, name, text, said):
    with pytest.raises(UsageError, match=said):
        audit(write(tmp_path / name, text))


def test_a_config_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"there is no file .*nothing\.toml"):
        audit(tmp_path / "nothing.toml")


def test_a_config_that_is_no_utf8_is_told_with_its_line(tmp_path):
    (tmp_path / "a.toml").write_bytes("[general]\nclass_tokens = '猫'\n".encode("cp932"))
    with pytest.raises(UsageError, match=r"a\.toml:2: this is not UTF-8"):
        audit(tmp_path / "a.toml")


def test_configs_of_two_trainers_and_two_dataset_configs_are_wrong_usage(data):
    one = write(data / "a.toml", dataset_toml("train/cat"))
    two = write(data / "b.toml", dataset_toml("reg/1_dog"))
    other = write(data / "train.json", {"data_root": "train"})
    with pytest.raises(UsageError, match=r"a.toml and b.toml are two dataset configs"):
        audit(one, two)
    with pytest.raises(UsageError, match=r"a.toml and train.json belong to different trainers"):
        audit(one, other)
    with pytest.raises(UsageError, match=r"a.toml is a config of kohya, and the profile names everydream"):
        audit(one, trainer="everydream")


def test_a_config_inside_the_dataset_is_no_file_of_it(data):
    config = write(data / "train" / "cat" / "dataset.toml", dataset_toml(str(data / "train" / "cat")))
    write(data / "train" / "cat" / "tagmetry.yaml", "tagmetry: 1\n")
    report = audit(config)
    assert {entry.path: entry.id for entry in report.dataset.excluded} == {
        "dataset.toml": "trainer-config",
        "tagmetry.yaml": "config-ignored",
    }
    assert report.policy.name == "tagmetry/recommended"


def test_lines_are_alternatives_where_wildcards_are_on(data):
    write(data / "train" / "cat" / "0.txt", "sks, cat\n\nsks, a {red|grey} cat\n")
    config = write(data / "dataset.toml", dataset_toml("train/cat"))
    assert audit(config).images.captions == ("sks, cat", "")
    assert found(audit(config), "multiline-caption") == [("first-line", 0)]
    config = write(data / "dataset.toml", dataset_toml("train/cat", keys="enable_wildcard = true"))
    assert audit(config).images.captions == ("sks, cat\nsks, a {red|grey} cat", "")
    assert found(audit(config), "multiline-caption") == []


def test_two_images_of_one_stem_share_a_caption(data):
    draw(data / "train" / "cat" / "0.jpg", seed=9, size=(256, 256))
    report = audit(write(data / "dataset.toml", dataset_toml("train/cat")))
    assert report.images.captions == ("sks, dog, tra", "sks, dog, tra", "")
    assert report.dataset.files.used_captions == 1


def test_a_list_of_images_in_json_is_named_as_not_read(data):
    config = write(data / "train.json", {"data_root": ["train", "list.json"]})
    assert found(audit(config), "config-data-mismatch") == [("list-unread", 4)]
    config = write(data / "train.json", {"data_root": "list.json"})
    with pytest.raises(UsageError, match=r"train\.json:2: lists of images in JSON \(list\.json\) are not read yet"):
        audit(config)


def test_a_dataset_config_that_is_not_there_is_told(data):
    text = "accelerate launch train_network.py --dataset_config=/away/dataset.toml \\\n  --network_dim=8 --seed=1\n"
    config = write(data / "train.sh", text)
    with pytest.raises(UsageError, match=r"train\.sh:1: the file /away/dataset\.toml is not here"):
        audit(config)
    assert found(audit(config, data / "train"), "config-data-mismatch") == [("config-missing", 1)]
    other = write(data / "dataset.toml", dataset_toml("train/cat"))
    assert found(audit(config, other), "config-data-mismatch") == []
