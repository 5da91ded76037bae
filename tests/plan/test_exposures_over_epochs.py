"""A thousand epochs of every export, by its trainer's own rule of drawing, give what the plan says."""

import json
import tomllib
from collections import Counter
from pathlib import PurePosixPath

import numpy as np
import pytest

from report_testing import files, report_of
from rule_testing import concept, dataset
from tagmetry.reporters.trainers import everydream as everydream_output
from tagmetry.reporters.trainers import kohya as kohya_output
from tagmetry.reporters.trainers import torch as torch_output
from tagmetry.samplers import load
from tagmetry.trainers import everydream, kohya

EPOCHS = 1000
SIZES = {"can": 4, "cat": 6, "dog": 24, "clock": 60}


def report(*more, **profile):
    concepts = [concept(name, captions=[f"{name}, {i}" for i in range(n)], trigger=name) for name, n in SIZES.items()]
    return report_of(dataset(*concepts, *more, resolution=512, **profile), path=PurePosixPath("/data/set"))


def planned(of, name="exposure_after"):
    return {one.name: getattr(one, name) for one in of.plan.concepts}


def counted(of, paths, totals):
    names = {path: of.images.concept.label(row) for row, path in enumerate(of.images.paths)}
    found = Counter()
    for path, total in zip(paths, totals, strict=True):
        found[names[path]] += total
    return found


def test_sd_scripts_shows_the_planned_exposures_in_every_epoch():
    of = report(concept("reg", n=7, role="regularization"), trainer="kohya")
    (data,) = tomllib.loads(files(kohya_output.reporter, of)[""])["datasets"]
    paths, repeats, is_reg = [], [], []
    for subset in data["subsets"]:
        own = [path for path in of.images.paths if f"/data/set/{path.rpartition('/')[0]}" == subset["image_dir"]]
        paths += own
        repeats += [float(subset["num_repeats"])] * len(own)
        is_reg += [subset.get("is_reg", False)] * len(own)
    drawn = kohya.exposures(np.array(repeats), np.array(is_reg)) * EPOCHS
    assert counted(of, paths, drawn) == {name: n * EPOCHS for name, n in planned(of).items()}


def everydream_totals(of, **options):
    written = files(everydream_output.reporter, of, **options)
    multiply = {
        path.rpartition("/")[0]: everydream.multiplier_of(text)
        for path, text in written.items()
        if path.endswith("/multiply.txt")
    }
    paths = [path for path in of.images.paths if path.rpartition("/")[0] in multiply]
    drawn = everydream.draw(np.array([multiply[path.rpartition("/")[0]] for path in paths]), epochs=EPOCHS)
    return counted(of, paths, drawn.sum(axis=0).tolist())


def test_everydream_shows_whole_multipliers_in_every_epoch():
    of = report()
    assert everydream_totals(of) == {name: n * EPOCHS for name, n in planned(of).items()}


def test_everydream_shows_fractions_on_average():
    of = report()
    totals = everydream_totals(of, fractions=True)
    for name, wanted in planned(of, "drawn").items():
        assert totals[name] / EPOCHS == pytest.approx(wanted, rel=0.03)
    assert sum(totals.values()) == EPOCHS * sum(planned(of, "drawn").values())


def test_everydream_draws_a_part_of_the_preservation_images():
    of = report(concept("keep", n=400, role="preservation"))
    kept = everydream_totals(of, fractions=True)["keep"] / EPOCHS
    # Half of the 65 training exposures.
    assert kept == pytest.approx(32.5, rel=0.03)


def test_the_planned_sampler_shows_exactly_what_is_planned(tmp_path):
    of = report(concept("keep", n=100, role="preservation"))
    (tmp_path / "plan.json").write_text(files(torch_output.reporter, of)["sampler-plan.json"], encoding="utf-8")
    sampler = load(tmp_path / "plan.json")
    totals = Counter()
    for epoch in range(EPOCHS):
        sampler.set_epoch(epoch)
        totals.update(sampler)
    by_concept = counted(of, sampler.paths, [totals[i] for i in range(len(sampler.paths))])
    assert by_concept == {name: n * EPOCHS for name, n in planned(of, "drawn").items()}
    # Within a concept the random part goes round: 500 draws each on average, five standard deviations are 79.
    clocks = [totals[i] for i, path in enumerate(sampler.paths) if path.startswith("clock/")]
    assert max(abs(n - EPOCHS / 2) for n in clocks) < 79


def test_what_cannot_be_expressed_is_said():
    of = report(concept("keep", n=400, role="preservation"), trainer="kohya")
    text = " ".join(line.lstrip("# ") for line in files(kohya_output.reporter, of)[""].splitlines())
    assert "keep: its 400 preservation images would be too many per epoch" in text
    assert "parts of a folder: repeats are whole numbers, so proportions are rounded" in text
    assert "the same number of images from each concept: repeats per folder are the nearest" in text
    assert "a curriculum: two runs" in text
    assert json.dumps(of.plan.scale) in text
