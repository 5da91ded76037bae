"""A sampler plan for training loops of one's own: every technique of the plan as data, and the samplers that read it.

The folder holds `sampler-plan.json`, a copy of `tagmetry.samplers` that stands on its own, and a README. Nothing of it
needs Tagmetry where the training runs.
"""

import inspect
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tagmetry import samplers
from tagmetry.api import (
    CannotExport,
    Context,
    File,
    FolderPlan,
    Message,
    Plural,
    Report,
    Reporter,
    message,
    option,
    rounded,
    split_tags,
)
from tagmetry.reporters.trainers.exposures import dataset_place, verdict, why_unbalanced
from tagmetry.reporters.trainers.prose import Section, lines

PLAN: Final = "sampler-plan.json"
MODULE: Final = "tagmetry_samplers.py"
README: Final = "README.txt"
README_WIDTH: Final = 88

_KINDS: Final = ("planned", "stratified", "weighted", "curriculum")


@dataclass(frozen=True, slots=True)
class Options:
    root: str | None = option(None, "Folder of the dataset on the machine that trains; paths are relative to it.")
    balance: bool = option(True, "Exposures as planned; false draws as the repeats were found.")
    sampler: str = option("planned", "The sampler that `load` takes when none is named.", choices=_KINDS)


reporter = Reporter(
    "torch",
    doc="A sampler plan (JSON) for training loops of your own, with a module of samplers for PyTorch's DataLoader.",
    kind="folder",
    options=Options,
)


@reporter.render
def render(report: Report, options: Options, context: Context) -> Iterator[File]:
    """Raises CannotExport for a dataset without training images."""
    data = plan_data(report, options)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"
    if json.loads(text) != data:
        raise AssertionError("the written sampler plan reads otherwise than it was meant")
    yield File(README, "\n".join(lines(tuple(_readme(report, options, data)), context, width=README_WIDTH)) + "\n")
    yield File(PLAN, text)
    yield File(MODULE, inspect.getsource(samplers))


def plan_data(report: Report, options: Options) -> dict[str, Any]:
    """The sampler plan. Images are numbered in the order of their paths, and `group` numbers the folders."""
    plan, table = report.plan, report.images
    folders = [folder for folder in plan.folders if folder.n and (folder.role != "preservation" or options.balance)]
    number = {folder.path: place for place, folder in enumerate(folders)}
    columns = plan.images
    assert columns is not None
    chosen = [row for row, path in enumerate(table.paths) if (path.rpartition("/")[0] or ".") in number]
    if not any(table.role.equals("train")[row] for row in chosen):
        raise CannotExport(message("there is no training image to draw"))
    caps = _cap_weights(report)
    return {
        "format": samplers.FORMAT,
        "tool": {"name": "tagmetry", "version": report.version},
        "dataset": report.dataset.root,
        "root": dataset_place(report, options.root, "torch.root"),
        "seed": plan.seed,
        "sampler": options.sampler,
        "groups": [_group(folder, balance=options.balance) for folder in folders],
        "strata": [{"name": group.name, "n": group.n, "k": group.k} for group in plan.strata],
        "weights": _settings(report, "image-weights"),
        "curriculum": _settings(report, "curriculum") or {"tau_share": 0.2},
        "images": {
            "path": [table.paths[row] for row in chosen],
            "role": [table.role.label(row) for row in chosen],
            "group": [number[table.paths[row].rpartition("/")[0] or "."] for row in chosen],
            "stratum": [int(columns.stratum[row]) for row in chosen],
            "weight": [rounded(columns.weight[row]) for row in chosen],
            "cap_weight": [rounded(caps.get(row, 1.0)) for row in chosen],
            "difficulty": [int(columns.difficulty[row]) for row in chosen],
        },
    }


def _group(folder: FolderPlan, *, balance: bool) -> dict[str, Any]:
    whole, drawn, wanted = folder.whole, folder.drawn, folder.wanted
    if not balance:
        wanted = max(folder.repeats_before, 0.0)
        whole = math.floor(wanted)
        drawn = math.floor((wanted - whole) * folder.n + 1e-9)
    return {
        "path": folder.path,
        "concept": folder.concept,
        "role": folder.role,
        "n": folder.n,
        "wanted": rounded(wanted),
        "whole": whole,
        "drawn": drawn,
    }


