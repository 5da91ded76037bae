"""Putting outputs in place: written beside their target and renamed, never through a link, never inside the dataset."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from tagmetry.errors import OutputError, PluginError, UsageError
from tagmetry.failures import reason_of
from tagmetry.messages import Message, message
from tagmetry.plugins import stdout_kept_free
from tagmetry.report import Report
from tagmetry.reporter import CannotExport, Context, File, Reporter, SavedRuns

T = TypeVar("T")

MARKER: Final = ".tagmetry-output"
_MARKER_TEXT: Final = "This folder was written by Tagmetry, which may replace it as a whole.\n"


@dataclass(frozen=True, slots=True)
class Target:
    """One requested output: a reporter with its options and a path; `path` None is standard output.

    `as_folder` says that the path is one of a folder, which decides for reporters that write either.
    """

    reporter: Reporter
    path: Path | None
    options: Any
    as_folder: bool = False

    @property
    def is_folder(self) -> bool:
        return self.reporter.kind == "folder" or (self.reporter.kind == "either" and self.as_folder)


def check_targets(targets: Sequence[Target], dataset_folders: Sequence[Path], *, force: bool) -> None:
    """Refuse before the run what could not be written after it, or would destroy something. Raises UsageError."""
    taken: list[tuple[Path, Target]] = []
    for target in targets:
        check_target(target, dataset_folders, force=force)
        if target.path is None:
            continue
        place = target.path.resolve()
        for other, earlier in taken:
            if place == other or (earlier.is_folder and other in place.parents):
                raise _in_each_others_way(target.path, earlier.path)
            if target.is_folder and place in other.parents:
                raise _in_each_others_way(earlier.path, target.path)
        taken.append((place, target))


def check_target(target: Target, dataset_folders: Sequence[Path], *, force: bool) -> None:
    """Refuse one output that could not be written after the run, or would destroy something. Raises UsageError."""
    path, name = target.path, target.reporter.name
    if path is None:
        if target.is_folder:
            raise UsageError(
                message("{name} writes a folder, which standard output cannot hold", name=name),
                message("name a folder: -o {name}=FOLDER", name=name),
            )
        return
    try:
        _check_place(path, target, dataset_folders)
        is_foreign = path.is_dir() and any(path.iterdir()) and not (path / MARKER).is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            message("the output {path} cannot be used: {reason}", path=str(path), reason=_reason(error))
        ) from error
    if is_foreign and not force:
        raise UsageError(
            message("the output folder {path} is not empty and was not written by Tagmetry", path=str(path)),
            message("choose another folder, or give --force to replace it"),
        )


def _check_place(path: Path, target: Target, dataset_folders: Sequence[Path]) -> None:
    name = target.reporter.name
    if path.is_symlink():
        raise UsageError(_is_link(path))
    place = path.resolve()
    if any(_is_within(place, folder) for folder in dataset_folders):
        raise UsageError(
            message("the output {path} lies inside the dataset", path=str(path)),
            message("write it elsewhere: trainers collect what lies in a dataset"),
        )
    if not place.parent.is_dir():
        raise UsageError(
            message("the folder {folder} for the output does not exist", folder=str(path.parent)),
            message("create it first"),
        )
    if not target.is_folder:
        if path.is_dir():
            raise UsageError(
                message("the output {path} is a folder, and {name} writes one file", path=str(path), name=name),
                message("name a file: -o {name}=FILE", name=name),
            )
        if path.exists() and not path.is_file():
            raise UsageError(
                message("the output {path} is a device or pipe, which would be replaced by a file", path=str(path)),
                message("write to standard output instead: -o {name}=-", name=name),
            )
        return
    if path.exists() and not path.is_dir():
        raise UsageError(message("the output {path} is a file, and {name} writes a folder", path=str(path), name=name))
    # A folder output takes the place of the whole folder.
    if any(_is_within(folder, place) for folder in dataset_folders):
        raise UsageError(
            message("the output folder {path} holds the dataset, which would be lost", path=str(path)),
            message("name a new folder"),
        )
    if _is_within(Path.cwd(), place):
        raise UsageError(
            message("the output folder {path} holds the current folder, which would be lost", path=str(path)),
            message("name a new folder"),
        )


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or lies below it, also where names differ in case or lead over a mount."""
    for place in (path, *path.parents):
        if place == folder:
            return True
        with contextlib.suppress(OSError):
            if place.samefile(folder):
                return True
    return False


