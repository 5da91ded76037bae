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
from tagmetry.cli.language import spoken
from tagmetry.cli.options import CONTEXT
from tagmetry.errors import OutputError, TagmetryError
from tagmetry.messages import message
from tagmetry.settings_place import settings_path

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""A write failed for a reason that lies outside of Tagmetry: full, over quota, too large, read-only, broken."""


_NEW_OBJECTS: Final = (100_000, 50, 100)
"""So many are made before Python looks for rings among them. A run makes a million findings and texts and hardly any
ring; with Python's own figures a fifth of a large run would go into looking."""


class _Lazy(click.Group):
    """A group that imports a command when it is called, so that `tagmetry -h` answers at once."""

    _MODULES = {  # noqa: RUF012 - click's groups are made of class attributes
        "cache": "tagmetry.cli.cache",
        "check": "tagmetry.cli.check",
        "demo": "tagmetry.cli.demo",
        "diagnose": "tagmetry.cli.diagnose",
        "diff": "tagmetry.cli.diff",
        "doctor": "tagmetry.cli.doctor",
        "explain": "tagmetry.cli.explain",
        "features": "tagmetry.cli.features",
        "init": "tagmetry.cli.init",
        "plan": "tagmetry.cli.plan",
        "plugins": "tagmetry.cli.plugins",
        "policy": "tagmetry.cli.policy",
        "preview": "tagmetry.cli.preview",
        "report": "tagmetry.cli.report",
        "reporters": "tagmetry.cli.reporters",
        "review": "tagmetry.cli.review",
        "rules": "tagmetry.cli.rules",
    }

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self._MODULES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        module = self._MODULES.get(name)
        if module is None:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(module), name)
        return command


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
