"""From a reading and its records to a dataset: concepts, roles, folders and duplicates of real folders."""

import numpy as np
import pytest
from PIL import Image

from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import load_policy
from tagmetry.runner import Request, run

PLUGINS = load_plugins(foreign=False)


def picture(path, seed=0, size=(32, 24), **settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **settings)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path):
    """Audits the folder `data` with a profile in YAML and gives the dataset in columns."""

    def audited(profile=""):
        policy = tmp_path / "policy.yaml"
        policy.write_text(f"tagmetry: 1\nextends: tagmetry:recommended\nprofile:\n  purpose: object\n{profile}")
        loaded = load_policy(str(policy), PLUGINS)
        return run(Request(paths=(tmp_path / "data",), policy=loaded, plugins=PLUGINS)).dataset_view

    return audited


def concepts(dataset):
    return {f"{concept.role}: {concept.name}": concept.paths for concept in dataset.concepts}


def test_one_concept_per_folder_of_training_images(data, tmp_path):
    for number, path in enumerate(["b/1.png", "a/2.png", "a/deep/3.png", "4.png"]):
        picture(tmp_path / "data" / path, number)
    found = data()
    assert concepts(found) == {
        "train: a": ["a/2.png"],
        "train: b": ["b/1.png"],
        "train: data": ["4.png"],
        "train: deep": ["a/deep/3.png"],
    }
    assert [(folder.path, found.concept_infos[folder.concept].name, folder.n) for folder in found.folders] == [
        (".", "data", 1),
        ("a", "a", 1),
        ("a/deep", "deep", 1),
        ("b", "b", 1),
    ]


def test_folders_of_one_name_in_two_roles_are_two_concepts(data, tmp_path):
    for number, folder in enumerate(["10_sks girl", "reg/1_girl", "reg/2_girl"]):
        picture(tmp_path / "data" / folder / "a.png", number)
    assert concepts(data()) == {
        "train: sks girl": ["10_sks girl/a.png"],
        "regularization: girl": ["reg/1_girl/a.png", "reg/2_girl/a.png"],
    }


def test_kohyas_folders_of_one_name_are_one_concept_with_mean_repeats(data, tmp_path):
    picture(tmp_path / "data" / "10_sks hat" / "a.png", 1)
    picture(tmp_path / "data" / "2_sks hat" / "b.png", 2)
    (hat,) = data().concepts
    assert (hat.name, hat.n, hat.exposure, hat.repeats) == ("sks hat", 2, 12.0, 6.0)
    assert (hat.class_word, hat.info.class_word_origin) == ("hat", "layout")


def test_declared_patterns_split_and_join_folders(data, tmp_path):
    for number, path in enumerate(["x/front-1.png", "x/front-2.png", "x/back-1.png", "y/back-2.png"]):
        picture(tmp_path / "data" / path, number)
    found = data('  concepts:\n    back: {match: "**/back-*.png", trigger: bck, core_tags: [red]}\n')
    assert concepts(found) == {
        "train: back": ["x/back-1.png", "y/back-2.png"],
        "train: x": ["x/front-1.png", "x/front-2.png"],
    }
    back = found.concepts[0]
    assert (back.trigger, back.info.trigger_origin, back.info.core_tags, back.info.declared) == (
        "bck",
        "policy",
        ("red",),
        True,
    )
    # A folder belongs to the concept that has most of its images.
    assert {folder.path: found.concept_infos[folder.concept].name for folder in found.folders} == {
        "x": "x",
        "y": "back",
    }


def test_a_declaration_without_patterns_is_for_the_concept_of_that_name(data, tmp_path):
    picture(tmp_path / "data" / "hat" / "a.png")
    (hat,) = data("  concepts:\n    hat: {class_word: cap}\n").concepts
    assert (hat.class_word, hat.info.class_word_origin, hat.info.declared) == ("cap", "policy", True)


