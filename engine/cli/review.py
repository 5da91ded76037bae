"""`tagmetry review apply DECISIONS --to DIR`: the decided copy of a dataset."""

import json
from collections import Counter
from pathlib import Path
from typing import Final

import click

from tagmetry.cli.console import width
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT, flag, language_flag
from tagmetry.decided_copy import Action, Step, check_place, copy_steps, make_copy
from tagmetry.decisions import read_decisions
from tagmetry.errors import UsageError
from tagmetry.layouts.tree import dataset_root, scan
from tagmetry.messages import Message, Plural, message
from tagmetry.outputs import as_bytes
from tagmetry.plugins import load_plugins
from tagmetry.policy.loader import folder_that_holds, load_policy
from tagmetry.runner import reading_of
from tagmetry.wrapping import wrapped


@click.group("review", context_settings=CONTEXT)
def review() -> None:
    """Work with the decisions that were made on the HTML review."""


@review.command("apply", context_settings=CONTEXT)
@language_flag
@click.argument("decisions", type=click.Path(path_type=Path))
@click.option("--to", "target", metavar="DIR", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option(
    "--dataset",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The dataset that was reviewed. Without it, a folder of its name is looked for here and beside the decisions.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what would become of each file.")
@click.option("--format", "text_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins.")
def apply(
    decisions: Path, target: Path, dataset: Path | None, dry_run: bool, text_format: str, no_plugins: bool
) -> int:
    """Copy a dataset as it was decided, into a new folder; the dataset itself is only read.

    Images to be dropped are left out with their captions, joined captions are written, and names that another system
    could not hold are changed. An image that is not the one that was decided on is left out, which is said; the
    command then ends with 1.
    """
    chosen = read_decisions(decisions)
    root = dataset if dataset is not None else _found(chosen.root, decisions)
    place, folders = dataset_root((root,))
    check_place(target, place)
    plugins = load_plugins(foreign=not no_plugins)
    policy = load_policy(None, plugins, beside=folder_that_holds((root,)))
    tree = scan(place, folders)
    reading, _ = reading_of(tree, policy.profile(), plugins)
    steps = copy_steps(chosen, tree, reading)
    if not dry_run:
        make_copy(steps, tree, chosen, target)
    if text_format == "json":
        told = [
            {"path": step.source, "to": step.target or None, "action": step.action, "reason": step.reason.english()}
            for step in steps
        ]
        click.echo(as_bytes(json.dumps(told, indent=2, ensure_ascii=False)))
    else:
        _tell(steps, target, dry_run=dry_run)
    return int(any(step.action in ("changed", "missing") for step in steps))


def _found(name: str, decisions: Path) -> Path:
    """The dataset by its folder's name. Raises UsageError when it is nowhere near."""
    here = Path.cwd()
    beside = decisions.resolve().parent
    for folder in (here, here / name, beside / name):
        if folder.name == name and folder.is_dir():
            return folder
    raise UsageError(
        message("the dataset {name} is neither here nor beside {path}", name=name, path=str(decisions)),
        message("say where it is: --dataset PATH"),
    )


_ACTIONS: Final[dict[Action, Plural]] = {
    "copied": Plural("{n:count} file copied", "{n:count} files copied"),
    "renamed": Plural("{n:count} file copied under a new name", "{n:count} files copied under new names"),
    "caption": Plural("{n:count} caption written anew", "{n:count} captions written anew"),
    "manifest": Plural("{n:count} manifest written anew", "{n:count} manifests written anew"),
    "dropped": Plural("{n:count} image dropped, as decided", "{n:count} images dropped, as decided"),
    "changed": Plural(
        "{n:count} image left out: it is not the one that was decided on",
        "{n:count} images left out: they are not those that were decided on",
    ),
    "missing": Plural("{n:count} decided image is gone", "{n:count} decided images are gone"),
    "left-out": Plural("{n:count} other file left out", "{n:count} other files left out"),
}


def _tell(steps: tuple[Step, ...], target: Path, *, dry_run: bool) -> None:
    say = spoken()

    def line(text: Message | str, indent: str = "") -> None:
        shown = text if isinstance(text, str) else say.render(text)
        for part in wrapped(shown, width(), indent=indent + "  ", first=indent):
            click.echo(part)

    counts = Counter(step.action for step in steps)
    listed = (
        steps if dry_run else tuple(step for step in steps if step.action not in ("copied", "left-out", "manifest"))
    )
    for step in listed:
        if step.target and step.target != step.source:
            line(
                message(
                    "{path} -> {target}: {reason}", path=step.source, target=step.target, reason=say.render(step.reason)
                )
            )
        else:
            line(message("{path}: {reason}", path=step.source, reason=say.render(step.reason)))
    if listed:
        click.echo()
    for action, template in _ACTIONS.items():
        if counts[action]:
            click.echo(say.format(template, {"n": counts[action]}))
    told = message("nothing was written: --dry-run") if dry_run else message("the copy: {path}", path=str(target))
    line(told)