def _settings(report: Report, id: Any) -> dict[str, Any]:
    technique = report.plan.technique_plan(id)
    return dict(technique.settings) if technique is not None else {}


def _cap_weights(report: Report) -> dict[int, float]:
    """What brings too frequent tags to their caps by fewer draws, by row; for captions whose concept has such a tag.

    Caps that no weight reaches, since every image has the tag, are left to edited captions.
    """
    caps: dict[str, dict[str, float]] = {}
    for cap in report.plan.tags:
        if cap.fewer_draws is not None:
            caps.setdefault(cap.concept, {})[_folded(cap.tag)] = cap.fewer_draws
    table = report.images
    found = {}
    for row, caption in enumerate(table.captions if caps else ()):
        of_concept = caps.get(table.concept.label(row), {})
        weights = [of_concept[form] for tag in split_tags(caption) if (form := _folded(tag)) in of_concept]
        if weights:
            found[row] = min(weights)
    return found


def _folded(tag: str) -> str:
    return tag.replace("_", " ").casefold()


def _readme(report: Report, options: Options, data: dict[str, Any]) -> Iterator[Section]:
    yield Section(
        message(
            "Sampler plan by Tagmetry {version}, for the dataset {dataset}.",
            version=report.version,
            dataset=report.dataset.root,
        ),
        tuple(verdict(report)),
        stands_alone=True,
    )
    yield Section(message("What an epoch shows:"), tuple(_shown(report, options, data)))
    yield Section(
        message("How to get it without:"),
        (
            message("--set torch.balance=false draws as the repeats were found"),
            message("without a sampler, shuffle=True of the DataLoader shows every image once"),
        ),
    )
    yield Section(message("How to use it:"), tuple(_use()))
    yield Section(message("Samplers:"), tuple(_samplers(report)))
    yield Section(message("Besides:"), tuple(text for text in report.plan.advice if "k" not in text.values))


def _shown(report: Report, options: Options, data: dict[str, Any]) -> Iterator[Message]:
    for group in data["groups"]:
        exposures = group["n"] * group["whole"] + group["drawn"]
        values = {"folder": group["path"], "n": group["n"], "k": group["drawn"], "whole": group["whole"]}
        if not group["drawn"]:
            yield message(
                Plural(
                    "{folder}: its {n:count} image {whole:count} times, {exposures:count} exposures",
                    "{folder}: its {n:count} images {whole:count} times, {exposures:count} exposures",
                ),
                exposures=exposures,
                **values,
            )
        elif group["whole"]:
            yield message(
                "{folder}: its {n:count} images {whole:count} times and {k:count} of them once more, {exposures:count} "
                "exposures",
                exposures=exposures,
                **values,
            )
        else:
            yield message("{folder}: {k:count} of its {n:count} images, others in each epoch", **values)
    if options.balance and report.plan.technique != "repeats":
        yield from why_unbalanced(report)


def _use() -> Iterator[Message]:
    yield message(
        "1. Put tagmetry_samplers.py and sampler-plan.json beside your training script. Nothing else is needed."
    )
    yield message("2. Image number i of your dataset has to be the i-th path of the plan, below root.")
    yield message('3. sampler = load("sampler-plan.json"); DataLoader(dataset, batch_size=2, sampler=sampler)')
    yield message("4. Call sampler.set_epoch(epoch) before each epoch; the same epoch draws the same images.")
    yield message("With several processes: Shard(sampler, rank=rank, world=world).")


def _samplers(report: Report) -> Iterator[Message | tuple[str, Message]]:
    yield "planned", message("whole passes of each folder and a part of it, chosen anew each epoch")
    yield "stratified", message("from each concept the same number, as far as it has so many")
    yield (
        "weighted",
        message("draws with repetition, copies and noisy captions less often; caps=True also thins frequent tags"),
    )
    yield "curriculum", message("begins with the stratified one and fades to all images; name steps of the whole run")
    unreached = tuple(sorted({cap.tag for cap in report.plan.tags if cap.fewer_draws is None}))
    if unreached:
        yield message(
            "no draws bring these tags to their cap, since every image of their concept has them: {tags}; edited "
            "copies of captions do (tagmetry plan --cap-tags --to DIR)",
            tags=unreached,
        )