def _is_link(path: Path) -> Message:
    return message("the output {path} is a link, and links are never replaced", path=str(path))


def _in_each_others_way(inner: Path | None, outer: Path | None) -> UsageError:
    return UsageError(
        message("the outputs {one} and {other} would replace each other", one=str(inner), other=str(outer)),
        message("give each a place of its own"),
    )


def rendered(target: Target, shown: Report | SavedRuns, context: Context) -> Iterator[File]:
    """The reporter's files, one by one. Raises CannotExport, and PluginError for everything that goes wrong in it."""
    reporter = target.reporter
    function: Any = reporter.saved_function if isinstance(shown, SavedRuns) else reporter.function
    assert function is not None
    package = function.__module__.partition(".")[0]
    result: Any = _asked(lambda: function(shown, target.options, context), package)
    if isinstance(result, str | bytes) or not isinstance(result, Iterable):
        raise _no_file(result)
    files = _asked(lambda: iter(result), package)
    n = 0
    while (file := _asked(lambda: next(files, None), package)) is not None:
        if not isinstance(file, File) or not isinstance(file.path, str) or not isinstance(file.content, str | bytes):
            raise _no_file(file)
        n += 1
        yield file
    if not n:
        raise PluginError(message("it gave no file"))


def _asked(ask: Callable[[], T], package: str) -> T:
    """What a reporter's own code gives; what it prints is kept off standard output, where results go."""
    try:
        with stdout_kept_free():
            return ask()
    except (KeyboardInterrupt, CannotExport):
        raise
    except BaseException as error:
        # Also what it raises of the system's errors: those are about its own files, not about the output's.
        raise PluginError(message("{reason}", reason=reason_of(error, package=package))) from error


def _no_file(given: object) -> PluginError:
    return PluginError(message("it gave {what}; it yields files", what=type(given).__name__))


def write(target: Target, files: Iterator[File]) -> None:
    """Write a reporter's files to the target's path. Raises OutputError, and what `rendered` raises.

    What was there before stays then.
    """
    path = target.path
    assert path is not None
    try:
        if path.is_symlink():
            # It was none when the run began.
            raise OutputError(_is_link(path))
        if target.is_folder:
            _write_folder(path, files)
        else:
            _write_file(path, files)
    except (OSError, ValueError) as error:
        raise OutputError(message("could not write {path}: {reason}", path=str(path), reason=_reason(error))) from error


def as_bytes(content: str | bytes) -> bytes:
    # A name that is not UTF-8 carries surrogates; they are written visibly instead of failing the whole output.
    return content if isinstance(content, bytes) else content.encode("utf-8", errors="backslashreplace")


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file as a whole or not at all. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(prefix=".tagmetry-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        opened_up(Path(temporary), 0o666)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _write_file(path: Path, files: Iterator[File]) -> None:
    members = list(files)
    if len(members) != 1 or members[0].path:
        raise PluginError(message("it gave more than the one file that it promised"))
    write_atomically(path, as_bytes(members[0].content))


def _write_folder(path: Path, files: Iterator[File]) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=".tagmetry-", dir=path.parent))
    try:
        (temporary / MARKER).write_text(_MARKER_TEXT, encoding="utf-8", newline="\n")
        for file in files:
            place = temporary / file.path
            if not _is_inside(temporary, place) or place.exists():
                raise PluginError(message("it may not write {path}: outside its folder, or twice", path=file.path))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(as_bytes(file.content))
        opened_up(temporary, 0o777)
        _swap_in(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _is_inside(folder: Path, place: Path) -> bool:
    return ".." not in place.relative_to(folder).parts if place.is_relative_to(folder) else False


def opened_up(path: Path, mode: int) -> None:
    """The rights that a file or folder has when it is made in the ordinary way; temporary ones are private."""
    if os.name != "nt":
        umask = os.umask(0)
        os.umask(umask)
        path.chmod(mode & ~umask)


def _swap_in(temporary: Path, path: Path) -> None:
    """Put the new folder in place of the old one, which is set aside first and removed last."""
    if not path.exists():
        temporary.replace(path)
        return
    aside = Path(tempfile.mkdtemp(prefix=".tagmetry-old-", dir=path.parent))
    try:
        path.replace(aside / "old")
        try:
            temporary.replace(path)
        except BaseException:
            (aside / "old").replace(path)
            raise
    except BaseException:
        # Not with all it holds: what could not be put back stays there.
        with contextlib.suppress(OSError):
            aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
