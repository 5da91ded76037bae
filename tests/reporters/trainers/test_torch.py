"""The sampler plan: what it holds, and that its own module draws it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import PurePosixPath

import pytest

from report_testing import files, report_of
from rule_testing import concept, dataset
from tagmetry.api import CannotExport
from tagmetry.reporters.trainers.torch import reporter
from tagmetry.samplers import load

HERE = PurePosixPath("/data/hats")


def tags(n, trigger):
    return [f"{trigger}, pose {i % 9}, place {i % 7}" for i in range(n)]


def four_concepts(*more, near=(), **profile):
    return report_of(
        dataset(
            concept("can", captions=tags(4, "abc"), trigger="abc"),
            concept("clock", captions=tags(6, "def"), trigger="def"),
            concept("dog", captions=tags(24, "ghi"), trigger="ghi"),
            concept("cat", captions=tags(60, "sks"), trigger="sks"),
            *more,
            near=near,
            **profile,
        ),
        path=HERE,
    )


def plan(report, **options):
    return json.loads(files(reporter, report, **options)["sampler-plan.json"])


def readme(report, **options):
    return " ".join(line.strip() for line in files(reporter, report, **options)["README.txt"].splitlines())


def test_groups_are_folders_with_exact_exposures():
    groups = {group["path"]: group for group in plan(four_concepts())["groups"]}
    assert {path: (group["whole"], group["drawn"]) for path, group in groups.items()} == {
        "can": (2, 0),
        "clock": (2, 0),
        "dog": (0, 15),
        "cat": (0, 30),
    }
    assert (groups["dog"]["wanted"], groups["dog"]["n"]) == (0.625, 24)


def test_images_stand_in_the_order_of_their_paths_with_their_groups():
    data = plan(four_concepts())
    assert data["images"]["path"] == sorted(data["images"]["path"])
    first = data["images"]["path"].index("dog/000.png")
    assert data["groups"][data["images"]["group"][first]]["path"] == "dog"
    assert data["strata"][data["images"]["stratum"][first]]["name"] == "dog"
    assert {len(column) for column in data["images"].values()} == {94}


def test_copies_weigh_less():
    data = plan(four_concepts(near=[("cat/000.png", "cat/001.png", "cat/002.png", "cat/003.png")]))
    weights = dict(zip(data["images"]["path"], data["images"]["weight"], strict=True))
    assert (weights["cat/003.png"], weights["cat/004.png"]) == (0.5, 1)


def test_frequent_tags_are_thinned_by_fewer_draws_where_that_helps():
    captions = [f"abc, {'smile, ' if i < 38 else ''}pose {i % 9}" for i in range(40)]
    report = report_of(dataset(concept("hat", captions=captions, trigger="abc")), path=HERE)
    weights = plan(report)["images"]["cap_weight"]
    # On 95 % of the images, to be 80 %: 0.8 x 0.05 / (0.95 x 0.2).
    assert weights == [pytest.approx(0.210526, abs=1e-6)] * 38 + [1] * 2


def test_a_tag_on_every_image_is_told_to_need_edits():
    report = report_of(
        dataset(concept("hat", captions=[f"abc, smile, {i}" for i in range(40)], trigger="abc")), path=HERE
    )
    assert set(plan(report)["images"]["cap_weight"]) == {1}
    assert "no draws bring these tags to their cap" in readme(report)


def test_as_found_it_draws_the_repeats_of_the_folders():
    report = report_of(dataset(concept("a", n=30, repeats=1.5), concept("b", n=4)), path=HERE)
    groups = plan(report, balance=False)["groups"]
    assert [(group["whole"], group["drawn"]) for group in groups] == [(1, 15), (1, 0)]


def test_preservation_images_are_drawn_anew_each_epoch():
    report = four_concepts(concept("keep", n=500, role="preservation"))
    (group,) = [group for group in plan(report)["groups"] if group["role"] == "preservation"]
    assert (group["whole"], group["drawn"]) == (0, 32)  # half of 65
    assert "keep: 32 of its 500 images, others in each epoch" in readme(report)
    assert all(group["role"] != "preservation" for group in plan(report, balance=False)["groups"])


def test_held_out_images_are_not_in_the_plan():
    data = plan(four_concepts(concept("val", n=5, role="holdout")))
    assert not any(path.startswith("val/") for path in data["images"]["path"])


def test_the_root_can_be_that_of_another_machine():
    assert plan(four_concepts(), root="D:\\sets\\hats")["root"] == "D:/sets/hats"
    assert plan(four_concepts())["root"] == "/data/hats"


def test_the_folder_of_the_dataset_itself_can_hold_the_images():
    report = report_of(dataset(concept("hats", n=40, folder=".")), path=HERE)
    assert plan(report)["groups"][0]["path"] == "."
    assert len(plan(report)["images"]["path"]) == 40


def test_without_training_images_there_is_no_plan():
    report = report_of(dataset(concept("reg", n=4, role="regularization")), path=HERE)
    with pytest.raises(CannotExport, match="no training image to draw"):
        plan(report)


def test_names_of_strangers_survive(tmp_path):
    report = report_of(dataset(concept('a"b\\n 帽子', n=31)), path=HERE)
    assert plan(report)["groups"][0]["path"] == 'a"b\\n 帽子'


@pytest.mark.parametrize("kind", ["planned", "stratified", "weighted", "curriculum"])
def test_the_module_of_the_folder_runs_without_tagmetry(tmp_path, kind):
    for path, content in files(reporter, four_concepts()).items():
        (tmp_path / path).write_text(content, encoding="utf-8")
    script = (
        "import sys; sys.path.insert(0, '.');"
        f"from tagmetry_samplers import load; s = load('sampler-plan.json', {kind!r}, steps=100, batch_size=2);"
        "print(len(s), len(list(s)), 'tagmetry' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    n = {"planned": 65, "stratified": 40, "weighted": 65, "curriculum": 94}[kind]
    assert run.stdout.split() == [str(n), str(n), "False"]


def test_the_weighted_sampler_keeps_the_balance_of_the_plan(tmp_path):
    (tmp_path / "plan.json").write_text(files(reporter, four_concepts())["sampler-plan.json"], encoding="utf-8")
    sampler = load(tmp_path / "plan.json", "weighted")
    counts = Counter()
    for epoch in range(300):
        sampler.set_epoch(epoch)
        counts.update(sampler.paths[i].split("/")[0] for i in sampler)
    wanted = {"can": 8, "clock": 12, "dog": 15, "cat": 30}
    assert all(abs(counts[name] / 300 - n) < 0.9 for name, n in wanted.items())
