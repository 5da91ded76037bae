"""Flags that several commands share, each with its name in the environment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tagmetry.cli.language import CONTEXT, language_settings
from tagmetry.profile import BASE_MODELS, PURPOSES, TRAINERS

__all__ = ["CONTEXT", "Command", "console_flags", "dataset_flags", "flag", "language_flag", "paths_argument"]

Command = TypeVar("Command", bound=Callable[..., Any])


def flag(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A click option whose environment name is TAGMETRY_ and the flag's name, shown in the help."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    environment = "TAGMETRY_" + long.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=environment, show_envvar=True, **settings)


def language_flag(command: Command) -> Command:
    """`--lang`, for commands that have none of the other flags about how a run talks."""
    return flag("--lang", "_language", expose_value=False, **language_settings())(command)


def paths_argument(command: Command) -> Command:
    return click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))(command)


def dataset_flags(command: Command) -> Command:
    """What the dataset is, which policy judges it, how it is measured."""
    for decorate in reversed(
        [
            flag("--policy", metavar="FILE-or-NAME", help="Policy file, or the name of a built-in policy."),
            flag(
                "--policy-root",
                type=click.Path(path_type=Path, file_okay=False, exists=True),
                metavar="DIR",
                help="Folder below which a policy may extend files.",
            ),
            flag(
                "--config",
                "configs",
                multiple=True,
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                metavar="FILE",
                help="A trainer's config or command line, read with the dataset as if it were a further PATH.",
            ),
            flag("--base-model", type=click.Choice(BASE_MODELS), help="The model that will be trained on."),
            flag("--purpose", type=click.Choice(PURPOSES), help="What the LoRA is for."),
            flag("--trainer", type=click.Choice(TRAINERS), help="The program that will train."),
            flag(
                "--set",
                "settings",
                multiple=True,
                metavar="KEY=VALUE",
                help="RULE.OPTION, profile.KEY or REPORTER.OPTION.",
            ),
            flag(
                "--tag-list",
                "tag_lists",
                multiple=True,
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                metavar="FILE",
                help="Your own list of tags, one per line, alone or as name,type,count,aliases.",
            ),
            flag("--select", multiple=True, metavar="RULE,...", help="Run only these rules."),
            flag("--ignore", multiple=True, metavar="RULE,...", help="Leave these rules out."),
            flag(
                "--jobs",
                type=click.IntRange(1, 256),
                metavar="N",
                help="Worker processes (default: one per core, at most 8).",
            ),
            flag("--no-cache", is_flag=True, help="Measure everything anew and store nothing."),
            flag(
                "--cache-dir",
                type=click.Path(path_type=Path, file_okay=False),
                metavar="DIR",
                help="Where measured features are kept.",
            ),
            flag("--no-plugins", is_flag=True, help="Load only Tagmetry's own plugins."),
            flag(
                "--clip-vocabulary",
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                metavar="FILE",
                help="CLIP vocabulary (bpe_simple_vocab_16e6.txt.gz or merges.txt) for exact token counts.",
            ),
            flag(
                "--t5-vocabulary",
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                metavar="FILE",
                help="SentencePiece model (spiece.model) for exact T5 token counts, for Flux.",
            ),
        ]
    ):
        command = decorate(command)
    return command


def console_flags(command: Command) -> Command:
    """How the run talks."""
    for decorate in reversed(
        [
            flag("--lang", **language_settings()),
            flag(
                "--color",
                type=click.Choice(["auto", "always", "never"]),
                default="auto",
                show_default=True,
                help="Colours.",
            ),
            flag(
                "--progress",
                type=click.Choice(["auto", "plain", "none"]),
                default="auto",
                show_default=True,
                help="Progress on standard error.",
            ),
            flag("--timings", is_flag=True, help="Say how long each step took."),
            click.option("-q", "--quiet", is_flag=True, help="Only the verdict and errors."),
            click.option("-v", "--verbose", count=True, help="More detail; twice for everything."),
        ]
    ):
        command = decorate(command)
    return command
