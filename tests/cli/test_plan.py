"""`tagmetry plan`: what it prints, and what it writes."""

import json
import tomllib

import pytest

from command_testing import draw, run

SIZES = {"10_lumi girl": 9, "10_teapot": 30}
POLICY = """tagmetry: 1
extends: tagmetry:recommended
balance:
  steps:
    - name: small ones
      multiplier: clip(dataset.median_exposure / concept.exposure, 1, 2)
"""


@pytest.fixture(scope="module")
def unlike(tmp_path_factory):
    place = tmp_path_factory.mktemp("plan")
    seed = 0
    for folder, n in SIZES.items():
        word = folder.split("_")[1].split()[0]
        for number in range(n):
            seed += 1
            draw(place / "set" / folder / f"{number:02d}.png", seed, (160, 160))
            caption = f"{word}, photo, view {number % 4}, place {number % 3}\n"
            (place / "set" / folder / f"{number:02d}.txt").write_text(caption, encoding="utf-8")
    (place / "own.yaml").write_text(POLICY, encoding="utf-8")
    return place


def planned(place, *arguments, code=0):
    result = run("plan", "set", *arguments, "--progress", "none", cwd=place)
    assert result.returncode == code, result.stderr
    return result


def test_the_text_fits_eighty_columns_and_begins_with_what_changes(unlike):
    lines = planned(unlike, "--epochs", "12", "--policy", "own.yaml").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:7] == [
        "Repeats bring the concepts nearer to each other. This is a proposal: nothing was",
        "changed.",
        "",
        "What an epoch shows, as found -> as planned",
        "  concept    images   repeats   exposures         share",
        "  lumi girl       9  10 -> 20   90 -> 180  23 % -> 38 %",
        "  teapot         30        10         300  77 % -> 62 %",
    ]
    text = "\n".join(lines)
    assert "  in all: 12 epochs, 4,680 steps -> 12 epochs, 5,760 steps" in text
    start = lines.index("In the whole run")
    assert lines[start + 1 : start + 3] == [
        "  concept         exposures  each image",
        "  lumi girl  1,080 -> 2,160  120 -> 240",
    ]
    assert 'step "small ones" of the policy: everything else' in text
    assert "-> holds: multiplier clip(" in text
    assert '"photo" of teapot: on 100 % of the images, 80 % with a cap' in text
    assert "tagmetry plan set --to plan-folder" in text


def test_the_json_has_the_plan_alone(unlike):
    data = json.loads(planned(unlike, "--format", "json", "--epochs", "12").stdout)
    assert (data["technique"], data["steps"]["epochs"]) == ("repeats", 12)
    assert [one["name"] for one in data["concepts"]] == ["lumi girl", "teapot"]


