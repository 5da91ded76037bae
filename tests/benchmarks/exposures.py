"""Whether trainers show what a plan says: `python tests/benchmarks/exposures.py --data DIR`, with `--epochs`, `--csv`.

Lays the DreamBooth subjects out as concepts of 4, 6, 24 and 60 images (by crops of the photographs), and the Wikipe-tan
set as it is, each for sd-scripts, for EveryDream2 with whole multipliers and with fractions, and for the sampler plan.
Each export is read back as its trainer reads it, then drawn by the trainer's own rule for so many epochs; the mean
exposure of each concept stands beside the planned one. Fails where one is off by more than the export says itself.
"""

import argparse
import csv
import json
import random
import shutil
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from report_testing import context
from tagmetry import audit
from tagmetry.api import Report
from tagmetry.options import built, coerced, options_of
from tagmetry.reporters.trainers import everydream as everydream_output
from tagmetry.reporters.trainers import kohya as kohya_output
from tagmetry.reporters.trainers import torch as torch_output
from tagmetry.samplers import load
from tagmetry.trainers import everydream, kohya

SIZES = {"backpack_dog": 4, "cat": 6, "dog": 24, "clock": 60}
WORDS = {"backpack_dog": "backpack", "cat": "cat", "dog": "dog", "clock": "clock"}
SIDE_PX = 512
COLUMNS = ("set", "export", "concept", "role", "images", "planned", "drawn", "off", "least", "most")


def unlike(source: Path, target: Path) -> None:
    """The photographs of four subjects, and crops of them up to the number that is wanted."""
    generator = random.Random(7)
    for subject, n in SIZES.items():
        photographs = sorted((source / subject).glob("*.jpg"))
        folder = target / f"1_sks{subject} {WORDS[subject]}"
        folder.mkdir(parents=True)
        for number in range(n):
            with Image.open(photographs[number % len(photographs)]) as picture:
                image = picture.convert("RGB")
            if number >= len(photographs):
                image = image.crop(_box(image.size, generator))
            image.thumbnail((SIDE_PX, SIDE_PX))
            image.save(folder / f"{number:03d}.jpg", quality=90)
            caption = f"sks{subject}, {WORDS[subject]}, view {number % 5}, place {number % 3}\n"
            (folder / f"{number:03d}.txt").write_text(caption, encoding="utf-8")


def _box(size: tuple[int, int], generator: random.Random) -> tuple[int, int, int, int]:
    width, height = (int(side * generator.uniform(0.55, 0.8)) for side in size)
    left, top = generator.randint(0, size[0] - width), generator.randint(0, size[1] - height)
    return left, top, left + width, top + height


# Each simulation gives, for an export, the exposures of every image in every epoch: {path: array of epochs}.


def kohya_epochs(report: Report, epochs: int, **options: object) -> dict[str, np.ndarray]:
    """sd-scripts: every epoch the same, by repeats, regularization evened out in the order of subsets and paths."""
    config = tomllib.loads(_files(kohya_output.reporter, report, **options)[""])
    (dataset,) = config["datasets"]
    place = report.dataset.path.as_posix()
    paths, repeats, regularization = [], [], []
    for subset in dataset["subsets"]:
        folder = "." if subset["image_dir"] == place else subset["image_dir"].removeprefix(f"{place}/")
        for path in _images_of(report, folder):
            paths.append(path)
            repeats.append(subset["num_repeats"])
            regularization.append(subset.get("is_reg", False))
    drawn = kohya.exposures(np.array(repeats, dtype=np.float64), np.array(regularization, dtype=bool))
    return {path: np.full(epochs, n) for path, n in zip(paths, drawn, strict=True)}


