"""`tagmetry plan PATH`: the balance plan with the path that led to it, and what can be written of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import click

from tagmetry import reporting
from tagmetry.cli.delivery import TRAINER_CONFIGS, deliver, in_turn, prechecks, targets_of
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, flag, paths_argument
from tagmetry.cli.plan_text import PlanText
from tagmetry.cli.running import Run, audited, read_flags
from tagmetry.errors import UsageError
from tagmetry.messages import Message, message, visible
from tagmetry.options import NoOptions
from tagmetry.outputs import Target, as_bytes, check_target, check_targets, write
from tagmetry.plan import folder, prompts
from tagmetry.plan.adjustments import ADJUSTMENTS, adjusted
from tagmetry.plan.as_data import plan_as_data
from tagmetry.plan.flow import proposed_plan
from tagmetry.plan.holdout import HoldOut, hold_out
from tagmetry.plan.subset import without
from tagmetry.report import Report
from tagmetry.reporter import Reporter
from tagmetry.wrapping import wrapped

_FOLDER: Final = Reporter("--to", doc="The folder of a plan.", kind="folder")


@click.command("plan", context_settings=CONTEXT)
@paths_argument
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="NAME=PATH",
    help="Write the plan for a trainer: kohya, everydream or torch; or another output, such as html.",
)
@click.option(
    "--to",
    "folder_path",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new folder for plan.json, the fixed prompts, and copies of images where training needs others.",
)
@click.option(
    "--holdout",
    "held_out",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Keep N representative images (10 to 30) and all that are alike to them out of training; needs --to.",
)
@click.option(
    "--prompts",
    "n_prompts",
    type=click.IntRange(prompts.FEWEST, prompts.MOST),
    default=prompts.USUAL,
    show_default=True,
    metavar="N",
    help="Prompts that --to writes, to be drawn at every checkpoint.",
)
@click.option(
    "--cap-tags", is_flag=True, help="Take the caps on frequent tags, by edited copies of captions; needs --to."
)
@click.option(
    "--adjust",
    "adjustments",
    multiple=True,
    type=click.Choice(list(ADJUSTMENTS)),
    metavar="NAME",
    help=f"Change the plan for what was seen in samples: {', '.join(ADJUSTMENTS)}.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Epochs as they are trained now (default: those of a config).",
)
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@dataset_flags
@flag("--force", is_flag=True, help="Replace an output folder that Tagmetry did not write.")
@console_flags
def plan(paths: tuple[Path, ...], outputs: tuple[str, ...], text_format: str, **flags: Any) -> int:
    """Propose how often each concept should be shown, and say why.

    A plan is a proposal. -o NAME=PATH writes it for a trainer, --to DIR with prompts and a hold-out to judge it by.
    """
    asked = read_flags(paths, flags)
    targets = targets_of(asked, outputs)
    place: Path | None = flags["folder_path"]
    _check_wishes(flags, place)
    in_folder = None if place is None else Target(_FOLDER, place, NoOptions())
    force = bool(flags["force"])
    check_targets([*targets, *([in_folder] if in_folder else [])], asked.dataset_folders(), force=force)
    report = audited(
        asked, exports=any(target.reporter.name in TRAINER_CONFIGS for target in targets), prechecks=prechecks(targets)
    )
    planned = _planned(asked, report, place)
    if in_folder is not None:
        check_target(in_folder, asked.dataset_folders(), force=force)
        write(in_folder, folder.files(planned.parts))
        asked.say(message("wrote {path}", path=str(place)))
    failed = [deliver(asked, target, planned.report) for target in in_turn(asked, targets)]
    if text_format == "json":
        click.echo(as_bytes(json.dumps(plan_as_data(planned.parts.plan), indent=2, ensure_ascii=False)))
    elif all(target.path is not None for target in targets):
        for line in _text(asked, planned, place):
            click.echo(line.rstrip())
    return 3 if report.summary.verdict == "incomplete" or any(failed) else 0


def _check_wishes(flags: dict[str, Any], place: Path | None) -> None:
    for name, given in (("--holdout", flags["held_out"]), ("--cap-tags", flags["cap_tags"])):
        if given and place is None:
            raise UsageError(
                message("{flag} needs a folder for the copies that are trained then", flag=name),
                message("name a new one with --to DIR; the dataset itself is never changed"),
            )


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan with what goes into its folder, and the report whose dataset is what will be trained."""

    parts: folder.Parts
    report: Report