def test_the_folder_holds_plan_prompts_and_hold_out(unlike):
    planned(unlike, "--to", "out", "--holdout", "6", "--prompts", "21", "--base-model", "sd15")
    out = unlike / "out"
    held = json.loads((out / "holdout.json").read_text(encoding="utf-8"))["images"]
    names = {image["path"] for image in held}
    twins = {path for image in held for path in image["leaves_with_it"]}
    assert len(names) == 6
    assert {path.relative_to(out / "holdout").as_posix() for path in out.glob("holdout/*/*.png")} == names
    trained = {path.relative_to(out / "train").as_posix() for path in out.glob("train/*/*.png")}
    everything = {path.relative_to(unlike / "set").as_posix() for path in unlike.glob("set/*/*.png")}
    assert trained == everything - names - twins
    for path in trained:
        assert (out / "train" / path).read_bytes() == (unlike / "set" / path).read_bytes()
    lines = (out / "prompts.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 21
    assert all(" --w 512 --h 512 --d " in line for line in lines)
    assert json.loads((out / "plan.json").read_text(encoding="utf-8"))["technique"] == "repeats"


def test_capped_captions_are_edited_copies_and_the_export_trains_on_them(unlike):
    result = planned(unlike, "--to", "capped", "--cap-tags", "-o", "kohya=capped.toml", "--base-model", "sd15")
    (data,) = tomllib.loads((unlike / "capped.toml").read_text(encoding="utf-8"))["datasets"]
    assert [subset["image_dir"] for subset in data["subsets"]] == [
        (unlike / "capped" / "train" / folder).as_posix() for folder in SIZES
    ]
    own = [(unlike / "set" / "10_teapot" / f"{n:02d}.txt").read_text(encoding="utf-8") for n in range(30)]
    copies = [
        (unlike / "capped" / "train" / "10_teapot" / f"{n:02d}.txt").read_text(encoding="utf-8") for n in range(30)
    ]
    assert sum("photo" in text for text in own) == 30
    assert sum("photo" in text for text in copies) == 24
    assert {text.replace("photo, ", "") for text in own} == {text.replace("photo, ", "") for text in copies}
    assert "captions were edited, in copies" in " ".join(result.stdout.split())
    config = " ".join(line.lstrip("# ") for line in (unlike / "capped.toml").read_text(encoding="utf-8").splitlines())
    assert "edited copies that leave out frequent tags" in config


def test_adjustments_change_what_is_exported(unlike):
    planned(unlike, "--adjust", "multipliers-back", "-o", "kohya=plain.toml", "--base-model", "sd15")
    (data,) = tomllib.loads((unlike / "plain.toml").read_text(encoding="utf-8"))["datasets"]
    assert [subset["num_repeats"] for subset in data["subsets"]] == [5, 5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--holdout", "5"), "--holdout needs a folder for the copies that are trained then"),
        (("--to", "set/inside"), "lies inside the dataset"),
        (("--adjust", "more"), "'more' is not one of"),
        (("-o", "kohya=no.toml"), "kohya: sd-scripts needs a resolution, and none is known"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_measured(unlike, arguments, said):
    result = planned(unlike, *arguments, code=2)
    assert said in " ".join(result.stderr.split())


def test_sets_that_can_spare_nothing_have_no_hold_out(tmp_path):
    for number in range(3):
        draw(tmp_path / "set" / f"{number}.png", number, (160, 160))
    result = planned(tmp_path, "--to", "out", "--holdout", "5", code=2)
    assert "no image can be held out" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_epochs_of_a_config_are_counted(unlike):
    (unlike / "train.toml").write_text(
        "max_train_epochs = 4\n"
        f'train_data_dir = "{(unlike / "set").as_posix()}"\npretrained_model_name_or_path = "sd15"\n',
        encoding="utf-8",
    )
    data = json.loads(planned(unlike, "--config", "train.toml", "--format", "json").stdout)
    assert data["steps"]["epochs"] == 4
    assert data["concepts"][1]["in_all"][0] == 1200


def exported(place, changes, tmp_path):
    """What plan writes for both trainers with these changes."""
    options = [word for name in changes for word in ("--adjust", name)]
    toml, folder = tmp_path / "dataset.toml", tmp_path / "everydream"
    planned(place, *options, "--base-model", "sd15", "-o", f"kohya={toml}", "-o", f"everydream={folder}")
    subsets = tomllib.loads(toml.read_text(encoding="utf-8"))
    settings = json.loads((folder / "train-settings.json").read_text(encoding="utf-8"))
    multiply = {path.parent.name: path.read_text(encoding="utf-8").strip() for path in folder.rglob("multiply.txt")}
    return subsets, settings, multiply, toml.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def drifting(tmp_path_factory):
    """A small character with repeats, class images, and pictures of everything else."""
    place = tmp_path_factory.mktemp("drifting")
    for number, (folder, n) in enumerate({"6_lumi girl": 12, "reg/1_girl": 12, "preservation/1_photo": 40}.items()):
        for image in range(n):
            draw(place / "set" / folder / f"{image:02d}.png", 100 * number + image, (160, 160))
            text = f"{folder.split('_')[1].split()[0]}, view {image % 4}, place {image % 3}, hat {image % 5}"
            (place / "set" / folder / f"{image:02d}.txt").write_text(text, encoding="utf-8")
    return place


def repeats_in(config):
    return {one["image_dir"].rpartition("/")[2]: one["num_repeats"] for one in config["datasets"][0]["subsets"]}


def test_a_drift_lowers_repeats_and_weighs_regularization_more_in_both_trainers_configs(drifting, tmp_path):
    config, _, multiply, text = exported(drifting, ["more-regularization"], tmp_path)
    assert repeats_in(config)["6_lumi girl"] == 3
    assert "--prior_loss_weight=1.25" in text
    assert multiply["6_lumi girl"] == "3"
    scale = tmp_path / "everydream" / "reg" / "1_girl" / "loss_scale.txt"
    assert scale.read_text(encoding="utf-8").strip() == "1.25"


def test_short_prompts_that_fail_get_some_caption_dropout_in_both_trainers_configs(drifting, tmp_path):
    config, settings, _, _ = exported(drifting, ["some-caption-dropout"], tmp_path)
    assert (config["general"]["caption_dropout_rate"], settings["cond_dropout"]) == (0.03, 0.03)
    assert repeats_in(config)["6_lumi girl"] == 6


def test_bleeding_lowers_repeats_and_draws_more_of_what_is_to_stay(drifting, tmp_path):
    (tmp_path / "usual").mkdir()
    (tmp_path / "changed").mkdir()
    _, _, usual, _ = exported(drifting, [], tmp_path / "usual")
    config, _, changed, _ = exported(drifting, ["multipliers-back"], tmp_path / "changed")
    assert (usual["6_lumi girl"], changed["6_lumi girl"]) == ("6", "3")
    assert repeats_in(config)["6_lumi girl"] == 3
    # 40 images for 72 exposures at the least share of a quarter, and for 36 at the largest of a half.
    assert (usual["1_photo"], changed["1_photo"]) == ("0.45", "0.45")


def test_the_next_commands_keep_the_changes(drifting):
    text = planned(drifting, "--adjust", "fewer-repeats", "--adjust", "some-caption-dropout").stdout
    assert "tagmetry plan set --adjust fewer-repeats --adjust some-caption-dropout -o" in " ".join(text.split())
