"""`tagmetry plan PATH`: the balance plan with the path that led to it, and the exposures before and after."""

import json
from pathlib import Path
from typing import Any

import click

from tagmetry.cli.console import cells
from tagmetry.cli.options import CONTEXT, console_flags, dataset_flags, paths_argument
from tagmetry.cli.running import audited, read_flags
from tagmetry.messages import Translator, visible
from tagmetry.outputs import as_bytes
from tagmetry.plan.as_data import plan_as_data
from tagmetry.plan.model import Plan


@click.command("plan", context_settings=CONTEXT)
@paths_argument
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@dataset_flags
@console_flags
def plan(paths: tuple[Path, ...], text_format: str, **flags: Any) -> int:
    """Propose how often each concept should be shown, and say why."""
    asked = read_flags(paths, flags)
    report = audited(asked)
    if text_format == "json":
        click.echo(as_bytes(json.dumps(plan_as_data(report.plan), indent=2, ensure_ascii=False)))
    else:
        for line in plan_lines(report.plan, asked.translator):
            click.echo(line)
    return 3 if report.summary.verdict == "incomplete" else 0


def plan_lines(plan: Plan, translator: Translator) -> list[str]:
    """The plan as text: the flow, the exposures, the settings, the advice."""
    lines = [translator.text("How the plan was made")]
    for number, step in enumerate(plan.trace, start=1):
        question, value, taken = (translator.render(part) for part in (step.question, step.value, step.taken))
        lines += [f"  {number}. {question}", f"     {value}", f"     -> {taken}"]
    lines += ["", translator.text("Exposures per epoch (images x repeats)")]
    names = [visible(concept.name) for concept in plan.concepts]
    name_width = max(map(cells, names), default=0)
    for name, concept in zip(names, plan.concepts, strict=True):
        figures = translator.format(
            "{n:count} images, repeats {before:number} -> {after:number}, exposures {from:number} -> {to:number}",
            {
                "n": concept.n,
                "before": round(concept.repeats_before, 2),
                "after": concept.repeats_after,
                "from": round(concept.exposure_before, 1),
                "to": round(concept.exposure_after, 1),
            },
        )
        role = "" if concept.role == "train" else f" [{translator.text(concept.role)}]"
        residual = translator.format(", off by {r:percent}", {"r": abs(concept.residual)}) if concept.residual else ""
        lines.append(f"  {name}{' ' * (name_width - cells(name))}  {figures}{residual}{role}")
    if plan.settings:
        lines += ["", translator.text("Settings")]
        for key, setting in plan.settings.items():
            why = plan.settings_why.get(key)
            shown = json.dumps(setting)
            lines.append(f"  {key} = {shown}" + (f"  ({translator.render(why)})" if why is not None else ""))
    for tag in plan.tags:
        lines.append(
            "  "
            + translator.format(
                'tag "{tag}" of {concept}: {before:percent} of the images, a cap would leave {after:percent}',
                {"tag": tag.tag, "concept": tag.concept, "before": tag.share_before, "after": tag.share_after},
            )
        )
    if plan.advice:
        lines += ["", translator.text("Besides")]
        lines += [f"  {translator.render(advice)}" for advice in plan.advice]
    return lines
