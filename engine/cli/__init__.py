"""The command line: one file per command, and the one place where errors become texts and exit codes."""

import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import click

from tagmetry.cli.console import prepare_streams
from tagmetry.cli.language import CONTEXT, spoken
from tagmetry.errors import OutputError, TagmetryError
from tagmetry.messages import message
from tagmetry.settings_place import settings_path

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""A write failed for a reason that lies outside of Tagmetry: full, over quota, too large, read-only, broken."""


_NEW_OBJECTS: Final = (100_000, 50, 100)
"""So many are made before Python looks for rings among them. A run makes a million findings and texts and hardly any
ring; with Python's own figures a fifth of a large run would go into looking."""

COMMANDS: Final = {
    "cache": "Show, check or clear the feature cache.",
    "check": (
        "Audit the dataset in PATH: a folder of images and captions in any trainer's layout, or a trainer's own config."
    ),
    "demo": (
        "Write a sample dataset with planted faults (by default to ./tagmetry-demo), audit it, write its HTML report."
    ),
    "diagnose": "Say what to change first when a training went wrong, from the symptoms and from what the data show.",
    "diff": "Compare two JSON reports of a dataset, the earlier one first.",
    "doctor": "Show versions, image codecs, token counting, plugins, encodings and folders.",
    "explain": (
        "Show what a rule finds, why it matters, what to do, and its options; with --policy also one that it defines."
    ),
    "features": "List the figures that are measured on images, with unit, version and the rules that read them.",
    "init": "Write a commented tagmetry.yaml beside the folder PATH (by default the current one); never over a file.",
    "plan": "Propose how often each concept should be shown, and say why.",
    "plugins": "List the installed plugins, Tagmetry's own among them, and what each brings; 3 when one did not load.",
    "policy": "Check, show and describe policies.",
    "preview": (
        "Show what the trainer makes of the dataset in PATH, a folder or a trainer's config: images, buckets, captions."
    ),
    "report": ("Put saved reports side by side: the datasets of a team, and what became of each from run to run."),
    "reporters": (
        "List the outputs that `tagmetry check DATASET -o NAME=PATH` can write, with the options that `--set` takes."
    ),
    "review": "Work with the decisions that were made on the HTML review.",
    "rules": "List the rules with their severity and what they find; with --policy also those that the policy defines.",
}
"""The commands, each with the first words of its help, so that all can be listed without the code of any."""


class _Lazy(click.Group):
    """A group that imports a command when it is called, so that `tagmetry -h` answers at once."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"tagmetry.cli.{name}"), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        # As click does it, but for the import of every command.
        room = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, click.Command(name, help=text).get_short_help_str(room)) for name, text in COMMANDS.items()]
            )


@click.command(cls=_Lazy, context_settings=CONTEXT)
@click.version_option(package_name="tagmetry", message="%(prog)s %(version)s")
def tagmetry() -> None:
    """Know before the training whether a dataset will make a good LoRA, and what to change if not."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    prepare_streams()
    gc.set_threshold(*_NEW_OBJECTS)
    sys.exit(exit_code_of(lambda: _called(arguments)))


def _called(arguments: Sequence[str] | None) -> Any:
    """A command with the user's settings below its flags."""
    path = settings_path()
    if path is None:
        return tagmetry.main(args=arguments, prog_name="tagmetry", standalone_mode=False)
    from tagmetry.user_settings import read_settings

    settings = read_settings(path)
    defaults = dict.fromkeys(tagmetry.list_commands(click.Context(tagmetry)), settings.flags)
    return tagmetry.main(
        args=arguments, prog_name="tagmetry", standalone_mode=False, default_map=defaults, obj=settings
    )


def exit_code_of(command: Callable[[], Any]) -> int:
    """The exit code of a command, with every error told in words."""
    try:
        code = command()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(spoken().text("interrupted"), err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except BrokenPipeError:
        # The reader has left, as with `| head`. Nothing more can be said on this stream.
        _silence_stdout()
        return 0
    except TagmetryError as error:
        click.echo(told(error), err=True)
        return error.exit_code
    except Exception as error:
        if "-vv" in sys.argv:
            raise
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _silence_stdout()
            failure = _no_room(error)
            click.echo(told(failure), err=True)
            return failure.exit_code
        reason = str(error).split("\n")[0]
        bug = message("internal error: {kind}: {reason}", kind=type(error).__name__, reason=reason)
        click.echo(spoken().render(bug), err=True)
        click.echo(spoken().text("This is a bug in Tagmetry. The same command with -vv shows where."), err=True)
        return 4


def _no_room(error: OSError) -> OutputError:
    """What the system said about a write, with the file where it named one."""
    path = os.fspath(error.filename) if isinstance(error.filename, (str, os.PathLike)) else ""
    reason = error.strerror or type(error).__name__
    if path:
        return OutputError(message("could not write {path}: {reason}", path=path, reason=reason))
    return OutputError(message("could not write: {reason}", reason=reason))


def _silence_stdout() -> None:
    """What is still in its buffer would fail once more when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def told(error: TagmetryError) -> str:
    """An error with its way out, as text. Policy errors show their places."""
    from tagmetry.policy.diagnostics import PolicyError, render

    if isinstance(error, PolicyError):
        return render(error.diagnostics).rstrip("\n")
    say = spoken()
    lines = [f"{say.text('error')}: {say.render(error.text)}"]
    if error.help is not None:
        lines.append(f"  = {say.text('help')}: {say.render(error.help)}")
    return "\n".join(lines)