def test_declared_concepts_are_for_training_images_only(data, tmp_path):
    picture(tmp_path / "data" / "hat" / "a.png", 1)
    picture(tmp_path / "data" / "reg" / "b.png", 2)
    found = data('  concepts:\n    all: {match: "**", trigger: sks}\n')
    assert concepts(found) == {"train: all": ["hat/a.png"], "regularization: reg": ["reg/b.png"]}
    assert [concept.trigger for concept in found.concepts] == ["sks", None]


def test_declared_roles_come_before_names(data, tmp_path):
    for number, path in enumerate(["reg/a.png", "x/b.png", "x/keep/c.png"]):
        picture(tmp_path / "data" / path, number)
    found = data('  roles: {train: ["reg/**"], preservation: ["x/keep/**"], earlier: ["x/*"]}\n')
    assert concepts(found) == {
        "train: reg": ["reg/a.png"],
        "earlier: x": ["x/b.png"],
        "preservation: keep": ["x/keep/c.png"],
    }
    assert found.train.paths == ["reg/a.png"]


def test_a_folder_whose_images_cannot_be_read_belongs_to_no_concept(data, tmp_path):
    picture(tmp_path / "data" / "good" / "a.png")
    write(tmp_path / "data" / "bad" / "b.png", "no image")
    found = data()
    assert [(folder.path, folder.concept, folder.n) for folder in found.folders] == [("bad", -1, 0), ("good", 0, 1)]
    assert concepts(found) == {"train: good": ["good/a.png"]}


def test_the_suffixes_of_captions_are_those_that_are_read(data, tmp_path):
    for name, suffix in (("a", ".txt"), ("b", ".caption"), ("c", "")):
        picture(tmp_path / "data" / "x.y" / f"{name}.png", ord(name))
        if suffix:
            write(tmp_path / "data" / "x.y" / f"{name}{suffix}", "cap")
    (folder,) = data().folders
    assert folder.caption_suffixes == (".caption", ".txt")


def test_sizes_are_as_displayed(data, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    picture(tmp_path / "data" / "a.jpg", 1, size=(40, 20), exif=turned)
    picture(tmp_path / "data" / "b.jpg", 2, size=(40, 20))
    found = data()
    assert found.columns["width"].values.tolist() == [20, 40]
    assert found.columns["height"].values.tolist() == [40, 20]


def test_only_training_images_are_compared(data, tmp_path):
    for path in ("hat/a.png", "hat/b.png", "reg/a.png", "val/a.png"):
        picture(tmp_path / "data" / path, 5, size=(64, 64))
    found = data()
    assert [[found.paths[row] for row in group] for group in found.duplicates.exact] == [["hat/a.png", "hat/b.png"]]
    assert found.effective_n == 1


def test_rows_are_in_path_order_and_unreadable_images_have_none(data, tmp_path):
    for name in ("b.png", "a.png", "c/a.png", "é.png"):
        picture(tmp_path / "data" / name, len(name))
    write(tmp_path / "data" / "a0.png", "no image")
    found = data()
    assert found.paths == ("a.png", "b.png", "c/a.png", "é.png")
    assert found.content.shape == (4, 32)
    assert [(problem.path, problem.kind) for problem in found.file_problems] == [("a0.png", "unreadable")]


def test_one_and_two_workers_make_the_same_dataset(data, tmp_path):
    for number in range(5):
        picture(tmp_path / "data" / "hat" / f"{number}.png", number // 2, size=(64, 64))
        write(tmp_path / "data" / "hat" / f"{number}.txt", f"sks, red hat, {number}")
    one = data()
    policy = load_policy("tagmetry:recommended", PLUGINS)
    other = run(Request(paths=(tmp_path / "data",), policy=policy, plugins=PLUGINS, jobs=2)).dataset_view
    assert (one.content == other.content).all()
    assert one.duplicates.near == other.duplicates.near
    assert one.concept_infos == other.concept_infos
    for name, column in one.columns.items():
        same = other.columns[name]
        for part in ("values", "valid", "codes"):
            if hasattr(column, part):
                assert (getattr(column, part) == getattr(same, part)).all(), name