def _planned(asked: Run, report: Report, place: Path | None) -> Planned:
    flags = asked.flags
    dataset = report.dataset_view
    assert dataset is not None
    options = adjusted(asked.policy.balance(), flags["adjustments"])
    held: HoldOut | None = None
    if flags["held_out"]:
        held = hold_out(dataset, flags["held_out"], options.seed)
        if not held.rows:
            raise UsageError(
                message("no image can be held out: every concept is too small to spare one"),
                message("judge by the prompts alone, which --to DIR writes"),
            )
    trained = without(dataset, held.removed) if held is not None else dataset
    plan = proposed_plan(
        trained,
        options,
        applied=report.plan.applied,
        conditions=asked.policy.balance_conditions(),
        epochs=flags["epochs"],
        adjustments=flags["adjustments"],
        cap_tags=bool(flags["cap_tags"]),
    )
    found = prompts.prompts(dataset, flags["n_prompts"], options.seed) if place is not None else ()
    parts = folder.Parts(dataset, plan, found, held)
    report = replace(report, plan=plan)
    if parts.has_copies and place is not None:
        summary = reporting.dataset_summary(trained, report.dataset.files, report.dataset.excluded)
        report = replace(
            report,
            dataset=replace(summary, path=(place / folder.TRAIN).absolute()),
            images=reporting.image_table(trained),
            tags=reporting.tag_rows(trained),
            metrics=reporting.metrics(trained),
        )
    return Planned(parts, report)


def _text(asked: Run, planned: Planned, place: Path | None) -> Iterator[str]:
    context = asked.context()
    plan, say = planned.parts.plan, asked.translator
    yield from PlanText(plan, say, context.width).lines()
    texts = list(_what_was_written(planned, place)) if place is not None else list(_next_steps(asked))
    if texts:
        yield ""
        yield say.text("Written") if place is not None else say.text("What to do with it")
    for text in texts:
        yield from wrapped(visible(say.render(text)), context.width, indent="    ", first="  ")


def _what_was_written(planned: Planned, place: Path) -> Iterator[Message]:
    parts = planned.parts
    yield message(
        "{path}: {n:count} prompts with seeds, for sd-scripts' --sample_prompts and as JSON",
        path=str(place / "prompts.txt"),
        n=len(parts.prompts),
    )
    if parts.held_out is not None:
        yield parts.held_out.told()
    if parts.plan.edited:
        yield message("{n:count} captions were edited, in copies", n=len(parts.plan.edited))
    if parts.has_copies:
        yield message(
            "train on {path}: images and captions are copies, and nothing in the dataset was changed",
            path=str(place / folder.TRAIN),
        )


def _next_steps(asked: Run) -> Iterator[Message]:
    paths = " ".join(f'"{path}"' if " " in str(path) else str(path) for path in asked.paths)
    paths = " ".join((paths, *(f"--adjust {name}" for name in dict.fromkeys(asked.flags["adjustments"]))))
    trainer = asked.policy.profile().trainer or "kohya"
    yield message("nothing was changed; try it on a short run first, and compare checkpoints by fixed prompts:")
    yield message("{command}", command=f"tagmetry plan {paths} --to plan-folder")
    if trainer == "everydream":
        yield message("{command}", command=f"tagmetry plan {paths} -o everydream=settings-folder")
    else:
        yield message("{command}", command=f"tagmetry plan {paths} -o kohya=dataset.toml")