def everydream_epochs(report: Report, epochs: int, **options: object) -> dict[str, np.ndarray]:
    """EveryDream2: whole parts, then the walk over the run's fixed order until the epoch is full."""
    written = _files(everydream_output.reporter, report, **options)
    multiply = {}
    for path, content in written.items():
        folder, _, name = path.rpartition("/")
        if name == "multiply.txt":
            multiply[folder or "."] = everydream.multiplier_of(content)
    paths = [path for path in report.images.paths if (path.rpartition("/")[0] or ".") in multiply]
    factors = np.array([multiply[path.rpartition("/")[0] or "."] for path in paths])
    drawn = everydream.draw(factors, epochs=epochs)
    return {path: drawn[:, column] for column, path in enumerate(paths)}


def torch_epochs(report: Report, epochs: int, **options: object) -> dict[str, np.ndarray]:
    """The planned sampler, epoch by epoch."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(_files(torch_output.reporter, report, **options)["sampler-plan.json"], encoding="utf-8")
        sampler = load(path)
    drawn = np.zeros((epochs, len(sampler.paths)), dtype=np.int64)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        np.add.at(drawn[epoch], list(sampler), 1)
    return {path: drawn[:, column] for column, path in enumerate(sampler.paths)}


EXPORTS = {
    "kohya": (kohya_epochs, {}, 0.0),
    "everydream": (everydream_epochs, {}, 0.0),
    # The trainer's walk favours some images of a folder, and rounds the epoch down to whole images.
    "everydream, fractions": (everydream_epochs, {"fractions": True}, 0.05),
    "torch": (torch_epochs, {}, 0.0),
}
"""Simulation, options, and the error of a concept's mean that the export tells of."""


def _files(reporter: object, report: Report, **options: object) -> dict[str, str]:
    known = options_of(reporter.options)
    chosen = built(reporter.options, {name: coerced(known[name], value) for name, value in options.items()})
    return {file.path: file.content for file in reporter.function(report, chosen, context())}


def _images_of(report: Report, folder: str) -> list[str]:
    return [path for path in report.images.paths if (path.rpartition("/")[0] or ".") == folder]


def planned_exposure(report: Report, concept: object, export: str) -> float:
    """What the plan says an epoch of this export shows of a concept."""
    if export in ("torch", "everydream, fractions"):
        return concept.drawn
    if export == "everydream" and concept.role == "regularization":
        return concept.n * max(1, int(concept.exposure_after / concept.n))
    return concept.exposure_after


def rows_of(name: str, report: Report, epochs: int) -> list[dict[str, object]]:
    concept_of = {path: report.images.concept.label(row) for row, path in enumerate(report.images.paths)}
    role_of = {path: report.images.role.label(row) for row, path in enumerate(report.images.paths)}
    found = []
    for export, (simulate, options, _) in EXPORTS.items():
        drawn = simulate(report, epochs, **options)
        totals = defaultdict(lambda: np.zeros(epochs))
        for path, counts in drawn.items():
            totals[concept_of[path], role_of[path]] += counts
        for concept in report.plan.concepts:
            per_epoch = totals[concept.name, concept.role]
            planned = planned_exposure(report, concept, export)
            found.append(
                {
                    "set": name,
                    "export": export,
                    "concept": concept.name,
                    "role": concept.role,
                    "images": concept.n,
                    "planned": round(planned, 3),
                    "drawn": round(float(per_epoch.mean()), 3),
                    "off": round(float(per_epoch.mean()) / planned - 1, 4) if planned else 0.0,
                    "least": int(per_epoch.min()),
                    "most": int(per_epoch.max()),
                }
            )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with dreambooth/ and wikipe_tan/")
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--csv", type=Path, help="where to write the figures")
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        unlike(asked.data / "dreambooth", place / "unlike")
        shutil.copytree(asked.data / "wikipe_tan", place / "wikipe_tan")
        for name in ("unlike", "wikipe_tan"):
            report = audit(place / name, jobs=0, base_model="sd15")
            rows += rows_of(name, report, asked.epochs)
    print(json.dumps({"epochs": asked.epochs}))
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    if asked.csv:
        with asked.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return int(any(abs(row["off"]) > EXPORTS[row["export"]][2] + 1e-9 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
